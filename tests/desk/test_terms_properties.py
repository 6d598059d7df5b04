"""Whatever is bought, sold, split, paid or restarted: books at zero, cost kept, counts equal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.desk.apply_action import apply_action
from core.desk.dividends import accrue, take_in
from core.desk.exit import exit_position
from core.desk.reconcile import reconcile
from core.domain.account import Market
from core.domain.action import ActionKind, share_ratio
from core.domain.money import Money
from core.domain.plan import PlanStatus
from core.store import actions, ledger, plans, reconciliations
from core.store.engine import open_store
from tests.desk.morning import ACCOUNT, Morning, a_card, morning_on
from tests.desk.test_apply_action import agrees, an_action, cost, work
from tests.made import MIDCO, rs

MOVES = st.sampled_from(["buy", "sell", "split", "bonus", "consolidation", "dividend", "restart"])
SHAPES = {
    "split": (ActionKind.SPLIT, 2, 1),
    "bonus": (ActionKind.BONUS, 1, 2),
    "consolidation": (ActionKind.CONSOLIDATION, 1, 3),
}
FLAT = Money(50_000)  # the price while nothing is held, at which a card can be bought


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@example(moves=["bonus", "dividend", "split", "restart", "consolidation", "sell"])
@given(moves=st.lists(MOVES, min_size=2, max_size=6))
def test_books_and_broker_agree_after_every_move(moves: list[str]):
    with TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/munim.db", Market.SIM, seed=42)
        try:
            morning = morning_on(store, Path(folder))
            day, price = date(2026, 11, 23), FLAT
            for number, move in enumerate(["buy", *moves]):
                day = morning.desk.calendar.next_session(day) if number else day
                begin(morning, day)
                price = price if morning.shares() else FLAT
                price = step(morning, move, number, day, price)
                reconcile(morning.dealer)
                agrees(morning)
                with store.read() as tx:
                    assert reconciliations.of_login(tx, "paper").mismatches == ()
        finally:
            store.close()


def begin(morning: Morning, day: date) -> None:
    morning.clock.move_to(datetime(day.year, day.month, day.day, 3, 44, tzinfo=UTC))


def opened(morning: Morning, day: date, price: Money) -> None:
    morning.clock.move_to(datetime(day.year, day.month, day.day, 5, 0, tzinfo=UTC))
    said = str(price.in_rupees)
    morning.tick(said, prev_close=said)
    work(morning)


def step(morning: Morning, move: str, number: int, day: date, price: Money) -> Money:
    if move in SHAPES:
        return change_terms(morning, move, number, day, price)
    if move == "dividend":
        paid = an_action(ActionKind.DIVIDEND, 0, 0, on=day, name=f"ca-{number}")
        paid = replace(paid, amount=rs("2.35"))
        with morning.desk.store.write() as tx:
            actions.put(tx, paid)
        morning.broker.paper.go_ex(paid, base=price, pays_on=day + timedelta(days=1))
    opened(morning, day, price)
    if move == "buy" and not morning.shares():
        card = a_card(morning.clock, id=f"cd{number}")
        morning.approve(morning.put(card))
    elif move == "sell":
        with morning.desk.store.read() as tx:
            holding = plans.with_status(tx, PlanStatus.HOLDING)
        for plan in holding:
            exit_position(morning.desk, plan.id, reason="sold", by="me")
    elif move == "restart":
        morning.broker.paper._exchange = morning.broker.paper._rebuilt()
        morning.tick(str(price.in_rupees), prev_close=str(price.in_rupees))
    work(morning)
    accrue(morning.desk)
    take_in(morning.desk, "paper", morning.broker.paper.payments())
    return price


def change_terms(morning: Morning, move: str, number: int, day: date, price: Money) -> Money:
    """An ex-date that was held through, and a person's yes where anything was held."""
    kind, new, old = SHAPES[move]
    action = an_action(kind, new, old, on=day, name=f"ca-{number}")
    held, before = morning.shares().get(MIDCO.isin, 0), cost(morning)
    with morning.desk.store.write() as tx:
        actions.put(tx, action)
    ratio = share_ratio(action) or Fraction(1)
    price = Money(price.paise * ratio.denominator // ratio.numerator // 500 * 500)
    morning.broker.paper.go_ex(action, base=price, pays_on=day)
    opened(morning, day, price)
    reconcile(morning.dealer)
    if not held:
        return price
    done = apply_action(morning.desk, action.id, by="me")
    assert done.accounts == 1
    whole = held * ratio.numerator // ratio.denominator
    assert morning.shares().get(MIDCO.isin, 0) == whole
    assert cost(morning) == (before if whole else Money(0))
    free = morning.cash()
    take_in(morning.desk, "paper", morning.broker.paper.payments())
    left = held * ratio - whole
    assert morning.cash() - free >= Money(price.paise * left.numerator // left.denominator)
    work(morning)
    with morning.desk.store.read() as tx:
        assert ledger.balance(tx, ACCOUNT.id, "spun off:" + MIDCO.isin) == Money(0)
    assert not whole or morning.cover(plan_card(morning)).covers == whole
    return price


def plan_card(morning: Morning) -> str:
    """The card of the one plan that holds."""
    with morning.desk.store.read() as tx:
        [plan] = plans.with_status(tx, PlanStatus.HOLDING)
    return plan.card_id
