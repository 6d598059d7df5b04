"""How the market, or one share, stands: its regime with filtered chances, volatility, liquidity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from core.domain.signal import Regime


@dataclass(frozen=True, slots=True)
class RegimeDay:
    """The regime after one session; `chances` is empty where the plain rule told it."""

    session: date
    regime: Regime
    chances: Mapping[Regime, float]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a number stands in its own past, as that was known then.

    `share` of the `n` sessions before lay below it; None while there are too few, and then
    `words` say so.
    """

    words: str
    value: float | None
    share: float | None
    n: int


@dataclass(frozen=True, slots=True)
class RegimeRecord:
    """The regime after `session`, of "market" or of a symbol.

    `chances` are filtered: they use that session and earlier ones. `since` is the first session
    of the run it is in. `durations` are sessions a regime lasts on average and `moves` how likely
    one follows another from session to session; both are empty where the plain rule told it.
    `volatility` is a year's as a fraction, `liquidity` the rupees a share trades in a session.
    The states were fitted by the model named, on sessions up to `fitted_to`; "" and None where
    they were fitted just now.
    """

    of: str
    at: datetime
    session: date
    regime: Regime
    score: float
    since: date
    sessions: int
    chances: Mapping[Regime, float]
    durations: Mapping[Regime, float]
    moves: Mapping[Regime, Mapping[Regime, float]]
    volatility: Place
    liquidity: Place
    history: tuple[RegimeDay, ...]
    model_version: str = ""
    fitted_to: date | None = None
