"""Flaws that show in volume and range together: another unit, and a bar that is not finished.

Volume and range rise and fall together; a volume that leaves its usual level while the range
stays, or a bar that is small in both on a day like any other, was not traded like that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from core.domain.quality import FlawKind, Severity
from core.market.spots import Spot
from core.market.usual import Flags, Usual, ahead
from core.panel import Floats

BLOCK_DEAL = 4.0  # log volume over the usual that one session may show: 55 times; for the eye
BLOCK_SCALES = 3.0  # in the share's own usual distances
HALF_SCALES = 3.5
HALF_VOLUME = -1.3  # log volume over the usual, the market's own day taken off
HALF_SPAN = -0.15  # log range over the usual, as it is
HALF_LATELY = -0.9  # log volume over the least of the last LATELY sessions: usual may have fallen
LATELY = 5
HALF_BOTH = -1.7  # the volume with half of the range, both without the market's day
LOCKED_SPAN = -2.5  # a range of nearly nothing is a share at its price band
MARKET_HALF = -0.65  # half of the usual volume in the median share; a 1 January makes 0.54
MARKET_SPAN = -0.2
THIN = 10_000_000.0  # rupees a usual session; below, a session with hardly a trade is no news


@dataclass(frozen=True, slots=True)
class _Run:
    """How long a volume must stay away to be another unit: in the mean, in each session but
    `spared`, in what range, and how far in the share's own usual distances."""

    sessions: int
    mean: float
    each: float
    spared: int
    span: float
    scales: float


# 55 times the usual is believed after three sessions; 5 times after ten, before which the median
# of twenty that sizes an order has not moved. A block deal is over the next day and the crowd
# that an event draws thins out; a unit stays what it is.
RUNS = (
    _Run(3, mean=4.0, each=3.3, spared=0, span=0.5, scales=3.0),
    _Run(10, mean=1.7, each=1.1, spared=1, span=0.35, scales=2.5),
)


def wrong_volumes(usual: Usual) -> Iterator[Spot]:
    """Volumes in lots, thousands or lakhs: far from usual for sessions while the range is as ever.

    News moves both, and a block deal moves the volume of one session; that one is noted and
    blocks nothing. The flaw stands where the run begins.
    """
    v, scale = usual.odd_volume, usual.volume_scale[None, :]
    high, low = np.maximum(usual.odd_span, usual.span), np.minimum(usual.odd_span, usual.span)
    held = np.zeros(v.shape, dtype=bool)
    for run in RUNS:
        held |= _held(v, high, scale, run) | _held(-v, -low, scale, run)
    with np.errstate(invalid="ignore"):
        once = (np.abs(v) > BLOCK_DEAL) & (usual.span * np.sign(v) < RUNS[0].span)
        once &= np.abs(v) > BLOCK_SCALES * scale
    for row, column in np.argwhere(held | once):
        times, span = np.exp(usual.volume[row, column]), np.exp(usual.span[row, column])
        traded = f"traded {times:.3g} times its usual volume in {span:.2g} times its usual range"
        if held[row, column]:
            words = "and stayed there; shares, lots and lakhs are mixed, import it in shares"
            yield Spot(int(row), int(column), FlawKind.UNIT, Severity.BROKEN, f"{traded} {words}")
        else:
            why = "a block deal does that" if times > 1 else "a quiet day does that"
            words = f"and has not stayed there; {why}, fetch it again if you know of none"
            yield Spot(int(row), int(column), FlawKind.UNIT, Severity.NOTE, f"{traded} {words}")


def half_bars(usual: Usual, *, short: Collection[date] = ()) -> Iterator[Spot]:
    """Bars far below their share's own usual in volume and range, as if fetched before the close.

    Either one share stands alone, or the whole market does on a day that is no `short` session.
    A share locked at its band trades little in no range at all, and is left; so is one that
    trades less than THIN, where a few orders make a session.
    """
    v, span = usual.odd_volume, usual.odd_span
    whole = np.array([day not in short for day in usual.sessions])
    with np.errstate(invalid="ignore"):
        alone = (np.maximum(v, usual.volume) < HALF_VOLUME) & (v + 0.5 * span < HALF_BOTH)
        alone &= (usual.span < HALF_SPAN) & (usual.span > LOCKED_SPAN)
        alone &= v < -HALF_SCALES * usual.volume_scale[None, :]
        alone &= (v - _least_lately(v) < HALF_LATELY) & (usual.rupees > np.log(THIN))
        all_half = (usual.market_volume < MARKET_HALF) & (usual.market_span < MARKET_SPAN) & whole
    found = (alone & whole[:, None]) | (all_half[:, None] & usual.here)
    for row, column in np.argwhere(found & np.isfinite(usual.volume)):
        words = "the median share did too" if all_half[row] else "others traded as ever"
        yield Spot(
            int(row), int(column), FlawKind.HALF_BAR, Severity.SERIOUS,
            f"traded {np.exp(usual.volume[row, column]):.2f} times its usual volume in "
            f"{np.exp(usual.span[row, column]):.2f} times its usual range and {words}; "
            "fetch it again after the close",
        )  # fmt: skip


def _held(volume: Floats, span: Floats, scale: Floats, run: _Run) -> Flags:
    """Cells from which a run of sessions trades far more than usual in a range that is not wide."""
    volumes = np.sort(np.stack([ahead(volume, step) for step in range(run.sessions)]), axis=0)
    spans = np.stack([ahead(span, step) for step in range(run.sessions)])
    with np.errstate(invalid="ignore"):
        far = volumes.mean(axis=0) > np.maximum(run.mean, run.scales * scale)
        each = volumes[run.spared] > run.each
        found: Flags = far & each & (spans.mean(axis=0) < run.span)
    return found


def _least_lately(volume: Floats) -> Floats:
    """The least of the LATELY sessions before each; NaN where one has no bar."""
    padded = np.vstack([np.full((LATELY, volume.shape[1]), np.nan), volume])
    found: Floats = np.stack([padded[step : step + len(volume)] for step in range(LATELY)]).min(
        axis=0
    )
    return found
