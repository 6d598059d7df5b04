"""Corporate actions: what a company did to its shares, and what that does to old prices.

`new` and `old` are the ratio in the exchange's own order: a bonus or rights issue of 1:2 gives 1
new share for 2 held, a split of Rs 10 to Rs 2 makes 5 new shares of 1 old one, and a
consolidation makes 1 of 10. A dividend changes no share count, so it has an amount and never a
place in a split-adjusted price.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum
from fractions import Fraction

from core.domain.clock import IST
from core.domain.money import Money


class ActionKind(StrEnum):
    """OTHER is everything that leaves the share count and the old prices as they are."""

    SPLIT = "SPLIT"
    BONUS = "BONUS"
    RIGHTS = "RIGHTS"
    DEMERGER = "DEMERGER"
    DIVIDEND = "DIVIDEND"
    CONSOLIDATION = "CONSOLIDATION"
    OTHER = "OTHER"


class ActionStatus(StrEnum):
    """INFERRED waits for a person; only CONFIRMED changes a price."""

    CONFIRMED = "CONFIRMED"
    INFERRED = "INFERRED"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class CorporateAction:
    """One action of one company, as a list said it or as a price break suggests it.

    `amount` is per share: rupees paid out for a dividend, the issue price for rights. A ratio of
    0:0 and an amount of None were not said. `known_at` is when the market could know, not when
    somebody here clicked.
    """

    id: str
    isin: str
    symbol: str
    ex_date: date
    kind: ActionKind
    new: int
    old: int
    amount: Money | None
    subject: str
    source: str
    known_at: datetime
    status: ActionStatus

    def __post_init__(self) -> None:
        if self.known_at.tzinfo is None:
            raise ValueError(f"action {self.id} needs a time with a zone")
        if self.new < 0 or self.old < 0 or (self.new == 0) != (self.old == 0):
            raise ValueError(f"action {self.id} has the ratio {self.new}:{self.old}")
        if self.amount is not None and self.amount.paise < 0:
            raise ValueError(f"action {self.id} has the amount {self.amount}")

    @property
    def has_ratio(self) -> bool:
        """Whether the list said how many shares."""
        return self.new > 0


RATIO_KINDS = frozenset({ActionKind.SPLIT, ActionKind.BONUS, ActionKind.CONSOLIDATION})
MOVING = RATIO_KINDS | {ActionKind.RIGHTS, ActionKind.DEMERGER}  # old prices change their terms


def share_ratio(action: CorporateAction) -> Fraction | None:
    """New shares for one old one; None where the count stays or the list said no ratio.

    A bonus of 1:2 makes 3/2, a split of 10 to 2 makes 5, a consolidation of 10 into 1 makes 1/10.
    """
    if action.kind not in RATIO_KINDS or not action.has_ratio:
        return None
    ratio = Fraction(action.new, action.old)
    return 1 + ratio if action.kind is ActionKind.BONUS else ratio


def share_ratio_of_demerger(action: CorporateAction) -> Fraction | None:
    """Shares of the new company for one of the parent; None where the list said no ratio."""
    return Fraction(action.new, action.old) if action.has_ratio else None


def in_words(action: CorporateAction) -> str:
    """`split 5:1` or `bonus 1:2`, as a sentence names it."""
    ratio = f" {action.new}:{action.old}" if action.has_ratio else ""
    return f"{action.kind.value.lower()}{ratio}"


@dataclass(frozen=True, slots=True)
class Factor:
    """Prices before `ex_date` are divided by `divisor`, and volumes multiplied by it."""

    isin: str
    ex_date: date
    divisor: float
    kind: ActionKind
    source: str
    known_at: datetime
    status: ActionStatus = ActionStatus.CONFIRMED

    def __post_init__(self) -> None:
        if not (math.isfinite(self.divisor) and self.divisor > 0):
            raise ValueError(f"{self.isin} {self.ex_date}: a divisor of {self.divisor}")
        if self.known_at.tzinfo is None:
            raise ValueError(f"{self.isin} {self.ex_date}: known_at needs a time zone")


@dataclass(frozen=True, slots=True)
class ShareChange:
    """Shares that an action put beside (or took from, below zero) the fills of one plan."""

    action_id: str
    plan_id: str
    account_id: str
    isin: str
    qty: int
    at: datetime
    words: str


def known_by_ex_date(ex_date: date) -> datetime:
    """The latest moment at which a listed action is public: as its ex-date begins in India."""
    return datetime.combine(ex_date, time(), IST).astimezone(UTC)


def action_id(isin: str, ex_date: date, kind: ActionKind, source: str, subject: str) -> str:
    """The same action read twice from one source has the same id."""
    said = "|".join((isin, ex_date.isoformat(), kind, source, " ".join(subject.split()).lower()))
    return "ca" + hashlib.sha256(said.encode()).hexdigest()[:14]
