"""What becomes of each plan in a share that went ex: its shares, its prices, its name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from sqlmodel import Session

from core.desk.booked import HOLDERS
from core.desk.share_terms import Unbooked, ex_moment
from core.domain.allocation import Bracket
from core.domain.clock import ist_day
from core.domain.instrument import snap
from core.domain.money import Money
from core.domain.plan import Plan
from core.domain.quote import Quote
from core.domain.ticks import tick_now
from core.store import actions, fills, orders, plans
from core.treasury.terms import allot


@dataclass(frozen=True, slots=True)
class NewTerms:
    """An action that waits, what prices are divided by, and the last price in new terms."""

    waiting: Unbooked
    divisor: Fraction
    quote: Quote | None


@dataclass(frozen=True, slots=True)
class PlanChange:
    """One plan before and after; `qty` are signed shares, those traded since included."""

    plan: Plan
    qty: int
    new_qty: int
    bracket: Bracket
    tick: Money


def plan_changes(
    tx: Session, terms: NewTerms, account_id: str, whole: int
) -> tuple[PlanChange, ...]:
    """Every plan of an account that held through the ex-date; `whole` are its new shares."""
    waiting = terms.waiting
    held = {plan.id: plan for plan in _held_through(tx, waiting, account_id)}
    if not held:
        return ()
    moment = ex_moment(waiting.action.ex_date)
    old: dict[str, int] = {}
    since: dict[str, int] = {}
    for name in held:
        done = fills.of_plan(tx, name)
        since[name] = sum(fill.qty for fill in done if fill.traded_at >= moment)
        changed = sum(one.qty for one in actions.changes_of_plan(tx, name))
        old[name] = changed + sum(fill.qty for fill in done) - since[name]
    exact = {name: shares * waiting.ratio for name, shares in old.items()}
    floors = sum(part.numerator // part.denominator for part in exact.values())
    fits = sum(old.values()) == waiting.old[account_id]
    new = allot(exact, whole if fits else floors)
    tick = Money(1) if terms.quote is None else tick_now(terms.quote)
    return tuple(
        PlanChange(
            plan=held[name],
            qty=old[name] + since[name],
            new_qty=new[name] + since[name],
            bracket=moved(held[name].bracket, terms.divisor, tick=tick),
            tick=tick,
        )
        for name in sorted(held)
    )


def _held_through(tx: Session, waiting: Unbooked, account_id: str) -> list[Plan]:
    """Plans opened before the ex-date that hold, or that sold old counts of new shares since."""
    moment = ex_moment(waiting.action.ex_date)
    sold = {
        orders.by_id(tx, fill.order_id).plan_id
        for fill in fills.since(tx, moment)
        if (fill.account_id, fill.isin) == (account_id, waiting.isin) and fill.qty < 0
    }
    live = plans.with_status(tx, *HOLDERS)
    ended = [plans.by_id(tx, name) for name in sorted(sold - {plan.id for plan in live})]
    return [
        plan
        for plan in (*live, *ended)
        if (plan.account_id, plan.isin) == (account_id, waiting.isin)
        and ist_day(plan.opened_at) < waiting.action.ex_date
    ]


def moved(bracket: Bracket, divisor: Fraction, *, tick: Money) -> Bracket:
    """A bracket in new terms, each price at or below on the tick and at least one tick."""

    def turned(price: Money) -> Money:
        return max(tick, snap(divided(price, divisor), tick, up=False))

    return replace(
        bracket,
        entry_low=turned(bracket.entry_low),
        entry_high=turned(bracket.entry_high),
        stop=turned(bracket.stop),
        target=turned(bracket.target),
        trail=turned(bracket.trail),
        trail_from=turned(bracket.trail_from),
    )


def divided(price: Money, divisor: Fraction) -> Money:
    """A price in new terms, rounded down to the paisa."""
    return Money(price.paise * divisor.denominator // divisor.numerator)
