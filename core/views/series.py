"""One share's bars as a chart draws them: by session, week or month, or inside the day.

Sessions are in today's share terms and end with the running one. Bars inside the day are raw,
for the days shown are few.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from core.desk.desk import Desk
from core.domain.bar_windows import trading_windows
from core.domain.clock import IST, ist_day
from core.domain.quote import Quote
from core.errors import NoData
from core.market.indicators import Prices
from core.market.resample import LENGTHS, days_in, resample
from core.panel import Floats
from core.store import bars, intraday, quotes

WHOLE_DAYS = ("D", "W", "M")
SPANS = {"3 months": 63, "6 months": 126, "1 year": 250, "3 years": 750, "All": 10_000}
SPANS_INSIDE = {"1 day": 1, "5 days": 5, "1 month": 22}
PER_BAR = {"D": 1, "W": 5, "M": 21}  # sessions in a bar, to turn a span into bars
BARS_MAX = 1_500
WARM_UP_DAYS = 7  # calendar days read before the span, so that its first lines are whole


@dataclass(frozen=True, slots=True)
class Series:
    """Bars of one share without gaps; each array has shape (n_bars,).

    `times` names each bar by its start inside the day, empty for whole sessions.
    """

    days: tuple[date, ...]
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    times: tuple[str, ...] = ()

    def prices(self) -> Prices:
        """What indicators are computed from."""
        numbers = np.array([day.toordinal() for day in self.days]) if self.times else None
        return Prices(self.high, self.low, self.close, self.volume, numbers)

    def grouped(self, starts: list[int], ends: list[int]) -> Series:
        """Longer bars, each named by its last session."""
        return Series(
            days=tuple(self.days[end] for end in ends),
            open=self.open[starts],
            high=np.maximum.reduceat(self.high, starts),
            low=np.minimum.reduceat(self.low, starts),
            close=self.close[ends],
            volume=np.add.reduceat(self.volume, starts),
        )


def timeframes(tx: Session, isin: str) -> tuple[str, ...]:
    """Lengths of bar that can be drawn: minutes where bars inside the day are stored, D, W, M."""
    stored = intraday.newest(tx, isin, LENGTHS)
    minutes = [str(n) for n in LENGTHS if any(n % length == 0 for length in stored)]
    return (*minutes, *WHOLE_DAYS)


def spans(timeframe: str) -> dict[str, int]:
    """The spans to choose from, in sessions."""
    return SPANS if timeframe in WHOLE_DAYS else SPANS_INSIDE


def read_series(tx: Session, desk: Desk, isin: str, *, timeframe: str, span: str) -> Series:
    """Bars of a length; whole history for sessions, weeks and months.

    Raises:
        NotFound: no bars are stored for the share.
        NoData: no stored bar can be drawn.
    """
    if timeframe not in WHOLE_DAYS:
        return _inside(tx, desk, isin, int(timeframe), SPANS_INSIDE.get(span, 5))
    series = _daily(tx, isin)
    if timeframe == "D":
        return series
    return weekly(series) if timeframe == "W" else monthly(series)


def bars_shown(series: Series, *, timeframe: str, span: str) -> int:
    """How many bars of the series a span shows."""
    if timeframe not in WHOLE_DAYS:
        days = sorted(set(series.days))[-SPANS_INSIDE.get(span, 5) :]
        return min(BARS_MAX, sum(day >= days[0] for day in series.days))
    wanted = SPANS.get(span, SPANS["6 months"]) // PER_BAR[timeframe]
    return min(wanted, BARS_MAX, len(series.days))


def weekly(series: Series) -> Series:
    """Bars by ISO week, named by their last session."""
    return _by(series, week_of)


def monthly(series: Series) -> Series:
    """Bars by month, named by their last session."""
    return _by(series, month_of)


def with_today(series: Series, quote: Quote) -> Series:
    """The series with the running session's bar behind it, when the store has none yet."""
    today = ist_day(quote.at)
    if today <= series.days[-1]:
        return series

    def add(values: Floats, more: float) -> Floats:
        longer: Floats = np.append(values, more)
        return longer

    return Series(
        days=(*series.days, today),
        open=add(series.open, float(quote.open.in_rupees)),
        high=add(series.high, float(max(quote.high, quote.ltp).in_rupees)),
        low=add(series.low, float(min(quote.low, quote.ltp).in_rupees)),
        close=add(series.close, float(quote.ltp.in_rupees)),
        volume=add(series.volume, float(quote.volume)),
    )


def ends_of(days: tuple[date, ...], key: Callable[[date], Hashable]) -> tuple[list[int], list[int]]:
    """First and last place of each run of days with one key."""
    keys = [key(day) for day in days]
    starts = [at for at, one in enumerate(keys) if at == 0 or one != keys[at - 1]]
    return starts, [*(start - 1 for start in starts[1:]), len(keys) - 1]


def week_of(day: date) -> Hashable:
    """The ISO week a day lies in."""
    return day.isocalendar()[:2]


def month_of(day: date) -> Hashable:
    """The month a day lies in."""
    return (day.year, day.month)


def _by(series: Series, key: Callable[[date], Hashable]) -> Series:
    return series.grouped(*ends_of(series.days, key))


def _daily(tx: Session, isin: str) -> Series:
    """Stored bars in today's share terms, and today's bar so far from the last price."""
    quote = quotes.last(tx, isin)
    panel = bars.read_panel(tx, [isin])
    if quote is not None and panel.sessions[-1] < ist_day(quote.at):
        # on an ex-date the last price is in new terms before the session has a bar
        panel = bars.read_panel(tx, [isin], as_of=ist_day(quote.at))
    panel = panel.adjusted()
    whole = np.isfinite(np.hstack([panel.open, panel.high, panel.low, panel.close])).all(axis=1)
    if not whole.any():
        raise NoData(f"{isin} has {len(panel.sessions)} stored bars and none with all four prices")
    rows: NDArray[np.intp] = np.flatnonzero(whole)
    series = Series(
        days=tuple(panel.sessions[row] for row in rows.tolist()),
        open=panel.open[rows, 0],
        high=panel.high[rows, 0],
        low=panel.low[rows, 0],
        close=panel.close[rows, 0],
        volume=np.nan_to_num(panel.volume[rows, 0]),
    )
    return series if quote is None else with_today(series, quote)


def _inside(tx: Session, desk: Desk, isin: str, minutes: int, sessions: int) -> Series:
    stored = intraday.newest(tx, isin, LENGTHS)
    fitting = [length for length in stored if minutes % length == 0]
    if not fitting:
        raise NoData(
            f"{isin} has no bars that {minutes}-minute ones can be made of; "
            f"import a file of bars of {minutes} minutes or less"
        )
    base = max(fitting)
    since = stored[base] - timedelta(days=sessions * 1.6 + WARM_UP_DAYS)
    found = intraday.read(tx, isin, base, since=since)
    windows = {day: trading_windows(desk.calendar, day) for day in days_in(found)}
    made = resample(found, minutes, windows).bars
    if not len(made):
        raise NoData(f"none of {len(found)} bars of {isin} lies within the exchange's hours")
    at = [datetime.fromtimestamp(second, IST) for second in made.start.tolist()]
    return Series(
        days=tuple(one.date() for one in at),
        open=made.open,
        high=made.high,
        low=made.low,
        close=made.close,
        volume=np.nan_to_num(made.volume),
        times=tuple(f"{one:%H:%M}" for one in at),
    )
