"""Finding listed companies in text: whole names, short names, aliases and symbols in capitals.

The longest name wins and its words are spent, so "HDFC Life" never also means HDFC Bank. A
short name followed by another company's word ("SBI Cards" where only SBI is known) is left
alone: a missed company costs one card, a wrong one costs money.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from core.domain.event import Event
from core.domain.instrument import Instrument
from core.tagging.nicknames import (
    COMMON_WORDS,
    EXTENDERS,
    NICKNAMES,
    SHORTENED_AWAY,
    UNSURE_SYMBOLS,
)

WORD = re.compile(r"[A-Za-z0-9&]+(?:[.'’\-][A-Za-z0-9&]+)*")
LEGAL = re.compile(r"\b(?:limited|ltd|pvt|private|the|co)\b\.?", re.IGNORECASE)
ISIN = re.compile(r"\bIN[EF9][A-Z0-9]{8}\d\b")
SCRIP = re.compile(r"\b(?:scrip(?:\s*code)?|bse\s*code)\s*[:=#]?\s*(\d{6})\b", re.IGNORECASE)
SYMBOL = re.compile(r"\bsymbol\s*[:=]\s*([A-Z0-9&\-]+)")
COMPANY = re.compile(r"\bcompany(?:\s*name)?\s*[:=]\s*([^\n;|]+)", re.IGNORECASE)
BSE_SUBJECT = re.compile(r"^(?P<company>.{3,80}?) - (?P<scrip>\d{6}) - (?P<rest>.+)$", re.DOTALL)
SHORT_NAME_LETTERS = 4


class Found(StrEnum):
    """How a company was recognised."""

    HINT = "hint"
    NAME = "name"
    SHORT = "short name"
    ALIAS = "alias"
    SYMBOL = "symbol"


CERTAINTY = {
    Found.HINT: 1.0,
    Found.NAME: 0.95,
    Found.SYMBOL: 0.9,
    Found.ALIAS: 0.85,
    Found.SHORT: 0.7,
}


@dataclass(frozen=True, slots=True)
class Mention:
    """One company in a text: tokens `first` to `last`, the last one excluded."""

    isin: str
    symbol: str
    words: str
    found: Found
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class NameIndex:
    """Names by their first word, longest first, and what filings give as a hint."""

    by_first: Mapping[str, tuple[tuple[tuple[str, ...], Instrument, Found], ...]]
    by_symbol: Mapping[str, Instrument]
    by_isin: Mapping[str, Instrument]
    by_company: Mapping[str, Instrument]
    by_scrip: Mapping[str, Instrument] = field(default_factory=dict)

    @classmethod
    def build(
        cls,
        instruments: Sequence[Instrument],
        aliases: Mapping[str, str] | None = None,
        *,
        scrip_codes: Mapping[str, str] | None = None,
    ) -> NameIndex:
        """Index a universe.

        Args:
            aliases: other names, each to a symbol or an ISIN; added to the well-known ones.
            scrip_codes: BSE codes, each to an ISIN.
        """
        by_symbol = {i.symbol: i for i in instruments}
        by_isin = {i.isin: i for i in instruments}
        known = {**NICKNAMES, **(aliases or {})}
        named = {
            alias: by_symbol.get(target) or by_isin.get(target) for alias, target in known.items()
        }
        phrases = _phrases(instruments, {a: i for a, i in named.items() if i is not None})
        return cls(
            by_first=_by_first_word(phrases),
            by_symbol=by_symbol,
            by_isin=by_isin,
            by_company={squash(i.name): i for i in instruments},
            by_scrip={
                code: by_isin[isin] for code, isin in (scrip_codes or {}).items() if isin in by_isin
            },
        )

    def mentions(self, text: str) -> list[Mention]:
        """Companies in the order they appear, each once."""
        words = WORD.findall(text)
        lower = [plain(word) for word in words]
        shouting = is_shouting(text)
        found: list[Mention] = []
        at = 0
        while at < len(words):
            mention = self._named(words, lower, at, shouting) or self._ticker(words, at, shouting)
            if mention is None:
                at += 1
                continue
            if all(mention.isin != earlier.isin for earlier in found):
                found.append(mention)
            at = mention.last
        return found

    def hinted(self, event: Event) -> tuple[bool, Instrument | None]:
        """Whether a filing names its filer, and which one if it is in the universe."""
        body = event.body
        isin = ISIN.search(body)
        symbol = SYMBOL.search(body)
        scrip = SCRIP.search(body)
        subject = BSE_SUBJECT.match(event.headline)
        company = COMPANY.search(body)
        tries = [
            self.by_isin.get(isin[0]) if isin else None,
            self.by_symbol.get(symbol[1]) if symbol else None,
            self.by_scrip.get(scrip[1]) if scrip else None,
            self.by_scrip.get(subject["scrip"]) if subject else None,
            self.by_company.get(squash(company[1])) if company else None,
            self.by_company.get(squash(subject["company"])) if subject else None,
        ]
        said = any((isin, symbol, scrip, subject, company))
        return said, next((i for i in tries if i is not None), None)

    def _named(self, words: list[str], lower: list[str], at: int, shouting: bool) -> Mention | None:
        for phrase, instrument, found in self.by_first.get(lower[at], ()):
            last = at + len(phrase)
            if tuple(lower[at:last]) != phrase or not (shouting or words[at][0].isupper()):
                continue
            if found is not Found.NAME and not shouting and _goes_on(words, last):
                continue
            return Mention(
                instrument.isin, instrument.symbol, " ".join(words[at:last]), found, at, last
            )
        return None

    def _ticker(self, words: list[str], at: int, shouting: bool) -> Mention | None:
        word = words[at].removesuffix("'s").removesuffix("’s")
        instrument = self.by_symbol.get(word)
        if instrument is None or len(word) < 2 or word in UNSURE_SYMBOLS:
            return None
        if word.lower() in COMMON_WORDS if shouting else _goes_on(words, at + 1):
            return None
        return Mention(instrument.isin, instrument.symbol, word, Found.SYMBOL, at, at + 1)


def _goes_on(words: Sequence[str], at: int) -> bool:
    """Whether the next word makes the short name another company's."""
    return at < len(words) and words[at][0].isupper() and plain(words[at]) in EXTENDERS


def plain(word: str) -> str:
    """A word as names are compared: lower case, no possessive, no dots or hyphens."""
    text = word.lower().replace("’", "'").removesuffix("'s")
    return text.replace("'", "").replace(".", "").replace("-", "")


def squash(company: str) -> str:
    """A company name as filings are compared: letters and digits only, no Limited, no "and"."""
    text = LEGAL.sub(" ", company.lower().replace("&", " "))
    return "".join(re.findall(r"[a-z0-9]+", re.sub(r"\band\b", " ", text)))


def is_shouting(text: str) -> bool:
    """Whether most letters are capitals, so that capitals mean nothing."""
    letters = [c for c in text if c.isalpha()]
    return sum(c.isupper() for c in letters) > 0.7 * len(letters) > 0


def name_words(name: str) -> tuple[str, ...]:
    """A company's name as words to look for, without its legal form."""
    words = [plain(w) for w in WORD.findall(LEGAL.sub(" ", re.sub(r"\(.*?\)", " ", name)))]
    return tuple(word for word in words if word)


def _phrases(
    instruments: Sequence[Instrument], named: Mapping[str, Instrument]
) -> dict[tuple[str, ...], tuple[Instrument, Found]]:
    """Every phrase to look for; whole names beat aliases, aliases beat short names."""
    shorts: dict[tuple[str, ...], list[Instrument]] = {}
    for instrument in instruments:
        for short in _shorter(name_words(instrument.name)):
            shorts.setdefault(short, []).append(instrument)
    phrases = {
        short: (owners[0], Found.SHORT) for short, owners in shorts.items() if len(owners) == 1
    }
    for alias, instrument in named.items():
        phrases[tuple(plain(w) for w in WORD.findall(alias))] = (instrument, Found.ALIAS)
    for instrument in instruments:
        words = name_words(instrument.name)
        if len(words) > 1 or (words and words[0] not in COMMON_WORDS):
            phrases[words] = (instrument, Found.NAME)
    phrases.pop((), None)
    return phrases


def _shorter(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The name with its trailing general words dropped one by one, while it stays telling."""
    found = []
    while len(words) > 1 and words[-1] in SHORTENED_AWAY:
        words = words[:-1]
        telling = len(words) > 1 or (
            len(words[0]) >= SHORT_NAME_LETTERS and words[0] not in COMMON_WORDS
        )
        if telling and words[-1] not in ("of", "and", "&"):
            found.append(words)
    return found


def _by_first_word(
    phrases: Mapping[tuple[str, ...], tuple[Instrument, Found]],
) -> dict[str, tuple[tuple[tuple[str, ...], Instrument, Found], ...]]:
    table: dict[str, list[tuple[tuple[str, ...], Instrument, Found]]] = {}
    for phrase, (instrument, found) in phrases.items():
        table.setdefault(phrase[0], []).append((phrase, instrument, found))
    return {
        first: tuple(sorted(rows, key=lambda row: (-len(row[0]), row[0])))
        for first, rows in table.items()
    }
