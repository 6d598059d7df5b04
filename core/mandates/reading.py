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
from core.domain.words import counted, day
from core.mandates.amounts import MONTHLY, bare_number
from core.mandates.choices import REFUSES
from core.mandates.clauses import Turn, cut
from core.mandates.dates import months_between, said_day
from core.mandates.doubtful import GROUPED, without_doubtful
from core.mandates.fields import BY_KEY, Cue, cues_in
from core.mandates.found import Asked, Found, Reading
from core.mandates.in_account import add_cash, read_cash
from core.mandates.listed import read_listed
from core.mandates.names import Side, side_of
from core.mandates.reading_numbers import PRIMARY, read_numbers
from core.mandates.reading_words import read_choices, read_names
from core.mandates.tranches import tranches_in

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
NO: Final = r"\b(?:no|drop|remove|stop|cancel|without|zero|nil)\s+(?:the |my |any )?"
NOTHING: Final = {
    "instalment": re.compile(rf"{NO}(?:sip|instal?ments?|monthly (?:sum|money))\b"
                             r"|\bsip (?:nahin?|band)\b"),
    "cash_floor": re.compile(rf"{NO}(?:cash floor|cash|floor|reserve)\b"),
    "buffer": re.compile(rf"{NO}(?:emergency )?(?:buffer|fund)\b"),
}  # fmt: skip
VAGUE_DISTANCE: Final = re.compile(
    r"\b(?:tight\w*|wid\w+|clos\w+|loose\w*|no|without|bigger|smaller)\b.*"
    r"\b(?P<a>stop|trail|target)|\b(?P<b>stop|trail|target)\w*\s+(?:loss )?"
    r"(?:tight\w*|wid\w+|clos\w+|loose\w*|bigger|smaller)"
)
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
OF_PARTS: Final = (  # words that say how a lump sum is parted, and nothing else
    re.compile(r"(?<=parts|steps) (?:monthly|(?:a|per|each|every|har) (?:month|mahine))"),
    re.compile(r"(?<=tranches) (?:monthly|(?:a|per|each|every|har) (?:month|mahine))"),
    re.compile(r"-?\d+(?= (?:equal )?(?:tranches?|parts?|kisht|chunks?|slices?|steps))"),
    re.compile(r"[\d.]+\s*(?:%|percent)\s*(?:falls?|dips?|drops?|correct\w*|gir\w*)"),
    re.compile(r"(?:falls?|dips?|drops?|gir\w*)\s*(?:by|of|to)?\s*[\d.]+\s*(?:%|percent)"),
)
SESSIONS: Final = re.compile(r"(?<!\d)(?P<n>-?\d{1,4})\s*(?:trading )?(?:sessions?|days?|din)\b")
DAY: Final = re.compile(
    r"\b(?P<n>\d{1,3})(?:st|nd|rd|th)\b|\bday (?P<d>\d{1,3})\b(?!\.\d|\s*(?:%|percent))"
    r"|\b(?P<t>\d{1,3}) tarikh|\btarikh (?P<h>\d{1,3})\b"
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
        clause = _special(clause, asked, reading)
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


def _special(clause: str, asked: Asked, reading: Reading) -> str:
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
        day = int(hit["n"] or hit["d"] or hit["t"] or hit["h"])
        reading.take_bounded(Found("day_of_month", day, hit[0]))
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


def _in_order(turn: Turn, asked: Asked, reading: Reading) -> bool:
    """Numbers alone, as many as were asked for, are read in the order they were asked."""
    keys = ASKED_IN_ORDER.get(asked.question, ())
    text = " ".join(turn.clauses)
    numbers = re.findall(r"\d+(?:\.\d+)?\s*(?:%|percent)?", text)
    if len(numbers) != len(keys) or re.search(r"[a-z₹$-]", text.replace("percent", "")):
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


def _without(clause: str, span: tuple[int, int]) -> str:
    return clause[: span[0]] + " " * (span[1] - span[0]) + clause[span[1] :]
