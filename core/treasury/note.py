"""A day's contract note: STT and stamp duty in whole rupees, STT on the day's average price."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from core.domain.charges import Charges, Exact, Item, Schedule, sum_charges, sum_exact
from core.domain.money import Money
from core.domain.order import Product, Side
from core.errors import BadInput

TOLERANCE = Money.rupees(2)
TOLERANCE_PER_ORDER = Money.rupees("0.02")


@dataclass(frozen=True, slots=True)
class DayStt:
    """STT of one share on one day in unrounded rupees; each is billed in whole rupees."""

    average_price: Decimal
    intraday: Decimal
    delivery: Decimal


def contract_note(orders: Iterable[Exact]) -> Charges:
    """What a note shows for its orders: fees per order to the paisa, STT and stamp to the rupee."""
    given = tuple(orders)
    exact = sum_exact(given)
    return replace(
        sum_charges(order.rounded() for order in given),
        stt=whole_rupees(exact.stt),
        stamp=whole_rupees(exact.stamp),
    )


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

    Raises:
        BadInput: no shares traded.

    Source: Zerodha support, "How is the Securities Transaction Tax (STT) calculated?".
    """
    shares = sum(qty for _, qty, _ in trades)
    if shares <= 0:
        raise BadInput(f"STT of {shares} shares; give at least one trade")
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


def whole_rupees(amount: Decimal) -> Money:
    """Rounded half up to the rupee from the unrounded amount, so that no half is lost twice."""
    return Money.rupees(amount.to_integral_value(ROUND_HALF_UP))


def agrees(booked: Money, note: Money, *, orders: int) -> bool:
    """Whether a day's booked charges match its note, ₹2 and 2 paise an order apart at most."""
    return abs(booked - note) <= TOLERANCE + TOLERANCE_PER_ORDER * orders
