"""Which way a text leans: phrases first, then words, each with what it is about and negation.

The score is a plain sum of weights. A text whose score stays inside `THRESHOLD` is neutral.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.domain.event import Stance
from core.tagging.lexicon import BAD_TO_HAVE, LEANS, MOVES, NEGATIONS, PHRASES, word_set

TOKEN = re.compile(r"[a-z]+(?:['’\-][a-z]+)*|\d+(?:-[a-z]+)+|\d[\d,.]*")
CLAUSE = re.compile(
    r";|\.\s|\s[–-]\s|\bwhile\b|\bbut\b|\bthough\b|\balthough\b|\bdespite\b|\beven as\b"
)
SUBJECT_REACH = 4
NEGATION_REACH = 3
THRESHOLD = 0.6
MEASURED = 1.6  # a move with its size beside it is the news; one without may be decoration
AFTER_UP = word_set("by on in over nearly about from at to as after ahead post for amid")


@dataclass(frozen=True, slots=True)
class Lean:
    """A stance with its score (positive is good) and the words behind it."""

    stance: Stance
    score: float
    matched: tuple[str, ...]


def _by_first() -> dict[str, list[tuple[tuple[str, ...], float]]]:
    table: dict[str, list[tuple[tuple[str, ...], float]]] = {}
    for phrase, weight in PHRASES.items():
        words = tuple(TOKEN.findall(phrase))
        table.setdefault(words[0], []).append((words, weight))
    for rows in table.values():
        rows.sort(key=lambda row: -len(row[0]))
    return table


PHRASES_BY_FIRST = _by_first()


def lean(text: str) -> Lean:
    """Read one text."""
    words = TOKEN.findall(text.lower())
    score, matched = 0.0, []
    at = 0
    while at < len(words):
        length, weight = _phrase(words, at)
        if not length:
            length, weight = 1, _word(words, at)
        if weight:
            weight *= -0.8 if _negated(words, at) else 1.0
            score += weight
            matched.append(" ".join(words[at : at + length]))
        at += length
    return Lean(_stance(score), score, tuple(dict.fromkeys(matched)))


def lean_for(text: str, company: str) -> Lean:
    """Read the clause that names `company`; the whole text when that clause says nothing."""
    parts = [part for part in CLAUSE.split(text) if part and part.strip()]
    if len(parts) > 1:
        for part in parts:
            if company in part:
                found = lean(part)
                if found.matched:
                    return found
    return lean(text)


def _stance(score: float) -> Stance:
    if abs(score) < THRESHOLD:
        return Stance.NEUTRAL
    return Stance.POSITIVE if score > 0 else Stance.NEGATIVE


def _phrase(words: list[str], at: int) -> tuple[int, float]:
    for phrase, weight in PHRASES_BY_FIRST.get(words[at], ()):
        if tuple(words[at : at + len(phrase)]) == phrase:
            return len(phrase), weight
    return 0, 0.0


def _word(words: list[str], at: int) -> float:
    word = words[at]
    if word in MOVES:
        after = words[at + 1] if at + 1 < len(words) else ""
        measured = any(w[0].isdigit() for w in words[at + 1 : at + 3])
        if word == "up" and after and not measured and after not in AFTER_UP:
            return 0.0  # "to set something up", "steps up", "gear up for"
        weight = MOVES[word] * (MEASURED if measured else 1.0)
        near = words[max(0, at - SUBJECT_REACH) : at] + words[at + 1 : at + 3]
        return -weight if any(other in BAD_TO_HAVE for other in near) else weight
    if word in BAD_TO_HAVE and _moved(words, at):
        return 0.0  # the move that follows or precedes already says it
    return LEANS.get(word, 0.0)


def _moved(words: list[str], at: int) -> bool:
    around = words[max(0, at - 2) : at] + words[at + 1 : at + 1 + SUBJECT_REACH]
    return any(other in MOVES for other in around)


def _negated(words: list[str], at: int) -> bool:
    return any(word in NEGATIONS for word in words[max(0, at - NEGATION_REACH) : at])
