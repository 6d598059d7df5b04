"""The weather all shares stand in: regimes that persist, market and sector returns.

The sessions round the first live one are bullish by construction, so that a newcomer does not
meet a market in which nothing may be bought.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.domain.signal import Regime
from core.providers.sim.streams import Floats, heavy_tailed, stream
from core.providers.sim.traits import MARKET_VOL, SECTOR_VOL

CALM_BEFORE, CALM_AFTER = 45, 12
LEAVE = 1.0 / 55.0  # a regime is drawn anew every 55 sessions on average
GARCH_SHOCK, GARCH_MEMORY = 0.11, 0.86


@dataclass(frozen=True, slots=True)
class Weather:
    """Mean return a session and volatility as a multiple of a calm market's."""

    mean: float
    vol: float


WEATHER = {
    Regime.BULL: Weather(0.0005, 0.90),
    Regime.BEAR: Weather(-0.0014, 1.20),
    Regime.SIDEWAYS: Weather(-0.0003, 0.80),
    Regime.VOLATILE: Weather(-0.0009, 1.90),
}
CHANCES = {
    Regime.BULL: 0.40,
    Regime.SIDEWAYS: 0.28,
    Regime.BEAR: 0.18,
    Regime.VOLATILE: 0.14,
}


@dataclass(frozen=True, slots=True)
class Climate:
    """Per session: the regime, market returns and vol (n_sessions,), sector returns and vol."""

    regimes: tuple[Regime, ...]
    market: Floats
    market_vol: Floats
    sectors: Floats  # (n_sessions, n_sectors)


def climate(n_sessions: int, sectors: Sequence[str], *, first_live: int, seed: int) -> Climate:
    """Log returns of the market and of each sector over the market, oldest session first."""
    regimes = _regimes(n_sessions, first_live=first_live, seed=seed)
    shocks = heavy_tailed(seed, "market", size=n_sessions)
    market, vol = np.empty(n_sessions), np.empty(n_sessions)
    state = 1.0
    for row, regime in enumerate(regimes):
        weather = WEATHER[regime]
        vol[row] = MARKET_VOL * weather.vol * np.sqrt(state)
        market[row] = weather.mean + vol[row] * shocks[row]
        surprise = min(shocks[row] ** 2, 9.0) * state
        state = 1.0 - GARCH_SHOCK - GARCH_MEMORY + GARCH_SHOCK * surprise + GARCH_MEMORY * state
    by_sector = [heavy_tailed(seed, "sector", name, size=n_sessions) for name in sectors]
    scale = SECTOR_VOL * np.sqrt(vol / MARKET_VOL)
    return Climate(
        regimes=regimes,
        market=market,
        market_vol=vol,
        sectors=np.stack(by_sector, axis=1) * scale[:, None],
    )


def _regimes(n_sessions: int, *, first_live: int, seed: int) -> tuple[Regime, ...]:
    draws = stream(seed, "regimes").random((n_sessions, 2))
    names, chances = list(CHANCES), np.cumsum(list(CHANCES.values()))
    found: list[Regime] = []
    now = Regime.SIDEWAYS
    for row in range(n_sessions):
        if draws[row, 0] < LEAVE or row == 0:
            now = names[int(np.searchsorted(chances, draws[row, 1]).clip(0, len(names) - 1))]
        calm = first_live - CALM_BEFORE <= row < first_live + CALM_AFTER
        found.append(Regime.BULL if calm else now)
    return tuple(found)
