"""Corporate actions as lists gave them or prices suggest them, and what a person said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, func, select, update
from sqlmodel import Session

from core.domain.action import (
    MOVING,
    ActionKind,
    ActionStatus,
    CorporateAction,
    ShareChange,
)
from core.errors import IllegalTransition, NotFound
from core.store.moment import kept
from core.store.sql import changed, flat, insert_all_new, insert_new, money, near, parts
from core.store.tables_actions import actions, share_changes

A = actions.c
OF_PLAN = "share changes of plan"


def put(tx: Session, action: CorporateAction) -> bool:
    """Keep one action; False when its id is known, whatever became of it."""
    return insert_new(tx, actions, flat(action))


def by_id(tx: Session, action_id: str) -> CorporateAction:
    """One action; raises NotFound."""
    row = tx.execute(select(actions).where(A.id == action_id)).one_or_none()
    if row is None:
        known = tx.execute(select(A.id).where(A.status == ActionStatus.INFERRED.value)).scalars()
        raise NotFound(f"no corporate action has the id {action_id}; {near(action_id, known)}")
    return _value(row)


def with_status(tx: Session, *statuses: ActionStatus) -> list[CorporateAction]:
    """Actions of some statuses, newest ex-date first."""
    kept = A.status.in_([status.value for status in statuses])
    return _values(tx, select(actions).where(kept))


def of_isins(tx: Session, isins: Sequence[str]) -> list[CorporateAction]:
    """Every action of some shares, newest ex-date first."""
    return _values(tx, select(actions).where(A.isin.in_(list(isins))))


def going_ex(tx: Session, start: date, end: date) -> list[CorporateAction]:
    """Actions with an ex-date from `start` to `end`, both included, newest first."""
    return _values(tx, select(actions).where(A.ex_date.between(start, end)))


def moving(
    tx: Session, isins: Sequence[str], *, until: date, after: date | None = None
) -> list[CorporateAction]:
    """Confirmed actions that put prices of these shares into new terms by a day, oldest first.

    Args:
        after: only those that go ex later than this day.
    """
    found = _moving().where(A.isin.in_(sorted(set(isins))), A.ex_date <= until)
    if after is not None:
        found = found.where(A.ex_date > after)
    return _values(tx, found)[::-1]


def confirmed(tx: Session, *, until: date) -> tuple[int, int]:
    """How many actions are confirmed at all, and how many of them moved shares by a day."""
    here = select(func.count()).select_from(actions)
    all_of_them = here.where(A.status == ActionStatus.CONFIRMED.value)
    return (
        int(tx.execute(all_of_them).scalar_one()),
        int(tx.execute(_moving(here).where(A.ex_date <= until)).scalar_one()),
    )


def _moving(found: Select[Any] | None = None) -> Select[Any]:
    """Confirmed actions after which old prices stand in other terms."""
    return (select(actions) if found is None else found).where(
        A.status == ActionStatus.CONFIRMED.value, A.kind.in_([kind.value for kind in MOVING])
    )


def all_actions(tx: Session) -> list[CorporateAction]:
    """Every action, newest ex-date first."""
    return _values(tx, select(actions))


def decide(tx: Session, action_id: str, to: ActionStatus) -> CorporateAction:
    """Move a waiting action to CONFIRMED or REFUSED.

    Raises:
        NotFound: no such action.
        IllegalTransition: somebody decided it before.
    """
    waits = (A.id == action_id, A.status == ActionStatus.INFERRED.value)
    if changed(tx, update(actions).where(*waits).values(status=to.value)) != 1:
        found = by_id(tx, action_id)
        raise IllegalTransition(f"action {action_id} is {found.status} and cannot become {to}")
    return by_id(tx, action_id)


def put_changes(tx: Session, changes: Sequence[ShareChange]) -> None:
    """Keep what an action did to plans; what is kept already stays as it is."""
    insert_all_new(tx, share_changes, [flat(one) for one in changes])


def changes_of_plan(tx: Session, plan_id: str) -> list[ShareChange]:
    """What actions did to the shares of a plan, oldest first."""
    return list(kept(tx, OF_PLAN, plan_id, lambda: changes_of_plans(tx, [plan_id])[plan_id]))


def changes_of_plans(tx: Session, plan_ids: Sequence[str]) -> dict[str, list[ShareChange]]:
    """What actions did to the shares of each of these plans, oldest first."""
    found: dict[str, list[ShareChange]] = {name: [] for name in plan_ids}
    for lot in parts(plan_ids):
        asked = select(share_changes).where(share_changes.c.plan_id.in_(lot))
        for row in tx.execute(asked.order_by(share_changes.c.at, share_changes.c.action_id)):
            found[row.plan_id].append(ShareChange(**row._mapping))
    return found


def _values(tx: Session, found: Select[Any]) -> list[CorporateAction]:
    ordered = found.order_by(A.ex_date.desc(), A.symbol, A.id)
    return [_value(row) for row in tx.execute(ordered)]


def _value(row: Row[tuple[object, ...]]) -> CorporateAction:
    return CorporateAction(
        id=row.id,
        isin=row.isin,
        symbol=row.symbol,
        ex_date=row.ex_date,
        kind=ActionKind(row.kind),
        new=row.new,
        old=row.old,
        amount=money(row.amount),
        subject=row.subject,
        source=row.source,
        known_at=row.known_at,
        status=ActionStatus(row.status),
    )
