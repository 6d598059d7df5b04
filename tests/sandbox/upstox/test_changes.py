"""After market orders, changed types and converted positions through Upstox's own client."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import upstox_client
from upstox_client.rest import ApiException

from tests.made import MIDCO, rs
from tests.sandbox.test_kite_changes import CLOSES, OPENS, TRADES, hours
from tests.sandbox.upstox.bench import KEY, VERSION, Bench, bench, client_at


@pytest.fixture
def night() -> Iterator[Bench]:
    with bench(phase_of=hours) as made:
        made.clock.move_to(CLOSES + timedelta(hours=1))
        yield made


@pytest.fixture
def at() -> Iterator[Bench]:
    with bench() as made:
        yield made


def change(at: Bench, order_id: str, **fields: object) -> None:
    asked = {"validity": "DAY", "price": 0.0, "order_type": "LIMIT", "trigger_price": 0.0}
    asked |= {"order_id": order_id, **fields}
    at.v3.modify_order(upstox_client.ModifyOrderRequest(**asked))


def convert(at: Bench, side: str, qty: int, old: str, new: str) -> Any:
    body = upstox_client.ConvertPositionRequest(
        instrument_token=KEY, new_product=new, old_product=old, transaction_type=side, quantity=qty
    )
    return upstox_client.PortfolioApi(at.client).convert_positions(body, VERSION)


def test_an_after_market_order_goes_out_at_the_open_and_trades(night: Bench) -> None:
    order_id = night.place(is_amo=True)
    change(night, order_id, price=495.0, quantity=40)
    (row,) = night.book()
    assert (row.status, row.price, row.is_amo, row.exchange_order_id) == (
        "modify after market order req received", 495.0, True, None,
    )  # fmt: skip
    night.clock.move_to(OPENS)
    night.client = client_at(night.served.base, night.sandbox.log_in("7AB123"))
    assert night.book()[0].status == "open"
    night.clock.move_to(TRADES)
    night.price("494")
    (row,) = night.book()
    assert (row.status, row.filled_quantity, row.average_price) == ("complete", 40, 494.05)
    said = [one.status for one in night.v2.get_order_details(VERSION, order_id=order_id).data]
    assert said == [
        "put order req received", "after market order req received",
        "modify after market order req received",
        "validation pending", "open pending", "open", "complete",
    ]  # fmt: skip


def test_an_after_market_order_is_cancelled_in_its_own_word(night: Bench) -> None:
    order_id = night.place()
    night.v3.cancel_order(order_id)
    assert night.book()[0].status == "cancelled after market order"


def test_an_order_changes_its_type_in_place(at: Bench) -> None:
    at.sandbox.house.credit("7AB123", MIDCO.isin, 100, price=rs("450"))
    order_id = at.place(transaction_type="SELL", order_type="SL", price=485.0, trigger_price=490.0)
    change(at, order_id, order_type="LIMIT", price=520.0)
    (row,) = at.book()
    assert (row.order_type, row.price, row.trigger_price) == ("LIMIT", 520.0, 0.0)
    change(at, order_id, order_type="SL", price=480.0, trigger_price=488.0)
    assert at.book()[0].status == "trigger pending"
    with pytest.raises(ApiException) as told:
        change(at, order_id, order_type="MARKET")
    assert "market_protection" in str(told.value.body)
    change(at, order_id, order_type="MARKET", market_protection=3.0, quantity=60)
    (row,) = at.book()
    assert (row.status, row.filled_quantity) == ("complete", 60)


def test_a_protected_stop_moves_its_trigger_and_fills_in_parts(at: Bench) -> None:
    at.sandbox.house.credit("7AB123", MIDCO.isin, 100)
    order_id = at.place(
        transaction_type="SELL", order_type="SL-M", price=0.0, trigger_price=490.0,
        market_protection=2.0,
    )  # fmt: skip
    change(at, order_id, order_type="SL-M", trigger_price=480.0, quantity=60)
    (row,) = at.book()
    assert (row.order_type, row.trigger_price, row.price) == ("SL", 480.0, 470.4)
    at.price("480", bid_qty=160)
    (row,) = at.book()
    assert (row.status, row.filled_quantity, row.pending_quantity) == ("open", 40, 20)
    change(at, order_id, order_type="SL", quantity=40)
    assert at.book()[0].status == "complete"


def test_a_position_moves_between_products(at: Bench) -> None:
    at.place(product="I", price=505.0)
    assert convert(at, "BUY", 60, "I", "D").data.status == "complete"
    rows = upstox_client.PortfolioApi(at.client).get_positions(VERSION).data
    assert {one.product: (one.quantity, one.average_price) for one in rows} == {
        "I": (40, 501.05),
        "D": (60, 501.05),
    }
    for wrong in (("BUY", 41, "I", "D"), ("SELL", 1, "D", "I")):
        with pytest.raises(ApiException) as told:
            convert(at, *wrong)
        assert told.value.status == 400


def test_an_order_for_bse_is_refused_by_name(at: Bench) -> None:
    with pytest.raises(ApiException) as told:
        at.place(instrument_token=f"BSE_EQ|{MIDCO.isin}")
    assert "trades on NSE alone" in str(told.value.body)
