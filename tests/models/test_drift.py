"""How far features and probabilities moved since a training."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from core.features.compute import FeaturePanel
from core.models.drift import (
    FEW,
    calibration_drift,
    feature_drift,
    psi,
    spread_of,
)

FIRST = date(2024, 1, 1)


def panel(*, sessions: int, shares: int = 40, seed: int = 1, **columns) -> FeaturePanel:
    """Noise under every name, with whole columns put in place by name."""
    names = ("ret_60", "still", "moved", "month", "gone")
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(sessions, shares, len(names))).astype(np.float32)
    for name, column in columns.items():
        values[:, :, names.index(name)] = column
    days = tuple(FIRST + timedelta(days=place) for place in range(sessions))
    return FeaturePanel(days, tuple(f"S{place}" for place in range(shares)), names, values)


def drifts(then, now):
    """The features alone."""
    return feature_drift(then, now)[0]


def test_the_index_is_the_sum_over_bins_worked_by_hand():
    # (0.5 - 0.25) ln 2 + (0.5 - 0.75) ln (2 / 3) = 0.1733 + 0.1014
    assert psi(np.array([0.25, 0.75]), np.array([0.5, 0.5])) == pytest.approx(0.2747, abs=1e-4)
    assert psi(np.array([0.3, 0.7]), np.array([0.3, 0.7])) == 0.0


def test_a_shift_of_one_deviation_is_much_and_the_same_noise_is_steady():
    then = spread_of(panel(sessions=300))
    shifted = np.random.default_rng(9).normal(1.0, size=(60, 40))
    found = {one.name: one for one in drifts(then, panel(sessions=60, seed=2, moved=shifted))}
    assert found["moved"].level == "much" and found["moved"].drifted
    assert found["still"].level == "steady" and not found["still"].drifted
    assert found["still"].psi < 0.02


def test_a_column_that_goes_missing_has_drifted():
    then = spread_of(panel(sessions=300))
    found = drifts(then, panel(sessions=60, seed=2, gone=np.nan))
    assert found[0].name == "gone" and found[0].drifted


def test_a_calendar_column_moves_much_and_no_further_than_it_always_did():
    """Every 60 sessions see two months of twelve, in training and now."""
    months = (np.arange(720) // 30 % 12)[:, None] * np.ones(40)
    then = spread_of(panel(sessions=720, month=months))
    found = {one.name: one for one in drifts(then, panel(sessions=60, month=months[:60]))}
    assert found["month"].level == "much" and not found["month"].drifted


def test_a_warm_up_of_missing_values_is_no_movement_of_training():
    column = np.random.default_rng(5).normal(size=(480, 40))
    column[:230] = np.nan
    then = spread_of(panel(sessions=480, moved=column))["columns"]["moved"]
    assert then["usual"] < 0.05
    lost = drifts({"columns": {"moved": then}}, panel(sessions=60, moved=np.nan))
    assert lost[0].drifted


def test_the_furthest_moved_comes_first_and_unknown_columns_are_left_out():
    then = spread_of(panel(sessions=300))
    del then["columns"]["still"]
    found = drifts(then, panel(sessions=60, seed=2, moved=5.0))
    assert found[0].name == "moved" and "still" not in [one.name for one in found]


def test_only_the_last_60_sessions_are_looked_at():
    then = spread_of(panel(sessions=300))
    column = np.random.default_rng(4).normal(size=(160, 40))
    column[:100] += 5.0
    found = {one.name: one for one in drifts(then, panel(sessions=160, seed=3, moved=column))}
    assert not found["moved"].drifted


def test_a_large_panel_is_thinned_by_shares_so_that_no_session_is_left_out():
    then = spread_of(panel(sessions=600, shares=100))
    assert then["every_share"] == 3 and then["cases"] == 600 * 34


def said_and_came(*, sessions: int, p: float, rate: float):
    """Fifty shares a session that all hit or miss as `rate` says, by turns."""
    session = np.repeat(np.arange(sessions), 50)
    hits = np.tile(np.arange(50) < 50 * rate, sessions)
    return np.full(len(session), p), hits, session


def test_probabilities_that_say_what_comes_have_not_drifted():
    found = calibration_drift(*said_and_came(sessions=100, p=0.5, rate=0.5))
    assert found.said == found.came == 0.5
    assert found.blocks == 5 and found.measured and not found.drifted
    assert found.n == 10 * 50  # every tenth session


def test_probabilities_far_from_what_came_have_drifted():
    found = calibration_drift(*said_and_came(sessions=100, p=0.4, rate=0.2))
    assert found.gap == pytest.approx(-0.2) and found.drifted and found.high < 0


def test_two_blocks_are_too_few_to_say():
    found = calibration_drift(*said_and_came(sessions=40, p=0.4, rate=0.1))
    assert not found.measured and not found.drifted
    assert np.isnan(found.low)


def wavering(*, blocks: int, low: float, high: float):
    """One case in two says nothing: p 0.5, and rates that swing by turns from block to block."""
    rates = np.repeat([low if one % 2 else high for one in range(blocks)], 20)
    session = np.repeat(np.arange(20 * blocks), 50)
    hits = np.tile(np.arange(50), 20 * blocks) < 50 * np.repeat(rates, 50)
    return np.full(len(session), 0.5), hits, session


def test_three_blocks_of_one_side_are_no_drift_where_they_lie_far_apart():
    # came minus said +0.30, +0.02, +0.30: mean 0.2067, error 0.0933; t of two at 99 % is 9.92
    found = calibration_drift(*wavering(blocks=3, low=0.52, high=0.8))
    assert found.gap == pytest.approx(0.2067, abs=1e-4)
    assert found.high - found.gap == pytest.approx(9.9248 * 0.0933, abs=1e-3)
    assert found.low < 0 and not found.drifted


def test_a_few_sessions_of_a_further_block_are_no_block():
    p, hits, session = said_and_came(sessions=62, p=0.4, rate=0.2)
    late = session >= 15  # 47 sessions that touch four calendar blocks of twenty
    found = calibration_drift(p[late], hits[late], session[late])
    assert found.blocks == 2 and not found.measured


def test_said_and_came_are_told_as_the_gap_is_whatever_the_cases_a_session():
    """One session of 10 cases that all hit, one of 90 that all miss: half came, not a tenth."""
    session = np.repeat([0, 1], [10, 90])
    found = calibration_drift(np.full(100, 0.4), session == 0, session)
    assert found.came == pytest.approx(0.5) and found.gap == pytest.approx(0.1)


def test_a_desk_of_one_share_has_too_few_cases_for_a_percentage():
    session = np.arange(100)
    found = calibration_drift(np.full(100, 0.4), session % 5 == 0, session)
    assert found.blocks == 5 and found.n == 10 and not found.measured


def test_too_few_cases_have_no_index():
    then = spread_of(panel(sessions=300))
    shown, cases = feature_drift(then, panel(sessions=60, shares=4, seed=2))
    assert shown == [] and cases == 240 < FEW


def test_any_60_sessions_of_training_count_wherever_they_begin():
    """A month of 30 sessions apart lies in two aligned windows by halves, in one window whole."""
    column = np.random.default_rng(5).normal(size=(240, 40))
    column[90:150] += 5.0
    usual = spread_of(panel(sessions=240, moved=column))["columns"]["moved"]["usual"]
    column[90:150] -= 5.0
    column[60:120] += 5.0
    assert usual == pytest.approx(
        spread_of(panel(sessions=240, moved=column))["columns"]["moved"]["usual"], rel=0.05
    )


def test_nothing_said_is_nothing_measured():
    found = calibration_drift(np.zeros(0), np.zeros(0, bool), np.zeros(0, np.int64))
    assert found.n == 0 and not found.drifted and np.isnan(found.said)
