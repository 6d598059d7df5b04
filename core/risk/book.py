"""One look at one account, from its lines, cash and marks; pure and quick enough for each second.

The desk's look is the sum of its accounts' looks. A share without a stop risks all it is worth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.domain.money import ZERO, Money, total
from core.domain.risk import DESK, Breach, KillLevel, RiskSnapshot


@dataclass(frozen=True, slots=True)
class Line:
    """One open position: `cost` is what it cost in all, `covered` the shares a stop stands for."""

    isin: str
    symbol: str
    sector: str
    qty: int
    mark: Money
    cost: Money
    stop: Money | None = None
    covered: int = 0

    @property
    def value(self) -> Money:
        """Shares at the mark."""
        return self.mark * self.qty

    @property
    def at_risk(self) -> Money:
        """What the stop would lose from the mark; all of it for shares no stop covers."""
        if self.stop is None:
            return abs(self.value)
        safe = min(self.covered, abs(self.qty))
        away = self.mark - self.stop
        to_stop = max(ZERO, away if self.qty > 0 else -away)
        return to_stop * safe + self.mark * (abs(self.qty) - safe)

    @property
    def is_protected(self) -> bool:
        """Whether a stop covers every share."""
        return self.stop is not None and self.covered >= abs(self.qty)


def snapshot(
    *,
    scope: str,
    at: datetime,
    lines: Sequence[Line],
    cash: Money,
    funded: Money,
    day_start: Money,
    peak: Money,
    vol: float,
    level: KillLevel,
    breaches: tuple[Breach, ...] = (),
) -> RiskSnapshot:
    """Mark the lines and fold them.

    Args:
        cash: free and reserved cash together.
        funded: deposits less withdrawals since the account opened.
        day_start: equity at the session's start plus money that came in since.
        peak: the highest equity so far, see `high_water`.
        vol: volatility of the book per year, a fraction.
    """
    invested = at_risk = ZERO
    gross = unprotected = 0
    by_sector: dict[str, int] = {}
    for line in lines:
        value = line.value
        invested += value
        at_risk += line.at_risk
        gross += abs(value.paise)
        by_sector[line.sector] = by_sector.get(line.sector, 0) + abs(value.paise)
        unprotected += not line.is_protected
    equity = cash + invested
    day_pnl = equity - day_start
    return RiskSnapshot(
        scope=scope,
        at=at,
        equity=equity,
        cash=cash,
        invested=invested,
        at_risk=at_risk,
        day_pnl=day_pnl,
        total_pnl=equity - funded,
        day_return=day_pnl.share_of(day_start),
        drawdown=drawdown(equity, peak),
        gross_exposure=Money(gross).share_of(equity),
        vol=vol,
        sectors=_weights(by_sector, equity),
        unprotected=unprotected,
        level=level,
        breaches=breaches,
    )


def combine(
    snapshots: Sequence[RiskSnapshot],
    *,
    at: datetime,
    peak: Money,
    vol: float,
    level: KillLevel,
    breaches: tuple[Breach, ...] = (),
) -> RiskSnapshot:
    """The whole desk as the sum of its accounts."""
    equity = total(look.equity for look in snapshots)
    day_pnl = total(look.day_pnl for look in snapshots)
    by_sector: dict[str, int] = {}
    for look in snapshots:
        for sector, weight in look.sectors:
            by_sector[sector] = by_sector.get(sector, 0) + round(weight * look.equity.paise)
    gross = sum(look.gross_exposure * look.equity.paise for look in snapshots)
    return RiskSnapshot(
        scope=DESK,
        at=at,
        equity=equity,
        cash=total(look.cash for look in snapshots),
        invested=total(look.invested for look in snapshots),
        at_risk=total(look.at_risk for look in snapshots),
        day_pnl=day_pnl,
        total_pnl=total(look.total_pnl for look in snapshots),
        day_return=day_pnl.share_of(equity - day_pnl),
        drawdown=drawdown(equity, peak),
        gross_exposure=gross / equity.paise if equity.paise else 0.0,
        vol=vol,
        sectors=_weights(by_sector, equity),
        unprotected=sum(look.unprotected for look in snapshots),
        level=level,
        breaches=breaches,
    )


def drawdown(equity: Money, peak: Money) -> float:
    """How far equity stands under its peak, zero or negative."""
    return min(0.0, (equity - peak).share_of(peak)) if peak.paise > 0 else 0.0


def high_water(previous: Money, *, equity: Money, flow: Money = ZERO) -> Money:
    """The peak after one more look; money paid in or out since then moves it along."""
    return max(previous + flow, equity)


def _weights(by_sector: dict[str, int], equity: Money) -> tuple[tuple[str, float], ...]:
    """Sectors as fractions of equity, largest first, names in order on a tie."""
    rows = [(sector, Money(paise).share_of(equity)) for sector, paise in by_sector.items()]
    return tuple(sorted(rows, key=lambda row: (-row[1], row[0])))
