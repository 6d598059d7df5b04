"""Quotes read off a simulated session: last trade, bid and ask, visible size, running range.

A quote's `at` is the moment its price stands for, `received_at` the moment it was asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from core.domain.instrument import Instrument
from core.domain.money import Money
from core.domain.quote import Quote
from core.providers.sim.intraday import DEPTH_ROWS, Paths
from core.providers.sim.streams import Floats, Ints
from core.providers.sim.world import World

SOURCE = "SIM"


def quotes(
    world: World, universe: Sequence[Instrument], paths: Paths, *, row: int, at: datetime
) -> list[Quote]:
    """Every share's quote at a moment of a laid-out session; after its end, the last one."""
    second = paths.hours.second_of(at)
    high, low = paths.range_by(second)
    draw = second % DEPTH_ROWS
    return _made(
        world,
        universe,
        row=row,
        ltp=paths.prices[second].astype(np.int64),
        high=high,
        low=low,
        volume=paths.volume_by(second),
        depth=paths.depth[draw],
        lifted=paths.lifted[draw],
        at=paths.hours.opens_at + timedelta(seconds=second),
        received_at=at,
    )


def opening_quotes(
    world: World, universe: Sequence[Instrument], *, row: int, at: datetime, received_at: datetime
) -> list[Quote]:
    """The closing quotes of a past session, which ended `at`."""
    n = len(universe)
    return _made(
        world,
        universe,
        row=row,
        ltp=world.daily.close[row],
        high=world.high[row],
        low=world.low[row],
        volume=world.volume[row].astype(np.int64),
        depth=np.ones((n, 2)),
        lifted=np.zeros(n, dtype=np.bool_),
        at=at,
        received_at=received_at,
    )


def _made(
    world: World,
    universe: Sequence[Instrument],
    *,
    row: int,
    ltp: Ints,
    high: Ints,
    low: Ints,
    volume: Ints,
    depth: Floats,
    lifted: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    at: datetime,
    received_at: datetime,
) -> list[Quote]:
    day, traits = world.daily, world.traits
    tick, top, bottom = day.tick[row], day.band_high[row], day.band_low[row]
    gap = np.maximum(np.rint(traits.spread * ltp / tick), 1).astype(np.int64) * tick
    bid = np.maximum(np.where(lifted & (ltp < top), ltp - gap, ltp), bottom)
    ask = np.minimum(bid + gap, top)
    sizes = np.maximum((traits.visible[:, None] * depth / (ltp[:, None] / 100)), 1).astype(np.int64)
    fixed = np.array([one.band_pct is not None for one in universe])
    sizes[fixed & (ltp >= top), 1] = 0  # at the upper circuit nobody sells
    sizes[fixed & (ltp <= bottom), 0] = 0  # at the lower one nobody buys
    columns = (ltp, bid, ask, sizes[:, 0], sizes[:, 1], day.open[row], high, low)
    rows = zip(*(side.tolist() for side in columns), day.prev_close[row].tolist(), strict=True)
    return [
        Quote(
            isin=one.isin,
            ltp=Money(last),
            bid=Money(buy),
            ask=Money(sell),
            bid_qty=buy_qty,
            ask_qty=sell_qty,
            open=Money(first),
            high=Money(most),
            low=Money(least),
            prev_close=Money(before),
            volume=traded,
            at=at,
            received_at=received_at,
            source=SOURCE,
        )
        for one, traded, (last, buy, sell, buy_qty, sell_qty, first, most, least, before) in zip(
            universe, volume.tolist(), rows, strict=True
        )
    ]
