"""Percentages, money, spans and counts of one clause, each put to the value it names.

A number goes to the name nearest to it. One without a name goes to what was asked, to what it
corrects, or nowhere: then it is left over and asked about.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from core.domain.words import pct
from core.mandates.amounts import (
    OTHER_TIMES,
    Amount,
    Count,
    Share,
    Span,
    amounts_in,
    counts_in,
    shares_in,
    spans_in,
)
from core.mandates.clauses import Turn
from core.mandates.fields import BY_KEY, Cue, cues_in
from core.mandates.found import Asked, Found, Reading

PERCENTS: Final = frozenset({"percent"})
MONEYS: Final = frozenset({"money", "percent"})
PAST: Final = re.compile(
    r"\b(?:lost|owes?|salary|earn(?:ed|s|ing)?|loans?|emi|rent|spen[dt]\w*|used to|paid"
    r"|last year)\b"
)
OF_WHOLE: Final = re.compile(r"(?:%|percent)\s*(?:of|ka)\s*$")  # "5% of 10 lakh"
NEGATED: Final = re.compile(
    r"\b(?:never|cannot|can'?t|won'?t|wouldn'?t|don'?t|do not|will not|isn'?t|not)\b"
    r"|\d[\d,.]*\s*(?:lakhs?|lacs?|crores?|cr|k|l|hazaa?r|thousand|%|percent)?\s+nahin?\b"
)
LEFT_ALONE: Final = re.compile(  # "I won't need it for two years" is a horizon
    r"\b(?:need\w*|touch\w*|use|using|require\w*|withdraw\w*|want|chahiye|zaroorat|take it out)\b"
)
LIMIT: Final = re.compile(
    r"\b(?:more|over|above|exceed\w*|beyond|zyada|jyada|max(?:imum)?|at most|up ?to|less|under"
    r"|below|before|touch|until|till)\b"
)
INEXACT: Final = re.compile(
    r"\b(?:less|more|fewer|greater|at least|atleast|min(?:imum)?|over|above|under|below|kam se kam"
    r"|se kam|se zyada)\b"
)
AT_LEAST: Final = re.compile(  # of a limit that is a most
    r"\b(?:not?|never|nothing) (?:less|lower|smaller)(?: than)?\b|\bat ?least\b|\bminimum\b"
    r"|\bkam se kam\b|^\W*(?:more|greater) than [\d.]+\s*(?:%|percent)\W*$"  # and nothing besides
)
MARKET_VALUE: Final = re.compile(
    r"\bm(?:arket)?[- ]?cap\w*\b|\bmarket (?:value|capitali[sz]ation)\b|\bcapitali[sz]ation\b"
    r"|\b(?:companies|company|shares|stocks)\b[^\d]*\b(?:above|over|bigger|larger|worth|beyond|from)\b"
    r"|\b(?:upar|badi|bada|zyada)(?: (?:ki|wali|waali|ke))*\s+(?:companies|company|stocks)\b"
)
NO_VALUE: Final = (
    "the desk goes by AMFI's sizes and not by market value in rupees; large, mid or small "
    "companies?"
)
PERCENT_MAX: Final = 100  # from here on a bare number is no percentage of anything
OF_MARKET: Final = re.compile(r"\b(?:nifty|sensex|index|market|bazaa?r)\b")
LABEL_WORDS: Final = 3  # "for the drawdown, 8%": a clause that only names what the next one says
PRIMARY: Final = {"pain": "drawdown_max"}  # a lone percentage answers this one


def read_numbers(
    clause: str, carried: tuple[Cue, ...], turn: Turn, asked: Asked, reading: Reading
) -> tuple[Cue, ...]:
    """Percentages, money, spans and counts of one clause; cues that wait for a number go on."""
    clause = " ".join(clause.split())  # as the readers of numbers squeeze it
    cues = tuple(cues_in(clause, PERCENTS | MONEYS))
    shares = shares_in(clause)
    rest = clause
    for share in shares:
        rest = rest[: share.at[0]] + "\n" * (share.at[1] - share.at[0]) + rest[share.at[1] :]
    amounts = amounts_in(rest)
    amounts = [one for one in amounts if not OF_WHOLE.search(clause[: one.at[0]])]
    if PAST.search(clause):
        amounts = []
    if (shares or amounts) and NEGATED.search(clause) and not LIMIT.search(clause):
        reading.unclear.append(f"“{clause}” says what it is not; how much then?")
        shares, amounts = [], []
    if amounts and MARKET_VALUE.search(clause) and not any(c.strong for c in cues):
        reading.unclear.append(f"“{clause}”: {NO_VALUE}")
        amounts = []
    placed = paired(shares, list(cues) or list(carried))
    for share, cue in placed:
        _percent(share, cue, clause, turn, asked, reading)
    free = [c for c in cues if c not in {cue for _, cue in placed}] if shares else list(cues)
    # "each" names a share's weight beside a percentage, and nothing beside rupees
    free = [c for c in free if c.strong or c.key != "position_weight_max"]
    for amount, cue in paired(amounts, free or ([] if shares else list(carried))):
        _money(amount, cue, clause, turn, asked, reading)
    for count in counts_in(clause):
        _count(count, clause, reading)
    monthly = any(amount.monthly for amount in amounts)
    spans = spans_in(rest)
    if spans and NEGATED.search(clause) and not (LEFT_ALONE.search(clause) or LIMIT.search(clause)):
        reading.unclear.append(f"“{clause}” says what it is not; for how long then?")
        spans = []
    for span in spans:
        _span(span, monthly, clause, asked, reading)
    label = (
        len(clause.split()) <= LABEL_WORDS
        and not reading.parts
        and ("tranches" not in reading.found)
    )
    return tuple(c for c in cues if c.strong) if label and not shares and not amounts else ()


def paired(mentions: Sequence[Any], cues: list[Cue]) -> list[tuple[Any, Cue | None]]:
    """Which name belongs to which number: in order when as many, otherwise the nearest."""
    if len(mentions) == len(cues):
        return list(zip(mentions, cues, strict=True))
    made: dict[int, Cue] = {}
    reach = sorted(
        (max(cue.at[0] - one.at[1], one.at[0] - cue.at[1]), at, number)
        for at, one in enumerate(mentions)
        for number, cue in enumerate(cues)
    )
    used: set[int] = set()
    for _, at, number in reach:
        if at not in made and number not in used:
            made[at] = cues[number]
            used.add(number)
    return [(one, made.get(at)) for at, one in enumerate(mentions)]


def _percent(
    share: Share, cue: Cue | None, clause: str, turn: Turn, asked: Asked, reading: Reading
) -> None:
    key = cue.key if cue else _unnamed_percent(share, turn, asked)
    note = f"of “{share.words}” the stricter end, {pct(share.value)}" if share.ranged else ""
    if not key:
        reading.left.append(share.words)
    elif key.endswith("_max") and AT_LEAST.search(clause):
        reading.unclear.append(f"“{clause}” is a least; at most how much?")
    elif key == "drawdown_max" and OF_MARKET.search(clause):
        reading.unclear.append(f"“{clause}” speaks of the market; how far may the account fall?")
    elif BY_KEY[key].kind == "money":
        if key != "cash_floor":
            reading.unclear.append(f"{BY_KEY[key].label} in rupees, how much?")
        elif not 0 <= share.value < 1:
            reading.unclear.append(f"Cash floor: {pct(share.value)} is outside 0 % to 99 %.")
        else:
            reading.take(Found(key, share.value, share.words, note, of_capital="share"))
    else:
        reading.take_bounded(Found(key, share.value, share.words, note))


def _unnamed_percent(share: Share, turn: Turn, asked: Asked) -> str:
    """The field of a percentage that is not named: the one it corrects, or the one asked for."""
    if asked.wanted and BY_KEY[asked.wanted].kind == "percent":
        return asked.wanted
    if turn.corrects:
        said = [k for k in asked.answers if BY_KEY[k].kind == "percent"]
        was = [k for k in said if any(_same(asked.answers[k] * 100, n) for n in turn.taken_back)]
        one = _only(was) or _only([k for k in asked.last if k in said])
        if one or turn.taken_back:
            return one
    return PRIMARY.get(asked.question, "")


def _money(
    amount: Amount, cue: Cue | None, clause: str, turn: Turn, asked: Asked, reading: Reading
) -> None:
    named = BY_KEY[cue.key] if cue else None
    if named and named.kind == "percent":
        if amount.certain:
            _in_rupees(named.key, amount, reading)
            return
        if amount.number >= PERCENT_MAX:
            reading.unclear.append(
                f"{named.label}: write {amount.words} as ₹{amount.words} or in percent."
            )
            return
        named = None
    key = named.key if named else _unnamed_money(amount, turn, asked, reading)
    if key == "lump_sum" and amount.monthly:
        key = "instalment"
    if key in ("lump_sum", "instalment") and OTHER_TIMES.search(clause):
        sentence = f"“{clause}” is not a sum each month; how much is it now, or a month?"
        reading.unclear.append(sentence)
        return
    if key in ("lump_sum", "instalment") and INEXACT.search(clause):
        reading.unclear.append(f"“{clause}” is no exact sum; how many rupees?")
        reading.doubted.add(key)
        return
    if not key:
        if amount.certain:
            reading.left.append(amount.words)
    elif not amount.certain and key == PRIMARY.get(asked.question):
        return  # a bare number here is a percentage
    elif not amount.certain and amount.money:
        reading.doubted.add(key)
        reading.found.pop(key, None)  # "12 lakh, but only 8": neither of them is sure
        reading.unclear.append(f"Is {amount.words} in rupees, thousands, lakh or crore?")
        reading.number = amount.words
    elif key == "drawdown_max":
        _in_rupees(key, amount, reading)
    elif key in ("lump_sum", "instalment") and amount.money.paise <= 0:
        reading.unclear.append(f"“{amount.words}” is not money to invest; name an amount above ₹0.")
    elif key not in reading.doubted:
        reading.take_bounded(Found(key, amount.money.paise, amount.words))


def _in_rupees(key: str, amount: Amount, reading: Reading) -> None:
    if amount.money.paise <= 0:
        reading.unclear.append(f"{BY_KEY[key].label}: {amount.words} must be above ₹0.")
    else:
        reading.take(Found(key, amount.money.paise, amount.words, of_capital="rupees"))


def _unnamed_money(amount: Amount, turn: Turn, asked: Asked, reading: Reading) -> str:
    """The field of an amount that is not named, empty where nothing says which."""
    moneys = [k for k in asked.answers if BY_KEY[k].kind == "money" and asked.answers[k]]
    if turn.corrects and moneys:
        number = amount.number
        ratio = Decimal(amount.money.paise) / number if number else Decimal(0)
        was = [
            k
            for k in moneys
            if any(_same(asked.answers[k], n * r) for n in turn.taken_back for r in (ratio, 100))
        ]
        kind = "instalment" if amount.monthly else ""
        one = _only(was) or _only([k for k in asked.last if k in moneys])
        one = one or (kind if kind in moneys else _only([k for k in moneys if k != "cash_floor"]))
        if one or asked.question != "money":
            return one
    if asked.question in ("money", "cash"):
        return "instalment" if amount.monthly else "lump_sum"
    if asked.question == "pain":
        return PRIMARY["pain"]
    unsaid = not {"lump_sum", "instalment"} & {*asked.answers}
    plain = amount.certain and asked.question not in ("companies", "positions")
    if (unsaid and plain) or (amount.monthly and amount.certain):
        return "instalment" if amount.monthly else "lump_sum"
    return ""


def _span(span: Span, monthly: bool, clause: str, asked: Asked, reading: Reading) -> None:
    if span.low is not None and span.low != span.months:
        reading.unclear.append(f"“{span.words}”: which of the two, as one span?")
        return
    key = "instalment_months" if monthly else "horizon_months"
    if monthly and asked.question == "horizon":
        key = "horizon_months"
    named = BY_KEY[key].named_in(clause) or asked.question == "horizon"
    if key in asked.answers and not (named or reading.corrects):
        if asked.answers[key] != span.months:
            reading.left.append(span.words)
        return
    reading.take_bounded(Found(key, span.months, span.words))


def _count(count: Count, clause: str, reading: Reading) -> None:
    if AT_LEAST.search(clause):
        reading.unclear.append(f"“{clause}” is a least; at most how many?")
        return
    note = f"of “{count.words}” the stricter end, {count.value}" if count.ranged else ""
    if count.value != 1 or "position" in count.words:
        reading.take_bounded(Found("positions_max", count.value, count.words, note))


def _same(one: Any, other: Any) -> bool:
    return abs(float(one) - float(other)) < 1e-6


def _only(keys: Sequence[str]) -> str:
    return keys[0] if len(keys) == 1 else ""
