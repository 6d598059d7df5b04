"""Tax on gains from listed shares: dated rates, the exemption, and how losses are carried.

A financial year is named by the year it begins in: 2026 is April 2026 to March 2027.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from core.domain.money import ZERO, Money
from core.errors import BadInput

YEAR = re.compile(r"(\d{4})(?:-(\d{2}))?")


class Head(StrEnum):
    """Under which a gain is taxed."""

    SPECULATIVE = "speculative"
    SHORT = "short term"
    LONG = "long term"


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A fraction of the gain of shares sold from a day on."""

    head: Head
    valid_from: date
    fraction: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class Exemption:
    """Long-term gains of a whole year that bear no tax."""

    first_year: int
    amount: Money
    source: str


@dataclass(frozen=True, slots=True)
class CarryYears:
    """How many years after its own a loss can still be set off."""

    head: Head
    years: int
    source: str


@dataclass(frozen=True, slots=True)
class AdvancePart:
    """The part of a year's tax that is to be paid by a day of that year."""

    month: int
    day: int
    part: Decimal

    def by(self, year: int) -> date:
        """The day in a financial year."""
        return date(year if self.month >= 4 else year + 1, self.month, self.day)


@dataclass(frozen=True, slots=True)
class TaxLaw:
    """Every dated rule; a year or a day before the first one is refused."""

    rates: tuple[TaxRate, ...]
    exemptions: tuple[Exemption, ...]
    carries: tuple[CarryYears, ...]
    cess: Decimal
    cess_source: str
    surcharge_max: Decimal
    surcharge_source: str
    sections: tuple[tuple[date, str], ...] = ()
    advance: tuple[AdvancePart, ...] = ()
    advance_from: Money = ZERO
    advance_source: str = ""

    def rate(self, head: Head, *, on: date) -> TaxRate:
        """The rate of a capital gain by the day of the sale."""
        rows = [row for row in self.rates if row.head is head]
        held = [row for row in rows if row.valid_from <= on]
        if not held:
            begins = min((row.valid_from for row in rows), default=None)
            since = f"they begin on {begins}" if begins else "no day has one"
            raise BadInput(f"the tax rates have no {head} rate for a sale on {on}; {since}")
        return max(held, key=lambda row: row.valid_from)

    def exemption(self, year: int) -> Exemption | None:
        """What a year frees of long-term gains; None before there was any."""
        held = [row for row in self.exemptions if row.first_year <= year]
        return max(held, key=lambda row: row.first_year, default=None)

    def carries_for(self, head: Head) -> int:
        """Years after its own in which a loss counts."""
        return next((row.years for row in self.carries if row.head is head), 0)

    def section_words(self, on: date) -> str:
        """Where the law says so on a day."""
        held = [row for row in self.sections if row[0] <= on]
        return max(held)[1] if held else ""


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss of an earlier year that is still to be set off; `amount` is above 0."""

    head: Head
    year: int
    amount: Money

    def __post_init__(self) -> None:
        if self.amount <= ZERO:
            raise BadInput(f"a {self.head} loss of {self.amount} is none; give more than ₹0.00")


def year_of(on: date) -> int:
    """The financial year of a day."""
    return on.year if on.month >= 4 else on.year - 1


def year_words(year: int) -> str:
    """`2026-27`."""
    return f"{year}-{(year + 1) % 100:02d}"


def first_day(year: int) -> date:
    """1 April."""
    return date(year, 4, 1)


def last_day(year: int) -> date:
    """31 March of the next calendar year."""
    return date(year + 1, 3, 31)


def parse_year(text: str) -> int:
    """A financial year as 2026-27 or 2026; raises BadInput."""
    found = YEAR.fullmatch(text.strip())
    year = int(found[1]) if found else 0
    if found is None or (found[2] is not None and int(found[2]) != (year + 1) % 100):
        raise BadInput(f"{text!r} is no financial year; write it as 2026-27")
    return year
