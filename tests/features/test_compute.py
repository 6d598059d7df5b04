"""The features of a panel: what they are, and that none can see the future."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.errors import BadInput, NoData
from core.features.compute import compute, period_numbers, row
from core.features.newest import newest
from core.features.own_bars import Ints
from core.features.table import FEATURES, MODEL_NAMES, NAMES, VERSION, WORDS, version_of
from core.panel import FIELDS, Panel
from tests.features.made_beside import beside_of
from tests.models.made import AT, isins, noise, panel_of


def flat(sessions: int = 300, shares: int = 2) -> np.ndarray:
    return np.full((sessions, shares), 100.0)


def test_a_feature_of_a_session_uses_nothing_after_it():
    panel = noise(seed=1, shares=6, sessions=330)
    whole = compute(panel)
    for stop in (90, 200, 329):
        cut = compute(panel.until(panel.sessions[stop - 1]))
        np.testing.assert_array_equal(cut.values, whole.values[:stop])


def test_changing_tomorrow_changes_no_feature_of_today():
    panel = noise(seed=2, shares=4, sessions=300)
    shaken = panel.close.copy()
    shaken[250:] *= 3.0
    later = compute(replace(panel, close=shaken, high=np.maximum(panel.high, shaken)))
    np.testing.assert_array_equal(later.values[:250], compute(panel).values[:250])
    assert not np.array_equal(later.values[250:], compute(panel).values[250:], equal_nan=True)


def test_a_split_changes_no_feature():
    panel = noise(seed=3, shares=3, sessions=300)
    factor = np.ones_like(panel.close)
    factor[:150, 0] = 5.0  # one share became five before session 150
    raw = replace(
        panel,
        open=panel.open * factor,
        high=panel.high * factor,
        low=panel.low * factor,
        close=panel.close * factor,
        volume=panel.volume / factor,
        factor=factor,
    )
    np.testing.assert_allclose(compute(raw).values, compute(panel).values, rtol=1e-4, atol=1e-5)


def test_a_steady_rise_has_the_returns_worked_by_hand():
    # 1 % a session: 5 sessions 1.01**5 - 1 = 0.05101, 20 sessions 0.22019
    close = 100 * 1.01 ** np.arange(300.0)[:, None] * np.ones((1, 2))
    found = compute(panel_of(open=close, high=close * 1.005, low=close * 0.995, close=close))
    last = {name: float(found.values[-1, 0, place]) for place, name in enumerate(MODEL_NAMES)}
    assert last["ret_1"] == pytest.approx(0.01, abs=1e-6)
    assert last["ret_5"] == pytest.approx(0.05101, abs=1e-5)
    assert last["ret_20"] == pytest.approx(0.22019, abs=1e-5)
    assert last["mom_12_1"] == pytest.approx(1.01**231 - 1, rel=1e-4)
    assert last["rsi_14"] == pytest.approx(100.0)
    # every return is 1 %: sqrt(0.01**2 * 252) = 0.1587
    assert last["vol_20"] == pytest.approx(0.1587, abs=1e-4)
    assert last["vol_ratio"] == pytest.approx(1.0, abs=1e-4)
    assert last["volume_ratio"] == pytest.approx(1.0)
    # the true range is high less the close before: (1.005 - 1 / 1.01) of the close
    assert last["atr_pct"] == pytest.approx(_mean_range(), rel=1e-3)


def _mean_range() -> float:
    spans = [(1.005 - 1 / 1.01) * 1.01**-back for back in range(14)]
    return sum(spans) / 14


def test_a_share_that_never_moves_has_no_skew_and_no_infinity():
    found = compute(panel_of(open=flat(), high=flat(), low=flat(), close=flat()))
    assert not np.isinf(found.values).any()
    assert np.isnan(found.column("skew_60")).all()
    assert np.isnan(found.column("range_pos")).all()


def test_a_session_without_trade_has_no_features_and_later_ones_carry_on():
    panel = noise(seed=4, shares=3, sessions=320)
    holed = {
        name: np.where(
            (np.arange(320) == 270)[:, None] & [True, False, False], np.nan, getattr(panel, name)
        )
        for name in ("open", "high", "low", "close", "volume")
    }
    found = compute(replace(panel, **holed))
    indicator = [place for place, name in enumerate(MODEL_NAMES) if name != "tilt"]
    assert np.isnan(found.values[270, 0, indicator]).all()
    assert np.isnan(found.values[271:, 0, indicator]).sum() == 0
    # the next return spans the hole
    expected = panel.close[271, 0] / panel.close[269, 0] - 1
    assert found.column("ret_1")[271, 0] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("sessions", [0, 1, 2, 10, 61])
def test_a_short_history_gives_gaps_and_no_error(sessions: int):
    found = compute(noise(seed=5, shares=2, sessions=sessions))
    assert found.values.shape == (sessions, 2, len(MODEL_NAMES))
    assert np.isnan(found.column("high_252")).all()


FROM_PRICES = [one for one in FEATURES if not one.beside]


def holed(*, seed: int, sessions: int, shares: int = 3) -> Panel:
    """Noise whose first share misses every seventh session and the ten from 40 on."""
    panel = noise(seed=seed, shares=shares, sessions=sessions)
    at = np.arange(sessions)
    gone = ((at % 7 == 3) | ((at >= 40) & (at < 50)))[:, None] & (np.arange(shares) == 0)
    return replace(panel, **{name: np.where(gone, np.nan, getattr(panel, name)) for name in FIELDS})


def test_a_feature_speaks_from_the_last_bar_of_its_warm_up_on():
    panel = holed(seed=6, sessions=420)
    found = compute(panel, names=[one.name for one in FROM_PRICES])
    traded = ~np.isnan(panel.close)
    weeks, months = period_numbers(panel.sessions)
    for feature in FROM_PRICES:
        for share in (0, 1):
            here = traded[:, share]
            known = ~np.isnan(found.column(feature.name)[here, share])
            number = {"session": np.arange(here.sum()), "week": _count(weeks[here]),
                      "month": _count(months[here])}[feature.per]  # fmt: skip
            if feature.group in ACROSS:  # a rank speaks once a second share has a value
                number = np.arange(len(panel.sessions))[here]
                known_from = known[number >= feature.warm_up + 60]
                assert known_from.all(), feature.name
                assert not known[number < feature.warm_up - 1].any(), feature.name
                continue
            np.testing.assert_array_equal(known, number >= feature.warm_up - 1, feature.name)


def test_a_column_of_what_stands_beside_speaks_from_its_warm_up_on():
    panel = noise(seed=6, shares=6, sessions=300)
    beside = beside_of(panel, seed=6, missing=0.0)
    others = [one for one in FEATURES if one.beside]
    found = compute(panel, beside=beside, names=[one.name for one in others])
    for feature in others:  # the first share has a sector with another share in it
        known = ~np.isnan(found.column(feature.name)[:, 0])
        np.testing.assert_array_equal(known, np.arange(300) >= feature.warm_up - 1, feature.name)


ACROSS = ("against others", "against the sector")


def _count(periods: Ints) -> Ints:
    return np.cumsum(np.append(0, (np.diff(periods) > 0).astype(np.int64)))


def test_there_are_over_150_columns_and_each_is_described_once():
    assert len(NAMES) == len(set(NAMES)) == len(WORDS) > 150
    assert all(one.words and one.group and one.warm_up >= 1 for one in FEATURES)
    assert len({one.words for one in FEATURES}) == len(FEATURES)


def test_the_tables_version_moves_with_a_columns_and_not_with_new_columns():
    taken = [WORDS[name] for name in MODEL_NAMES]
    assert VERSION == version_of(taken) == "f7"  # the one that stored models name
    panel = noise(seed=5, shares=2, sessions=30)
    assert compute(panel).version == newest(panel).version == VERSION
    assert compute(panel, names=["ret_1"]).version == "f1"  # whatever became of the others
    assert compute(panel, names=["rsi_14", "cci_20"]).version == "f3"
    assert version_of([replace(one, version=2) for one in FEATURES[:2]]) == "f3"


def test_only_the_columns_asked_for_are_computed_in_the_order_asked():
    panel = noise(seed=5, shares=4, sessions=120)
    asked = ("rank_ret_60", "vol_20", "cdldoji", "ret_1")
    found = compute(panel, names=asked)
    assert found.names == asked
    whole = compute(panel, names=NAMES)
    for name in asked:
        np.testing.assert_array_equal(found.column(name), whole.column(name))


def test_an_unknown_column_is_refused():
    with pytest.raises(BadInput, match="no feature is called rsi_15; there are"):
        compute(noise(seed=5, shares=2, sessions=20), names=["rsi_15"])


def test_the_first_28_columns_stand_as_stored_models_name_them():
    assert MODEL_NAMES == (
        "ret_1", "ret_5", "ret_20", "ret_60", "mom_12_1", "rsi_14", "macd_hist", "adx_14",
        "cci_20", "mfi_14", "atr_pct", "vol_20", "vol_60", "vol_ratio", "bb_pos", "dist_sma_20",
        "dist_sma_50", "dist_sma_200", "high_252", "low_252", "volume_ratio", "obv_slope",
        "skew_60", "gap", "range_pos", "rank_ret_20", "rank_vol_20", "tilt",
    )  # fmt: skip


def test_ranks_run_from_zero_to_one_across_shares():
    found = compute(noise(seed=7, shares=5, sessions=100)).column("rank_ret_20")[-1]
    assert sorted(found.tolist()) == pytest.approx([0.0, 0.25, 0.5, 0.75, 1.0])


def test_the_tilt_stands_beside_the_prices_and_can_be_exchanged():
    panel = noise(seed=8, shares=2, sessions=80)
    lean = np.linspace(-1, 1, 160).reshape(80, 2)
    with_lean = compute(panel, tilt=lean)
    np.testing.assert_allclose(with_lean.column("tilt"), lean, rtol=1e-6)
    last = compute(panel).last().with_tilt(lean[-1:])
    np.testing.assert_array_equal(last.values[-1], with_lean.values[-1])
    assert last.sessions == panel.sessions[-1:]


def test_a_row_carries_its_names_version_and_fingerprint():
    panel = noise(seed=9, shares=2, sessions=300)
    features = compute(panel)
    found = row(features, isin=panel.isins[1], session=panel.sessions[-1], as_of=AT)
    assert found["ret_1"] == pytest.approx(panel.close[-1, 1] / panel.close[-2, 1] - 1, rel=1e-4)
    assert (found.names, found.version, found.as_of) == (MODEL_NAMES, VERSION, AT)
    again = row(compute(panel), isin=panel.isins[1], session=panel.sessions[-1], as_of=AT)
    assert again.fingerprint == found.fingerprint
    other = row(features, isin=panel.isins[0], session=panel.sessions[-1], as_of=AT)
    assert other.fingerprint != found.fingerprint


def test_a_row_of_an_unknown_share_or_session_is_refused():
    panel = noise(seed=9, shares=2, sessions=80)
    with pytest.raises(NoData, match="INE999A00000 has no features on"):
        row(compute(panel), isin="INE999A00000", session=panel.sessions[-1], as_of=AT)
    with pytest.raises(NoData, match=r"has no features on 2026-04-06"):
        row(compute(panel), isin=isins(1)[0], session=AT.date(), as_of=AT)


def test_a_row_of_a_young_share_says_what_it_needs():
    panel = noise(seed=9, shares=2, sessions=61)
    short = panel.until(panel.sessions[-2])
    with pytest.raises(NoData, match="under 61 sessions of prices"):
        row(compute(short), isin=panel.isins[0], session=short.sessions[-1], as_of=AT)
    whole = row(compute(panel), isin=panel.isins[0], session=panel.sessions[-1], as_of=AT)
    assert whole["ret_60"] == pytest.approx(panel.close[-1, 0] / panel.close[0, 0] - 1, rel=1e-5)
