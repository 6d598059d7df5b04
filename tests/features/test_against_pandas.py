"""What no published table holds, against the formula written out anew over pandas' windows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.features.beside import Beside
from core.features.compute import compute
from core.panel import FIELDS
from tests.features.locked import ticked

YEAR = 252
SHARE, OTHER = 4, 0  # the first has a gap of ten sessions, the second is the index


@pytest.fixture(scope="module")
def bars() -> pd.DataFrame:
    panel = ticked()
    here = ~np.isnan(panel.close[:, SHARE])
    parts = {name: getattr(panel, name)[here, SHARE] for name in FIELDS}
    parts["index"] = panel.close[here, OTHER]
    return pd.DataFrame(parts, index=pd.to_datetime(list(panel.sessions))[here])


def same(name: str, wanted: pd.Series) -> None:
    panel = ticked()
    here = ~np.isnan(panel.close[:, SHARE])
    found = compute(panel, beside=Beside(index=panel.close[:, OTHER]), names=[name])
    np.testing.assert_allclose(
        found.column(name)[here, SHARE], wanted, rtol=1e-4, atol=1e-6, err_msg=name
    )


def test_volatilities_from_ranges(bars: pd.DataFrame):
    open, high, low, close = (bars[one] for one in ("open", "high", "low", "close"))
    wide, body = np.log(high / low) ** 2, np.log(close / open)
    aside = np.log(high / close) * np.log(high / open) + np.log(low / close) * np.log(low / open)
    gaps = np.log(open / close.shift())
    k = 0.34 / (1.34 + 21 / 19)
    of_ranges = (1 - k) * aside.rolling(20).mean()
    variances = {
        "parkinson_20": wide.rolling(20).mean() / (4 * np.log(2)),
        "garman_klass_20": (0.5 * wide - (2 * np.log(2) - 1) * body**2).rolling(20).mean(),
        "rogers_satchell_20": aside.rolling(20).mean(),
        "yang_zhang_20": gaps.rolling(20).var() + k * body.rolling(20).var() + of_ranges,
    }
    for name, variance in variances.items():
        same(name, np.sqrt(variance * YEAR))


def test_memory_of_returns(bars: pd.DataFrame):
    log, returns = np.log(bars.close), bars.close.pct_change()
    spans = [1, 2, 4, 8, 16]
    sizes = pd.concat(
        [0.5 * np.log(((log - log.shift(one)) ** 2).rolling(120).mean()) for one in spans], axis=1
    )
    slopes = [
        np.polyfit(np.log(spans), row, 1)[0] if np.isfinite(row).all() else np.nan
        for row in sizes.to_numpy()
    ]
    same("hurst_120", pd.Series(slopes))
    same("autocorr_1", returns.rolling(60).corr(returns.shift(1)))
    same("autocorr_5", returns.rolling(60).corr(returns.shift(5)))
    short, long = ((log - log.shift(one)) ** 2 for one in (1, 5))
    same("variance_ratio_5", long.rolling(60).mean() / (5 * short.rolling(60).mean()))


def test_shape_and_price_of_returns(bars: pd.DataFrame):
    returns = bars.close.pct_change()
    window = returns.rolling(60)
    for name, power in (("skew_60", 3), ("kurtosis_60", 4)):

        def moment(x: np.ndarray, power: int = power) -> float:
            apart = x - x.mean()
            return float((apart**power).mean() / (apart**2).mean() ** (power / 2))

        same(name, window.apply(moment, raw=True) - (3 if power == 4 else 0))
    paid = returns.abs() / (bars.close * bars.volume)
    same("illiquidity_20_120", paid.rolling(20).mean() / paid.rolling(120).mean())
    gone = bars.close / bars.close.rolling(14).max() - 1
    same("ulcer_14", np.sqrt((gone**2).rolling(14).mean()))


def test_going_with_the_index(bars: pd.DataFrame):
    mine, its = bars.close.pct_change(), bars["index"].pct_change()
    beta = mine.rolling(60).cov(its, ddof=0) / its.rolling(60).var(ddof=0)
    same("beta_60", beta)
    same("index_corr_60", mine.rolling(60).corr(its))
    apart = mine.rolling(60).var(ddof=0) - beta**2 * its.rolling(60).var(ddof=0)
    same("apart_vol_60", np.sqrt(apart * YEAR))


def test_means_weighted_by_volume(bars: pd.DataFrame):
    typical = (bars.high + bars.low + bars.close) / 3
    paid = typical * bars.volume
    same("vwap_gap_20", bars.close / (paid.rolling(20).sum() / bars.volume.rolling(20).sum()) - 1)
    for name, of in (("vwap_month_gap", "M"), ("vwap_quarter_gap", "Q")):
        period = bars.index.to_period(of)
        mean = paid.groupby(period).cumsum() / bars.volume.groupby(period).cumsum()
        same(name, bars.close / mean - 1)


def test_weeks_and_months_so_far(bars: pd.DataFrame):
    for of, name, periods in (("W", "week_rsi_14", 14), ("M", "month_rsi_6", 6)):
        period = bars.index.to_period(of)
        ends = bars.close.groupby(period).last()
        place = pd.Series(range(len(ends)), index=ends.index).loc[period].to_numpy()
        wanted = []
        for at, number in enumerate(place):
            moves = np.diff([*ends.iloc[max(number - periods, 0) : number], bars.close.iloc[at]])
            rises, all_moves = moves[moves > 0].sum(), np.abs(moves).sum()
            wanted.append(100 * rises / all_moves if number >= periods else np.nan)
        same(name, pd.Series(wanted))
