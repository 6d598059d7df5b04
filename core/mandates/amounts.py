"""Amounts, percentages, spans and counts as people type them: "5 lakh", "1.5% a trade", "24m".

Nothing is guessed: a number without a unit is returned only where the unit is certain.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from core.domain.money import Money
from core.mandates.spoken import in_digits

UNITS: Final = {
    "crore": 10_000_000, "crores": 10_000_000, "cr": 10_000_000, "karod": 10_000_000,
    "million": 1_000_000, "millions": 1_000_000,
    "lakh": 100_000, "lakhs": 100_000, "lac": 100_000, "lacs": 100_000, "l": 100_000,
    "k": 1_000, "thousand": 1_000, "hazaar": 1_000, "hazar": 1_000, "hajar": 1_000,
    "hundred": 100, "sau": 100,
}  # fmt: skip
NUM: Final = r"\d[\d,]{0,17}(?:\.\d{1,6})?"  # a longer one is no amount of anything
MONTHLY: Final = re.compile(
    r"(?:an?|per|each|every|har)\s+(?:month|mahine|mahina)|/\s*m(?:onth)?\b|\bmonthly\b|\bp\.?m\b"
    r"|\bsip\b|\bmahine (?:ka|ke|mein)\b|\bevery month\b"
)
OTHER_TIMES: Final = re.compile(
    r"\b(?:an?|per|each|every|har)\s+(?:week|quarter|year|day|saal)\b|\bquarterly\b|\bweekly\b"
    r"|\byearly\b|\bannual(?:ly)?\b|\bper annum\b|\bp\.?a\.?\b"
)
MONEY: Final = re.compile(
    rf"(?:(?P<sign>₹|\brs\.?|\binr|\brupees?)\s*|(?<![\w.,]))"
    rf"(?P<minus>-\s*|minus\s+)?(?P<number>{NUM})\s*"
    r"(?P<unit>crores?|cr|karod|lakhs?|lacs?|millions?|l|k|thousand|hazaa?r|hajar|hundred|sau)?(?![\w%]|[.,]\d)"
    r"(?P<percent>\s*(?:%|percent|per cent|pct|pratishat))?"
    r"(?P<rupees>\s*(?:rupees?|rs\b|inr\b|/-))?"
    r"(?:(?=(?P<time>\s*-?\s*(?:years?|yrs?|saal|sal\b|varsh|months?|mahine|mahina))))?"
    r"(?:(?=(?P<other>\s*-?\s*(?:sessions?|positions?|shares?|stocks?|names?|companies|holdings?"
    r"|scrips?|atr|x\b|tranches?|parts?|kisht\w*|hiss\w+|barabar|days?|times|chunks?|slices?"
    r"|trades?|sectors?|tarikh))))?"
)
PERCENT: Final = re.compile(
    rf"(?:(?P<low>{NUM})\s*(?:%|percent|per cent)?\s*(?:-|–|to|or|se)\s*)?"
    rf"(?P<minus>-|minus\s+)?(?<![\d.,])(?P<number>{NUM})"
    r"\s*(?:%|percent|per cent|pct|pc\b|pratishat)"
)
SPAN: Final = re.compile(
    rf"(?:(?P<low>{NUM})\s*(?:years?|yrs?|saal|months?|mahine)?\s*(?:-|–|to|or|ya|se)\s*)?"
    rf"(?P<minus>-)?(?<![\d.,])(?P<number>{NUM})\s*-?\s*"
    r"(?P<unit>years?|yrs?|y|saal|sal|varsh|months?|mths?|mo|m|mahine|mahina)\b(?!\s*se zyada)"
)
COUNT: Final = re.compile(
    r"(?:(?P<low>\d{1,6})\s*(?:-|–|to|or|se)\s*)?(?P<minus>-)?(?<![\d.,])(?P<number>\d{1,6})"
    r"(?:\s*(?:different|max|maximum|open|alag))?\s*"
    r"(?P<noun>positions?|stocks?|shares?|names?|holdings?|companies|scrips?)\b"
)
COUNT_BEHIND: Final = re.compile(  # "positions: 10"
    r"\b(?P<noun>positions|stocks|shares|holdings)\s*(?:[:=]|to\b|is\b|are\b|max\w*|at most)?\s*"
    r"(?P<number>\d{1,4})(?![\d.,])(?!\s*(?:%|percent|to\b|or\b|-|lakh|lac|crore|cr\b|k\b|l\b"
    r"|thousand|hazaa?r|rupees|rs\b|atr|each|days?|sessions?|years?|months?))"
)
BARE: Final = re.compile(rf"^\D{{0,24}}?(?P<minus>-|minus\s+)?(?P<number>{NUM})\D{{0,24}}$")
PLAIN_RUPEES_FROM: Final = 1_000
YEARS: Final = range(1900, 2101)


@dataclass(frozen=True, slots=True)
class Amount:
    """Rupees found in a text; `certain` when a unit, a rupee sign or its size says so.

    `at` is where its words stand in the text, `number` the digits alone.
    """

    money: Money
    monthly: bool
    certain: bool
    words: str
    number: Decimal
    at: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Share:
    """A percentage as a fraction; of a range ("5 or 6 percent") the lower, stricter end."""

    value: float
    words: str
    ranged: bool
    at: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Span:
    """A span in whole months; `low` is the other end of a range, None without one."""

    months: int
    low: int | None
    words: str
    at: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Count:
    """A number of shares; of a range the lower end."""

    value: int
    words: str
    ranged: bool
    at: tuple[int, int]


def amounts_in(text: str) -> list[Amount]:
    """Every rupee amount of a text, in order; percentages, spans and counts are passed over.

    "5 lakh 50 thousand" is one amount. "har mahine 20 hazaar" and "20k a month" are monthly.
    """
    low = in_digits(text)
    found: list[Amount] = []
    for match in MONEY.finditer(low):
        unit = match["unit"] or ""
        if match["percent"] or match["other"] or (match["time"] and not unit):
            continue
        number = _decimal(match["number"]) * (-1 if match["minus"] else 1)
        value = number * UNITS.get(unit, 1)
        named = bool(unit or match["sign"] or match["rupees"])
        plain = abs(value) >= PLAIN_RUPEES_FROM and not (value in YEARS and "," not in match[0])
        one = Amount(Money.rupees(value), False, named or plain, match[0].strip(), number,
                     match.span())  # fmt: skip
        before = found[-1] if found else None
        if before and _goes_on(low, before, one, unit):
            words = low[before.at[0] : one.at[1]].strip()
            whole = before.money + one.money
            found[-1] = Amount(whole, False, True, words, number, (before.at[0], one.at[1]))
        else:
            found.append(one)
    return [_with_cadence(low, found, at) for at in range(len(found))]


def _goes_on(low: str, before: Amount, one: Amount, unit: str) -> bool:
    """Whether "50 thousand" goes on after "5 lakh": a smaller unit, in full, right behind it."""
    gap = low[before.at[1] : one.at[0]]
    last = re.search(r"([a-z]+)$", before.words)
    largest = UNITS.get(last[1], 0) if last else 0
    each_month = re.match(rf"\s*(?:{MONTHLY.pattern})", low[one.at[1] :])
    return (
        len(unit) > 2
        and not gap.strip(" ")
        and not each_month
        and 0 < one.money.paise < largest * 100
    )


def _with_cadence(low: str, found: list[Amount], at: int) -> Amount:
    """The amount with whether it comes each month, from the words up to its neighbours."""
    one = found[at]
    start = found[at - 1].at[1] if at else 0
    end = found[at + 1].at[0] if at + 1 < len(found) else len(low)
    after = low[one.at[1] : end]
    own = re.match(rf"\s*(?:rupees?)?\s*(?:{MONTHLY.pattern})", after)
    if own or (at == len(found) - 1 and MONTHLY.search(after)):
        return _monthly(one)
    gap = low[start : one.at[0]]
    first = MONTHLY.match(gap.lstrip()) is not None
    if MONTHLY.search(gap) and not (at and first):
        return _monthly(one)
    return one


def _monthly(one: Amount) -> Amount:
    return Amount(one.money, True, one.certain, one.words, one.number, one.at)


def shares_in(text: str) -> list[Share]:
    """Every percentage of a text, in order."""
    found = []
    for match in PERCENT.finditer(in_digits(text)):
        number = _decimal(match["low"] or match["number"])
        value = number / 100 * (-1 if match["minus"] else 1)
        found.append(Share(float(value), match[0].strip(), bool(match["low"]), match.span()))
    return found


def percent_in(text: str) -> tuple[float, str] | None:
    """The first percentage as a fraction, with the words it came from."""
    found = shares_in(text)
    return (found[0].value, found[0].words) if found else None


def bare_number(text: str) -> Decimal | None:
    """The one number of a short answer, None when there is none or more than one."""
    match = BARE.match(in_digits(text).strip())
    if match is None:
        return None
    return _decimal(match["number"]) * (-1 if match["minus"] else 1)


def spans_in(text: str) -> list[Span]:
    """Every span of years or months, in order; "a month" as in "20k a month" is none."""
    found = []
    for match in SPAN.finditer(in_digits(text)):
        times = 12 if match["unit"][0] in "ysv" else 1
        months = int(_decimal(match["number"]) * times) * (-1 if match["minus"] else 1)
        low = int(_decimal(match["low"]) * times) if match["low"] else None
        found.append(Span(months, low, match[0].strip(), match.span()))
    return found


def months_in(text: str) -> int | None:
    """The first span in whole months: "two years" is 24, "18 months" is 18, "24m" is 24."""
    found = spans_in(text)
    return found[0].months if found else None


def counts_in(text: str) -> list[Count]:
    """Every number of shares: "12 stocks", "10-12 positions"."""
    found = []
    for match in COUNT.finditer(in_digits(text)):
        value = int(match["low"] or match["number"]) * (-1 if match["minus"] else 1)
        found.append(Count(value, match[0].strip(), bool(match["low"]), match.span()))
    if not found:
        for match in COUNT_BEHIND.finditer(in_digits(text)):
            found.append(Count(int(match["number"]), match[0].strip(), False, match.span()))
    return found


def _decimal(digits: str) -> Decimal:
    return Decimal(digits.replace(",", ""))
