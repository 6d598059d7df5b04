"""A turn of the talk cut into clauses, with what it takes back cut out.

"actually 3 lakh, not 5" is the clause "actually 3 lakh" of a correction that takes back "5".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from core.mandates.amounts import NUM
from core.mandates.spoken import in_digits

CORRECTS: Final = re.compile(
    r"\b(?:change|changed|actually|instead|corrections?|make (?:that|it|the|my)|set|rather|i meant"
    r"|sorry|no wait|wait|oops|update|my mistake|galti|balki|asal mein|nahi nahi|badal\w*"
    r"|kar (?:do|dijiye)|scratch that|on second thou?ghts?)\b"
)
AMOUNT: Final = (
    rf"(?:₹|rs\.?\s*)?{NUM}\s*(?:crores?|cr|karod|lakhs?|lacs?|l|k|thousand|hazaa?r)?"
    r"(?:\s*(?:%|percent|per cent|pratishat|years?|saal|months?|stocks?|shares?|positions?))?"
    r"(?![\w%])"
)
TAKEN_BACK: Final = (
    re.compile(
        rf"[,;]?\s*\b(?:and )?(?:not|instead of|rather than)\s+({AMOUNT})(?!\s*(?:more|less))"
    ),
    re.compile(rf"\bfrom\s+({AMOUNT})(?=\s*to\s)"),
    re.compile(rf"({AMOUNT})\s+nahin?\b,?(?=\s*₹?\d)"),
    re.compile(rf"[,;]\s*({AMOUNT})\s+nahin?\s*[.!]?$"),
    re.compile(
        rf"({AMOUNT}),?\s+(?:no wait|no no|nahi nahi|sorry|i mean)\b(?=[\s,]*(?:₹|rs)?\s*\d)"
    ),
)
ASKS: Final = re.compile(  # a question to the desk says nothing of its own
    r"(?:^|(?<=[.!?\n]))\s*(?:so |and |but )?(?:is|are|am|was|what|who|how|when|where|which|why|can"
    r"|could|do|does|did|will|would|should|shall|may|kya|kaun|kitna|kitne|kab|kaise)\b[^.!?\n]*\?"
)
MONTH_COMMA: Final = re.compile(  # "march 31, 2029" is one day
    r"\b((?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? ?\d{0,2}(?:st|nd|rd|th)?),"
    r" ?((?:19|20|21)\d\d)\b"
)
SPLIT: Final = re.compile(
    r"[;\n!?|]+|\.(?=\s|$)|(?<=[%a-z)]),|,(?=\s|\D|$)"
    r"|\s+(?:and|aur|but|par|lekin|plus|then|also|phir|while|magar)\s+(?!a half)"
)


@dataclass(frozen=True, slots=True)
class Turn:
    """One text: its clauses in lower case with digits, and what it takes back."""

    clauses: tuple[str, ...]
    corrects: bool
    taken_back: tuple[Decimal, ...]
    text: str = ""  # all of it, uncut


def cut(text: str) -> Turn:
    """Cut a text into clauses; never fails, nonsense is one clause."""
    low = in_digits(text if text.isupper() else re.sub(r"\bIT\b", "infotech", text))
    low = ASKS.sub(" ", low)
    low = MONTH_COMMA.sub(r"\1 \2", low)
    low = re.sub(r"\b(all|everything|anything|sab) but\b", r"\1 except", low)
    low = re.sub(r"\bbetween\s+(\S+)\s+and\s+", r"\1 to ", low)
    gone: list[Decimal] = []
    for pattern in TAKEN_BACK:
        for hit in pattern.finditer(low):
            digits = re.search(NUM, hit[1])
            if digits:
                gone.append(Decimal(digits[0].replace(",", "")))
        low = pattern.sub(" ", low)
    corrects = bool(gone) or bool(CORRECTS.search(low))
    pieces = (piece.strip() for piece in SPLIT.split(low))
    return Turn(tuple(piece for piece in pieces if piece), corrects, tuple(gone), low)
