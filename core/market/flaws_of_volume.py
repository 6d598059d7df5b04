"""Flaws that show in volume and range together: another unit, and a bar that is not finished.

Volume and range rise and fall together; a volume that leaves its usual level while the range
stays, or a bar that is small in both on a day like any other, was not traded like that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

import numpy as np

from core.domain.quality import FlawKind, Severity
from core.market.spots import Spot
from core.market.usual import Flags, Usual, ahead
from core.panel import Floats

RISE_AT_ONCE = 4.45  # log volume over the usual: 86 times; a block deal makes 80
FALL_AT_ONCE = 4.0  # and a factor of 55 down
SPAN_AT_ONCE = 0.6  # unless the range went the same way
SUSTAINED = 1.85  # a factor of 6.4 in the mean of HELD sessions, with their range as usual
SUSTAINED_EACH = 1.1  # and a factor of 3 in each
HELD = 4
SPAN_SUSTAINED = 0.25
HALF_SCALES = 3.5
HELD_SCALES = 3.0
SCALES = 5.0  # and in the share's own usual distances
HALF_VOLUME = -1.3  # log volume over the usual, the market's own day taken off
HALF_SPAN = -0.15  # log range over the usual, as it is
HALF_LATELY = -0.9  # log volume over the least of the last LATELY sessions: usual may have fallen
LATELY = 5
HALF_BOTH = -1.9  # the volume with half of the range, both without the market's day
LOCKED_SPAN = -2.5  # a range of nearly nothing is a share at its price band
MARKET_HALF = -0.65  # half of the usual volume in the median share
MARKET_SPAN = -0.2
UNLIKE = 0.1  # a unit's share of what the volume changed by


def wrong_volumes(usual: Usual) -> Iterator[Spot]:
    """Volumes in lots, thousands or lakhs: far from usual while the range is as ever.

    News moves both. A factor beyond RISE_AT_ONCE or FALL_AT_ONCE is believed at once, one beyond
    SUSTAINED when HELD sessions in a row show it against the same past.
    """
    v, span, scale = usual.odd_volume, usual.odd_span, usual.volume_scale[None, :]
    with np.errstate(invalid="ignore"):
        away = np.abs(v) > SCALES * scale
        up = (v > RISE_AT_ONCE) & (span < SPAN_AT_ONCE)
        down = (v < -FALL_AT_ONCE) & (span > -SPAN_AT_ONCE)
        own = usual.span
        held = _held(v, np.maximum(span, own), scale) | _held(-v, -np.minimum(span, own), scale)
    for row, column in np.argwhere(((up | down) & away) | held):
        times = float(np.exp(usual.volume[row, column]))
        yield Spot(
            int(row), int(column), FlawKind.UNIT, Severity.BROKEN,
            f"traded {times:.3g} times its usual volume in {np.exp(usual.span[row, column]):.1f} "
            "times its usual range; shares, lots and lakhs are mixed, import it in shares",
        )  # fmt: skip


def half_bars(usual: Usual, *, short: Collection[date] = ()) -> Iterator[Spot]:
    """Bars far below their share's own usual in volume and range, as if fetched before the close.

    Either one share stands alone, or the whole market does on a day that is no `short` session.
    A share locked at its band trades little in no range at all, and is left.
    """
    v, span = usual.odd_volume, usual.odd_span
    whole = np.array([day not in short for day in usual.sessions])
    with np.errstate(invalid="ignore"):
        alone = (np.maximum(v, usual.volume) < HALF_VOLUME) & (v + 0.5 * span < HALF_BOTH)
        alone &= (usual.span < HALF_SPAN) & (usual.span > LOCKED_SPAN)
        alone &= v < -HALF_SCALES * usual.volume_scale[None, :]
        alone &= v - _least_lately(v) < HALF_LATELY
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


def _held(volume: Floats, span: Floats, scale: Floats) -> Flags:
    """Cells from which HELD sessions trade far more than usual in a range that is not wide."""
    volumes = np.stack([ahead(volume, step) for step in range(HELD)])
    spans = np.stack([ahead(span, step) for step in range(HELD)])
    with np.errstate(invalid="ignore"):
        far = volumes.mean(axis=0) > np.maximum(SUSTAINED, HELD_SCALES * scale)
        each = (volumes > SUSTAINED_EACH).all(axis=0)
        found: Flags = far & each & (spans.mean(axis=0) < SPAN_SUSTAINED)
    return found


def _least_lately(volume: Floats) -> Floats:
    """The least of the LATELY sessions before each; NaN where one has no bar."""
    padded = np.vstack([np.full((LATELY, volume.shape[1]), np.nan), volume])
    found: Floats = np.stack([padded[step : step + len(volume)] for step in range(LATELY)]).min(
        axis=0
    )
    return found
