"""Upstox's documented examples read field by field, and our orders in its words."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import upstox_client

from core.brokers.upstox import portfolio, triggers
from core.brokers.upstox.shares import Shares, UpstoxShare
from core.brokers.upstox.words import (
    change_fields,
    is_known,
    order_fields,
    read_orders,
    read_trades,
)
from core.domain.money import Money
from core.domain.order import OrderStatus, OrderType, Product, Side, Validity
from core.domain.ports import BrokerOrder
from core.errors import SourceWrong
from core.exchange.rules import Rules
from tests.brokers.contract import order
from tests.made import MIDCO, rs

EXAMPLES = (
    Path(__file__).resolve().parents[4] / "shared" / "data" / "broker" / "upstox_docs_examples.json"
)
FCONSUMER = UpstoxShare("INE220J01025", "FCONSUMER", "NSE", "NSE_EQ|INE220J01025", Money(1))
MID = UpstoxShare(MIDCO.isin, "MIDCO", "NSE", f"NSE_EQ|{MIDCO.isin}", Money(5))
SHARES = Shares([FCONSUMER, MID])


def example(name: str) -> dict:
    if not EXAMPLES.exists():
        pytest.skip(f"{EXAMPLES.name} is not beside the repository")
    return json.loads(EXAMPLES.read_text())[name]


@pytest.mark.realdata
def test_every_field_of_the_documented_order_is_read():
    read = read_orders(example("get_order_book")["body"], SHARES)
    (found,) = read.rows
    assert found.told == BrokerOrder(
        broker_order_id="231019025057849",
        tag="",
        symbol="FCONSUMER",
        isin="INE220J01025",
        side=Side.BUY,
        qty=1,
        filled_qty=1,
        status=OrderStatus.FILLED,
        broker_status="complete",
        reason="",
        limit=rs("0.80"),
        product=Product.CNC,
    )
    at = datetime(2023, 10, 19, 3, 53, 23, tzinfo=UTC)
    assert {name.name: getattr(found, name.name) for name in fields(found)} == {
        "told": found.told,
        "exchange_order_id": "1697686200000169148",
        "parent_order_id": "",
        "order_ref_id": "57744821658411",
        "request_id": "2",
        "exchange": "BSE",
        "key": "BSE_EQ|INE220J01025",
        "variety": "SIMPLE",
        "product": Product.CNC,
        "order_type": OrderType.LIMIT,
        "validity": Validity.DAY,
        "trigger": None,
        "avg_price": rs("0.80"),
        "pending_qty": 0,
        "disclosed_qty": 0,
        "is_amo": False,
        "placed_by": "*****",
        "guid": "",
        "raw_reason": "",
        "placed_at": at,
        "exchange_at": at,
    }


@pytest.mark.realdata
def test_the_documented_future_is_set_aside_by_name():
    (aside,) = read_orders(example("get_order_book")["body"], SHARES).not_taken
    assert (aside.call, aside.name) == ("orders", "NFO:SBIN23OCTFUT")
    assert aside.why == "NSE_FO is not an equity segment"


@pytest.mark.realdata
def test_an_order_of_ours_has_the_documented_fields_and_what_the_client_adds():
    documented = set(example("place_order_v3_request")["request"])
    sent = order_fields(order(), MID)
    assert set(sent) == documented
    assert sent == {
        "quantity": 100,
        "product": "D",
        "validity": "DAY",
        "price": 500.0,
        "tag": order().tag,
        "instrument_token": MID.key,
        "order_type": "LIMIT",
        "transaction_type": "BUY",
        "disclosed_quantity": 0,
        "trigger_price": 0.0,
        "is_amo": False,
        "slice": False,
    }
    upstox_client.PlaceOrderV3Request(**sent)


@pytest.mark.realdata
def test_a_change_has_the_documented_fields_and_keeps_what_stays():
    told = example("modify_order_v3")
    (stands,) = read_orders(example("get_order_book")["body"], SHARES).rows
    sent = change_fields(stands, limit=rs("120.01"), qty=2, trigger=None)
    assert set(sent) | {"disclosed_quantity"} == set(told["request"])
    assert (sent["order_type"], sent["validity"], sent["price"]) == ("LIMIT", "DAY", 120.01)
    assert told["body"]["data"]["order_id"] == told["request"]["order_id"]


def row(**changes: object) -> dict:
    made = {
        "order_id": "261123001000001",
        "exchange": "NSE",
        "instrument_token": MID.key,
        "trading_symbol": "MIDCO",
        "transaction_type": "SELL",
        "product": "D",
        "order_type": "SL",
        "validity": "DAY",
        "status": "trigger pending",
        "quantity": 100,
        "price": 470.0,
        "trigger_price": 480.0,
        "order_timestamp": "2026-11-23 10:30:00",
    }
    return {**made, **changes}


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("open", OrderStatus.OPEN),
        ("trigger pending", OrderStatus.OPEN),
        ("complete", OrderStatus.FILLED),
        ("cancelled", OrderStatus.CANCELLED),
        ("cancelled after market order", OrderStatus.CANCELLED),
        ("rejected", OrderStatus.REJECTED),
        ("not cancelled", OrderStatus.OPEN),
        ("frozen by a moon phase", OrderStatus.OPEN),
        ("", OrderStatus.OPEN),
    ],
)
def test_a_word_that_is_not_known_leaves_the_order_open(word, status):
    (found,) = read_orders([row(status=word)], SHARES).rows
    assert (found.told.status, found.told.broker_status) == (status, word)
    assert is_known(word) is (word not in ("frozen by a moon phase", ""))


@pytest.mark.parametrize(
    ("bad", "what"),
    [
        ({"order_id": None}, "a row has no order_id"),
        ({"quantity": "many"}, "field quantity is 'many'"),
        ({"transaction_type": "HOLD"}, "neither BUY nor SELL"),
        ({"order_timestamp": "yesterday"}, "expected a time"),
        ({"price": float("nan")}, "expected a finite number"),
    ],
)
def test_what_cannot_be_read_names_the_call_and_the_field(bad, what):
    with pytest.raises(SourceWrong, match=what):
        read_orders([row(**bad)], SHARES)


def trade(**changes: object) -> dict:
    made = {
        "exchange": "NSE",
        "product": "D",
        "trading_symbol": "MIDCO",
        "instrument_token": MID.key,
        "transaction_type": "SELL",
        "quantity": 40,
        "order_id": "1",
        "trade_id": "77",
        "average_price": 498.95,
        "exchange_timestamp": "23-Nov-2026 10:30:05",
    }
    return {**made, **changes}


def test_a_trade_is_signed_and_its_spelled_month_is_read():
    (fill,) = read_trades([trade()], SHARES).fills
    assert (fill.qty, fill.price, fill.trade_id) == (-40, rs("498.95"), "77")
    assert fill.traded_at == datetime(2026, 11, 23, 5, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "lacks", [{"average_price": 0}, {"quantity": 0}, {"trade_id": ""}, {"exchange_timestamp": None}]
)
def test_a_trade_that_lacks_something_waits(lacks):
    read = read_trades([trade(**lacks)], SHARES)
    assert read.fills == () and len(read.incomplete) == 1


def gtt(kind: str, *rules: dict, **changes: object) -> dict:
    made = {
        "type": kind,
        "exchange": "NSE_EQ",
        "quantity": 100,
        "product": "D",
        "rules": list(rules),
        "trading_symbol": "MIDCO",
        "instrument_token": MID.key,
        "gtt_order_id": "GTT-C26112300100001",
        "expires_at": 1781029799000000,
        "created_at": 1749466010000000,
    }
    return {**made, **changes}


def leg(strategy: str, status: str, trigger_type: str, price: float, **more: object) -> dict:
    made = {"strategy": strategy, "status": status, "trigger_type": trigger_type}
    made |= {"trigger_price": price, "transaction_type": "SELL", "order_id": None, "message": None}
    return {**made, **more}


@pytest.mark.parametrize(
    ("side", "trigger_type", "is_stop"),
    [("SELL", "BELOW", True), ("SELL", "ABOVE", False), ("BUY", "ABOVE", True),
     ("BUY", "BELOW", False)],
)  # fmt: skip
def test_the_side_of_its_trigger_tells_what_a_single_is(side, trigger_type, is_stop):
    one = leg("ENTRY", "SCHEDULED", trigger_type, 480.0, transaction_type=side)
    (found,) = triggers.read_gtts([gtt("SINGLE", one)], SHARES).rows
    assert (found.told.stop > rs("0"), found.told.target > rs("0")) == (is_stop, not is_stop)
    assert found.told.active and found.told.side == side
    assert found.placed_at == datetime(2025, 6, 9, 10, 46, 50, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "more", "active"),
    [
        ("SCHEDULED", {}, True),
        ("A NEW WORD", {}, True),
        ("CANCELLED", {}, False),
        ("EXPIRED", {}, False),
        ("FAILED", {"message": "TPIN"}, False),
        ("COMPLETED", {"order_id": "9"}, False),
        ("A NEW WORD", {"order_id": "9"}, False),
    ],
)
def test_a_gtt_can_fire_until_a_word_or_an_order_says_otherwise(status, more, active):
    one = leg("ENTRY", status, "BELOW", 480.0, **more)
    (found,) = triggers.read_gtts([gtt("SINGLE", one)], SHARES).rows
    assert (found.told.active, found.told.broker_status) == (active, status)
    assert found.told.fired_order_id == more.get("order_id", "")
    assert found.told.reason == more.get("message", "")


def test_a_multiple_covers_nothing_until_its_entry_has_traded():
    entry = leg("ENTRY", "SCHEDULED", "BELOW", 490.0, transaction_type="BUY")
    legs = [
        leg("STOPLOSS", "PENDING", "IMMEDIATE", 480.0, trailing_gap=5.0),
        leg("TARGET", "PENDING", "IMMEDIATE", 530.0),
    ]
    read = triggers.read_gtts([gtt("MULTIPLE", entry, *legs)], SHARES)
    assert read.rows == () and "covers nothing yet" in read.not_taken[0].why
    entered = {**entry, "status": "COMPLETED", "order_id": "8"}
    (found,) = triggers.read_gtts([gtt("MULTIPLE", entered, *legs)], SHARES).rows
    assert (found.told.stop, found.told.target, found.told.side) == (rs("480"), rs("530"), "SELL")
    assert found.told.active and found.trailing_gap == rs("5")


def test_a_gtt_of_an_unknown_shape_is_said_and_not_skipped():
    with pytest.raises(SourceWrong, match="look at it in Upstox"):
        triggers.read_gtts([gtt("TRIPLE", leg("ENTRY", "SCHEDULED", "BELOW", 1.0))], SHARES)


def test_our_stop_is_one_entry_rule_below_the_market():
    cover = triggers.Cover(MID, Side.SELL, 100, Product.CNC, rs("480"), True)
    (rule,) = triggers.rule_fields(cover, rules=Rules())
    assert rule == {
        "strategy": "ENTRY",
        "trigger_type": "BELOW",
        "trigger_price": 480.0,
        "market_protection": 3.0,
    }
    upstox_client.GttRule(**rule)


def test_a_position_without_an_average_takes_the_days():
    told = {"exchange": "NSE", "product": "D", "instrument_token": MID.key, "quantity": 10,
            "average_price": None, "day_buy_value": 5000.0, "day_buy_quantity": 10,
            "last_price": 501.0, "close_price": 500.0, "pnl": 10.0, "buy_price": 500.0}  # fmt: skip
    (found,) = portfolio.read_positions([told], SHARES).rows
    assert (found.avg_price, found.bought, found.day_qty) == (rs("500"), rs("5000"), 10)


def test_charges_are_read_under_either_name():
    other = {"transaction": 1.5, "clearing": 0.1, "sebi_turnover": 0.05}
    plain = {"total": 30.0, "brokerage": 20.0, "taxes": {"gst": 4, "stt": 3, "stamp_duty": 1.35}}
    for name in ("other_charges", "otherTaxes"):
        found = portfolio.read_charges({"charges": {**plain, name: other}}, "MIDCO")
        assert (found.exchange_fee, found.sebi_fee, found.total) == (
            rs("1.60"),
            rs("0.05"),
            rs("30"),
        )


def a_payout(status: str, amount: float, at: str = "2026-11-23 10:05:00") -> dict[str, object]:
    """As the documents of Upstox's payments show one."""
    return {
        "transaction_id": "qws_1126_1", "status": status, "mode": "NEFT", "amount": amount,
        "currency": "INR", "eta": "2026-11-23 18:00:00", "created_at": at,
        "bank_name": "AXIS BANK",
    }  # fmt: skip


def test_payouts_of_today_that_are_on_their_way_or_done_left_for_the_bank():
    rows = [
        a_payout("COMPLETED", 16995.0), a_payout("TRANSFER_IN_PROGRESS", 100.5),
        a_payout("RECEIVED", 1.0), a_payout("APPROVED", 2.0), a_payout("REJECTED", 4.0),
        a_payout("REVERSED", 8.0), a_payout("COMPLETED", 16.0, "2026-11-22 23:59:59"),
    ]  # fmt: skip
    assert portfolio.read_paid_out(rows, today=date(2026, 11, 23)) == rs("17095.50")
    assert portfolio.read_paid_out(None, today=date(2026, 11, 23)) == rs("0")
    with pytest.raises(SourceWrong, match="amount"):
        portfolio.read_paid_out([a_payout("COMPLETED", None)], today=date(2026, 11, 23))


def test_what_went_to_the_bank_today_was_there_when_the_day_opened():
    # ₹900 free, ₹100 used, ₹50 came and ₹250 went: the day opened with ₹1,200
    equity = {"available_margin": 900.0, "used_margin": 100.0, "payin_amount": 50.0}
    funds = portfolio.read_funds({"equity": equity}, paid_out=rs("250"))
    assert (funds.opening, funds.paid_in, funds.paid_out) == (rs("1200"), rs("50"), rs("250"))
