"""Answers that are one of a few words: the aim, company sizes, strategies, how trades are held."""

from __future__ import annotations

import re
from typing import Final

from core.domain.instrument import CapClass
from core.domain.mandate import Holding, Objective
from core.mandates.defaults import EVENT, MOMENTUM

AIMS: Final = (
    (Objective.RISK_MINIMIZED,
     r"safe\w*|safety|preserv\w*|protect\w*|low risk|least risk|min(?:imum|imal|imi[sz]e\w*)? risk"
     r"|risk minimi[sz]ed|minimi[sz]e risk|conservative|careful|cautious|surakshit|kam risk"
     r"|risk kam"),
    (Objective.MAX_PROFIT,
     r"aggressive\w*|max(?:imum|imi[sz]e)? (?:profits?|returns?|gains?|growth)|most profit"
     r"|max profit|high risk|high growth|as much as possible|grow (?:hard|fast)|multibag\w*"
     r"|zyada (?:profit|munafa)|munafa"),
    (Objective.BALANCED, r"balanced?|moderate|middle|medium risk|steady|beech|santulit"),
)  # fmt: skip
LOOSE_AIMS: Final = (  # only where the aim was asked
    (Objective.RISK_MINIMIZED, r"slow|sleep well|fd|low"),
    (Objective.MAX_PROFIT, r"profit|max|fast|returns?|growth|high"),
    (Objective.BALANCED, r"both|between|normal"),
)
SIZE_WORDS: Final = {
    CapClass.LARGE: r"large|big|blue ?chips?|badi|bade|largecaps?",
    CapClass.MID: r"mid|medium|midcaps?",
    CapClass.SMALL: r"small|smallcaps?|chhoti|chhote|tiny",
}
REFUSES: Final = re.compile(r"\b(?:no|not|don'?t|never|without|avoid\w*|nahin?|mat)\b")
BEHIND: Final = r"\s+(?:risk )?(?:mat|nahin?|nako|na)\b"
REFUSED: Final = (  # up to what it refuses, and not past what is wanted instead
    r"\b(?:no|not|neither|nor|don'?t|dont|never|won'?t|can'?t|cannot|without|avoid\w*|except|skip"
    r"|hate)\b"
    r"(?:(?!\b(?:only|just|but|sirf|yes)\b)[^,;.])*"
)
EXCEPT: Final = r"(?: (?:of )?(?:the )?(?:sectors?|stocks?|shares?|companies))? (?:but|except)\b"
SIZES_NAMED: Final = re.compile(r"\b(?:large|mid|small)[ -]?caps?\b|\bblue ?chips?\b")
SIZES_ALONE: Final = re.compile(
    r"\W*(?:(?:only|sirf|no|not|just|and|or|aur|large|mid|small|big|badi|chhoti|caps?|compan(?:y|ies))"
    r"\W*)+"
)
STRATEGY_WORDS: Final = {
    EVENT: r"events?(?: drift)?|news|results drift|filings|announcements?",
    MOMENTUM: r"momentum|trend\w*|breakouts?",
}
DAY_WORDS: Final = re.compile(r"\bintra-?day\b|\bmis\b|\bday[- ]?trad\w*|\bsame day\b")
HELD_SO: Final = re.compile(  # where it was not asked for
    r"\b(?:no|not|never|only|sirf|just|hold|held|make it|set|change|switch to)\b[^,;.]*"
    r"\b(?:intra-?day|mis|day[- ]?trad\w*|over ?nights?|delivery|cnc)\b"
    r"|\b(?:intra-?day|delivery) (?:only|mat|nahin?)\b"
)
NIGHT_WORDS: Final = re.compile(
    r"\bover ?nights?\b|\bdelivery\b|\bcnc\b|\bswings?\b|\bpositional\b|\bhold for (?:days|weeks)\b"
)


def aims_in(text: str, *, asked: bool) -> list[Objective]:
    """Every aim a text names; one that is negated ("not aggressive") does not count."""
    found = _named(text, AIMS)
    return found or (_named(text, LOOSE_AIMS) if asked else [])


def _named(text: str, table: tuple[tuple[Objective, str], ...]) -> list[Objective]:
    named = []
    for aim, words in table:
        hits = list(re.finditer(rf"\b(?:{words})\b", text))
        if any(not _is_refused(text, hit.span()) for hit in hits):
            named.append(aim)
    return named


def _is_refused(text: str, at: tuple[int, int]) -> bool:
    """Whether words are refused before them ("not too safe") or behind them ("safe nahi")."""
    before = re.search(rf"{REFUSED}$", text[: at[0]])
    return before is not None or re.match(BEHIND, text[at[1] :]) is not None


def sizes_in(text: str, *, asked: bool) -> list[str]:
    """Company sizes allowed by a text, empty when it says nothing of them."""
    every = re.search(rf"\b(?:all|any|every|everything|sab|koi bhi)\b(?!{EXCEPT})", text)
    if asked and every and not REFUSES.search(text):
        return sorted(str(size) for size in CapClass)
    if not asked and not SIZES_NAMED.search(text) and not SIZES_ALONE.fullmatch(text):
        return []
    barred = {
        size
        for size, words in SIZE_WORDS.items()
        if re.search(rf"{REFUSED}\b(?:{words})", text)
        or re.search(rf"\b(?:{words})(?:[ -]?caps?)?\s+(?:mat|nahin?)\b", text)
    }
    named = {size for size, words in SIZE_WORDS.items() if re.search(rf"\b(?:{words})\b", text)}
    named -= barred
    if not named and barred:
        named = set(CapClass) - barred
    return sorted(str(size) for size in named)


def strategies_in(text: str, *, asked: bool) -> list[str]:
    """Strategies a text allows, empty when it names none."""
    if asked and re.search(r"\b(?:both|all|either|dono|any)\b", text):
        return sorted(STRATEGY_WORDS)
    if not asked and not re.search(
        r"\bstrateg\w*|\b(?:only|just|use|trade|run) (?:momentum|event drift)\b"
        r"|\b(?:momentum|event drift) only\b", text
    ):  # fmt: skip
        return []
    named = {key for key, words in STRATEGY_WORDS.items() if re.search(rf"\b(?:{words})\b", text)}
    barred = {
        key
        for key, words in STRATEGY_WORDS.items()
        if re.search(rf"{REFUSED}\b(?:{words})\b", text)
        or re.search(rf"\b(?:{words})(?: (?:strategy|wala|wali))? (?:mat|nahin?|na|nako)\b", text)
    }
    if barred:
        return sorted((named - barred) or (set(STRATEGY_WORDS) - barred))
    return sorted(named)


def holding_in(text: str, *, asked: bool = True) -> list[Holding]:
    """How long positions may be held, as far as a text says."""
    found: list[Holding] = []
    if not asked and not HELD_SO.search(text):
        return found
    day, nights = _said(text, DAY_WORDS), _said(text, NIGHT_WORDS)
    if day is True or nights is False:
        found.append(Holding.DAY)
    if nights is True or day is False:
        found.append(Holding.NIGHTS)
    return found


def _said(text: str, words: re.Pattern[str]) -> bool | None:
    """Whether some words are wanted, refused, or (None) not said; wanted once is wanted."""
    hits = [_is_refused(text, hit.span()) for hit in words.finditer(text)]
    return not all(hits) if hits else None


def shorts_in(text: str) -> bool | None:
    """Whether a text allows or refuses short sales; None where it says neither."""
    if not re.search(r"\bshort[- ]?(?:sell\w*|sales?)|\bshorts\b|\bgo short\b|\bshorting\b", text):
        return None
    if re.search(r"\b(?:no|not|never|without|avoid|don'?t|mat|nahin?)\b", text):
        return False
    allowed = re.search(r"\b(?:allow\w*|ok(?:ay)?|yes|with|enable\w*|may|can|also|want)\b", text)
    return True if allowed else None
