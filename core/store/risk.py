"""What the risk loop saw: the last look at each scope and one look a minute for the curve."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import Session

from core.domain.risk import RiskSnapshot
from core.store.codec import to_json
from core.store.sql import upsert, value_of, values_of
from core.store.tables_desk import risk_history, risk_latest


def put(tx: Session, snapshot: RiskSnapshot) -> None:
    """Replace the scope's last look, and its look of this minute of market time."""
    put_all(tx, [snapshot])


def put_all(tx: Session, snapshots: Sequence[RiskSnapshot]) -> None:
    """The same of many scopes."""
    now, minutes = [], []
    for one in snapshots:
        body = {"scope": one.scope, "level": one.level.value, "body": to_json(one)}
        now.append({**body, "at": one.at})
        minutes.append({**body, "minute": one.at.replace(second=0, microsecond=0)})
    upsert(tx, risk_latest, now)
    upsert(tx, risk_history, minutes)


def latest(tx: Session, scope: str) -> RiskSnapshot | None:
    """The last look at a scope, or None."""
    found = select(risk_latest.c.body).where(risk_latest.c.scope == scope)
    return value_of(tx, RiskSnapshot, found)


def all_latest(tx: Session) -> list[RiskSnapshot]:
    """The last look at every scope, by scope."""
    return values_of(tx, RiskSnapshot, select(risk_latest.c.body).order_by(risk_latest.c.scope))


def history(tx: Session, scope: str, limit: int = 400) -> list[RiskSnapshot]:
    """The newest looks at a scope, one a minute, oldest first."""
    found = select(risk_history.c.body).where(risk_history.c.scope == scope)
    newest = found.order_by(risk_history.c.minute.desc()).limit(limit)
    return values_of(tx, RiskSnapshot, newest)[::-1]
