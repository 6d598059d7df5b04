"""Rules of brokers' published examples by which the books do not go, to hold them against."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from core.domain.charges import Charges, Exact, Item, Schedule, sum_exact
from core.domain.money import Money
from core.domain.order import Product, Side
from core.treasury.note import whole_rupees


@dataclass(frozen=True, slots=True)
class DayStt:
    """STT of one share on one day in unrounded rupees; each is billed in whole rupees."""

    average_price: Decimal
    intraday: Decimal
    delivery: Decimal


def calculator(orders: Iterable[Exact]) -> Charges:
    """What a broker's web calculator shows: sums first, then each rounded as on a note."""
    exact = sum_exact(orders)
    rounded = exact.rounded()
    return replace(rounded, stt=whole_rupees(exact.stt), stamp=whole_rupees(exact.stamp))


def stt_of_day(
    schedule: Schedule, trades: Sequence[tuple[Side, int, Money]], *, exchange: str, on: date
) -> DayStt:
    """STT of one share's trades of a day, given as (side, shares, price).

    Shares both bought and sold count as intraday, whatever the product; the rest is delivery.
    Both are charged on the average price over all trades.

    Source: Zerodha support, "How is the Securities Transaction Tax (STT) calculated?".
    """
    shares = sum(qty for _, qty, _ in trades)
    value = sum((price * qty).in_rupees for _, qty, price in trades)
    average = Decimal(value) / shares
    bought = sum(qty for side, qty, _ in trades if side is Side.BUY)
    matched = min(bought, shares - bought)
    rest = Side.BUY if bought > matched else Side.SELL

    def fraction(product: Product, side: Side) -> Decimal:
        return schedule.rate(Item.STT, exchange=exchange, product=product, side=side, on=on)

    return DayStt(
        average_price=average,
        intraday=average * matched * fraction(Product.MIS, Side.SELL),
        delivery=average * (shares - 2 * matched) * fraction(Product.CNC, rest),
    )
