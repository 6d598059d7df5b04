"""Both sandboxes square intraday positions off, as their official clients see it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from kiteconnect import exceptions as said
from upstox_client.rest import ApiException

from core.domain.square_off import SquareOff
from core.exchange.values import Charged
from tests.made import T0, rs
from tests.sandbox import kite_client
from tests.sandbox.upstox import bench as upstox_client

CUT = T0 + timedelta(minutes=5)


def at_the_cut(share: object, day: object) -> SquareOff:
    return SquareOff(CUT, rs("59"))


def test_kites_square_off_shows_in_orders_positions_and_margins() -> None:
    with kite_client.bench(squares_off=at_the_cut) as at:
        before = at.kite.margins("equity")["net"]
        at.place(product="MIS", price=505, quantity=40, tag="mine")
        stop = at.place(
            product="MIS", transaction_type="SELL", order_type="SL", quantity=40,
            price=489, trigger_price=490,
        )  # fmt: skip
        at.clock.move_to(CUT)
        at.price("500")
        rows = {row["order_id"]: row for row in at.kite.orders()}
        assert rows.pop(stop)["status"] == "CANCELLED"
        own = [row for row in rows.values() if row["placed_by"] == "ADMINSQF"]
        (row,) = own
        assert (row["status"], row["tag"], row["order_type"]) == ("COMPLETE", None, "MARKET")
        assert (row["transaction_type"], row["filled_quantity"]) == ("SELL", 40)
        (position,) = at.kite.positions()["net"]
        assert (position["product"], position["quantity"]) == ("MIS", 0)
        # bought at 501.05, sold at 500.95, ₹59 for the order
        after = at.kite.margins("equity")["net"]
        assert before - after == pytest.approx(40 * 0.10 + 59)
        with pytest.raises(said.OrderException, match="squared off"):
            at.place(product="MIS", price=505)


def test_upstoxs_square_off_shows_in_orders_positions_and_funds() -> None:
    with upstox_client.bench(squares_off=at_the_cut) as at:
        at.place(product="I", price=505.0, quantity=40)
        at.clock.move_to(CUT)
        at.price("500")
        row = next(row for row in at.book() if row.tag is None)
        assert (row.status, row.transaction_type, row.product) == ("complete", "SELL", "I")
        paper = at.sandbox.house.client("7AB123").paper
        assert [one.amount for one in paper.charged()] == [rs("59")]
        assert any(isinstance(event, Charged) for event in paper.past())
        with pytest.raises(ApiException):
            at.place(product="I", price=505.0)


def test_a_share_that_nobody_buys_stays_and_is_a_holding_the_next_day() -> None:
    with kite_client.bench(squares_off=at_the_cut) as at:
        at.place(product="MIS", price=505, quantity=40)
        at.price("500", bid_qty=0)
        at.clock.move_to(CUT)
        at.price("500", bid_qty=0)
        assert [row["quantity"] for row in at.kite.positions()["net"]] == [40]
        at.clock.pass_seconds(86_400)
        at.kite.set_access_token(at.sandbox.log_in("AB1234"))
        assert at.kite.positions()["net"] == []
        (held,) = at.kite.holdings()
        assert held["quantity"] + held["t1_quantity"] == 40
