"""Which shares open the first live session: liquid, affordable, not stretched, no results near."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from core.domain.instrument import CapClass, Instrument, Series, Surveillance
from core.providers.sim.daily import Daily
from core.providers.sim.streams import Floats
from core.providers.sim.traits import Traits

OPENING_ITEMS = 4
RSI_SESSIONS = 14
RESULTS_CLEAR_DAYS = 21
PRICE_PAISE = (8_000, 300_000)


def openers(
    universe: Sequence[Instrument],
    traits: Traits,
    past: Daily,
    *,
    first_live: date,
    results: Sequence[Sequence[date]],
) -> list[int]:
    """Columns for the first good news, best first, one per sector where the universe allows."""
    heat = np.abs(rsi(past.close.astype(np.float64)) - 52.0)
    last = past.close[-1]
    fit = [
        column
        for column, one in enumerate(universe)
        if one.series is Series.EQ
        and one.surveillance is Surveillance.NONE
        and one.cap_class is CapClass.LARGE
        and PRICE_PAISE[0] <= last[column] <= PRICE_PAISE[1]
        and not any(0 <= (day - first_live).days <= RESULTS_CLEAR_DAYS for day in results[column])
    ]
    chosen: list[int] = []
    for column in sorted(fit, key=lambda one: (heat[one] > 12, -traits.turnover[one], one)):
        if universe[column].sector not in {universe[other].sector for other in chosen}:
            chosen.append(column)
    return chosen[:OPENING_ITEMS]


def rsi(close: Floats) -> Floats:
    """Relative strength over the last 14 sessions by plain averages, 0 to 100, per column."""
    moves = np.diff(close[-RSI_SESSIONS - 1 :], axis=0)
    up, down = np.maximum(moves, 0).sum(axis=0), np.maximum(-moves, 0).sum(axis=0)
    return np.asarray(100.0 * up / np.maximum(up + down, 1e-9))
