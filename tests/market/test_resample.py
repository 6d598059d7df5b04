from datetime import date, datetime, time
from pathlib import Path

import numpy as np
import pytest

from core.domain.bar_windows import trading_windows
from core.domain.clock import IST
from core.errors import BadInput, NoData
from core.market.resample import by_day, days_in, resample
from core.panel import IntradayBars
from core.providers.calendar_file import load_calendar

DAY, NEXT = date(2026, 3, 9), date(2026, 3, 10)
MUHURAT = date(2025, 10, 21)  # 13:45 to 14:45
DRILL = date(2024, 3, 2)  # 9:15 to 10:00 and 11:30 to 12:30


@pytest.fixture(scope="module")
def calendar():
    return load_calendar(Path(__file__).resolve().parents[2] / "data" / "calendar.json")


def second(day: date, clock: str) -> int:
    return int(datetime.combine(day, time.fromisoformat(clock), IST).timestamp())


def minutes_of(*stretches: tuple[date, str, int], minutes: int = 1) -> IntradayBars:
    """Bars that climb by 1 each, closing half a rupee over their open, 10 shares each."""
    start = np.concatenate(
        [
            second(day, clock) + 60 * minutes * np.arange(count, dtype=np.int64)
            for day, clock, count in stretches
        ]
    )
    low = 100.0 + np.arange(len(start))
    return IntradayBars(
        "X", minutes, start, low, low + 0.7, low, low + 0.5, np.full(len(start), 10.0)
    )


def windows(calendar, *days: date):
    return {day: trading_windows(calendar, day) for day in days}


def clocks(bars: IntradayBars) -> list[str]:
    return [f"{datetime.fromtimestamp(int(at), IST):%H:%M}" for at in bars.start]


def test_a_whole_day_gives_six_hours_and_a_last_quarter(calendar):
    # 375 minutes: 09:15, 10:15 ... 15:15, the last one a quarter of an hour
    found = resample(minutes_of((DAY, "09:15", 375)), 60, windows(calendar, DAY))
    assert clocks(found.bars) == ["09:15", "10:15", "11:15", "12:15", "13:15", "14:15", "15:15"]
    assert found.bars.open[:2].tolist() == [100.0, 160.0]
    assert found.bars.close[0] == 159.5
    assert found.bars.high[0] == 159.7
    assert found.bars.volume.tolist() == [600.0] * 6 + [150.0]
    assert not found.partial.any()


@pytest.mark.parametrize(("minutes", "count"), [(1, 375), (3, 125), (5, 75), (15, 25), (30, 13)])
def test_each_length_has_its_number_of_bars(calendar, minutes, count):
    bars = minutes_of((DAY, "09:15", 375))
    found = resample(bars, minutes, windows(calendar, DAY)).bars
    assert len(found) == count
    assert found.volume.sum() == bars.volume.sum()


def test_no_bar_reaches_from_one_day_into_the_next(calendar):
    bars = minutes_of((DAY, "15:20", 10), (NEXT, "09:15", 20))
    found = resample(bars, 15, windows(calendar, DAY, NEXT)).bars
    assert clocks(found) == ["15:15", "09:15", "09:30"]
    assert found.volume.tolist() == [100.0, 150.0, 50.0]


def test_the_closing_sessions_trade_belongs_to_the_last_bar(calendar):
    bars = minutes_of((DAY, "15:15", 16))  # the 16th begins at 15:30
    found = resample(bars, 15, windows(calendar, DAY))
    assert clocks(found.bars) == ["15:15"]
    assert found.bars.close[0] == 115.5
    assert (found.outside, found.bars.volume[0]) == (0, 160.0)


def test_a_muhurat_hour_opens_where_it_opens(calendar):
    bars = minutes_of((MUHURAT, "13:45", 12), minutes=5)
    found = resample(bars, 30, windows(calendar, MUHURAT))
    assert clocks(found.bars) == ["13:45", "14:15"]
    assert by_day(bars, windows(calendar, MUHURAT)).sessions == (MUHURAT,)


def test_a_day_of_two_stretches_starts_its_bars_anew(calendar):
    bars = minutes_of((DRILL, "09:15", 45), (DRILL, "11:30", 60))
    found = resample(bars, 60, windows(calendar, DRILL))
    assert clocks(found.bars) == ["09:15", "11:30"]
    day = by_day(bars, windows(calendar, DRILL))
    assert (day.open[0], day.last[0], day.volume[0], day.partial[0]) == (100, 204.5, 1050, False)


def test_the_bar_that_still_runs_is_marked(calendar):
    found = resample(minutes_of((DAY, "09:15", 20)), 15, windows(calendar, DAY))
    assert found.partial.tolist() == [False, True]
    day = by_day(minutes_of((DAY, "09:15", 20)), windows(calendar, DAY))
    assert day.partial.tolist() == [True]


def test_bars_outside_the_hours_are_counted_and_left_out(calendar):
    bars = minutes_of((DAY, "09:10", 10), (DAY, "15:35", 2))
    found = resample(bars, 5, windows(calendar, DAY))
    assert (clocks(found.bars), found.outside) == (["09:15"], 7)
    with pytest.raises(NoData, match="none of 12 bars lies within"):
        by_day(bars, {})
    assert len(resample(bars, 5, {}).bars) == 0


def test_lengths_that_cannot_be_made_are_refused(calendar):
    bars = minutes_of((DAY, "09:15", 6), minutes=5)
    with pytest.raises(BadInput, match="3-minute bars cannot be made of 5-minute ones"):
        resample(bars, 3, windows(calendar, DAY))
    with pytest.raises(BadInput, match="bars of 7 minutes are not made"):
        resample(bars, 7, windows(calendar, DAY))


def test_the_days_of_bars_are_days_in_india():
    bars = minutes_of((DAY, "00:10", 1), (NEXT, "23:50", 1))
    assert days_in(bars) == (DAY, NEXT)


def test_a_closing_auction_belongs_to_its_day(calendar):
    regular = trading_windows(calendar, DAY)
    assert [f"{datetime.fromtimestamp(end, IST):%H:%M}" for _, end in regular] == ["15:30"]
    assert trading_windows(calendar, date(2026, 3, 8)) == ()  # a Sunday
    ((_, end),) = trading_windows(calendar, date(2026, 8, 20), has_derivatives=True)
    assert f"{datetime.fromtimestamp(end, IST):%H:%M}" == "15:35"
