"""The desk's words after a turn: what was noted and assumed, what disagrees, what is asked next."""

from __future__ import annotations

from typing import Final

from core.domain.words import counted
from core.mandates.conflicts import disagreements
from core.mandates.drafted import assumptions
from core.mandates.fields import BY_KEY
from core.mandates.found import Reading
from core.mandates.intake_words import Draft, aim_of, in_words, next_question
from core.mandates.questions import Question

QUIET: Final = frozenset({"buffer", "preferred", "shorts", "ticket_min", "gross_exposure_max",
                          "vol_target", "target_atr", "instalment_months"})  # fmt: skip
READY: Final = "That is everything. Read it through: shall I save it? Yes, or name what to change."

STANDS: Final = (
    "All else stands as it was: shall I save it so? Yes, or name what to change and to what."
)
SHOWN_MAX: Final = 60  # characters of what was typed that are said back


def said_back(
    draft: Draft, asked: Question | None, reading: Reading, told: str, *, text: str
) -> tuple[Draft, str]:
    """The words after an answer: what was noted, what disagrees, what is asked back or next."""
    parts = [noted(draft, reading), told, *reading.unclear]
    if reading.left:
        left = " and ".join(f"“{words}”" for words in reading.left)
        parts.append(f"I did not place {left}; say what it is for.")
    open_end = bool(reading.unclear or reading.left)
    if not reading.found and not open_end:
        shown = text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}…"
        parts.append(f"“{shown}” names no value I know, so nothing was changed.")
    said = " ".join(part for part in parts if part)
    if not reading.found and not reading.unclear and asked is not None:
        return draft, f"{said} {asked.again}"
    following = next_question(draft)
    ready = STANDS if open_end or not reading.found else READY
    same = asked is not None and following is not None and following.key == asked.key
    if asked is not None and same and not reading.unclear:
        return and_next(draft, f"{said} {asked.again}", repeat=False)
    return and_next(draft, said, repeat=not reading.unclear, ready=ready)


def noted(draft: Draft, reading: Reading) -> str:
    """What a turn put into the draft, and what waits for the money to be named."""
    given = draft["answers"]
    values = [
        f"{BY_KEY[key].label}: {in_words(draft, key, given[key])}"
        for key in reading.found
        if key in given
    ]
    waits = [BY_KEY[key].label for key in reading.found if key in draft["of_capital"]
             and key not in given]  # fmt: skip
    words = f"Noted: {'; '.join(values)}." if values else ""
    if waits:
        words += f" {' and '.join(waits)} waits until the money is named."
    return words.strip()


def and_next(
    draft: Draft, said: str, *, repeat: bool = True, ready: str = READY
) -> tuple[Draft, str]:
    """What was said, what disagrees, and the next question; or that all is said.

    A disagreement is told in full when it arises and at the end, in between only counted.
    """
    wrong, following = disagreements(draft), next_question(draft)
    fresh = [one for one in wrong if following is None or one not in draft["told"]]
    parts = [said.strip(), *(f"That disagrees: {sentence}" for sentence in fresh)]
    if len(wrong) > len(fresh):
        still = counted(len(wrong) - len(fresh), "earlier disagreement")
        parts.append(f"{still} still to be settled.")
    if following is not None:
        parts.append(following.ask if repeat else "")
    else:
        parts.append("Change one of each." if wrong else ready)
    return {**draft, "told": wrong}, " ".join(part for part in parts if part)


def ask_of(asked: Question | None) -> str:
    return asked.ask if asked else READY


def closed(
    after: Draft, before: Draft, asked: Question | None, reading: Reading
) -> tuple[Draft, str]:
    """Close the question that was answered, and say what is assumed beside the answer."""
    if asked is None or (reading.unclear and not _answers(asked, after, before)):
        return after, ""
    if not _answers(asked, after, before):
        return after, ""
    after = {**after, "asked": ""}
    if not asked.only_you and asked.key not in after["closed"]:
        after["closed"] = [*after["closed"], asked.key]
    return after, assumed_words(after, asked)


def _answers(asked: Question, after: Draft, before: Draft) -> bool:
    """Whether this turn answered the open question."""
    new = [k for k in asked.fields if after["answers"].get(k) != before["answers"].get(k)
           or after["sources"].get(k) != before["sources"].get(k)]  # fmt: skip
    needed = [key for key in asked.needs if after["answers"].get(key) not in (None, 0)]
    if asked.key == "sectors":
        return bool(new) and after["wanted"] != "banned"
    return bool(new) and bool(needed or (asked.key == "companies"))


def assumed_words(draft: Draft, asked: Question) -> str:
    """What is assumed of a question just closed, in one sentence."""
    quiet = QUIET | ({"tranches"} if draft["parts"] or draft["named"] else set())
    lines = [one for one in assumptions(draft) if one.key in asked.fields and one.key not in quiet]
    usual_ones = [one for one in lines if one.is_usual]
    rest = [one for one in lines if not one.is_usual]
    said = ""
    if usual_ones:
        said = f"Assumed, usual for {aim_of(draft)}: {'; '.join(map(str, usual_ones))}. "
    if rest:
        said += "Assumed: " + "; ".join(f"{one} ({one.why})" for one in rest) + "."
    return said.strip()
