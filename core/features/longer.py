"""Weeks and months of the same share, as they stood at each close.

The running week counts as what it is so far, since that is the chart a trader sees at the close
and the last close is in it; waiting for a week to end would hide up to four sessions. So a value
changes within a week and is never revised afterwards. RSI here takes plain means (Cutler's), whose
memory ends; Wilder's would need years of weeks before it forgets its start.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.features.definition import Own, Per, own
from core.features.own_bars import Ints, OwnBars
from core.panel import Floats

GROUP = "longer"


@dataclass(frozen=True, slots=True, eq=False)
class Longer:
    """Closes of completed periods, and for each bar the number of its own period."""

    number: Ints
    ends: Floats
    close: Floats

    def before(self, periods: int) -> Floats:
        """The close so many periods before each bar's own."""
        found = self.ends[np.maximum(self.number - periods, 0)]
        return np.where(self.number >= periods, found, np.nan)

    def change(self, periods: int) -> Floats:
        """Return since the close so many periods before."""
        return self.close / self.before(periods) - 1.0

    def sums(self, per_period: Floats, periods: int) -> Floats:
        """Sum over the completed periods before each bar's own, so many of them."""
        upto = np.append(0.0, np.cumsum(per_period))
        found = upto[self.number] - upto[np.maximum(self.number - periods, 0)]
        return np.where(self.number >= periods, found, np.nan)

    @property
    def moves(self) -> Floats:
        """Move of each completed period; the first has none and counts as zero."""
        return np.diff(self.ends, prepend=self.ends[:1])


def of_period(bars: OwnBars, per: Per) -> Longer:
    """The bars by calendar week or month."""

    def made() -> Longer:
        period = bars.week if per == "week" else bars.month
        new = np.append(False, period[1:] != period[:-1])
        last = np.flatnonzero(np.append(new[1:], True))
        return Longer(np.cumsum(new), bars.close[last], bars.close)

    found: Longer = bars.once(per, made)
    return found


def rsi(bars: OwnBars, per: Per, periods: int) -> Floats:
    """Share of rises in all moves of the last periods, the running one included, in percent."""
    of = of_period(bars, per)
    running = bars.close - of.before(1)
    up = of.sums(np.maximum(of.moves, 0.0), periods - 1) + np.maximum(running, 0.0)
    down = of.sums(np.maximum(-of.moves, 0.0), periods - 1) + np.maximum(-running, 0.0)
    known = of.number >= periods
    return np.where(known & (up + down > 0), 100.0 * up / (up + down), np.nan)


def trend(bars: OwnBars, per: Per, periods: int) -> Floats:
    """Distance to the mean close of the last periods, the running one included."""
    of = of_period(bars, per)
    return bars.close / ((of.sums(of.ends, periods - 1) + bars.close) / periods) - 1.0


def rising(bars: OwnBars, per: Per, periods: int) -> Floats:
    """Share of the last periods that rose, the running one included."""
    of = of_period(bars, per)
    up = of.sums((of.moves > 0).astype(np.float64), periods - 1) + (bars.close > of.before(1))
    return np.where(of.number >= periods, up / periods, np.nan)


MORE: tuple[Own, ...] = (
    own("week_ret", GROUP, "return of the running week", 2,
        lambda b: of_period(b, "week").change(1), per="week", reach=32, percent=True),
    own("week_ret_4", GROUP, "return of 4 weeks", 5,
        lambda b: of_period(b, "week").change(4), per="week", reach=72, percent=True),
    own("week_ret_13", GROUP, "return of 13 weeks", 14,
        lambda b: of_period(b, "week").change(13), per="week", reach=144, percent=True),
    own("week_rsi_14", GROUP, "RSI of 14 weeks", 15,
        lambda b: rsi(b, "week", 14), per="week", reach=144),
    own("week_trend_10", GROUP, "distance to the 10-week average", 10,
        lambda b: trend(b, "week", 10), per="week", reach=144, percent=True),
    own("week_trend_30", GROUP, "distance to the 30-week average", 30,
        lambda b: trend(b, "week", 30), per="week", reach=264, percent=True),
    own("weeks_up_13", GROUP, "share of 13 weeks that rose", 14,
        lambda b: rising(b, "week", 13), per="week", reach=144, percent=True),
    own("month_ret", GROUP, "return of the running month", 2,
        lambda b: of_period(b, "month").change(1), per="month", reach=72, percent=True),
    own("month_ret_3", GROUP, "return of 3 months", 4,
        lambda b: of_period(b, "month").change(3), per="month", reach=144, percent=True),
    own("month_ret_6", GROUP, "return of 6 months", 7,
        lambda b: of_period(b, "month").change(6), per="month", reach=264, percent=True),
    own("month_ret_12", GROUP, "return of 12 months", 13,
        lambda b: of_period(b, "month").change(12), per="month", reach=400, percent=True),
    own("month_rsi_6", GROUP, "RSI of 6 months", 7,
        lambda b: rsi(b, "month", 6), per="month", reach=264),
    own("month_trend_10", GROUP, "distance to the 10-month average", 10,
        lambda b: trend(b, "month", 10), per="month", reach=400, percent=True),
    own("months_up_12", GROUP, "share of 12 months that rose", 13,
        lambda b: rising(b, "month", 12), per="month", reach=400, percent=True),
)  # fmt: skip
