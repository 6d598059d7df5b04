"""Money that lies in the account already: "use what is there", "5 lakh including it", "on top".

A sum is never taken for the cash that lies there, nor the cash for the sum: what is taken as it
stands is put to the person in rupees, and a sum beside cash is asked about.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from core.domain.money import Money
from core.domain.words import rupees
from core.mandates.amounts import amounts_in
from core.mandates.clauses import Turn
from core.mandates.commands import Command, command_of
from core.mandates.found import Asked, Found, Reading

ABOUT: Final = ("money", "cash", "")  # questions under which these words speak of the cash
PLACE: Final = r"(?:in (?:the|my|this) (?:demat |trading )?(?:account|broker\w*)|(?:in )?there)"
KHATA: Final = r"(?:account|khate|khaate|khata) (?:mein|me|main)"
LIES: Final = r"(?:(?:already|now|still|free|lying|sitting|lies|is|are|pada|padi|pade|rakha) )*"
EXISTING: Final = re.compile(
    rf"\b(?:what(?:ever)?(?:'s| is| i have| we have| lies)?|all that(?:'s| is)?) {LIES}{PLACE}\b"
    rf"|\b(?:the |my |all )?(?:cash|money|balance|funds?) (?:that(?:'s| is) )?{LIES}{PLACE}\b"
    r"|\b(?:the |my )?(?:existing|current|available|present|idle) (?:cash|money|balance|funds?)\b"
    rf"|\b(?:is |it'?s |lies )?already {LIES}{PLACE}\b"
    r"|\b(?:is|are|lies|sits) (?:already in|in already)\b|\balready in(?=\W*$|,)"
    rf"|\bjo (?:bhi )?(?:paisa |paise |cash |balance )?{KHATA} {LIES}(?:hai|hain|h)\b"
    rf"|\bjo (?:bhi )?(?:paisa |paise )?(?:pada )?(?:hai|hain) {KHATA}"
    rf"|\b(?:jo |jitna )?(?:paisa |paise )?(?:pehle se )?{KHATA} (?:pehle se )?{LIES}(?:hai|hain)\b"
    rf"|\b{KHATA} (?:jo|jitna)\b[^,;.]*"
)
PART_OF_IT: Final = re.compile(
    r"\b(?:includ\w*|inclusive|counting|counts?|part of (?:it|that|the)|is part|within|milake"
    r"|mila ke|mila ?kar|samet|in (?:all|total)|altogether|shamil|usi mein|usme)\b"
)
ON_TOP: Final = re.compile(
    r"\b(?:on top|besides|in addition|additional\w*|extra|apart from|separate\w*|exclud\w*"
    r"|excluding|not (?:counting|counted|includ\w*|part)|over and above|alag(?: se)?|upar se"
    r"|(?<!no )(?:fresh|new) money|naya paisa|does(?:n'?t| not) include|without (?:it|that|what))\b"
)
MORE: Final = re.compile(r"\b(?:plus|and|aur|more|another|also|extra)\b|\+")
NOTHING_THERE: Final = "Nothing lies free in the account; how many rupees go in?"


def read_cash(turn: Turn, asked: Asked, reading: Reading) -> Turn:
    """Read what a turn says of the cash in the account; what is read is cut out of it."""
    text = ", ".join(turn.clauses)
    if asked.question not in ABOUT and not (turn.corrects and EXISTING.search(text)):
        return turn
    said = _counted(text, asked)
    sums = [one for one in amounts_in(text) if not one.monthly]
    if said is not None and (sums or asked.question == "cash"):
        reading.take(Found("counts_cash", said, text))
    if not EXISTING.search(text):
        return turn
    if not sums and asked.question != "cash":
        _as_it_stands(asked, reading)
    elif said is None and _told_otherwise(turn, asked, reading):
        told = [clause for clause in turn.clauses if EXISTING.search(clause)]
        return replace(turn, clauses=tuple(one for one in turn.clauses if one not in told))
    elif said is None and (asked.cash or 0) > 0:
        beside = any(EXISTING.search(clause) and amounts_in(clause) for clause in turn.clauses)
        if beside:  # "the 5 lakh that is already there"
            reading.take(Found("counts_cash", True, text))
        reading.more_than_cash = not beside and MORE.search(turn.text) is not None
    kept = tuple(left for clause in turn.clauses if (left := EXISTING.sub(" ", clause).strip()))
    return replace(turn, clauses=kept)


def _told_otherwise(turn: Turn, asked: Asked, reading: Reading) -> bool:
    """Put what lies there to the person where "20 lakh is in already" names another sum of it."""
    elsewhere = re.compile(f"{ON_TOP.pattern}|{PART_OF_IT.pattern}")
    beside = [c for c in turn.clauses if EXISTING.search(c) and not elsewhere.search(c)]
    sums = [one for clause in beside for one in amounts_in(clause) if not one.monthly]
    if asked.question != "money" or asked.cash is None or len(sums) != 1 or not sums[0].certain:
        return False
    named = sums[0].money
    if max(0, asked.cash) == named.paise:
        return False
    if asked.cash <= 0 and not asked.held:
        reading.offers.update(lump_sum=named.paise)
        reading.offer_words = (
            f"Nothing lies in the account on this desk yet, and {rupees(named)} was named. Shall "
            "that sum be put in at once?"
        )
    elif asked.cash > 0:
        _as_it_stands(asked, reading)
    else:
        reading.unclear.append(NOTHING_THERE)
    return True


def add_cash(asked: Asked, reading: Reading) -> None:
    """ "What is there plus 2 lakh" is one sum of both, put to the person before it is taken."""
    more = reading.found.get("lump_sum")
    if not reading.more_than_cash or more is None or asked.cash is None:
        return
    reading.found.pop("lump_sum")
    whole = Money(asked.cash) + Money(more.value)
    reading.offers.update(lump_sum=whole.paise, counts_cash=True)
    reading.offer_words = (
        f"{rupees(Money(asked.cash))} lies free in the account, and {rupees(Money(more.value))} "
        f"more make {rupees(whole)}. Is that the money?"
    )


def _as_it_stands(asked: Asked, reading: Reading) -> None:
    if asked.cash is None or asked.cash <= 0:
        reading.unclear.append(NOTHING_THERE)
        return
    reading.offers.update(lump_sum=asked.cash, counts_cash=True)
    lies, held = Money(asked.cash), Money(asked.held)
    rest = f", beside {rupees(held)} that is invested or reserved" if held else ""
    reading.offer_words = (
        f"{rupees(lies)} lies free in the account now{rest}. Is that the money, with nothing more "
        "to come at once?"
    )


def _counted(text: str, asked: Asked) -> bool | None:
    """Whether a text counts the cash into the sum; None where it does not say."""
    speaks = asked.question == "cash" or EXISTING.search(text) is not None
    if not speaks or (asked.cash or 0) <= 0:
        return None
    if ON_TOP.search(text):
        return False
    if PART_OF_IT.search(text):
        return True
    if asked.question == "cash":
        return {Command.YES: True, Command.NO: False}.get(command_of(text) or Command.WHY)
    return None
