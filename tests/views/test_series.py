"""Bars inside the day, months, comparisons, and files of what is shown."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from core.desk.desk import Desk
from core.domain.action import ActionKind, ActionStatus, CorporateAction, action_id
from core.domain.clock import IST
from core.errors import BadInput, NoData
from core.panel import IntradayBars
from core.store import actions, intraday
from core.views.compare import comparison
from core.views.series import monthly, read_series, spans, timeframes
from core.views.shown_bars import of_chart, of_comparison
from core.views.symbol_chart import symbol_chart
from tests.views.history import with_bars
from tests.views.shelf import BEL, NOW, RELIANCE, filled_desk
from ui.bar_files import bars_csv, bars_parquet

TCS = "INE467B01029"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return with_bars(filled_desk(tmp_path))


def with_minutes(desk: Desk, days: list[date], *, minutes: int = 5, bars: int = 12) -> Desk:
    """The first hour of each day in bars of five minutes: bar k closes at 100 + k."""
    for day in days:
        opens = int(datetime(day.year, day.month, day.day, 9, 15, tzinfo=IST).timestamp())
        close = 100.0 + np.arange(bars)
        start = opens + 60 * minutes * np.arange(bars)
        made = IntradayBars(RELIANCE, minutes, start, close - 1, close + 1, close - 2, close,
                            np.full(bars, 10.0))  # fmt: skip
        with desk.store.write() as tx:
            intraday.put(tx, made, "t")
    return desk


def test_lengths_inside_the_day_are_offered_where_bars_are_stored(desk: Desk):
    with_minutes(desk, [date(2026, 11, 19)])
    with desk.store.read() as tx:
        assert timeframes(tx, RELIANCE) == ("5", "15", "30", "60", "D", "W", "M")
        assert timeframes(tx, BEL) == ("D", "W", "M")
    assert list(spans("15")) == ["1 day", "5 days", "1 month"]


def test_bars_inside_the_day_are_made_longer_and_carry_their_hour(desk: Desk):
    with_minutes(desk, [date(2026, 11, 18), date(2026, 11, 19)])
    made = symbol_chart(desk, RELIANCE, timeframe="15", span="1 day", lines=["VWAP"])
    bars = made.candles
    assert bars.times == ("09:15", "09:30", "09:45", "10:00")
    assert set(bars.days) == {date(2026, 11, 19)}
    assert list(bars.close) == [102.0, 105.0, 108.0, 111.0]
    assert list(bars.volume) == [30.0, 30.0, 30.0, 30.0]
    # high 103, low 98, close 102: the first bar's mean price is 101
    assert made.overlays[0].values[0] == 101.0
    assert made.readout.startswith("19 Nov 2026 10:00   O 108.00")


def test_a_length_without_bars_is_refused_with_the_way_out(desk: Desk):
    with desk.store.read() as tx, pytest.raises(NoData, match="import a file of bars of 15"):
        read_series(tx, desk, RELIANCE, timeframe="15", span="1 day")


def test_months_are_named_by_their_last_session(desk: Desk):
    with desk.store.read() as tx:
        months = monthly(read_series(tx, desk, BEL, timeframe="D", span="All"))
    assert months.days[-1] == date(2026, 11, 20)
    assert months.days[-2] == date(2026, 10, 30)
    assert len(set((day.year, day.month) for day in months.days)) == len(months.days)


def test_corporate_actions_stand_under_their_bar_and_refused_ones_do_not(desk: Desk):
    def split(on: date, status: ActionStatus) -> CorporateAction:
        subject = f"Face Value Split {on}"
        name = action_id(BEL, on, ActionKind.SPLIT, "NSE", subject)
        return CorporateAction(name, BEL, "BEL", on, ActionKind.SPLIT, 2, 1, None, subject, "NSE",
                               NOW - timedelta(days=90), status)  # fmt: skip

    with desk.store.write() as tx:
        actions.put(tx, split(date(2026, 11, 12), ActionStatus.CONFIRMED))
        actions.put(tx, split(date(2026, 11, 13), ActionStatus.REFUSED))
        actions.put(tx, split(date(2026, 11, 16), ActionStatus.INFERRED))
    marks = [one for one in symbol_chart(desk, BEL).marks if one.tone == "action"]
    assert [one.sign for one in marks] == ["S", "S"]
    assert marks[1].words == "Ex 12 Nov 2026 · split: Face Value Split 2026-11-12"
    assert "waits for a person" in marks[0].words


def test_a_waiting_card_shades_its_entry_band(desk: Desk):
    (zone,) = symbol_chart(desk, RELIANCE).zones
    assert (zone.low, zone.high) == (2836.0, 2852.0)


def test_shares_are_compared_from_100_on_their_first_session_in_common(desk: Desk):
    made = comparison(desk, BEL, [TCS, BEL], span="3 months")
    assert [line.name for line in made.lines] == ["BEL", "TCS"]
    assert [float(line.values[0]) for line in made.lines] == [100.0, 100.0]
    assert len(made.days) == 63 and made.note.startswith("From ")
    weeks = comparison(desk, BEL, [TCS], span="1 year", timeframe="W")
    assert len(weeks.days) == 50


def test_five_others_and_bars_inside_the_day_are_not_compared(desk: Desk):
    with pytest.raises(BadInput, match="5 shares to compare with are too many"):
        comparison(desk, BEL, ["A", "B", "C", "D", "E"])
    with pytest.raises(BadInput, match="choose D, W or M"):
        comparison(desk, BEL, [TCS], timeframe="15")


def test_a_file_has_exactly_the_bars_and_lines_that_are_shown(desk: Desk):
    made = symbol_chart(desk, BEL, lines=["SMA 50"], strips=["MACD"], span="3 months")
    lines = bars_csv(of_chart(made)).splitlines()
    assert len(lines) == 64
    assert lines[0] == "date,open,high,low,close,volume,SMA 50,MACD,Signal,MACD 12 26 9 gap"
    assert lines[-1].startswith("2026-11-20,408.32,412.2,408.32,412.2,6841207,")
    table = pq.read_table(io.BytesIO(bars_parquet(of_chart(made))))
    assert table.num_rows == 63 and table["date"][-1].as_py() == date(2026, 11, 20)
    assert table["close"][-1].as_py() == 412.2
    both = of_comparison(comparison(desk, BEL, [TCS], span="3 months"))
    assert bars_csv(both).splitlines()[0] == "date,BEL,TCS"


def test_a_missing_number_is_an_empty_cell_and_a_null(desk: Desk):
    made = of_chart(symbol_chart(desk, BEL, lines=["SMA 200"], span="All"))
    assert bars_csv(made).splitlines()[1].endswith(",")
    assert pq.read_table(io.BytesIO(bars_parquet(made)))["SMA 200"][0].as_py() is None
