"""Kill levels: every change is kept, the last one of a scope stands."""

from __future__ import annotations

from sqlalchemy import Row, func, insert, select
from sqlmodel import Session

from core.domain.risk import DESK, KillLevel, KillSwitch
from core.store.moment import kept
from core.store.sql import flat
from core.store.tables_desk import kills


def set_level(tx: Session, switch: KillSwitch) -> None:
    """Let a level stand for a scope from now on."""
    tx.execute(insert(kills).values(**flat(switch)))


def level(tx: Session, scope: str = DESK) -> KillLevel:
    """The stricter of what stands for the desk and for a scope."""
    standing = {switch.scope: switch.level for switch in current(tx)}
    return max(standing.get(DESK, KillLevel.NORMAL), standing.get(scope, KillLevel.NORMAL))


def current(tx: Session) -> list[KillSwitch]:
    """What stands for every scope that was ever set, by scope."""
    return list(kept(tx, "kill levels", "", lambda: _current(tx)))


def _current(tx: Session) -> list[KillSwitch]:
    newest = select(func.max(kills.c.id)).group_by(kills.c.scope)
    found = select(kills).where(kills.c.id.in_(newest)).order_by(kills.c.scope)
    return [_value(row) for row in tx.execute(found)]


def history(tx: Session, limit: int = 200) -> list[KillSwitch]:
    """Every change, newest first."""
    found = select(kills).order_by(kills.c.id.desc()).limit(limit)
    return [_value(row) for row in tx.execute(found)]


def _value(row: Row[tuple[object, ...]]) -> KillSwitch:
    return KillSwitch(
        scope=row.scope,
        level=KillLevel(row.level),
        reason=row.reason,
        set_by=row.set_by,
        set_at=row.set_at,
    )
