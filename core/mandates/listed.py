"""A lump sum in parts that are named one by one: "4 now, 3 if the nifty falls 5%, 3 in June".

A number without a unit takes the unit with which the parts add up to the sum; where none does, or
a part does not say when it goes in, the person is asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from core.domain.account import TrancheTrigger
from core.domain.event import EventType
from core.domain.money import Money
from core.domain.words import day, pct, short
from core.mandates.amounts import MONTHLY, NUM, UNITS, amounts_in
from core.mandates.clauses import Turn
from core.mandates.dates import MONTHS, months_on, next_of, said_day
from core.mandates.found import Asked, Found, Reading

FALLS: Final = r"(?:falls?|fell|dips?|drops?|corrects?|correction|gir\w*|slips?|down)"
PERCENT: Final = r"(?:%|percent|per cent|pratishat)"
FALL: Final = re.compile(
    rf"\b(?:(?:if|when|on|after|once|at|agar|jab)\s+)?(?:(?:a|the|ka)\s+)*"
    rf"(?P<of>[a-z]+ (?:\d{{2,3}} )?)?(?:{FALLS}\s*(?:by|of|to|se)?\s*(?P<a>{NUM})\s*{PERCENT}"
    rf"|(?P<b>{NUM})\s*{PERCENT}\s*(?:ka )?{FALLS}(?: (?:in|of) (?:the )?[a-z]+(?: \d{{2,3}})?)?)"
)
INDEX: Final = re.compile(r"\b(?:nifty|index|market|bazaa?r|sensex)\b")
OWN: Final = re.compile(r"\b(?:account|portfolio|holdings)\b")
MONTH: Final = re.compile(rf"\b(?:in|by|on|from|next)?\s*(?P<m>{'|'.join(MONTHS)})\b(?: mein)?")
DAY_MONTH: Final = re.compile(
    rf"\b(?:on )?(?:the )?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<m>{'|'.join(MONTHS)})\b"
)
AFTER_MONTHS: Final = re.compile(
    r"\b(?:(?:after|in)\s+(?P<n>\d{1,2}) (?:months?|mahine)|(?P<o>\d{1,2}) (?:months?|mahine)"
    r" (?:later|on|after|baad)|(?P<next>next month|agle mahine))\b"
)
NOW: Final = re.compile(
    r"\b(?:right )?(?:now|abhi|today|aaj|immediately|upfront|straight ?away|at once|first)\b"
)
CLICK: Final = re.compile(r"\b(?:when|once|jab) (?:i|main|mai)\b.*|\b(?:my|on my) (?:click|word)\b")
REST: Final = re.compile(r"\b(?:the )?(?:rest|remaining|remainder|balance|baaki|baki)\b")
HALF: Final = re.compile(r"\b(?:the other )?(?:half|aadha|0\.5)\b")
LATER: Final = re.compile(
    r"\b(?:later|baad|afterwards?|then|if|when|on|after|jab|agar|baaki|rest)\b"
)
SUM: Final = re.compile(
    rf"(?:₹|\brs\.?\s*)?(?P<n>{NUM})\s*(?P<u>crores?|cr|karod|lakhs?|lacs?|l|k|thousand|hazaa?r)?"
    rf"(?P<p>\s*{PERCENT})?(?![\w.])"
)
SCALES: Final = (100_000, 10_000_000, 1_000, 1)
FALL_MIN, FALL_MAX = 0.005, 0.80


@dataclass(frozen=True, slots=True)
class Part:
    """One part as it is said: its amount, which may lack its unit, and when it goes in.

    `number` is None for the rest of the sum; `unit` is rupees to the number, a fraction of the
    sum where it is below 1, and 0 where none was said. `when` is empty where nothing was said.
    """

    words: str
    number: Decimal | None
    unit: Decimal
    when: dict[str, Any]
    ask: str = ""


def read_listed(turn: Turn, asked: Asked, reading: Reading) -> Turn:
    """Read parts that are named one by one, and cut them out of the turn."""
    if asked.question not in ("money", "parts") and "tranches" not in asked.answers:
        return turn
    pieces = [piece for clause in turn.clauses for piece in _pieces(clause)]
    if asked.question == "parts" and asked.named:
        pieces = _completed(pieces, asked)
    parts = {piece: part for piece in pieces if (part := _part(piece, asked.today))}
    whens = [part for part in parts.values() if part.when]
    later = [part for part in whens if part.when["by"] != str(TrancheTrigger.IMMEDIATE)]
    if len(parts) < 2 or not whens or not (later or len(whens) < len(parts)):
        return turn
    if _is_halved(list(parts.values())):
        return turn  # equal halves are read with the other equal parts
    kept = tuple(piece for piece in pieces if piece not in parts)
    _take(list(parts.values()), kept, asked, reading)
    return replace(turn, clauses=kept)


def _completed(pieces: list[str], asked: Asked) -> list[str]:
    """What was named before with the one part that was asked back as it is said now."""
    unsure = [one for one in asked.named if (part := _part(one, asked.today)) and part.ask]
    if len(unsure) != 1 or len(pieces) != 1 or not _when(pieces[0], asked.today)[0]:
        return pieces
    said, amount = pieces[0], SUM.search(unsure[0])
    own = _part(said, asked.today)
    whole = said if own or amount is None else f"{amount[0]} {said}"
    return [whole if one == unsure[0] else one for one in asked.named]


def _is_halved(parts: list[Part]) -> bool:
    """Halves alone, none of them by a day."""
    halves = all(part.unit == Decimal("0.5") for part in parts)
    return halves and all(part.when.get("by") != str(TrancheTrigger.DATE) for part in parts)


def _pieces(clause: str) -> list[str]:
    cut = re.split(r":|=|\s[-–—]\s|\bof which\b|\bjisme(?:in)?\b|,", clause)
    return [piece.strip() for piece in cut if piece.strip()]


def _take(parts: list[Part], kept: tuple[str, ...], asked: Asked, reading: Reading) -> None:
    """Work the parts out against the sum, or say what is missing."""
    named = [one for text in kept for one in amounts_in(text) if not one.monthly and one.certain]
    total = named[0].money.paise if named else asked.answers.get("lump_sum") or 0
    words = ", ".join(part.words for part in parts)
    reading.named = tuple(part.words for part in parts)
    unclear = [part.ask for part in parts if part.ask]
    if unclear:
        reading.unclear += unclear
        return
    sums = _in_paise(parts, total)
    if sums is None:
        said = short(Money(total)) if total else "a sum that is not named"
        reading.unclear.append(
            f"The parts “{words}” do not add up to {said}; name each part in rupees."
        )
        return
    if not total:
        note = "the parts added up"
        reading.take_bounded(Found("lump_sum", sum(sums), words, note))
    rows = [{**part.when, "paise": paise} for part, paise in zip(parts, sums, strict=True)]
    falls = any("index" in part.when["by"] and not INDEX.search(part.words) for part in parts)
    note = "a fall is read as one of the NIFTY 50" if falls else ""
    value = {"parts": len(rows), "by": "one by one", "fall": 0.0, "event": "", "rows": rows}
    reading.named = ()
    reading.take(Found("tranches", value, words, note))


def _in_paise(parts: list[Part], total: int) -> list[int] | None:
    """The parts in paise; None where they are not sure or do not add up to the sum."""
    bare = [part for part in parts if part.number is not None and not part.unit]
    for scale in SCALES if bare and total else (0,):
        if bare and not scale:
            return None
        made = [_paise(part, Decimal(scale), total) for part in parts]
        known = sum(one for one in made if one is not None)
        rest = [at for at, one in enumerate(made) if one is None]
        if len(rest) > 1 or (rest and not total):
            return None
        if bare and rest and known * 10 < total:
            continue  # "4 now, the rest later" of ten lakh is no ₹4
        for at in rest:
            made[at] = total - known
        sums = [one for one in made if one is not None]
        if all(one > 0 for one in sums) and sum(sums) == (total or sum(sums)):
            return sums
    return None


def _paise(part: Part, scale: Decimal, total: int) -> int | None:
    if part.number is None:
        return None
    if 0 < part.unit < 1:
        return int(part.number * part.unit * total)
    return int(part.number * (part.unit or scale) * 100)


def _part(piece: str, today: date | None) -> Part | None:
    """One part; None where a piece is none: no amount, a monthly sum, or nothing of when."""
    if MONTHLY.search(piece):
        return None
    when, ask, left = _when(piece, today)
    if not when and not ask:
        if not LATER.search(piece):
            return None
        ask = (
            f"When does “{piece}” go in: on a day, on a fall of how many percent, after an event "
            "such as results, or when you click?"
        )
    found = list(SUM.finditer(left))
    if not found and REST.search(left):
        return Part(piece, None, Decimal(0), when, ask)
    if not found and HALF.search(left):
        return Part(piece, Decimal(1), Decimal("0.5"), when, ask)
    if len(found) != 1:
        return Part(piece, None, Decimal(0), when, ask) if found and ask else None
    hit = found[0]
    number = Decimal(hit["n"].replace(",", ""))
    if hit["p"]:
        return Part(piece, number, Decimal("0.01"), when, ask)
    unit = UNITS.get(hit["u"] or "", 0)
    plain = not unit and ("₹" in hit[0] or "rs" in hit[0] or number >= 1_000)
    return Part(piece, number, Decimal(1 if plain else unit), when, ask)


def _when(piece: str, today: date | None) -> tuple[dict[str, Any], str, str]:
    """What lets a part go, what to ask about it, and the piece without those words."""
    hit = FALL.search(piece)
    if hit:
        fall = float(Decimal((hit["a"] or hit["b"]).replace(",", "")) / 100)
        own = OWN.search(piece) is not None
        trigger = TrancheTrigger.ACCOUNT_FALL if own else TrancheTrigger.INDEX_FALL
        ask = ""
        if not FALL_MIN <= fall <= FALL_MAX:
            ask = f"A fall of {pct(fall)} is outside {pct(FALL_MIN)} to {pct(FALL_MAX)}."
        return _made(trigger, fall=fall), ask, _cut(piece, hit.span())
    if re.search(rf"\b{FALLS}\b", piece):
        return {}, f"“{piece}”: on a fall of how many percent?", piece
    said = said_day(piece)
    if said is not None:
        if said.day is None:
            return {}, said.ask, _cut(piece, said.at)
        late = today is not None and said.day <= today
        ask = f"“{said.words}” is {day(said.day)}, which is past." if late else ""
        on = said.day.isoformat()
        return _made(TrancheTrigger.DATE, on=on), ask, _cut(piece, said.at)
    return _by_month(piece, today) or _by_word(piece)


def _by_month(piece: str, today: date | None) -> tuple[dict[str, Any], str, str] | None:
    if today is None:
        return None
    hit = AFTER_MONTHS.search(piece)
    if hit:
        months = 1 if hit["next"] else int(hit["n"] or hit["o"])
        on = months_on(today, months)
        return _made(TrancheTrigger.DATE, on=on.isoformat()), "", _cut(piece, hit.span())
    hit = DAY_MONTH.search(piece) or MONTH.search(piece)
    if hit is None:
        return None
    on = next_of(MONTHS[hit["m"]], dom=int(hit.groupdict().get("d") or 1), today=today)
    return _made(TrancheTrigger.DATE, on=on.isoformat()), "", _cut(piece, hit.span())


def _by_word(piece: str) -> tuple[dict[str, Any], str, str]:
    for kind in EventType:
        hit = re.search(rf"\b(?:after|on|with)\b(?: the)? [a-z ]*{re.escape(str(kind))}\b", piece)
        if hit:
            return _made(TrancheTrigger.EVENT, event=str(kind)), "", _cut(piece, hit.span())
    hit = CLICK.search(piece)
    if hit:
        return _made(TrancheTrigger.CLICK), "", _cut(piece, hit.span())
    hit = NOW.search(piece)
    if hit:
        return _made(TrancheTrigger.IMMEDIATE), "", _cut(piece, hit.span())
    return {}, "", piece


def _made(
    by: TrancheTrigger, *, on: str = "", fall: float = 0.0, event: str = ""
) -> dict[str, Any]:
    return {"by": str(by), "on": on, "fall": fall, "event": event}


def _cut(piece: str, span: tuple[int, int]) -> str:
    return f"{piece[: span[0]]} {piece[span[1] :]}".strip()
