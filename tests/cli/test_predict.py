"""What a model says, in the terminal, and how its signals did."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from core.cli.scorecard import _document
from core.desk.desk import Desk
from core.desk.models import signed
from core.desk.models_use import keep_trained
from core.desk.score_by import scores
from core.domain.research import Confidence, Ground, Leaning, ModelVersion
from core.domain.signal import Regime
from core.models.conformal import HORIZONS, Coverage, Ranges
from core.models.files import save
from core.store import models, predictions
from tests.cli.terminal import Terminal
from tests.desk.test_score_by import fate
from tests.made import a_prediction
from tests.views.shelf import BEL, MODEL, RELIANCE, TATAPOWER, ago, probability
from tests.views.versions import trained

CLOSE = Ground(0.5, "half of it")
SURE = Confidence(Ground(0.9, "2 models lie 1.5 points apart"), CLOSE, CLOSE, CLOSE,
                  Ground(None, "nothing was measured over 10 sessions"))  # fmt: skip
STEPS = np.sqrt(np.array(HORIZONS, float))
RANGES = Ranges(
    lows=-STEPS, mids=0 * STEPS, highs=STEPS, parts={},
    coverage=tuple(Coverage(count, 0.79, 0.74, 0.83, 300) for count in HORIZONS),
)  # fmt: skip
SAID = a_prediction(
    isin=BEL, symbol="BEL", as_of=ago(minutes=5), model_version=MODEL.version, edge=0.012,
    target_first=probability(0.58, 0.51, 0.65), stop_first=probability(0.29, 0.23, 0.36),
    time_exit=probability(0.13, 0.09, 0.19), base_rate=0.41,
    words=("volume 2.30, raises the odds",), swing=0.02, regime=Regime.BULL, confidence=SURE,
    leanings=(Leaning("against others", 0.31), Leaning("trend", -0.12)), odds=-0.4,
)  # fmt: skip


def put(desk: Desk, **changes: object) -> None:
    with desk.store.write() as tx:
        predictions.put(tx, [replace(SAID, **changes)])


@pytest.fixture
def predicted(desk: Desk) -> Desk:
    """One prediction for BEL, ten sessions ahead."""
    put(desk)
    return desk


def with_ranges(desk: Desk) -> ModelVersion:
    """A signed model whose manifest has ranges, in use."""
    manifest = {"return_ranges": RANGES.to_json(), "market": desk.market.value, "moves": {}}
    version, digest, place = save(
        desk.home / "models", kind="ensemble", manifest=manifest, files={}
    )
    made = replace(MODEL, version=version, sha256=digest, path=str(place), kind="ensemble")
    with desk.store.write() as tx:
        kept = keep_trained(desk, tx, made, replace(made, version="meta", kind="meta"), by="test")
    return kept


def test_a_probability_comes_with_its_interval_n_and_age(munim: Terminal, predicted: Desk):
    row = munim("predict", "bel", "--json").document[0]
    assert (row["p_target_first"], row["low"], row["high"], row["n"]) == (0.58, 0.51, 0.65, 142)
    assert row["from"] == "from the newest scan" and row["shown"] is True
    said = munim("predict", "BEL").out
    assert "58.0 %" in said and "51.0 % to 65.0 %" in said and "41.0 %" in said
    assert said.endswith("from the newest scan, 5 min ago\n")


def test_without_a_symbol_every_share_of_the_newest_scan_is_told_the_likeliest_first(
    munim: Terminal, predicted: Desk
):
    put(predicted, isin=TATAPOWER, symbol="TATAPOWER", target_first=probability(0.62, 0.55, 0.7))
    put(predicted, isin=RELIANCE, symbol="RELIANCE", as_of=ago(days=2))  # an earlier scan's
    assert [row["symbol"] for row in munim("predict", "--json").document] == ["TATAPOWER", "BEL"]


def test_what_a_model_said_that_is_no_longer_in_use_is_not_told_as_new(
    munim: Terminal, predicted: Desk
):
    with_ranges(predicted)
    said = munim("predict", "BEL")
    assert said.code != 0 and "58" not in said.out  # the model in use has no members to ask


def test_without_a_vote_or_below_thirty_cases_a_person_reads_no_percentage(
    munim: Terminal, desk: Desk
):
    put(desk, has_vote=False)
    said = munim("predict", "BEL").out
    assert "edge not measured" in said and "58" not in said
    put(desk, target_first=probability(0.58, 0.51, 0.65, 29))
    said = munim("predict", "BEL").out
    assert "too few, 29 of 30 cases" in said and "58" not in said
    assert munim("predict", "BEL", "--json").document[0]["shown"] is False


def test_a_program_is_given_no_percentage_that_a_person_is_not_shown(munim: Terminal, desk: Desk):
    nothing = dict.fromkeys(("p_target_first", "low", "high", "p_stop_first", "edge"))
    put(desk, target_first=probability(0.58, 0.51, 0.65, 29))
    [row] = munim("predict", "BEL", "--json").document
    assert {name: row[name] for name in nothing} == nothing
    assert (row["n"], row["why_null"], row["no_vote"]) == (29, "too few, 29 of 30 cases", "")
    put(desk, has_vote=False)
    with desk.store.write() as tx:
        models.put(tx, signed(desk, replace(MODEL, has_vote=False)))
    [row] = munim("predict", "BEL", "--json").document
    assert {name: row[name] for name in nothing} == nothing
    assert row["why_null"] == f"the model has no vote: {row['no_vote']}" and row["no_vote"]


def test_a_person_reads_below_the_table_why_the_model_has_no_vote(munim: Terminal, desk: Desk):
    why = "its figures look like a leak: rank IC 0.120 is over 0.08"
    put(desk, has_vote=False, model_version=trained(desk, "a", whole={"no_vote": why}).version)
    assert f"has no vote: {why}. Cards come from rules" in munim("predict", "BEL").out
    assert munim("predict", "BEL", "--json").document[0]["no_vote"] == why


def test_a_group_of_too_few_cases_has_no_share_in_json():
    few = scores([fate(day) for day in range(29)], by="model")[0]
    told = _document(few)
    assert (told["n"], told["came"], told["why_null"]) == (29, 29, "too few, 29 of 30 cases")
    assert [told[name] for name in ("said", "low", "high", "brier", "brier_base")] == [None] * 5
    told = _document(scores([fate(day) for day in range(30)], by="model")[0])
    assert (told["said"], told["why_null"]) == (pytest.approx(0.4), "")


def test_a_range_of_one_to_thirty_sessions_says_what_it_held(munim: Terminal, desk: Desk):
    put(desk, model_version=with_ranges(desk).version)
    [row] = munim("predict", "BEL", "--days", "1", "--json").document
    assert row["range"]["low"] == pytest.approx(-0.02)
    assert (row["range"]["covered"], row["range"]["covered_n"]) == (0.79, 300)
    [row] = munim("predict", "BEL", "--days", "30", "--json").document
    assert row["range"]["high"] == pytest.approx(0.02 * 30**0.5)
    said = munim("predict", "BEL", "--days", "1").out
    assert "−2.0 % to 2.0 %" in said and "79 % of 300" in said


def test_a_horizon_outside_and_a_model_without_ranges_are_one_sentence(
    munim: Terminal, predicted: Desk
):
    said = munim("predict", "BEL", "--days", "31")
    assert said.code == 2 and "outside 1 to 30 sessions" in said.sentence
    said = munim("predict", "BEL", "--days", "5")
    assert said.code != 0 and "no return ranges for BEL" in said.sentence


def test_an_explanation_has_groups_reasons_and_grounds(munim: Terminal, predicted: Desk):
    [row] = munim("predict", "BEL", "--explain", "--json").document
    assert row["contributions"] == {"against others": 0.31, "trend": -0.12}
    assert row["confidence"]["agreement"]["score"] == 0.9
    assert row["log_odds"] == -0.4
    said = munim("predict", "BEL", "--explain").out
    assert "  −0.59 where the model starts, +0.19 by all groups: log-odds −0.40" in said
    for part in ("+0.31  rank against other shares", "−0.12  trend", "confidence: medium",
                 "0.90  agreement of the models: 2 models", "raises the odds"):  # fmt: skip
        assert part in said, said


def test_what_an_older_scan_kept_says_what_it_lacks(munim: Terminal, desk: Desk):
    put(desk, leanings=(), confidence=None)
    said = munim("predict", "BEL", "--explain").out
    assert "kept without what moved it" in said and "kept without its grounds" in said


def test_a_share_that_was_not_scanned_needs_a_model_that_opens(munim: Terminal, predicted: Desk):
    said = munim("predict", "RELIANCE")
    assert said.code != 0 and len(said.err.strip().splitlines()) == 1
    assert munim("predict", "NOSUCH").code == 2


def test_what_a_scan_kept_is_told_and_drawn_without_loading_a_model(predicted: Desk):
    code = (
        "import sys\nimport core.views.predictions_share, core.views.predictions_regime\n"
        "import core.views.predictions_score\nfrom core.cli import main\n"
        "sys.argv = ['munim', 'predict', 'BEL', '--json']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'lightgbm', 'torch', 'sklearn', 'scipy', 'talib', 'pandas', 'xgboost'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    told, heavy = done.stdout.strip().splitlines()
    assert json.loads(told)[0]["symbol"] == "BEL"
    assert heavy == "[]"


def test_the_scorecard_groups_and_refuses_another_way(munim: Terminal, desk: Desk):
    assert munim("scorecard").out.startswith("No signal is done with yet.")
    assert munim("scorecard", "--json").document == []
    said = munim("scorecard", "--by", "colour")
    assert (
        said.code == 2 and "give one of model, strategy, regime, sector, mandate" in said.sentence
    )
