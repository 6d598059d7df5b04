"""The lean of tagged news: when it counts and how it fades."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from core.domain.clock import IST
from core.domain.event import Stance, TaggedEvent
from core.features.tilt import HALFLIFE, tilt
from core.providers.calendar_file import load_calendar
from tests.made import a_tag

CALENDAR = load_calendar(Path(__file__).resolve().parents[2] / "data" / "calendar.json")
DAYS = CALENDAR.sessions(date(2025, 6, 2), date(2025, 6, 6))  # a plain week, Monday to Friday
ISINS = ("INE000A00000", "INE001A00000")
FADES = 0.5 ** (1 / HALFLIFE)


def told(
    hour: int, *, day: int, stance: Stance = Stance.POSITIVE, isin: str = ISINS[0]
) -> TaggedEvent:
    """A tag of impact 0.8 and confidence 0.5: it leans 0.4."""
    at = datetime(2025, 6, day, hour, 0, tzinfo=IST)
    return a_tag(isin=isin, stance=stance, impact=0.8, confidence=0.5, known_at=at)


def test_news_of_the_session_leans_its_close_and_fades_by_half_in_a_halflife():
    found = tilt(DAYS, ISINS, [told(11, day=2)], CALENDAR)
    assert found[:, 0].tolist() == pytest.approx([0.4 * FADES**ago for ago in range(5)])
    assert found[4, 0] == pytest.approx(0.4 * 0.5 ** (4 / HALFLIFE))
    assert not found[:, 1].any()


def test_news_after_the_close_waits_for_the_next_one():
    found = tilt(DAYS, ISINS, [told(18, day=2)], CALENDAR)
    assert found[:2, 0].tolist() == pytest.approx([0.0, 0.4])


def test_news_after_the_last_close_leans_no_session():
    assert not tilt(DAYS, ISINS, [told(18, day=6)], CALENDAR).any()


def test_news_from_before_the_first_session_leans_none():
    assert not tilt(DAYS[1:], ISINS, [told(11, day=2)], CALENDAR).any()


def test_later_news_changes_no_earlier_row():
    before = tilt(DAYS, ISINS, [told(11, day=2)], CALENDAR)
    after = tilt(DAYS, ISINS, [told(11, day=2), told(10, day=5)], CALENDAR)
    assert (before[:3] == after[:3]).all()
    assert (before[3:, 0] < after[3:, 0]).all()


def test_bad_news_leans_down_and_neutral_news_nowhere():
    found = tilt(
        DAYS,
        ISINS,
        [
            told(11, day=2, stance=Stance.NEGATIVE),
            told(11, day=2, stance=Stance.NEUTRAL, isin=ISINS[1]),
        ],
        CALENDAR,
    )
    assert found[0].tolist() == pytest.approx([-0.4, 0.0])


def test_news_of_a_share_outside_the_panel_is_passed_over():
    assert not tilt(DAYS, ISINS, [told(11, day=2, isin="INE999A00000")], CALENDAR).any()


def test_no_sessions_have_no_tilt():
    assert tilt((), ISINS, [told(11, day=2)], CALENDAR).shape == (0, 2)
