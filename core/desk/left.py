"""When an account last left a share, for mandates that wait before they enter it again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlmodel import Session

from core.domain.calendar import Calendar
from core.domain.clock import ist_day
from core.domain.mandate import Mandate
from core.domain.order import Purpose
from core.store import fills, orders

DAYS_A_SESSION = 2  # calendar days that surely hold one, weekends and holidays counted
SPARE_DAYS = 10

Left = Mapping[tuple[str, str], date]


def last_left(tx: Session, mandates: Mapping[str, Mandate], *, at: datetime) -> Left:
    """The day of the last exit by account and ISIN, as far back as any of the mandates waits."""
    wait = max((one.cooling_off_sessions for one in mandates.values()), default=0)
    if wait == 0:
        return {}
    since = at - timedelta(days=wait * DAYS_A_SESSION + SPARE_DAYS)
    found: dict[tuple[str, str], date] = {}
    entries: dict[str, bool] = {}
    for fill in fills.since(tx, since):
        if fill.account_id not in mandates:
            continue
        if fill.order_id not in entries:
            purpose = orders.by_id(tx, fill.order_id).purpose
            entries[fill.order_id] = purpose is Purpose.ENTRY
        if not entries[fill.order_id]:
            found[fill.account_id, fill.isin] = ist_day(fill.traded_at)
    return found


def sessions_since(calendar: Calendar, today: date, left: date | None) -> int | None:
    """Sessions from the day of an exit to today, 0 on the same day; None where there was none."""
    return None if left is None else max(0, calendar.count(left, today) - 1)
