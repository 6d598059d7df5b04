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

from core.domain.halts import HaltTable
from core.domain.instrument import Instrument
from core.providers.sim.climate import CLOSES_AT, OPENS_AT, Jump
from core.providers.sim.daily import CLOSE_WINDOW, OVERNIGHT, Daily, news_volume
from core.providers.sim.halting import Stop, held, stops
from core.providers.sim.hours import Hours, crowd, pace
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
    stops: tuple[Stop, ...] = ()

    def stopped(self, second: int) -> bool:
        """Whether a market-wide halt is on."""
        return any(one.starts <= second < one.ends for one in self.stops)

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
    jumps: Sequence[Jump],
    halts: tuple[HaltTable, ...],
    seed: int,
) -> Paths:
    """Lay out one session; the last price of every share is its daily last trade."""
    n, has_auction = hours.end, hours.auction_end > hours.auction_from
    paces = {flag: pace(hours, has_derivatives=flag) for flag in (False, True)}
    own: dict[int, list[Item]] = {}
    for item in items:
        if item.moves and hours_hold(item.second):
            own.setdefault(item.column, []).append(item)
    whole = [
        (hours.place_of(day, jump.second), jump.size) for jump in jumps if hours_hold(jump.second)
    ]
    rows = np.empty((len(universe), n + 1), dtype=np.int32)
    for column, one in enumerate(universe):
        rows[column] = _one_path(
            stream(seed, "path", day.isoformat(), one.isin),
            row=row,
            column=column,
            daily=daily,
            traits=traits,
            pace=paces[one.has_derivatives],
            moves=[
                *(
                    _move(item, traits, at=hours.place_of(day, item.second))
                    for item in own.get(column, [])
                ),
                *(Move(at, size * float(traits.beta[column]), 0.0) for at, size in whole),
            ],
            averaged=None if one.has_derivatives and has_auction else hours.plain_end,
        )
    prices = np.ascontiguousarray(rows.T)
    stopped = stops(prices, daily.prev_close[row], traits.turnover, hours=hours, tables=halts)
    held(prices, stopped)
    starts = np.arange(0, n + 1, 60)
    draws = stream(seed, "depth", day.isoformat())
    return Paths(
        day=day,
        hours=hours,
        prices=prices,
        high=np.maximum.accumulate(np.maximum.reduceat(prices, starts, axis=0), axis=0),
        low=np.minimum.accumulate(np.minimum.reduceat(prices, starts, axis=0), axis=0),
        quiet=_quiet(crowd(hours), daily.quiet_volume[row], minutes=len(starts)),
        bursts=_bursts(own, day, hours=hours, quiet=daily.quiet_volume[row]),
        depth=np.exp(0.45 * draws.standard_normal((DEPTH_ROWS, len(universe), 2))),
        lifted=draws.random((DEPTH_ROWS, len(universe))) < 0.5,
        stops=stopped,
    )


def hours_hold(second: int) -> bool:
    """Whether news falls between the ordinary open and close, and so moves its own session."""
    return OPENS_AT <= second < CLOSES_AT


@dataclass(frozen=True, slots=True)
class Move:
    """News in a session: its second, the log jump there and the log drift until the end."""

    second: int
    jump: float
    drift: float


def _move(item: Item, traits: Traits, *, at: int) -> Move:
    unit = float(traits.vol[item.column])
    return Move(at, item.jump * unit, float(effects(item)[0]) * unit)


def _one_path(
    rng: np.random.Generator,
    *,
    row: int,
    column: int,
    daily: Daily,
    traits: Traits,
    pace: Floats,
    moves: Sequence[Move],
    averaged: int | None,
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
    if averaged is not None:
        _settle(log[: averaged + 1], off=daily.settle_noise[row, column])
    for one in moves:
        left = 1.0 - elapsed[one.second]
        ramp = (elapsed[one.second :] - elapsed[one.second]) / left if left > 0 else 1.0
        log[one.second :] += one.jump + one.drift * ramp
        trades[one.second] = True
    trades[0] = trades[np.flatnonzero(pace)[-1] + 1] = True
    log = log[np.maximum.accumulate(np.where(trades, np.arange(len(log)), 0))]
    tick = daily.tick[row, column]
    paise = np.rint(np.exp(log) * (100 / tick)).astype(np.int64) * tick
    paise = np.clip(paise, daily.band_low[row, column], daily.band_high[row, column])
    paise[0], paise[-1] = daily.open[row, column], daily.last[row, column]
    return np.asarray(paise)


def _settle(log: Floats, *, off: float) -> None:
    """Bend the last half hour so that its end lies `off` above its average, ends left in place."""
    last = log[-CLOSE_WINDOW:]
    u = np.linspace(0.0, 1.0, len(last))
    last += (last[-1] - off - last.mean()) * 6.0 * u * (1.0 - u)


def _quiet(spread: Floats, shares: Floats, *, minutes: int) -> Floats:
    """Shares traded by each whole minute but for the news, shape (minutes, n)."""
    done = np.concatenate([[0.0], np.cumsum(spread)])
    by_minute = done[np.minimum(np.arange(minutes) * 60, len(spread))]
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
