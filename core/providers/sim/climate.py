"""The weather all shares stand in: moods that last, market and sector returns, sudden news.

Volatility clusters, and a fall stirs it more than a rise. What moves the whole market at once is
news too: it stands on the newswire at the second at which prices jump. The sessions round the
first live one are bullish by construction, so that a newcomer does not meet a market in which
nothing may be bought.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from core.providers.sim.streams import Floats, heavy_tailed, stream
from core.providers.sim.traits import MARKET_VOL, SECTOR_VOL

CALM_BEFORE, CALM_AFTER = 45, 12
CALM_MEAN = 0.0005  # log return a session there
CALM_STATE = 1.3  # the most that earlier storms leave in the variance of those sessions
GARCH_RISE, GARCH_FALL, GARCH_MEMORY = 0.04, 0.22, 0.83
SURPRISE_MAX = 9.0  # squared shocks beyond stir no more
SECTOR_SHOCK, SECTOR_MEMORY = 0.14, 0.79
JUMP_CHANCE = 1.0 / 70.0  # a session, and half as often again in each worse mood
MOVE_MAX = 0.13  # log move of the market a session; further it would not trade at all
OPENS_AT, CLOSES_AT = 33_300, 55_800


class Mood(StrEnum):
    """What the market is like for some weeks; the desk has to find it out from prices."""

    BULL = "bull"
    BEAR = "bear"
    SIDEWAYS = "sideways"
    VOLATILE = "volatile"
    CRASH = "crash"


@dataclass(frozen=True, slots=True)
class Weather:
    """Mean return a session, volatility and chance of jumps as multiples of a calm market's.

    `lasts` is the mean number of sessions; a mood lasts at least a third of it.
    """

    mean: float
    vol: float
    jumps: float
    lasts: float
    then: tuple[tuple[Mood, float], ...]


M = Mood
WEATHER = {
    M.BULL: Weather(
        0.0009,
        0.85,
        0.7,
        90,
        ((M.SIDEWAYS, 0.50), (M.VOLATILE, 0.22), (M.BEAR, 0.22), (M.CRASH, 0.06)),
    ),
    M.BEAR: Weather(
        -0.0012,
        1.20,
        1.5,
        45,
        ((M.SIDEWAYS, 0.45), (M.BULL, 0.30), (M.VOLATILE, 0.17), (M.CRASH, 0.08)),
    ),
    M.SIDEWAYS: Weather(
        0.0000, 0.80, 0.8, 60, ((M.BULL, 0.62), (M.BEAR, 0.24), (M.VOLATILE, 0.11), (M.CRASH, 0.03))
    ),
    M.VOLATILE: Weather(
        -0.0004,
        1.70,
        2.5,
        25,
        ((M.SIDEWAYS, 0.45), (M.BULL, 0.30), (M.BEAR, 0.20), (M.CRASH, 0.05)),
    ),
    M.CRASH: Weather(-0.0140, 2.60, 6.0, 14, ((M.VOLATILE, 0.75), (M.BULL, 0.25))),
}


@dataclass(frozen=True, slots=True)
class Jump:
    """News that moves the whole market: the session's row, seconds after midnight, log move."""

    row: int
    second: int
    size: float
    words: int


@dataclass(frozen=True, slots=True)
class Climate:
    """Per session: the mood, market returns but for jumps and vol (n_sessions,), and sectors'."""

    moods: tuple[Mood, ...]
    market: Floats
    market_vol: Floats
    sectors: Floats  # (n_sessions, n_sectors)
    jumps: tuple[Jump, ...]


def climate(n_sessions: int, sectors: Sequence[str], *, first_live: int, seed: int) -> Climate:
    """Log returns of the market and of each sector over the market, oldest session first."""
    moods = _moods(n_sessions, first_live=first_live, seed=seed)
    shocks = heavy_tailed(seed, "market", size=n_sessions)
    chances = stream(seed, "jumps").random((n_sessions, 2))
    sizes = stream(seed, "jump sizes").standard_normal((n_sessions, 2))
    market, vol = np.empty(n_sessions), np.empty(n_sessions)
    jumps: list[Jump] = []
    state = 1.0
    for row, mood in enumerate(moods):
        weather = WEATHER[mood]
        calm = is_calm(row, first_live=first_live)
        state = min(state, CALM_STATE) if calm else state
        vol[row] = MARKET_VOL * weather.vol * np.sqrt(state)
        stirred = shocks[row]
        if not calm and chances[row, 0] < JUMP_CHANCE * weather.jumps:
            jumps.append(_jump(row, vol[row], chances[row, 1], sizes[row], falls=mood))
            stirred += jumps[-1].size / vol[row]
        room = MOVE_MAX - (abs(jumps[-1].size) if jumps and jumps[-1].row == row else 0.0)
        mean = CALM_MEAN if calm else weather.mean
        market[row] = np.clip(mean + vol[row] * shocks[row], -room, room)
        heat = GARCH_FALL if stirred < 0 else GARCH_RISE
        kept = 1.0 - (GARCH_RISE + GARCH_FALL) / 2 - GARCH_MEMORY
        state = kept + (heat * min(stirred**2, SURPRISE_MAX) + GARCH_MEMORY) * state
    return Climate(
        moods=moods,
        market=market,
        market_vol=vol,
        sectors=_sectors(sectors, vol, seed=seed),
        jumps=tuple(jumps),
    )


def is_calm(row: int, *, first_live: int) -> bool:
    """Whether a session lies round the first live one."""
    return first_live - CALM_BEFORE <= row < first_live + CALM_AFTER


def _jump(row: int, vol: float, when: float, sizes: Floats, *, falls: Mood) -> Jump:
    """One jump of two to four times the session's volatility; more often down than up."""
    down = sizes[1] < (0.9 if falls is Mood.CRASH else 0.35)
    size = vol * (1.8 + 0.8 * abs(float(sizes[0]))) * (-1.0 if down else 0.85)
    overnight = when < 0.6
    second = 28_800 + 4_000 * when / 0.6 if overnight else 34_200 + 18_000 * (when - 0.6) / 0.4
    return Jump(row, int(second), float(np.clip(size, -0.07, 0.06)), int(when * (1 << 40)))


def _sectors(names: Sequence[str], vol: Floats, *, seed: int) -> Floats:
    """Each sector's returns over the market, with a clustering of its own."""
    shocks = np.stack([heavy_tailed(seed, "sector", name, size=len(vol)) for name in names], axis=1)
    state = np.ones(len(names))
    returns = np.empty_like(shocks)
    for row in range(len(vol)):
        returns[row] = shocks[row] * np.sqrt(state)
        stirred = SECTOR_SHOCK * np.minimum(shocks[row] ** 2, SURPRISE_MAX) + SECTOR_MEMORY
        state = 1.0 - SECTOR_SHOCK - SECTOR_MEMORY + stirred * state
    return np.asarray(returns * SECTOR_VOL * np.sqrt(vol / MARKET_VOL)[:, None])


def _moods(n_sessions: int, *, first_live: int, seed: int) -> tuple[Mood, ...]:
    draws = stream(seed, "regimes").random((n_sessions, 2))
    found: list[Mood] = []
    now, age = Mood.SIDEWAYS, 0
    for row in range(n_sessions):
        weather = WEATHER[now]
        least = weather.lasts / 3
        if age >= least and draws[row, 0] < 1.0 / (weather.lasts - least):
            names, chances = zip(*weather.then, strict=True)
            place = int(np.searchsorted(np.cumsum(chances), draws[row, 1]))
            now, age = names[min(place, len(names) - 1)], 0
        age += 1
        found.append(Mood.BULL if is_calm(row, first_live=first_live) else now)
    return tuple(found)
