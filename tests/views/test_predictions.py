"""What the table and the model's card may claim, and what they must not."""

from __future__ import annotations

import csv
import math
from pathlib import Path

from core.views.predictions import predictions_view
from tests.views.history import predict
from tests.views.shelf import empty_desk, filled_desk
from tests.views.versions import trained
from ui.tables import as_csv


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
    desk = filled_desk(tmp_path)
    trained(desk, "a", has_vote=True)
    view = predictions_view(desk)
    assert [(f.label, f.value) for f in view.figures] == [
        ("Skill, out of sample", "+11.20 %"),
        ("Brier score", "0.2210"),
        ("Base rate", "41.00 %"),
        ("Cases", "96,000"),
    ]
    assert view.vote_tone == "ok"
    assert "+8.00 % to +14.00 %" in view.vote
    assert view.empty == "No predictions yet. The next scan makes one for every share."


def test_a_model_without_a_vote_says_the_reason_that_its_training_kept(tmp_path: Path):
    desk = empty_desk(tmp_path)
    why = "odds are told too far apart: what came has a slope of 0.60 ± 0.10 over them"
    version = trained(desk, "a", whole={"no_vote": why})  # its skill lies clearly above zero
    view = predictions_view(desk)
    assert view.vote == (
        f"The model has no vote: {why}. Cards come from rules, and no edge is claimed."
    )
    assert view.vote_tone == "warn"
    predict(desk, has_vote=False, version=version.version)
    row = predictions_view(desk).rows[0]
    assert row.why_none == f"the model has no vote: {why}"


def test_a_share_of_too_few_cases_leaves_its_cell_of_the_file_empty_and_says_why(tmp_path: Path):
    desk = filled_desk(tmp_path)
    predict(desk, n=29)
    head, first, _ = as_csv(predictions_view(desk).rows).splitlines()
    told = dict(zip(head.split(","), next(csv.reader([first])), strict=True))
    assert [told[name] for name in ("p_target", "low", "high", "p_stop", "edge")] == [""] * 5
    assert told["why_none"] == "too few, 29 of 30 cases"


def test_without_a_model_the_page_says_what_comes(tmp_path: Path):
    view = predictions_view(empty_desk(tmp_path))
    assert view.figures == ()
    assert view.vote == "No model is trained yet, so nothing is predicted."
    assert "first training is on its way" in view.empty
