"""Lines a person asked to be told about, and the desk's own alarms."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select, update
from sqlmodel import Session

from core.domain.watch import Alert
from core.errors import NotFound
from core.store.codec import to_json
from core.store.sql import flat, upsert, value_of, values_of
from core.store.tables_desk import alerts

A = alerts.c
COLUMNS = ("id", "kind", "isin", "fired_at", "created_at")


def put(tx: Session, alert: Alert) -> None:
    """Add an alert, or replace the one with that id."""
    upsert(tx, alerts, [_row(alert)])


def fire(tx: Session, alert_id: str, at: datetime, *, told: str = "") -> bool:
    """Let a waiting alert go off, with what was seen; False when it went off before."""
    alert = by_id(tx, alert_id)
    if alert.fired_at is not None:
        return False
    _save(tx, replace(alert, fired_at=at, told=told))
    return True


def seen(tx: Session, alert_id: str, at: datetime) -> None:
    """Keep that a person saw it; the first time counts."""
    alert = by_id(tx, alert_id)
    if alert.seen_at is None:
        _save(tx, replace(alert, seen_at=at))


def by_id(tx: Session, alert_id: str) -> Alert:
    """One alert; raises NotFound."""
    alert = value_of(tx, Alert, select(A.body).where(A.id == alert_id))
    if alert is None:
        raise NotFound(f"no alert has the id {alert_id}")
    return alert


def is_known(tx: Session, alert_id: str) -> bool:
    """Whether an alert with this id was ever put."""
    return tx.execute(select(A.id).where(A.id == alert_id)).first() is not None


def waiting(tx: Session) -> list[Alert]:
    """Alerts that have not gone off, oldest first."""
    found = select(A.body).where(A.fired_at.is_(None)).order_by(A.created_at, A.id)
    return values_of(tx, Alert, found)


def recent(tx: Session, limit: int = 200) -> list[Alert]:
    """Alerts that went off, newest first."""
    found = select(A.body).where(A.fired_at.is_not(None))
    return values_of(tx, Alert, found.order_by(A.fired_at.desc(), A.id).limit(limit))


def of_isin(tx: Session, isin: str, limit: int = 50) -> list[Alert]:
    """A share's alerts, those that wait first, then the newest that went off or were dropped."""
    found = select(A.body).where(A.isin == isin)
    ordered = found.order_by(A.fired_at.is_not(None), A.fired_at.desc(), A.created_at.desc(), A.id)
    return values_of(tx, Alert, ordered.limit(limit))


def _save(tx: Session, alert: Alert) -> None:
    tx.execute(update(alerts).where(A.id == alert.id).values(**_row(alert)))


def _row(alert: Alert) -> dict[str, object]:
    return {**flat(alert, *COLUMNS), "body": to_json(alert)}
