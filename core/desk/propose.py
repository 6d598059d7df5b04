"""What a position becomes when its share went ex: before and after, for a person to look at.

Shares are parted by what the broker counts: the whole of a login over its accounts, the whole of
an account over its plans, the largest fractions first. Cost stays to the paisa. Stop and target
move with the ratio, down to the tick. For a demerger a person says how the cost is split, in
percent, and prices move by the same split; for rights, which the desk never takes up, prices move
by the divisor that the list's issue price gave.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.explained import accounts_of, has_arrived
from core.desk.settle import HOLDERS, filled_qty
from core.desk.share_terms import Unbooked, expected, unbooked
from core.desk.unknown import shares_of
from core.domain.action import ActionKind, ActionStatus, CorporateAction
from core.domain.allocation import Bracket
from core.domain.clock import ist_day
from core.domain.instrument import snap
from core.domain.ledger import Position
from core.domain.money import ZERO, Money
from core.domain.plan import Plan
from core.domain.ticks import tick_now
from core.domain.words import ist_time
from core.errors import BadInput
from core.store import accounts, actions, factors, ledger, plans, quotes, reconciliations
from core.treasury.post import cost_of
from core.treasury.terms import allot

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Split:
    """How the cost of a demerged share is parted, in percent that sum to 100."""

    keeps: Decimal
    leaves: Decimal

    def __post_init__(self) -> None:
        if self.keeps <= 0 or self.leaves < 0 or self.keeps + self.leaves != HUNDRED:
            raise BadInput(
                f"the cost is split {self.keeps} % and {self.leaves} %, which is no split of "
                "100 %; the company's notice has both numbers"
            )


@dataclass(frozen=True, slots=True)
class PlanChange:
    """One plan before and after; `qty` are signed shares."""

    plan: Plan
    qty: int
    new_qty: int
    bracket: Bracket
    tick: Money


@dataclass(frozen=True, slots=True)
class AccountChange:
    """One account's position before and after; `cost` is of the old shares and stays."""

    account_id: str
    name: str
    qty: int
    new_qty: int
    cost: Money
    leaves: Money
    plans: tuple[PlanChange, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What confirming an action would do; `why_not` says why it cannot be confirmed now."""

    action: CorporateAction
    divisor: Fraction
    changes: tuple[AccountChange, ...]
    why_not: str


def proposals(desk: Desk) -> list[Proposal]:
    """Every action that waits for a person, oldest first."""
    today = ist_day(desk.clock.now())
    with desk.store.read() as tx:
        held = {one.isin for one in (*ledger.positions(tx), *ledger.elsewhere(tx))}
        return [proposal(tx, one, split=None) for one in unbooked(tx, sorted(held), until=today)]


def proposal_of(desk: Desk, tx: Session, action_id: str, *, split: Split | None) -> Proposal:
    """What confirming one action would do; raises BadInput when it waits for nobody."""
    action = actions.by_id(tx, action_id)
    today = ist_day(desk.clock.now())
    for one in unbooked(tx, [action.isin], until=today):
        if one.action.id == action_id:
            return proposal(tx, one, split=split)
        raise BadInput(
            f"{action.symbol} went ex before, by action {one.action.id}; confirm that one first"
        )
    if action.status is not ActionStatus.CONFIRMED:
        raise BadInput(f"action {action_id} is {action.status}; accept it first")
    raise BadInput(
        f"no share of {action.symbol} was held through {action.ex_date}, or action {action_id} is "
        "in the books already"
    )


def proposal(tx: Session, waiting: Unbooked, *, split: Split | None) -> Proposal:
    """Before and after of one action over every login."""
    action = waiting.action
    found: list[AccountChange] = []
    names = {one.id: one.name for one in accounts.accounts(tx)}
    try:
        divisor = _divisor(tx, action, split)
        for login in accounts.logins(tx):
            found += _of_login(tx, waiting, login.id, divisor, split, names)
        why_not = "" if found else f"no login holds {action.symbol}"
        why_not = why_not or _no_price_yet(tx, action)
    except BadInput as reason:
        return Proposal(action, Fraction(1), (), str(reason))
    return Proposal(action, divisor, tuple(found), why_not)


def _divisor(tx: Session, action: CorporateAction, split: Split | None) -> Fraction:
    """What prices are divided by; raises BadInput where a person has to say more."""
    if action.kind is ActionKind.DEMERGER:
        if split is None:
            raise BadInput(
                f"{action.symbol} demerged: say how its cost is split, in percent, with --keeps "
                "and --leaves; the company's notice has both"
            )
        return 100 / Fraction(split.keeps)
    if split is not None:
        raise BadInput(f"{action.symbol}: only the cost of a demerger is split, not of a "
                       f"{action.kind.value.lower()}")  # fmt: skip
    if action.kind is ActionKind.RIGHTS:
        known = factors.all_factors(tx, isins=[action.isin])
        mine = [one for one in known if (one.ex_date, one.kind) == (action.ex_date, action.kind)]
        if not mine:
            raise BadInput(
                f"{action.symbol}: what the rights of {action.ex_date} were worth is not known, so "
                "its stop cannot be moved; sell by hand, or import a list with the issue price"
            )
        return Fraction(mine[0].divisor).limit_denominator(10**6)
    if not action.has_ratio:
        raise BadInput(
            f"{action.symbol}: the list gave no ratio for its {action.kind.value.lower()}; "
            "sell by hand, or import a list that says it"
        )
    return Unbooked(action, {}).ratio


def _of_login(
    tx: Session,
    waiting: Unbooked,
    login_id: str,
    divisor: Fraction,
    split: Split | None,
    names: Mapping[str, str],
) -> list[AccountChange]:
    action = waiting.action
    mine = {name: old for name, old in waiting.old.items() if name in accounts_of(tx, login_id)}
    if not mine:
        return []
    books = shares_of(tx, login_id)
    whole = _arrived(tx, waiting, login_id, mine, books)
    new = allot({name: old * waiting.ratio for name, old in mine.items()}, whole)
    costs = {name: _cost(tx, name, action.isin, old) for name, old in mine.items()}
    leaves = Decimal(0) if split is None else split.leaves / HUNDRED
    return [
        AccountChange(
            account_id=name,
            name=names.get(name, "done elsewhere"),
            qty=old,
            new_qty=new[name],
            cost=costs[name],
            leaves=costs[name].times(leaves) if leaves else ZERO,
            plans=_plans(tx, waiting, name, new[name], divisor),
        )
        for name, old in sorted(mine.items())
    ]


def _arrived(
    tx: Session,
    waiting: Unbooked,
    login_id: str,
    old: Mapping[str, int],
    books: Mapping[str, int],
) -> int:
    """New shares of a login as its broker counts them; raises BadInput until they are there."""
    action = waiting.action
    exact = expected([waiting], list(old), books)[action.isin]
    seen = reconciliations.of_login(tx, login_id)
    rows = [] if seen is None else [one for one in seen.explained if one.isin == action.isin]
    if seen is None or not rows:
        raise BadInput(
            f"{action.symbol}: the broker of login {login_id} was not read since the ex-date, or "
            f"its count is not what {float(exact):g} shares would be; see Broker against books"
        )
    counts = rows[0].broker_qty
    if not has_arrived(exact, counts):
        raise BadInput(
            f"{action.symbol}: the broker counts {counts} and {float(exact):g} are to come, as of "
            f"{ist_time(seen.at)}; confirm when they are credited"
        )
    return counts - (books.get(action.isin, 0) - sum(old.values()))


def _no_price_yet(tx: Session, action: CorporateAction) -> str:
    quote = quotes.last(tx, action.isin)
    if quote is not None and ist_day(quote.at) >= action.ex_date:
        return ""
    return f"{action.symbol} has no price in new terms yet; confirm after it opened"


def _cost(tx: Session, account_id: str, isin: str, old: int) -> Money:
    held = next(
        (one for one in ledger.positions(tx, account_id) if one.isin == isin),
        Position(account_id, isin, 0, ZERO),
    )
    return held.cost if held.qty == old else cost_of(held, old)


def _plans(
    tx: Session, waiting: Unbooked, account_id: str, whole: int, divisor: Fraction
) -> tuple[PlanChange, ...]:
    action = waiting.action
    live = {
        plan.id: plan
        for plan in plans.with_status(tx, *HOLDERS)
        if (plan.account_id, plan.isin) == (account_id, action.isin)
        and ist_day(plan.opened_at) < action.ex_date
    }
    held = {name: filled_qty(tx, name) for name in live}
    exact = {name: shares * waiting.ratio for name, shares in held.items()}
    floors = sum(part.numerator // part.denominator for part in exact.values())
    fits = sum(held.values()) == waiting.old[account_id]
    new = allot(exact, whole if fits else floors) if exact else {}
    quote = quotes.last(tx, action.isin)
    tick = tick_now(quote) if quote is not None else Money(1)
    return tuple(
        PlanChange(
            plan=live[name],
            qty=held[name],
            new_qty=new[name],
            bracket=moved(live[name].bracket, divisor, tick=tick),
            tick=tick,
        )
        for name in sorted(live)
    )


def moved(bracket: Bracket, divisor: Fraction, *, tick: Money) -> Bracket:
    """A bracket in new terms, each price at or below on the tick and at least one tick."""
    return replace(
        bracket,
        **{
            name: max(tick, snap(divided(getattr(bracket, name), divisor), tick, up=False))
            for name in ("entry_low", "entry_high", "stop", "target", "trail", "trail_from")
        },
    )


def divided(price: Money, divisor: Fraction) -> Money:
    """A price in new terms, rounded down to the paisa."""
    return Money(price.paise * divisor.denominator // divisor.numerator)
