"""The index that accounts are held against: the NIFTY 50, or the simulated market's own.

Both are price indices: dividends are not in them, while they are in an account's return.
"""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
from sqlmodel import Session

from core.desk.desk import Desk
from core.domain.account import Market
from core.domain.words import day as words
from core.errors import NoData, NotFound
from core.store import bars, index_bars
from core.store.moment import kept
from core.treasury.returns import Levels

INDEX = "NIFTY 50"
SIMULATED = "Simulated index"
PRICE_INDEX = "price index, dividends not counted"
ALL_SHARES = "all shares in equal parts at the start, dividends not counted"
HOW_STORED = (
    "store its daily closes with munim data import FILE, a table of DATE, INDEX, OPEN, HIGH, LOW "
    "and CLOSE"
)
LOOK_BACK = 14  # calendar days before the first day in which its level is sought


class Index:
    """Levels with the index's name and what it counts, in words."""

    def __init__(self, name: str, words: str, levels: Levels) -> None:
        self.name, self.words, self.levels = name, words, levels


def index_levels(desk: Desk, tx: Session, first: date, last: date) -> Index:
    """Closing levels from before `first` to `last`, rebased ones put into the last terms.

    Raises:
        NoData: none are stored; a simulated market makes its own from its shares.
    """
    start = first - timedelta(days=LOOK_BACK)
    name, counts, closes = kept(
        tx, "index levels", f"{start}:{last}", lambda: index_closes(desk, tx, start, last)
    )
    return Index(name, counts, Levels(closes))


def index_closes(
    desk: Desk, tx: Session, first: date, last: date
) -> tuple[str, str, dict[date, float]]:
    """Name, what it counts, and the closes by session from `first` to `last`; raises NoData."""
    try:
        read = index_bars.read(tx, INDEX, start=first, end=last)
    except NotFound:
        if desk.market is Market.SIM:
            return SIMULATED, ALL_SHARES, _of_all_shares(tx, first, last)
        raise NoData(
            f"no level of the {INDEX} is stored from {words(first)} to {words(last)}; {HOW_STORED}"
        ) from None
    closes = read.close / read.factor
    return INDEX, PRICE_INDEX, _finite(read.sessions, closes.tolist())


def index_is_stored(tx: Session) -> bool:
    """Whether any close of the NIFTY 50 is stored."""
    return INDEX in index_bars.names(tx)


def _of_all_shares(tx: Session, start: date, last: date) -> dict[date, float]:
    panel = bars.read_panel(tx, start=start, end=last)
    if not len(panel.sessions):
        raise NoData(
            f"no bar is stored from {words(start)} to {words(last)}; the first start makes them"
        )
    close = panel.adjusted().close
    first = np.array([_first_known(close[:, at]) for at in range(close.shape[1])])
    known = np.isfinite(first)
    levels = 100.0 * np.nanmean(close[:, known] / first[known], axis=1)
    return _finite(panel.sessions, levels.tolist())


def _first_known(column: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    known = column[np.isfinite(column)]
    return float(known[0]) if known.size else math.nan


def _finite(days: tuple[date, ...], levels: list[float]) -> dict[date, float]:
    return {day: one for day, one in zip(days, levels, strict=True) if math.isfinite(one)}
