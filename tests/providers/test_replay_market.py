from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from core.domain.clock import IST
from core.domain.event import Event, event_id
from core.domain.money import Money
from core.errors import NoData, OutsideCalendar
from core.panel import Panel
from core.providers.calendar_file import load_calendar
from core.providers.replay import ReplayMarket

CALENDAR = load_calendar(Path(__file__).resolve().parents[2] / "data" / "calendar.json")
DAYS = (date(2026, 4, 6), date(2026, 4, 7))


def at(hour: int, minute: int, *, day: date = DAYS[0]) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=IST)


def told(known_at: datetime) -> Event:
    source_id = known_at.isoformat()
    return Event(event_id("t", source_id, "x"), "t", source_id, "x", known_at, known_at)


# A: 100, low 95, high 110, close 105, then split 1:2. B has no bar on the second day.
PANEL = Panel(
    sessions=DAYS,
    isins=("A", "B"),
    open=np.array([[100.0, 10], [52, np.nan]]),
    high=np.array([[110.0, 11], [56, np.nan]]),
    low=np.array([[95.0, 9], [51, np.nan]]),
    close=np.array([[105.0, 10.5], [55, np.nan]]),
    volume=np.array([[1000.0, 500], [2000, np.nan]]),
    factor=np.array([[2.0, 1], [1, 1]]),
)
EVENTS = [told(at(11, 0)), told(at(9, 0)), told(at(9, 20))]
MARKET = ReplayMarket(PANEL, CALENDAR, EVENTS)


def ltps(day: date) -> list[Money]:
    return [MARKET.quotes_at(time)[0].ltp for time in MARKET.tick_times(day)]


def test_the_walk_goes_open_low_high_close():
    walk = ltps(DAYS[0])
    assert (walk[0], min(walk), max(walk), walk[-1]) == (
        Money.rupees(100),
        Money.rupees(95),
        Money.rupees(110),
        Money.rupees(105),
    )
    low, high = walk.index(min(walk)), walk.index(max(walk))
    assert low < high
    assert walk[: low + 1] == sorted(walk[: low + 1], reverse=True)
    assert walk[low : high + 1] == sorted(walk[low : high + 1])


def test_ticks_lie_inside_continuous_trading_and_the_last_is_a_minute_before_its_end():
    times = MARKET.tick_times(DAYS[0])
    assert times[0] == at(9, 15) and times[-1] == at(15, 29)
    # every 45 minutes from 09:15 to 15:15, the low, the high and the end
    assert times == sorted(set(times)) and len(times) == 9 + 3
    panel = PANEL.since(DAYS[1])
    later = Panel((date(2026, 8, 4),), *(getattr(panel, name) for name in Panel.__slots__[1:]))
    # from 3 August 2026 shares with derivatives leave continuous trading at 15:15
    auction = ReplayMarket(later, CALENDAR, []).tick_times(date(2026, 8, 4))
    assert auction[-1] == at(15, 14, day=date(2026, 8, 4))


def test_until_the_high_is_seen_nobody_sells_below_the_open():
    for time in MARKET.tick_times(DAYS[0]):
        quote = MARKET.quotes_at(time)[0]
        seen_high = quote.high == Money.rupees(110)
        assert (quote.ask_qty == 0) == (not seen_high and quote.ltp < quote.open)
        assert quote.bid_qty == 20  # 2 % of 1000 shares
        assert quote.bid == quote.ltp < quote.ask
        assert quote.low <= quote.ltp <= quote.high


def test_range_and_volume_grow_towards_the_bar():
    found = [MARKET.quotes_at(time)[0] for time in MARKET.tick_times(DAYS[0])]
    assert found[0].high == found[0].low == Money.rupees(100) and found[0].volume == 0
    assert [q.volume for q in found] == sorted(q.volume for q in found)
    assert (found[-1].volume, found[-1].low, found[-1].high) == (
        1000,
        Money.rupees(95),
        Money.rupees(110),
    )


def test_between_ticks_the_last_one_stands_with_its_time():
    quote = MARKET.quotes_at(at(9, 40))[0]
    assert (quote.at, quote.ltp, quote.source) == (at(9, 15), Money.rupees(100), "replay")
    night = MARKET.quotes_at(at(8, 0, day=DAYS[1]))[0]
    assert (night.at, night.ltp) == (at(15, 29), Money.rupees(105))
    weeks_later = MARKET.quotes_at(at(8, 0, day=date(2026, 4, 20)))[0]
    assert weeks_later.at == at(15, 29, day=DAYS[1])


def test_the_previous_close_is_in_the_share_terms_of_the_day():
    # 105 before a 1:2 split is 52.50 after it; without a bar before, the open stands in
    assert MARKET.quotes_at(at(10, 0, day=DAYS[1]))[0].prev_close == Money.rupees("52.50")
    assert MARKET.quotes_at(at(10, 0))[0].prev_close == Money.rupees(100)


def test_a_share_without_a_bar_has_no_quote():
    assert [q.isin for q in MARKET.quotes_at(at(10, 0))] == ["A", "B"]
    assert [q.isin for q in MARKET.quotes_at(at(10, 0, day=DAYS[1]))] == ["A"]


def test_events_come_in_order_open_on_the_left_and_closed_on_the_right():
    assert [e.known_at for e in MARKET.events(at(9, 0), at(11, 0))] == [at(9, 20), at(11, 0)]
    assert MARKET.events(at(11, 0), at(12, 0)) == []
    assert len(MARKET.events(at(9, 0) - timedelta(seconds=1), at(9, 0))) == 1


def test_bars_come_back_as_they_were_imported():
    bars = MARKET.bars_of(DAYS[0])
    assert bars.sessions == DAYS[:1] and bars.close.tolist() == [[105.0, 10.5]]
    assert MARKET.opens(DAYS[0]) == at(9, 15)


def test_what_was_never_imported_is_refused():
    with pytest.raises(OutsideCalendar, match="2026-04-08 is not among the 2 sessions"):
        MARKET.tick_times(date(2026, 4, 8))
    with pytest.raises(NoData, match="begins on 2026-04-06; start later"):
        MARKET.quotes_at(at(9, 0))
