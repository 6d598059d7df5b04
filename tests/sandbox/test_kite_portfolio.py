"""Holdings, positions and cash of the Kite sandbox over several days, and after a restart."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.domain.money import Money
from core.domain.order import Product, Side
from core.sandbox.kite.state import Bill
from tests.made import MIDCO, rs
from tests.sandbox.kite_client import Bench, bench

DAY = 24 * 3_600


def next_day(at: Bench) -> None:
    at.clock.pass_seconds(DAY)
    at.kite.set_access_token(at.sandbox.log_in("AB1234"))
    at.price("501")


def held(at: Bench) -> dict[str, Any]:
    (row,) = at.kite.holdings()
    return dict(row)


def test_a_purchase_is_a_position_then_on_its_way_then_delivered() -> None:
    with bench() as at:
        at.place(price=505)
        assert at.kite.holdings() == []
        assert at.kite.positions()["net"][0]["quantity"] == 100
        next_day(at)
        assert at.kite.positions()["net"] == []
        assert at.kite.orders() == []
        assert (held(at)["quantity"], held(at)["t1_quantity"]) == (0, 100)
        next_day(at)
        row = held(at)
        assert (row["quantity"], row["t1_quantity"], row["opening_quantity"]) == (100, 0, 100)
        assert row["average_price"] == 501.05
        assert row["pnl"] == pytest.approx(100 * (501 - 501.05))


def test_a_sold_holding_shows_as_used_and_as_a_negative_position() -> None:
    with bench() as at:
        at.sandbox.house.credit("AB1234", MIDCO.isin, 100, price=rs("400"))
        at.place(transaction_type="SELL", quantity=30, price=495)
        row = held(at)
        assert (row["quantity"], row["used_quantity"], row["average_price"]) == (100, 30, 400)
        (position,) = at.kite.positions()["net"]
        assert (position["quantity"], position["average_price"]) == (-30, 500.95)
        assert at.kite.margins("equity")["utilised"]["holding_sales"] == pytest.approx(30 * 500.95)
        next_day(at)
        assert (held(at)["quantity"], held(at)["used_quantity"]) == (70, 0)


def test_what_is_bought_and_sold_in_a_day_leaves_the_holding_alone() -> None:
    with bench() as at:
        at.sandbox.house.credit("AB1234", MIDCO.isin, 10)
        at.place(price=505, quantity=50)
        at.price("501")
        at.place(transaction_type="SELL", quantity=10, price=495)
        assert held(at)["used_quantity"] == 10  # the exchange delivers settled shares first
        assert at.kite.positions()["net"][0]["quantity"] == 40


def test_cash_falls_with_an_order_and_comes_back_with_its_cancel() -> None:
    with bench() as at:
        number = at.place(price=450)
        equity = at.kite.margins()["equity"]
        assert equity["net"] == 25_00_000 - 45_000
        assert equity["available"]["opening_balance"] == 25_00_000
        assert equity["utilised"]["debits"] == 45_000
        at.kite.cancel_order("regular", number)
        assert at.kite.margins("equity")["net"] == 25_00_000
        assert at.kite.margins("commodity")["net"] == 0


def flat_bill(product: Product, side: Side, qty: int, price: Money, on: date) -> Bill:
    turnover = float((price * qty).in_rupees)
    return Bill(stt=turnover * 0.001, exchange=0.5, sebi=0.25, brokerage=0, stamp=0, gst=0.125)


def test_margins_and_charges_of_orders_that_were_not_sent() -> None:
    order = {
        "exchange": "NSE", "tradingsymbol": "MIDCO", "transaction_type": "BUY",
        "variety": "regular", "product": "CNC", "order_type": "LIMIT", "quantity": 10,
        "price": 500, "trigger_price": 0,
    }  # fmt: skip
    with bench(charging=flat_bill) as at:
        (needed,) = at.kite.order_margins([order])
        assert (needed["total"], needed["charges"]["total"]) == (5_000, 5.875)
        basket = at.kite.basket_order_margins([order, order])
        assert (basket["final"]["total"], len(basket["orders"])) == (10_000, 2)
        (note,) = at.kite.get_virtual_contract_note(
            [{**order, "order_id": "1", "average_price": 600}]
        )
        assert (note["price"], note["charges"]["transaction_tax"]) == (600, 6)
        assert note["charges"]["gst"]["total"] == 0.125


def test_a_restart_finds_orders_trades_triggers_and_holdings_again(tmp_path: Path) -> None:
    with bench(home=tmp_path) as at:
        at.sandbox.house.credit("AB1234", MIDCO.isin, 100, price=rs("400"))
        at.place(price=505, quantity=20, tag="done")
        at.place(price=470, tag="open")
        at.gtt()
        before = (at.kite.orders(), at.kite.trades(), at.kite.get_gtts(), at.kite.margins())
        clock = at.clock
    with bench(home=tmp_path, clock=clock) as at:
        after = (at.kite.orders(), at.kite.trades(), at.kite.get_gtts(), at.kite.margins())
        assert after == before
        number = at.place(price=471)
        assert number not in [row["order_id"] for row in before[0]]
        assert held(at)["average_price"] == 400
