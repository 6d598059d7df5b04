from datetime import date, time, timedelta

import pytest

from core.desk.calendar import calendar_day, overrides, session_clock, set_day, take_back
from core.desk.desk import desk_over
from core.desk.doctor import rows
from core.desk.floor import phase_of
from core.desk.open_market import sim_market
from core.domain.account import Market
from core.domain.calendar import Phase
from core.domain.calendar_override import Word
from core.domain.clock import ist_day
from core.errors import BadInput, NotFound, OutsideCalendar
from core.store import audit, settings
from core.store.engine import open_store
from tests.desk.morning import MIDCO, Morning


def today(morning: Morning) -> date:
    return ist_day(morning.clock.now())


def close_today(morning: Morning) -> None:
    set_day(morning.desk, today(morning), Word.CLOSED, reason="CMTR/1", by="asha")


def test_a_day_closed_by_a_person_is_closed_for_the_worker_at_once(any_morning: Morning):
    desk, now = any_morning.desk, any_morning.clock.now()
    assert phase_of(desk, MIDCO, now) is Phase.CONTINUOUS
    close_today(any_morning)
    assert phase_of(desk, MIDCO, now) is Phase.CLOSED
    assert not desk.calendar.is_session(today(any_morning))
    assert desk.calendar.by_a_person == {today(any_morning)}


def test_what_a_person_set_is_shown_recorded_and_can_be_taken_back(any_morning: Morning):
    desk = any_morning.desk
    close_today(any_morning)
    shown = calendar_day(desk, today(any_morning))
    assert not shown.is_session and shown.plain == () and shown.settles_on is None
    assert shown.override and shown.override.reason == "CMTR/1"
    gone = take_back(desk, today(any_morning), by="ravi")
    assert gone.by == "asha"
    assert overrides(desk) == []
    assert desk.calendar.is_session(today(any_morning))
    with desk.store.read() as tx:
        [put, taken] = audit.entries(tx, subject=today(any_morning).isoformat())
    assert (put.verb, put.actor) == ("calendar override", "asha")
    assert (taken.verb, taken.actor) == ("calendar revoke", "ravi")
    with pytest.raises(NotFound, match="was not set by a person"):
        take_back(desk, today(any_morning), by="ravi")


def test_another_process_sees_it_when_it_reads_the_store_again(morning: Morning):
    other = desk_over(morning.desk.settings, morning.desk.store, morning.clock)
    assert other.calendar.is_session(today(morning))
    close_today(morning)
    other.calendars.forget()  # what a second of real time does
    assert not other.calendar.is_session(today(morning))


def test_the_simulated_market_itself_keeps_the_committed_calendar(morning: Morning):
    close_today(morning)
    assert sim_market(morning.desk).calendar.is_session(today(morning))


def test_only_today_and_later_days_inside_the_loaded_span_are_set(morning: Morning):
    before = today(morning) - timedelta(days=1)
    with pytest.raises(BadInput, match=f"{before} is over, today is"):
        set_day(morning.desk, before, Word.CLOSED, reason="x", by="asha")
    with pytest.raises(OutsideCalendar, match="2012-01-01 to 2026-12-31"):
        set_day(morning.desk, date(2027, 1, 4), Word.CLOSED, reason="x", by="asha")
    with pytest.raises(OutsideCalendar, match="2012-01-01 to 2026-12-31"):
        calendar_day(morning.desk, date(2027, 1, 4))
    assert overrides(morning.desk) == []


def test_a_simulated_session_can_be_shortened_but_not_added_or_moved_out(morning: Morning):
    holiday, later = date(2026, 11, 24), date(2026, 11, 25)
    with pytest.raises(BadInput, match="does not trade on 2026-11-24"):
        set_day(morning.desk, holiday, Word.OPEN, reason="x", by="asha")
    evening = ((time(18, 0), time(19, 0)),)
    with pytest.raises(BadInput, match="trades 09:15-15:30 on 2026-11-25, not 18:00-19:00"):
        set_day(morning.desk, later, Word.HOURS, reason="x", by="asha", trading=evening)
    noon = ((time(9, 15), time(12, 0)),)
    set_day(morning.desk, later, Word.HOURS, reason="x", by="asha", trading=noon)
    assert morning.desk.calendar.session(later).closes_at.time() == time(12, 0)
    set_day(morning.desk, later, Word.OPEN, reason="as usual after all", by="asha")
    assert morning.desk.calendar.session(later).closes_at.time() == time(15, 30)


def test_outside_sim_a_holiday_can_be_opened(tmp_path, morning: Morning):
    store = open_store(f"sqlite:///{tmp_path / 'replay.db'}", Market.REPLAY)
    desk = desk_over(morning.desk.settings, store, morning.clock)
    set_day(desk, date(2026, 11, 24), Word.OPEN, reason="CMTR/2", by="asha")
    shown = calendar_day(desk, date(2026, 11, 24))
    assert (shown.is_session, shown.settles) == (True, False)
    assert shown.blocks is not None
    store.close()


def test_the_doctor_names_every_day_a_person_set(morning: Morning):
    close_today(morning)
    [row] = [one for one in rows(morning.desk) if one.name == "calendar"]
    assert "set by asha: CMTR/1" in row.sentence


def test_a_shares_clock_is_made_from_its_symbol(morning: Morning):
    clock = session_clock(morning.desk, "NSE", MIDCO.symbol, today(morning))
    assert clock.phase(morning.clock.now()) is Phase.CONTINUOUS
    assert clock.has_derivatives is MIDCO.has_derivatives
    with pytest.raises(NotFound, match="NOSUCH"):
        session_clock(morning.desk, "NSE", "NOSUCH", today(morning))


def test_a_broken_row_is_never_read_as_no_override(morning: Morning):
    with morning.desk.store.write() as tx:
        settings.put(tx, f"calendar:override:{today(morning)}", {"word": "maybe"})
    morning.desk.calendars.forget()
    with pytest.raises((KeyError, ValueError)):
        _ = morning.desk.calendar
