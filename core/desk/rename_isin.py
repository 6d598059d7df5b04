"""A share that goes on under a new ISIN: what of it stands under the old one moves over.

A face-value split or a consolidation makes a new ISIN. Books, plans and stops follow when a person
confirmed the action; fills, cards and orders of before keep the number they were made with.
"""

from __future__ import annotations

from dataclasses import replace

from sqlmodel import Session

from core.desk.booked import HOLDERS
from core.desk.share_terms import ex_moment
from core.domain.action import CorporateAction
from core.domain.plan import PlanStatus
from core.domain.succession import Succession
from core.errors import NotFound
from core.store import instruments, ledger, plans, protections, successions
from core.treasury.terms import Recount, recount


def rename(tx: Session, action: CorporateAction, isin: str, successor: str) -> None:
    """Let every share, plan and list go on under the new ISIN.

    What an account traded since the ex-date and did not hold before moves as well, at its cost.
    """
    if isin not in successions.links(tx):
        source = f"action {action.id}, as the broker counts it"
        successions.put(tx, [Succession(isin, successor, action.ex_date, source)])
    for account_id, shares in sorted(ledger.shares_of(tx, isin).items()):
        held = next(one for one in ledger.positions(tx, account_id) if one.isin == isin)
        change = Recount(
            isin=isin,
            successor=successor,
            old=0,
            new=0,
            since=shares,
            cost=held.cost,
            cost_after=held.cost,
        )
        words = f"{action.symbol}: {isin} is {successor} now"
        at = ex_moment(action.ex_date)
        made = recount(change, account_id=account_id, at=at, action_id=action.id, words=words)
        ledger.post(tx, made)
    _follow(tx, isin, successor)
    for plan in plans.with_status(tx, PlanStatus.ENTERING, *HOLDERS):
        if plan.isin == isin:
            plans.save(tx, replace(plan, isin=successor, version=plan.version + 1))
            cover = protections.by_plan(tx, plan.id)
            if cover is not None:
                moved = replace(cover, isin=successor, version=cover.version + 1)
                protections.save(tx, moved)


def _follow(tx: Session, isin: str, successor: str) -> None:
    """The list of what can be traded, where it has the old number only."""
    old = instruments.by_isin(tx, isin)
    try:
        instruments.by_isin(tx, successor)
    except NotFound:
        instruments.put(tx, [replace(old, isin=successor)])
    instruments.mark_traded(tx, [isin], traded=False)
