"""Numbers that look like an answer and are none: dollars, a comma for a point, a range, a gain.

Each is cut out of its clause and asked back in its own words, or passed over where it tells of
the past. What is left of the clause is read on.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from core.mandates.amounts import NUM, SPAN, amounts_in
from core.mandates.fields import cues_in
from core.mandates.found import Asked, Reading

UNIT: Final = r"(?:crores?|cr|karod|lakhs?|lacs?|millions?|l|k|thousand|hazaa?r|hajar|hundred|sau)"
SUM: Final = rf"(?:₹|rs\.?\s*)?{NUM}\s*(?:{UNIT}(?!\w))?"
FOREIGN: Final = re.compile(
    rf"(?:us\s?)?[$€£¥]\s*{NUM}\s*(?:{UNIT}(?!\w))?|\b(?:usd|eur|gbp|aed)\s*{NUM}\s*(?:{UNIT}(?!\w))?"
    rf"|{NUM}\s*(?:{UNIT})?\s*(?:[$€£¥]|(?:us )?dollars?|usd|euros?|eur|pounds?|gbp|dirhams?|aed"
    r"|bitcoins?|btc)(?!\w)"
)
COMMA: Final = re.compile(r"(?<![\w.,])\d[\d,]*,\d+(?:\.\d+)?")
GROUPED: Final = re.compile(r"\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d+)?")
RANGE: Final = re.compile(
    rf"(?<![\w.,])(?:₹|rs\.?\s*)?{NUM}\s*(?:{UNIT})?\s*(?:-|–|\bto\b|\bor\b|\bya\b|\bse\b)\s*"
    rf"(?:(?:₹|rs\.?\s*){NUM}(?:\s*{UNIT})?|{NUM}\s*{UNIT})(?![\w%])"
)
SIP_BETWEEN: Final = re.compile(  # "5 lakh sip 10k": which of them is monthly?
    rf"(?<![\w.,])(?:₹|rs\.?\s*)?{NUM}\s*(?:{UNIT})?\s+(?:ka |ki )?sip\s+(?:of )?(?:₹|rs\.?\s*)?"
    rf"{NUM}(?:\s*{UNIT}(?!\w))?+(?![\w%])(?!\s*(?:lump|now|abhi|at once"
    r"|(?:a|per|each) month|years?|months?|saal))"
)
PER_SECTOR: Final = re.compile(
    r"(?<![\d.,])\d{1,4}\s*(?:stocks?|shares?|names?|companies|positions?)?\s*"
    r"(?:per|in (?:a|an?y|one|1|each|every|ek)|each|har) sector\b"
)
GAIN: Final = re.compile(
    rf"\btarget\b|\bgoal (?:is|of)\b|{SUM}\s*(?:ka |of |in )?profits?\b|\bprofits? of\b|\bcorpus\b"
    r"|\binto (?=[₹\d]|rs)|\bbecomes?\b|\bdouble\w*|\bgrow (?:it |this )?to\b|\bincome\b"
    r"|\b(?:to|want) (?:make|earn)\b|\bkama(?:na|ne|ni)\b|\bbana(?:na|ne|ni)\b|\breturns? of\b"
    r"|\bi (?:will |would )?need (?!to (?:put|invest|add|keep)\b)|\bchahiye mujhe\b"
)
ELSEWHERE: Final = re.compile(
    r"\bwithdraw\w*\b|\b(?:transfer|send|give|lend|pay)\w*\b.*\bto (?!(?:the|this|my) (?:demat|"
    r"trading|account)|this|it|here)\w+"
)
GONE: Final = re.compile(
    rf"{SPAN.pattern}\s+(?:ago|back|before now|old|of experience|experience|pehle|pahle|ka ho|se"
    r" (?:trad|invest))\b"
)
SO_FAR: Final = re.compile(
    r"\b(?:have|has|had|'ve) been\b|\b(?:was|were) (?:trading|investing|in)\b|\bexperience\b"
    r"|\b(?:trading|investing) since\b|\b(?:traded|invested|worked) for\b|\b(?:retired|married)\b"
)
NOT_FOR_GAINS: Final = {"cash_floor", "buffer", "turnover_min", "ticket_min", "drawdown_max",
                        "daily_loss_max", "risk_per_trade_max"}  # fmt: skip
FROM: Final = re.compile(
    r"\b(?:from|starting|beginning|begin in|start in)\s+(?:in |from |on )?(?:next )?(?:month|year"
    r"|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*\.?(?: (?:20|21)\d\d)?\b"
)


def without_doubtful(clause: str, asked: Asked, reading: Reading) -> str:
    """A clause without the numbers that are no answer; the reading gains what to ask back."""
    for pattern, sentence in ASKED_BACK:
        for hit in pattern.finditer(clause):
            if pattern is COMMA and GROUPED.fullmatch(hit[0]):
                continue
            if pattern is RANGE and reading.corrects:
                continue
            reading.unclear.append(sentence(hit[0].strip()))
            clause = _blank(clause, hit.span())
    clause = _of_gains(clause, reading)
    clause = _of_the_past(clause)
    late = FROM.search(clause)
    if late and ("instalment" in asked.answers or re.search(r"\bsip\b|month", clause)):
        reading.unclear.append(
            f"“{late[0]}” cannot be kept: instalments begin on the next instalment day."
        )
        clause = _blank(clause, late.span())
    return clause


def _of_gains(clause: str, reading: Reading) -> str:
    """What a sum shall become, or where it shall go, is no sum that goes in."""
    named = {cue.key for cue in cues_in(clause, frozenset({"money", "percent"}))}
    hit = ELSEWHERE.search(clause) or (None if named & NOT_FOR_GAINS else GAIN.search(clause))
    sums = [one for one in amounts_in(clause) if one.certain]
    if hit is None or not sums or re.search(r"\bturn ?over\b", clause):
        return clause
    reading.unclear.append(
        f"“{clause}” speaks of money that comes of it or goes out, and a mandate promises none; "
        "how much goes in?"
    )
    for one in sums:
        clause = _blank(clause, one.at)
    return clause


def _of_the_past(clause: str) -> str:
    """Spans that are over, and ages."""
    clause = GONE.sub(lambda hit: " " * len(hit[0]), clause)
    if SO_FAR.search(clause):
        clause = SPAN.sub(lambda hit: " " * len(hit[0]), clause)
    return clause


def _blank(clause: str, at: tuple[int, int]) -> str:
    return clause[: at[0]] + " " * (at[1] - at[0]) + clause[at[1] :]


def _in_rupees(words: str) -> str:
    return f"The desk counts in rupees; how many rupees is “{words}”?"


def _which(words: str) -> str:
    return f"“{words}” are two sums; which one?"


def _monthly(words: str) -> str:
    return f"“{words}”: how much is it each month, and how much now?"


def _by_weight(words: str) -> str:
    return f"“{words}”: the desk limits a sector by its weight; at most how many percent?"


def _point(words: str) -> str:
    return f"“{words}”: write a point for a part, as in 5.5, and rupees as 5,00,000."


ASKED_BACK: Final[tuple[tuple[re.Pattern[str], Callable[[str], str]], ...]] = (
    (FOREIGN, _in_rupees), (COMMA, _point), (RANGE, _which), (SIP_BETWEEN, _monthly),
    (PER_SECTOR, _by_weight),
)  # fmt: skip
