"""From weights to whole shares: what to buy and sell to get there, sells first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from core.domain.money import Money
from core.errors import NotFound


@dataclass(frozen=True, slots=True)
class Trade:
    """One step: `qty` is signed; weights are of equity before and after."""

    isin: str
    qty: int
    mark: Money
    notional: Money
    weight_before: float
    weight_after: float


def trades_to_reach(
    weights: Mapping[str, float],
    positions: Mapping[str, int],
    equity: Money,
    marks: Mapping[str, Money],
) -> tuple[Trade, ...]:
    """Trades from today's shares to the target weights, largest sell first, then largest buy.

    A share that is held and not in `weights` is sold. Target shares are rounded down, so buys
    never need more than the equity. Raises NotFound for a share without a mark.
    """
    trades = []
    for isin in sorted({*weights, *positions}):
        held = positions.get(isin, 0)
        mark = marks.get(isin)
        if mark is None or mark.paise <= 0:
            raise NotFound(f"{isin} has no mark; wait for a quote or leave it out")
        wanted = equity.times(Decimal(repr(max(0.0, weights.get(isin, 0.0)))))
        after = wanted.paise // mark.paise
        if after != held:
            trades.append(
                Trade(
                    isin=isin,
                    qty=after - held,
                    mark=mark,
                    notional=mark * abs(after - held),
                    weight_before=(mark * held).share_of(equity),
                    weight_after=(mark * after).share_of(equity),
                )
            )
    return tuple(sorted(trades, key=lambda t: (t.qty > 0, -t.notional.paise, t.isin)))
