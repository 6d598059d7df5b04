"""What both brokers' sessions do alike over their sandboxes, beyond the contract of all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from core.cli.sandbox_run import charging
from core.desk.books import order_charges
from core.desk.charge_drift import drifts
from core.domain.account import Broker
from core.domain.charges import Charges, Security
from core.domain.order import OrderStatus, Product, Side
from core.errors import OutcomeUnknown, SessionDead, SourceFailed
from core.sandbox.faults import Fault, FaultKind
from tests.brokers.contract import LOGIN, Opened, order, rest
from tests.brokers.dialect import Dialect
from tests.brokers.kite.dialect import KITE
from tests.brokers.over_sandbox import at_sandbox
from tests.brokers.upstox.dialect import UPSTOX
from tests.made import MIDCO, T0, rs


@pytest.fixture(params=[KITE, UPSTOX], ids=lambda one: one.name)
def dialect(request) -> Dialect:
    return request.param


@pytest.fixture
def at(dialect) -> Iterator[tuple[Opened, Any]]:
    with at_sandbox(dialect) as made:
        yield made


LOST = [
    Fault(FaultKind.ACCEPT_THEN_5XX, "place"),
    Fault(FaultKind.ACCEPT_THEN_5XX, "place", status=503),
    Fault(FaultKind.TRUNCATE_JSON, "place"),
    Fault(FaultKind.HTML_502, "place"),
    Fault(FaultKind.ACCEPT_THEN_DROP, "place"),
    Fault(FaultKind.DELAY, "place", seconds=1),
]


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: f"{fault.kind}-{fault.status}")
def test_every_way_to_lose_an_answer_is_unknown_and_sent_once(at, fault):
    _, session = at
    session.sandbox.faults.script(fault)
    session.hurry()
    with pytest.raises(OutcomeUnknown):
        session.place(order())
    assert len(session.sandbox.faults.sends("place")) == 1
    assert session.client.requests_of_last_call == 1


@pytest.mark.parametrize("kind", [FaultKind.ACCEPT_THEN_DROP, FaultKind.DELAY, FaultKind.HTML_502])
@pytest.mark.parametrize("verb", ["modify", "cancel", "modify_gtt", "cancel_gtt"])
def test_a_change_or_a_cancel_is_never_sent_again(at, verb, kind):
    # left alone, Upstox's client sends a PUT or a DELETE that times out four times
    _, session = at
    order_id, gtt_id = session.place(order(limit="480")), rest(session)
    do = {
        "modify": lambda: session.modify(order_id, limit=rs("481")),
        "cancel": lambda: session.cancel(order_id),
        "modify_gtt": lambda: session.modify_gtt(gtt_id, qty=60, stop=rs("481"), target=None),
        "cancel_gtt": lambda: session.cancel_gtt(gtt_id),
    }
    session.sandbox.faults.script(Fault(kind, verb, seconds=1))
    session.hurry()
    with pytest.raises(OutcomeUnknown):
        do[verb]()
    assert len(session.sandbox.faults.sends(verb)) == 1


def test_an_address_that_is_not_registered_stops_writes_and_leaves_reads(at):
    _, session = at
    session.sandbox.faults.script(Fault(FaultKind.IP_REFUSED, "place"))
    with pytest.raises(SessionDead, match="register the fixed IP"):
        session.place(order())
    assert session.orders() == []


def test_an_unknown_status_word_stays_open_with_its_word(at, dialect):
    _, session = at
    session.place(order())
    session.sandbox.faults.script(Fault(FaultKind.UNKNOWN_STATUS, text=dialect.strange))
    (found,) = session.orders()
    assert (found.status, found.broker_status) == (OrderStatus.OPEN, dialect.strange)
    assert session.strange_words == (dialect.strange,)


def test_what_the_exchange_rejects_after_the_ack_is_read_back(at):
    opened, session = at
    session.sandbox.faults.script(
        Fault(FaultKind.REJECT_ASYNC, "place", seconds=2, text="no margin at the exchange")
    )
    session.place(order())
    opened.clock.pass_seconds(3)
    session.sandbox.house.tick()
    (found,) = session.orders()
    assert (found.status, found.reason) == (OrderStatus.REJECTED, "no margin at the exchange")


def test_positions_holdings_and_funds_over_two_days(at):
    opened, session = at
    session.place(order())
    opened.price("499")
    (position,) = session.positions()
    assert (position.qty, position.day_qty, position.avg_price) == (100, 100, rs("499.05"))
    assert session.holding_rows() == ()
    # ₹25,00,000 less 100 at ₹499.05
    assert session.funds().available == rs("2450095")
    opened.script.sandbox.house.move_money(LOGIN, rs("-450095"))
    now = session.funds()
    assert (now.available, now.paid_out, now.opening) == (
        rs("2000000"), rs("450095"), rs("2500000"),
    )  # fmt: skip
    session.logs_in_each_morning = False
    opened.clock.pass_seconds(86_400)
    with pytest.raises(SessionDead):  # the night ended its token
        session.positions()
    opened.script.log_in()
    opened.price("499")
    assert session.positions() == ()
    (row,) = session.holding_rows()
    assert (row.opening_qty, row.t1_qty, row.isin) == (100, 100, MIDCO.isin)
    session.place(order("or2", side=Side.SELL, qty=40, limit="490"))
    opened.price("499")
    assert session.holdings() == {MIDCO.isin: 60}
    assert session.sandbox.house.client(LOGIN).paper.holdings() == {MIDCO.isin: 60}


def test_quotes_and_the_profile(at, dialect):
    opened, session = at
    opened.price("502")
    (found,) = session.quotes([MIDCO.isin])
    assert (found.ltp, found.bid, found.ask) == (rs("502"), rs("501.95"), rs("502.05"))
    assert (found.prev_close, found.source) == (rs("500"), dialect.source)
    assert session.profile().user_id == LOGIN


@pytest.mark.parametrize("product", list(Product))
def test_a_broker_s_own_charges_agree_with_the_schedule(at, dialect, product):
    _, session = at
    broker = {KITE.name: Broker.ZERODHA, UPSTOX.name: Broker.UPSTOX}[dialect.name]
    getattr(session.sandbox, dialect.name).charging = charging(broker)
    asked = replace(order(), product=product)
    (told,) = session.charges([asked])
    ours = order_charges(
        broker, product=product, side=asked.side, qty=asked.qty, price=asked.limit_price,
        on=T0.date(), security=Security.SHARE,
    )  # fmt: skip
    assert drifts(asked, ours, told) == []
    dearer = ours + Charges(exchange=rs("0.05"))
    assert [one.item for one in drifts(asked, dearer, told)] == ["exchange fee"]


def test_estimates_that_the_broker_cannot_make_fail_as_reads(at):
    _, session = at
    with pytest.raises(SourceFailed, match="no table of charges"):
        session.charges([order()])
