"""Cancel a stop-and-target pair that rests for a plan which is over.

A pair has no tag. One whose answer was lost may show only after its plan has sold its shares;
then it would sell what the desk no longer holds. It is known by its terms alone: the share, side
and product, the plan's target, and the stop that the plan had.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from sqlmodel import Session

from core.desk.alarm import raise_alarm
from core.desk.dealer import Dealer
from core.domain.plan import ENDED, Plan, PlanStatus
from core.domain.ports import GttOrder
from core.errors import BrokerRefused
from core.execution.plan import closing_side
from core.store import audit, plans, protections

LIVE = (PlanStatus.ENTERING, PlanStatus.HOLDING, PlanStatus.EXITING)


def cancel_orphans(dealer: Dealer, login_id: str) -> int:
    """Ask the broker to take such pairs away; returns how many there were.

    A pair that a live plan might still adopt is left alone, and so is one of other terms: the
    owner may have placed it.
    """
    session = dealer.session(login_id)
    active = [gtt for gtt in session.gtts() if gtt.active]
    with dealer.desk.store.read() as tx:
        claimed = {cover.gtt_id for cover in protections.live(tx)}
        unclaimed = [gtt for gtt in active if gtt.gtt_id not in claimed]
        orphans = _orphans(tx, login_id, unclaimed) if unclaimed else []
    for gtt, plan in orphans:
        dealer.stand_firm()
        with suppress(BrokerRefused):  # it fired or went meanwhile; the next look tells
            session.cancel_gtt(gtt.gtt_id)
        _record(dealer, gtt, plan)
    return len(orphans)


def _orphans(
    tx: Session, login_id: str, unclaimed: Sequence[GttOrder]
) -> list[tuple[GttOrder, Plan]]:
    mine = [one for one in plans.with_status(tx, *LIVE, *ENDED) if one.login_id == login_id]
    found = []
    for gtt in unclaimed:
        alike = [plan for plan in mine if _is_of(tx, gtt, plan)]
        if alike and all(plan.status in ENDED for plan in alike):
            found.append((gtt, alike[-1]))
    return found


def _is_of(tx: Session, gtt: GttOrder, plan: Plan) -> bool:
    """Whether a pair has the terms of a plan's stop as it stood last, or as it was signed."""
    target = plan.bracket.target if gtt.stop_alone else gtt.target
    terms = (gtt.isin, gtt.side, gtt.product, target)
    if terms != (plan.isin, closing_side(plan), plan.product, plan.bracket.target):
        return False
    cover = protections.by_plan(tx, plan.id)
    return gtt.stop in (plan.bracket.stop, cover.stop if cover else plan.bracket.stop)


def _record(dealer: Dealer, gtt: GttOrder, plan: Plan) -> None:
    at = dealer.desk.clock.now()
    sentence = (
        f"{gtt.symbol}: GTT {gtt.gtt_id} over {gtt.qty} showed after its plan was over; it was "
        "asked to go, for nothing is held behind it"
    )
    with dealer.desk.store.write() as tx:
        name = f"orphan:{gtt.gtt_id}"
        raise_alarm(tx, id=name, isin=gtt.isin, symbol=gtt.symbol, at=at, sentence=sentence)
        body = {"gtt": gtt.gtt_id, "qty": gtt.qty, "plan": plan.id}
        audit.append(tx, at=at, actor="worker", verb="cancel orphan", subject=gtt.gtt_id, body=body)
