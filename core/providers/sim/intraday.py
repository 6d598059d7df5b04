"""A live session second by second: prices on ticks, running range, shares traded, depth.

Each share walks from its open along a noisy bridge; an item of the newswire adds its jump and
its drift from its own second on and changes nothing before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from core.domain.instrument import Instrument
from core.providers.sim.daily import CLOSES_AT, OPENS_AT, OVERNIGHT, Daily, news_volume
from core.providers.sim.hours import Hours, pace
from core.providers.sim.items import Item, effects
from core.providers.sim.streams import Floats, Ints, stream
from core.providers.sim.traits import Traits

DEPTH_ROWS = 241
NEWS_VOLUME_SECONDS = 1_500.0
Paise = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Burst:
    """Shares traded because of one item, from its second on."""

    second: int
    column: int
    shares: float


@dataclass(frozen=True, slots=True)
class Paths:
    """One session of all shares.

    `prices` has shape (hours.end + 1, n_instruments); `high` and `low` are the running range up
    to and including each whole minute, `quiet` the shares traded by then but for the news;
    `depth` and `lifted` are draws that repeat every 241 seconds.
    """

    day: date
    hours: Hours
    prices: Paise
    high: Paise
    low: Paise
    quiet: Floats
    bursts: tuple[Burst, ...]
    depth: Floats
    lifted: NDArray[np.bool_]

    def range_by(self, second: int) -> tuple[Ints, Ints]:
        """High and low of the session so far, in paise."""
        minute = second // 60
        block = self.prices[minute * 60 : second + 1]
        high, low = block.max(axis=0), block.min(axis=0)
        if minute:
            high = np.maximum(high, self.high[minute - 1])
            low = np.minimum(low, self.low[minute - 1])
        return high.astype(np.int64), low.astype(np.int64)

    def volume_by(self, second: int) -> Ints:
        """Shares traded so far."""
        minute, rest = divmod(second, 60)
        later = min(minute + 1, len(self.quiet) - 1)
        done = self.quiet[minute] + (self.quiet[later] - self.quiet[minute]) * rest / 60
        for burst in self.bursts:
            if second > burst.second:
                whole = -np.expm1(-(self.hours.end - burst.second) / NEWS_VOLUME_SECONDS)
                part = -np.expm1(-(second - burst.second) / NEWS_VOLUME_SECONDS)
                done[burst.column] += burst.shares * part / whole
        return np.asarray(done.astype(np.int64))


def walk(
    day: date,
    row: int,
    *,
    daily: Daily,
    hours: Hours,
    universe: Sequence[Instrument],
    traits: Traits,
    items: Sequence[Item],
    seed: int,
) -> Paths:
    """Lay out one session; the last price of every share is its daily close."""
    n = hours.end
    paces = {flag: pace(hours, has_derivatives=flag) for flag in (False, True)}
    own: dict[int, list[Item]] = {}
    for item in items:
        if item.moves and hours_hold(item):
            own.setdefault(item.column, []).append(item)
    rows = np.empty((len(universe), n + 1), dtype=np.int32)
    for column, one in enumerate(universe):
        rows[column] = _one_path(
            stream(seed, "path", day.isoformat(), one.isin),
            row=row,
            column=column,
            daily=daily,
            traits=traits,
            pace=paces[one.has_derivatives],
            moves=[(hours.place_of(day, item.second), item) for item in own.get(column, [])],
        )
    prices = np.ascontiguousarray(rows.T)
    starts = np.arange(0, n + 1, 60)
    draws = stream(seed, "depth", day.isoformat())
    return Paths(
        day=day,
        hours=hours,
        prices=prices,
        high=np.maximum.accumulate(np.maximum.reduceat(prices, starts, axis=0), axis=0),
        low=np.minimum.accumulate(np.minimum.reduceat(prices, starts, axis=0), axis=0),
        quiet=_quiet(paces[False], daily.quiet_volume[row], minutes=len(starts)),
        bursts=_bursts(own, day, hours=hours, quiet=daily.quiet_volume[row]),
        depth=np.exp(0.45 * draws.standard_normal((DEPTH_ROWS, len(universe), 2))),
        lifted=draws.random((DEPTH_ROWS, len(universe))) < 0.5,
    )


def hours_hold(item: Item) -> bool:
    """Whether an item falls between the ordinary open and close, and so moves its own session."""
    return OPENS_AT <= item.second < CLOSES_AT


def _one_path(
    rng: np.random.Generator,
    *,
    row: int,
    column: int,
    daily: Daily,
    traits: Traits,
    pace: Floats,
    moves: Sequence[tuple[int, Item]],
) -> Ints:
    """One share's paise per second."""
    elapsed = np.concatenate([[0.0], np.cumsum(pace)])
    elapsed[-1] = 1.0
    noise = np.zeros(len(elapsed))
    noise[1:] = np.cumsum(rng.standard_normal(len(pace)) * np.sqrt(pace))
    noise -= elapsed * noise[-1]
    vol = daily.vol[row, column] * np.sqrt(1 - OVERNIGHT)
    log = daily.log_open[row, column] + elapsed * daily.inside[row, column] + vol * noise
    trades = rng.random(len(log)) < traits.trades_per_second[column]
    unit = traits.vol[column]
    for second, item in moves:
        left = 1.0 - elapsed[second]
        ramp = (elapsed[second:] - elapsed[second]) / left if left > 0 else 1.0
        log[second:] += item.jump * unit + effects(item)[0] * unit * ramp
        trades[second] = True
    trades[0] = trades[np.flatnonzero(pace)[-1] + 1] = True
    log = log[np.maximum.accumulate(np.where(trades, np.arange(len(log)), 0))]
    tick = daily.tick[row, column]
    paise = np.rint(np.exp(log) * (100 / tick)).astype(np.int64) * tick
    paise = np.clip(paise, daily.band_low[row, column], daily.band_high[row, column])
    paise[0], paise[-1] = daily.open[row, column], daily.close[row, column]
    return np.asarray(paise)


def _quiet(pace: Floats, shares: Floats, *, minutes: int) -> Floats:
    """Shares traded by each whole minute, shape (minutes, n); more where prices move more."""
    done = np.concatenate([[0.0], np.cumsum(0.5 * pace + 0.5 / len(pace))])
    by_minute = done[np.minimum(np.arange(minutes) * 60, len(pace))]
    by_minute[-1] = done[-1]
    return np.asarray(by_minute[:, None] * shares)


def _bursts(
    own: dict[int, list[Item]], day: date, *, hours: Hours, quiet: Floats
) -> tuple[Burst, ...]:
    return tuple(
        Burst(hours.place_of(day, item.second), column, news_volume(item, quiet=quiet[column]))
        for column, items in own.items()
        for item in items
    )
