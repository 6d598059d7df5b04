from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from core.domain.calendar import (
    Calendar,
    Entry,
    Phase,
    PhaseTable,
    SpecialSession,
    Window,
)
from core.domain.clock import IST
from core.errors import BadInput, OutsideCalendar
from core.providers.calendar_file import load_calendar

NSE = load_calendar(Path(__file__).resolve().parents[2] / "data" / "calendar.json")


def ist(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=IST)


def day(text: str) -> date:
    return date.fromisoformat(text)


def phase(text: str, *, has_derivatives: bool = False) -> Phase:
    return NSE.phase(ist(text), has_derivatives=has_derivatives)


def test_weekends_and_listed_holidays_are_closed_and_budget_sunday_is_open():
    assert NSE.is_session(day("2026-11-20"))  # a Friday
    assert not NSE.is_session(day("2026-11-21"))  # a Saturday
    assert not NSE.is_session(day("2026-01-15"))  # holiday added three days before
    assert NSE.is_session(day("2026-02-01"))  # Budget, on a Sunday


def test_a_session_says_its_hours_in_ist_and_what_is_special():
    regular = NSE.session(day("2026-11-20"))
    assert (regular.opens_at, regular.closes_at) == (
        ist("2026-11-20 09:15"),
        ist("2026-11-20 15:30"),
    )
    assert regular.special == ""
    muhurat = NSE.session(day("2025-10-21"))
    assert (muhurat.opens_at, muhurat.closes_at) == (
        ist("2025-10-21 13:45"),
        ist("2025-10-21 14:45"),
    )
    assert muhurat.special == "Muhurat"
    drill = NSE.session(day("2024-03-02"))
    assert (drill.opens_at, drill.closes_at) == (ist("2024-03-02 09:15"), ist("2024-03-02 12:30"))
    assert NSE.session(day("2025-02-01")).special == "Budget"


def test_asking_for_the_session_of_a_holiday_names_the_next_one():
    with pytest.raises(BadInput, match=r"2026-11-24 is not a trading day.*2026-11-25"):
        NSE.session(day("2026-11-24"))


def test_neighbours_and_counts_skip_holidays_and_weekends():
    # Fri 20, Sat, Sun, Mon 23, Tue 24 holiday, Wed 25
    assert NSE.next_session(day("2026-11-20")) == day("2026-11-23")
    assert NSE.next_session(day("2026-11-23")) == day("2026-11-25")
    assert NSE.previous_session(day("2026-11-25")) == day("2026-11-23")
    assert NSE.count(day("2026-11-20"), day("2026-11-25")) == 3
    assert NSE.sessions(day("2026-11-21"), day("2026-11-25")) == (
        day("2026-11-23"),
        day("2026-11-25"),
    )


@pytest.mark.parametrize(
    ("start", "sessions", "found"),
    [
        ("2026-11-20", 0, "2026-11-20"),
        ("2026-11-21", 0, "2026-11-23"),  # a Saturday rolls forward
        ("2026-11-20", 2, "2026-11-25"),
        ("2026-11-21", 2, "2026-11-25"),
        ("2026-11-25", -2, "2026-11-20"),
        ("2026-11-24", -1, "2026-11-23"),
    ],
)
def test_sessions_are_counted_from_any_day(start: str, sessions: int, found: str):
    assert NSE.add_sessions(day(start), sessions) == day(found)


def test_the_session_that_still_trades_ends_at_its_close():
    assert NSE.first_session_from(ist("2026-11-20 07:00")) == day("2026-11-20")
    assert NSE.first_session_from(ist("2026-11-20 15:29:59")) == day("2026-11-20")
    assert NSE.first_session_from(ist("2026-11-20 15:30")) == day("2026-11-23")
    assert NSE.first_session_from(ist("2026-11-21 12:00")) == day("2026-11-23")
    # 20:00 UTC is 01:30 of the next day in India
    assert NSE.first_session_from(datetime(2026, 11, 19, 20, tzinfo=UTC)) == day("2026-11-20")


@pytest.mark.parametrize(
    ("clock", "plain", "derivative"),
    [
        ("08:59:59", Phase.CLOSED, Phase.CLOSED),
        ("09:00", Phase.PRE_OPEN, Phase.PRE_OPEN),
        ("09:14:59", Phase.PRE_OPEN, Phase.PRE_OPEN),
        ("09:15", Phase.CONTINUOUS, Phase.CONTINUOUS),
        ("15:14:59", Phase.CONTINUOUS, Phase.CONTINUOUS),
        ("15:15", Phase.CONTINUOUS, Phase.CLOSING_AUCTION),
        ("15:29:59", Phase.CONTINUOUS, Phase.CLOSING_AUCTION),
        ("15:30", Phase.CLOSED, Phase.CLOSING_AUCTION),
        ("15:35", Phase.CLOSED, Phase.CLOSED),
        ("15:50", Phase.POST_CLOSE, Phase.POST_CLOSE),
        ("16:00", Phase.CLOSED, Phase.CLOSED),
    ],
)
def test_a_day_with_a_closing_auction_walks_its_phases(clock: str, plain: Phase, derivative: Phase):
    assert phase(f"2026-11-20 {clock}") is plain
    assert phase(f"2026-11-20 {clock}", has_derivatives=True) is derivative


def test_the_closing_auction_starts_on_its_day_and_moves_on_7_december():
    assert phase("2026-07-31 15:20", has_derivatives=True) is Phase.CONTINUOUS
    assert phase("2026-07-31 15:45", has_derivatives=True) is Phase.POST_CLOSE
    assert phase("2026-08-03 15:20", has_derivatives=True) is Phase.CLOSING_AUCTION
    assert phase("2026-12-07 15:20", has_derivatives=True) is Phase.CONTINUOUS
    assert phase("2026-12-07 15:35", has_derivatives=True) is Phase.CLOSING_AUCTION
    assert phase("2026-12-07 15:35") is Phase.CLOSED


@pytest.mark.parametrize(
    ("moment", "entry"),
    [
        ("2026-09-04 09:07", Entry.ANY),
        ("2026-09-04 09:08", Entry.NONE),
        ("2026-09-07 09:04:59", Entry.ANY),
        ("2026-09-07 09:05", Entry.LIMIT_ONLY),
        ("2026-09-07 09:09", Entry.NONE),  # the random end may have come
        ("2026-09-07 10:00", Entry.ANY),
        ("2026-09-07 15:16", Entry.NONE),
        ("2026-09-07 15:22", Entry.ANY),
        ("2026-09-07 15:26", Entry.LIMIT_ONLY),
        ("2026-09-07 15:29", Entry.NONE),
        ("2026-09-07 20:00", Entry.NONE),
    ],
)
def test_the_call_auctions_say_which_orders_they_take(moment: str, entry: Entry):
    assert NSE.entry(ist(moment), has_derivatives=True) is entry


def test_continuous_trading_ends_earlier_for_derivative_stocks():
    monday = day("2026-11-23")
    assert NSE.continuous_until(monday, has_derivatives=True) == ist("2026-11-23 15:15")
    assert NSE.continuous_until(monday, has_derivatives=False) == ist("2026-11-23 15:30")
    with pytest.raises(BadInput, match="not a trading day"):
        NSE.continuous_until(day("2026-11-24"), has_derivatives=True)


def test_a_muhurat_session_has_a_pre_open_and_no_auction():
    assert phase("2025-10-21 10:00") is Phase.CLOSED
    assert phase("2025-10-21 13:30", has_derivatives=True) is Phase.PRE_OPEN
    assert NSE.entry(ist("2025-10-21 13:40"), has_derivatives=True) is Entry.NONE
    assert phase("2025-10-21 14:44", has_derivatives=True) is Phase.CONTINUOUS
    assert phase("2025-10-21 14:45", has_derivatives=True) is Phase.CLOSED


def test_a_drill_pauses_between_its_two_stretches():
    assert phase("2024-03-02 09:50") is Phase.CONTINUOUS
    assert phase("2024-03-02 10:30") is Phase.CLOSED
    assert phase("2024-03-02 11:20") is Phase.PRE_OPEN
    assert phase("2024-03-02 12:00") is Phase.CONTINUOUS


def test_a_session_whose_hours_were_never_loaded_opens_no_phase():
    assert NSE.is_session(day("2026-11-08"))
    assert all(phase(f"2026-11-08 {hour:02d}:30") is Phase.CLOSED for hour in range(24))
    assert NSE.session(day("2026-11-08")).special == "Muhurat"
    until = NSE.continuous_until(day("2026-11-08"), has_derivatives=False)
    assert until == NSE.session(day("2026-11-08")).closes_at


@pytest.mark.parametrize(
    ("traded", "settles"),
    [
        ("2026-11-19", "2026-11-20"),
        ("2026-11-20", "2026-11-23"),
        ("2026-11-23", "2026-11-25"),  # the 24th is a holiday
        ("2026-02-18", "2026-02-20"),  # the 19th trades and does not settle
        ("2026-01-30", "2026-02-02"),  # the Budget Sunday trades and does not settle
        ("2025-10-20", "2025-10-23"),  # Muhurat on the 21st, holiday on the 22nd
        ("2023-01-25", "2023-01-30"),  # T+2 over a holiday and a weekend
        ("2023-01-27", "2023-01-30"),  # T+1 from this day
    ],
)
def test_trades_settle_on_settlement_days_only(traded: str, settles: str):
    assert NSE.settles_on(day(traded)) == day(settles)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: NSE.is_session(day("2027-01-01")),
        lambda: NSE.session(day("2011-12-30")),
        lambda: NSE.sessions(day("2026-12-01"), day("2027-01-08")),
        lambda: NSE.next_session(day("2026-12-31")),
        lambda: NSE.previous_session(day("2012-01-02")),
        lambda: NSE.count(day("2011-01-01"), day("2012-02-01")),
        lambda: NSE.add_sessions(day("2026-12-30"), 10),
        lambda: NSE.phase(ist("2027-01-04 10:00"), has_derivatives=False),
        lambda: NSE.first_session_from(ist("2026-12-31 16:00")),
        lambda: NSE.settles_on(day("2026-12-31")),
    ],
)
def test_outside_the_loaded_range_every_question_is_refused_with_both_dates(ask):
    with pytest.raises(OutsideCalendar, match="2012-01-01 to 2026-12-31"):
        ask()


def test_a_calendar_needs_tables_from_its_first_day_in_order():
    hours = (Window(Phase.CONTINUOUS, time(9, 15), time(15, 30)),)
    table = PhaseTable(valid_from=day("2026-01-05"), plain=hours, derivative=hours, source="")
    week = Calendar(
        first=day("2026-01-05"),
        last=day("2026-01-11"),
        holidays=frozenset(),
        specials={day("2026-01-10"): SpecialSession(day("2026-01-10"), "special Saturday")},
        settlement_holidays=frozenset(),
        settlement_lags=((day("2026-01-05"), 1),),
        tables=(table,),
    )
    assert week.count(week.first, week.last) == 6
    with pytest.raises(BadInput, match="phase table"):
        replace(week, tables=())
    with pytest.raises(BadInput, match="settlement lag"):
        replace(week, settlement_lags=((day("2026-01-06"), 1),))
