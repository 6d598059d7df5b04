"""How a contract note rounds: STT and stamp duty to the whole rupee, on their sums."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from core.domain.charges import Charges, Exact, sum_charges, sum_exact
from core.domain.money import Money


def contract_note(orders: Iterable[Exact]) -> Charges:
    """What a note shows for its orders: fees per order to the paisa, STT and stamp to the rupee."""
    given = tuple(orders)
    exact = sum_exact(given)
    return replace(
        sum_charges(order.rounded() for order in given),
        stt=whole_rupees(exact.stt),
        stamp=whole_rupees(exact.stamp),
    )


def whole_rupees(amount: Decimal) -> Money:
    """Rounded half up to the rupee from the unrounded amount, so that no half is lost twice."""
    return Money.rupees(amount.to_integral_value(ROUND_HALF_UP))
