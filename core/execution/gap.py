"""What a stop cannot prevent: the loss when a share opens beyond it, in rupees.

A fired stop sends a LIMIT order well through its trigger, on the tick and inside that day's
band. Where the share opens beyond that limit, the order rests until the desk follows the market;
what is lost then is counted from the opening price.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from core.domain.allocation import Bracket
from core.domain.instrument import snap
from core.domain.money import Money
from core.domain.order import Side
from core.exchange.rules import Rules

GAPS_PCT: Final = (5, 10, 20)
BPS: Final = Decimal(10_000)
HUNDRED: Final = Decimal(100)

Costs = Callable[[Side, Money], Money]  # the charges of the whole quantity at one price


@dataclass(frozen=True, slots=True)
class GapLoss:
    """One opening beyond the stop; `loss` is positive, with the charges of both orders in it."""

    beyond_pct: int
    opens_at: Money
    loss: Money
    limit_reaches: bool  # whether the fired order trades at the opening without being followed


def stop_limit(stop: Money, closing: Side, *, tick: Money, rules: Rules | None = None) -> Money:
    """What a fired stop asks before the day's band holds it: well through, on the tick."""
    through = Decimal((rules or Rules()).stop_through_bps) / BPS
    limit = snap(stop.times(1 + closing.sign * through), tick, up=closing is Side.BUY)
    return max(limit, tick)


def gap_losses(
    bracket: Bracket, *, side: Side, qty: int, tick: Money, costs: Costs
) -> tuple[GapLoss, ...]:
    """The loss of `qty` shares for each opening of `GAPS_PCT` beyond the stop, nearest first.

    Args:
        side: of the entry; it is taken to fill at the worst price the click signs.
        costs: the charges of an order of that side for all shares at that price.
    """
    closing = Side.SELL if side is Side.BUY else Side.BUY
    entry = bracket.entry_high if side is Side.BUY else bracket.entry_low
    limit = stop_limit(bracket.stop, closing, tick=tick)
    found = []
    for pct in GAPS_PCT:
        far = bracket.stop.times(1 - side.sign * Decimal(pct) / HUNDRED)
        opens = max(snap(far, tick, up=side is Side.SELL), tick)
        moved = (entry - opens) * (qty * side.sign)
        loss = moved + costs(side, entry) + costs(closing, opens)
        reaches = (opens.paise - limit.paise) * side.sign >= 0
        found.append(GapLoss(pct, opens, loss, reaches))
    return tuple(found)
