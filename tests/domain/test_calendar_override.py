from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from core.domain.calendar import Phase
from core.domain.calendar_override import Override, Word, overridden, parse_hours
from core.domain.clock import IST
from core.errors import BadInput, OutsideCalendar
from core.providers.calendar_file import load_calendar

NSE = load_calendar(Path(__file__).resolve().parents[2] / "data" / "calendar.json")
AT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def said(day: str, word: Word, hours: str = "") -> Override:
    return Override(date.fromisoformat(day), word, "circular", "asha", AT, parse_hours(hours))


def ist(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=IST)


def test_a_closed_day_is_no_session_and_the_days_around_it_close_up():
    calendar = overridden(NSE, [said("2026-11-23", Word.CLOSED)])
    assert not calendar.is_session(date(2026, 11, 23))
    assert calendar.next_session(date(2026, 11, 20)) == date(2026, 11, 25)
    assert calendar.settles_on(date(2026, 11, 20)) == date(2026, 11, 25)
    assert calendar.phase(ist("2026-11-23 10:00"), has_derivatives=True) is Phase.CLOSED
    assert calendar.by_a_person == {date(2026, 11, 23)}
    assert NSE.is_session(date(2026, 11, 23))


def test_an_opened_holiday_has_regular_hours_and_does_not_settle():
    calendar = overridden(NSE, [said("2026-11-24", Word.OPEN)])
    assert calendar.session(date(2026, 11, 24)).special == "open: circular"
    auction = calendar.phase(ist("2026-11-24 15:20"), has_derivatives=True)
    assert auction is Phase.CLOSING_AUCTION
    assert calendar.settles_on(date(2026, 11, 23)) == date(2026, 11, 25)


def test_changed_hours_keep_the_day_a_settlement_day_and_have_no_auction():
    calendar = overridden(NSE, [said("2026-11-23", Word.HOURS, "09:15-11:00, 12:00-14:00")])
    assert calendar.session(date(2026, 11, 23)).closes_at == ist("2026-11-23 14:00")
    assert calendar.phase(ist("2026-11-23 11:30"), has_derivatives=True) is Phase.CLOSED
    assert calendar.phase(ist("2026-11-23 13:00"), has_derivatives=True) is Phase.CONTINUOUS
    assert calendar.settles_on(date(2026, 11, 20)) == date(2026, 11, 23)


def test_the_hours_of_muhurat_can_be_given_once_announced():
    calendar = overridden(NSE, [said("2026-11-08", Word.HOURS, "13:45-14:45")])
    assert calendar.phase(ist("2026-11-08 14:00"), has_derivatives=True) is Phase.CONTINUOUS
    assert not calendar.is_settlement_day(date(2026, 11, 8))


def test_nothing_said_leaves_the_same_calendar():
    assert overridden(NSE, []) is NSE
    with pytest.raises(OutsideCalendar, match="2012-01-01 to 2026-12-31"):
        overridden(NSE, [said("2027-01-04", Word.OPEN)])


@pytest.mark.parametrize(
    ("word", "hours", "words"),
    [
        (Word.HOURS, "", "write them as 09:15-12:30"),
        (Word.CLOSED, "09:15-12:30", "hours go with the word hours"),
        (Word.HOURS, "12:30-09:15", "overlap or end before they start"),
        (Word.HOURS, "09:15-12:30,12:00-13:00", "overlap"),
        (Word.HOURS, "noon", "hours 'noon' cannot be read"),
    ],
)
def test_hours_that_make_no_sense_are_refused(word: Word, hours: str, words: str):
    with pytest.raises(BadInput, match=words):
        said("2026-11-23", word, hours)


def test_a_reason_is_asked_for_and_the_sentence_names_who_and_why():
    with pytest.raises(BadInput, match="2026-11-23: say why"):
        Override(date(2026, 11, 23), Word.OPEN, " ", "asha", AT)
    made = said("2026-11-23", Word.HOURS, "09:15-12:30")
    assert made.trading == ((time(9, 15), time(12, 30)),)
    assert made.sentence == "2026-11-23 is open 09:15-12:30, set by asha: circular"
