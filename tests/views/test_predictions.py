"""What the table and the model's card may claim, and what they must not."""

from __future__ import annotations

import math
from pathlib import Path

from core.views.predictions import predictions_view
from tests.views.history import predict
from tests.views.shelf import empty_desk, filled_desk


def test_the_likeliest_share_comes_first_with_its_interval_and_cases(tmp_path: Path):
    desk = filled_desk(tmp_path)
    predict(desk)
    first, last = predictions_view(desk).rows
    assert (first.symbol, first.p_target, first.interval, first.n) == (
        "RELIANCE", 0.58, "51 – 65 %", 142,
    )  # fmt: skip
    assert (first.says, last.says) == ("above the base rate", "below the base rate")
    assert first.reasons == "volume 2.3 times normal"


def test_below_thirty_cases_no_percentage_is_shown(tmp_path: Path):
    desk = filled_desk(tmp_path)
    predict(desk, n=29)
    row = predictions_view(desk).rows[0]
    assert row.says == "too few, 29 of 30 cases"
    assert math.isnan(row.p_target) and math.isnan(row.edge) and row.interval == ""


def test_a_model_without_a_vote_claims_no_edge(tmp_path: Path):
    desk = filled_desk(tmp_path)
    predict(desk, has_vote=False)
    row = predictions_view(desk).rows[0]
    assert row.says == "edge not measured"
    assert math.isnan(row.edge)


def test_the_card_shows_what_was_measured_out_of_sample(tmp_path: Path):
    view = predictions_view(filled_desk(tmp_path))
    assert [(f.label, f.value) for f in view.figures] == [
        ("Skill, out of sample", "+11.20 %"),
        ("Brier score", "0.2210"),
        ("Base rate", "41.00 %"),
        ("Cases", "96,000"),
    ]
    assert view.vote_tone == "ok"
    assert "+8.00 % to +14.00 %" in view.vote
    assert view.empty == "No predictions yet. The next scan makes one for every share."


def test_without_a_model_the_page_says_what_comes(tmp_path: Path):
    view = predictions_view(empty_desk(tmp_path))
    assert view.figures == ()
    assert view.vote == "No model is trained yet, so nothing is predicted."
    assert "first training is on its way" in view.empty
