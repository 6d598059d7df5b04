"""Keep the factors of a list so that no event counts twice and nobody is asked what is known."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session

from core.domain.action import ActionStatus, Factor
from core.market.adjust import NEAR_DAYS, Merged, merged
from core.store import actions, factors


def keep_factors(tx: Session, coming: Sequence[Factor]) -> Merged:
    """Store what is new among confirmed factors; a suggestion they explain is taken back."""
    there = factors.all_factors(tx, isins=sorted({one.isin for one in coming}))
    found = merged(there, coming)
    for one in found.new:
        _settle_suggestions(tx, one)
    factors.put(tx, found.new)
    return found


def _settle_suggestions(tx: Session, told: Factor) -> None:
    for one in factors.all_factors(tx, isins=[told.isin]):
        near = abs((one.ex_date - told.ex_date).days) <= NEAR_DAYS
        if near and one.status is not ActionStatus.CONFIRMED:
            factors.drop(tx, one.isin, one.ex_date, one.kind)
    for action in actions.of_isins(tx, [told.isin]):
        near = abs((action.ex_date - told.ex_date).days) <= NEAR_DAYS
        if near and action.status is ActionStatus.INFERRED:
            actions.decide(tx, action.id, ActionStatus.REFUSED)
