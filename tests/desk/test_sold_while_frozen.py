"""Sold between an ex-date and a person's yes: what is left is explained, booked and sold too."""

from __future__ import annotations

from core.brokers.fake import FakeBroker
from core.desk.apply_action import apply_action
from core.desk.books import standing
from core.desk.ex_dates import FLATTEN, why_frozen
from core.desk.exit import exit_position
from core.desk.kill import set_level
from core.desk.propose import proposals
from core.desk.reconcile import reconcile, why_no_entry
from core.domain.clock import ist_day
from core.domain.ledger import REALISED
from core.domain.money import Money
from core.domain.order import OrderType, Product, Side
from core.domain.plan import PlanStatus
from core.domain.risk import KillLevel
from core.exchange.values import Ticket
from core.store import ledger, quotes
from tests.desk.morning import ACCOUNT, Morning
from tests.desk.test_apply_action import agrees, an_action, cost, ex_day, held, work
from tests.made import MIDCO, rs


def flattened(morning: Morning) -> Money:
    """100 old shares became 200; FLATTEN sold 100 of them before anybody confirmed."""
    held(morning)
    before = cost(morning)
    ex_day(morning, an_action(), "250", "250")
    exit_position(morning.desk, morning.plan().id, reason=FLATTEN, by="worker")
    work(morning)
    reconcile(morning.dealer)
    assert morning.shares() == {} and morning.broker.holdings() == {MIDCO.isin: 100}
    return before


def test_the_rest_is_no_nameless_difference_and_its_worth_counts(morning: Morning):
    flattened(morning)
    with morning.desk.store.read() as tx:
        assert why_no_entry(tx, "paper") == ""
        assert "confirm action ca-split" in why_frozen(
            tx, MIDCO.isin, today=ist_day(morning.clock.now())
        )
        now = standing(tx, ACCOUNT.id, quotes.all_quotes(tx))
    assert now.owed == rs("25000")  # 100 new shares at 250
    [found] = proposals(morning.desk)
    assert (found.why_not, found.changes[0].qty, found.changes[0].new_qty) == ("", 0, 100)


def test_confirmed_the_rest_comes_back_at_half_the_cost_and_flatten_sells_it(morning: Morning):
    before = flattened(morning)
    with morning.desk.store.read() as tx:
        lost = ledger.balance(tx, ACCOUNT.id, REALISED)
    done = apply_action(morning.desk, "ca-split", by="me")
    assert "is cost again" in done.sentence
    assert morning.shares() == {MIDCO.isin: 100} and cost(morning) == Money(before.paise // 2)
    with morning.desk.store.read() as tx:
        given_back = lost - ledger.balance(tx, ACCOUNT.id, REALISED)
    assert given_back == Money(before.paise // 2)
    assert morning.plan().status in (PlanStatus.HOLDING, PlanStatus.EXITING)
    work(morning)
    assert morning.cover().covers == 100  # held again, and protected until it is sold
    morning.clock.pass_seconds(60)
    set_level(morning.desk, KillLevel.FLATTEN, scope=ACCOUNT.id, reason="flat", by="me")
    morning.tick("250", prev_close="250")
    work(morning)
    reconcile(morning.dealer)
    assert morning.shares() == {} and morning.broker.holdings() == {}
    agrees(morning)


def test_nothing_waits_once_the_rest_is_gone(morning: Morning):
    flattened(morning)
    apply_action(morning.desk, "ca-split", by="me")
    reconcile(morning.dealer)
    assert proposals(morning.desk) == []
    agrees(morning)


def sell_at_the_broker(broker: FakeBroker, qty: int, at: str) -> None:
    """The owner sells in the broker's own app."""
    broker.paper.place_ticket(
        Ticket(
            tag="",
            isin=MIDCO.isin,
            symbol=MIDCO.symbol,
            side=Side.SELL,
            qty=qty,
            order_type=OrderType.LIMIT,
            product=Product.CNC,
            validity="DAY",
            limit=rs(at),
            trigger=None,
        )
    )


def test_half_sold_by_a_person_at_the_broker_is_explained_and_booked(morning: Morning):
    held(morning)
    before = cost(morning)
    ex_day(morning, an_action(), "250", "250")
    sell_at_the_broker(morning.broker, 100, "249")
    morning.tick("250", prev_close="250")
    work(morning)
    reconcile(morning.dealer)
    assert morning.broker.holdings() == {MIDCO.isin: 100}
    with morning.desk.store.read() as tx:
        assert why_no_entry(tx, "paper") == ""
        assert ledger.shares_of(tx, MIDCO.isin) == {ACCOUNT.id: 100, "external:paper": -100}
    apply_action(morning.desk, "ca-split", by="me")
    work(morning)
    reconcile(morning.dealer)
    assert morning.shares() == {MIDCO.isin: 200} and cost(morning) == before
    assert morning.cover().covers == 100  # what can still be sold
    with morning.desk.store.read() as tx:
        assert why_no_entry(tx, "paper") == ""
    agrees(morning)


def test_all_sold_at_the_broker_leaves_nothing_to_protect(morning: Morning):
    held(morning)
    ex_day(morning, an_action(), "250", "250")
    sell_at_the_broker(morning.broker, 200, "249")
    morning.tick("250", prev_close="250")
    work(morning)
    reconcile(morning.dealer)
    apply_action(morning.desk, "ca-split", by="me")
    work(morning)
    assert morning.broker.holdings() == {}
    with morning.desk.store.read() as tx:
        assert sum(ledger.shares_of(tx, MIDCO.isin).values()) == 0
        assert why_no_entry(tx, "paper") == ""
