"""Flaws that a share's own bars show by themselves: missing, repeated, impossible, standing still.

Thresholds stand beside each test with the reason for them; a test looks at all shares at once.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.domain.quality import FlawKind, Severity
from core.market.spots import TICK, Spot
from core.market.usual import Flags, Usual
from core.panel import Floats, Panel

QUORUM = 0.5  # of the shares that trade at the time; with fewer bars the market was closed
FEW = 0.2  # a session on which so few shares have a bar is no session
ENDED = 20  # sessions without a bar after which a share no longer trades
SAME_PRICES = 12 * TICK  # a range this wide is not met twice to the paisa by chance
BACK = 10  # sessions back that a repeated bar is looked for
BACK_PRICES = 1  # and with another volume
STALE_MIN = 4  # closes in a row that repeat the one before
BY_CHANCE = 1e-7  # how seldom a share's own rate of unchanged closes makes a run so long
SELDOM_MOVES = 0.4  # a share unchanged more often than this is a fund held at its value
ROUNDING = 1e-6

S = Severity


def impossible(panel: Panel) -> Iterator[Spot]:
    """Prices outside the day's range, at or below zero, or missing beside others.

    Exact, but for a millionth that other scales of the same price round away.
    """
    o, h, low, c = panel.open, panel.high, panel.low, panel.close
    with np.errstate(invalid="ignore"):
        top, bottom = h * (1 + ROUNDING), low * (1 - ROUNDING)
        outside = (h < bottom) | (o > top) | (c > top) | (o < bottom) | (c < bottom)
        outside |= (o <= 0) | (h <= 0) | (low <= 0) | (c <= 0)
    parts = np.stack([o, h, low, c])
    some = np.isnan(parts).any(axis=0) & ~np.isnan(parts).all(axis=0)
    for row, column in np.argwhere(outside | some):
        where = (row, column)
        yield Spot(
            int(row), int(column), FlawKind.OHLC, S.BROKEN,
            f"open {o[where]:.2f} and close {c[where]:.2f} cannot lie between low "
            f"{low[where]:.2f} and high {h[where]:.2f}; fetch the session again",
        )  # fmt: skip


def silent(panel: Panel) -> Iterator[Spot]:
    """A price without a share traded: a bar of NSE has a trade behind it."""
    with np.errstate(invalid="ignore"):
        traded = panel.volume > 0
    priced = np.isfinite(panel.close)
    before = np.cumsum(traded, axis=0)
    for row, column in np.argwhere(priced & ~traded & (before[-1] > 0)):
        yield Spot(
            int(row), int(column), FlawKind.ZERO_VOLUME, S.SERIOUS,
            f"closed at {panel.close[row, column]:.2f} on a volume of 0; "
            "fetch the session again or accept it",
        )  # fmt: skip


def missing(panel: Panel, usual: Usual) -> Iterator[Spot]:
    """No bar on a session of which most shares that trade at the time have one.

    A share counts from its first bar, and to ENDED sessions after its last.
    """
    here = usual.here
    rows = np.arange(len(here))[:, None]
    first = np.where(here.any(axis=0), here.argmax(axis=0), len(here))
    last = len(here) - 1 - here[::-1].argmax(axis=0)
    alive = (rows >= first) & (rows <= last)
    share = (here & alive).sum(axis=1) / np.maximum(alive.sum(axis=1), 1)
    tail = (rows > last) & (rows <= last + ENDED) & (last >= len(here) - 1 - ENDED)
    gone = ~here & (alive | tail) & (share >= QUORUM)[:, None]
    for row, column in np.argwhere(gone):
        others = int(here[row].sum())
        yield Spot(
            int(row), int(column), FlawKind.GAP, S.SERIOUS,
            f"has no bar while {others} of {here.shape[1]} shares have one; "
            "fetch the session, or accept that it did not trade",
        )  # fmt: skip


def on_closed_days(usual: Usual) -> Iterator[Spot]:
    """Bars of a day on which hardly any share has one: dates moved by a time zone."""
    here = usual.here
    rows = np.arange(len(here))[:, None]
    first = np.where(here.any(axis=0), here.argmax(axis=0), len(here))
    last = len(here) - 1 - here[::-1].argmax(axis=0)
    alive = ((rows >= first) & (rows <= last)).sum(axis=1)
    few = (here.sum(axis=1) <= FEW * alive) & (alive >= 5)
    for row, column in np.argwhere(here & few[:, None]):
        yield Spot(
            int(row), int(column), FlawKind.SHIFTED, S.BROKEN,
            f"has a bar on a day when {int(here[row].sum())} of {int(alive[row])} shares have "
            "one, so its dates are off; import the file again with its time zone",
        )  # fmt: skip


def repeated(panel: Panel) -> Iterator[Spot]:
    """The same four prices as up to BACK sessions earlier.

    With the same volume it is a copy. With another volume it is one from the session before,
    unless the range is so narrow that a cheap share meets it again by chance.
    """
    parts = (panel.open, panel.high, panel.low, panel.close)
    wide = panel.high - panel.low >= SAME_PRICES
    seen = np.zeros(panel.close.shape, dtype=bool)
    for lag in range(1, min(BACK, len(panel.sessions) - 1) + 1):
        same = np.ones((len(panel.sessions) - lag, len(panel.isins)), dtype=bool)
        for part in parts:
            same &= part[lag:] == part[:-lag]
        copied = (panel.volume[lag:] == panel.volume[:-lag]) & (panel.volume[lag:] > 0)
        again = same & (copied | (wide[lag:] & (lag <= BACK_PRICES)))
        for row, column in np.argwhere(again & ~seen[lag:]):
            seen[row + lag, column] = True
            yield Spot(
                int(row) + lag, int(column), FlawKind.DUPLICATE, S.SERIOUS,
                f"has the prices of {panel.sessions[row]} again, close "
                f"{panel.close[row, column]:.2f} and {panel.close[row + lag, column]:.2f}; "
                "fetch the session again",
            )  # fmt: skip


def unchanged(panel: Panel) -> Iterator[Spot]:
    """A close that repeats so often in a row that the share's own habit does not explain it.

    A share that repeats its close with frequency p makes a run of n by chance with p to the n;
    the run blocks from STALE_MIN on once that is below BY_CHANCE. Frequencies below 2 % are
    taken as 2 %, because a short history cannot show them.
    """
    close = panel.close
    same = np.vstack([np.zeros((1, close.shape[1]), dtype=bool), close[1:] == close[:-1]])
    run = _runs(same)
    bars = np.maximum(np.isfinite(close).sum(axis=0), 1)
    outside = np.where(run >= STALE_MIN, 0, same).sum(axis=0)
    rate = np.clip(outside / bars, 0.02, 0.9)
    needed = np.maximum(STALE_MIN, np.ceil(np.log(BY_CHANCE) / np.log(rate)))
    needed[same.sum(axis=0) / bars > SELDOM_MOVES] = np.inf
    for row, column in np.argwhere(run >= needed):
        yield Spot(
            int(row), int(column), FlawKind.STALE, S.SERIOUS,
            f"closed at {close[row, column]:.2f} for {int(run[row, column]) + 1} sessions, over "
            f"{int(needed[column])} that chance explains; fetch them again or accept",
        )  # fmt: skip


def _runs(same: Flags) -> Floats:
    """How many cells above and with each one are set without a break."""
    total: Floats = np.cumsum(same.astype(np.float64), axis=0)
    at_break: Floats = np.maximum.accumulate(np.where(same, 0.0, total), axis=0)
    return total - at_break
