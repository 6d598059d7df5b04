"""How daily returns behave: size, tails, clustering and company, as a few numbers of a panel.

These are the habits that every real share market has, and that an invented one must show to be
worth practising on. All returns are logs of close over the last close, NaN where there is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.errors import NoData
from core.panel import Floats, Panel

SESSIONS_A_YEAR = 247
LAGS = (1, 5, 10, 20)
NEEDED = 250  # returns a share must have to count
BIG = 0.05


@dataclass(frozen=True, slots=True)
class Habits:
    """What the returns of a panel do; volatilities are a year's, shares of a whole are fractions.

    `vol`, `beta`, `kurtosis` and `skew` are the median share's, `vol_low` to `vol_high` and
    `beta_low` to `beta_high` the shares a tenth from each end. `clustering` is the
    autocorrelation of squared returns at LAGS, of the median share; `market_clustering` that of
    the plain average of all shares. `within` and `across` are mean correlations of two shares of
    one sector and of two. `big` is the fraction of returns beyond 5 %, up or down. Kurtosis is
    in excess of a bell curve's; `memory` is the returns' own autocorrelation at one session.
    """

    shares: int
    returns: int
    vol: float
    vol_low: float
    vol_high: float
    market_vol: float
    kurtosis: float
    market_kurtosis: float
    skew: float
    market_skew: float
    clustering: tuple[float, ...]
    market_clustering: tuple[float, ...]
    within: float
    across: float
    beta_low: float
    beta: float
    beta_high: float
    big: float
    memory: float
    gap_share: float


def log_returns(panel: Panel) -> Floats:
    """Log close over the last close that the share has, factors removed; first row left out."""
    close = panel.close / panel.factor
    rows = np.where(np.isfinite(close), np.arange(len(close))[:, None], -1)
    last = np.maximum.accumulate(rows, axis=0)[:-1]
    before = np.where(last >= 0, np.take_along_axis(close, np.maximum(last, 0), axis=0), np.nan)
    return np.asarray(np.log(close[1:] / before))


def habits(panel: Panel, sectors: Sequence[str]) -> Habits:
    """The habits of a panel whose columns belong to these sectors.

    Raises:
        NoData: fewer than two shares have NEEDED returns.
    """
    returns = log_returns(panel)
    enough = np.isfinite(returns).sum(axis=0) >= NEEDED
    if enough.sum() < 2:
        raise NoData(
            f"habits take two shares with {NEEDED} returns each; {int(enough.sum())} of "
            f"{len(panel.isins)} have them"
        )
    own = returns[:, enough]
    names = np.asarray(sectors)[enough]
    market = np.nanmean(own, axis=1)
    vols = np.nanstd(own, axis=0) * np.sqrt(SESSIONS_A_YEAR)
    betas = np.array([_beta(column, market) for column in own.T])
    within, across = _company(own, names)
    opened = np.log(panel.open[1:] / panel.factor[1:])[:, enough]
    closed = np.log(panel.close[1:] / panel.factor[1:])[:, enough]
    gaps = own - (closed - opened)
    ends = np.percentile(vols, (10, 50, 90))
    spread = np.percentile(betas, (10, 50, 90))
    return Habits(
        shares=int(enough.sum()),
        returns=int(np.isfinite(own).sum()),
        vol=float(ends[1]),
        vol_low=float(ends[0]),
        vol_high=float(ends[2]),
        market_vol=float(np.nanstd(market) * np.sqrt(SESSIONS_A_YEAR)),
        kurtosis=float(np.median(kurtosis(own))),
        market_kurtosis=float(kurtosis(market[:, None])[0]),
        skew=float(np.median(skew(own))),
        market_skew=float(skew(market[:, None])[0]),
        clustering=tuple(float(np.median(echo(own**2, lag))) for lag in LAGS),
        market_clustering=tuple(float(echo(market[:, None] ** 2, lag)[0]) for lag in LAGS),
        within=within,
        across=across,
        beta_low=float(spread[0]),
        beta=float(spread[1]),
        beta_high=float(spread[2]),
        big=float(np.nanmean(np.abs(own[np.isfinite(own)]) > BIG)),
        memory=float(np.median(echo(own, 1))),
        gap_share=float(np.median(np.nanvar(gaps, axis=0) / np.nanvar(own, axis=0))),
    )


def kurtosis(columns: Floats) -> Floats:
    """Excess kurtosis of each column, 0 for a bell curve."""
    away = columns - np.nanmean(columns, axis=0)
    return np.asarray(np.nanmean(away**4, axis=0) / np.nanmean(away**2, axis=0) ** 2 - 3.0)


def skew(columns: Floats) -> Floats:
    """Skewness of each column; below 0 the falls are larger than the rises."""
    away = columns - np.nanmean(columns, axis=0)
    return np.asarray(np.nanmean(away**3, axis=0) / np.nanmean(away**2, axis=0) ** 1.5)


def echo(columns: Floats, lag: int) -> Floats:
    """Autocorrelation of each column at a lag, over the pairs that both exist."""
    away = columns - np.nanmean(columns, axis=0)
    pairs = np.nanmean(away[lag:] * away[:-lag], axis=0)
    return np.asarray(pairs / np.nanmean(away**2, axis=0))


def _beta(column: Floats, market: Floats) -> float:
    here = np.isfinite(column)
    moves = market[here] - market[here].mean()
    return float((column[here] * moves).mean() / (moves**2).mean())


def _company(
    own: Floats, sectors: np.ndarray[tuple[int, ...], np.dtype[np.str_]]
) -> tuple[float, float]:
    """Mean correlation of two shares of one sector, and of two sectors; NaN where no pair is."""
    here = np.isfinite(own)
    scaled = np.where(here, (own - np.nanmean(own, axis=0)) / np.nanstd(own, axis=0), 0.0)
    both = here.astype(np.float64).T @ here.astype(np.float64)
    together = np.divide(
        scaled.T @ scaled, both, out=np.full(both.shape, np.nan), where=both >= NEEDED
    )
    np.fill_diagonal(together, np.nan)
    same = sectors[:, None] == sectors[None, :]
    return _mean(together[same]), _mean(together[~same])


def _mean(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")
