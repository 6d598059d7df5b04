"""The rules an account is run by; a version is signed and bound into every card.

Fractions are of account equity unless the name says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.domain.instrument import CapClass
from core.domain.money import Money
from core.errors import BadInput

ATR_MAX = 100.0  # further than a share goes in any session


class Objective(StrEnum):
    """What the account wants most."""

    MAX_PROFIT = "max profit"
    BALANCED = "balanced"
    RISK_MINIMIZED = "risk minimized"


class Holding(StrEnum):
    """How long the account's positions are held; within the day they are intraday (MIS)."""

    NIGHTS = "over nights"
    DAY = "within the day"


@dataclass(frozen=True, slots=True)
class Mandate:
    """One version of an account's rules."""

    account_id: str
    version: int
    objective: Objective
    horizon_months: int
    positions_max: int
    position_weight_max: float
    sector_weight_max: float
    gross_exposure_max: float
    risk_per_trade_max: float
    vol_target: float
    daily_loss_max: float
    drawdown_max: float
    cash_floor: Money
    ticket_min: Money
    turnover_min: Money
    volume_share_max: float
    stop_atr: float
    target_atr: float
    trail_atr: float
    earnings_blackout_sessions: int
    sectors_banned: frozenset[str]
    sectors_preferred: frozenset[str]
    isins_banned: frozenset[str]
    cap_classes: frozenset[CapClass]
    strategies: frozenset[str]
    signed_at: datetime
    trail_pct: float = 0.0  # of the best price, a fraction; 0 trails by ATR
    holding: Holding = Holding.NIGHTS
    shorts: bool = False  # may sell within the day what it does not hold
    correlation_max: float = 0.80  # of a share's daily returns with any share held
    charges_of_gain_max: float = 0.50  # round-trip charges, of what the trade is expected to gain
    charges_of_ticket_max: float = 0.01  # round-trip charges, of what the shares cost
    cooling_off_sessions: int = 0  # sessions without a new entry in a share after leaving it

    def __post_init__(self) -> None:
        if found := contradictions(self):
            raise BadInput(f"Mandate of {self.account_id}: {'; '.join(found)}")


def contradictions(mandate: Mandate) -> list[str]:
    """Every way the rules cannot all hold, each as a sentence with both numbers."""
    m = mandate
    found = []
    for name, value, high in (
        ("position weight", m.position_weight_max, 1.0),
        ("sector weight", m.sector_weight_max, 1.0),
        ("gross exposure", m.gross_exposure_max, 1.0),
        ("risk per trade", m.risk_per_trade_max, 0.10),
        ("daily loss", m.daily_loss_max, 0.25),
        ("drawdown", m.drawdown_max, 0.80),
        ("volatility target", m.vol_target, 1.0),
        ("share of a day's volume", m.volume_share_max, 0.25),
        ("correlation with a share held", m.correlation_max, 1.0),
        ("charges of the expected gain", m.charges_of_gain_max, 1.0),
        ("charges of the ticket", m.charges_of_ticket_max, 0.10),
    ):
        if not 0.0 < value <= high:
            found.append(f"{name} {value:.2%} must be above 0% and at most {high:.0%}")
    if m.position_weight_max > m.sector_weight_max:
        found.append(
            f"one position may be {m.position_weight_max:.1%} but its sector only "
            f"{m.sector_weight_max:.1%}; raise the sector or cut the position"
        )
    if m.risk_per_trade_max > m.daily_loss_max:
        found.append(
            f"one trade may lose {m.risk_per_trade_max:.2%} but the day only "
            f"{m.daily_loss_max:.2%}; cut the risk per trade or raise the day's loss"
        )
    if m.daily_loss_max > m.drawdown_max:
        found.append(
            f"a day may lose {m.daily_loss_max:.1%} but the whole drawdown is "
            f"{m.drawdown_max:.1%}; raise the drawdown or cut the day's loss"
        )
    found += _out_of_bounds(m)
    if m.shorts and m.holding is not Holding.DAY:
        found.append(
            f"shares may be sold short but positions are held {m.holding}; a short sale has to be "
            "bought back the same day, so hold within the day or leave shorts out"
        )
    both = m.sectors_banned & m.sectors_preferred
    if both:
        found.append(f"{', '.join(sorted(both))} is both banned and preferred; keep one")
    if not m.cap_classes:
        found.append("no size class is allowed, so nothing can be bought; allow one")
    if not m.strategies:
        found.append("no strategy is allowed, so no card can be made; allow one")
    return found


def _out_of_bounds(m: Mandate) -> list[str]:
    """Counts, distances and rupees that no account can be run by."""
    found = []
    if not 0 <= m.cooling_off_sessions <= 250:
        found.append(f"cooling off for {m.cooling_off_sessions} sessions must be between 0 and 250")
    if m.positions_max < 1:
        found.append(f"{m.positions_max} positions cannot hold a trade; allow 1 or more")
    if m.horizon_months < 1:
        found.append(f"a horizon of {m.horizon_months} months is too short; use 1 or more")
    if not (0 < m.stop_atr < ATR_MAX and 0 < m.target_atr < ATR_MAX):
        found.append(
            f"stop {m.stop_atr} and target {m.target_atr} ATR must both be above 0 and under "
            f"{ATR_MAX:g}"
        )
    if not 0 <= m.trail_atr < ATR_MAX:
        found.append(f"a trail of {m.trail_atr} ATR must be between 0 and {ATR_MAX:g}")
    if not 0.0 <= m.trail_pct <= 0.5:
        found.append(f"a trail of {m.trail_pct:.1%} must be between 0% (by ATR) and 50%")
    if min(m.cash_floor, m.ticket_min, m.turnover_min).paise < 0:
        found.append(
            f"cash floor {m.cash_floor}, ticket {m.ticket_min} and turnover {m.turnover_min} "
            "cannot be negative"
        )
    if not 0 <= m.earnings_blackout_sessions <= 250:
        found.append(
            f"no entry for {m.earnings_blackout_sessions} sessions before results must be between "
            "0 and 250"
        )
    return found
