"""Shares the owner sold past the desk, said to be the sale of the plan that held them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.desk.booked import held_qty
from core.desk.give import give_to_plan, sales_elsewhere
from core.desk.protect import protect
from core.desk.reconcile import reconcile
from core.desk.resolve import accept_difference
from core.desk.send import send_prepared
from core.desk.settle import settle
from core.domain.ledger import REALISED, Transaction, external_account
from core.domain.order import OrderStatus, Purpose, Side
from core.domain.plan import PlanStatus
from core.domain.protection import ProtectionStatus
from core.errors import BadInput, NotFound
from core.store import audit, ledger
from tests.desk.morning import Morning, a_card
from tests.made import MIDCO, RELIANCE, rs

BUCKET = external_account("paper")


def sold_by_phone(morning: Morning, qty: int) -> Transaction:
    """A hundred MIDCO bought by the desk at ₹500.05, some sold by the owner at ₹499.95."""
    morning.approve(morning.put(with_belief=True))
    send_prepared(morning.dealer)
    settle(morning.dealer)
    protect(morning.dealer)
    return phone(morning, qty)


def phone(morning: Morning, qty: int) -> Transaction:
    order = replace(morning.orders()[-1], tag="", side=Side.SELL, limit_price=rs("490"), qty=qty)
    morning.broker.paper.place(order)
    settle(morning.dealer)
    with morning.desk.store.read() as tx:
        return sales_elsewhere(tx, "paper", MIDCO.isin)[0]


def elsewhere(morning: Morning) -> dict[str, int]:
    with morning.desk.store.read() as tx:
        return {one.isin: one.qty for one in ledger.positions(tx, BUCKET)}


def test_a_sale_of_everything_ends_the_plan_with_its_profit_and_charges(any_morning: Morning):
    morning = any_morning
    sale = sold_by_phone(morning, 100)
    cash = morning.cash()
    plan = morning.plan()
    order = give_to_plan(morning.desk, sale.id, plan.id, because="it was me", by="me")
    assert (order.purpose, order.status, order.qty) == (Purpose.EXIT, OrderStatus.FILLED, 100)
    assert (morning.shares(), elsewhere(morning)) == ({}, {})
    assert morning.plan().status is PlanStatus.CLOSED
    # a hundred bought at 500.05 and sold at 499.95 lose 10.00; a debit stands positive
    assert morning.cash(REALISED) == rs("10")
    assert cash + rs("49800") < morning.cash() < cash + rs("49995")  # less charges
    for _ in range(3):
        protect(morning.dealer)
    assert morning.cover().status is ProtectionStatus.RELEASED
    assert settle(morning.dealer) == 0
    assert reconcile(morning.dealer) == []
    with morning.desk.store.read() as tx:
        [entry] = audit.entries(tx, subject=sale.id)[-1:]
    assert (entry.verb, entry.actor, '"because":"it was me"' in entry.body) == ("give", "me", True)
    morning.books_are_clean()


def test_a_sale_of_a_part_leaves_the_rest_under_its_stop(morning: Morning):
    sale = sold_by_phone(morning, 40)
    with morning.desk.store.read() as tx:
        assert held_qty(tx, morning.plan().id) == 60
    give_to_plan(morning.desk, sale.id, morning.plan().id, because="me", by="me")
    with morning.desk.store.read() as tx:
        assert held_qty(tx, morning.plan().id) == 60
    assert (morning.shares(), morning.plan().status) == ({MIDCO.isin: 60}, PlanStatus.HOLDING)
    for _ in range(4):
        protect(morning.dealer)
        morning.clock.pass_seconds(20)
    assert [gtt.qty for gtt in morning.broker.gtts() if gtt.active] == [60]


def test_what_was_sold_elsewhere_misses_in_the_newest_plan_first(morning: Morning):
    morning.approve()
    send_prepared(morning.dealer)
    settle(morning.dealer)
    morning.tick("500")
    morning.approve(morning.put(a_card(morning.clock, id="cd2")))
    send_prepared(morning.dealer)
    settle(morning.dealer)
    phone(morning, 130)
    with morning.desk.store.read() as tx:
        assert held_qty(tx, morning.plan("cd2").id) == 0
        assert held_qty(tx, morning.plan("cd1").id) == 70


def test_what_does_not_fit_is_refused_and_changes_nothing(morning: Morning):
    sale = sold_by_phone(morning, 40)
    plan = morning.plan()
    with pytest.raises(BadInput, match="needs to know why"):
        give_to_plan(morning.desk, sale.id, plan.id, because=" ", by="me")
    with pytest.raises(NotFound, match="no sale done elsewhere stands as nine"):
        give_to_plan(morning.desk, "nine", plan.id, because="x", by="me")
    with pytest.raises(NotFound, match="pl0"):
        give_to_plan(morning.desk, sale.id, "pl0", because="x", by="me")
    morning.tick("500")
    morning.approve(morning.put(a_card(morning.clock, id="cd2")))
    waiting = morning.plan("cd2")
    with pytest.raises(BadInput, match=f"40 were sold elsewhere and plan {waiting.id} holds 0"):
        give_to_plan(morning.desk, sale.id, waiting.id, because="x", by="me")
    assert elsewhere(morning) == {MIDCO.isin: -40}
    give_to_plan(morning.desk, sale.id, plan.id, because="me", by="me")
    with pytest.raises(NotFound):
        give_to_plan(morning.desk, sale.id, plan.id, because="me", by="me")
    assert morning.shares() == {MIDCO.isin: 60}


def test_a_purchase_an_accepted_difference_and_another_share_are_no_sale_of_it(morning: Morning):
    sale = sold_by_phone(morning, 40)
    morning.tick("500", of=RELIANCE)
    bought = replace(
        morning.orders()[-1], tag="", isin=RELIANCE.isin, symbol="RELIANCE", limit_price=rs("505")
    )
    morning.broker.paper.place(bought)
    morning.broker.paper.place(replace(bought, side=Side.SELL, limit_price=rs("490"), qty=30))
    settle(morning.dealer)
    morning.broker.paper.credit(RELIANCE.isin, -1)
    reconcile(morning.dealer)
    accepted = accept_difference(morning.desk, "RELIANCE", because="lost", by="me")
    with morning.desk.store.read() as tx:
        past = ledger.transactions(tx, BUCKET)
    purchase = next(one for one in past if "RELIANCE: +100" in one.words)
    other = next(one for one in past if "RELIANCE: -30" in one.words)
    for made in (purchase, accepted):
        with pytest.raises(NotFound):
            give_to_plan(morning.desk, made.id, morning.plan().id, because="x", by="me")
    with pytest.raises(BadInput, match="this is a sale of RELIANCE"):
        give_to_plan(morning.desk, other.id, morning.plan().id, because="x", by="me")
    assert elsewhere(morning) == {RELIANCE.isin: 69, sale.postings[0].ledger[9:]: -40}


def test_of_an_order_in_two_trades_the_one_given_goes_and_the_other_stays(morning: Morning):
    morning.approve()
    send_prepared(morning.dealer)
    settle(morning.dealer)
    morning.tick("500", size=120)  # a quarter of it is taken at a time
    phone(morning, 60)
    morning.tick("500", size=80)
    settle(morning.dealer)
    with morning.desk.store.read() as tx:
        one = next(s for s in sales_elsewhere(tx, "paper", MIDCO.isin) if s.postings[0].qty == -30)
    give_to_plan(morning.desk, one.id, morning.plan().id, because="it was me", by="me")
    settle(morning.dealer)
    assert (morning.shares(), elsewhere(morning)) == ({MIDCO.isin: 70}, {MIDCO.isin: -20})
    morning.tick("500", size=40)
    settle(morning.dealer)
    assert (morning.shares(), elsewhere(morning)) == ({MIDCO.isin: 70}, {MIDCO.isin: -30})
    reconcile(morning.dealer)
    assert not any("not in the books" in said for said in morning.alarms())
    morning.books_are_clean()
