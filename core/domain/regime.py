"""How the market, or one share, stands: its regime with filtered chances, volatility, liquidity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from core.domain.signal import Regime

ERRORS = 2.0  # standard errors from zero at which a mean return is told apart from none


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
class Look:
    """What a hidden state is like in the sessions it was fitted on.

    `returns` is the mean return a session and `error` its standard error, both fractions,
    `volatility` a year's as a fraction, `breadth` the share of the shares above their average of
    50 sessions, and `sessions` how many the state stands for.
    """

    returns: float
    error: float
    volatility: float
    breadth: float
    sessions: float


@dataclass(frozen=True, slots=True)
class Spells:
    """How long a regime lasted where it was told: `count` spells of `sessions` on average."""

    count: int
    sessions: float


@dataclass(frozen=True, slots=True)
class RegimeRecord:
    """The regime after `session`, of "market" or of a symbol.

    `chances` are filtered: they use that session and earlier ones. `since` is the first session
    of the run it is in. `durations` are sessions a regime lasts on average and `moves` how likely
    one follows another from session to session; both are empty where the plain rule told it.
    `volatility` is a year's as a fraction, `liquidity` the rupees a share trades in a session.
    `spells` are those that have ended, as told over all sessions. The states are those of the model
    named, "" where they were fitted just now, and `fitted_to` is the last session they were fitted
    on; `changed` is the share of past sessions that their last refit named otherwise. Both are
    None where that is not known.
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
    looks: Mapping[Regime, Look] = field(default_factory=dict)
    spells: Mapping[Regime, Spells] = field(default_factory=dict)
    changed: float | None = None

    def not_told_apart(self) -> tuple[Regime, ...]:
        """Bull where its mean return is not above zero by two errors, bear where not below."""
        ways = ((Regime.BULL, 1.0), (Regime.BEAR, -1.0))
        return tuple(
            name
            for name, way in ways
            if name in self.looks
            and way * self.looks[name].returns < ERRORS * self.looks[name].error
        )
