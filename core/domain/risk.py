"""Kill levels and what the risk loop saw.

PAUSE lets no entry through, REDUCE lets only exits through, HALT also cancels working entries
and keeps stops, FLATTEN is typed by a person, sells what is held and buys back what is short.
Levels persist, survive a restart and never lift themselves; the stricter of desk and account holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from core.domain.money import Money

DESK = "desk"


class KillLevel(IntEnum):
    """How much of the desk is stopped; a higher one includes the lower."""

    NORMAL = 0
    PAUSE = 1
    REDUCE = 2
    HALT = 3
    FLATTEN = 4

    @property
    def allows_entries(self) -> bool:
        """Whether an order that adds exposure may be sent."""
        return self is KillLevel.NORMAL


@dataclass(frozen=True, slots=True)
class KillSwitch:
    """The level that stands for the desk or for one account."""

    scope: str
    level: KillLevel
    reason: str
    set_by: str
    set_at: datetime


@dataclass(frozen=True, slots=True)
class Breach:
    """One limit crossed: value and limit are fractions."""

    name: str
    value: float
    limit: float
    level: KillLevel
    sentence: str


@dataclass(frozen=True, slots=True)
class RiskSnapshot:
    """One look at one account, or at the desk when `scope` is `desk`.

    Exposures are fractions of equity, drawdown is zero or negative, `vol` is per year.
    """

    scope: str
    at: datetime
    equity: Money
    cash: Money
    invested: Money
    at_risk: Money
    day_pnl: Money
    total_pnl: Money
    day_return: float
    drawdown: float
    gross_exposure: float
    vol: float
    sectors: tuple[tuple[str, float], ...]
    unprotected: int
    level: KillLevel
    breaches: tuple[Breach, ...]
