"""Features through TA-Lib, one share's own sessions at a time, over the whole panel.

A share that did not trade on a session has no features there; its next ones carry on from the
session it last traded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from core.domain.signal import FeatureRow, fingerprint
from core.errors import NoData
from core.features.table import NAMES, VERSION
from core.panel import FIELDS, Floats, Panel

YEAR = 252
TILT = "tilt"
NEEDED = 60  # sessions a share must have traded before its row is used
STILL = 1e-12  # variance of daily returns under which a share did not move
RANKS = {"rank_ret_20": "ret_20", "rank_vol_20": "vol_20"}


@dataclass(frozen=True, slots=True)
class FeaturePanel:
    """`values` has shape (n_sessions, n_instruments, n_features), float32, NaN for missing."""

    sessions: tuple[date, ...]
    isins: tuple[str, ...]
    names: tuple[str, ...]
    values: NDArray[np.float32]
    version: str = VERSION

    def column(self, name: str) -> NDArray[np.float32]:
        """One feature over sessions and instruments."""
        return self.values[:, :, self.names.index(name)]

    def last(self) -> FeaturePanel:
        """The last session alone, values of its own."""
        return replace(self, sessions=self.sessions[-1:], values=self.values[-1:].copy())

    def with_tilt(self, tilt: Floats) -> FeaturePanel:
        """The same with another lean of filings and news, shape (n_sessions, n_instruments)."""
        values = self.values.copy()
        values[:, :, self.names.index(TILT)] = tilt
        return replace(self, values=values)


def compute(panel: Panel, *, tilt: Floats | None = None) -> FeaturePanel:
    """All features of all sessions; row s uses nothing after session s's close.

    Args:
        tilt: lean of filings and news known by each close, shape (n_sessions, n_instruments).
    """
    adjusted = panel.adjusted()
    prices = np.stack([getattr(adjusted, name).T for name in FIELDS], axis=1)
    by_share = np.full((len(panel.isins), len(NAMES), len(panel.sessions)), np.nan, np.float32)
    for column, own in enumerate(prices):
        here = ~np.isnan(own).any(axis=0)
        if int(here.sum()) > 1:
            for name, series in _share(*np.ascontiguousarray(own[:, here])).items():
                by_share[column, NAMES.index(name), here] = series
    for name, of in RANKS.items():
        by_share[:, NAMES.index(name)] = _rank(by_share[:, NAMES.index(of)])
    by_share[:, NAMES.index(TILT)] = 0.0 if tilt is None else tilt.T
    values = np.ascontiguousarray(by_share.transpose(2, 0, 1))
    return FeaturePanel(panel.sessions, panel.isins, NAMES, values)


def row(features: FeaturePanel, *, isin: str, session: date, as_of: datetime) -> FeatureRow:
    """One share's features of one session; raises NoData when there are none."""
    if session not in features.sessions or isin not in features.isins:
        raise NoData(
            f"{isin} has no features on {session}; there are {len(features.isins)} shares and "
            f"{len(features.sessions)} sessions, ask for one of those"
        )
    found = features.values[features.sessions.index(session), features.isins.index(isin)]
    if np.isnan(found[features.names.index("ret_60")]):
        raise NoData(
            f"{isin} did not trade on {session} or has under {NEEDED} sessions of prices by then; "
            "import more history"
        )
    values = tuple(float(value) for value in found)
    return FeatureRow(
        isin=isin,
        as_of=as_of,
        names=features.names,
        values=values,
        version=features.version,
        fingerprint=fingerprint(features.names, values, features.version),
    )


def _share(
    open: Floats, high: Floats, low: Floats, close: Floats, volume: Floats
) -> dict[str, Floats]:
    with np.errstate(divide="ignore", invalid="ignore"):
        found = {
            **_returns(_change(close, 1)),
            **_oscillators(high, low, close, volume),
            "ret_5": _change(close, 5),
            "ret_20": _change(close, 20),
            "ret_60": _change(close, 60),
            "mom_12_1": _lag(_change(close, YEAR - 21), 21),
            "gap": open / _lag(close, 1) - 1,
            "range_pos": (close - low) / (high - low),
        }
    return {name: np.where(np.isfinite(series), series, np.nan) for name, series in found.items()}


def _oscillators(high: Floats, low: Floats, close: Floats, volume: Floats) -> dict[str, Floats]:
    """Indicators of prices and volume, made free of scale."""
    import talib

    upper, _, lower = talib.BBANDS(close, 20)
    obv = talib.OBV(close, volume)
    usual = _over(talib.SMA, volume, 20)
    return {
        "rsi_14": talib.RSI(close, 14),
        "macd_hist": talib.MACD(close)[2] / close,
        "adx_14": talib.ADX(high, low, close, 14),
        "cci_20": talib.CCI(high, low, close, 20),
        "mfi_14": talib.MFI(high, low, close, volume, 14),
        # a simple mean, so that it is the ATR of the labels and of the brackets
        "atr_pct": _over(talib.SMA, talib.TRANGE(high, low, close), 14) / close,
        "bb_pos": (close - lower) / (upper - lower),
        "dist_sma_20": close / _over(talib.SMA, close, 20) - 1,
        "dist_sma_50": close / _over(talib.SMA, close, 50) - 1,
        "dist_sma_200": close / _over(talib.SMA, close, 200) - 1,
        "high_252": close / _over(talib.MAX, high, YEAR) - 1,
        "low_252": close / _over(talib.MIN, low, YEAR) - 1,
        "volume_ratio": volume / usual,
        "obv_slope": (obv - _lag(obv, 20)) / (20 * usual),
    }


def _returns(returns: Floats) -> dict[str, Floats]:
    """The last return, and volatility and skew of the returns before and with it."""
    import talib

    month = _over(talib.SMA, returns**2, 20)
    square, mean = _over(talib.SMA, returns**2, 60), _over(talib.SMA, returns, 60)
    cube = _over(talib.SMA, returns**3, 60)
    variance = square - mean**2
    skew = (cube - 3 * mean * square + 2 * mean**3) / np.maximum(variance, STILL) ** 1.5
    vol_20, vol_60 = np.sqrt(month * YEAR), np.sqrt(square * YEAR)
    return {
        "ret_1": returns,
        "vol_20": vol_20,
        "vol_60": vol_60,
        "vol_ratio": vol_20 / vol_60,
        "skew_60": np.where(variance > STILL, skew, np.nan),
    }


def _over(function: Callable[..., Floats], series: Floats, sessions: int) -> Floats:
    if len(series) < sessions:
        return np.full_like(series, np.nan)
    return function(series, sessions)


def _lag(series: Floats, sessions: int) -> Floats:
    out = np.full_like(series, np.nan)
    out[sessions:] = series[:-sessions]
    return out


def _change(series: Floats, sessions: int) -> Floats:
    return series / _lag(series, sessions) - 1.0


def _rank(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rank across shares (down) in [0, 1] on each session (across); NaN stays NaN."""
    here = ~np.isnan(values)
    count = here.sum(axis=0)
    places = np.argsort(np.argsort(values, axis=0, kind="stable"), axis=0)
    ranks = places / np.maximum(count - 1, 1)
    return np.where(here & (count > 1), ranks, np.nan).astype(np.float32)
