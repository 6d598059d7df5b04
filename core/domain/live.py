"""What a login has to show before its orders move real money, and what caps them once it does.

Caps stop entries and never an exit. A slip is an entry that no person can have meant: far more
shares than were sized, a price far from the last trade, off the tick or outside the band.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from core.domain.card import Card
from core.domain.instrument import PriceBand
from core.domain.money import Money
from core.domain.order import Order
from core.domain.words import qty, rupees, short
from core.errors import BadInput

LIVE_CALLS: Final = (
    "place", "modify", "cancel", "orders", "trades", "positions", "holdings",
    "place_gtt", "modify_gtt", "cancel_gtt", "gtts",
)  # fmt: skip
FAR: Final = Decimal("0.10")  # of the last trade; a limit further away is a slip


@dataclass(frozen=True, slots=True)
class LiveRow:
    """One thing a LIVE login must show; a failed one says the way out."""

    name: str
    passed: bool
    sentence: str


CAP_MAX: Final = Money.rupees(100_00_00_000)  # ₹100 crore


@dataclass(frozen=True, slots=True)
class Caps:
    """The most rupees one entry may cost, and all entries of one day."""

    per_order: Money
    per_day: Money

    def __post_init__(self) -> None:
        if max(self.per_order, self.per_day) > CAP_MAX:
            raise BadInput(f"a cap above {short(CAP_MAX)} caps nothing; use at most that")
        if self.per_order.paise <= 0 or self.per_day < self.per_order:
            raise BadInput(
                f"caps of {rupees(self.per_order)} an order and {rupees(self.per_day)} a day; the "
                "first must be above ₹0 and the second at least as much"
            )


DEFAULT_CAPS: Final = Caps(Money.rupees(25_000), Money.rupees(1_00_000))


@dataclass(frozen=True, slots=True)
class Capped:
    """Caps with whose they are and what entries of the day used so far."""

    of: str
    caps: Caps
    used: Money

    def why_over(self, symbol: str, costs: Money) -> str:
        """Why an entry costing this is too much; empty when it is not."""
        if costs > self.caps.per_order:
            return (
                f"rupee cap an order: {symbol} costs {rupees(costs)} and {self.of} may send "
                f"{rupees(self.caps.per_order)} an order; make it smaller or raise the cap"
            )
        if self.used + costs > self.caps.per_day:
            return (
                f"rupee cap a day: {symbol} costs {rupees(costs)} after {rupees(self.used)} sent "
                f"today and {self.of} may send {rupees(self.caps.per_day)} a day; wait for "
                "tomorrow or raise the cap"
            )
        return ""

    @property
    def left(self) -> Money:
        """The most the next entry may cost."""
        return max(Money(0), min(self.caps.per_order, self.caps.per_day - self.used))


def cost_of(order: Order) -> Money:
    """What an order may cost at its limit; an order without one cannot be capped."""
    if order.limit_price is None:
        raise BadInput(f"{order.symbol}: an entry without a limit price cannot be capped")
    return order.limit_price * order.qty


def why_slip(
    order: Order, *, sized: int, ltp: Money, band: PriceBand, tick: Money, cash: Money
) -> str:
    """Why an entry cannot be meant, with both numbers; empty when it can.

    Args:
        sized: shares the card was sized to.
        cash: what the account has free for it.
    """
    limit = order.limit_price
    if limit is None:
        return f"price: {order.symbol} has no limit price; entries have one"
    if order.qty > sized:
        return (
            f"quantity: {qty(order.qty)} {order.symbol} are over the {qty(sized)} it was sized to"
        )
    away = abs(limit.paise - ltp.paise) / Decimal(max(1, ltp.paise))
    if away > FAR:
        return (
            f"price: the limit {rupees(limit)} is {away * 100:.0f} % from the last trade "
            f"{rupees(ltp)}, at most {FAR * 100:.0f} % is taken for meant"
        )
    if not band.holds(limit):
        return (
            f"price band: the limit {rupees(limit)} is outside today's {rupees(band.low)} to "
            f"{rupees(band.high)}"
        )
    if limit.paise % tick.paise:
        return f"tick: the limit {rupees(limit)} is not a multiple of {rupees(tick)}"
    if limit * order.qty > cash:
        return (
            f"cash: {qty(order.qty)} {order.symbol} cost {rupees(limit * order.qty)} and "
            f"{rupees(cash)} is free in the account"
        )
    return ""


def typed_words(card: Card) -> str:
    """What a person types to approve with real money: the symbol, the shares, and SHORT for one."""
    return f"{card.symbol} {abs(card.qty)}" + (" SHORT" if card.qty < 0 else "")


def first_failed(rows: Sequence[LiveRow]) -> LiveRow | None:
    """The first row that fails, None when every one passes."""
    return next((row for row in rows if not row.passed), None)
