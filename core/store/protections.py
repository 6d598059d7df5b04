"""What stands between each position and a loss; one current row a plan."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Row, select
from sqlmodel import Session

from core.domain.money import Money
from core.domain.protection import NEXT, Owner, Protection, ProtectionStatus
from core.errors import IllegalTransition
from core.store.moment import kept
from core.store.sql import flat, insert_new, parts, save_next
from core.store.tables_trade import protections

STATUS = protections.c.status
BY_PLAN = "protection of plan"
ASLEEP = (ProtectionStatus.NONE.value, ProtectionStatus.RELEASED.value)


def put(tx: Session, protection: Protection) -> None:
    """Keep a new protection; raises IllegalTransition when its plan has one."""
    if not insert_new(tx, protections, flat(protection)):
        raise IllegalTransition(
            f"plan {protection.plan_id} has a protection already; save its next version"
        )


def save(tx: Session, protection: Protection) -> None:
    """Keep the next version; raises IllegalTransition when it moved on meanwhile."""
    save_next(
        tx,
        protections,
        protections.c.plan_id == protection.plan_id,
        flat(protection),
        what=f"protection of {protection.symbol} ({protection.plan_id})",
        following=NEXT,
        value=protection,
    )


def by_plan(tx: Session, plan_id: str) -> Protection | None:
    """The protection of a plan, or None."""
    return kept(tx, BY_PLAN, plan_id, lambda: by_plans(tx, [plan_id])[plan_id])


def by_plans(tx: Session, plan_ids: Sequence[str]) -> dict[str, Protection | None]:
    """The protection of each of these plans, or None."""
    found: dict[str, Protection | None] = dict.fromkeys(plan_ids)
    for lot in parts(plan_ids):
        rows = tx.execute(select(protections).where(protections.c.plan_id.in_(lot)))
        found |= {row.plan_id: _value(row) for row in rows}
    return found


def live(tx: Session) -> list[Protection]:
    """Protections that have begun and were not released, by symbol."""
    return list(kept(tx, "live protections", "", lambda: _read(tx, STATUS.not_in(ASLEEP))))


def with_status(tx: Session, wanted: ProtectionStatus) -> list[Protection]:
    """Protections at a status, by symbol."""
    return _read(tx, STATUS.in_([wanted.value]))


def _read(tx: Session, which: ColumnElement[bool]) -> list[Protection]:
    found = select(protections).where(which)
    ordered = found.order_by(protections.c.symbol, protections.c.plan_id)
    return [_value(row) for row in tx.execute(ordered)]


def _value(row: Row[tuple[object, ...]]) -> Protection:
    return Protection(
        plan_id=row.plan_id,
        account_id=row.account_id,
        isin=row.isin,
        symbol=row.symbol,
        status=ProtectionStatus(row.status),
        owner=Owner(row.owner),
        qty=row.qty,
        stop=Money(row.stop),
        target=Money(row.target),
        gtt_id=row.gtt_id,
        armed_at=row.armed_at,
        verified_at=row.verified_at,
        reason=row.reason,
        version=row.version,
    )
