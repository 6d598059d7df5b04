"""What a model says, in the terminal."""

from __future__ import annotations

import pytest

from core.desk.desk import Desk
from core.store import predictions
from tests.cli.terminal import Terminal
from tests.made import a_prediction
from tests.views.shelf import BEL, MODEL, ago, probability


@pytest.fixture
def predicted(desk: Desk) -> Desk:
    """One prediction for BEL, ten sessions ahead."""
    said = a_prediction(
        isin=BEL, symbol="BEL", as_of=ago(minutes=5), model_version=MODEL.version, edge=0.012,
        target_first=probability(0.58, 0.51, 0.65), stop_first=probability(0.29, 0.23, 0.36),
        time_exit=probability(0.13, 0.09, 0.19), base_rate=0.41, words=("volume",),
    )  # fmt: skip
    with desk.store.write() as tx:
        predictions.put(tx, [said])
    return desk


def test_a_probability_comes_with_its_interval_and_n(munim: Terminal, predicted: Desk):
    row = munim("predict", "bel", "--days", "10", "--json").document[0]
    assert (row["p_target_first"], row["low"], row["high"], row["n"]) == (0.58, 0.51, 0.65, 142)
    assert "0.58" in munim("predict", "BEL").out


def test_another_horizon_is_not_built(munim: Terminal, predicted: Desk):
    said = munim("predict", "BEL", "--days", "3")
    assert said.code == 2
    assert "there are 10" in said.sentence and said.sentence.endswith("not built yet")


def test_a_share_without_a_prediction_says_what_to_do(munim: Terminal, predicted: Desk):
    said = munim("predict", "RELIANCE")
    assert said.code == 2
    assert "munim scan" in said.sentence


def test_model_files_that_are_gone_fail_the_check(munim: Terminal, predicted: Desk):
    said = munim("models", "verify", MODEL.version)
    assert said.code != 0
    assert said.out == ""
    assert len(said.err.strip().splitlines()) == 1
