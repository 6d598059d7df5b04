"""The fan of one share's coming prices, and how such ranges held out of sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
from sqlmodel import Session

from core.desk.forecast import Span
from core.domain.calendar import Calendar
from core.domain.words import counted, eod, number, pct, qty
from core.errors import OutsideCalendar
from core.models.conformal import LEVEL
from core.panel import Floats
from core.store import bars
from core.views.shown import Text

SHOWN_AT = (1, 5, 10, 20, 30)  # sessions of the table beside the fan
CLOSES = 60  # sessions of the past
LOOK_BACK = timedelta(days=100)


@dataclass(frozen=True, slots=True)
class Fan:
    """Closes so far and the range ahead, in rupees; `low`, `mid` and `high` are of `ahead`.

    The first of `ahead` is the last of `days`, where all three are its close. With fewer than 30
    sessions ahead the calendar is known no further.
    """

    days: tuple[date, ...]
    closes: Floats
    ahead: tuple[date, ...]
    low: tuple[float, ...]
    mid: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class RangeRow:
    """The range after some sessions as return and in rupees, and how ranges over so many held."""

    sessions: str
    span: str
    rupees: str
    held: Text


def closes_before(tx: Session, isin: str, *, day: date) -> tuple[tuple[date, ...], Floats]:
    """Up to 60 closes of sessions before a day, in its share terms; none where there are none."""
    last = day - timedelta(days=1)
    if not bars.with_bars(tx, [isin], until=last):
        return (), np.empty(0)
    panel = bars.read_panel(tx, [isin], start=day - LOOK_BACK, end=last).adjusted()
    close = panel.close[:, 0]
    known = np.flatnonzero(~np.isnan(close))[-CLOSES:]
    return tuple(panel.sessions[place] for place in known.tolist()), close[known]


def fan_of(
    calendar: Calendar, days: tuple[date, ...], closes: Floats, spans: Sequence[Span]
) -> Fan | None:
    """The fan from the last close; None without a close or a range."""
    if not days or not spans:
        return None
    ahead, last = _ahead(calendar, days[-1], len(spans)), float(closes[-1])
    drawn = spans[: len(ahead) - 1]
    return Fan(
        days=days,
        closes=closes,
        ahead=ahead,
        low=(last, *(last * (1.0 + span.low) for span in drawn)),
        mid=(last, *(last * (1.0 + span.mid) for span in drawn)),
        high=(last, *(last * (1.0 + span.high) for span in drawn)),
    )


def _ahead(calendar: Calendar, last: date, count: int) -> tuple[date, ...]:
    """The last known session and the ones after it, as far as the calendar is known."""
    found = [last]
    try:
        while len(found) <= count:
            found.append(calendar.next_session(found[-1]))
    except OutsideCalendar:
        pass  # a year that no exchange has announced yet
    return tuple(found)


def range_rows(spans: Sequence[Span], *, last: float | None) -> tuple[RangeRow, ...]:
    """The ranges after 1, 5, 10, 20 and 30 sessions; `last` is the close they begin at."""
    return tuple(
        RangeRow(
            sessions=counted(span.sessions, "session"),
            span=f"{_signed(span.low)} to {_signed(span.high)}",
            rupees=_rupees(span, last),
            held=_held(span),
        )
        for span in spans
        if span.sessions in SHOWN_AT
    )


def _rupees(span: Span, last: float | None) -> str:
    """`₹2,710 – 3,015`, with paise below ₹1,000."""
    if last is None:
        return ""
    digits = 2 if last < 1000 else 0
    low, high = (number(Decimal(repr(last * (1.0 + end))), digits) for end in (span.low, span.high))
    return f"₹{low} – {high}"


def _signed(part: float) -> str:
    return pct(part, digits=1, signed=True)


def _held(span: Span) -> Text:
    """How many moves such ranges held, over cases that do not overlap."""
    told = span.covered
    if told is None:
        return Text("not measured", "mute")
    words = f"{pct(told.inside, digits=0)} of n {qty(told.n)}"
    inside = f"95 % {told.low * 100:.0f} – {pct(told.high, digits=0)}"
    if told.sessions != span.sessions:
        inside = f"over {told.sessions} sessions, {inside}"
    return Text(words, "" if told.honest else "warn", note=inside)


def promised(days: Sequence[date], closes: Floats) -> str:
    """What the ranges start from, and what they were made to hold."""
    start = f"from {price_of(float(closes[-1]))}, {eod(days[-1])}; " if len(days) else ""
    return f"{start}made to hold {pct(LEVEL, digits=0)} of moves; beside each, how many they held"


def price_of(rupees: float) -> str:
    """`₹2,845.30`, a close that a range starts from."""
    return f"₹{number(Decimal(repr(rupees)))}"
