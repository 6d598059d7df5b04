"""Parts of a lump sum and what lets them go: pure rules over closes, days and firings.

A tranche is known by its terms and not by its place, so that a plan saved again with another line
keeps what fired, and one whose terms changed waits anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.domain.account import Firing, FundingPlan, Tranche
from core.domain.money import ZERO, Money

EXACTLY = 1e-9  # a fall of the level itself fires, whatever its last binary digit


class TrancheStatus(StrEnum):
    """Triggered means that it may go once its money came; released, that it may go now."""

    WAITING = "waiting"
    TRIGGERED = "triggered"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class TrancheState:
    """One tranche with what became of it; `free` is how much of it has come and may go."""

    number: int
    id: str
    tranche: Tranche
    status: TrancheStatus
    firing: Firing | None
    free: Money


@dataclass(frozen=True, slots=True)
class Closes:
    """Closing levels of one index, oldest first."""

    name: str
    days: tuple[date, ...]
    levels: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Fall:
    """The first close so far under the highest before it; `depth` is a positive fraction."""

    day: date
    level: float
    peak: float
    peak_day: date
    depth: float


def tranche_ids(plan: FundingPlan) -> tuple[str, ...]:
    """What each tranche of a plan is known by, in their order."""
    found: list[str] = []
    for at, one in enumerate(plan.tranches):
        alike = plan.tranches[:at].count(one) + 1  # equal ones are told apart by their order
        found.append(_id(plan, alike, one))
    return tuple(found)


def tranche_states(
    plan: FundingPlan, firings: Sequence[Firing], *, lump_in: Money
) -> tuple[TrancheState, ...]:
    """Every tranche in its order; money that came frees those that fired, oldest firing first."""
    known = {one.tranche_id: one for one in firings}
    ids = tranche_ids(plan)
    fired = [
        (known[name].fired_at, number, name)
        for number, name in enumerate(ids, start=1)
        if name in known
    ]
    left, free = lump_in, dict.fromkeys(ids, ZERO)
    for _, number, name in sorted(fired):
        free[name] = min(left, plan.tranches[number - 1].amount)
        left -= free[name]
    return tuple(
        TrancheState(
            number=number,
            id=name,
            tranche=one,
            status=_status(one, known.get(name), free[name]),
            firing=known.get(name),
            free=free[name],
        )
        for number, (name, one) in enumerate(zip(ids, plan.tranches, strict=True), start=1)
    )


def held_back(states: Sequence[TrancheState], *, lump_in: Money) -> Money:
    """Money that came for tranches not released yet; ₹0 for a plan without tranches."""
    if not states:
        return ZERO
    return max(ZERO, lump_in - Money(sum(one.free.paise for one in states)))


def first_fall(closes: Closes, *, fall: float) -> Fall | None:
    """The first close that lies a fall under the highest close before it; None so far.

    Args:
        closes: levels from the plan's start on.
        fall: a positive fraction of the highest close; exactly so much counts.
    """
    peak, peak_day = 0.0, date.min
    for day, level in zip(closes.days, closes.levels, strict=True):
        if level > peak:
            peak, peak_day = level, day
        elif level <= peak * (1.0 - fall + EXACTLY):
            return Fall(day, level, peak, peak_day, 1.0 - level / peak)
    return None


def fall_now(closes: Closes) -> float:
    """How far the last close lies under the highest one, a positive fraction; 0 for no closes."""
    return 1.0 - closes.levels[-1] / max(closes.levels) if closes.levels else 0.0


def has_fallen(drawdown: float, *, fall: float) -> bool:
    """Whether a drawdown, zero or negative, is at a fall or under it."""
    return -drawdown >= fall - EXACTLY


def _status(tranche: Tranche, firing: Firing | None, free: Money) -> TrancheStatus:
    if firing is None:
        return TrancheStatus.WAITING
    return TrancheStatus.RELEASED if free == tranche.amount else TrancheStatus.TRIGGERED


def _id(plan: FundingPlan, alike: int, one: Tranche) -> str:
    terms = (
        plan.account_id, plan.starts_on, alike, one.amount.paise, one.trigger, one.on, one.fall,
        one.event_type,
    )  # fmt: skip
    return "tr" + hashlib.sha256("\x1f".join(map(str, terms)).encode()).hexdigest()[:14]
