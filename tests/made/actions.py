"""Corporate actions and factors that are in order; RELIANCE's bonus of 1:1 unless told."""

from __future__ import annotations

from datetime import date

from core.domain.action import (
    ActionKind,
    ActionStatus,
    CorporateAction,
    Factor,
    action_id,
    known_by_ex_date,
)
from tests.made.market import RELIANCE

EX = date(2026, 11, 19)


def an_action(**changes: object) -> CorporateAction:
    """A bonus of 1:1 of RELIANCE, ex 19 Nov 2026, told by NSE."""
    fields: dict[str, object] = {
        "isin": RELIANCE.isin,
        "symbol": "RELIANCE",
        "ex_date": EX,
        "kind": ActionKind.BONUS,
        "new": 1,
        "old": 1,
        "amount": None,
        "subject": "Bonus 1:1",
        "source": "NSE",
        "status": ActionStatus.CONFIRMED,
    }
    fields |= changes
    names = ("isin", "ex_date", "kind", "source", "subject")
    fields.setdefault("id", action_id(*(fields[name] for name in names)))
    fields.setdefault("known_at", known_by_ex_date(fields["ex_date"]))
    return CorporateAction(**fields)


def a_factor(**changes: object) -> Factor:
    """Two for one of RELIANCE, ex 19 Nov 2026."""
    fields: dict[str, object] = {
        "isin": RELIANCE.isin,
        "ex_date": EX,
        "divisor": 2.0,
        "kind": ActionKind.BONUS,
        "source": "NSE",
    }
    fields |= changes
    fields.setdefault("known_at", known_by_ex_date(fields["ex_date"]))
    return Factor(**fields)
