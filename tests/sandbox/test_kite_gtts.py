"""GTTs on the Kite sandbox: both kinds, their children and their end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from kiteconnect import exceptions as said

from core.exchange.rules import Rules
from tests.made import MIDCO
from tests.sandbox.kite_client import Bench, bench

SELL = {"transaction_type": "SELL", "quantity": 100, "order_type": "LIMIT", "product": "CNC"}


@pytest.fixture
def at() -> Iterator[Bench]:
    with bench() as made:
        yield made


def single(at: Bench, trigger: float, **order: Any) -> int:
    made = at.kite.place_gtt("single", "MIDCO", "NSE", [trigger], 501.0, [{**SELL, **order}])
    return int(made["trigger_id"])


def test_a_pair_is_read_back_as_it_was_sent(at: Bench) -> None:
    number = at.gtt()
    (row,) = at.kite.get_gtts()
    assert (row["id"], row["type"], row["status"]) == (number, "two-leg", "active")
    assert row["condition"]["trigger_values"] == [480, 530]
    assert [order["price"] for order in row["orders"]] == [470, 529]
    assert [order["result"] for order in row["orders"]] == [None, None]
    assert row["created_at"] == "2026-11-23 10:30:01"
    assert at.kite.get_gtt(number) == row


def test_a_pair_is_changed_in_place_and_deleted(at: Bench) -> None:
    number = at.gtt()
    legs = [{**SELL, "quantity": 40, "price": 474}, {**SELL, "quantity": 40, "price": 529}]
    changed = at.kite.modify_gtt(number, "two-leg", "MIDCO", "NSE", [484.0, 530.0], 501.0, legs)
    assert changed["trigger_id"] == number
    row = at.kite.get_gtt(number)
    assert row["condition"]["trigger_values"] == [484, 530]
    assert [(order["price"], order["quantity"]) for order in row["orders"]] == [
        (474, 40),
        (529, 40),
    ]
    assert at.kite.delete_gtt(number)["trigger_id"] == number
    assert at.kite.get_gtt(number)["status"] == "deleted"
    with pytest.raises(said.InputException, match="not active"):
        at.kite.delete_gtt(number)
    with pytest.raises(said.InputException, match="not found"):
        at.kite.get_gtt(12)


def test_a_leg_that_fires_sends_its_own_limit_and_ends_the_pair(at: Bench) -> None:
    at.sandbox.house.credit("AB1234", MIDCO.isin, 100)
    number = at.gtt()
    at.price("479")
    row = at.kite.get_gtt(number)
    assert row["status"] == "triggered"
    stop, target = row["orders"]
    assert target["result"] is None
    result = stop["result"]["order_result"]
    assert result["status"] == "success"
    (child,) = [one for one in at.kite.orders() if one["order_id"] == result["order_id"]]
    assert (child["price"], child["order_type"], child["tag"]) == (470, "LIMIT", None)
    assert (child["status"], child["average_price"]) == ("COMPLETE", 478.95)


def test_a_child_the_exchange_rejects_leaves_a_trigger_that_failed(at: Bench) -> None:
    number = at.gtt()  # nothing is held
    at.price("479")
    stop, _ = at.kite.get_gtt(number)["orders"]
    assert stop["result"]["order_result"]["status"] == "failed"
    assert "100 for delivery with 0 held" in stop["result"]["order_result"]["rejection_reason"]
    assert at.kite.get_gtt(number)["status"] == "triggered"
    assert at.kite.orders()[-1]["status"] == "REJECTED"


def test_a_child_below_the_band_is_rejected_as_kite_does(at: Bench) -> None:
    at.sandbox.house.credit("AB1234", MIDCO.isin, 100)
    number = at.gtt(stop=455.0)  # its limit of 445 is under the band's 450
    at.price("454")
    stop, _ = at.kite.get_gtt(number)["orders"]
    assert "outside the day's band" in stop["result"]["order_result"]["rejection_reason"]


@pytest.mark.parametrize(("trigger", "fires_at"), [(480.0, "479"), (530.0, "531")])
def test_a_single_trigger_fires_from_the_side_the_price_comes(
    at: Bench, trigger: float, fires_at: str
) -> None:
    at.sandbox.house.credit("AB1234", MIDCO.isin, 100)
    number = single(at, trigger, price=trigger - 5)
    at.price("502")
    assert at.kite.get_gtt(number)["status"] == "active"
    at.price(fires_at)
    assert at.kite.get_gtt(number)["status"] == "triggered"


def test_a_buy_below_the_market_waits_for_the_fall(at: Bench) -> None:
    number = single(at, 490.0, price=492, transaction_type="BUY")
    at.price("489")
    assert at.kite.get_gtt(number)["orders"][0]["result"]["order_result"]["status"] == "success"
    assert at.kite.positions()["net"][0]["quantity"] == 100


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({"price": 495, "order_type": "MARKET"}, "LIMIT orders in CNC"),
        ({"price": 495, "product": "MIS"}, "LIMIT orders in CNC"),
        ({"price": 495, "transaction_type": "HOLD"}, "LIMIT orders in CNC"),
    ],
)
def test_a_trigger_kite_cannot_hold_is_refused(
    at: Bench, order: dict[str, Any], words: str
) -> None:
    with pytest.raises(said.InputException, match=words):
        single(at, 490.0, **order)


def test_a_trigger_near_the_price_is_refused(at: Bench) -> None:
    with pytest.raises(said.InputException, match=r"0\.25% beyond"):
        single(at, 500.5, price=495)


def test_the_broker_holds_so_many_triggers_and_no_more() -> None:
    with bench(rules=Rules(gtts_max=2)) as at:
        at.gtt()
        at.gtt()
        with pytest.raises(said.InputException, match="2 is the most"):
            at.gtt()


def test_triggers_outlive_the_day_and_the_session(at: Bench) -> None:
    number = at.gtt()
    at.clock.pass_seconds(24 * 3_600)
    at.kite.set_access_token(at.sandbox.log_in("AB1234"))
    assert [row["id"] for row in at.kite.get_gtts()] == [number]
    assert at.kite.orders() == []
