"""The talk that ends in a mandate: one question after another, in any words, nothing invented.

The draft is a plain dict that JSON can hold, so that it survives a closed tab. `reply` is one
turn: a new draft and what to say. Each value in it carries the words it was said in, or that a
suggestion was taken; what nobody said is assumed in the open, and never stored as an answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from core.domain.instrument import Instrument
from core.mandates.commands import Command, command_of, is_hostile
from core.mandates.conflicts import conflicts, disagreements
from core.mandates.drafted import Outcome, finish
from core.mandates.found import Asked, Reading
from core.mandates.intake_commands import commanded, confirm, offer
from core.mandates.intake_rows import Row, rows
from core.mandates.intake_said import ask_of, closed, noted, said_back
from core.mandates.intake_words import (
    Draft,
    is_closed,
    next_question,
    open_questions,
    questions_of,
    seen,
    start,
)
from core.mandates.merge import merged
from core.mandates.questions import QUESTIONS
from core.mandates.reading import read

__all__ = [
    "QUESTIONS", "Outcome", "Row", "conflicts", "disagreements", "finish", "is_agreed",
    "next_question", "open_questions", "questions_of", "read_turn", "reply", "rows", "seen",
    "start",
]  # fmt: skip
TEXT_MAX: Final = 1_000


def is_agreed(draft: Draft) -> bool:
    """Whether the person said yes to the whole of it as it stands."""
    return bool(draft["agreed"])


def read_turn(draft: Draft, text: str, *, universe: Sequence[Instrument] = ()) -> Reading:
    """What one text says to the draft as it stands; changes nothing."""
    asked = next_question(draft)
    return read(
        _completed(draft, text),
        Asked(
            question=asked.key if asked else "",
            answers=draft["answers"],
            last=tuple(draft["last"]),
            universe=universe,
            parts=draft["parts"],
            wanted=draft["wanted"],
            named=tuple(draft["named"]),
            today=date.fromisoformat(draft["today"]) if draft["today"] else None,
            cash=draft["cash"],
            held=draft["held"],
        ),
    )


def reply(
    draft: Draft,
    text: str,
    *,
    universe: Sequence[Instrument] = (),
    offers: Mapping[str, Any] | None = None,
) -> tuple[Draft, str]:
    """One turn of the talk: the draft after `text`, and the desk's words.

    Args:
        offers: values that a language model pointed at and the reader checked; a yes takes them.
    """
    asked = next_question(draft)
    words = text.strip()
    if not words:
        return draft, f"Nothing was written. {ask_of(asked)}"
    if len(words) > TEXT_MAX:
        return draft, f"That is {len(words)} characters; say it in {TEXT_MAX} or fewer."
    if is_hostile(words):
        told = "That reads like orders to a program, so nothing was changed."
        return {**draft, "offered": {}}, f"{told} {ask_of(asked)}"
    command = command_of(words)
    done = commanded({**draft, "agreed": False}, command, asked, words)
    if done is not None:
        return done
    reading = read_turn(draft, words, universe=universe)
    after = merged({**draft, "agreed": False, "offered": {}}, reading, words)
    after, told = closed(after, draft, asked, reading)
    if command is Command.SUGGEST and (asked is None or not is_closed(asked, after)):
        offered, sentence = offer(after, next_question(after))
        return offered, f"{told} {sentence}".strip()
    offered = {**(offers or {}), **reading.offers}
    if offered:
        told = " ".join(part for part in (noted(after, reading), told, *reading.unclear) if part)
        return confirm(after, offered, told, reading.offer_words)
    return said_back(after, asked, reading, told, text=words)


def _completed(draft: Draft, text: str) -> str:
    """The unit that was asked for, behind its number: "5", then "lakh"."""
    unit = re.fullmatch(
        r"\W*(?:in |it'?s |as )?(rupees|rs|thousands?|lakhs?|lacs?|crores?|cr|k|l|hazaa?r|years?"
        r"|months?|saal|mahine)\W*(?:now|a month|per month|each month)?\W*",
        text.strip().lower(),
    )
    return f"{draft['number']} {text.strip()}" if draft["number"] and unit else text
