"""The talk that ends in a mandate: one question after another, in any words, nothing invented.

The draft is a plain dict that JSON can hold, so that it survives a closed tab. `reply` is one
turn: a new draft and what to say. Each value in it carries the words it was said in, or that a
suggestion was taken; what nobody said is assumed in the open, and never stored as an answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from core.domain.instrument import Instrument
from core.domain.money import Money
from core.domain.words import counted
from core.mandates.commands import Command, command_of, is_hostile
from core.mandates.conflicts import conflicts, disagreements
from core.mandates.drafted import Outcome, assumptions, finish, why
from core.mandates.fields import BY_KEY, FIELDS
from core.mandates.found import Asked, Reading
from core.mandates.from_answers import settled
from core.mandates.intake_words import (
    FORM,
    Draft,
    aim_of,
    applies,
    assumed,
    in_words,
    is_closed,
    open_questions,
    questions_of,
)
from core.mandates.merge import merged
from core.mandates.questions import BY_KEY as QUESTION
from core.mandates.questions import OF_FIELD, QUESTIONS, Question
from core.mandates.reading import read
from core.mandates.suggestions import suggestion

__all__ = [
    "QUESTIONS", "Outcome", "Row", "conflicts", "disagreements", "finish", "is_agreed",
    "next_question", "open_questions", "questions_of", "read_turn", "reply", "rows", "seen",
    "start",
]  # fmt: skip
Mark = Literal["said", "suggested", "assumed", "open"]
TEXT_MAX: Final = 1_000
QUIET: Final = frozenset({"buffer", "preferred", "shorts", "ticket_min", "gross_exposure_max",
                          "vol_target", "target_atr", "instalment_months"})  # fmt: skip
READY: Final = "That is everything. Read it through: shall I save it? Yes, or name what to change."


@dataclass(frozen=True, slots=True)
class Row:
    """One rule as the page shows it; `source` is where it came from, in words."""

    key: str
    label: str
    value: str
    mark: Mark
    source: str


def start(account_id: str, account_name: str) -> Draft:
    """An empty draft."""
    return {
        "form": FORM,
        "today": "",
        "cash": None,
        "account_id": account_id,
        "account_name": account_name,
        "answers": {},
        "sources": {},
        "of_capital": {},
        "closed": [],
        "offered": {},
        "asked": "",
        "last": [],
        "parts": 0,
        "named": [],
        "number": "",
        "wanted": "",
        "agreed": False,
        "told": [],
        "log": [],
    }


def seen(draft: Draft, *, today: date, cash: Money) -> Draft:
    """The draft with what the desk knows beside it: its day, and the cash free in the account."""
    return {**draft, "today": today.isoformat(), "cash": cash.paise}


def next_question(draft: Draft) -> Question | None:
    """The question gone back to, else the first without an answer; None when all have one."""
    if draft["asked"]:
        again = (one for one in questions_of(draft) if one.key == draft["asked"])
        return next(again, QUESTION[draft["asked"]])
    return next(iter(open_questions(draft)), None)


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
        return draft, f"Nothing was written. {_ask(asked)}"
    if len(words) > TEXT_MAX:
        return draft, f"That is {len(words)} characters; say it in {TEXT_MAX} or fewer."
    if is_hostile(words):
        return draft, f"That reads like orders to a program, so nothing was changed. {_ask(asked)}"
    command = command_of(words)
    done = _commanded({**draft, "agreed": False}, command, asked, words)
    if done is not None:
        return done
    reading = read_turn(draft, words, universe=universe)
    after = merged({**draft, "agreed": False, "offered": {}}, reading, words)
    after, told = _closed(after, draft, asked, reading)
    if command is Command.SUGGEST and (asked is None or not is_closed(asked, after)):
        offered, sentence = _offer(after, next_question(after))
        return offered, f"{told} {sentence}".strip()
    offered = {**(offers or {}), **reading.offers}
    if offered:
        told = " ".join(part for part in (_noted(after, reading), told, *reading.unclear) if part)
        return _confirm(after, offered, told, reading.offer_words)
    return _said(after, asked, reading, told)


def rows(draft: Draft) -> tuple[Row, ...]:
    """Every rule with its value and where it came from; assumed once its question is closed."""
    given, stands = draft["answers"], settled(draft)
    made = []
    for field in FIELDS:
        key = field.key
        if not applies(key, draft):
            continue
        if key in given:
            told = draft["sources"][key]
            how: Mark = "said" if told["how"] == "said" else "suggested"
            made.append(Row(key, field.label, in_words(draft, key, given[key]), how, told["words"]))
            continue
        closed = is_closed(OF_FIELD[key], draft)
        value = assumed(key, draft, stands) if closed else None
        if value is None:
            if key in OF_FIELD[key].needs:
                made.append(Row(key, field.label, "–", "open", "not asked yet"))
            continue
        shown = in_words(draft, key, value)
        made.append(Row(key, field.label, shown, "assumed", why(key, value, draft)))
    return tuple(made)


def _completed(draft: Draft, text: str) -> str:
    """The unit that was asked for, behind its number: "5", then "lakh"."""
    unit = re.fullmatch(
        r"\W*(?:in |it'?s |as )?(rupees|rs|thousands?|lakhs?|lacs?|crores?|cr|k|l|hazaa?r|years?"
        r"|months?|saal|mahine)\W*(?:now|a month|per month|each month)?\W*",
        text.strip().lower(),
    )
    return f"{draft['number']} {text.strip()}" if draft["number"] and unit else text


def _commanded(
    draft: Draft, command: Command | None, asked: Question | None, text: str
) -> tuple[Draft, str] | None:
    """What a command does; None when the text is an answer."""
    offered = draft["offered"]
    if command is Command.YES and offered:
        return _accepted(draft, text)
    if command is Command.NO and offered:
        return {**draft, "offered": {}}, f"Then not. {_ask(asked)}"
    if command is Command.YES and asked is None:
        wrong = disagreements(draft)
        if wrong:
            return draft, f"Not yet: {' '.join(wrong)} Name what to change."
        return {**draft, "agreed": True}, "Saved as you said it."
    if command is Command.BACK:
        return _gone_back(draft, asked)
    if command is Command.SKIP:
        return _skipped(draft, asked)
    if command is Command.WHY and asked:
        return draft, f"{asked.why} {_ask(asked)} For example: {asked.example}."
    if command is Command.RESTART:
        sentence = f"Forget all {len(draft['answers'])} answers and begin anew?"
        return {**draft, "offered": {"start again": True}}, sentence
    if command is Command.SUGGEST and asked is not None and not re.search(r"\d", text):
        return _offer(draft, asked)
    if command is Command.NO and asked is None:
        return draft, "Nothing is saved. Name what to change, or leave it; the draft is kept."
    if (
        command in (Command.YES, Command.NO)
        and asked is not None
        and asked.key not in ("sectors", "cash")
    ):
        return draft, f"Yes or no to what? {asked.again}"
    return None


def _accepted(draft: Draft, text: str) -> tuple[Draft, str]:
    """Take what was offered; the log says that it was suggested."""
    offered = draft["offered"]
    if "start again" in offered:
        anew = start(draft["account_id"], draft["account_name"])
        return anew, f"Begun anew. {QUESTIONS[0].ask}"
    asked = next_question(draft)
    how = "said" if draft.get("offer_said") else "suggested"
    left = {key: value for key, value in draft["of_capital"].items() if key not in offered}
    after = {**draft, "offered": {}, "answers": dict(draft["answers"]), "of_capital": left,
             "sources": dict(draft["sources"]), "log": [*draft["log"]]}  # fmt: skip
    for key, value in offered.items():
        after["answers"][key] = value
        source = {"how": how, "words": "you said yes", "text": text.strip()}
        after["sources"][key] = source
    for key, value in offered.items():
        words = in_words(after, key, value)
        after["log"].append(f"{BY_KEY[key].label}: {words}, suggested and accepted.")
    after["last"] = [*offered]
    after, told = _closed(after, draft, asked, Reading())
    noted = "; ".join(f"{BY_KEY[k].label}: {in_words(after, k, v)}"
                      for k, v in offered.items())  # fmt: skip
    return _next(after, f"Noted: {noted}. {told}")


def _gone_back(draft: Draft, asked: Question | None) -> tuple[Draft, str]:
    """Ask the question before the open one again; what it holds stays until it is answered."""
    all_of = questions_of(draft)
    keys = [question.key for question in all_of]
    at = keys.index(asked.key) if asked else len(keys)
    if at == 0:
        return draft, f"This is the first question. {QUESTIONS[0].ask}"
    before = all_of[at - 1]
    held = [
        f"{BY_KEY[key].label}: {in_words(draft, key, draft['answers'][key])}"
        for key in before.fields
        if key in draft["answers"]
    ]
    stands = f"It stands at {'; '.join(held)}. " if held else ""
    return {**draft, "asked": before.key, "offered": {}}, f"{stands}{before.ask}"


def _skipped(draft: Draft, asked: Question | None) -> tuple[Draft, str]:
    if asked is None:
        return draft, READY
    if draft["asked"]:
        return _next({**draft, "asked": "", "offered": {}}, "It stays as it is.")
    if asked.only_you:
        return draft, f"Only you can say that. {asked.ask} For example: {asked.example}."
    after = {**draft, "closed": [*draft["closed"], asked.key], "offered": {}}
    return _next(after, f"Skipped. {_assumed_words(after, asked)}")


def _offer(draft: Draft, asked: Question | None) -> tuple[Draft, str]:
    """Suggest an answer to a question, with why; it is taken after a yes."""
    if asked is None:
        return draft, READY
    made = suggestion(draft, asked)
    return {**draft, "offered": made.values, "offer_said": False}, made.words


def _confirm(draft: Draft, offers: Mapping[str, Any], told: str, words: str) -> tuple[Draft, str]:
    """Ask whether what was read is meant; only a yes takes it."""
    named = "; ".join(f"{BY_KEY[k].label.lower()} {in_words(draft, k, v)}"
                      for k, v in offers.items() if k != "counts_cash")  # fmt: skip
    after = {**draft, "offered": dict(offers), "offer_said": True}
    return after, f"{told} {words or f'Do you mean {named}?'}".strip()


def _closed(
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
    return after, _assumed_words(after, asked)


def _answers(asked: Question, after: Draft, before: Draft) -> bool:
    """Whether this turn answered the open question."""
    new = [k for k in asked.fields if after["answers"].get(k) != before["answers"].get(k)
           or after["sources"].get(k) != before["sources"].get(k)]  # fmt: skip
    needed = [key for key in asked.needs if after["answers"].get(key) not in (None, 0)]
    if asked.key == "sectors":
        return bool(new) and after["wanted"] != "banned"
    return bool(new) and bool(needed or (asked.key == "companies"))


def _assumed_words(draft: Draft, asked: Question) -> str:
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


def _said(draft: Draft, asked: Question | None, reading: Reading, told: str) -> tuple[Draft, str]:
    """The words after an answer: what was noted, what disagrees, what is asked back or next."""
    parts = [_noted(draft, reading), told, *reading.unclear]
    if reading.left:
        left = " and ".join(f"“{words}”" for words in reading.left)
        parts.append(f"I did not place {left}; say what it is for.")
    said = " ".join(part for part in parts if part)
    if not reading.found and not reading.unclear and asked is not None:
        return draft, f"{said} {asked.again}".strip()
    following = next_question(draft)
    same = asked is not None and following is not None and following.key == asked.key
    if asked is not None and same and not reading.unclear:
        return _next(draft, f"{said} {asked.again}", repeat=False)
    return _next(draft, said, repeat=not reading.unclear)


def _noted(draft: Draft, reading: Reading) -> str:
    """What a turn put into the draft, and what waits for the money to be named."""
    given = draft["answers"]
    noted = [
        f"{BY_KEY[key].label}: {in_words(draft, key, given[key])}"
        for key in reading.found
        if key in given
    ]
    waits = [BY_KEY[key].label for key in reading.found if key in draft["of_capital"]
             and key not in given]  # fmt: skip
    words = f"Noted: {'; '.join(noted)}." if noted else ""
    if waits:
        words += f" {' and '.join(waits)} waits until the money is named."
    return words.strip()


def _next(draft: Draft, said: str, *, repeat: bool = True) -> tuple[Draft, str]:
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
        parts.append("Change one of each." if wrong else READY)
    return {**draft, "told": wrong}, " ".join(part for part in parts if part)


def _ask(asked: Question | None) -> str:
    return asked.ask if asked else READY
