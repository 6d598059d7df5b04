"""What stands between each position and a loss; one current row a plan."""

from __future__ import annotations

from sqlalchemy import Row, select
from sqlmodel import Session

from core.domain.money import Money
from core.domain.protection import NEXT, Owner, Protection, ProtectionStatus
from core.errors import IllegalTransition
from core.store.sql import flat, insert_new, save_next
from core.store.tables_trade import protections

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
    row = tx.execute(select(protections).where(protections.c.plan_id == plan_id)).one_or_none()
    return None if row is None else _value(row)


def live(tx: Session) -> list[Protection]:
    """Protections that have begun and were not released, by symbol."""
    found = select(protections).where(protections.c.status.not_in(ASLEEP))
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
