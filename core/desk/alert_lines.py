"""Alerts on an indicator's crossing: looked at once for every finished bar.

`are_due` is one read of a number and stands in the worker's loop; the looking itself loads
TA-Lib and runs in the research child.
"""

from __future__ import annotations

import math

import numpy as np
from sqlmodel import Session

from core.desk.alerts import CROSSINGS
from core.desk.desk import Desk
from core.domain.watch import Alert, AlertKind
from core.domain.words import day, decimal
from core.errors import NotFound
from core.market.indicators import LINES, Prices, line
from core.store import alerts, array_versions, audit, bars, settings

LOOKED_AT = "alerts:bars"
BARS_NEEDED = 2


def are_due(desk: Desk) -> bool:
    """Whether bars came, or an alert was asked for, since the last look."""
    with desk.store.read() as tx:
        waiting = [one for one in alerts.waiting(tx) if one.kind in CROSSINGS]
        return bool(waiting) and _state(tx, waiting) != settings.get(tx, LOOKED_AT)


def fire_on_bars(desk: Desk) -> int:
    """Let alerts go off whose indicator crossed on the newest finished bar; says how many.

    Only a bar that came after the alert was asked for counts.
    """
    at = desk.clock.now()
    with desk.store.read() as tx:
        waiting = [one for one in alerts.waiting(tx) if one.kind in CROSSINGS]
        state = _state(tx, waiting)
        due = [(one, said) for one in waiting if (said := _crossed(desk, tx, one))]
    with desk.store.write() as tx:
        for alert, said in due:
            if alerts.fire(tx, alert.id, at, told=said):
                body = {"told": said}
                audit.append(
                    tx, at=at, actor="worker", verb="alert fired", subject=alert.id, body=body
                )
        settings.put(tx, LOOKED_AT, state)
    return len(due)


def _state(tx: Session, waiting: list[Alert]) -> list[object]:
    return [array_versions.version(tx), *sorted(one.id for one in waiting)]


def _crossed(desk: Desk, tx: Session, alert: Alert) -> str:
    """What was seen on the newest bar, empty while nothing crossed."""
    try:
        panel = bars.read_panel(tx, [alert.isin]).adjusted()
    except NotFound:
        return ""
    whole = np.flatnonzero(np.isfinite(panel.close[:, 0] + panel.high[:, 0] + panel.low[:, 0]))
    if len(whole) < BARS_NEEDED:
        return ""
    if desk.calendar.session(panel.sessions[whole[-1]]).closes_at <= alert.created_at:
        return ""
    high, low, close = (values[whole, 0] for values in (panel.high, panel.low, panel.close))
    volume = np.nan_to_num(panel.volume[whole, 0])
    parts = line(alert.watched, Prices(high, low, close, volume))
    values = parts[0][1]
    if alert.watched in LINES:
        if alert.watched.startswith("Supertrend"):  # one line in two halves
            values = np.where(np.isnan(values), parts[1][1], values)
        gap = close - values
        said = f"closed at {decimal(float(close[-1]))}, {alert.watched} {decimal(values[-1])}"
    else:
        gap = values - (alert.bound or 0.0)
        said = f"{alert.watched} {decimal(float(values[-1]))}"
    before, now = float(gap[-2]), float(gap[-1])
    if not (math.isfinite(before) and math.isfinite(now)):
        return ""
    up = alert.kind is AlertKind.CROSSES_UP
    crossed = before <= 0 < now if up else before >= 0 > now
    return f"{said} on {day(panel.sessions[whole[-1]])}" if crossed else ""
