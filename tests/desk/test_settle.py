"""What happened at the broker comes home once: states, fills, charges and the plan's end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.desk.books import order_charges, schedule
from core.desk.exit import exit_position
from core.desk.protect import protect
from core.desk.send import send_prepared
from core.desk.settle import settle
from core.domain.account import Broker
from core.domain.charges import Security
from core.domain.clock import ist_day
from core.domain.ledger import REALISED, TransactionKind
from core.domain.money import Money, total
from core.domain.order import Fill, Order, OrderStatus, Product, Purpose, Side
from core.domain.plan import PlanStatus
from core.domain.protection import ProtectionStatus
from core.errors import SessionDead, SourceFailed
from core.store import fills, hypotheses, ledger, orders, plans, protections
from core.treasury.charges import dp_charge
from tests.desk.morning import OPENING, Morning, a_card, work_exits
from tests.made import MIDCO, RELIANCE, T0, a_plan, a_protection, an_order, rs


def entered(morning: Morning, *, size: int = 4_000) -> Morning:
    """Approved, sent and settled at ₹500.05; a quarter of the shown size is ours."""
    morning.tick("500", size=size)
    morning.approve(morning.put(with_belief=True))
    send_prepared(morning.dealer)
    settle(morning.dealer)
    return morning


def charged(morning: Morning, kind: TransactionKind = TransactionKind.TRADE) -> Money:
    """Everything posted to the charge ledgers by one kind of transaction."""
    with morning.desk.store.read() as tx:
        return total(
            line.amount
            for one in ledger.transactions(morning.desk.store and tx, "event")
            for line in one.postings
            if one.kind is kind and line.ledger.startswith("charges:")
        )


def costs(side: Side, qty: int, price: str) -> Money:
    """What one order of that many shares costs in all."""
    return order_charges(
        Broker.PAPER,
        product=Product.CNC,
        side=side,
        qty=qty,
        price=rs(price),
        on=T0.date(),
        security=Security.SHARE,
    ).total


def of_another_login(morning: Morning, *, broker_order_id: str) -> None:
    """A newer plan and order at another login whose broker gave the same order id today."""
    later = morning.clock.now()
    plan = a_plan("pl9", card_id="cd9", approval_id="ap9", account_id="lump", login_id="u")
    order = an_order("or9", plan_id="pl9", account_id="lump", login_id="u", prepared_at=later)
    with morning.desk.store.write() as tx:
        plans.put(tx, plan)
        orders.put(tx, replace(order, broker_order_id=broker_order_id, status=OrderStatus.FILLED))


def test_two_brokers_may_give_two_orders_one_id_and_no_share_is_booked_twice(morning: Morning):
    entered(morning)
    mine = next(one for one in morning.orders() if one.plan_id == morning.plan().id)
    of_another_login(morning, broker_order_id=mine.broker_order_id)
    assert settle(morning.dealer) == 0
    assert morning.shares() == {MIDCO.isin: 100}
    assert morning.alarms() == []
    with morning.desk.store.read() as tx:
        assert ledger.elsewhere(tx) == []


def test_a_fired_gtt_sells_for_the_plan_of_its_own_login_where_two_share_its_id(morning: Morning):
    entered(morning)
    protect(morning.dealer)
    protect(morning.dealer)
    of_another_login(morning, broker_order_id="u-1")
    cover = a_protection(ProtectionStatus.VERIFIED, plan_id="pl9", account_id="lump")
    with morning.desk.store.write() as tx:
        protections.put(tx, replace(cover, gtt_id=morning.cover().gtt_id, verified_at=T0))
    morning.tick("470")
    settle(morning.dealer)
    assert [one.plan_id for one in morning.orders() if one.purpose is Purpose.STOP] == [
        morning.plan().id
    ]


def test_a_fill_is_booked_once_though_it_is_read_again_and_again(morning: Morning):
    entered(morning)
    assert morning.shares() == {MIDCO.isin: 100}
    assert [settle(morning.dealer) for _ in range(3)] == [0, 0, 0]
    assert morning.shares() == {MIDCO.isin: 100}
    assert morning.plan().status is PlanStatus.HOLDING
    [order] = morning.orders()
    assert order.status is OrderStatus.FILLED
    morning.books_are_clean()


def test_cash_pays_shares_and_charges_and_nothing_stays_reserved(morning: Morning):
    entered(morning)
    # 100 x 500.05
    assert morning.cash() == OPENING - rs("50005") - costs(Side.BUY, 100, "500.05")
    assert morning.reserved() == Money(0)


def test_partial_fills_free_their_part_of_the_reservation(morning: Morning):
    entered(morning, size=120)  # a quarter of 120 shown is 30
    held_back = morning.reserved()
    assert morning.shares() == {MIDCO.isin: 30}
    assert morning.order(morning.orders()[0].id).status is OrderStatus.OPEN
    morning.tick("500", size=160)
    assert settle(morning.dealer) == 1
    assert morning.shares() == {MIDCO.isin: 70}
    # 70 were held back and 30 are
    assert morning.reserved().paise * 70 == held_back.paise * 30
    morning.tick("500", size=4_000)
    settle(morning.dealer)
    assert (morning.shares(), morning.reserved()) == ({MIDCO.isin: 100}, Money(0))
    morning.books_are_clean()


def test_the_fills_of_an_order_cost_what_the_order_costs(morning: Morning):
    entered(morning, size=28)  # seven shares at a time
    for _ in range(20):
        morning.tick("500", size=28)
        settle(morning.dealer)
    with morning.desk.store.read() as tx:
        parts = fills.of_plan(tx, morning.plan().id)
    assert len(parts) == 15 and sum(part.qty for part in parts) == 100
    assert charged(morning) == costs(Side.BUY, 100, "500.05")


def test_a_fill_that_comes_after_the_cancel_still_counts(morning: Morning):
    entered(morning, size=120)
    [order] = morning.orders()

    class TellsTheTradeLater:
        """The broker of the morning; the last trade shows one read after the cancel."""

        hidden = True

        def __getattr__(self, name: str) -> object:
            return getattr(morning.broker, name)

        def trades(self) -> list[Fill]:
            told = list(morning.broker.trades())
            return told[:1] if self.hidden else told

    late = TellsTheTradeLater()
    dealer = replace(morning.dealer, sessions={"paper": late})
    morning.tick("500", size=80)
    morning.broker.cancel(order.broker_order_id)
    settle(dealer)
    assert morning.order(order.id).status is OrderStatus.CANCELLED
    assert (morning.shares(), morning.reserved()) == ({MIDCO.isin: 30}, Money(0))
    late.hidden = False
    assert settle(dealer) == 1
    assert morning.order(order.id).status is OrderStatus.CANCELLED
    assert morning.shares() == {MIDCO.isin: 50}
    assert morning.reserved() == Money(0)
    protect(dealer)
    assert (morning.cover().status, morning.cover().qty) == (ProtectionStatus.VERIFIED, 50)
    morning.books_are_clean()


def test_a_late_fill_of_an_abandoned_plan_is_held_and_protected(morning: Morning):
    morning.tick("500", size=0)  # nobody offers; the entry rests
    morning.approve()
    send_prepared(morning.dealer)
    [order] = morning.orders()

    class TellsTheTradeLater:
        """The broker of the morning; its trades show one read after the cancel."""

        hidden = True

        def __getattr__(self, name: str) -> object:
            return getattr(morning.broker, name)

        def trades(self) -> list[Fill]:
            return [] if self.hidden else list(morning.broker.trades())

    late = TellsTheTradeLater()
    dealer = replace(morning.dealer, sessions={"paper": late})
    morning.tick("500", size=80)
    morning.broker.cancel(order.broker_order_id)
    settle(dealer)
    assert morning.plan().status is PlanStatus.ABANDONED
    assert morning.reserved() == Money(0)
    late.hidden = False
    settle(dealer)
    assert morning.shares() == {MIDCO.isin: 20}
    assert morning.reserved() == Money(0)
    assert morning.alarms() == ["MIDCO: a late fill of 20 came after its order had ended"]
    protect(dealer)
    assert (morning.cover().status, morning.cover().qty) == (ProtectionStatus.VERIFIED, 20)
    morning.books_are_clean()


def test_an_entry_that_ends_without_a_fill_frees_its_cash(morning: Morning):
    morning.tick("500", size=0)
    morning.approve()
    send_prepared(morning.dealer)
    [order] = morning.orders()
    assert order.status is OrderStatus.OPEN
    morning.broker.cancel(order.broker_order_id)
    settle(morning.dealer)
    assert morning.order(order.id).status is OrderStatus.CANCELLED
    assert (morning.plan().status, morning.reserved()) == (PlanStatus.ABANDONED, Money(0))
    assert morning.cash() == OPENING


def test_a_trade_of_no_order_of_ours_is_alarmed_once_and_comes_to_no_account(morning: Morning):
    order = replace(
        morning.approve(), id="by-phone", tag="", isin=RELIANCE.isin, symbol="RELIANCE", qty=7
    )
    morning.tick("500", of=RELIANCE)
    morning.broker.paper.place(order)
    assert settle(morning.dealer) == settle(morning.dealer) == 0
    assert morning.alarms() == ["RELIANCE: +7 at ₹500.05 was traded outside the desk"]
    assert morning.shares() == {}


def test_an_order_that_was_given_up_and_traded_all_the_same_counts(morning: Morning):
    class TakesItAndSaysTheSessionIsDead:
        """The broker of the morning; its first placement is taken and denied."""

        def __getattr__(self, name: str) -> object:
            return getattr(morning.broker, name)

        def place(self, order: Order) -> str:
            morning.broker.place(order)
            raise SessionDead("login paper is logged out; log in again")

    order = morning.approve()
    lying = replace(morning.dealer, sessions={"paper": TakesItAndSaysTheSessionIsDead()})
    send_prepared(lying)
    assert morning.order(order.id).status is OrderStatus.REJECTED
    assert (settle(morning.dealer), settle(morning.dealer)) == (1, 0)
    assert morning.order(order.id).broker_order_id == "paper-000001"
    assert (morning.shares(), morning.plan().status) == ({MIDCO.isin: 100}, PlanStatus.HOLDING)
    assert morning.alarms() == ["MIDCO: a late fill of 100 came after its order had ended"]
    assert morning.reserved() == Money(0)
    morning.books_are_clean()


def test_an_order_id_that_the_broker_uses_again_is_not_ours(morning: Morning):
    entered(morning)

    class UsesIdsAgain:
        """The broker of the morning; a trade of another share carries our order's id."""

        def __getattr__(self, name: str) -> object:
            return getattr(morning.broker, name)

        def trades(self) -> list[Fill]:
            [ours] = morning.broker.trades()
            other = replace(ours, trade_id="t99", isin=RELIANCE.isin, symbol="RELIANCE", qty=5)
            return [ours, other]

    dealer = replace(morning.dealer, sessions={"paper": UsesIdsAgain()})
    assert settle(dealer) == settle(dealer) == 0
    assert morning.shares() == {MIDCO.isin: 100}
    assert morning.alarms() == ["RELIANCE: +5 at ₹500.05 was traded outside the desk"]
    morning.books_are_clean()


def test_the_broker_that_cannot_be_read_changes_nothing(morning: Morning):
    morning.approve()
    send_prepared(morning.dealer)
    morning.broker.fail_reads(1)
    with pytest.raises(SourceFailed):
        settle(morning.dealer)
    assert morning.shares() == {}
    assert settle(morning.dealer) == 1


@pytest.mark.parametrize(
    ("ltp", "sold_at", "purpose", "outcome"),
    [("479", "478.95", Purpose.STOP, "stop"), ("541", "540.95", Purpose.TARGET, "target")],
)
def test_a_fired_broker_stop_is_booked_to_its_plan_and_ends_it(
    morning: Morning, ltp: str, sold_at: str, purpose: Purpose, outcome: str
):
    entered(morning)
    protect(morning.dealer)
    morning.tick(ltp)
    assert settle(morning.dealer) == 1
    child = morning.orders()[0]
    assert (child.purpose, child.status, child.qty) == (purpose, OrderStatus.FILLED, 100)
    assert morning.plan().status is PlanStatus.CLOSED
    assert morning.shares() == {}
    # sold 100 at the bid; the profit is before charges, a credit stands negative
    assert morning.cash(REALISED) == -(rs(sold_at) - rs("500.05")) * 100
    with morning.desk.store.read() as tx:
        belief = hypotheses.by_card(tx, "cd1")
    assert belief is not None
    gross = (rs(sold_at) - rs("500.05")) * 100
    costs_of_all = charged(morning) + charged(morning, TransactionKind.CHARGES)
    assert (belief.outcome, belief.pnl) == (outcome, gross - costs_of_all)
    protect(morning.dealer)
    assert morning.cover().status is ProtectionStatus.RELEASED
    assert [gtt for gtt in morning.broker.gtts() if gtt.active] == []
    morning.books_are_clean()


def test_a_fired_stop_that_fills_in_parts_is_followed_to_its_end(morning: Morning):
    entered(morning)
    protect(morning.dealer)
    morning.tick("479", bid_qty=160)  # forty of them are ours
    settle(morning.dealer)
    assert morning.shares() == {MIDCO.isin: 60}
    assert morning.plan().status is PlanStatus.HOLDING
    morning.tick("479", bid_qty=4_000)
    settle(morning.dealer)
    assert (morning.shares(), morning.plan().status) == ({}, PlanStatus.CLOSED)
    assert morning.orders()[0].status is OrderStatus.FILLED
    protect(morning.dealer)
    assert morning.broker.holdings() == {}


def test_a_day_of_sales_of_one_share_pays_one_depository_charge(morning: Morning):
    entered(morning)
    fee = dp_charge(schedule(), broker=Broker.PAPER, on=ist_day(T0))
    assert charged(morning, TransactionKind.CHARGES) == Money(0)
    for round_number in (1, 2):
        if round_number == 2:
            morning.tick("500")
            morning.approve(morning.put(a_card(morning.clock, id="cd2")))
            send_prepared(morning.dealer)
            settle(morning.dealer)
        plan = morning.plan(f"cd{round_number}")
        exit_position(morning.desk, plan.id, reason="enough", by="me")
        assert work_exits(morning.dealer) == 1
        send_prepared(morning.dealer)
        settle(morning.dealer)
        assert morning.shares() == {}
        assert charged(morning, TransactionKind.CHARGES) == fee
    morning.books_are_clean()


def test_what_a_round_trip_leaves_is_price_less_charges(morning: Morning):
    entered(morning)
    exit_position(morning.desk, morning.plan().id, reason="enough", by="me")
    morning.tick("520")
    work_exits(morning.dealer)
    send_prepared(morning.dealer)
    settle(morning.dealer)
    fee = dp_charge(schedule(), broker=Broker.PAPER, on=ist_day(T0))
    # bought 100 at 500.05 and sold 100 at 519.95
    paid = costs(Side.BUY, 100, "500.05") + costs(Side.SELL, 100, "519.95") + fee
    assert morning.cash() == OPENING + rs("1990") - paid
    with morning.desk.store.read() as tx:
        belief = hypotheses.by_card(tx, "cd1")
    assert belief is not None and belief.outcome == "other"
