"""The panel beside a talk that lays the draft over past prices, or says why it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.desk.desk import Desk
from core.desk.past import past_of
from core.desk.talk import answer, begin, talk_of
from core.errors import NoData
from core.views.intake import intake_view
from core.views.intake_past import INVENTED, PLAIN
from tests.views.history import with_bars
from tests.views.shelf import filled_desk

MONEY = ("balanced", "in two years", "20 lakh including what is there")


def told(desk: Desk, *said: str, of: str = "event") -> None:
    for words in said:
        answer(desk, of, words)


def test_nothing_said_shows_no_panel_and_no_money_says_what_is_missing(tmp_path: Path):
    desk = filled_desk(tmp_path)
    assert intake_view(desk, "event").past is None
    told(desk, "balanced")
    past = intake_view(desk, "event").past
    assert past is not None and past.rows == ()
    assert past.why_not.startswith("Name the money")


def test_an_empty_store_says_how_many_sessions_it_lacks(tmp_path: Path):
    desk = filled_desk(tmp_path)
    told(desk, *MONEY)
    past = intake_view(desk, "event").past
    assert past is not None and past.rows == ()
    assert "0 sessions of prices are stored" in past.why_not and "80 are needed" in past.why_not


def test_positions_of_a_day_are_not_shown_on_daily_prices(tmp_path: Path):
    desk = with_bars(filled_desk(tmp_path))
    told(desk, *MONEY, "make it intraday only")
    with pytest.raises(NoData, match="closed within the day"):
        past_of(desk, talk_of(desk, "event"))


def test_answers_that_disagree_are_settled_first(tmp_path: Path):
    desk = with_bars(filled_desk(tmp_path))
    told(desk, *MONEY, "8%, 9% a day")
    past = intake_view(desk, "event").past
    assert past is not None and past.why_not.startswith("Answers disagree")


def test_a_draft_with_money_is_carried_over_the_stored_year(tmp_path: Path):
    desk = with_bars(filled_desk(tmp_path))
    told(desk, *MONEY, "10%", "4 shares, 10% in one share, 25% in a sector")
    past = intake_view(desk, "event").past
    assert past is not None and past.why_not == ""
    rows = {name: value.text for name, value in past.rows}
    # six shares turn over ₹5 crore a day at a close of 500 and a million shares; four are held
    assert rows["Basket"] == "4 of 6 shares let in"
    assert rows["Your fall limit"] == "10.00 % not reached"
    assert rows["Months that lost"].endswith(" of 12") or rows["Months that lost"].endswith(
        " of 11"
    )
    assert past.lines[0] == PLAIN and past.lines[-1] == INVENTED
    found = past_of(desk, talk_of(desk, "event"))
    assert found.basket.share == pytest.approx(0.10) and found.basket.charges > 0
    assert found.basket.days[-1].isoformat() == "2026-11-19"  # never the session under way


def test_what_the_draft_excludes_is_not_in_the_basket(tmp_path: Path):
    desk = with_bars(filled_desk(tmp_path))
    told(desk, *MONEY, "10%", "skip", "no IT, no banks")
    past = past_of(desk, talk_of(desk, "event"))
    assert past.basket.eligible == 3


def test_a_new_account_is_charged_as_its_login(tmp_path: Path):
    desk = with_bars(filled_desk(tmp_path))
    talk = begin(desk, "Second", login_id="paper")
    told(desk, "balanced", "two years", "5 lakh", of=talk.account_id)
    assert past_of(desk, talk_of(desk, talk.account_id)).basket.trades > 0
