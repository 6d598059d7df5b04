"""The mandates a new desk starts with, one per objective.

Stop and target stand at 2 and 3 ATR because the model's probabilities are measured at those
barriers; other distances would leave a card's percentages about another trade.

Volatility targets are what a full book of NSE shares without borrowing can have in an ordinary
year, so that the target and not the limits alone decides how much is at stake.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.domain.instrument import CapClass
from core.domain.mandate import Mandate, Objective
from core.domain.money import Money

STOP_ATR, TARGET_ATR, TRAIL_ATR = 2.0, 3.0, 2.0
EVENT, MOMENTUM = "event drift", "momentum"
STRATEGIES = frozenset({EVENT, MOMENTUM})


@dataclass(frozen=True, slots=True)
class Rules:
    """What differs from one objective to the next; fractions of equity."""

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
    turnover_min: Money
    earnings_blackout_sessions: int
    cap_classes: frozenset[CapClass]


LARGE_MID = frozenset({CapClass.LARGE, CapClass.MID})
RULES: dict[Objective, Rules] = {
    Objective.BALANCED: Rules(
        horizon_months=12,
        positions_max=12,
        position_weight_max=0.10,
        sector_weight_max=0.25,
        gross_exposure_max=0.95,
        risk_per_trade_max=0.0075,
        vol_target=0.11,
        daily_loss_max=0.015,
        drawdown_max=0.10,
        cash_floor=Money.rupees(50_000),
        turnover_min=Money.rupees(50_000_000),
        earnings_blackout_sessions=2,
        cap_classes=LARGE_MID,
    ),
    Objective.MAX_PROFIT: Rules(
        horizon_months=24,
        positions_max=15,
        position_weight_max=0.12,
        sector_weight_max=0.30,
        gross_exposure_max=0.98,
        risk_per_trade_max=0.0100,
        vol_target=0.14,
        daily_loss_max=0.025,
        drawdown_max=0.20,
        cash_floor=Money.rupees(10_000),
        turnover_min=Money.rupees(20_000_000),
        earnings_blackout_sessions=1,
        cap_classes=frozenset(CapClass),
    ),
    Objective.RISK_MINIMIZED: Rules(
        horizon_months=36,
        positions_max=20,
        position_weight_max=0.06,
        sector_weight_max=0.20,
        gross_exposure_max=0.80,
        risk_per_trade_max=0.0040,
        vol_target=0.08,
        daily_loss_max=0.010,
        drawdown_max=0.06,
        cash_floor=Money.rupees(100_000),
        turnover_min=Money.rupees(100_000_000),
        earnings_blackout_sessions=3,
        cap_classes=frozenset({CapClass.LARGE}),
    ),
}


def default_mandate(
    account_id: str,
    objective: Objective,
    *,
    signed_at: datetime,
    strategies: frozenset[str] = STRATEGIES,
) -> Mandate:
    """Version 1 of an account's rules for one objective, nothing banned."""
    r = RULES[objective]
    return Mandate(
        account_id=account_id,
        version=1,
        objective=objective,
        horizon_months=r.horizon_months,
        positions_max=r.positions_max,
        position_weight_max=r.position_weight_max,
        sector_weight_max=r.sector_weight_max,
        gross_exposure_max=r.gross_exposure_max,
        risk_per_trade_max=r.risk_per_trade_max,
        vol_target=r.vol_target,
        daily_loss_max=r.daily_loss_max,
        drawdown_max=r.drawdown_max,
        cash_floor=r.cash_floor,
        ticket_min=Money.rupees(10_000),
        turnover_min=r.turnover_min,
        volume_share_max=0.01,
        stop_atr=STOP_ATR,
        target_atr=TARGET_ATR,
        trail_atr=TRAIL_ATR,
        earnings_blackout_sessions=r.earnings_blackout_sessions,
        sectors_banned=frozenset(),
        sectors_preferred=frozenset(),
        isins_banned=frozenset(),
        cap_classes=r.cap_classes,
        strategies=strategies,
        signed_at=signed_at,
    )
