"""Amounts, percentages and spans of time as people type them: "5 lakh", "1.5% a trade", "24m".

Nothing is guessed: a number without a unit is returned only where the unit is certain.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from core.domain.money import Money

SPOKEN = {
    "half": "0.5", "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
    "seven": "7", "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12",
    "fifteen": "15", "eighteen": "18", "twenty": "20", "thirty": "30", "forty": "40",
    "fifty": "50",
}  # fmt: skip
UNITS = {
    "crore": 10_000_000, "crores": 10_000_000, "cr": 10_000_000, "lakh": 100_000,
    "lakhs": 100_000, "lac": 100_000, "lacs": 100_000, "l": 100_000, "k": 1_000,
    "thousand": 1_000, "hundred": 100,
}  # fmt: skip
NUM = r"\d[\d,]*(?:\.\d+)?"
MONEY = re.compile(
    rf"(?P<sign>₹|\brs\.?|\binr)?\s*(?P<minus>-)?(?<![\d.])(?P<number>{NUM})"
    r"\s*(?P<unit>crores?|cr|lakhs?|lacs?|l|k|thousand|hundred)?(?![\w%])"
    r"(?P<percent>\s*(?:%|percent|per cent|pc\b))?"
    r"(?P<span>\s*(?:years?|yrs?|months?|sessions?|positions?|shares|stocks|names))?"
    r"(?P<monthly>\s*(?:(?:a|per|each|every|/)\s*month|/\s*m\b|monthly|p\.?m\.?\b|sip\b))?",
    re.IGNORECASE,
)
PERCENT = re.compile(
    rf"(?:(?P<low>{NUM})\s*(?:%|percent|per cent)?\s*(?:-|–|to|or)\s*)?"
    rf"(?P<minus>-)?(?P<number>{NUM})\s*(?:%|percent|per cent|pc\b)",
    re.IGNORECASE,
)
SPAN = re.compile(
    rf"(?P<number>{NUM})\s*-?\s*(?P<unit>years?|yrs?|y|months?|mths?|mo|m)\b", re.IGNORECASE
)
BARE = re.compile(rf"^\D{{0,12}}?(?P<minus>-)?(?P<number>{NUM})\D{{0,12}}$")
PLAIN_RUPEES_FROM = 1_000


@dataclass(frozen=True, slots=True)
class Amount:
    """Rupees found in a text; `certain` when a unit, a rupee sign or its size says so."""

    money: Money
    monthly: bool
    certain: bool
    words: str


def in_digits(text: str) -> str:
    """Spoken numbers as digits: "two and a half lakh" becomes "2.5 lakh"."""
    lower = re.sub(r"\b(?:a|one) and a half\b", "1.5", text.lower())
    lower = re.sub(r"\bhalf an?\b", "0.5", lower)
    for word, digits in SPOKEN.items():
        lower = re.sub(rf"\b{word}\b", digits, lower)
    lower = re.sub(r"\b(\d+) and a 0\.5\b", r"\1.5", lower)
    return re.sub(r"\b(an?)\s+(crore|lakh|lac|year|month|thousand)\b(?<!a month)", r"1 \2", lower)


def amounts_in(text: str) -> list[Amount]:
    """Every rupee amount of a text, in order; percentages and spans are passed over."""
    found = []
    for match in MONEY.finditer(in_digits(text)):
        if match["percent"] or match["span"]:
            continue
        number = Decimal(match["number"].replace(",", ""))
        unit = (match["unit"] or "").lower()
        value = number * UNITS.get(unit, 1) * (-1 if match["minus"] else 1)
        certain = bool(unit or match["sign"]) or abs(value) >= PLAIN_RUPEES_FROM
        found.append(Amount(Money.rupees(value), bool(match["monthly"]), certain, match[0].strip()))
    return found


def percent_in(text: str) -> tuple[float, str] | None:
    """The first percentage as a fraction, with the words it came from.

    Of a range ("5 or 6 percent") the lower end, which is the stricter limit.
    """
    match = PERCENT.search(in_digits(text))
    if match is None:
        return None
    number = Decimal((match["low"] or match["number"]).replace(",", ""))
    value = number / 100 * (-1 if match["minus"] else 1)
    return float(value), match[0].strip()


def bare_number(text: str) -> Decimal | None:
    """The one number of a short answer, None when there is none or more than one."""
    match = BARE.match(in_digits(text).strip())
    if match is None:
        return None
    return Decimal(match["number"].replace(",", "")) * (-1 if match["minus"] else 1)


def months_in(text: str) -> int | None:
    """A span in whole months: "two years" is 24, "18 months" is 18, "24m" is 24."""
    match = SPAN.search(in_digits(text))
    if match is None:
        return None
    number = Decimal(match["number"].replace(",", ""))
    return int(number * (12 if match["unit"].lower().startswith("y") else 1))
