"""One order's shares and charges in parts, exact to the share and to the paisa."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from core.domain.charges import Charges
from core.domain.money import Money
from core.treasury.terms import allot


def parted(whole: int, by: Mapping[str, int]) -> dict[str, int]:
    """A whole in proportion, the largest fractions rounded up first, equal ones by name.

    Args:
        whole: shares or paise, 0 where nobody has a weight.
        by: each name's weight, 0 or more.
    """
    weights = sum(by.values()) or 1
    return allot({name: Fraction(whole * each, weights) for name, each in by.items()}, whole)


def part_charges(costs: Charges, by: Mapping[str, int]) -> dict[str, Charges]:
    """Charges in proportion, each item by itself, so that the parts sum to the whole."""
    items = {item: parted(amount.paise, by) for item, amount in costs.items}
    return {
        name: Charges(**{item: Money(parts[name]) for item, parts in items.items()}) for name in by
    }
