"""Ranges by hand, what they cover out of sample, and that they see no future."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest

from core.domain.signal import Regime
from core.models.conformal import (
    HORIZONS,
    LEVEL,
    Held,
    coverage_of,
    ends_of,
    fit_ranges,
    moves_in,
    ranges_from,
    swings,
)
from core.models.walk import Judged, Unseen
from tests.models.made import noise

STARTS = (250, 350, 450)  # of three folds


def judged_of(shape: tuple[int, int]) -> Judged:
    """Every share of every session from the first fold on."""
    place, share = np.nonzero(np.arange(shape[0])[:, None] * np.ones(shape) >= STARTS[0])
    zero = np.zeros(len(place))
    cases = Unseen(
        raw=np.zeros((len(place), 3)),
        outcome=zero.astype(np.int8),
        returns=zero,
        session=place,
        ends=place,
        share=share,
        fold=np.searchsorted(STARTS, place, side="right"),
    )
    return Judged(cases, p=zero, base=zero, alike=zero, strong=zero.astype(bool))


@pytest.fixture(scope="module")
def walk():
    panel = noise(seed=12, shares=40, sessions=600)
    return panel, np.full(panel.close.shape, 0.02), judged_of(panel.close.shape)


def test_the_ends_are_the_order_statistics_that_hold_one_more_case():
    # of 99 moves 1..99 an eighty in a hundred range runs from the 10th to the 90th
    assert ends_of(np.arange(1.0, 100.0)) == (10.0, 50.0, 90.0)
    assert ends_of(np.array([1.0, np.nan, 2.0])) == (1.0, 1.5, 2.0)
    assert np.isnan(ends_of(np.full(3, np.nan))).all()


def test_a_swing_lies_between_the_range_of_now_and_the_usual_move():
    # 0.04 now and a usual move of 0.16 / sqrt(252) = 0.01008 make sqrt(0.04 * 0.01008) = 0.02008
    found = swings(np.array([0.04, 0.04, 0.0]), np.array([0.16, np.nan, 0.16]))
    assert found[0] == pytest.approx(sqrt(0.04 * 0.16 / sqrt(252)))
    assert np.isnan(found[1:]).all()


def test_a_move_is_in_the_swing_of_the_day_it_began(walk):
    panel, _, _ = walk
    swing = np.linspace(0.01, 0.03, panel.close.size).reshape(panel.close.shape)
    found = moves_in(panel, swing, 5)
    by_hand = (panel.close[105, 3] / panel.close[100, 3] - 1) / swing[100, 3]
    assert found[100, 3] == pytest.approx(by_hand)
    assert np.isnan(found[-5:]).all()


def test_ranges_of_a_random_walk_cover_what_they_promise(walk):
    found = fit_ranges(walk[2], walk[0], walk[1])
    assert [one.sessions for one in found.coverage] == list(HORIZONS)
    for one in found.coverage:
        assert one.inside == pytest.approx(LEVEL, abs=0.04), one
        assert one.low < one.inside < one.high and one.honest and one.n > 100


def test_coverage_is_by_year_and_by_regime_too(walk):
    panel, swing, judged = walk
    regimes = [None if at < 300 else Regime.BULL if at < 500 else Regime.BEAR for at in range(600)]
    found = fit_ranges(judged, panel, swing, regimes=regimes)
    assert list(found.parts) == ["2024", "2025", "2026", "bull", "bear"]
    assert {one.sessions for one in found.parts.values()} == {10}
    assert list(fit_ranges(judged, panel, swing).parts) == ["2024", "2025", "2026"]


def test_longer_ranges_are_wider_and_stand_around_their_middle(walk):
    found = fit_ranges(walk[2], walk[0], walk[1])
    spans = [found.of(sessions, swing=0.02) for sessions in (1, 4, 10, 25, 30)]
    for low, mid, high in spans:
        assert -1 <= low < mid < high
    widths = [high - low for low, _, high in spans]
    assert widths == sorted(widths)
    assert found.of(5, swing=0.04)[2] == pytest.approx(2 * found.of(5, swing=0.02)[2])
    assert found.of(30, swing=5.0)[0] == -1.0


def grown(panel, start: int):
    """The same with moves ten times as large from a session on."""
    steps = np.diff(np.log(panel.close[start - 1 :]), axis=0) * 10
    later = panel.close[start - 1] * np.exp(np.cumsum(steps, axis=0))
    return replace(panel, close=np.vstack([panel.close[:start], later]))


def test_a_fold_is_covered_by_ranges_of_what_had_ended_before_it(walk):
    # moves of the last fold made ten times as wide fall out of ranges that never saw them
    panel, swing, judged = walk
    last = judged.cases.fold == judged.cases.fold.max()
    before = fit_ranges(judged, panel, swing)
    after = fit_ranges(judged, grown(panel, STARTS[-1]), swing)
    assert after.coverage[0].inside < before.coverage[0].inside - 0.7 * np.mean(last) * LEVEL
    assert not after.coverage[0].honest


def test_no_range_knows_what_happens_from_its_fold_on(walk):
    # a window that reaches into the last fold is not over when it begins, however long it is
    panel, swing, judged = walk
    last = replace(judged, cases=judged.cases.only(judged.cases.fold == judged.cases.fold.max()))
    one, two = (fit_ranges(last, each, swing) for each in (panel, grown(panel, STARTS[-1])))
    assert [each.width for each in one.coverage] == [each.width for each in two.coverage]
    assert one.lows.tolist() != two.lows.tolist()


def test_shares_that_move_together_are_few_cases():
    # 200 stretches of twenty sessions in which fifty shares are all in or all out, four in five in
    session = np.repeat(np.arange(4000), 50)
    held = Held(10, session, np.tile(np.arange(50), 4000), session // 20 % 5 > 0,
                np.full(len(session), 0.1))  # fmt: skip
    found = coverage_of(held)
    assert (found.inside, found.width) == (pytest.approx(0.8), pytest.approx(0.1))
    assert 190 <= found.n <= 200 and found.high - found.low == pytest.approx(0.11, abs=0.01)


def test_nothing_measured_says_so():
    none = np.array([], int)
    found = coverage_of(Held(10, none, none, none.astype(bool), none.astype(float)))
    assert found.n == 0 and np.isnan(found.inside) and (found.low, found.high) == (0.0, 1.0)


def test_ranges_read_back_say_the_same(walk):
    found = fit_ranges(walk[2], walk[0], walk[1])
    again = ranges_from(found.to_json())
    assert again.of(7, swing=0.03) == found.of(7, swing=0.03)
    assert (again.coverage, again.parts) == (found.coverage, found.parts)


def test_what_was_not_measured_is_null_in_json_and_nan_again():
    panel = noise(seed=1, shares=2, sessions=30)
    cases = judged_of((600, 2)).cases.only(np.zeros(700, bool))
    judged = replace(judged_of((600, 2)), cases=cases)
    found = fit_ranges(judged, panel, np.full(panel.close.shape, 0.02))
    fields = found.to_json()
    assert fields["coverage"][0] == [1, None, 0.0, 1.0, 0, None]
    assert np.isnan(ranges_from(fields).coverage[0].inside) and found.parts == {}


def test_a_horizon_beyond_thirty_sessions_is_refused(walk):
    with pytest.raises(ValueError, match="from 1 to 30 sessions, not 31"):
        fit_ranges(walk[2], walk[0], walk[1]).of(31, swing=0.02)
