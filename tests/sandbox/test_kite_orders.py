"""The official Kite client trades on the sandbox as on the real broker."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from kiteconnect import exceptions as said

from tests.made import MIDCO
from tests.sandbox.kite_client import Bench, bench


@pytest.fixture(scope="module")
def server() -> Iterator[Bench]:
    with bench() as made:
        yield made


@pytest.fixture
def at(server: Bench) -> Bench:
    """Another user's book for each test would cost a server; orders are told apart by tag."""
    return server


def test_a_limit_order_rests_and_shows_with_kites_fields(at: Bench) -> None:
    number = at.place(tag="resting", price=495)
    (row,) = [row for row in at.kite.orders() if row["order_id"] == number]
    assert re.fullmatch(r"261123001\d{6}", number)  # the day, the client, the count
    assert (row["status"], row["tag"], row["tags"]) == ("OPEN", "resting", ["resting"])
    assert (row["price"], row["average_price"], row["trigger_price"]) == (495, 0, 0)
    assert (row["pending_quantity"], row["filled_quantity"], row["cancelled_quantity"]) == (
        100,
        0,
        0,
    )
    assert f"{row['order_timestamp']}" == "2026-11-23 10:30:01"  # naive, in India
    assert row["exchange_order_id"].isdigit()
    at.kite.cancel_order("regular", number)


def test_a_resting_order_is_changed_and_cancelled(at: Bench) -> None:
    number = at.place(price=490)
    at.kite.modify_order("regular", number, price=491.0, quantity=60)
    (row,) = [row for row in at.kite.orders() if row["order_id"] == number]
    assert (row["price"], row["quantity"], row["modified"]) == (491, 60, True)
    assert at.kite.cancel_order("regular", number) == number
    words = [step["status"] for step in at.kite.order_history(number)]
    assert words == [
        "PUT ORDER REQ RECEIVED",
        "VALIDATION PENDING",
        "OPEN PENDING",
        "OPEN",
        "MODIFY VALIDATION PENDING",
        "MODIFY PENDING",
        "MODIFIED",
        "OPEN",
        "CANCEL PENDING",
        "CANCELLED",
    ]
    last = at.kite.order_history(number)[-1]
    assert (last["pending_quantity"], last["cancelled_quantity"]) == (60, 60)
    with pytest.raises(said.OrderException, match="already CANCELLED"):
        at.kite.cancel_order("regular", number)


def test_a_traded_order_shows_in_trades_positions_and_margins(at: Bench) -> None:
    before = at.kite.margins("equity")["net"]
    number = at.place(price=505, quantity=50)
    at.price("501")
    (row,) = [row for row in at.kite.orders() if row["order_id"] == number]
    assert (row["status"], row["average_price"]) == ("COMPLETE", 501.05)  # the ask
    (trade,) = at.kite.order_trades(number)
    assert (trade["quantity"], trade["average_price"]) == (50, 501.05)
    assert trade["order_timestamp"] == trade["fill_timestamp"].strftime("%H:%M:%S")
    assert trade in at.kite.trades()
    (position,) = [p for p in at.kite.positions()["net"] if p["product"] == "CNC"]
    assert (position["quantity"], position["average_price"]) == (50, 501.05)
    assert position["pnl"] == pytest.approx(50 * (501 - 501.05))
    assert at.kite.margins("equity")["net"] == pytest.approx(before - 50 * 501.05)
    at.place(transaction_type="SELL", price=500, quantity=50)
    at.price("501")
    (flat,) = [p for p in at.kite.positions()["day"] if p["product"] == "CNC"]
    assert (flat["quantity"], flat["average_price"]) == (0, 0)
    assert flat["pnl"] == pytest.approx(50 * (500.95 - 501.05))


def test_a_market_order_needs_protection_and_becomes_a_limit_order(at: Bench) -> None:
    with pytest.raises(said.InputException, match="without market protection"):
        at.place(order_type="MARKET", price=None, product="MIS")
    number = at.place(
        order_type="MARKET", price=None, market_protection=-1, quantity=10, product="MIS"
    )
    (row,) = [row for row in at.kite.orders() if row["order_id"] == number]
    assert row["order_type"] == "LIMIT"
    assert row["price"] == pytest.approx(511.05)  # 2% over 501 is 511.02, on the next tick
    assert row["tags"] == ["mktp", "mktp:2.00"]


def test_a_stop_waits_for_its_trigger(at: Bench) -> None:
    number = at.place(
        order_type="SL", transaction_type="SELL", product="MIS", trigger_price=490, price=488,
        quantity=10,
    )  # fmt: skip
    (row,) = [row for row in at.kite.orders() if row["order_id"] == number]
    assert (row["status"], row["trigger_price"]) == ("TRIGGER PENDING", 490)
    at.price("489")
    (row,) = [row for row in at.kite.orders() if row["order_id"] == number]
    assert row["status"] == "COMPLETE"
    assert "OPEN" in [step["status"] for step in at.kite.order_history(number)]
    at.price("501")


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({"tag": "x" * 21}, said.InputException, "21 characters"),
        ({"tradingsymbol": "NOSUCH"}, said.InputException, "does not exist"),
        ({"exchange": "BSE"}, said.InputException, "on NSE alone"),
        ({"quantity": 0}, said.InputException, "quantity"),
        ({"price": 500.02}, said.InputException, "multiple of the tick"),
        ({"product": "NRML"}, said.InputException, "product"),
        ({"variety": "co"}, said.InputException, "variety"),
        ({"price": 700.0}, said.OrderException, "outside the day's band"),
        ({"order_type": "SL", "price": 499, "trigger_price": None}, said.InputException, "Trigger"),
        # the client knows no margin or holding exceptions and calls them general
        ({"quantity": 20_000}, said.GeneralException, "insufficient funds"),
        ({"transaction_type": "SELL", "quantity": 9}, said.GeneralException, "9 for delivery"),
    ],
)
def test_what_kite_would_not_take_is_refused_with_its_kind(
    at: Bench, changes: dict[str, object], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words) as caught:
        at.place(**changes)
    assert caught.value.code == 400


def test_quotes_are_keyed_by_exchange_and_symbol(at: Bench) -> None:
    found = at.kite.quote("NSE:MIDCO", "NSE:NOSUCH")
    assert list(found) == ["NSE:MIDCO"]
    assert found["NSE:MIDCO"]["last_price"] == 501
    assert found["NSE:MIDCO"]["lower_circuit_limit"] == 450
    assert found["NSE:MIDCO"]["depth"]["sell"][0] == {
        "price": 501.05,
        "quantity": 400,
        "orders": 1,
    }
    assert at.kite.ltp("NSE:MIDCO")["NSE:MIDCO"]["last_price"] == 501
    assert at.kite.ohlc("NSE:MIDCO")["NSE:MIDCO"]["ohlc"]["close"] == 500
    assert at.kite.ltp("NSE:NIFTY 50")["NSE:NIFTY 50"]["instrument_token"] == 256265


def test_the_instrument_list_parses_and_names_each_share_by_a_token(at: Bench) -> None:
    rows = {row["tradingsymbol"]: row for row in at.kite.instruments("NSE")}
    token = at.sandbox.house.tokens[MIDCO.isin]
    assert rows["MIDCO"]["instrument_token"] == token
    assert token & 0xFF == 1  # NSE's segment, which the ticker reads from the token
    assert rows["MIDCO"]["tick_size"] == 0.05
    assert rows["NIFTY 50"]["segment"] == "INDICES"


def test_an_unknown_route_is_refused(at: Bench) -> None:
    with pytest.raises(said.GeneralException, match="Route not found"):
        at.kite.mf_orders()


def test_profile_says_who_is_logged_in(at: Bench) -> None:
    profile = at.kite.profile()
    assert (profile["user_id"], profile["user_name"]) == ("AB1234", "Asha Rao")
