"""One turn read without a language model: which values it says, what is unclear, what is left over.

A value is found only where its words stand. A number without a unit, two numbers for one value or
a number that names nothing is asked back. Nothing here knows a default.
"""

from __future__ import annotations

import re
from decimal import Decimal
from difflib import get_close_matches
from typing import Final

from core.domain.mandate import Objective
from core.mandates.amounts import bare_number
from core.mandates.choices import REFUSES
from core.mandates.clauses import Turn, cut
from core.mandates.doubtful import GROUPED, without_doubtful
from core.mandates.fields import BY_KEY, Cue, cues_in
from core.mandates.found import Asked, Found, Reading
from core.mandates.in_account import add_cash, read_cash
from core.mandates.listed import read_listed
from core.mandates.names import Side, side_of
from core.mandates.reading_numbers import PRIMARY, read_numbers
from core.mandates.reading_units import read_special
from core.mandates.reading_words import read_choices, read_names
from core.mandates.tranches import tranches_in

NO: Final = r"\b(?:no|drop|remove|stop|cancel|without|zero|nil)\s+(?:the |my |any )?"
NOTHING: Final = {
    "instalment": re.compile(rf"{NO}(?:sip|instal?ments?|monthly (?:sum|money))\b"
                             r"|\bsip (?:nahin?|band)\b"),
    "cash_floor": re.compile(rf"{NO}(?:cash floor|cash|floor|reserve)\b"),
    "buffer": re.compile(rf"{NO}(?:emergency )?(?:buffer|fund)\b"),
}  # fmt: skip
AT_THE_END: Final = re.compile(
    r"\b(?:mat|nahin?|na|pasand|zyada)(?: (?:lena|lo|le|chahiye|hai|hain|karna|rakhna))?\W*$"
)
AROUND: Final = re.compile(  # what may stand around a number that is the whole answer
    r"\b(?:about|around|say|maybe|perhaps|roughly|only|just|exactly|max(?:imum)?|at most|up ?to"
    r"|no more than|not more than|make it|the|it|is|be|of|or so|please|pls|ok|okay|hmm|umm?|let'?s"
    r"|i|think|would|i'?d|go|with|to|set|change|actually|sorry|drawdown|fall|peak|overall|total|in"
    r"|all|loss|day|daily|an?|per|each|one|trade|risk|positions?|stocks?|shares?|names?|at once"
    r"|at a time|from|its|under|se|zyada|nahin?|sirf|bas|tak|hi)\b"
)
AIM_WORDS: Final = {
    "balanced": Objective.BALANCED, "moderate": Objective.BALANCED,
    "aggressive": Objective.MAX_PROFIT, "most profit": Objective.MAX_PROFIT,
    "profit": Objective.MAX_PROFIT, "conservative": Objective.RISK_MINIMIZED,
    "safety": Objective.RISK_MINIMIZED, "least risk": Objective.RISK_MINIMIZED,
}  # fmt: skip
NEAR: Final = 0.8  # of the letters, in order
ASKED_IN_ORDER: Final = {
    "pain": ("drawdown_max", "daily_loss_max", "risk_per_trade_max"),
    "positions": ("positions_max", "position_weight_max", "sector_weight_max"),
}


def read(text: str, asked: Asked) -> Reading:
    """Everything one text says; pure, and the same for the same text and state."""
    turn = cut(text)
    reading = Reading(corrects=turn.corrects)
    side = _ahead(turn)
    carried: tuple[Cue, ...] = ()
    turn = read_cash(turn, asked, reading)
    turn = read_listed(turn, asked, reading)
    if not ("tranches" in reading.found or reading.named):
        _whole(turn, asked, reading)
    if _in_order(turn, asked, reading):
        return reading
    for clause in turn.clauses:
        _nothing_of(clause, asked, reading)
        clause = without_doubtful(clause, asked, reading)
        clause = read_special(clause, asked, reading)
        carried = read_numbers(clause, carried, turn, asked, reading)
        side = read_names(clause, side, asked, reading)
    add_cash(asked, reading)
    read_choices(turn, asked, reading)
    _count_alone(turn, asked, reading)
    if not (reading.found or reading.unclear or reading.left or reading.offers):
        _bare(turn, asked, reading)
        _nearly(turn, asked, reading)
    return reading


def _ahead(turn: Turn) -> Side:
    """What Hindi says at the end of a list: "bank aur pharma mat lena" bans both."""
    if turn.clauses and side_of(turn.clauses[0]):
        return ""
    said = next((one for one in turn.clauses if side_of(one)), "")
    return side_of(said) if AT_THE_END.search(said) else ""


def _whole(turn: Turn, asked: Asked, reading: Reading) -> None:
    """What spans clauses: how a lump sum is parted."""
    text = ", ".join(turn.clauses)
    value, question, parts = tranches_in(text, parts_known=asked.parts)
    money = asked.question in ("money", "parts") or "lump_sum" in asked.answers
    if value is not None and (money or parts > 1):
        if value["by"] == "at once" and asked.question not in ("money", "parts"):
            return
        one = next((c for c in turn.clauses if tranches_in(c, parts_known=asked.parts)[0] == value),
                   text)  # fmt: skip
        note = "the parts are equal and the first goes in at once" if value["parts"] > 1 else ""
        if value["by"] == "index fall" and not re.search(r"nifty|index|market|bazaa?r", text):
            note += "; a fall is read as one of the NIFTY 50"
        reading.take(Found("tranches", value, one, note))
    elif question:
        reading.unclear.append(question)
        reading.parts = parts


def _nothing_of(clause: str, asked: Asked, reading: Reading) -> None:
    """What a clause says shall be nothing: "drop the sip", "no cash floor", "no buffer"."""
    for key, pattern in NOTHING.items():
        if pattern.search(clause) and (key in asked.answers or key != "instalment"
                                       or asked.question == "money"):  # fmt: skip
            reading.take(Found(key, 0, clause))


def _in_order(turn: Turn, asked: Asked, reading: Reading) -> bool:
    """Numbers alone, as many as were asked for, are read in the order they were asked."""
    keys: tuple[str, ...] = ASKED_IN_ORDER.get(asked.question, ())
    text = " ".join(turn.clauses)
    numbers = re.findall(r"\d+(?:\.\d+)?\s*(?:%|percent)?", text)
    if len(numbers) != len(keys):  # where some of it was said before, what is left of it
        keys = tuple(key for key in keys if key not in asked.answers)
    if not keys or len(numbers) != len(keys) or re.search(r"[a-z₹$-]", text.replace("percent", "")):
        return False
    if GROUPED.search(text):  # "2,50,000" is one number
        return False
    for key, words in zip(keys, numbers, strict=True):
        digits = re.sub(r"[^\d.]", "", words)
        count = BY_KEY[key].kind == "count"
        if count and ("%" in words or "." in digits):
            return False
        value = int(digits) if count else float(Decimal(digits) / 100)
        reading.take_bounded(Found(key, value, words.strip(), "read in the order asked"))
    return True


def _count_alone(turn: Turn, asked: Asked, reading: Reading) -> None:
    """A clause that is a number alone counts shares where that was asked: "12, no IT"."""
    alone = [clause for clause in turn.clauses if re.fullmatch(r"\d{1,4}", clause)]
    if asked.question == "positions" and len(alone) == 1 and "positions_max" not in reading.found:
        reading.take_bounded(Found("positions_max", int(alone[0]), alone[0]))


def _bare(turn: Turn, asked: Asked, reading: Reading) -> None:
    """One number without a unit: a percentage or a count where one was asked, else asked back."""
    text = ", ".join(turn.clauses)
    number = bare_number(text)
    if number is None or re.sub(r"[\d.,]+", " ", AROUND.sub(" ", text)).strip(" -!:%"):
        return
    words = f"{number}"
    if asked.question == "horizon":
        reading.unclear.append(f"Is {words} in months or in years?")
        reading.number = words
    elif asked.question == "pain":
        named = {cue.key for cue in cues_in(text, frozenset({"percent"}))}
        key = named.pop() if len(named) == 1 else PRIMARY["pain"]
        note = f"“{words}” read as percent"
        reading.take_bounded(Found(key, float(number / 100), words, note))
    elif asked.question == "positions" and number == int(number):
        reading.take_bounded(Found("positions_max", int(number), words))
    elif asked.question == "companies":
        reading.unclear.append(f"{words} of what: sessions before results, or rupees in cash?")
    elif asked.question == "trading":
        reading.unclear.append(f"{words} of what: ATR for the stop, the target or the trail?")


def _nearly(turn: Turn, asked: Asked, reading: Reading) -> None:
    """A misspelt aim, put to the person before it is taken."""
    if asked.question != "goal" or REFUSES.search(turn.text):
        return
    for word in re.findall(r"[a-z]{4,}", turn.text):
        near = get_close_matches(word, AIM_WORDS, n=1, cutoff=NEAR)
        if near:
            reading.offers["objective"] = str(AIM_WORDS[near[0]])
            reading.offer_words = f"Do you mean {AIM_WORDS[near[0]]}?"
            return
