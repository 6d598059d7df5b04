"""A clock that is moved on passes opens, closes and square-offs at their own minutes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from core.domain.account import Broker
from core.domain.clock import IST, SteppedClock
from core.domain.money import Money
from core.domain.order import OrderType, Product, Side, Validity
from core.errors import BadInput
from core.exchange.values import Released, Ticket, Traded
from core.providers.calendar_file import load_calendar
from core.providers.sim import SimMarket
from core.providers.square_off_file import load_cut_offs
from core.sandbox.clock import SandboxClock
from core.sandbox.control import control_app
from core.sandbox.kite.sandbox import KiteSandbox
from core.sandbox.simulated import Feed, Simulation
from core.sandbox.turns import turns
from tests.made import MIDCO, RELIANCE

DATA = Path(__file__).resolve().parents[2] / "data"
CALENDAR = load_calendar(DATA / "calendar.json")
CUTS = load_cut_offs(DATA / "square_off.json").at(Broker.ZERODHA, CALENDAR)
MONDAY = datetime(2026, 8, 10, 10, 0, tzinfo=IST)
USER = "AB1234"


def at(hour: int, minute: int, *, day: int = 10) -> datetime:
    return datetime(2026, 8, day, hour, minute, tzinfo=IST)


@pytest.fixture
def sandbox() -> Iterator[KiteSandbox]:
    clock = SandboxClock(MONDAY, monotonic=lambda: 0.0)
    simulation = Simulation(SimMarket((RELIANCE, MIDCO), CALENDAR, seed=1), clock)
    made = KiteSandbox(
        {one.isin: one for one in (RELIANCE, MIDCO)},
        clock=clock,
        phase_of=simulation.phase_of,
        squares_off=CUTS,
    )
    Feed(simulation, made.house).pulse()
    yield made
    made.close()


def buy(sandbox: KiteSandbox, *, product: Product = Product.MIS, amo: bool = False) -> str:
    quote = sandbox.house.quote(MIDCO.isin)
    assert quote is not None
    limit = quote.prev_close.times(Decimal("1.05"))
    ticket = Ticket(
        tag="", isin=MIDCO.isin, symbol="MIDCO", side=Side.BUY, qty=1, order_type=OrderType.LIMIT,
        product=product, validity=Validity.DAY, limit=Money(limit.paise // 100 * 100),
        trigger=None, amo=amo,
    )  # fmt: skip
    return sandbox.house.client(USER).paper.place_ticket(ticket)


def happened(sandbox: KiteSandbox, kind: type) -> list[datetime]:
    past = sandbox.house.client(USER).paper.past()
    return [event.at for event in past if isinstance(event, kind)]


def test_the_turns_of_a_day_are_its_phases_and_square_offs() -> None:
    def phase_of(share, moment):
        return CALENDAR.phase(moment, has_derivatives=share.has_derivatives)

    found = turns(
        [RELIANCE, MIDCO], since=MONDAY, until=at(9, 30, day=11), phase_of=phase_of,
        squares_off=CUTS,
    )  # fmt: skip
    assert list(found) == [
        at(15, 10), at(15, 15), at(15, 20), at(15, 30), at(15, 35), at(15, 50), at(16, 0),
        at(3, 0, day=11), at(9, 0, day=11), at(9, 15, day=11),
    ]  # fmt: skip
    far = MONDAY + timedelta(days=40)
    kinds = [RELIANCE, MIDCO]
    assert list(turns(kinds, since=MONDAY, until=far, phase_of=phase_of, squares_off=None)) == []


def test_a_jump_over_the_close_squares_off_on_the_way(sandbox: KiteSandbox) -> None:
    buy(sandbox)
    control = TestClient(control_app(sandbox))
    told = control.post("/clock", json={"set": "2026-08-10T18:00:00+05:30"}).json()
    assert told["now"] == "2026-08-10T18:00:00+05:30"
    assert happened(sandbox, Traded)[-1] == at(15, 20)
    assert sandbox.house.client(USER).paper.holdings() == {}


def test_a_jump_over_the_night_sends_what_waited_at_the_open(sandbox: KiteSandbox) -> None:
    sandbox.house.pass_to(at(18, 0))
    buy(sandbox, product=Product.CNC, amo=True)
    sandbox.house.pass_to(at(11, 0, day=11))
    assert happened(sandbox, Released) == [at(9, 0, day=11)]
    assert happened(sandbox, Traded) == [at(9, 15, day=11)]


def test_a_clock_that_the_owner_moves_is_not_moved_from_outside(sandbox: KiteSandbox) -> None:
    sandbox.house.clock = SteppedClock(MONDAY)
    with pytest.raises(BadInput, match="its owner moves"):
        sandbox.house.pass_to(at(18, 0))
