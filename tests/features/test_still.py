"""Shares that stand still or are not traded: what has nothing to go by is missing, not zero."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.features.compute import compute
from core.features.newest import newest
from core.features.rolling import last_all, mean, total
from core.features.table import FEATURES, MODEL_NAMES, OWN
from core.panel import FIELDS, Floats, Panel
from tests.features.made_bars import bars_of
from tests.features.test_newest import alike
from tests.models.made import noise, panel_of

# An oscillator, a place in a band or a ratio of moves; TA-Lib says 0, 1 or 50 of most of them.
OF_MOVES = (
    "rsi_14", "rsi_2", "rsi_5", "rsi_change_5", "cmo_14", "rvi_14", "tsi", "smi", "stoch_k",
    "stoch_d", "stoch_rsi", "williams_r", "ultimate", "cci_20", "mfi_14", "imi_14", "cmf_20",
    "power_balance", "di_plus_14", "di_minus_14", "di_gap_14", "adx_14", "adx_change_5",
    "vortex_14", "efficiency_10", "vhf_28", "mass_25", "range_trend", "choppiness_14",
    "straight_20", "straight_60", "supertrend_side", "sar_gap",
    "bb_pos", "keltner_pos_20", "acceleration_pos_20", "squeeze_20", "channel_pos_20",
    "channel_pos_55", "channel_pos_252", "range_pos", "body", "shadow_above", "shadow_below",
    "body_size", "breakout_20", "breakdown_20", "range_now",
    "vol_ratio", "vol_5_20", "range_over_close_20", "vol_of_vol_60", "skew_60", "skew_20",
    "kurtosis_60", "sharpe_60", "gain_loss_20", "autocorr_1", "autocorr_5", "autocorr_size",
    "variance_ratio_5", "variance_ratio_20", "hurst_120", "entropy_60", "z_20", "z_60",
    "illiquidity_20_120", "volume_price_20", "volume_size_20", "week_rsi_14", "month_rsi_6",
)  # fmt: skip
OF_VOLUME = (
    "mfi_14", "volume_ratio", "obv_slope", "volume_5_60", "volume_20_120", "volume_z_60",
    "volume_slope_20", "turnover_5_20", "cmf_20", "ad_slope", "pvt_slope", "chaikin_osc",
    "force_13", "pvo", "vwap_gap_20", "vwap_gap_60", "vwap_month_gap", "vwap_quarter_gap",
    "vwma_gap_20", "illiquidity_20_120", "volume_price_20", "volume_size_20",
    "volume_on_rises_20", "volume_change_1",
)  # fmt: skip
SESSIONS, STILL = 820, 410


def stopped() -> Panel:
    """Share 0 moves all along, 1 stops 290 sessions before the end, 2 never moved."""
    panel = noise(seed=4, shares=3, sessions=SESSIONS)
    late = np.arange(SESSIONS) >= SESSIONS - STILL
    held = np.where(late, panel.close[SESSIONS - STILL, 1], np.nan)
    prices = {}
    for name in FIELDS[:4]:
        grid = getattr(panel, name).copy()
        grid[:, 1] = np.where(late, held, grid[:, 1])
        grid[:, 2] = 80.0
        prices[name] = grid
    return replace(panel, **prices)


def test_a_share_that_stands_still_has_no_oscillator_and_no_ratio_of_moves():
    found = compute(stopped(), names=OF_MOVES)
    for name in OF_MOVES:
        moving, stopped_late, never = found.column(name)[-1]
        assert not np.isnan(moving), name
        assert np.isnan([stopped_late, never]).all(), name


def test_what_is_truly_nothing_of_a_still_share_is_zero():
    names = ("ret_20", "vol_20", "vol_60", "vol_252", "atr_pct", "dist_sma_20", "bb_width_20")
    found = compute(stopped(), names=names)
    np.testing.assert_allclose(found.values[-1, 1:], 0.0, atol=1e-12)


def test_a_share_has_an_oscillator_again_with_its_first_move():
    panel = panel_of(**{name: _one_step(at=40) for name in FIELDS[:4]})
    found = compute(panel, names=("rsi_14", "cmo_14")).values[:, 0]
    assert np.isnan(found[:40]).all()
    assert found[40:].tolist() == [[100.0, 100.0]] * 20  # all it has ever done is rise


def _one_step(*, at: int) -> Floats:
    return np.where(np.arange(60)[:, None] < at, 100.0, 101.0)


def test_an_extreme_is_as_old_as_its_newest_touch_whatever_came_before():
    # the high of 110 is met 50 and 7 bars before the last of 200, the low of 90 on the last
    high, low = np.full(200, 100.0), np.full(200, 100.0)
    high[[149, 192]], low[[30, 145, 199]] = 110.0, 90.0
    for upto in (200, 120, 60):  # bars known
        bars = bars_of(np.full(upto, 100.0), high=high[-upto:], low=low[-upto:])
        columns = {one.definition.name: one.calc for one in OWN}
        assert columns["high_age_60"](bars)[-1] == pytest.approx(7 / 60)
        assert columns["low_age_60"](bars)[-1] == pytest.approx(0.0)


def test_a_share_without_volume_has_no_measure_of_volume():
    panel = noise(seed=5, shares=2, sessions=SESSIONS)
    volume = panel.volume.copy()
    volume[-STILL:, 1] = 0.0
    found = compute(replace(panel, volume=volume), names=OF_VOLUME)
    for name in OF_VOLUME:
        traded, untraded = found.column(name)[-1]
        assert not np.isnan(traded) and np.isnan(untraded), name


def test_the_newest_session_of_still_shares_is_the_last_of_all():
    names = [one.name for one in FEATURES if not one.beside]
    alike(newest(stopped(), names=names), compute(stopped(), names=names))


def test_a_stretch_of_zeros_sums_to_zero_whatever_went_before():
    series = np.concatenate([[np.nan], np.full(30, 0.1), [1e9], np.zeros(8), [0.5]])
    assert total(series, 5)[-5:-1].tolist() == mean(series, 5)[-5:-1].tolist() == [0.0] * 4
    assert mean(series, 5)[-1] == pytest.approx(0.1, abs=1e-6)
    assert mean(np.ones(3), 5)[:].tolist() == pytest.approx([np.nan] * 3, nan_ok=True)


def test_a_price_stood_where_all_bars_looked_at_had_it_alone():
    bars = bars_of([5, 5, 5, 6, 6, 6, 6], high=[5, 5, 5, 6, 7, 6, 6], low=[5, 5, 5, 6, 6, 6, 6])
    # the first three never moved; then the last two of them, or the last three, closed alike
    assert bars.stood("closes", 2).tolist() == [0, 1, 2, 4, 5, 6]
    assert bars.stood("closes", 3).tolist() == [0, 1, 2, 5, 6]
    assert bars.stood("bars", 2).tolist() == [0, 1, 2, 6]  # the fifth has a range
    assert bars_of([5, 6], high=[6, 6]).stood("bars", 2).tolist() == []
    assert last_all(np.array([True, True, False, True, True, True]), 2).tolist() == [1, 4, 5]


def test_no_column_is_infinite_however_a_share_stands():
    panel = stopped()
    volume = panel.volume.copy()
    volume[-60:] = 0.0
    whole = compute(replace(panel, volume=volume), names=[one.name for one in FEATURES])
    assert not np.isinf(whole.values).any()
    assert len(MODEL_NAMES) == 28
