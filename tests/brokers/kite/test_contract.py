"""Kite over its sandbox passes the contract that the paper broker passes, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from core.brokers.kite.shares import shares_from
from core.domain.clock import SteppedClock
from core.domain.order import OrderStatus, Product, Side
from core.errors import OutcomeUnknown, SessionDead, SourceFailed
from core.sandbox.faults import Fault, FaultKind
from core.sandbox.kite.sandbox import KiteSandbox
from tests.brokers.contract import LOGIN, FaultyBrokerContract, Opened, order, rest
from tests.brokers.kite.dialect import KiteDialect, kite_dialect
from tests.made import LISTED, MIDCO, T0, rs


@contextmanager
def kite_session() -> Iterator[tuple[Opened, KiteDialect, KiteSandbox]]:
    """A logged-in session at a sandbox of its own, with one price of MIDCO at ₹501."""
    clock = SteppedClock(T0)
    with kite_dialect(LISTED, clock, login_id=LOGIN, funds=rs("2500000")) as kite:
        faults = kite.sandbox.faults
        opened = Opened(kite, clock, kite.on_quotes, kite, lambda verb: len(faults.sends(verb)))
        opened.price("501")
        yield opened, kite, kite.sandbox


class TestKiteOverItsSandbox(FaultyBrokerContract):
    @pytest.fixture
    def opened(self) -> Iterator[Opened]:
        with kite_session() as (opened, _, _):
            yield opened


@pytest.fixture
def at() -> Iterator[tuple[Opened, KiteDialect, KiteSandbox]]:
    with kite_session() as made:
        yield made


LOST = [
    Fault(FaultKind.ACCEPT_THEN_5XX, "place"),
    Fault(FaultKind.ACCEPT_THEN_5XX, "place", status=503),
    Fault(FaultKind.TRUNCATE_JSON, "place"),
    Fault(FaultKind.HTML_502, "place"),
]


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: f"{fault.kind}-{fault.status}")
def test_every_way_to_lose_an_answer_is_unknown_and_sent_once(at, fault):
    _, session, sandbox = at
    sandbox.faults.script(fault)
    with pytest.raises(OutcomeUnknown):
        session.place(order())
    assert len(sandbox.faults.sends("place")) == 1
    assert session.client.requests_of_last_call == 1


def test_an_address_that_is_not_registered_stops_writes_and_leaves_reads(at):
    _, session, sandbox = at
    sandbox.faults.script(Fault(FaultKind.IP_REFUSED, "place"))
    with pytest.raises(SessionDead, match="register the fixed IP"):
        session.place(order())
    assert session.orders() == []


def test_an_unknown_status_word_stays_open_with_its_word(at):
    _, session, sandbox = at
    session.place(order())
    sandbox.faults.script(Fault(FaultKind.UNKNOWN_STATUS, text="IN LIMBO"))
    (found,) = session.orders()
    assert (found.status, found.broker_status) == (OrderStatus.OPEN, "IN LIMBO")
    assert session.strange_words == ("IN LIMBO",)


def test_what_the_exchange_rejects_after_the_ack_is_read_back(at):
    opened, session, sandbox = at
    sandbox.faults.script(
        Fault(FaultKind.REJECT_ASYNC, "place", seconds=2, text="no margin at the exchange")
    )
    session.place(order())
    opened.clock.pass_seconds(3)
    sandbox.house.tick()
    (found,) = session.orders()
    assert (found.status, found.reason) == (OrderStatus.REJECTED, "no margin at the exchange")


def test_a_single_stop_rests_with_its_limit_and_changes_in_place(at):
    _, session, _ = at
    gtt_id = session.place_gtt(
        isin=MIDCO.isin, symbol="MIDCO", qty=100, side=Side.SELL, stop=rs("480"),
        target=None, product=Product.CNC,
    )  # fmt: skip
    (gtt,) = session.gtts()
    assert (gtt.stop, gtt.stop_limit, gtt.target) == (rs("480"), rs("465.60"), rs("0"))
    session.modify_gtt(gtt_id, qty=60, stop=rs("485"), target=None)
    (gtt,) = session.gtts()
    assert (gtt.qty, gtt.stop, gtt.stop_limit) == (60, rs("485"), rs("470.45"))


def test_a_fired_legs_order_asks_the_limit_that_was_carried(at):
    opened, session, _ = at
    session.place(order())
    opened.price("499")
    rest(session)
    opened.price("479")
    (gtt,) = session.gtts()
    child = next(one for one in session.orders() if one.broker_order_id == gtt.fired_order_id)
    assert child.limit == gtt.stop_limit == rs("465.60")


def test_positions_holdings_and_funds_over_two_days(at):
    opened, session, sandbox = at
    session.place(order())
    opened.price("499")
    (position,) = session.positions()
    assert (position.qty, position.day_qty, position.avg_price) == (100, 100, rs("499.05"))
    assert session.holding_rows() == ()
    # ₹25,00,000 less 100 at ₹499.05
    assert session.funds().available == rs("2450095")
    session.logs_in_each_morning = False
    opened.clock.pass_seconds(86_400)
    with pytest.raises(SessionDead):  # it is past six in the morning
        session.positions()
    opened.script.log_in()
    opened.price("499")
    assert session.positions() == ()
    (held,) = session.holding_rows()
    assert (held.opening_qty, held.t1_qty, held.isin) == (100, 100, MIDCO.isin)
    session.place(order("or2", side=Side.SELL, qty=40, limit="490"))
    opened.price("499")
    assert session.holdings() == {MIDCO.isin: 60}
    assert sandbox.house.client(LOGIN).paper.holdings() == {MIDCO.isin: 60}


def test_the_profile_and_the_instrument_list(at):
    _, session, _ = at
    assert session.profile().user_id == LOGIN
    names = {one.symbol for one in LISTED.values()}
    lines = session.instruments()
    assert {line.symbol for line in lines} == names
    universe = shares_from(lines, LISTED)
    assert {universe.by_isin(isin).symbol for isin in LISTED} == names


def test_estimates_that_the_broker_cannot_make_fail_as_reads(at):
    _, session, _ = at
    with pytest.raises(SourceFailed, match="no table of charges"):
        session.charges([order()])
