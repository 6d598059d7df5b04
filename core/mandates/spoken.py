"""What a person types as plain lower-case text with digits: English, Hindi in Latin letters, few
words of Devanagari.

"two and a half lakh" becomes "2.5 lakh", "do saal" becomes "2 saal", "pachees hazaar" "25 hazaar".
A word that is also something else is a number only before a unit: "do you", "one trade", "a share".
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

DEVANAGARI: Final = {
    "लाख": "lakh", "करोड़": "crore", "हज़ार": "hazaar", "हजार": "hazaar", "साल": "saal",
    "महीने": "mahine", "महीना": "mahine", "हर": "har", "प्रतिशत": "percent", "बैंक": "bank",
    "नहीं": "nahi", "मत": "mat", "हाँ": "haan", "हां": "haan", "दो": "do", "एक": "ek",
    "तीन": "teen", "पांच": "paanch", "पाँच": "paanch", "दस": "das", "बीस": "bees",
}  # fmt: skip
ONES: Final = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
    "dozen": 12, "teen": 3, "char": 4, "chaar": 4, "paanch": 5, "panch": 5, "chhe": 6, "chhah": 6,
    "saat": 7, "aath": 8, "nau": 9, "das": 10, "dus": 10, "gyarah": 11, "barah": 12, "terah": 13,
    "chaudah": 14, "pandrah": 15, "solah": 16, "satrah": 17, "atharah": 18, "unnees": 19,
    "bees": 20, "bis": 20, "pachees": 25, "pachis": 25, "tees": 30, "paintees": 35, "chalis": 40,
    "chaalis": 40, "pachas": 50, "pachaas": 50, "saath": 60, "sattar": 70, "assi": 80, "nabbe": 90,
}  # fmt: skip
TENS: Final = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip
BEFORE_A_UNIT: Final = {
    "one": "1", "ek": "1", "do": "2", "a": "1", "an": "1", "half": "0.5", "aadha": "0.5",
    "quarter": "0.25", "dedh": "1.5", "dhai": "2.5", "adhai": "2.5", "sava": "1.25",
    "sawa": "1.25", "pauna": "0.75", "paune": "0.75", "pauni": "0.75",
}  # fmt: skip
QUARTERS: Final = (  # "sava do" is 2.25 and "paune do" 1.75
    (re.compile(r"\bs(?:a|aa)[vw]a+\s+(\w+)"), 0.25),
    (re.compile(r"\b(?:paun[ei]|pon[ei]|pouni?e?)\s+(\w+)"), -0.25),
)
MISSPELT: Final = {
    "lakh": r"la+kh+s*|lkhs?|lakhas?|laakhs?", "crore": r"caror|karore?|kror|croer|croror|crors",
    "thousand": r"thousands|thosands?|thousends?", "hazaar": r"hajaa+r|hazaa+rs?",
    "years": r"y[ea]+e?rs|yrss|yesrs|yaers?|yera?s", "saal": r"saalo+n?",
    "months": r"mnths?|monts|moths|mounths?|monhts?", "mahine": r"mahino+n?|mahee?ne|maheene|mahna",
    "percent": r"perc[ae]?nt|precent|per?sent|parcent|prcnt|fee?sad[iy]",
    "balanced": r"ball?[ae]n?ced",
}  # fmt: skip
TYPOS: Final = tuple(
    (re.compile(rf"(?<![a-z])(?:{wrong})(?![a-z])"), right) for right, wrong in MISSPELT.items()
)
UNIT: Final = (
    r"(?:crores?|cr|karod|lakhs?|lacs?|millions?|thousand|hazaa?r|hajar|hundred|sau|years?|saal|sal|varsh"
    r"|months?|mahine|mahina|percent|per cent|pratishat|%)"
)
HOW_LONG: Final = (
    r"\b(?:in|for|within|over|after|about|around|only|just|than|maybe|say|of|least|is|it|horizon|to"
    r"|till|until|need|one|or)$"
)
SMALL: Final = "|".join(w for w, n in ONES.items() if n < 10)
INVISIBLE: Final = re.compile(  # also what makes an emoji of a digit
    r"[\u200b-\u200f\u202a-\u202e\u2060\ufeff\ufe0e\ufe0f\u20e3]"
)


def in_digits(text: str) -> str:
    """The text in lower case with its spoken numbers as digits."""
    low = INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).lower()
    low = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in low)
    low = re.sub(r"[^\S\n]+", " ", low)
    low = low.replace("’", "'").replace("\u2212", "-").replace("₹ ", "₹")
    low = re.sub(r"\brs\.?\s*(?=\d)", "₹", low)
    for word, said in DEVANAGARI.items():
        low = low.replace(unicodedata.normalize("NFKC", word), said)
    for wrong, right in TYPOS:
        low = wrong.sub(right, low)
    low = re.sub(r"\bhalf an? dozen\b", "6", low)
    low = re.sub(r"\ba dozen\b", "12", low)
    low = re.sub(rf"\b(\w+)[ -]and a half(?=\s+{UNIT}\b)", _and_a_half, low)
    low = re.sub(rf"\b(\w+) ({UNIT}) and a half\b", _unit_and_a_half, low)
    low = re.sub(r"\bsa+d+h?e\s+(\w+)", _and_a_half, low)
    for pattern, more in QUARTERS:
        low = pattern.sub(lambda hit, more=more: _quarter(hit, more), low)  # type: ignore[misc]
    low = re.sub(rf"\bhalf an? (?={UNIT}\b)", "0.5 ", low)
    low = re.sub(rf"\b({'|'.join(TENS)})[ -]({SMALL}|one)\b", _tens_and_ones, low)
    low = re.sub(r"\ban? couple(?: of)?\b|\bcouple of\b", "2", low)
    low = re.sub(rf"(?<!ek )\b({'|'.join({**TENS, **ONES})})\b", _plain, low)
    low = re.sub(r"\b(one|\d+) point (one|\d)\b", _point, low)
    low = re.sub(
        rf"\b({'|'.join(BEFORE_A_UNIT)})\s+(?={UNIT}(?!\w))", lambda m: f"{_unit(m, low)} ", low
    )
    return _cadence(low)


def _unit(match: re.Match[str], low: str) -> str:
    """A number before its unit; "a month" is one only where it says how long, not how often."""
    often = match[1] in ("a", "an") and re.match(r"(?:months?|years?)\b", low[match.end() :])
    before = low[: match.start()].rstrip()
    if often and re.search(r"\w$", before) and not re.search(HOW_LONG, before):
        return match[1]
    return BEFORE_A_UNIT[match[1]]


def _cadence(low: str) -> str:
    """ "1 month" made of "a month" is how often, not how long; so is a year after a sum."""
    low = re.sub(r"(?<=[\dlkr])\s+1 (month|mahine|mahina)\b(?! and)", r" a \1", low)
    low = re.sub(r"\b(lakhs?|thousand|hazaa?r|sip|rupees|k|each|per|every|once) 1 (month|year)\b",
                 r"\1 a \2", low)  # fmt: skip
    return re.sub(r"(\d)([lk]) 1 (month|year)\b", r"\1\2 a \3", low)


def _number(word: str) -> str:
    return str({**TENS, **ONES, "one": 1, "ek": 1, "do": 2}.get(word, word))


def _and_a_half(match: re.Match[str]) -> str:
    number = _number(match[1])
    return f"{number}.5" if number.isdigit() else match[0]


def _unit_and_a_half(match: re.Match[str]) -> str:
    number = "1" if match[1] in ("a", "an") else _number(match[1])
    return f"{number}.5 {match[2]}" if number.isdigit() else match[0]


def _quarter(match: re.Match[str], more: float) -> str:
    number = _number(match[1])
    return f"{int(number) + more:g}" if number.isdigit() else match[0]


def _tens_and_ones(match: re.Match[str]) -> str:
    return str(TENS[match[1]] + int(_number(match[2])))


def _plain(match: re.Match[str]) -> str:
    return _number(match[1])


def _point(match: re.Match[str]) -> str:
    return f"{_number(match[1])}.{_number(match[2])}"
