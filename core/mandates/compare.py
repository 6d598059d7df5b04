"""Two mandates side by side: which rules differ, and what a change means in rupees."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from core.domain.mandate import Mandate
from core.domain.money import Money

NOT_RULES = frozenset({"account_id", "version", "signed_at"})
OF_EQUITY = frozenset(
    {
        "position_weight_max",
        "sector_weight_max",
        "gross_exposure_max",
        "risk_per_trade_max",
        "daily_loss_max",
        "drawdown_max",
    }
)


@dataclass(frozen=True, slots=True)
class Change:
    """One rule that differs; `name` is its field."""

    name: str
    before: Any
    after: Any


def changes(before: Mandate, after: Mandate) -> tuple[Change, ...]:
    """The rules that differ, in the order a mandate holds them; none for equal rules."""
    found = (
        Change(field.name, getattr(before, field.name), getattr(after, field.name))
        for field in fields(Mandate)
        if field.name not in NOT_RULES
    )
    return tuple(one for one in found if one.before != one.after)


def worth(name: str, value: Any, equity: Money) -> Money | None:
    """A fraction of equity in rupees, rounded to the paisa; None for any other rule."""
    return Money(round(equity.paise * float(value))) if name in OF_EQUITY else None
