"""Two shares that exchange places: each one's bar fits the other's past and not its own."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.domain.quality import FlawKind, Severity
from core.market.spots import Spot
from core.market.usual import Usual, ahead, at_rows, usual
from core.panel import Floats, Panel

STRANGE = 3.5  # how badly a bar must fit its own past: half the sum of squared usual distances
GAIN = 10.0  # and how much better the pair must fit crosswise, in a panel of SHARES shares
SHARES = 100  # a panel of ten times as many has a hundred times the pairs to meet by chance
GAIN_BY_SIZE = 5.0  # more gain needed for each log of that
PRICE_MIN = 0.015  # log price; a share's usual move is not taken for less
VOLUME_SCALE = 0.6  # log volume over the usual, of most shares
HELD = 3  # sessions
HELD_SCALE = 0.5  # and of their mean
CAP = 25.0  # what one strange number can say at most
FITS = 4.0  # how well the crosswise match must fit each of the two
OPEN_FITS = 2.0  # usual distances of its open


def swapped(panel: Panel, usual_: Usual) -> Iterator[Spot]:
    """Cells whose price and volume continue another share's series, and the other's this one's.

    Prices are as they are in the file, since that is where places are exchanged. Two shares of
    nearly one price differ by their volumes, of which HELD sessions say more than one.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        volume = np.log(np.where(panel.volume > 0, panel.volume, 1.0))
    level = usual(volume)
    held = np.stack([ahead(volume, step) for step in range(HELD)]).mean(axis=0)
    seen: set[tuple[int, int]] = set()
    own = np.nan_to_num(usual_.volume_scale)
    for traded, least in ((volume, VOLUME_SCALE), (held, HELD_SCALE)):
        scale = np.maximum(own * least / VOLUME_SCALE, least)
        for row, one, other in _exchanged(panel, usual_, level, traded, scale):
            if not {(row, one), (row, other)} & seen:
                seen |= {(row, one), (row, other)}
                yield _spot(panel, usual_, row, one, other)
                yield _spot(panel, usual_, row, other, one)


def _exchanged(
    panel: Panel, usual_: Usual, level: Floats, traded: Floats, volume_scale: Floats
) -> Iterator[tuple[int, int, int]]:
    """Rows and pairs of columns, with what is `traded` held against its usual `level`."""
    price, opened = np.log(panel.close), np.log(panel.open)
    cum = at_rows(price, usual_.before)
    scale = np.maximum(usual_.scale, PRICE_MIN)
    own = _misfit((price - cum - usual_.market[:, None]) / scale, (traded - level) / volume_scale)
    own = np.where(usual_.hole, 0.0, np.nan_to_num(own))
    least = GAIN + GAIN_BY_SIZE * max(0.0, float(np.log(len(panel.isins) / SHARES)))
    for row in np.flatnonzero((own > STRANGE).sum(axis=1) >= 2):
        columns = np.flatnonzero(own[row] > STRANGE)
        here, there = columns[:, None], columns[None, :]
        by_scale = scale[row][there]
        cross = _misfit(
            (price[row][here] - cum[row][there] - usual_.market[row]) / by_scale,
            (traded[row][here] - level[row][there]) / volume_scale[there],
        )
        at_open = np.abs(opened[row][here] - cum[row][there] - usual_.market[row]) / by_scale
        fits = (cross < FITS) & (at_open < OPEN_FITS)
        gain = own[row][here] + own[row][there] - cross - cross.T
        for one, other in _best(np.where(fits & fits.T & (here < there), gain, -np.inf), least):
            yield int(row), int(columns[one]), int(columns[other])


def _misfit(price: Floats, volume: Floats) -> Floats:
    """Half the squared distances of a price and a volume from where they are expected."""
    return np.minimum(0.5 * price**2, CAP) + np.minimum(0.5 * volume**2, CAP)


def _best(gain: Floats, least: float) -> Iterator[tuple[int, int]]:
    """Pairs with enough gain, the best first, each share once."""
    used: set[int] = set()
    for place in np.argsort(-gain, axis=None):
        one, other = (int(at) for at in np.unravel_index(place, gain.shape))
        if gain[one, other] < least:
            return
        if not {one, other} & used:
            used |= {one, other}
            yield one, other


def _spot(panel: Panel, usual_: Usual, row: int, column: int, other: int) -> Spot:
    before = usual_.before[row, column], usual_.before[row, other]
    return Spot(
        row, column, FlawKind.SWAPPED, Severity.BROKEN,
        f"closed at {panel.close[row, column]:.2f} after {panel.close[before[0], column]:.2f}, "
        f"which continues {{{panel.isins[other]}}} from {panel.close[before[1], other]:.2f}; "
        "the two have exchanged places, import both again",
    )  # fmt: skip
