"""Price lines a person asked to be told about: ask, drop, fire when crossed, mark as seen."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from core.desk.desk import Desk
from core.domain.money import Money
from core.domain.watch import Alert, AlertKind
from core.domain.words import price
from core.errors import BadInput
from core.store import alerts, audit, instruments, quotes


def ask_alert(desk: Desk, symbol: str, level: Money, *, by: str) -> Alert:
    """Wait for a share to reach a price, from whichever side it stands on now.

    Raises:
        NotFound: an unknown symbol, or a share without a price.
        BadInput: a level at or below ₹0, or at the price now.
    """
    at = desk.clock.now()
    with desk.store.write() as tx:
        share = instruments.by_symbol(tx, symbol)
        now = quotes.by_isin(tx, share.isin).ltp
        if level.paise <= 0:
            raise BadInput(f"{share.symbol}: an alert at {level} can never be reached; use more")
        if level == now:
            raise BadInput(f"{share.symbol} trades at {now} already; choose another price")
        kind = AlertKind.PRICE_ABOVE if level > now else AlertKind.PRICE_BELOW
        basis = f"{share.isin}\x1f{kind}\x1f{level.paise}\x1f{at.isoformat()}"
        alert = Alert(
            id="al" + hashlib.sha256(basis.encode()).hexdigest()[:12],
            kind=kind,
            isin=share.isin,
            symbol=share.symbol,
            level=level,
            sentence=f"{share.symbol} {kind} {price(level)}",
            created_at=at,
        )
        alerts.put(tx, alert)
        body = {"isin": share.isin, "kind": kind, "level_paise": level.paise}
        audit.append(tx, at=at, actor=by, verb="alert", subject=alert.id, body=body)
    return alert


def fire_alerts(desk: Desk) -> int:
    """Let every alert go off whose price was reached; returns how many did."""
    at = desk.clock.now()
    with desk.store.read() as tx:
        waiting = [alert for alert in alerts.waiting(tx) if alert.level is not None]
        prices = quotes.all_quotes(tx) if waiting else {}
    due = [one for one in waiting if one.isin in prices and _reached(one, prices[one.isin].ltp)]
    if not due:
        return 0
    with desk.store.write() as tx:
        for alert in due:
            if not alerts.fire(tx, alert.id, at):
                continue
            ltp = prices[alert.isin].ltp
            body = {"ltp_paise": ltp.paise, "level_paise": alert.level.paise if alert.level else 0}
            audit.append(tx, at=at, actor="worker", verb="alert fired", subject=alert.id, body=body)
    return len(due)


def drop_alert(desk: Desk, alert_id: str, *, by: str) -> None:
    """Stop waiting; the alert counts as gone off and seen now."""
    at = desk.clock.now()
    with desk.store.write() as tx:
        alert = alerts.by_id(tx, alert_id)
        gone = replace(alert, fired_at=at, seen_at=at, sentence=f"{alert.sentence}, dropped")
        alerts.put(tx, gone)
        audit.append(tx, at=at, actor=by, verb="alert dropped", subject=alert_id, body={})


def see_alert(desk: Desk, alert_id: str) -> None:
    """Keep that a person saw it."""
    at = desk.clock.now()
    with desk.store.write() as tx:
        alerts.seen(tx, alert_id, at)


def _reached(alert: Alert, ltp: Money) -> bool:
    if alert.level is None:
        return False
    if alert.kind is AlertKind.PRICE_ABOVE:
        return ltp >= alert.level
    return alert.kind is AlertKind.PRICE_BELOW and ltp <= alert.level
