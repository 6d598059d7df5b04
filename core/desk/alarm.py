"""Say what went wrong once, where the person will see it."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from core.domain.plan import Plan
from core.domain.watch import Alert, AlertKind
from core.store import alerts, audit
from core.store.engine import Store


def raise_alarm(
    tx: Session, *, id: str, isin: str, symbol: str, at: datetime, sentence: str
) -> None:
    """Raise an alarm; the same id is raised once only."""
    alarm = Alert(
        id=id,
        kind=AlertKind.ALARM,
        isin=isin,
        symbol=symbol,
        level=None,
        sentence=sentence,
        created_at=at,
        fired_at=at,
    )
    if alerts.is_known(tx, id):
        return
    alerts.put(tx, alarm)
    audit.append(tx, at=at, actor="worker", verb="alarm", subject=id, body={"sentence": sentence})


def warn_of_plan(store: Store, plan: Plan, *, id: str, at: datetime, sentence: str) -> None:
    """Raise an alarm on a plan's share in a transaction of its own; nothing is written twice."""
    with store.read() as tx:
        if alerts.is_known(tx, id):
            return
    with store.write() as tx:
        raise_alarm(tx, id=id, isin=plan.isin, symbol=plan.symbol, at=at, sentence=sentence)
