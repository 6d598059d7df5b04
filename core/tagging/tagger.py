"""One event in, one tag for each company it is about.

A filing is about its filer only, whoever else it names; a headline is about every company it
names. `known_at` is carried over, so a tag can never be older than what it was read from.
"""

from __future__ import annotations

import math
import re

from core.domain.event import Event, EventType, Stance, TaggedEvent
from core.tagging.kinds import Kind, kind_of
from core.tagging.names import BSE_SUBJECT, CERTAINTY, Found, Mention, NameIndex
from core.tagging.stance import Lean, lean, lean_for

PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*(?:%|per ?cent|pc\b|pct\b)")
CRORE = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*(lakh crore|crore|cr\b)", re.IGNORECASE)
FULL_PERCENT = 40.0
FULL_CRORE = 5_000.0
CROWD = 4


def tag(event: Event, names: NameIndex) -> list[TaggedEvent]:
    """Tags for the companies of the universe that the event is about; none is an answer too."""
    said, filer = names.hinted(event)
    headline = event.headline
    if said:
        if filer is None:
            return []
        subject = BSE_SUBJECT.match(headline)
        headline = subject["rest"] if subject else headline
        mentions = [Mention(filer.isin, filer.symbol, filer.symbol, Found.HINT, 0, 0)]
    else:
        mentions = names.mentions(headline)
    if not mentions:
        return []
    kind, words = kind_of(headline)
    masked = _masked(headline, mentions)
    return [
        _tagged(
            event, headline, mention, kind, words, _lean(masked, at, len(mentions)), len(mentions)
        )
        for at, mention in enumerate(mentions)
    ]


def _masked(headline: str, mentions: list[Mention]) -> str:
    """The headline with each company's words replaced, so that no name leans (Info Edge)."""
    if mentions[0].found is Found.HINT:
        return headline
    for at, mention in enumerate(mentions):
        for word in mention.words.split():
            headline = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", _mask(at), headline, count=1)
    return headline


def _mask(at: int) -> str:
    """A made-up name for the company at a place; letters only, for digits would read as size."""
    return "Company" + chr(ord("a") + at % 26)


def _lean(masked: str, at: int, companies: int) -> Lean:
    return lean(masked) if companies == 1 else lean_for(masked, _mask(at))


def _tagged(
    event: Event,
    headline: str,
    mention: Mention,
    kind: Kind,
    words: str,
    found: Lean,
    companies: int,
) -> TaggedEvent:
    stance = _stance(kind, found)
    matched = tuple(part for part in (mention.words, words, *found.matched) if part)
    return TaggedEvent(
        event_id=event.id,
        isin=mention.isin,
        symbol=mention.symbol,
        event_type=kind.event_type,
        stance=stance,
        impact=round(_impact(kind, stance, headline) / (1 if companies < CROWD else 2), 4),
        confidence=round(_confidence(kind, words, found, mention, companies), 4),
        matched=tuple(dict.fromkeys(matched)),
        known_at=event.known_at,
    )


def _stance(kind: Kind, found: Lean) -> Stance:
    """The words' stance; a bare category's own where no word leans; paper never leans."""
    if kind.event_type is EventType.ROUTINE:
        return Stance.NEUTRAL if not found.matched or kind.impact < 0.1 else found.stance
    if not found.matched:
        return kind.default
    return found.stance


def _impact(kind: Kind, stance: Stance, headline: str) -> float:
    """The type's base, scaled from 60 % to 140 % by the size named, halved for no stance."""
    size = magnitude(headline)
    scaled = kind.impact * (1.0 if size is None else 0.6 + 0.8 * size)
    return min(1.0, scaled if stance is not Stance.NEUTRAL else scaled / 2)


def magnitude(headline: str) -> float | None:
    """How large the largest figure is, 0 to 1: 40 % or ₹5,000 crore is 1; None without one."""
    sizes = [min(1.0, float(found) / FULL_PERCENT) for found in PERCENT.findall(headline.lower())]
    for number, unit in CRORE.findall(headline):
        crore = float(number.replace(",", "")) * (100_000 if "lakh" in unit.lower() else 1)
        sizes.append(min(1.0, math.log1p(crore) / math.log1p(FULL_CRORE)) ** 2)
    return sum(sizes) / len(sizes) if sizes else None


def _confidence(kind: Kind, words: str, found: Lean, mention: Mention, companies: int) -> float:
    """How sure the reading is: the name, the type, and how far the words lean."""
    named = CERTAINTY[mention.found]
    typed = 0.9 if words else 0.5
    if found.matched:
        leaning = min(1.0, 0.55 + 0.15 * abs(found.score))
    else:
        leaning = 0.8 if kind.event_type is EventType.ROUTINE else 0.6
    return named * typed * leaning * (1.0 if companies == 1 else 0.8)
