"""Every button of the Intake page, clicked."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.desk.desk import Desk
from core.desk.talk import talk_of
from core.store import accounts, mandates
from tests.pages.desk_page import clean, click, open_page, words
from tests.pages.test_research import press
from tests.views.history import with_bars
from tests.views.shelf import empty_desk, filled_desk
from tests.views.test_intake import SAID


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return with_bars(filled_desk(tmp_path))


def test_answers_can_be_clicked_and_a_suggestion_waits_for_its_yes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, desk, "intake")
    assert "8 questions open" in words(app)
    click(app, "reply_balanced")
    click(app, "reply_suggest")
    assert talk_of(desk, "event").draft["answers"] == {"objective": "balanced"}
    click(app, "reply_no")
    click(app, "reply_suggest")
    click(app, "reply_yes")
    assert talk_of(desk, "event").draft["answers"]["horizon_months"] == 12
    click(app, "reply_go_back")
    click(app, "reply_skip")
    click(app, "reply_why")
    assert talk_of(desk, "event").draft["answers"]["horizon_months"] == 12


def test_answers_that_disagree_stand_above_the_draft_and_cannot_be_saved(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, desk, "intake")
    for said in (
        "balanced",
        "2 years",
        "20 lakh including what is there",
        "10%, 1% a day, 3% a trade",
    ):
        app.chat_input(key="intake_said").set_value(said).run()
    assert "one trade may lose 3.00% but the day only 1.00%" in words(clean(app))
    assert app.button(key="sign_talk").disabled


def test_a_long_text_is_refused_in_one_sentence(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, desk, "intake")
    app.chat_input(key="intake_said").set_value("5 lakh " * 1500).run()
    assert "10499 characters; say it in 1000 or fewer" in words(clean(app))
    assert talk_of(desk, "event").draft["answers"] == {}


def test_a_yes_typed_at_the_end_saves_and_says_which_version(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, desk, "intake")
    for said in SAID:
        app.chat_input(key="intake_said").set_value(said).run()
    seen = words(clean(app))
    assert "Against version 1" in seen and "₹15,989 = 0.75 % of ₹21,31,904" in seen
    app.chat_input(key="intake_said").set_value("yes").run()
    assert "mandate version 2 of Event tactical is signed" in words(clean(app))
    with desk.store.read() as tx:
        assert mandates.current(tx, "event").version == 2


def test_a_new_account_is_begun_forgotten_begun_again_and_opened(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, desk, "intake")
    app.text_input(key="intake_new_name").set_value("Event tactical")
    press(app, "Begin the talk")
    assert "is called &#x27;Event tactical&#x27; already" in words(app).replace("&#39;", "&#x27;")
    app.text_input(key="intake_new_name").set_value("Diwali")
    press(app, "Begin the talk")
    assert "Diwali: set the mandate" in words(app)
    click(app, "start_again")
    assert "Diwali: set the mandate" not in words(app)
    app.text_input(key="intake_new_name").set_value("Diwali")
    press(app, "Begin the talk")
    for said in SAID:
        app.chat_input(key="intake_said").set_value(said).run()
    click(app, "sign_talk")
    with desk.store.read() as tx:
        opened = accounts.by_name(tx, "Diwali")
        assert mandates.current(tx, opened.id).version == 1
    assert "Diwali: set the mandate" in words(app)


def test_without_an_account_the_page_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = empty_desk(tmp_path / "bare")
    assert "No account is open yet" in words(open_page(monkeypatch, bare, "intake"))
