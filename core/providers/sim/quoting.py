"""Quotes read off a simulated session: last trade, bid and ask, visible size, running range.

A quote's `at` is the moment its price stands for, `received_at` the moment it was asked.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from core.domain.instrument import FLEX_STEP_PCT, OPERATING_RANGE_PCT, Instrument
from core.domain.money import Money
from core.domain.quote import Quote
from core.providers.sim.intraday import DEPTH_ROWS, Paths
from core.providers.sim.streams import Floats, Ints
from core.providers.sim.world import World

SOURCE = "SIM"
SETTLING_SECONDS = 600.0  # after the open, in which spreads come down from their widest
FLEX_STEPS = 5  # to the 30 % that a simulated day has room for, and one more
WIDER_AT_OPEN, STRESS_MAX = 1.5, 4.0


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
        width=1.0 + WIDER_AT_OPEN * math.exp(-second / SETTLING_SECONDS),
        stopped=paths.stopped(second),
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
        ltp=world.daily.last[row],
        high=world.high[row],
        low=world.low[row],
        volume=world.volume[row].astype(np.int64),
        depth=np.ones((n, 2)),
        lifted=np.zeros(n, dtype=np.bool_),
        at=at,
        received_at=received_at,
    )


def _range(world: World, *, row: int, ltp: Ints, fixed: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Where bids and asks end: at the band, or at the operating range as the last trade flexed it.

    A range of 10 % grows in steps of 5 % once a derivative share trades beyond it.
    """
    day = world.daily
    tick, base = day.tick[row], day.prev_close[row]
    steps = np.zeros(len(base), dtype=np.int64)
    away = np.abs(ltp - base)
    if (away * 100 > base * (OPERATING_RANGE_PCT - 1)).any():
        for _ in range(FLEX_STEPS):
            low, high = _inward(base, OPERATING_RANGE_PCT + FLEX_STEP_PCT * steps, tick)
            steps += (ltp < low) | (ltp > high)
    low, high = _inward(base, OPERATING_RANGE_PCT + FLEX_STEP_PCT * steps, tick)
    return (
        np.where(fixed, day.band_low[row], low),
        np.where(fixed, day.band_high[row], high),
    )


def _inward(base: Ints, pct: Ints, tick: Ints) -> tuple[Ints, Ints]:
    low = -(-(base * (100 - pct)) // (100 * tick)) * tick
    return low, base * (100 + pct) // (100 * tick) * tick


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
    lifted: NDArray[np.bool_],
    at: datetime,
    received_at: datetime,
    width: float = 1.0,
    stopped: bool = False,
) -> list[Quote]:
    """Spreads widen by `width` and with the session's volatility, and what is shown shrinks."""
    day, traits = world.daily, world.traits
    fixed = np.array([one.band_pct is not None for one in universe])
    tick = day.tick[row]
    bottom, top = _range(world, row=row, ltp=ltp, fixed=fixed)
    stress = np.clip(day.vol[row] / traits.vol, 0.7, STRESS_MAX)
    gap = np.maximum(np.rint(traits.spread * width * stress * ltp / tick), 1).astype(np.int64)
    gap *= tick
    bid = np.maximum(np.where(lifted & (ltp < top), ltp - gap, ltp), bottom)
    ask = np.minimum(bid + gap, top)
    shown = traits.visible / (stress * math.sqrt(width) * ltp / 100)
    sizes = np.maximum(shown[:, None] * depth, 1).astype(np.int64)
    if stopped:
        sizes[:] = 0  # nobody may trade, so nobody shows anything
    sizes[fixed & (ltp >= top), 1] = 0  # at the upper circuit nobody sells
    sizes[fixed & (ltp <= bottom), 0] = 0  # at the lower one nobody buys
    columns = (ltp, bid, ask, sizes[:, 0], sizes[:, 1], day.open[row], high, low)
    rows = zip(*(side.tolist() for side in columns), day.prev_close[row].tolist(), strict=True)
    reviewed = _month_closes(world, row=row)
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
            month_close=month,
        )
        for one, month, traded, (
            last,
            buy,
            sell,
            buy_qty,
            sell_qty,
            first,
            most,
            least,
            before,
        ) in zip(universe, reviewed, volume.tolist(), rows, strict=True)
    ]


def _month_closes(world: World, *, row: int) -> list[Money | None]:
    """The raw close of each share that set the month's tick; None in the first month."""
    ends = bisect_left(world.sessions, world.sessions[row].replace(day=1)) - 1
    if ends < 0:
        return [None] * len(world.traits.isins)
    return [Money(close) for close in world.daily.close[ends].tolist()]
