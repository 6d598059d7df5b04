"""Whether each number in a text stands in the evidence beside it.

Numbers are compared as amounts: `₹1,00,000.00` is 100000, whatever the grouping and the trailing
zeros. A number written in letters is not a number here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from core.domain.verdict import Evidence

NUMBER = re.compile(r"(?<![A-Za-z0-9.,])\d[\d,]*(?:\.\d+)?(?![A-Za-z0-9])")


def numbers_in(text: str) -> tuple[Decimal, ...]:
    """The numbers of a text in order; digits inside a word such as 360ONE are no number."""
    return tuple(Decimal(found.rstrip(",").replace(",", "")) for found in NUMBER.findall(text))


def numbers_sourced(text: str, evidence: Iterable[Evidence]) -> tuple[bool, tuple[str, ...]]:
    """Whether every number of the text occurs in some fact, and those that do not."""
    known = {number for item in evidence for number in numbers_in(item.fact)}
    missing = tuple(f"{number}" for number in numbers_in(text) if number not in known)
    return not missing, missing
