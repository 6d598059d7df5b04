"""What research says about one instrument: features, signal, meta-label and playbook.

Probabilities are out of sample and carry n and an interval; below `MIN_CASES` no screen
shows a percentage, and a model without skill has no vote.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.domain.event import EventType
from core.errors import BadInput

MIN_CASES = 30


class Regime(StrEnum):
    """The state of the whole market."""

    BULL = "bull"
    BEAR = "bear"
    SIDEWAYS = "sideways"
    VOLATILE = "volatile"


@dataclass(frozen=True, slots=True)
class FeatureRow:
    """The numbers a decision was made from, as they stood at `as_of`; NaN is missing."""

    isin: str
    as_of: datetime
    names: tuple[str, ...]
    values: tuple[float, ...]
    version: str
    fingerprint: str

    def __getitem__(self, name: str) -> float:
        return self.values[self.names.index(name)]


def fingerprint(names: tuple[str, ...], values: tuple[float, ...], version: str) -> str:
    """A short hash that is equal for equal features."""
    text = version + "|" + "|".join(f"{n}={v:.10g}" for n, v in zip(names, values, strict=True))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Probability:
    """A calibrated out-of-sample probability: fraction, 90 % interval, and how many like cases."""

    p: float
    low: float
    high: float
    n: int

    def __post_init__(self) -> None:
        if not 0.0 <= self.low <= self.p <= self.high <= 1.0:
            raise BadInput(f"probability {self.p} must lie in its interval {self.low}..{self.high}")

    @property
    def shown(self) -> bool:
        """Whether there are enough cases to show a percentage."""
        return self.n >= MIN_CASES


@dataclass(frozen=True, slots=True)
class Reason:
    """One feature's share in a score; `contribution` is in log-odds, `words` hold the value."""

    feature: str
    value: float
    contribution: float
    words: str


@dataclass(frozen=True, slots=True)
class Signal:
    """Direction, edge and horizon for one instrument.

    `direction` is +1, -1 or 0. `edge` is the expected return after costs over the horizon as a
    fraction. When `has_vote` is false the model has shown no skill and `direction` comes from
    the rule named in `strategy`; then the edge is not measured. Odds are those of a purchase, so a
    signal that points down has no vote however skilled the model is.
    """

    isin: str
    symbol: str
    as_of: datetime
    strategy: str
    direction: int
    edge: float
    horizon_sessions: int
    target_first: Probability
    stop_first: Probability
    time_exit: Probability
    base_rate: float
    has_vote: bool
    model_version: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class MetaLabel:
    """P(the signal is right), with the four scores it leans on, each a fraction in [0, 1].

    A signal is right when its trade pays after costs. `breakeven` is how often signals must be
    right to earn nothing, from the mean gain and the mean loss they had out of sample.
    """

    right: Probability
    has_vote: bool
    regime: Regime
    regime_score: float
    liquidity_score: float
    crowding_score: float
    timing_score: float
    breakeven: float = 0.5

    @property
    def warns(self) -> bool:
        """Whether a voting meta-label says that signals like this one lose."""
        return self.has_vote and self.right.p < self.breakeven


@dataclass(frozen=True, slots=True)
class Playbook:
    """Tactical rules for one kind of event in one kind of market; empty sets mean any.

    `direction` is -1 where it sells short within the day.
    """

    name: str
    event_types: frozenset[EventType]
    regimes: frozenset[Regime]
    stop_atr: float
    target_atr: float
    horizon_sessions: int
    size_multiple: float
    fresh_minutes: int
    card_minutes: int
    why: str
    direction: int = 1
