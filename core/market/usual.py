"""What is usual for each share and for the market: moves, volumes and ranges, each net of both.

Everything is taken from a panel's adjusted prices, so a known corporate action is no move. What
is usual for a share is the median of its last RECENT bars before the session looked at; what is
usual for a session is the median over its shares. Nothing here looks at a later session.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from core.market.infer import HOLE_DAYS, MARKET_SHARES
from core.panel import Floats, Panel

Flags = NDArray[np.bool_]
RECENT = 20  # sessions that say what is usual
NEEDED = 10  # fewer bars than this say nothing
CALMEST = 0.008  # a share's or a session's usual move is never taken for less
MAD = 1.4826  # a median distance to a standard deviation, for a normal distribution


@dataclass(frozen=True, slots=True)
class Usual:
    """Per session and share; moves, volumes and ranges are logs, NaN where not known.

    `gap` is the open over the last close, `move` the close over it, both as they are; `odd_gap`
    and `odd_move` have the session's median taken off. `scale` is how far `odd_move` usually is
    from zero, the larger of share and session. `volume`, `turnover` and `span` (high over low)
    are over the share's usual, and `rupees` is the log of its usual turnover; `odd_volume` and
    `odd_span` have the session's median taken off, which stands in `market_volume` and
    `market_span`. `hole` says that the last bar is missing or more than a week old.
    """

    sessions: tuple[date, ...]
    isins: tuple[str, ...]
    here: Flags
    before: NDArray[np.intp]
    hole: Flags
    gap: Floats
    move: Floats
    odd_gap: Floats
    odd_move: Floats
    market: Floats
    scale: Floats
    volume: Floats
    turnover: Floats
    rupees: Floats
    span: Floats
    odd_volume: Floats
    odd_span: Floats
    volume_scale: Floats
    market_volume: Floats
    market_span: Floats

    @classmethod
    def of(cls, panel: Panel) -> Usual:
        """Measure a whole panel at once."""
        shares = panel.adjusted()
        with np.errstate(divide="ignore", invalid="ignore"):
            close, opened = _log(shares.close), _log(shares.open)
            wide = np.log(np.maximum(_log(shares.high) - _log(shares.low), 1e-4))
            traded, traded_for = _log(shares.volume), _log(panel.turnover)
        here = np.isfinite(panel.close)
        before = last_rows(here)
        cum = at_rows(close, before)
        gap, move = opened - cum, close - cum
        market = across(move)
        hole = _holes(panel.sessions, before)
        odd_gap, odd_move = gap - across(gap)[:, None], move - market[:, None]
        near = np.abs(np.where(hole, np.nan, odd_move))
        own = usual(near)
        scale = MAD * np.maximum(np.where(np.isnan(own), 0.0, own), across(near)[:, None])
        of_late = usual(traded_for)
        volume, span = traded - usual(traded), wide - usual(wide)
        market_volume, market_span = across(volume), across(span)
        odd_volume = volume - market_volume[:, None]
        return cls(
            sessions=panel.sessions,
            isins=panel.isins,
            here=here,
            before=before,
            hole=hole,
            gap=gap,
            move=move,
            odd_gap=odd_gap,
            odd_move=odd_move,
            market=market,
            scale=np.maximum(scale, CALMEST),
            volume=volume,
            turnover=traded_for - of_late,
            rupees=of_late,
            span=span,
            odd_volume=odd_volume,
            odd_span=span - market_span[:, None],
            volume_scale=MAD * down(np.abs(odd_volume)),
            market_volume=market_volume,
            market_span=market_span,
        )


def _log(values: Floats) -> Floats:
    return np.where(values > 0, np.log(values), np.nan)


def last_rows(here: Flags) -> NDArray[np.intp]:
    """The row of the last bar before each cell; -1 where there is none."""
    rows = np.where(here, np.arange(len(here))[:, None], -1)
    last = np.maximum.accumulate(rows, axis=0)
    return np.vstack([np.full((1, here.shape[1]), -1), last[:-1]]).astype(np.intp)


def at_rows(values: Floats, rows: NDArray[np.intp]) -> Floats:
    """The value of each share at a row; NaN where the row is -1."""
    found: Floats = np.take_along_axis(values, np.maximum(rows, 0), axis=0)
    return np.where(rows >= 0, found, np.nan)


def ahead(values: Floats, steps: int = 1) -> Floats:
    """Each cell's value `steps` sessions later; NaN past the end."""
    tail = np.full((min(steps, len(values)), values.shape[1]), np.nan)
    return np.vstack([values[steps:], tail])


def across(values: Floats) -> Floats:
    """The median of each session's shares; 0 where fewer than MARKET_SHARES have a value."""
    known = np.isfinite(values)
    enough = known.sum(axis=1) >= MARKET_SHARES
    found = np.zeros(len(values))
    if enough.any():
        found[enough] = np.nanmedian(np.where(known, values, np.nan)[enough], axis=1)
    return found


def down(values: Floats) -> Floats:
    """The median of each share over all sessions; NaN where it has fewer than NEEDED values."""
    known = np.isfinite(values)
    enough = known.sum(axis=0) >= NEEDED
    found = np.full(values.shape[1], np.nan)
    if enough.any():
        found[enough] = np.nanmedian(np.where(known, values, np.nan)[:, enough], axis=0)
    return found


def usual(values: Floats) -> Floats:
    """The median of each share's last RECENT values before a session.

    A missing value is taken as the one before it. NaN until NEEDED values have been seen.
    """
    known = np.isfinite(values)
    rows = last_rows(known)
    filled = at_rows(values, rows)
    seen = np.cumsum(known, axis=0) - known
    padded = np.vstack([np.full((RECENT - 1, values.shape[1]), np.nan), filled])
    windows = sliding_window_view(np.ascontiguousarray(padded.T), RECENT, axis=1)
    middle = np.median(windows, axis=-1).T
    early = np.flatnonzero(((seen >= NEEDED) & (seen < RECENT)).any(axis=1))
    if early.size:
        middle[early] = _median_of_known(windows[:, early]).T
    return np.where(seen >= NEEDED, middle, np.nan)


def _median_of_known(windows: Floats) -> Floats:
    """The median along the last axis of what is known there; NaN where nothing is."""
    some = np.isfinite(windows).any(axis=-1)
    found: Floats = np.nanmedian(np.where(np.expand_dims(some, -1), windows, 0.0), axis=-1)
    return np.where(some, found, np.nan)


def _holes(sessions: tuple[date, ...], before: NDArray[np.intp]) -> Flags:
    days = np.array(sessions, dtype="datetime64[D]")
    rows = np.arange(len(sessions))[:, None]
    week = days[rows] - days[np.maximum(before, 0)] > np.timedelta64(HOLE_DAYS, "D")
    found: Flags = (before >= 0) & ((rows - before > 1) | week)
    return found
