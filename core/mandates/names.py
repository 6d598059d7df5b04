"""Sectors and shares as people name them: "banks", "pharma", "IT", "no adani", "bank mat lena".

A name is a sector of the universe first, then a share's symbol or the first words of its name.
What is no name of the universe is given back, so that it is asked about and never dropped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from core.domain.instrument import Instrument

Side = Literal["banned", "preferred", "allowed", "only", ""]
SECTOR_WORDS: Final[dict[str, str]] = {
    r"banks?|banking": "financial", r"nbfcs?": "financial", r"financ\w*": "financial",
    r"insur\w*": "financial", r"lenders?": "financial",
    r"pharma\w*": "health", r"drugs?": "health", r"hospitals?": "health", r"medic\w*": "health",
    r"health\w*": "health", r"dawai\w*": "health",
    r"infotech|software|tech|technology|it (?:stocks?|sector|companies|shares|services)": "inf",
    r"auto(?:s|mobiles?)?": "automobile", r"cars?": "automobile", r"gaadi\w*": "automobile",
    r"metals?": "metal", r"mining": "metal", r"steel": "metal", r"oil(?: and gas| & gas)?": "oil",
    r"gas": "oil", r"energy": "energy|oil|power", r"power": "power", r"utilit\w*": "power",
    r"electricity|bijli": "power", r"realty|real estate|propert\w*": "realty",
    r"telecom\w*": "telecom", r"cements?": "construction m", r"fmcg": "fast moving",
    r"consumer goods": "fast moving", r"chemicals?": "chemical", r"media": "media",
    r"textiles?": "textile", r"infra\w*": "construction", r"construction": "construction",
    r"capital goods": "capital goods", r"defen[cs]e": "capital goods",
    r"consumer durables|durables": "consumer durables", r"consumer services": "consumer services",
}  # fmt: skip
BAN: Final = re.compile(
    r"\b(?:no|not|never|avoid\w*|without|except|exclud\w*|ban(?:ned)?|bans|don'?t|dont|won'?t"
    r"|skip|nothing (?:to do )?(?:in|with)|stay away|keep out|hate|mat|nahin?|na|nako|chhod\w*)\b"
)
PREFER: Final = re.compile(
    r"\b(?:prefer\w*|favou?r\w*|like|love|focus\w*|tilt\w*|mostly|first|pasand|zyada|bullish)\b"
)
FOND: Final = re.compile(  # where names were not asked for
    r"\b(?:prefer\w*|favou?r(?:s|ing)?|focus(?:ed|ing)? on|tilt(?:ed)? to\w*|pasand|bullish on"
    r"|(?:i|we) (?:like|love)|hate)\b"
)
ALLOW: Final = re.compile(
    r"\b(?:allow\w*|unban|remove|lift|(?:is|are) (?:ok(?:ay)?|fine)|ok(?:ay)? with|no longer"
    r" (?:ban|avoid|exclude)\w*|chalega|le sakte)\b"
)
ONLY: Final = re.compile(r"\b(?:only|just|sirf|nothing but)\b")
NONE: Final = re.compile(
    r"\b(?:none|nothing|no bans?|no exclusions?|anything goes|all (?:ok|fine)|kuch (?:bhi )?nahin?"
    r"|koi nahin?|no sector|no preferences?|no restrictions?|sab (?:chalega|theek|thik)"
    r"|everything (?:is )?(?:ok|fine|allowed))\b"
)
IDIOM: Final = re.compile(
    r"\bno (?:idea|clue|problem|issue|worries|thanks|wait|no|rush|more|need|way|doubt)\b"
    r"|\bnot (?:sure|more|at all|yet|much)\b|\bnever (?:more|mind)\b|\bnot too (?:many|much)\b"
    r"|\bdon'?t (?:mind|care)\b|\bdon'?t (?:know|want to lose)"
)
FILLER: Final = re.compile(
    r"\b(?:no|not|never|avoid|avoiding|without|except|exclude|excluding|ban|banned|please|pls|any"
    r"|stocks?|shares?|companies|company|the|in|i|we|me|my|want|do|don'?t|dont|won'?t|will|touch"
    r"|own|buy|of|ok|okay|sector|sectors|names?|stay|away|from|keep|out|to|with|also|really|at|all"
    r"|and|or|nor|aur|ya|mat|lena|lo|le|na|nahin?|chahiye|mein|me|ka|ke|ki|wala|wale|hai|prefer"
    r"|preferably|favou?r|like|love|focus|on|mostly|more|first|pasand|zyada|is|are|it'?s|a|an|but"
    r"|just|only|sirf|skip|hate|actually|sorry|wait|too|them|thing|things|such|both|well|else|other"
    r"|nothing|everything|anything|for|religious|reasons|personally|family|rest|fine|would|rather"
    r"|nothing else|bhi|aise|jaise|vagairah|karna|karo|rakho|rakhna|yaar|bhai|sab|chhodke|some"
    r"|koi|kisi|wali|waale|hi|then|baaki|theek|thik|chalega|there|here|this|that|those|these|kind|type|money|put|invest\w*"
    r"|list|add|can|could|should|may|list|great|maybe|probably|definitely|hate|no-go)\b"
    r"|[.!?,;:'\"]"
)
PRONOUN_NO_MORE: Final = re.compile(  # "no it" among sectors is IT, "need it" is not
    r"^\W*((?:no|avoid|ban|without|except|prefer|like|nor|or|not)?)\s*\bit\b"
    r"(?=\W*$| bhi| mat| nahi| no\b| nor\b| or\b)"
)
COMMON: Final = frozenset(
    [
        "max",
        "india",
        "indian",
        "blue",
        "page",
        "star",
        "next",
        "general",
        "bank",
        "power",
        "life",
        "sun",
        "steel",
        "oil",
        "idea",
        "home",
        "made",
        "first",
        "best",
        "good",
        "one",
        "phoenix",
        "central",
        "great",
        "eternal",
        "supreme",
        "page",
        "shree",
        "computer",
        "data",
    ]
)


@dataclass(frozen=True, slots=True)
class Named:
    """What one clause names: `keys` as the draft keeps them, `unknown` what is no name here."""

    side: Side
    keys: tuple[str, ...]
    unknown: str = ""


def names_in(clause: str, universe: Sequence[Instrument], *, side: Side, strict: bool) -> Named:
    """Sectors and shares of one clause, and whether it bans, prefers or allows them.

    Args:
        clause: in lower case, with its spoken numbers as digits.
        side: what the clause before did; "no banks, pharma" bans both.
        strict: the question was about names, so an unknown one is reported.
    """
    plain = (
        PRONOUN_NO_MORE.sub(r"\1 infotech", IDIOM.sub(" ", clause))
        if strict
        else (IDIOM.sub(" ", clause))
    )
    meant = side_of(plain, strict=strict) or side
    keys, rest = _known(plain, universe, shares=bool(meant) or strict)
    if not strict and meant in ("banned", "preferred") and not _beside(plain, side, universe):
        return Named("", ())
    unknown = FILLER.sub(" ", rest).strip() if strict and meant else ""
    unknown = " ".join(word for word in unknown.split() if len(word) > 1 and word.isalpha())
    return Named(meant, tuple(sorted(set(keys))), unknown)


def _beside(clause: str, side: Side, universe: Sequence[Instrument]) -> bool:
    """Whether a name stands right at the word that bans or prefers, with filling words at most.

    "no banks" bans; "no loans at the bank" speaks of something else.
    """
    hit = BAN.search(clause) or FOND.search(clause)
    if hit is None:  # a clause of a list, "no banks, pharma": nothing but the name
        keys, rest = _known(clause, universe, shares=True)
        return bool(side and keys) and not FILLER.sub(" ", rest).strip()
    after = FILLER.sub(" ", clause[hit.end() :]).split()
    before = FILLER.sub(" ", clause[: hit.start()]).split()
    runs = [after[:length] for length in (1, 2, 3)]
    if hit[0] in ("mat", "nahi", "nahin", "na", "pasand"):
        runs += [before[-length:] for length in (1, 2, 3)]
    for run in runs:
        keys, rest = _known(" ".join(run), universe, shares=True)
        if keys and not rest.strip():
            return True
    return False


def side_of(clause: str, *, strict: bool = True) -> Side:
    """Whether words ban, prefer or allow what they name; empty when they do none of it."""
    if ALLOW.search(clause):
        return "allowed"
    if BAN.search(clause):
        return "banned"
    if ONLY.search(clause):
        return "only"
    return "preferred" if (PREFER if strict else FOND).search(clause) else ""


def sector_of(key: str) -> str:
    """The sector of a key, empty for a share's."""
    return key.split(":")[1] if key.startswith("sector:") else ""


def sectors_of(universe: Sequence[Instrument]) -> tuple[str, ...]:
    """Sector names of the universe."""
    return tuple(sorted({i.sector for i in universe}))


def _known(clause: str, universe: Sequence[Instrument], *, shares: bool) -> tuple[list[str], str]:
    """Keys named in a clause, and the clause without the words that named them."""
    keys: list[str] = []
    sectors = sectors_of(universe)
    rest = clause
    for name in sorted(sectors, key=len, reverse=True):
        if name.lower() in rest:
            keys.append(f"sector:{name}")
            rest = rest.replace(name.lower(), " ")
    for words, stems in SECTOR_WORDS.items():
        hit = re.search(rf"\b(?:{words})\b", rest)
        found = _longest(sectors, stems.split("|")) if hit else []
        if hit and found and not _is_share(rest, hit, universe):
            keys += [f"sector:{name}" for name in found]
            rest = rest[: hit.start()] + " " + rest[hit.end() :]
    return (keys, rest) if not shares else _shares(keys, rest, universe)


def _longest(sectors: Sequence[str], stems: Sequence[str]) -> list[str]:
    for stem in stems:
        found = [name for name in sectors if name.lower().startswith(stem)]
        exact = [name for name in found if name.lower() == stem]
        if found:
            return exact or found
    return []


def _is_share(clause: str, hit: re.Match[str], universe: Sequence[Instrument]) -> bool:
    """Whether "hdfc bank" or "tata power" names a share where a sector's word stands."""
    before = re.search(r"([a-z&]+)\s+$", clause[: hit.start()])
    if before is None or len(before[1]) < 3:
        return False
    both = f"{before[1]} {hit[0]}"
    return any(i.name.lower().startswith(both) for i in universe)


def _shares(keys: list[str], rest: str, universe: Sequence[Instrument]) -> tuple[list[str], str]:
    for run in (3, 2, 1):
        for words in _runs(rest, run):
            found = shares_named(words, universe)
            if found:
                keys = keys + [f"share:{i.symbol}:{i.isin}" for i in found]
                rest = re.sub(rf"(?<!\w){re.escape(words)}(?!\w)", " ", rest)
    return keys, rest


def _runs(clause: str, length: int) -> list[str]:
    words = re.findall(r"[a-z0-9&.-]*[a-z0-9]", clause)
    runs = [words[at : at + length] for at in range(len(words) - length + 1)]
    return [" ".join(run) for run in runs if not FILLER.fullmatch(run[0])]


def shares_named(words: str, universe: Sequence[Instrument]) -> list[Instrument]:
    """Shares whose symbol is the word, or whose name begins with it (a house such as "adani")."""
    if FILLER.fullmatch(words):
        return []
    prefix = len(words) > 2 and words not in COMMON
    return [
        i
        for i in universe
        if i.symbol.lower() == words.replace(" ", "")
        or (prefix and re.match(rf"{re.escape(words)}\b", i.name.lower()))
    ]
