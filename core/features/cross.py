"""One share against all others, and against those of its sector, on the same session.

Ranks run from 0 to 1 over the shares that have the value; one share alone has none, and shares of
one value share the mean of their places.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.features.wide import Look, Make, Wide, wide
from core.panel import Floats

GROUP = "against others"
SECTOR = "against the sector"
LEVEL = 1e-9  # what sums leave of a distance that is none; a share that stands still did not rise


def rank(values: Floats) -> Floats:
    """Rank of each value in its row, in [0, 1]; NaN stays NaN."""
    here = ~np.isnan(values)
    count = here.sum(axis=1, keepdims=True)
    order = np.argsort(values, axis=1)
    ordered = np.take_along_axis(values, order, axis=1)
    begins = np.ones(values.shape, dtype=np.bool_)
    begins[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    ends = np.roll(begins, -1, axis=1)  # the first place begins a value, so the last one ends one
    at = np.arange(values.shape[1])
    first = np.maximum.accumulate(np.where(begins, at, 0), axis=1)
    last = np.minimum.accumulate(np.where(ends, at, len(at))[:, ::-1], axis=1)[:, ::-1]
    places = np.empty(values.shape)
    np.put_along_axis(places, order, (first + last) / 2.0, axis=1)
    return np.where(here & (count > 1), places / np.maximum(count - 1, 1), np.nan)


def middle(values: Floats) -> Floats:
    """Mean over all shares of each session, given to every share."""
    here = ~np.isnan(values)
    count = here.sum(axis=1, keepdims=True)
    found = np.where(here, values, 0.0).sum(axis=1, keepdims=True) / np.maximum(count, 1)
    return np.where(count > 1, found, np.nan) + np.zeros_like(values)


def spread(values: Floats) -> Floats:
    """Standard deviation over all shares of each session, given to every share."""
    return np.sqrt(np.maximum(middle(values**2) - middle(values) ** 2, 0.0))


def _members(look: Look) -> list[NDArray[np.intp]]:
    """The columns of each sector that has one; none where sectors are not known."""
    names = np.array(look.beside.sectors or (), dtype=np.str_)
    return [np.flatnonzero(names == one) for one in sorted(set(names.tolist())) if one]


def _in_sector(name: str, make: Callable[[Floats], Floats]) -> Make:
    def found(look: Look) -> Floats:
        values, out = look.own(name), look.none
        for columns in _members(look):
            out[:, columns] = make(values[:, columns])
        return out

    return found


def _ranked(name: str, of: str, words: str, warm_up: int) -> Wide:
    return wide(name, GROUP, f"rank of {words} among all shares", warm_up,
                lambda look: rank(look.own(of)), needs=(of,), version=2)  # fmt: skip


def _ranked_in_sector(of: str, words: str, warm_up: int) -> Wide:
    return wide(f"sector_rank_{of}", SECTOR, f"rank of {words} in its sector", warm_up,
                _in_sector(of, rank), needs=(of,), beside="sectors", version=2)  # fmt: skip


def _breadth(of: str) -> Make:
    def found(look: Look) -> Floats:
        values = look.own(of)
        return middle(np.where(np.isnan(values), np.nan, values > LEVEL))

    return found


FIRST = (
    _ranked("rank_ret_20", "ret_20", "the 20-session return", 21),
    _ranked("rank_vol_20", "vol_20", "volatility", 21),
)
MORE: tuple[Wide, ...] = (
    _ranked("rank_ret_5", "ret_5", "the 5-session return", 6),
    _ranked("rank_ret_60", "ret_60", "the 60-session return", 61),
    _ranked("rank_mom_12_1", "mom_12_1", "the 12-month return without the last month", 253),
    _ranked("rank_rsi_14", "rsi_14", "the RSI", 15),
    _ranked("rank_high_252", "high_252", "the distance to the 52-week high", 252),
    _ranked("rank_volume_ratio", "volume_ratio", "volume over its average", 20),
    _ranked("rank_atr_pct", "atr_pct", "the ATR over price", 15),
    _ranked("rank_dist_sma_200", "dist_sma_200", "the distance to the 200-session average", 200),
    _ranked("rank_skew_60", "skew_60", "the skew", 61),
    _ranked_in_sector("ret_5", "the 5-session return", 6),
    _ranked_in_sector("ret_20", "the 20-session return", 21),
    _ranked_in_sector("ret_60", "the 60-session return", 61),
    _ranked_in_sector("mom_12_1", "the 12-month return without the last month", 253),
    _ranked_in_sector("vol_20", "volatility", 21),
    wide("over_all_20", GROUP, "20-session return less the mean of all shares", 21,
         lambda look: look.own("ret_20") - middle(look.own("ret_20")),
         needs=("ret_20",), percent=True),
    wide("all_ret_1", GROUP, "mean return of all shares, last session", 2,
         lambda look: middle(look.own("ret_1")), needs=("ret_1",), percent=True),
    wide("all_ret_20", GROUP, "mean 20-session return of all shares", 21,
         lambda look: middle(look.own("ret_20")), needs=("ret_20",), percent=True),
    wide("spread_20", GROUP, "spread of 20-session returns over all shares", 21,
         lambda look: spread(look.own("ret_20")), needs=("ret_20",), percent=True),
    wide("breadth_1", GROUP, "share of all that rose, last session", 2,
         _breadth("ret_1"), needs=("ret_1",), percent=True),
    wide("breadth_50", GROUP, "share of all above the 50-session average", 50,
         _breadth("dist_sma_50"), needs=("dist_sma_50",), percent=True),
    wide("breadth_200", GROUP, "share of all above the 200-session average", 200,
         _breadth("dist_sma_200"), needs=("dist_sma_200",), percent=True),
    wide("sector_ret_20", SECTOR, "mean 20-session return of the sector", 21,
         _in_sector("ret_20", middle), needs=("ret_20",), percent=True, beside="sectors"),
    wide("over_sector_20", SECTOR, "20-session return less the sector's mean", 21,
         lambda look: look.own("ret_20") - _in_sector("ret_20", middle)(look),
         needs=("ret_20",), percent=True, beside="sectors"),
    wide("over_sector_5", SECTOR, "5-session return less the sector's mean", 6,
         lambda look: look.own("ret_5") - _in_sector("ret_5", middle)(look),
         needs=("ret_5",), percent=True, beside="sectors"),
)  # fmt: skip
