"""Orders and books as the official client places, changes, cancels and reads them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import upstox_client
from upstox_client.rest import ApiException

from core.domain.calendar import Phase
from core.sandbox.faults import Fault, FaultKind
from tests.sandbox.upstox.bench import KEY, VERSION, Bench, bench


@pytest.fixture
def at() -> Iterator[Bench]:
    with bench() as made:
        yield made


def change(at: Bench, order_id: str, **fields: object) -> None:
    asked = {
        "validity": "DAY",
        "price": 480.0,
        "order_id": order_id,
        "order_type": "LIMIT",
        "trigger_price": 0.0,
    }
    at.v3.modify_order(upstox_client.ModifyOrderRequest(**{**asked, **fields}))


def code_of(error: ApiException) -> str:
    import json

    return str(json.loads(error.body)["errors"][0]["errorCode"])


def test_an_order_is_placed_changed_and_cancelled(at: Bench) -> None:
    order_id = at.place(price=480.0)
    (row,) = at.book()
    assert (row.order_id, row.status, row.quantity, row.price) == (order_id, "open", 100, 480.0)
    assert (row.tag, row.instrument_token, row.product) == ("AAtag", KEY, "D")
    change(at, order_id, price=481.5, quantity=60)
    (row,) = at.book()
    assert (row.price, row.quantity, row.order_request_id) == (481.5, 60, "2")
    assert at.v3.cancel_order(order_id).data.order_id == order_id
    assert at.book()[0].status == "cancelled"
    with pytest.raises(ApiException) as told:
        at.v3.cancel_order(order_id)
    assert told.value.status == 400


def test_a_fill_is_a_trade_with_an_id_of_its_own(at: Bench) -> None:
    order_id = at.place(quantity=150)
    at.price("499")
    at.price("499")
    trades = at.v2.get_trade_history(VERSION).data
    assert [one.quantity for one in trades] == [100, 50]
    assert {one.order_id for one in trades} == {order_id}
    assert {one.average_price for one in trades} == {499.05}
    assert len({one.trade_id for one in trades}) == 2
    assert len(at.v2.get_trades_by_order(order_id, VERSION).data) == 2
    row = at.v2.get_order_status(order_id=order_id).data
    assert (row.status, row.filled_quantity, row.average_price) == ("complete", 150, 499.05)


def test_the_history_shows_every_word(at: Bench) -> None:
    order_id = at.place()
    at.price("499")
    words = [one.status for one in at.v2.get_order_details(VERSION, order_id=order_id).data]
    assert words == [
        "put order req received",
        "validation pending",
        "open pending",
        "open",
        "complete",
    ]
    by_tag = at.v2.get_order_details(VERSION, tag="AAtag").data
    assert [one.status for one in by_tag] == words


def test_the_older_calls_place_and_cancel_too(at: Bench) -> None:
    fields = at.asked(price=480.0).to_dict()
    fields = {name: fields[name] for name in upstox_client.PlaceOrderRequest.swagger_types}
    order_id = at.v2.place_order(upstox_client.PlaceOrderRequest(**fields), VERSION).data.order_id
    assert at.v2.cancel_order(order_id, VERSION).data.order_id == order_id


@pytest.mark.parametrize(
    ("changes", "code", "status"),
    [
        ({"instrument_token": "NSE_EQ|NOBODY"}, "UDAPI100011", 400),
        ({"quantity": 0}, "UDAPI1052", 400),
        ({"tag": "A" * 41}, "UDAPI100036", 400),
        ({"order_type": "MARKET", "price": 0.0}, "UDAPI100036", 400),
        ({"order_type": "SL", "trigger_price": 0.0}, "UDAPI1061", 400),
        ({"transaction_type": "SELL"}, "UDAPI100040", 400),
    ],
)
def test_what_cannot_be_is_refused_with_a_code(
    at: Bench, changes: dict[str, object], code: str, status: int
) -> None:
    with pytest.raises(ApiException) as told:
        at.place(**changes)
    assert (code_of(told.value), told.value.status) == (code, status)


def test_a_market_order_with_protection_becomes_a_limit_order(at: Bench) -> None:
    at.place(order_type="MARKET", price=0.0, market_protection=1.0)
    (row,) = at.book()
    # ₹501 and 1 % more is ₹506.01, up to the next tick of 5 paise
    assert (row.order_type, row.price) == ("LIMIT", 506.05)


def test_a_large_order_is_cut_into_slices(at: Bench) -> None:
    at.sandbox.faults.script(Fault(FaultKind.SLICE, "place", count=3))
    ids = at.v3.place_order(at.asked()).data.order_ids
    assert [row.quantity for row in at.book()] == [34, 34, 32]
    assert len(set(ids)) == 3 and {row.tag for row in at.book()} == {"AAtag"}


def test_a_rejected_order_may_stand_in_the_book_as_upstox_has_it() -> None:
    with bench(rejects_in_book=True) as at:
        order_id = at.place(transaction_type="SELL")
        (row,) = at.book()
        assert (row.order_id, row.status) == (order_id, "rejected")
        assert "selling 100 for delivery with 0 held" in row.status_message


@pytest.mark.parametrize("said", [True, False])
def test_the_hour_and_not_the_flag_makes_an_after_market_order(said: bool) -> None:
    with bench(phase_of=lambda share, at: Phase.CLOSED) as at:
        at.place(is_amo=said)
        (row,) = at.book()
        assert (row.is_amo, row.status) == (True, "after market order req received")
    with bench() as at:
        at.place(is_amo=said, price=480.0)
        (row,) = at.book()
        assert (row.is_amo, row.status) == (False, "open")


def test_ten_writes_a_second_and_no_more() -> None:
    with bench(limits=True) as at:
        for _ in range(10):
            at.place(price=480.0)
        with pytest.raises(ApiException) as told:
            at.place(price=480.0)
        assert (told.value.status, code_of(told.value)) == (429, "UDAPI10005")
        at.clock.pass_seconds(1)
        at.place(price=480.0)


def test_the_journal_outlives_the_sandbox(tmp_path) -> None:
    with bench(home=tmp_path) as at:
        order_id = at.place(price=480.0)
    with bench(home=tmp_path) as at:
        assert [row.order_id for row in at.book()] == [order_id]
