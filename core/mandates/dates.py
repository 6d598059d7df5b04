"""Days as people say them: "by 2031", "till March 2029", "31/03/2029", "in June", "until Diwali".

A day is read only where it is certain. Of a year or a month its first day is meant, the stricter
one, because the money must be there by then; "end of" is its last. A feast that moves with the
moon and a month without a year, where the year matters, are asked back.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Final

from core.domain.words import day

MONTHS: Final = {
    "january": 1, "jan": 1, "february": 2, "feb": 2, "march": 3, "mar": 3, "april": 4, "apr": 4,
    "may": 5, "june": 6, "jun": 6, "july": 7, "jul": 7, "august": 8, "aug": 8, "september": 9,
    "sept": 9, "sep": 9, "october": 10, "oct": 10, "november": 11, "nov": 11, "december": 12,
    "dec": 12,
}  # fmt: skip
M: Final = rf"(?P<m>{'|'.join(MONTHS)})"
Y: Final = r"(?P<y>(?:19|20|21)\d\d)"
PART: Final = (
    r"(?:(?P<part>end|last day|close|middle|mid|start|beginning)(?: of)?[ -]+(?:the year )?)?"
)
CERTAIN: Final = (
    re.compile(rf"(?<!\d){Y}-(?P<n>0?[1-9]|1[0-2])-(?P<d>\d{{1,2}})(?!\d)"),
    re.compile(rf"(?<!\d)(?P<d>\d{{1,2}})[/.-](?P<n>\d{{1,2}})[/.-]{Y}(?!\d)"),
    re.compile(rf"(?<![\d.])(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {M}\.?,? {Y}(?!\d)"),
    re.compile(rf"\b{M}\.? (?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? {Y}(?!\d)"),
    re.compile(rf"\b{PART}{M}\b\.?,? (?:of )?{Y}(?!\d)"),
    re.compile(rf"(?<![\d/.-])(?P<n>0?[1-9]|1[0-2])[/-]{Y}(?!\d)"),
)
SHORT_YEAR: Final = re.compile(r"(?<![\d/.-])\d{1,2}[/.-]\d{1,2}[/.-]\d{2}(?![\d/.-])")
FIXED: Final = {
    "christmas": (12, 25), "new year": (1, 1), "republic day": (1, 26),
    "independence day": (8, 15), "gandhi jayanti": (10, 2),
}  # fmt: skip
MOVING: Final = re.compile(
    r"\b(?:diwali|deepavali|holi|eid|dussehra|dasara|navratri|onam|pongal|ganesh \w+|rakhi"
    r"|durga puja|akshaya tritiya|ramzan|ramadan|easter)\b(?:[ -]+(?:of )?(?:19|20|21)\d\d)?"
)
FEAST: Final = re.compile(rf"\b(?P<feast>{'|'.join(FIXED)})(?:'s day|'s)?(?: of)? {Y}(?!\d)")
UNTIL: Final = re.compile(r"\b(?:by|till?|until|before|up ?to|in|for|tak)\s+(?:the )?$")
YEAR: Final = re.compile(rf"\b{PART}{Y}(?![\d,.]*\d|\s*(?:rupees|rs|lakh|crore|k\b|%))")
YEAR_TAK: Final = re.compile(rf"(?<!\d){Y}(?= tak\b)")
NO_YEAR: Final = re.compile(
    rf"\b(?:by|till?|until|before|up ?to)\s+(?:the )?(?:end of |mid |next )?{M}\b(?!,? \d{{4}})"
)


@dataclass(frozen=True, slots=True)
class Said:
    """A day in a text: `day` where it is certain, else `ask`; `at` is where its words stand."""

    day: date | None
    ask: str
    words: str
    note: str
    at: tuple[int, int]


def said_day(text: str, *, years_alone: bool = False) -> Said | None:
    """The day that a text in lower case names, what to ask back, or None where it names none.

    Args:
        years_alone: whether "2031" alone is a year, because a day was asked for.
    """
    alone = re.fullmatch(rf"\W*{Y}\W*", text) if years_alone else None
    if alone:
        return _of(alone)
    for pattern in CERTAIN:
        hit = pattern.search(text)
        if hit:
            return _of(hit)
    hit = SHORT_YEAR.search(text)
    if hit:
        ask = f"“{hit[0]}”: write the year in full, as in 31/12/2029."
        return Said(None, ask, hit[0], "", hit.span())
    hit = FEAST.search(text)
    if hit:
        month, dom = FIXED[hit["feast"]]
        return Said(date(int(hit["y"]), month, dom), "", hit[0], "", hit.span())
    hit = MOVING.search(text)
    if hit:
        name = hit[0].strip()
        ask = f"“{name}” falls on another day each year; write it as a day, such as 15 Mar 2029."
        return Said(None, ask, name, "", hit.span())
    hit = YEAR_TAK.search(text) or next(
        (one for one in YEAR.finditer(text) if one["part"] or UNTIL.search(text[: one.start()])),
        None,
    )
    if hit:
        return _of(hit)
    hit = NO_YEAR.search(text)
    if hit:
        ask = f"“{hit[0].strip()}” of which year? For example: {hit['m']} 2029."
        return Said(None, ask, hit[0].strip(), "", hit.span())
    return None


def next_of(month: int, *, dom: int, today: date) -> date:
    """The next such day after today, the last of the month where it is shorter."""
    for year in (today.year, today.year + 1):
        found = date(year, month, min(dom, monthrange(year, month)[1]))
        if found > today:
            return found
    raise AssertionError("a month comes within a year")


def months_between(today: date, until: date) -> int:
    """Whole months from one day to another; negative when it is past."""
    whole = (until.year - today.year) * 12 + until.month - today.month
    last = monthrange(until.year, until.month)[1]
    return whole - (until.day < min(today.day, last))


def months_on(start: date, months: int) -> date:
    """The same day so many months on, the last of the month where it is shorter."""
    of = start.month - 1 + months
    year, month = start.year + of // 12, of % 12 + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))


def _of(hit: re.Match[str]) -> Said:
    parts = hit.groupdict()
    year, words = int(parts["y"]), hit[0].strip()
    month = MONTHS[parts["m"]] if parts.get("m") else int(parts.get("n") or 0)
    if not parts.get("d"):
        on, note = _edge(year, month, parts.get("part") or "")
        return Said(on, "", words, note, hit.span())
    try:
        on = date(year, month, int(parts["d"]))
    except ValueError:
        ask = f"“{words}” is no day of the calendar; which day?"
        return Said(None, ask, words, "", hit.span())
    return Said(on, "", words, "", hit.span())


def _edge(year: int, month: int, part: str) -> tuple[date, str]:
    """The day of a month or a year: its first, its middle or its last."""
    last = monthrange(year, month or 12)[1]
    if part in ("end", "last day", "close"):
        return date(year, month or 12, last), ""
    if part in ("mid", "middle"):
        on = date(year, month, 15) if month else date(year, 7, 1)
    else:
        on = date(year, month or 1, 1)
    return on, f"read as {day(on)}, the stricter day" if not part else f"read as {day(on)}"
