"""How far features and probabilities moved since a training."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from core.features.compute import FeaturePanel
from core.models.drift import calibration_drift, feature_drift, psi, spread_of

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


def test_the_index_is_the_sum_over_bins_worked_by_hand():
    # (0.5 - 0.25) ln 2 + (0.5 - 0.75) ln (2 / 3) = 0.1733 + 0.1014
    assert psi(np.array([0.25, 0.75]), np.array([0.5, 0.5])) == pytest.approx(0.2747, abs=1e-4)
    assert psi(np.array([0.3, 0.7]), np.array([0.3, 0.7])) == 0.0


def test_a_shift_of_one_deviation_is_much_and_the_same_noise_is_steady():
    then = spread_of(panel(sessions=300))
    shifted = np.random.default_rng(9).normal(1.0, size=(60, 40))
    found = {
        one.name: one for one in feature_drift(then, panel(sessions=60, seed=2, moved=shifted))
    }
    assert found["moved"].level == "much" and found["moved"].drifted
    assert found["still"].level == "steady" and not found["still"].drifted
    assert found["still"].psi < 0.02


def test_a_column_that_goes_missing_has_drifted():
    then = spread_of(panel(sessions=300))
    found = feature_drift(then, panel(sessions=60, seed=2, gone=np.nan))
    assert found[0].name == "gone" and found[0].drifted


def test_a_calendar_column_moves_much_and_no_further_than_it_always_did():
    """Every 60 sessions see two months of twelve, in training and now."""
    months = (np.arange(720) // 30 % 12)[:, None] * np.ones(40)
    then = spread_of(panel(sessions=720, month=months))
    found = {one.name: one for one in feature_drift(then, panel(sessions=60, month=months[:60]))}
    assert found["month"].level == "much" and not found["month"].drifted


def test_a_warm_up_of_missing_values_is_no_movement_of_training():
    column = np.random.default_rng(5).normal(size=(480, 40))
    column[:230] = np.nan
    then = spread_of(panel(sessions=480, moved=column))["columns"]["moved"]
    assert then["usual"] < 0.05
    lost = feature_drift({"columns": {"moved": then}}, panel(sessions=60, moved=np.nan))
    assert lost[0].drifted


def test_the_furthest_moved_comes_first_and_unknown_columns_are_left_out():
    then = spread_of(panel(sessions=300))
    del then["columns"]["still"]
    found = feature_drift(then, panel(sessions=60, seed=2, moved=5.0))
    assert found[0].name == "moved" and "still" not in [one.name for one in found]


def test_only_the_last_60_sessions_are_looked_at():
    then = spread_of(panel(sessions=300))
    column = np.random.default_rng(4).normal(size=(160, 40))
    column[:100] += 5.0
    found = {
        one.name: one for one in feature_drift(then, panel(sessions=160, seed=3, moved=column))
    }
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


def test_nothing_said_is_nothing_measured():
    found = calibration_drift(np.zeros(0), np.zeros(0, bool), np.zeros(0, np.int64))
    assert found.n == 0 and not found.drifted and np.isnan(found.said)
