"""What a backtest may be asked for, and what each refusal says."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from core.desk.backtest import ask_backtest, check
from core.desk.desk import Desk
from core.errors import BadInput, NotFound, OutsideCalendar
from tests.views.history import days, with_bars
from tests.views.shelf import empty_desk, filled_desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return with_bars(filled_desk(tmp_path))


def asked(desk: Desk, **changes: object):
    stored = days(desk)
    wish = {"strategy": "both", "start": stored[400], "end": stored[410], "symbols": ()}
    return check(desk, **{**wish, **changes})


def test_a_request_becomes_sessions_and_shares(desk: Desk):
    trial = asked(desk, symbols=["RELIANCE", "bel", "TCS", "INFY", "SBIN", "TCS"])
    assert trial.sessions == days(desk)[400:411]
    assert len(trial.isins) == 5
    assert asked(desk).isins == ()  # none named means all


def test_days_the_wrong_way_round_are_refused(desk: Desk):
    with pytest.raises(BadInput, match=r"before it starts on .*; swap them"):
        asked(desk, end=days(desk)[399])


def test_too_little_history_names_the_first_day_that_works(desk: Desk):
    stored = days(desk)
    with pytest.raises(BadInput, match=f"10 sessions lie before .* start on {stored[300]}"):
        asked(desk, start=stored[10], end=stored[12])


def test_days_without_bars_say_what_is_stored(desk: Desk, tmp_path: Path):
    with pytest.raises(BadInput, match=r"no bars from 2023-02-01 .* stored are 2025-"):
        asked(desk, start=date(2023, 2, 1), end=date(2023, 2, 20))
    with pytest.raises(BadInput, match="stored are none yet"):
        asked(empty_desk(tmp_path / "bare"))
    with pytest.raises(OutsideCalendar, match="outside the loaded calendar"):
        asked(desk, end=date(2031, 1, 1))


def test_a_store_with_too_few_sessions_at_all_says_so(tmp_path: Path):
    short = with_bars(filled_desk(tmp_path), count=100)
    stored = days(short, 100)
    with pytest.raises(BadInput, match="100 sessions are stored and 300 must lie before"):
        check(short, strategy="both", start=stored[50], end=stored[60])


def test_the_301st_session_is_the_first_that_can_be_played(tmp_path: Path):
    just = with_bars(filled_desk(tmp_path / "just"), count=301)
    last = days(just, 301)[-1]
    assert check(just, strategy="both", start=last, end=last).sessions == (last,)
    short = with_bars(filled_desk(tmp_path / "short"), count=300)
    # the simulated market stores the session after Thu 19 Nov 2026 when it has closed
    with pytest.raises(BadInput, match="300 must lie before a backtest; wait until 20 Nov 2026 ha"):
        check(short, strategy="both", start=last, end=last)


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"strategy": "hope"}, BadInput, "'hope' is no strategy; use one of both"),
        ({"symbols": ["RELIANCE"]}, BadInput, "1 shares are too few to train on; name 5"),
        ({"symbols": ["NOSUCH"]}, NotFound, "no instrument has the symbol NOSUCH"),
    ],
)
def test_what_cannot_be_run_is_refused_before_a_job_is_made(
    desk: Desk, changes: dict[str, object], error: type[Exception], words: str
):
    with pytest.raises(error, match=words):
        asked(desk, **changes)


def test_a_good_request_is_a_job_with_plain_arguments(desk: Desk):
    stored = days(desk)
    request = ask_backtest(
        desk, strategy="momentum", start=stored[400], end=stored[410], symbols=(), by="t"
    )
    assert request.kind == "backtest"
    assert f'"start":"{stored[400]}"' in request.arguments
