"""A short position in the table: shares below zero, its stop above, its gain on the way down."""

from __future__ import annotations

from datetime import timedelta

from core.domain.ledger import Position
from core.domain.order import Product, Side
from core.domain.plan import PlanStatus
from core.domain.protection import Owner, ProtectionStatus
from core.views.position_rows import Open, open_row
from core.views.positions import _choice
from core.views.protected import Protected, protected
from core.views.shown import Tag
from tests.made import MIDCO, SHORT, T0, a_plan, a_protection, quote, rs

PLAN = a_plan(side=Side.SELL, product=Product.MIS, bracket=SHORT, status=PlanStatus.HOLDING)
SHIELD = a_protection(
    ProtectionStatus.VERIFIED,
    owner=Owner.EXCHANGE_SL,
    stop=SHORT.stop,
    target=SHORT.target,
    verified_at=T0,
)


def a_short(ltp: str, cover: Protected) -> Open:
    """100 MIDCO sold short at ₹500.00, stop 520, target 460."""
    held = Position("event", MIDCO.isin, -100, rs("-50000"))
    return Open("Event", held, PLAN, SHIELD, quote(ltp), cover, mark=rs(ltp), ends="till 15:10")


def covered(**changes: object) -> Protected:
    return protected(-100, SHIELD, now=T0 + timedelta(seconds=2), **changes)


def test_a_short_gains_as_the_price_falls_and_its_stop_stands_above():
    row = open_row(a_short("490", covered()))
    assert (row.qty, row.avg, row.product) == ("−100", "500.00", "MIS till 15:10")
    assert row.pnl.text == "+₹1,000.00"
    assert (row.stop, row.target) == ("520.00", "460.00")
    assert row.to_stop == "+6.1 %"  # 30 of 490
    assert row.r == "+0.50"  # 10 of 20
    assert row.protected[0] == Tag("Broker", "ok")


def test_a_short_whose_price_rose_loses():
    row = open_row(a_short("510", covered()))
    assert (row.pnl.text, row.pnl.tone, row.r) == ("−₹1,000.00", "loss", "−0.50")
    assert row.to_stop == "+2.0 %"


def test_a_short_that_leaves_is_being_bought_back():
    found = covered(selling=True)
    assert (found.word.value, found.naked) == ("Buying back", False)
    assert _choice(a_short("490", found)).button == "Exit MIDCO · Event: buy back 100"
