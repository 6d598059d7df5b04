"""A lump sum in parts: "3 parts monthly", "half now, half on a 5% fall", "4 tranches, I'll click".

Parts that are counted are equal and the first goes in at once; how the later ones are let go is
said or asked, never filled in. Parts that are named one by one are read in `core.mandates.listed`.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

from core.domain.account import Tranche, TrancheTrigger
from core.domain.event import EventType
from core.domain.money import Money
from core.domain.words import day, short
from core.mandates.amounts import shares_in

PARTS: Final = re.compile(
    r"(?P<minus>-)?\b(?P<n>\d{1,4})\s*(?:equal |barabar )?(?:tranches?|parts?|kisht\w*"
    r"|chunks?|slices?|steps|hiss(?:e|a|on?))\b"
)
HALVES: Final = re.compile(
    r"\bhalf (?:of (?:it|that|this) )?(?:now|first|abhi|today|up ?front)|\baadha abhi\b"
)
NAMED: Final = re.compile(
    r"\btranches?\b|\bin parts\b|\bkisht\w*|\bstagger\w*|\bspread (?:it|over)|\bhisson? m"
)
MONTHLY: Final = re.compile(
    r"\b(?:a|per|each|every|har) (?:month|mahine)|\bmonthly\b|\bby month\b|\bmonth by month\b"
)
FALL: Final = re.compile(r"\bfalls?\b|\bdips?\b|\bcorrects?\b|\bcorrection\b|\bdrops?\b|\bgir\w*")
OWN: Final = re.compile(r"\b(?:account|portfolio|my (?:money|holdings))\b")
CLICK: Final = re.compile(
    r"\bclick\w*|\bi(?:'ll| will)? (?:say|tell|decide)|\bmanual\w*|\bmy word\b"
)
AFTER: Final = re.compile(r"\b(?:after|on|with)\b")
AT_ONCE: Final = re.compile(
    r"\b(?:all )?at once\b|\ball (?:of it )?now\b|\bone go\b|\bno (?:tranches|parts)\b|\bek saath\b"
    r"|\bfull(?:y)? now\b|\bsab abhi\b"
)
ASK: Final = (
    "When do the later parts go in: each month, on a fall (say how many percent), after an event "
    "such as results, or when you click?"
)
PARTS_MAX: Final = 12


def tranches_in(text: str, *, parts_known: int = 0) -> tuple[dict[str, Any] | None, str, int]:
    """How a lump sum comes in parts: the draft's value, or what to ask back, and the parts named.

    All three are empty where the text does not speak of parts.
    """
    if AT_ONCE.search(text) and not PARTS.search(text):
        return {"parts": 1, "by": "at once", "fall": 0.0, "event": ""}, "", 1
    counted = PARTS.search(text)
    if counted and counted["minus"]:
        return None, f"“{counted[0].strip()}” is no number of parts; use 2 to {PARTS_MAX}.", 0
    parts = int(counted["n"]) if counted else 2 if HALVES.search(text) else parts_known
    if not parts:
        return (None, "In how many parts? For example: 3 parts monthly.", 0) if (
            NAMED.search(text)) else (None, "", 0)  # fmt: skip
    if not 2 <= parts <= PARTS_MAX:
        return None, f"{parts} parts is outside 2 to {PARTS_MAX}; how many?", 0
    fall = shares_in(text) if FALL.search(text) else []
    if fall:
        if not 0.005 <= fall[0].value * (parts - 1) <= 0.80:
            return None, f"A fall of {fall[0].words} for {parts - 1} parts is out of reach.", parts
        by = "account fall" if OWN.search(text) else "index fall"
        return {"parts": parts, "by": by, "fall": fall[0].value, "event": ""}, "", parts
    if CLICK.search(text):
        return {"parts": parts, "by": "click", "fall": 0.0, "event": ""}, "", parts
    kind = next((k for k in EventType if AFTER.search(text) and str(k) in text), None)
    if kind:
        return {"parts": parts, "by": "event", "fall": 0.0, "event": str(kind)}, "", parts
    if MONTHLY.search(text):
        return {"parts": parts, "by": "date", "fall": 0.0, "event": ""}, "", parts
    return None, ASK, parts


def worded_parts(value: dict[str, Any]) -> str:
    """Tranches as a person reads them."""
    n, by = value["parts"], value["by"]
    if n == 1:
        return "all at once"
    if by == "one by one":
        rows = value["rows"]
        return ", ".join(f"{short(Money(one['paise']))} {_when(one)}" for one in rows)
    later = {
        "date": "one a month",
        "index fall": f"one at each {100 * value['fall']:g} % fall of the NIFTY 50",
        "account fall": f"one at each {100 * value['fall']:g} % fall of the account",
        "event": f"the later ones after {value['event']}",
        "click": "the later ones at your click",
    }[by]
    return f"{n} equal parts, the first now, {later}"


def _when(one: dict[str, Any]) -> str:
    """What lets one named part go."""
    on = day(date.fromisoformat(one["on"])) if one["on"] else ""
    return {
        "immediate": "now",
        "date": f"on {on}",
        "index fall": f"at a {100 * one['fall']:g} % fall of the NIFTY 50",
        "account fall": f"at a {100 * one['fall']:g} % fall of the account",
        "event": f"after {one['event']}",
        "click": "at your click",
    }[str(one["by"])]


def named_parts(value: dict[str, Any]) -> tuple[Tranche, ...]:
    """The tranches of parts that were named one by one."""
    return tuple(
        Tranche(
            Money(one["paise"]),
            TrancheTrigger(one["by"]),
            on=date.fromisoformat(one["on"]) if one["on"] else None,
            fall=one["fall"],
            event_type=one["event"],
        )
        for one in value["rows"]
    )


def split_up(value: dict[str, Any], lump: Money, *, starts_on: date) -> tuple[Tranche, ...]:
    """The tranches of a lump sum: as they were named, or equal ones in whole paise.

    The last of equal ones takes what does not divide.
    """
    if value["by"] == "one by one":
        return named_parts(value)
    n = int(value["parts"])
    if n < 2 or lump.paise < n:
        return ()
    each = Money(lump.paise // n)
    last = lump - Money(each.paise * (n - 1))
    made = [Tranche(each)]
    for at in range(1, n):
        amount = last if at == n - 1 else each
        by = value["by"]
        if by == "date":
            made.append(Tranche(amount, TrancheTrigger.DATE, on=_later(starts_on, at)))
        elif by in ("index fall", "account fall"):
            fall = round(value["fall"] * at, 6)
            made.append(Tranche(amount, TrancheTrigger(by), fall=fall))
        elif by == "event":
            made.append(Tranche(amount, TrancheTrigger.EVENT, event_type=value["event"]))
        else:
            made.append(Tranche(amount, TrancheTrigger.CLICK))
    return tuple(made)


def _later(start: date, months: int) -> date:
    """The same day so many months on, at most the 28th so that every month has it."""
    of = start.month - 1 + months
    return date(start.year + of // 12, of % 12 + 1, min(start.day, 28))
