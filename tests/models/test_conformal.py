"""Ranges by hand, what they cover out of sample, and that they see no future."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.features.compute import compute
from core.models.barriers import label
from core.models.conformal import HORIZONS, LEVEL, _ends, fit_ranges, moves_in_atr, ranges_from
from core.models.learners import chosen
from core.models.pool import pool_members
from tests.models.made import noise


@pytest.fixture(scope="module")
def walk():
    panel = noise(seed=12, shares=40, sessions=600)
    features = compute(panel)
    found = pool_members(
        features, label(panel), panel, learners=chosen(["lgbm"]), progress=lambda _s, _w: None
    )
    return panel, features.column("atr_pct").astype(float), found.judged


def test_the_ends_are_the_order_statistics_that_hold_one_more_case():
    # of 99 moves 1..99 an eighty in a hundred range runs from the 10th to the 90th
    assert _ends(np.arange(1.0, 100.0)) == (10.0, 50.0, 90.0)
    assert _ends(np.array([1.0, 2.0])) == (1.0, 1.5, 2.0)


def test_a_move_is_in_the_atr_of_the_day_it_began(walk):
    panel, atr, _ = walk
    found = moves_in_atr(panel, atr, 5)
    by_hand = (panel.close[105, 3] / panel.close[100, 3] - 1) / atr[100, 3]
    assert found[100, 3] == pytest.approx(by_hand)
    assert np.isnan(found[-5:]).all()


def test_ranges_of_a_random_walk_cover_what_they_promise(walk):
    panel, atr, judged = walk
    found = fit_ranges(judged, panel, atr)
    assert [one.sessions for one in found.coverage] == list(HORIZONS)
    for one in found.coverage[:4]:
        assert one.inside == pytest.approx(LEVEL, abs=0.04), one
        assert one.low < one.inside < one.high and one.n > 100


def test_longer_ranges_are_wider_and_stand_around_their_middle(walk):
    panel, atr, judged = walk
    found = fit_ranges(judged, panel, atr)
    spans = [found.of(sessions, atr=0.02, p=0.3) for sessions in (1, 4, 10, 25, 30)]
    for low, mid, high in spans:
        assert -1 <= low < mid < high
    widths = [high - low for low, _, high in spans]
    assert widths == sorted(widths)
    assert found.of(5, atr=0.04, p=0.3)[2] == pytest.approx(2 * found.of(5, atr=0.02, p=0.3)[2])


def test_a_fold_is_covered_by_ranges_of_earlier_folds_alone(walk):
    # moves of the last fold made ten times as wide fall out of ranges that never saw them
    panel, atr, judged = walk
    last = judged.cases.fold == judged.cases.fold.max()
    start = int(judged.cases.session[last].min())
    wild = replace(panel, close=panel.close.copy())
    steps = np.diff(np.log(panel.close), axis=0)
    steps[start:] *= 10
    wild.close[1:] = panel.close[0] * np.exp(np.cumsum(steps, axis=0))
    before, after = fit_ranges(judged, panel, atr), fit_ranges(judged, wild, atr)
    assert after.coverage[0].inside < before.coverage[0].inside - 0.15
    assert not after.coverage[0].honest


def test_ranges_read_back_say_the_same(walk):
    panel, atr, judged = walk
    found = fit_ranges(judged, panel, atr)
    again = ranges_from(found.to_json())
    assert again.of(7, atr=0.03, p=0.2) == found.of(7, atr=0.03, p=0.2)
    assert again.coverage == found.coverage


def test_a_horizon_beyond_thirty_sessions_is_refused(walk):
    panel, atr, judged = walk
    with pytest.raises(ValueError, match="from 1 to 30 sessions, not 31"):
        fit_ranges(judged, panel, atr).of(31, atr=0.02, p=0.3)
