"""A person says what became of an order: taken down with who and why, refused when it cannot be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.desk.protect import protect
from core.desk.reconcile import reconcile
from core.desk.resolve import accept_difference, say_absent, say_is
from core.desk.send import send_prepared
from core.desk.settle import settle
from core.desk.unknown import look_up
from core.domain.ledger import external_account
from core.domain.money import Money
from core.domain.order import Order, OrderStatus, Side
from core.domain.plan import PlanStatus
from core.domain.protection import ProtectionStatus
from core.errors import BadInput, NotFound
from core.store import audit, ledger
from tests.desk.morning import OPENING, Morning, a_card
from tests.made import MIDCO, RELIANCE

S = OrderStatus


def untagged(morning: Morning) -> Order:
    """Bought at the broker, but its order book shows no tag; read once."""
    morning.broker.alter_tags(lambda tag: "")
    morning.broker.accept_then_timeout()
    order = morning.approve()
    send_prepared(morning.dealer)
    read(morning)
    assert morning.order(order.id).status is S.UNKNOWN
    return order


def read(morning: Morning) -> None:
    """One pass of the worker over orders and their trades."""
    settle(morning.dealer)
    look_up(morning.dealer)


def by_phone(morning: Morning, order: Order, **changes: object) -> str:
    """An order the owner placed past the desk; its broker id."""
    return morning.broker.paper.place(replace(order, tag="", **changes))  # type: ignore[arg-type]


def elsewhere(morning: Morning) -> dict[str, int]:
    """Shares in the login's EXTERNAL bucket."""
    with morning.desk.store.read() as tx:
        return {one.isin: one.qty for one in ledger.positions(tx, external_account("paper"))}


def last_entry(morning: Morning, subject: str) -> tuple[str, str, str]:
    """Verb, actor and body of the newest entry about a subject that a person wrote."""
    with morning.desk.store.read() as tx:
        mine = [one for one in audit.entries(tx, subject=subject) if one.actor == "me"]
    return mine[-1].verb, mine[-1].actor, mine[-1].body


def test_a_person_names_the_broker_order_and_its_shares_come_to_the_plan(any_morning: Morning):
    morning = any_morning
    order = untagged(morning)
    assert elsewhere(morning) == {MIDCO.isin: 100}  # nobody's until somebody says so
    moved = say_is(morning.desk, order.id, "paper-000001", because="same time and size", by="me")
    assert (moved.status, moved.broker_order_id) == (S.FILLED, "paper-000001")
    assert (morning.shares(), elsewhere(morning)) == ({MIDCO.isin: 100}, {})
    assert (morning.plan().status, morning.reserved()) == (PlanStatus.HOLDING, Money(0))
    assert settle(morning.dealer) == 0
    assert reconcile(morning.dealer) == []
    protect(morning.dealer)
    assert morning.cover().status is ProtectionStatus.VERIFIED
    verb, _, body = last_entry(morning, order.id)
    assert verb == "resolve"
    assert '"because":"same time and size"' in body and '"broker_order_id":"paper-000001"' in body
    morning.books_are_clean()


def test_a_person_names_the_broker_order_the_day_after(morning: Morning):
    order = untagged(morning)
    morning.clock.pass_seconds(20 * 3600)
    morning.tick("500")
    read(morning)
    say_is(morning.desk, order.id, "paper-000001", because="contract note", by="me")
    assert (morning.shares(), elsewhere(morning)) == ({MIDCO.isin: 100}, {})
    assert reconcile(morning.dealer) == []
    morning.books_are_clean()


def test_a_person_says_it_never_arrived_and_the_cash_is_free(morning: Morning):
    morning.broker.drop_before_accept()
    order = morning.approve()
    send_prepared(morning.dealer)
    read(morning)
    said = say_absent(morning.desk, order.id, because="called the broker", by="me")
    assert said == (
        f"MIDCO: order {order.id} is absent, me says so: called the broker; nothing was bought; "
        "a new card can be approved"
    )
    assert morning.order(order.id).status is S.ABSENT
    assert (morning.plan().status, morning.cash()) == (PlanStatus.ABANDONED, OPENING)
    assert last_entry(morning, order.id)[0] == "resolve"
    look_up(morning.dealer)
    assert morning.order(order.id).status is S.ABSENT
    morning.books_are_clean()


def test_an_order_called_absent_can_still_be_found_by_a_person(morning: Morning):
    order = untagged(morning)
    say_absent(morning.desk, order.id, because="nothing on the phone", by="me")
    assert morning.reserved() == Money(0)
    say_is(morning.desk, order.id, "paper-000001", because="it was there after all", by="me")
    assert (morning.shares(), morning.plan().status) == ({MIDCO.isin: 100}, PlanStatus.HOLDING)
    assert (morning.reserved(), elsewhere(morning)) == (Money(0), {})
    morning.books_are_clean()


def test_an_adopted_order_that_was_cancelled_lets_the_plan_go(morning: Morning):
    morning.tick("500", size=0)
    morning.broker.alter_tags(lambda tag: "")
    morning.broker.accept_then_timeout()
    order = morning.approve()
    send_prepared(morning.dealer)
    morning.broker.paper.cancel("paper-000001")
    read(morning)
    moved = say_is(morning.desk, order.id, "paper-000001", because="seen it", by="me")
    assert moved.status is S.CANCELLED
    assert (morning.plan().status, morning.cash()) == (PlanStatus.ABANDONED, OPENING)


def test_a_broker_order_that_does_not_fit_is_refused(morning: Morning):
    order = untagged(morning)
    morning.tick("500", of=RELIANCE)
    other = by_phone(morning, order, isin=RELIANCE.isin, symbol="RELIANCE", qty=7)
    more = by_phone(morning, order, qty=101)
    sale = by_phone(morning, order, side=Side.SELL)
    read(morning)
    for name, says in (
        (other, "is of another share: BUY 7 RELIANCE, not BUY 100 MIDCO"),
        (more, "is BUY 101 MIDCO, not BUY 100 MIDCO"),
        (sale, "is SELL 100 MIDCO, not BUY 100 MIDCO"),
        ("nine", "shows no order 'nine'; it shows paper-000001"),
    ):
        with pytest.raises(BadInput, match=says):
            say_is(morning.desk, order.id, name, because="looks like it", by="me")
    assert morning.order(order.id).status is S.UNKNOWN


def test_a_broker_order_of_another_order_of_ours_is_refused(morning: Morning):
    morning.approve()
    [sent] = send_prepared(morning.dealer)
    settle(morning.dealer)
    morning.broker.drop_before_accept()
    order = morning.approve(morning.put(a_card(morning.clock, id="cd2")))
    send_prepared(morning.dealer)
    read(morning)
    with pytest.raises(BadInput, match=f"is order {sent.id} of this desk already"):
        say_is(morning.desk, order.id, "paper-000001", because="must be", by="me")


def test_an_order_that_the_broker_shows_by_its_tag_is_not_absent(morning: Morning):
    morning.broker.accept_then_timeout()
    order = morning.approve()
    send_prepared(morning.dealer)
    morning.broker.paper.place(order)  # twice under one tag: a person chooses
    read(morning)
    say_is(morning.desk, order.id, "paper-000001", because="the first one", by="me")
    assert morning.order(order.id).broker_order_id == "paper-000001"
    settle(morning.dealer)
    assert (morning.shares(), elsewhere(morning)) == ({MIDCO.isin: 100}, {MIDCO.isin: 100})


@pytest.mark.parametrize("answer", ["absent", "is"])
def test_an_answer_needs_a_reason_and_an_open_question(morning: Morning, answer: str):
    def say(order_id: str, because: str) -> None:
        if answer == "absent":
            say_absent(morning.desk, order_id, because=because, by="me")
        else:
            say_is(morning.desk, order_id, "paper-000001", because=because, by="me")

    with pytest.raises(NotFound, match="no order has the id or0"):
        say("or0", "why not")
    morning.broker.drop_before_accept()
    order = morning.approve()
    send_prepared(morning.dealer)
    with pytest.raises(BadInput, match="was not read since"):
        say(order.id, "sure")
    read(morning)
    with pytest.raises(BadInput, match="needs to know why"):
        say(order.id, "  ")
    with pytest.raises(BadInput, match="is FILLED; only an UNKNOWN"):
        morning.broker.paper.place(order)
        read(morning)
        say(order.id, "late")


def test_a_difference_that_a_person_accepts_goes_to_external_and_entries_go_on(morning: Morning):
    morning.broker.paper.credit(MIDCO.isin, 7)
    assert len(reconcile(morning.dealer)) == 1
    made = accept_difference(morning.desk, "midco", because="a gift from my aunt", by="me")
    # seven at the last price of 500
    assert [line.amount.in_rupees for line in made.postings] == [3500, -3500]
    assert elsewhere(morning) == {MIDCO.isin: 7}
    assert morning.shares() == {}
    assert last_entry(morning, "paper")[0] == "accept difference"
    assert reconcile(morning.dealer) == []
    morning.approve()
    assert [one.status for one in send_prepared(morning.dealer)] == [S.OPEN]
    morning.books_are_clean()


def test_only_a_difference_that_stands_can_be_accepted(morning: Morning):
    with pytest.raises(NotFound, match="no shares of 'MIDCO' differ; what differs is: nothing"):
        accept_difference(morning.desk, "MIDCO", because="sure", by="me")
    morning.broker.paper.credit(MIDCO.isin, 7)
    reconcile(morning.dealer)
    with pytest.raises(BadInput, match="needs to know why"):
        accept_difference(morning.desk, "MIDCO", because="", by="me")
    with pytest.raises(NotFound, match="differ on login other; what differs is: MIDCO"):
        accept_difference(morning.desk, "MIDCO", login_id="other", because="x", by="me")
    accept_difference(morning.desk, "MIDCO", because="mine", by="me")
    with pytest.raises(NotFound):
        accept_difference(morning.desk, "MIDCO", because="mine", by="me")
    assert elsewhere(morning) == {MIDCO.isin: 7}
