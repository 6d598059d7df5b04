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
from core.panel import Floats, Panel

YEAR = 252
TILT = "tilt"
NEEDED = 60  # sessions a share must have traded before its row is used


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
    values = np.full((len(panel.sessions), len(panel.isins), len(NAMES)), np.nan, np.float32)
    for column in range(len(panel.isins)):
        here = ~np.isnan(adjusted.close[:, column])
        if int(here.sum()) > 1:
            own = {
                name: np.ascontiguousarray(getattr(adjusted, name)[here, column])
                for name in ("open", "high", "low", "close", "volume")
            }
            for name, series in _share(**own).items():
                values[here, column, NAMES.index(name)] = series
    for name, of in (("rank_ret_20", "ret_20"), ("rank_vol_20", "vol_20")):
        values[:, :, NAMES.index(name)] = _rank(values[:, :, NAMES.index(of)])
    values[:, :, NAMES.index(TILT)] = 0.0 if tilt is None else tilt
    return FeaturePanel(panel.sessions, panel.isins, NAMES, values)


def row(features: FeaturePanel, *, isin: str, session: date, as_of: datetime) -> FeatureRow:
    """One share's features of one session; raises NoData when it has too short a history."""
    place = features.sessions.index(session)
    column = features.isins.index(isin) if isin in features.isins else -1
    if column < 0:
        raise NoData(f"{isin} is not among the {len(features.isins)} shares of the panel")
    ret_60 = features.column("ret_60")[place, column]
    if np.isnan(ret_60):
        raise NoData(f"{isin} has under {NEEDED} sessions of prices up to {session}")
    values = tuple(float(value) for value in features.values[place, column])
    return FeatureRow(
        isin=isin,
        as_of=as_of,
        names=features.names,
        values=values,
        version=features.version,
        fingerprint=fingerprint(features.names, values, features.version),
    )


def _share(
    *, open: Floats, high: Floats, low: Floats, close: Floats, volume: Floats
) -> dict[str, Floats]:
    import talib

    returns = _change(close, 1)
    vol_20, vol_60 = _vol(returns, 20), _vol(returns, 60)
    upper, _, lower = talib.BBANDS(close, 20)
    obv = talib.OBV(close, volume)
    mean_volume = talib.SMA(volume, 20) if len(volume) >= 20 else np.full_like(volume, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = {
            "ret_1": returns,
            "ret_5": _change(close, 5),
            "ret_20": _change(close, 20),
            "ret_60": _change(close, 60),
            "mom_12_1": _lag(_change(close, YEAR - 21), 21),
            "rsi_14": talib.RSI(close, 14),
            "macd_hist": talib.MACD(close)[2] / close,
            "adx_14": talib.ADX(high, low, close, 14),
            "cci_20": talib.CCI(high, low, close, 20),
            "mfi_14": talib.MFI(high, low, close, volume, 14),
            "atr_pct": talib.ATR(high, low, close, 14) / close,
            "vol_20": vol_20,
            "vol_60": vol_60,
            "vol_ratio": vol_20 / vol_60,
            "bb_pos": (close - lower) / (upper - lower),
            "dist_sma_20": close / _over(talib.SMA, close, 20) - 1,
            "dist_sma_50": close / _over(talib.SMA, close, 50) - 1,
            "dist_sma_200": close / _over(talib.SMA, close, 200) - 1,
            "high_252": close / _over(talib.MAX, high, YEAR) - 1,
            "low_252": close / _over(talib.MIN, low, YEAR) - 1,
            "volume_ratio": volume / mean_volume,
            "obv_slope": (obv - _lag(obv, 20)) / (20 * mean_volume),
            "skew_60": _skew(returns, 60),
            "gap": open / _lag(close, 1) - 1,
            "range_pos": (close - low) / (high - low),
        }
    return {name: np.where(np.isfinite(series), series, np.nan) for name, series in found.items()}


def _over(function: Callable[..., Floats], series: Floats, sessions: int) -> Floats:
    if len(series) < sessions:
        return np.full_like(series, np.nan)
    return function(series, sessions)


def _lag(series: Floats, sessions: int) -> Floats:
    out = np.full_like(series, np.nan)
    out[sessions:] = series[:-sessions] if sessions < len(series) else series[:0]
    return out


def _change(series: Floats, sessions: int) -> Floats:
    return series / _lag(series, sessions) - 1.0


def _windows(series: Floats, sessions: int) -> Floats:
    return np.lib.stride_tricks.sliding_window_view(series, sessions)


def _vol(returns: Floats, sessions: int) -> Floats:
    out = np.full_like(returns, np.nan)
    if len(returns) >= sessions:
        out[sessions - 1 :] = np.sqrt(np.mean(_windows(returns, sessions) ** 2, axis=1) * YEAR)
    return out


def _skew(returns: Floats, sessions: int) -> Floats:
    out = np.full_like(returns, np.nan)
    if len(returns) >= sessions:
        seen = _windows(returns, sessions)
        centred = seen - seen.mean(axis=1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=1))
        with np.errstate(divide="ignore", invalid="ignore"):
            out[sessions - 1 :] = (centred**3).mean(axis=1) / spread**3
    return out


def _rank(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rank across shares in [0, 1] a session; NaN stays NaN."""
    out = np.full_like(values, np.nan)
    for place, line in enumerate(values):
        here = ~np.isnan(line)
        count = int(here.sum())
        if count > 1:
            out[place, here] = np.argsort(np.argsort(line[here], kind="stable")) / (count - 1)
    return out
