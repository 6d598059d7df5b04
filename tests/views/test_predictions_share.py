"""One share's forecast, the regime and the scorecard as the page says them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from core.desk.desk import Desk
from core.desk.forecast import Span
from core.desk.foretold import Foretold
from core.desk.jobs import ask
from core.desk.regime_now import KEY, regime_record
from core.desk.score_by import scores
from core.domain.job import JobStatus
from core.domain.research import Confidence, Ground, Leaning
from core.domain.signal import Regime
from core.features.regime import market_states
from core.models.conformal import Coverage
from core.store import jobs, predictions, settings
from core.store.codec import to_json
from core.views import predictions_score
from core.views.predictions import NO_VOTE, TOO_FEW, narrowed, predictions_view
from core.views.predictions_fan import CLOSES, closes_before, fan_of, range_rows
from core.views.predictions_past import past_note, past_rows, past_said
from core.views.predictions_regime import regime_view
from core.views.predictions_score import scores_view
from core.views.predictions_share import NO_GROUNDS, NO_GROUPS, absent_words, share_forecast
from core.views.shown import Meter
from tests.desk.test_score_by import fate
from tests.made import a_prediction
from tests.models.made import noise
from tests.views.history import predict, with_bars
from tests.views.shelf import BEL, NOW, RELIANCE, ago, empty_desk, filled_desk, probability

HALF = Ground(0.5, "half of it")
HELD = Coverage(10, 0.79, 0.74, 0.83, 300)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return with_bars(filled_desk(tmp_path))


def put(desk: Desk, **changes: object) -> None:
    fields = {"isin": BEL, "symbol": "BEL", "as_of": ago(minutes=1)} | changes
    with desk.store.write() as tx:
        predictions.put(tx, [a_prediction(**fields)])


def test_the_table_narrows_by_sector_and_what_is_said(desk: Desk):
    predict(desk)
    view = predictions_view(desk)
    assert [row.symbol for row in narrowed(view.rows, sector=view.rows[0].sector)] == ["RELIANCE"]
    assert narrowed(view.rows, says="below the base rate")[0].symbol == "BEL"
    assert [row.symbol for row in narrowed(view.rows, words="bharat ELEC")] == ["BEL"]
    assert [row.symbol for row in narrowed(view.rows, words=" rel ")] == ["RELIANCE"]
    assert view.isins == {"BEL": BEL, "RELIANCE": RELIANCE}
    put(desk, target_first=probability(0.58, 0.51, 0.65, 29))
    assert [row.symbol for row in narrowed(predictions_view(desk).rows, says=TOO_FEW)] == ["BEL"]


def test_predictions_of_a_model_no_longer_in_use_are_said_to_be(desk: Desk):
    predict(desk)
    assert predictions_view(desk).stale == ""
    put(desk, model_version="older")
    assert predictions_view(desk).stale.startswith("1 of 1 come from another model")
    found = share_forecast(desk, BEL)
    assert found is not None and found.old.startswith("Said by older; m-31 is in use since.")


def test_a_share_that_the_newest_scan_left_out_is_not_in_its_table(desk: Desk):
    put(desk, isin=RELIANCE, symbol="RELIANCE", as_of=ago(days=40))
    put(desk, model_version="m-31")
    view = predictions_view(desk)
    assert [row.symbol for row in view.rows] == ["BEL"]
    assert view.left_out == "Not in the newest scan: RELIANCE (last 11 Oct 2026)."
    assert view.note.startswith("1 share · ") and view.isins["RELIANCE"] == RELIANCE
    old, new = share_forecast(desk, RELIANCE), share_forecast(desk, BEL)
    assert old is not None and "says nothing of it: RELIANCE" in old.old
    assert old.old.endswith("This is what was said on 11 Oct 2026.")
    assert new is not None and new.old == ""


def test_a_share_without_a_prediction_says_why(desk: Desk):
    assert absent_words(desk, "NOSUCH").startswith("No prediction: no instrument has the symbol")
    assert absent_words(desk, "TCS").startswith("No prediction: no scan was made yet")


def test_groups_are_summed_up_to_the_log_odds_before_calibration(desk: Desk):
    put(desk, leanings=(Leaning("trend", 0.404), Leaning("volume", -0.1)), odds=-0.496)
    found = share_forecast(desk, BEL)
    assert found is not None and found.summed.startswith(
        "−0.80 where the model starts, +0.30 by all groups: log-odds −0.50"
    )
    put(desk)
    found = share_forecast(desk, BEL)
    assert found is not None and found.summed == ""


def test_a_first_training_that_failed_is_not_said_to_be_on_its_way(tmp_path: Path):
    desk = empty_desk(tmp_path)
    request = ask(desk, "train")
    with desk.store.write() as tx:
        jobs.finish(tx, request.id, JobStatus.FAILED, "too few sessions", "{}", NOW)
    assert predictions_view(desk).empty.endswith("The last training failed; its reason stands "
                                                 "beside this.")  # fmt: skip


def test_without_a_vote_or_cases_the_figures_hold_no_percentage_but_the_base_rates(desk: Desk):
    put(desk, has_vote=False)
    found = share_forecast(desk, BEL)
    assert found is not None and found.says == NO_VOTE
    assert [one.value for one in found.figures] == ["edge not measured", "22.0 %"]
    put(desk, target_first=probability(0.58, 0.51, 0.65, 29))
    found = share_forecast(desk, BEL)
    assert found is not None and found.figures[0].detail == "29 of 30 cases"


def test_what_an_older_scan_did_not_keep_is_said_in_its_place(desk: Desk):
    put(desk)
    found = share_forecast(desk, BEL)
    assert found is not None
    assert (found.fan, found.ranges, found.groups, found.grounds) == (None, (), (), ())
    assert (found.no_groups, found.no_grounds) == (NO_GROUPS, NO_GROUNDS)
    assert "without the share's range" in found.no_fan
    put(desk, swing=0.02, model_version="gone")
    found = share_forecast(desk, BEL)
    assert found is not None and found.no_fan.startswith("Model gone has no return ranges")
    assert share_forecast(desk, RELIANCE) is None


def test_groups_and_grounds_are_worded_and_what_is_not_known_is_no_zero(desk: Desk):
    confidence = Confidence(HALF, HALF, HALF, HALF, Ground(None, "nothing was measured"))
    put(desk, leanings=(Leaning("events", 0.4),), confidence=confidence, regime=Regime.BEAR,
        novelty="its volume is unlike any before", has_vote=False)  # fmt: skip
    found = share_forecast(desk, BEL)
    assert found is not None and found.says == "unlike anything learnt from"
    assert found.groups == (("filings and news", 0.4),)
    assert found.overall == "medium" and "bear market" in found.about
    assert (found.grounds[0].bar, found.grounds[0].score.text) == (Meter(0.5, plain=True), "0.50")
    assert found.grounds[-1].score.text == "not known"
    assert found.novelty.startswith("Its volume is unlike any before; so")


def test_the_fan_opens_from_the_last_close_before_the_prediction(desk: Desk):
    with desk.store.read() as tx:
        days, closes = closes_before(tx, BEL, day=date(2026, 11, 20))
        assert closes_before(tx, "INE000000000", day=date(2026, 11, 20))[0] == ()
    assert len(days) == CLOSES and days[-1] == date(2026, 11, 19)
    ahead = tuple(Span(count, -0.1, 0.01, 0.2, HELD) for count in range(1, 31))
    fan = fan_of(desk.calendar, days, closes, ahead)
    assert fan is not None
    assert fan.ahead[:2] == (date(2026, 11, 19), date(2026, 11, 20))
    assert fan.low[0] == fan.high[0] == closes[-1]
    assert fan.high[1] == pytest.approx(closes[-1] * 1.2)
    assert len(fan.low) == len(fan.ahead) <= 31
    assert fan_of(desk.calendar, days, closes, ()) is None
    assert fan_of(desk.calendar, (), np.empty(0), ahead) is None


def test_ranges_stand_beside_what_they_held():
    rows = range_rows([Span(5, -0.031, 0.0, 0.042, HELD), Span(7, 0, 0, 0, HELD),
                       Span(10, -0.05, 0.0, 0.06, replace(HELD, inside=0.6, high=0.7)),
                       Span(20, -0.05, 0.0, 0.06, None)], last=2000.0)  # fmt: skip
    assert [(row.sessions, row.span) for row in rows[:2]] == [
        ("5 sessions", "−3.1 % to +4.2 %"), ("10 sessions", "−5.0 % to +6.0 %"),
    ]  # fmt: skip
    assert (rows[0].rupees, rows[1].rupees) == ("₹1,938 – 2,084", "₹1,900 – 2,120")
    assert (
        range_rows([Span(5, -0.031, 0.0, 0.042, HELD)], last=100.5)[0].rupees == "₹97.38 – 104.72"
    )
    assert range_rows([Span(5, -0.031, 0.0, 0.042, HELD)], last=None)[0].rupees == ""
    assert rows[0].held.text == "79 % of n 300" and rows[0].held.tone == ""
    assert rows[0].held.note == "over 10 sessions, 95 % 74 – 83 %"
    assert rows[1].held.tone == "warn" and rows[2].held.text == "not measured"


def said(count: int, *, hits: int, **changes: object) -> list[Foretold]:
    first = date(2026, 1, 1)
    return [
        Foretold(a_prediction(**changes), first + timedelta(days=n),
                 "target" if n < hits else "stop", first + timedelta(days=n + 5), 0.03)
        for n in range(count)
    ]  # fmt: skip


def test_the_past_is_counted_and_is_a_percentage_from_thirty_on():
    few = [*said(29, hits=9), Foretold(a_prediction(), date(2026, 3, 1), "", None, None)]
    assert past_note(few) == "30 sessions, 29 over"
    assert past_said(few).startswith("Target first in 9 of 29; 30 are needed")
    assert past_said(said(30, hits=9)).startswith("Target first in 30.0 % of 30; said 30.0 %")
    assert "no percentage was said" in past_said(said(30, hits=9, has_vote=False))
    assert past_said([few[-1]]) == ""
    quick = [replace(one, is_ripe=False) for one in said(40, hits=40)]
    assert past_said(quick).startswith("None counts yet: until ten sessions are past")
    assert past_said([*quick, *said(30, hits=9)]).startswith("Target first in 30.0 % of 30;")
    # what was said is held against the same sessions: 9 of 30, not 9 of 60
    mixed = [*said(30, hits=9), *said(30, hits=0, has_vote=False)]
    assert past_said(mixed).startswith(
        "Target first in 30.0 % of 30 sessions with a percentage; said 30.0 %."
    )
    rows = past_rows([few[-1], *said(1, hits=1, has_vote=False)])
    assert (rows[0].came.text, rows[0].left, rows[0].p_target) == ("not over", "", "30.0 %")
    assert (rows[1].p_target, rows[1].left, rows[1].came.tone) == (NO_VOTE, "+3.00 %", "gain")


def test_the_regime_shows_four_states_that_sum_to_one(tmp_path: Path):
    desk = empty_desk(tmp_path)
    assert regime_view(desk) is None
    panel = noise(seed=2, sessions=620)
    states = market_states(panel).states
    for of, has_states in ((panel, True), (panel.since(panel.sessions[-90]), False)):
        found = regime_record(of, of="market", at=NOW, states=states if has_states else None)
        with desk.store.write() as tx:
            settings.put(tx, KEY, json.loads(to_json(found)))
        view = regime_view(desk)
        assert view is not None and bool(view.rows) is has_states
        assert bool(view.by_rule) is not has_states
        if has_states:
            assert [row.name for row in view.rows] == ["bull", "bear", "sideways", "volatile"]
            assert sum(row.mark == "on" for row in view.rows) == 1
            assert all("±" in row.returns and row.vol.endswith(" %") for row in view.rows)
            assert view.fitted[0].startswith("Filtered")
            np.testing.assert_allclose(view.chances.sum(axis=1), 1.0)


def test_the_scorecard_shows_percentages_from_thirty_cases_and_rupees_with_n(tmp_path: Path):
    assert scores_view(empty_desk(tmp_path), by="model").rows == ()
    whole = scores([fate(n, outcome="target" if n % 3 else "stop") for n in range(30)], by="model")
    row = predictions_score._row(whole[0])
    assert (row.name, row.n, row.said, row.came.text, row.mark) == (
        "All", "30", "40.0 %", "66.7 %", "tot",
    )  # fmt: skip
    assert row.untraded.text == "cost ₹3,000.00" and row.untraded.note == "n 30"
    assert row.traded.text == "none yet"
    assert predictions_score._note(whole[0]) == (
        "30 cards, 0 not over; a model voted in 30 of 30 cases"
    )
    few = predictions_score._row(scores([fate(0)], by="model")[0])
    assert (few.said, few.came.text, few.came.note, few.brier) == ("–", "1 of 1", "too few", "–")
    assert predictions_score._sentences(whole[0]) == (
        "Rejecting: cost ₹3,000.00 in 30 trades that are over, ₹1,51,500 of shares in all, after "
        "charges.",
    )
