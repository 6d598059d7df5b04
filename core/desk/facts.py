"""A few numbers about one share from its last bars, light enough for the worker's safe loop.

The same function serves the card and the second look at the guardrails right before a send,
so the two can only differ by what the market did in between.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.domain.money import Money
from core.errors import NoData
from core.panel import Floats, Panel

WINDOW = 60  # sessions read
SPAN = 14  # sessions of ATR and RSI, as Wilder set them
NEEDED = 30


@dataclass(frozen=True, slots=True)
class ShareFacts:
    """As of the last bar: rupees, fractions a year, RSI in 0..100, skew of daily returns.

    `returns` leaves out sessions without a price; `by_session` holds one for each of the last 59
    sessions of the panel, NaN where there is none, so that shares can be laid side by side.
    """

    isin: str
    close: Money
    atr: Money
    vol: float
    rsi: float
    skew: float
    turnover_median: Money
    volume_median: float
    returns: Floats
    by_session: Floats


def share_facts(panel: Panel, isin: str) -> ShareFacts:
    """Facts of one share from at most the last 60 sessions.

    Raises:
        NoData: fewer than 30 sessions with a price.
    """
    at = (slice(-WINDOW, None), panel.column(isin))
    factor = panel.factor[at]
    known = panel.close[at] / factor
    here = ~np.isnan(known)
    if int(here.sum()) < NEEDED:
        raise NoData(f"{isin} has {int(here.sum())} of {NEEDED} sessions with a price")
    close = known[here]
    high, low = (panel.high[at] / factor)[here], (panel.low[at] / factor)[here]
    returns = close[1:] / close[:-1] - 1.0
    turnover = (panel.close[at] * panel.volume[at])[here]
    volume = (panel.volume[at] * factor)[here]
    return ShareFacts(
        isin=isin,
        close=_money(close[-1]),
        atr=_money(_atr(high, low, close)),
        vol=float(np.sqrt(np.mean(returns**2) * 252)),
        rsi=_rsi(close),
        skew=_skew(returns),
        turnover_median=_money(float(np.median(turnover[-20:]))),
        volume_median=float(np.median(volume[-20:])),
        returns=returns,
        by_session=known[1:] / known[:-1] - 1.0,
    )


def _money(rupees: float) -> Money:
    return Money(round(float(rupees) * 100))


def _atr(high: Floats, low: Floats, close: Floats) -> float:
    before = close[:-1]
    spans = np.maximum(high[1:], before) - np.minimum(low[1:], before)
    return float(np.mean(spans[-SPAN:]))


def _rsi(close: Floats) -> float:
    """Cutler's RSI: simple means of gains and losses, so it needs no long warm-up."""
    moves = np.diff(close)[-SPAN:]
    gains, losses = moves[moves > 0].sum(), -moves[moves < 0].sum()
    return float(100.0 * gains / (gains + losses)) if gains + losses else 50.0


def _skew(returns: Floats) -> float:
    spread = returns.std()
    return float(np.mean(((returns - returns.mean()) / spread) ** 3)) if spread > 0 else 0.0
