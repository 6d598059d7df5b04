"""How many shares one account may take, with every clamp and every guardrail on record."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.domain.money import Money
from core.domain.order import Side


class Unit(StrEnum):
    """How a guardrail's value and limit read on screen."""

    FRACTION = "fraction"
    RUPEES = "rupees"
    SESSIONS = "sessions"
    MINUTES = "minutes"
    SECONDS = "seconds"
    SCORE = "score"
    COUNT = "count"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Guardrail:
    """One rule held against one order: `value` against `limit`, both in `unit`.

    `text` replaces the numbers when the unit is TEXT; `sentence` says what it means.
    """

    name: str
    passed: bool
    value: float
    limit: float
    unit: Unit
    sentence: str
    limit_is_floor: bool = False

    @property
    def used(self) -> float:
        """How much of the limit is used as a fraction, at least 0."""
        if self.limit_is_floor:
            return self.limit / self.value if self.value > 0 else 1.0
        return self.value / self.limit if self.limit > 0 else float(self.value > 0)


@dataclass(frozen=True, slots=True)
class Clamp:
    """One cut of the quantity and why."""

    name: str
    from_qty: int
    to_qty: int
    reason: str


@dataclass(frozen=True, slots=True)
class Bracket:
    """Where the trade goes in and comes out, snapped to ticks and inside the band.

    Which side it enters on is told by where its stop stands: below its target for a buy, above it
    for a short sale. `trail` is the distance a trailing stop keeps, `trail_from` where it begins.
    With `trail_bps` the distance is that share of the best price since the entry instead, in basis
    points, and `trail` is what it comes to where it begins.
    """

    entry_low: Money
    entry_high: Money
    stop: Money
    target: Money
    trail: Money
    trail_from: Money
    trail_bps: int = 0

    @property
    def side(self) -> Side:
        """The side of the entry."""
        return Side.BUY if self.stop < self.target else Side.SELL

    @property
    def worst_entry(self) -> Money:
        """The least favourable price of the band: the most a buy pays, the least a short gets."""
        return self.entry_high if self.side is Side.BUY else self.entry_low

    @property
    def risk_per_share(self) -> Money:
        """From the worst entry to the stop."""
        return (self.worst_entry - self.stop) * self.side.sign

    @property
    def reward_to_risk(self) -> float:
        """Distance to the target over distance to the stop."""
        risk = self.risk_per_share.paise
        reward = (self.target - self.worst_entry).paise * self.side.sign
        return reward / risk if risk > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Allocation:
    """Shares for one account; zero shares carries the reason in `rejected`.

    `sized` is what the clamps left before a guardrail set it to zero; `vol_after` is the book's
    volatility per year with the trade, None where it cannot be measured.
    """

    account_id: str
    isin: str
    qty: int
    bracket: Bracket | None
    at_risk: Money
    notional: Money
    charges: Money
    weight_before: float
    weight_after: float
    sector_before: float
    sector_after: float
    gross_before: float
    gross_after: float
    clamps: tuple[Clamp, ...]
    guardrails: tuple[Guardrail, ...]
    rejected: str = ""
    sized: int = 0
    vol_after: float | None = None

    @property
    def failed(self) -> tuple[Guardrail, ...]:
        """The guardrails that say no."""
        return tuple(rail for rail in self.guardrails if not rail.passed)
