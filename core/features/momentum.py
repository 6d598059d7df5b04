"""Momentum: returns over several spans, and oscillators of how they came about."""

from __future__ import annotations

import numpy as np

from core.features.definition import FADES, Own, own
from core.features.own_bars import OwnBars
from core.features.rolling import change, highest, lag, lowest, mean, over, total
from core.features.talib_functions import ta
from core.panel import Floats

GROUP = "momentum"
YEAR = 252
STREAK_MAX = 10


def _macd(bars: OwnBars, pick: int) -> Floats:
    found: tuple[Floats, ...] = bars.once("macd", lambda: ta().MACD(bars.close))
    return found[pick] / bars.close


def _stochastic(bars: OwnBars, pick: int) -> Floats:
    found: tuple[Floats, ...] = bars.once(
        "stochastic", lambda: ta().STOCH(bars.high, bars.low, bars.close, 14, 3, 0, 3, 0)
    )
    return found[pick]


def _stochastic_rsi(bars: OwnBars) -> Floats:
    """Where the RSI stands in its own 14-session range, in percent; NaN where it never moved."""
    rsi = over(ta().RSI, bars.close, 14)
    top, foot = highest(rsi, 14), lowest(rsi, 14)
    return 100.0 * (rsi - foot) / (top - foot)


def _smi(bars: OwnBars) -> Floats:
    found: Floats = ta().SMI(bars.high, bars.low, bars.close)[0]
    return found


def _money_flow(bars: OwnBars) -> Floats:
    """The money flow index; NaN where no typical price moved on any volume."""
    moved = np.append(0.0, np.abs(np.diff(bars.typical)) * bars.volume[1:])
    found = ta().MFI(bars.high, bars.low, bars.close, bars.volume, 14)
    return np.where(total(moved, 14) > 0, found, np.nan)


def _inside(bars: OwnBars) -> Floats:
    """The intraday momentum index; NaN where every bar closed at its open."""
    moved = total(np.abs(bars.close - bars.open), 14)
    return np.where(moved > 0, ta().IMI(bars.open, bars.close, 14), np.nan)


def streak(bars: OwnBars) -> Floats:
    """Closes up (or down, negative) in a row, ten at the most; an unchanged close ends it."""
    moved = np.sign(bars.returns)
    out = moved.copy()
    same = np.ones(len(moved), dtype=np.bool_)
    for back in range(1, STREAK_MAX):
        same &= lag(moved, back) == moved
        out += np.where(same, moved, 0.0)
    return out


def _overnight(bars: OwnBars) -> Floats:
    """Sum of 20 log moves from close to open."""
    return total(np.log(bars.open / lag(bars.close, 1)), 20)


def _elder(bars: OwnBars, pick: int) -> Floats:
    found: tuple[Floats, Floats] = bars.once(
        "elder", lambda: ta().ERI(bars.high, bars.low, bars.close, 13)
    )
    return found[pick] / bars.close


FIRST_RETURNS = (
    own("ret_1", GROUP, "return of the last session", 2, lambda b: b.returns, percent=True),
    own("ret_5", GROUP, "5-session return", 6, lambda b: change(b.close, 5), percent=True),
    own("ret_20", GROUP, "20-session return", 21, lambda b: change(b.close, 20), percent=True),
    own("ret_60", GROUP, "60-session return", 61, lambda b: change(b.close, 60), percent=True),
    own("mom_12_1", GROUP, "12-month return without the last month", 253,
        lambda b: lag(change(b.close, YEAR - 21), 21), percent=True),
    own("rsi_14", GROUP, "RSI of 14 sessions", 15,
        lambda b: over(ta().RSI, b.close, 14), reach=FADES, still="closes", version=2),
    own("macd_hist", GROUP, "MACD histogram over price", 34,
        lambda b: _macd(b, 2), reach=FADES, percent=True),
)  # fmt: skip
FIRST_FLOW = (
    own("cci_20", GROUP, "CCI of 20 sessions", 20,
        lambda b: ta().CCI(b.high, b.low, b.close, 20), still="bars", version=2),
    own("mfi_14", GROUP, "money flow index of 14 sessions", 15,
        _money_flow, version=2),
)  # fmt: skip
MORE: tuple[Own, ...] = (
    own("ret_2", GROUP, "2-session return", 3, lambda b: change(b.close, 2), percent=True),
    own("ret_3", GROUP, "3-session return", 4, lambda b: change(b.close, 3), percent=True),
    own("ret_10", GROUP, "10-session return", 11, lambda b: change(b.close, 10), percent=True),
    own("ret_120", GROUP, "120-session return", 121, lambda b: change(b.close, 120), percent=True),
    own("ret_252", GROUP, "252-session return", 253, lambda b: change(b.close, YEAR), percent=True),
    own("mom_6_1", GROUP, "6-month return without the last month", 127,
        lambda b: lag(change(b.close, 105), 21), percent=True),
    own("ret_change_20", GROUP, "20-session return less the one before it", 41,
        lambda b: change(b.close, 20) - lag(change(b.close, 20), 20), percent=True),
    own("overnight_20", GROUP, "moves from close to open, 20 sessions", 21,
        _overnight, percent=True),
    own("in_session_20", GROUP, "moves from open to close, 20 sessions", 20,
        lambda b: total(np.log(b.close / b.open), 20), percent=True),
    own("up_share_20", GROUP, "share of rising closes, 20 sessions", 21,
        lambda b: mean(np.where(np.isnan(b.returns), np.nan, b.returns > 0), 20), percent=True),
    own("streak", GROUP, "closes in a row the same way, to ten", 2, streak, reach=12),
    own("rsi_2", GROUP, "RSI of 2 sessions", 3, lambda b: over(ta().RSI, b.close, 2), reach=72,
        still="closes", version=2),
    own("rsi_5", GROUP, "RSI of 5 sessions", 6, lambda b: over(ta().RSI, b.close, 5), reach=144,
        still="closes", version=2),
    own("rsi_change_5", GROUP, "change of the RSI over 5 sessions", 20,
        lambda b: over(ta().RSI, b.close, 14) - lag(over(ta().RSI, b.close, 14), 5), reach=FADES,
        still="closes", version=2),
    own("stoch_k", GROUP, "stochastic %K of 14 sessions", 18, lambda b: _stochastic(b, 0),
        still="bars", version=2),
    own("stoch_d", GROUP, "stochastic %D of 14 sessions", 18, lambda b: _stochastic(b, 1),
        still="bars", version=2),
    own("stoch_rsi", GROUP, "place of the RSI in its 14-session range", 28,
        _stochastic_rsi, reach=FADES, still="closes", version=2),
    own("williams_r", GROUP, "Williams %R of 14 sessions", 14,
        lambda b: ta().WILLR(b.high, b.low, b.close, 14), still="bars", version=2),
    own("cmo_14", GROUP, "Chande momentum of 14 sessions", 15,
        lambda b: over(ta().CMO, b.close, 14), reach=FADES, still="closes", version=2),
    own("ultimate", GROUP, "ultimate oscillator", 29,
        lambda b: ta().ULTOSC(b.high, b.low, b.close), still="bars", version=2),
    own("macd_line", GROUP, "MACD over price", 34, lambda b: _macd(b, 0), reach=FADES,
        percent=True),
    own("macd_signal", GROUP, "MACD signal over price", 34, lambda b: _macd(b, 1), reach=FADES,
        percent=True),
    own("trix_15", GROUP, "TRIX of 15 sessions", 44,
        lambda b: over(ta().TRIX, b.close, 15), reach=FADES),
    own("tsi", GROUP, "true strength index of 25 and 13 sessions", 38,
        lambda b: ta().TSI(b.close), reach=FADES, still="closes", version=2),
    own("smi", GROUP, "stochastic momentum index", 46, _smi, reach=FADES, still="bars",
        version=2),
    own("coppock", GROUP, "Coppock curve of sessions", 24, lambda b: ta().COPPOCK(b.close)),
    own("awesome", GROUP, "awesome oscillator over price", 34,
        lambda b: ta().AO(b.high, b.low) / b.close, percent=True),
    own("awesome_change", GROUP, "accelerator over price", 38,
        lambda b: ta().AC(b.high, b.low) / b.close, percent=True),
    own("imi_14", GROUP, "momentum inside the session, 14 sessions", 14,
        _inside, version=2),
    own("power_balance", GROUP, "mean balance of power, 14 sessions", 14,
        lambda b: mean(ta().BOP(b.open, b.high, b.low, b.close), 14), still="bars", version=2),
    own("bull_power", GROUP, "bull power of 13 sessions over price", 13,
        lambda b: _elder(b, 0), reach=144, percent=True),
    own("bear_power", GROUP, "bear power of 13 sessions over price", 13,
        lambda b: _elder(b, 1), reach=144, percent=True),
    own("forecast_gap", GROUP, "distance to the forecast of 14 closes before", 15,
        lambda b: over(ta().FOSC, b.close, 14)),
)  # fmt: skip
