"""Undo a trade that the exchange annulled, by a person's word.

The fill and its booking stay: a reversing entry and a change of the plan's shares follow them. The
stop is resized to what is left by the next pass of protection; a plan whose sale is annulled holds
again, and one whose last share is gone is over.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from core.desk.alarm import raise_alarm
from core.desk.annulled import ANNULLED, annulment_id
from core.desk.booked import HOLDERS, filled_qty
from core.desk.correct import (
    changed_charges,
    charge_anew,
    charges_in,
    clear_cost,
    fill_of,
    standing_booking,
)
from core.desk.desk import Desk
from core.desk.settle import close_ended
from core.domain.action import ShareChange
from core.domain.ledger import Transaction
from core.domain.order import WORKING, Fill, Side
from core.domain.plan import Plan, PlanStatus
from core.domain.plan import advance as advance_plan
from core.errors import BadInput
from core.execution.plan import closing_side
from core.store import actions, audit, ledger, orders, plans
from core.treasury import post


def annul_fill(
    desk: Desk, order_id: str, trade_id: str, *, because: str, by: str
) -> tuple[Transaction, int]:
    """Reverse a fill's booking without another; returns the reversal and the plan's shares now.

    Raises:
        BadInput: no reason, a fill annulled before, a plan whose order works or whose share went
            ex since, or shares that were sold since and cannot be taken out of it.
        NotFound: no such fill stands in the books.
    """
    if not because.strip():
        raise BadInput("the record needs to know why; say what you looked at")
    at = desk.clock.now()
    with desk.store.write() as tx:
        fill = fill_of(tx, order_id, trade_id)
        plan = plans.by_id(tx, orders.by_id(tx, order_id).plan_id)
        _check(tx, plan, fill)
        wrong, _ = standing_booking(tx, fill)
        more = charges_in(wrong) + changed_charges(tx, fill, to=None)
        made = post.correction(wrong, at=at, reason=f"{because.strip()}; {ANNULLED} by {by}")
        ledger.post(tx, made)
        clear_cost(tx, fill, at=at, reference=made.id)
        charge_anew(tx, order_id, more, at=at, because=f"trade {trade_id} was annulled")
        actions.put_changes(tx, [_change(plan, fill, at=at, because=because.strip())])
        left = _rederive(tx, plan, fill, at=at, by=by)
        body = {"trade": trade_id, "qty": -fill.qty, "left": left, "because": because.strip()}
        audit.append(tx, at=at, actor=by, verb="annul", subject=order_id, body=body)
        raise_alarm(
            tx,
            id=f"annulled:{made.id}",
            isin=fill.isin,
            symbol=fill.symbol,
            at=at,
            sentence=f"{fill.symbol}: trade {trade_id} of {fill.qty:+d} was annulled by {by}; "
            f"its plan holds {left} and its stop follows",
        )
    return made, left


def _check(tx: Session, plan: Plan, fill: Fill) -> None:
    changes = actions.changes_of_plan(tx, plan.id)
    if annulment_id(fill) in {one.action_id for one in changes}:
        raise BadInput(f"{fill.symbol}: trade {fill.trade_id} was annulled already")
    if any(not one.action_id.startswith(ANNULLED) for one in changes):
        raise BadInput(
            f"{fill.symbol} went ex since trade {fill.trade_id}, and its shares count otherwise "
            "now; wait for the comparison with the broker and accept its count"
        )
    working = [one for one in orders.of_plan(tx, plan.id) if one.status in WORKING and one.closes]
    if working:
        raise BadInput(
            f"{fill.symbol}: order {working[0].id} of {working[0].qty} works on the plan's shares; "
            "wait until it ended or cancel it, then say that the trade was annulled"
        )
    held = filled_qty(tx, plan.id)
    if (held - fill.qty) * (1 if closing_side(plan) is Side.SELL else -1) < 0:
        raise BadInput(
            f"{fill.symbol}: trade {fill.trade_id} of {fill.qty:+d} was annulled and its plan "
            f"holds {held}, for shares were closed since; accept the broker's count instead"
        )


def _change(plan: Plan, fill: Fill, *, at: datetime, because: str) -> ShareChange:
    return ShareChange(
        action_id=annulment_id(fill),
        plan_id=plan.id,
        account_id=fill.account_id,
        isin=fill.isin,
        qty=-fill.qty,
        at=at,
        words=f"{fill.symbol}: trade {fill.trade_id} of {fill.qty:+d} annulled: {because}",
    )


def _rederive(tx: Session, plan: Plan, fill: Fill, *, at: datetime, by: str) -> int:
    """The plan as it stands without the fill; returns its shares."""
    left = filled_qty(tx, plan.id)
    if left and plan.status not in HOLDERS:
        reason = f"trade {fill.trade_id} was annulled by {by}"
        plans.save(tx, advance_plan(plan, PlanStatus.HOLDING, reason=reason))
    close_ended(tx, at=at)
    return left
