"""An odd row is told from the usual ones, as scikit-learn tells it, without running any code."""

import json

import numpy as np
import pytest
from sklearn.ensemble import IsolationForest

from core.models.novelty import (
    FILE,
    ROWS_A_TREE,
    TREES,
    fit_novelty,
    flagged_later,
    novelty_from,
)

NAMES = ("rsi_14", "atr_pct", "ret_20", "gap")


def usual(seed: int = 1, count: int = 5000):
    """Four features of which two go together; one in twenty is missing."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(count, 4)).astype(np.float32)
    rows[:, 1] += rows[:, 0]
    rows[rng.random(rows.shape) < 0.05] = np.nan
    return rows


@pytest.fixture(scope="module")
def found():
    return fit_novelty(usual(), NAMES, seed=7)


def test_scores_are_those_of_scikit_learn(found):
    rows = usual()
    filled = np.where(np.isnan(rows), found.fill.astype(np.float32), rows)
    theirs = IsolationForest(n_estimators=TREES, max_samples=ROWS_A_TREE, random_state=7).fit(
        filled
    )
    np.testing.assert_allclose(found.scores(rows), -theirs.score_samples(filled), atol=1e-12)


def test_few_rows_are_scored_as_scikit_learn_does_too():
    rows = usual(count=50)
    small = fit_novelty(rows, NAMES, seed=3)
    filled = np.where(np.isnan(rows), small.fill.astype(np.float32), rows)
    theirs = IsolationForest(n_estimators=TREES, max_samples=50, random_state=3).fit(filled)
    np.testing.assert_allclose(small.scores(rows), -theirs.score_samples(filled), atol=1e-12)


def test_hardly_any_usual_row_is_flagged_and_what_is_far_out_is(found):
    assert sum(map(bool, found.words(usual(seed=2)))) < 25  # of 5,000; 5 would be the thousandth
    far = np.array([[6, -6, 6, -6]], np.float32)
    [words] = found.words(far)
    assert words.startswith("unlike anything the model learnt from")


def test_one_value_far_beyond_all_seen_is_flagged_and_named(found):
    rows = usual(seed=2)[:1]
    rows[0] = [0.1, 0.2, 0.0, 90.0]
    [words] = found.words(rows)
    assert words == (
        "unlike anything the model learnt from: gap at the last open lies beyond all it saw"
    )


def test_a_row_odd_only_taken_together_names_what_makes_it_so(found):
    # no value lies beyond those seen; the two that go together are both near their furthest
    [words] = found.words(np.array([[3.0, 4.3, 0.0, -3.0]], np.float32))
    assert words == (
        "unlike anything the model learnt from, taken together, most of all ATR of 14 sessions "
        "over price and RSI of 14 sessions"
    )


def test_about_as_many_later_rows_are_flagged_as_it_was_fitted_to():
    # the limit is the 99.9th percentile of what is learnt from
    later = usual(seed=3, count=20_000)
    assert flagged_later(usual(), later, NAMES, seed=7) < 0.004
    assert flagged_later(usual(), later + 9.0, NAMES, seed=7) > 0.9


def test_a_row_of_nothing_but_missing_values_is_not_odd(found):
    assert found.words(np.full((1, 4), np.nan, np.float32)) == [""]


def test_a_column_that_is_never_known_flags_nobody():
    rows = usual()
    rows[:, 2] = np.nan
    blind = fit_novelty(rows, NAMES, seed=7)
    assert sum(map(bool, blind.words(rows))) < 25


def test_the_forest_survives_its_file(found):
    content = found.to_bytes()
    again = novelty_from(content)
    assert FILE.endswith(".json") and json.loads(content)["names"] == list(NAMES)
    rows = usual(seed=5)
    np.testing.assert_array_equal(again.scores(rows), found.scores(rows))
    assert again.words(rows) == found.words(rows)


def test_no_rows_have_no_scores(found):
    assert found.words(np.empty((0, 4), np.float32)) == []


def test_a_version_keeps_what_share_of_the_last_fold_was_flagged(learnt):
    assert 0.0 <= learnt.primary.manifest["flagged"] < 0.05
