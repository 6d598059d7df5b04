"""Numbers with a unit of their own: ATR, sessions before results, a day of the month, a year.

Each is cut out of its clause, so that what reads percentages, money and counts does not see it.
"""

from __future__ import annotations

import re
from typing import Final

from core.domain.words import counted, day
from core.mandates.amounts import MONTHLY
from core.mandates.dates import months_between, said_day
from core.mandates.fields import BY_KEY
from core.mandates.found import Asked, Found, Reading

UNTIL_CUE: Final = re.compile(
    r"\b(?:by|till?|until|before|upto|up to|tak|need\w*|horizon|retire\w*|withdraw\w*|chahiye)\b"
)
BLACKOUT: Final = "earnings_blackout_sessions"
ATR_NUM: Final = r"\d{1,4}(?:\.\d{1,4})?"
AFTER_STOP: Final = (
    r"\W*(?:loss)?\D{0,16}?(?P<n>\d{1,4}(?:\.\d{1,4})?)\s*(?:x|times)?\s*(?:an? )?(?P<u>atr|%)"
)
ATR: Final = {  # a "trailing stop" is the trail
    "trail_atr": re.compile(rf"\btrail\w*{AFTER_STOP}|\b(?P<m>{ATR_NUM})\s*atr trail\w*"),
    "stop_atr": re.compile(rf"\bstops?{AFTER_STOP}|\b(?P<m>{ATR_NUM})\s*atr stops?\b"),
    "target_atr": re.compile(
        rf"(?<!volatility )\btargets?{AFTER_STOP}|\b(?P<m>{ATR_NUM})\s*atr targets?\b"
    ),
}
VAGUE_DISTANCE: Final = re.compile(
    r"\b(?:tight\w*|wid\w+|clos\w+|loose\w*|no|without|bigger|smaller)\b.*"
    r"\b(?P<a>stop|trail|target)|\b(?P<b>stop|trail|target)\w*\s+(?:loss )?"
    r"(?:tight\w*|wid\w+|clos\w+|loose\w*|bigger|smaller)"
)
OF_PARTS: Final = (  # words that say how a lump sum is parted, and nothing else
    re.compile(r"(?<=parts|steps) (?:monthly|(?:a|per|each|every|har) (?:month|mahine))"),
    re.compile(r"(?<=tranches) (?:monthly|(?:a|per|each|every|har) (?:month|mahine))"),
    re.compile(r"-?\d+(?= (?:equal )?(?:tranches?|parts?|kisht|chunks?|slices?|steps))"),
    re.compile(r"-?\d+ (?:barabar )?hiss(?:e|a|on?)\b(?: me(?:in)?)?(?: (?:monthly|har mah\w+))?"),
    re.compile(r"[\d.]+\s*(?:%|percent)\s*(?:falls?|dips?|drops?|correct\w*|gir\w*)"),
    re.compile(r"(?:falls?|dips?|drops?|gir\w*)\s*(?:by|of|to)?\s*[\d.]+\s*(?:%|percent)"),
)
SESSIONS: Final = re.compile(r"(?<!\d)(?P<n>-?\d{1,4})\s*(?:trading )?(?:sessions?|days?|din)\b")
DAY: Final = re.compile(
    r"\b(?P<n>\d{1,3})(?:st|nd|rd|th)\b|\bday (?P<d>\d{1,3})\b(?!\.\d|\s*(?:%|percent))"
    r"|\b(?P<t>\d{1,3}) tarikh|\btarikh (?P<h>\d{1,3})\b"
)


def read_special(clause: str, asked: Asked, reading: Reading) -> str:
    """Numbers with a unit of their own: ATR, sessions before results, a day of the month, parts."""
    alone = re.fullmatch(rf"\W*(?P<n>{ATR_NUM})\s*(?:x|times)?\s*(?:atr)?\W*", clause)
    if asked.wanted in ATR and alone:
        reading.take_bounded(Found(asked.wanted, float(alone["n"]), clause))
        return ""
    for key, pattern in ATR.items():
        hit = pattern.search(clause)
        if hit is None:
            continue
        number = float(hit["n"] or hit["m"])
        if hit["u"] == "%" and key == "trail_atr":
            reading.take_bounded(Found("trail_pct", round(number / 100, 6), hit[0]))
        elif hit["u"] == "%":
            reading.unclear.append(
                f"The desk sets a {key.split('_')[0]} in ATR, the share's usual day's move; "
                f"“{hit[0].strip()}” is in percent. How many ATR?"
            )
            reading.wanted = key
        else:
            reading.take_bounded(Found(key, number, hit[0].strip()))
        clause = _without(clause, hit.span())
    vague = VAGUE_DISTANCE.search(clause)
    if vague and not re.search(r"\d", clause) and (asked.question in ("trading", "")):
        what = vague["a"] or vague["b"]
        reading.unclear.append(f"How far is the {what}, in ATR? For example: {what} 2 ATR.")
        reading.wanted = f"{what}_atr"
    clause = _until(clause, asked, reading)
    if asked.wanted == BLACKOUT or BY_KEY[BLACKOUT].named_in(clause):
        clause = _blackout(clause, asked, reading)
    if "tranches" in reading.found or reading.parts:
        for pattern in OF_PARTS:
            clause = pattern.sub(lambda hit: " " * len(hit[0]), clause)
    hit = DAY.search(clause)
    if hit and (asked.question == "money" or "instalment" in {*asked.answers, *reading.found}
                or re.search(r"month|sip|tarikh|mahine", clause)):  # fmt: skip
        dom = int(hit["n"] or hit["d"] or hit["t"] or hit["h"])
        reading.take_bounded(Found("day_of_month", dom, hit[0]))
        clause = _without(clause, hit.span())
    return clause


def _until(clause: str, asked: Asked, reading: Reading) -> str:
    """A horizon, or the end of the instalments, said as a day; the clause without it."""
    about = asked.question == "horizon"
    if asked.today is None or not (about or UNTIL_CUE.search(clause)):
        return clause
    said = said_day(clause, years_alone=about)
    if said is None:
        return clause
    monthly = MONTHLY.search(clause) is not None and not about
    key = "instalment_months" if monthly else "horizon_months"
    if said.day is None:
        reading.unclear.append(said.ask)
    elif (months := months_between(asked.today, said.day)) < 1:
        reading.unclear.append(
            f"“{said.words}” is {day(said.day)} and today is {day(asked.today)}; name a day at "
            "least a month away."
        )
    elif key in asked.answers and not about and not reading.corrects:
        if asked.answers[key] != months:
            reading.left.append(said.words)
    else:
        until = f"until {day(said.day)}, {counted(months, 'month')} from {day(asked.today)}"
        note = "; ".join(part for part in (said.note, until) if part)
        found = Found(key, months, said.words, note, until=said.day.isoformat())
        reading.take_bounded(found)
    return _without(clause, said.at)


def _blackout(clause: str, asked: Asked, reading: Reading) -> str:
    hit = SESSIONS.search(clause) or (
        re.fullmatch(r"\W*(?P<n>-?\d{1,4})\W*", clause) if asked.wanted == BLACKOUT else None
    )
    if hit:
        reading.take_bounded(Found(BLACKOUT, int(hit["n"]), hit[0].strip()))
        return _without(clause, hit.span())
    if re.search(r"\b(?:ignore|through|don'?t (?:care|mind|matter)|doesn'?t matter|no blackout"
                 r"|farak nahin?|is fine|are fine)\b", clause):  # fmt: skip
        reading.take(Found(BLACKOUT, 0, clause))
    elif asked.wanted != BLACKOUT and re.search(
        r"\b(?:no|not|avoid|never|before|around|blackout|skip|mat)\b", clause
    ):
        reading.unclear.append("How many sessions before results should nothing be bought?")
        reading.wanted = BLACKOUT
    return clause


def _without(clause: str, span: tuple[int, int]) -> str:
    return clause[: span[0]] + " " * (span[1] - span[0]) + clause[span[1] :]
