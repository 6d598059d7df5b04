"""After market orders, changed types and converted positions through the official Kite client."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from kiteconnect import exceptions as said

from core.domain.calendar import Phase
from core.domain.instrument import Instrument
from core.sandbox.house import Happening
from core.sandbox.kite.words import is_told
from tests.made import MIDCO, T0, rs
from tests.sandbox.kite_client import Bench, bench

CLOSES = T0 + timedelta(hours=5)  # 15:30 in India
OPENS = T0 + timedelta(hours=22, minutes=30)  # 09:00 of the next day
TRADES = T0 + timedelta(hours=22, minutes=45)


def hours(share: Instrument, at: datetime) -> Phase:
    """One session, a night, and the next day's pre-open and session."""
    if at < CLOSES or at >= TRADES:
        return Phase.CONTINUOUS
    return Phase.PRE_OPEN if at >= OPENS else Phase.CLOSED


@pytest.fixture
def night() -> Iterator[Bench]:
    with bench(phase_of=hours) as made:
        made.clock.move_to(CLOSES + timedelta(hours=1))
        yield made


@pytest.fixture
def at() -> Iterator[Bench]:
    with bench() as made:
        yield made


def row(at: Bench, number: str) -> dict[str, object]:
    return next(one for one in at.kite.orders() if one["order_id"] == number)


def words(at: Bench, number: str) -> list[str]:
    return [step["status"] for step in at.kite.order_history(number)]


def stop(at: Bench, **changes: object) -> str:
    """A resting stop over 100 MIDCO that came in before."""
    at.sandbox.house.credit("AB1234", MIDCO.isin, 100, price=rs("450"))
    fields = {
        "transaction_type": "SELL", "order_type": "SL", "price": 485.0, "trigger_price": 490.0,
    }  # fmt: skip
    return at.place(**{**fields, **changes})


def test_an_after_market_order_goes_out_at_the_open_and_trades(night: Bench) -> None:
    number = night.place(variety="amo", tag="night")
    kept = row(night, number)
    assert (kept["status"], kept["variety"], kept["exchange_order_id"]) == (
        "AMO REQ RECEIVED", "amo", None,
    )  # fmt: skip
    night.clock.move_to(OPENS)
    night.kite.set_access_token(night.sandbox.log_in("AB1234"))  # the token died in the night
    assert row(night, number)["status"] == "OPEN"
    night.clock.move_to(TRADES)
    night.price("499")
    done = row(night, number)
    assert (done["status"], done["average_price"], done["tag"]) == ("COMPLETE", 499.05, "night")
    assert words(night, number) == [
        "PUT ORDER REQ RECEIVED", "AMO REQ RECEIVED",
        "VALIDATION PENDING", "OPEN PENDING", "OPEN", "COMPLETE",
    ]  # fmt: skip


def test_the_stream_tells_nothing_of_an_order_that_still_waits(night: Bench) -> None:
    told: list[Happening] = []
    night.sandbox.house.listen(lambda user, happened: told.extend(happened))
    night.place(variety="amo")
    night.clock.move_to(OPENS)
    night.sandbox.house.tick()
    of = [one for one in told if one.step is not None]
    assert [is_told(one) for one in of] == [False, True]


def test_an_after_market_order_is_changed_and_cancelled_in_the_night(night: Bench) -> None:
    number = night.place(variety="amo")
    night.kite.modify_order("amo", number, price=490.0, quantity=30)
    kept = row(night, number)
    assert (kept["status"], kept["price"], kept["quantity"]) == ("AMO REQ RECEIVED", 490, 30)
    night.kite.cancel_order("amo", number)
    assert row(night, number)["status"] == "CANCELLED"


def test_a_market_order_of_the_night_is_protected_from_the_last_price(night: Bench) -> None:
    number = night.place(variety="amo", order_type="MARKET", market_protection=2)
    kept = row(night, number)
    assert (kept["order_type"], kept["price"]) == ("LIMIT", 511.05)  # 2 % above ₹501


@pytest.mark.parametrize("variety", ["co", "iceberg", "auction"])
def test_other_varieties_are_refused_by_name(at: Bench, variety: str) -> None:
    with pytest.raises(said.InputException, match=f"no {variety} orders"):
        at.place(variety=variety)


def test_a_stop_becomes_a_limit_order_and_back(at: Bench) -> None:
    number = stop(at)
    at.kite.modify_order("regular", number, order_type="LIMIT", price=520.0)
    now = row(at, number)
    assert (now["order_type"], now["price"], now["trigger_price"], now["status"]) == (
        "LIMIT", 520, 0, "OPEN",
    )  # fmt: skip
    at.kite.modify_order("regular", number, order_type="SL", price=480.0, trigger_price=488.0)
    now = row(at, number)
    assert (now["order_type"], now["trigger_price"], now["status"]) == (
        "SL", 488, "TRIGGER PENDING",
    )  # fmt: skip


def test_a_limit_order_becomes_a_market_order_only_with_protection(at: Bench) -> None:
    at.sandbox.house.credit("AB1234", MIDCO.isin, 100)
    number = at.place(transaction_type="SELL", price=530.0)
    with pytest.raises(said.InputException, match="market_protection"):
        at.kite.modify_order("regular", number, order_type="MARKET")
    at.kite.modify_order("regular", number, order_type="MARKET", market_protection=3)
    now = row(at, number)
    assert (now["order_type"], now["status"]) == ("LIMIT", "COMPLETE")
    assert (now["price"], now["tags"]) == (485.95, ["mktp", "mktp:3.00"])  # 3 % below ₹501


def test_the_limit_of_a_protected_stop_follows_its_trigger(at: Bench) -> None:
    number = stop(at, order_type="SL-M", price=0, market_protection=2)
    assert (row(at, number)["order_type"], row(at, number)["price"]) == ("SL", 480.2)
    at.kite.modify_order("regular", number, trigger_price=480.0, quantity=60)
    now = row(at, number)
    assert (now["trigger_price"], now["price"], now["quantity"]) == (480, 470.4, 60)
    at.price("480", bid_qty=160)
    now = row(at, number)
    assert (now["status"], now["filled_quantity"], now["pending_quantity"]) == ("OPEN", 40, 20)
    with pytest.raises(said.OrderException, match="40 shares"):
        at.kite.modify_order("regular", number, quantity=39)
    at.kite.modify_order("regular", number, quantity=40)
    assert row(at, number)["status"] == "COMPLETE"


def test_an_order_given_a_wrong_type_or_validity_stays(at: Bench) -> None:
    number = at.place(price=480.0)
    with pytest.raises(said.InputException, match="order_type"):
        at.kite.modify_order("regular", number, order_type="BRACKET")
    with pytest.raises(said.InputException, match="validity"):
        at.kite.modify_order("regular", number, validity="TTL")
    with pytest.raises(said.OrderException, match="needs a trigger"):
        at.kite.modify_order("regular", number, order_type="SL", price=480.0)
    assert row(at, number)["modified"] is False
    at.kite.modify_order("regular", number, validity="IOC")
    assert row(at, number)["status"] == "CANCELLED"


def convert(at: Bench, side: str, qty: int, old: str, new: str, kind: str = "day") -> None:
    at.kite.convert_position("NSE", "MIDCO", side, kind, qty, old, new)


def shares(at: Bench) -> dict[str, tuple[int, float]]:
    rows = at.kite.positions()["net"]
    return {one["product"]: (one["quantity"], one["average_price"]) for one in rows}


def test_a_purchase_moves_between_products_at_its_average(at: Bench) -> None:
    at.place(product="MIS", price=505.0)
    net = at.kite.margins("equity")["net"]
    convert(at, "BUY", 60, "MIS", "CNC")
    assert shares(at) == {"MIS": (40, 501.05), "CNC": (60, 501.05)}
    convert(at, "BUY", 60, "CNC", "MIS")
    assert shares(at) == {"MIS": (100, 501.05), "CNC": (0, 0)}
    assert at.kite.margins("equity")["net"] == net
    convert(at, "BUY", 100, "MIS", "CNC")
    at.clock.pass_seconds(86_400)
    at.kite.set_access_token(at.sandbox.log_in("AB1234"))
    (held,) = at.kite.holdings()
    assert (held["t1_quantity"], held["average_price"]) == (100, 501.05)


def test_a_delivery_sale_that_becomes_intraday_leaves_the_holding_whole(at: Bench) -> None:
    at.sandbox.house.credit("AB1234", MIDCO.isin, 100, price=rs("450"))
    at.place(transaction_type="SELL", price=495.0, quantity=40)
    assert at.kite.holdings()[0]["used_quantity"] == 40
    assert at.kite.margins("equity")["utilised"]["holding_sales"] == 40 * 500.95
    convert(at, "SELL", 40, "CNC", "MIS")
    (held,) = at.kite.holdings()
    assert (held["quantity"], held["used_quantity"], held["average_price"]) == (100, 0, 450)
    assert shares(at)["MIS"] == (-40, 500.95)
    assert at.kite.margins("equity")["utilised"]["holding_sales"] == 0


def test_what_does_not_stand_there_is_not_converted(at: Bench) -> None:
    with pytest.raises(said.OrderException, match="1 of 0 shares"):
        convert(at, "BUY", 1, "CNC", "MIS")
    with pytest.raises(said.OrderException, match="no overnight position"):
        convert(at, "BUY", 1, "CNC", "MIS", "overnight")
    for wrong in (("HOLD", 1, "CNC", "MIS"), ("BUY", 1, "NRML", "MIS")):
        with pytest.raises(said.InputException):
            convert(at, *wrong)
    with pytest.raises(said.InputException, match="position_type"):
        convert(at, "BUY", 1, "CNC", "MIS", "weekly")


def test_a_refusal_names_the_order_as_the_client_knows_it(at: Bench) -> None:
    number = at.place(price=480.0)
    at.kite.cancel_order("regular", number)
    with pytest.raises(said.OrderException, match=f"order {number} is already CANCELLED"):
        at.kite.modify_order("regular", number, price=481.0)


def test_an_order_for_bse_is_refused_by_name(at: Bench) -> None:
    with pytest.raises(said.InputException, match="trades on NSE alone"):
        at.place(exchange="BSE")
