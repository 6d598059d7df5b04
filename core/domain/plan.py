"""What one approval authorises: an entry, its protection and its exits, and nothing more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from core.domain.allocation import Bracket
from core.domain.order import Product, Side
from core.errors import IllegalTransition


class PlanStatus(StrEnum):
    """How far a plan has got."""

    ENTERING = "ENTERING"
    HOLDING = "HOLDING"
    EXITING = "EXITING"
    CLOSED = "CLOSED"
    ABANDONED = "ABANDONED"


L = PlanStatus
NEXT: dict[PlanStatus, frozenset[PlanStatus]] = {
    L.ENTERING: frozenset({L.HOLDING, L.EXITING, L.ABANDONED}),
    L.HOLDING: frozenset({L.EXITING, L.CLOSED}),
    L.EXITING: frozenset({L.CLOSED, L.HOLDING}),  # an exit that died leaves shares to protect
    # an entry's fill may come after its cancel; the shares are held, whatever the plan said
    **dict.fromkeys((L.CLOSED, L.ABANDONED), frozenset({L.HOLDING})),
}
ENDED = frozenset({L.CLOSED, L.ABANDONED})


@dataclass(frozen=True, slots=True)
class Plan:
    """One approved trade from first order to last share sold."""

    id: str
    card_id: str
    approval_id: str
    account_id: str
    login_id: str
    isin: str
    symbol: str
    side: Side
    qty: int
    product: Product
    bracket: Bracket
    time_exit_on: date
    status: PlanStatus
    opened_at: datetime
    reason: str = ""
    version: int = 1


def advance(plan: Plan, to: PlanStatus, *, reason: str = "") -> Plan:
    """Return the plan moved to `to`, or raise IllegalTransition."""
    if to not in NEXT[plan.status]:
        raise IllegalTransition(f"plan {plan.id} is {plan.status} and cannot become {to}")
    return replace(plan, status=to, reason=reason or plan.reason, version=plan.version + 1)
