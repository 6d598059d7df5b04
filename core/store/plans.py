"""Approved trades, each with its current row and version."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlmodel import Session

from core.domain.plan import NEXT, Plan, PlanStatus
from core.errors import IllegalTransition, NotFound
from core.store.codec import to_json
from core.store.moment import keep, keeps, kept
from core.store.sql import flat, insert_new, parts, save_next, value_of, values_of
from core.store.tables_trade import plans

COLUMNS = (
    "id", "card_id", "account_id", "isin", "symbol", "status", "opened_at", "time_exit_on",
    "version",
)  # fmt: skip
BY_ID = "plan"


def put(tx: Session, plan: Plan) -> None:
    """Keep a new plan; raises IllegalTransition when its id is taken."""
    if not insert_new(tx, plans, {**flat(plan, *COLUMNS), "body": to_json(plan)}):
        raise IllegalTransition(f"plan {plan.id} is in the store already; save its next version")


def save(tx: Session, plan: Plan) -> None:
    """Keep the next version of a plan; raises IllegalTransition when it moved on meanwhile."""
    row = {**flat(plan, *COLUMNS), "body": to_json(plan)}
    save_next(
        tx, plans, plans.c.id == plan.id, row, what=f"plan {plan.id}", following=NEXT, value=plan
    )


def by_id(tx: Session, plan_id: str) -> Plan:
    """One plan; raises NotFound."""
    plan = kept(tx, BY_ID, plan_id, lambda: next(iter(read_ahead(tx, [plan_id])), None))
    if plan is None:
        raise NotFound(f"no plan has the id {plan_id}")
    return plan


def read_ahead(tx: Session, plan_ids: Iterable[str]) -> list[Plan]:
    """Those of these plans that are known; a transaction that only reads knows each from here."""
    names = sorted(set(plan_ids))
    found = [
        plan
        for lot in parts(names)
        for plan in values_of(tx, Plan, select(plans.c.body).where(plans.c.id.in_(lot)))
    ]
    if keeps(tx):
        keep(tx, BY_ID, dict.fromkeys(names) | {plan.id: plan for plan in found})
    return found


def by_card(tx: Session, card_id: str) -> Plan | None:
    """The plan a card became, or None."""
    return value_of(tx, Plan, select(plans.c.body).where(plans.c.card_id == card_id))


def with_status(tx: Session, *statuses: PlanStatus) -> list[Plan]:
    """Plans at one of these statuses, oldest first."""
    found = select(plans.c.body).where(plans.c.status.in_([s.value for s in statuses]))
    return values_of(tx, Plan, found.order_by(plans.c.opened_at, plans.c.id))


def recent(tx: Session, limit: int = 200) -> list[Plan]:
    """The newest plans, newest first."""
    found = select(plans.c.body).order_by(plans.c.opened_at.desc(), plans.c.id).limit(limit)
    return values_of(tx, Plan, found)
