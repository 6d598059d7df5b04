"""NSE's tick by price and month, and the price bands of exchange-traded funds.

A tick is set from the close of the last session of the month before and holds for the month; a
split in between changes nothing until the next review. A broker's instrument file has the last
word, and BSE's ticks differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.domain.calendar import Calendar
from core.domain.clock import ist_day
from core.domain.instrument import TICK_ABOVE, TICKS, PriceBand, is_fund, snap
from core.domain.money import Money
from core.domain.quote import Quote
from core.errors import OutsideCalendar

FIVE_PAISE = Money(5)
FUND_TICK = Money(1)


@dataclass(frozen=True, slots=True)
class TickTable:
    """Ticks up to each price from a date on; `above` holds beyond the last."""

    valid_from: date
    upto: tuple[tuple[Money, Money], ...]
    above: Money
    source: str


TABLES = (
    TickTable(date(2012, 1, 1), (), FIVE_PAISE, "NSE: 0.05 for every share until 9 Jun 2024"),
    TickTable(date(2024, 6, 10), TICKS[:1], FIVE_PAISE, "NSE circular for 10 Jun 2024"),
    TickTable(date(2025, 4, 15), TICKS, TICK_ABOVE, "NSE circular for 15 Apr 2025"),
)

# NSE from 7 Sep 2026: funds start at 10 %, flexed to 20 % in steps of 5; overnight funds 5 %.
FUND_BANDS_FROM = date(2026, 9, 7)
FUND_PCT = (10, 15, 20)
OVERNIGHT_PCT = (5,)


def review_session(calendar: Calendar, day: date) -> date:
    """The session whose close sets the ticks of a day: the last one of the month before."""
    return calendar.previous_session(day.replace(day=1))


def tick_on(day: date, *, month_close: Money, is_fund: bool = False) -> Money:
    """The NSE tick of a day for a share whose close at `review_session` was `month_close`.

    A fund's tick is one paisa at every price. Raises OutsideCalendar before the first table.
    """
    table = next((one for one in reversed(TABLES) if one.valid_from <= day), None)
    if table is None:
        raise OutsideCalendar(f"NSE's ticks of {day} are not loaded, only from 2012-01-01")
    if is_fund and day >= TABLES[1].valid_from:
        return FUND_TICK
    return next((tick for upto, tick in table.upto if month_close <= upto), table.above)


def tick_now(quote: Quote) -> Money:
    """The NSE tick a share or fund trades on at the moment of its quote.

    The close that set the month's tick decides; where it is not known, the previous close stands
    in, which is wrong only for a share that crossed a step since the month began.

    Raises OutsideCalendar before the first table.
    """
    reference = quote.month_close or quote.prev_close
    return tick_on(ist_day(quote.at), month_close=reference, is_fund=is_fund(quote.isin))


def fund_range(
    day: date, *, prev_close: Money, ltp: Money, tick: Money, overnight: bool = False
) -> PriceBand:
    """The range of an exchange-traded fund, flexed in steps as the last trade leaves it.

    Raises OutsideCalendar before 7 Sep 2026, whose rule is not loaded.
    """
    if day < FUND_BANDS_FROM:
        raise OutsideCalendar(
            f"the price bands of funds on {day} are not loaded, only from {FUND_BANDS_FROM}"
        )
    steps = OVERNIGHT_PCT if overnight else FUND_PCT
    for pct in steps:
        fraction = Decimal(pct) / 100
        band = PriceBand(
            low=snap(prev_close.times(1 - fraction), tick, up=True),
            high=snap(prev_close.times(1 + fraction), tick, up=False),
        )
        if band.holds(ltp):
            break
    return band
