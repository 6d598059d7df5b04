"""The talk that ends in a mandate: one question after another, in any words, nothing invented.

The draft is a plain dict that JSON can hold, so that it survives a closed tab. `reply` is one
turn: a new draft and what to say. A suggestion enters the draft only after a yes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.instrument import Instrument
from core.domain.mandate import Objective
from core.mandates.drafted import Outcome, disagreements, finish
from core.mandates.intake_words import (
    SUGGESTED,
    Draft,
    applies,
    capital_of,
    open_questions,
    suggested,
    worded,
)
from core.mandates.questions import BY_KEY, QUESTIONS, Answer, Context, Question, Unclear, parse

__all__ = ["Outcome", "Row", "disagreements", "finish", "next_question", "reply", "rows", "start"]

SUGGEST = re.compile(
    r"suggest|recommend|don'?t know|not sure|you (?:choose|decide)"
    r"|what (?:is|would) (?:usual|normal|you)|default|no idea"
)
YES = re.compile(
    r"^\W*(?:yes|yep|yeah|ok(?:ay)?|sure|fine|agreed?|take (?:it|that)|go ahead|do it"
    r"|sounds good)\b"
)
NO = re.compile(r"^\W*(?:no|nope|not that|too (?:much|high|low|little))\W*$")
CORRECTS = re.compile(
    r"\b(?:change|actually|instead|correct(?:ion)?|make (?:that|it|the)|set|rather|i meant|sorry)\b"
)
VOLUNTEERED = ("horizon_months", "funding", "risk_per_trade_max", "position_weight_max")
# An amount in the answer to one of these is that answer, not money to invest.
MONEY_ASKED = frozenset(
    {
        "funding",
        "risk_per_trade_max",
        "daily_loss_max",
        "drawdown_max",
        "position_weight_max",
        "sector_weight_max",
        "cash_floor",
        "positions_max",
        "day_of_month",
    }
)


@dataclass(frozen=True, slots=True)
class Row:
    """One rule as the page shows it; `source` is where it came from."""

    key: str
    label: str
    value: str
    source: str


def start(account_id: str, account_name: str) -> Draft:
    """An empty draft."""
    return {
        "account_id": account_id,
        "account_name": account_name,
        "answers": {},
        "sources": {},
        "offered": {},
        "log": [],
    }


def next_question(draft: Draft) -> Question | None:
    """The first question without an answer; None when all have one."""
    return next(iter(open_questions(draft)), None)


def reply(draft: Draft, text: str, *, universe: Sequence[Instrument] = ()) -> tuple[Draft, str]:
    """One turn of the talk: the draft after `text`, and the desk's words."""
    context = Context(universe=tuple(universe), capital=capital_of(draft))
    asked = _meant(draft, text)
    if asked is None:
        return draft, "Every question is answered. Name what to change, or sign."
    offered = draft["offered"]
    if asked.key in offered and YES.match(text.lower()):
        return _said(_taken(draft, asked, Answer(offered[asked.key]), "suggested", text))
    if asked.key in offered and NO.match(text.lower()):
        return draft, f"Then what would you like? {asked.ask} For example: {asked.example}."
    if SUGGEST.search(text.lower()):
        return _offer(draft, asked)
    read = parse(asked, text, context)
    if isinstance(read, Unclear):
        return _overheard(draft, text, context, asked), read.sentence
    draft = _overheard(draft, text, context, asked)
    return _said(_taken(draft, asked, read, "you said", text))


def rows(draft: Draft) -> tuple[Row, ...]:
    """Every rule with its value and where it came from."""
    capital, answers = capital_of(draft), draft["answers"]
    return tuple(
        Row(
            key=q.key,
            label=q.label,
            value=worded(q.key, answers[q.key], capital) if q.key in answers else "–",
            source=draft["sources"].get(q.key, "not asked yet"),
        )
        for q in QUESTIONS
        if applies(q, draft)
    )


def _meant(draft: Draft, text: str) -> Question | None:
    """The question a text answers: a named one in a correction, else the open one."""
    low = text.lower()
    open_one = next_question(draft)
    if CORRECTS.search(low) or open_one is None:
        for question in QUESTIONS:
            if question.key in draft["answers"] and re.search(question.topic, low):
                return question
    return open_one


def _offer(draft: Draft, question: Question) -> tuple[Draft, str]:
    """Suggest the usual value for the aim; it is taken after a yes."""
    if question.key not in SUGGESTED:
        return draft, f"Only you can say that. {question.ask} For example: {question.example}."
    aim = Objective(draft["answers"].get("objective", Objective.BALANCED))
    value = suggested(question.key, aim)
    words = worded(question.key, value, capital_of(draft))
    sentence = f"For an account that is {aim} I would take {words}. Shall I?"
    return {**draft, "offered": {**draft["offered"], question.key: value}}, sentence


def _taken(draft: Draft, question: Question, answer: Answer, source: str, text: str) -> Draft:
    """The draft with one answer more, and a line in the log."""
    words = worded(question.key, answer.value, capital_of(draft))
    line = f"{question.label}: {words}, from “{text.strip()}”"
    line += f" ({answer.note})." if answer.note else "."
    told = f"from “{text.strip()}”" if answer.note else source
    return {
        **draft,
        "answers": {**draft["answers"], question.key: answer.value},
        "sources": {**draft["sources"], question.key: told},
        "offered": {k: v for k, v in draft["offered"].items() if k != question.key},
        "log": [*draft["log"], line],
    }


def _overheard(draft: Draft, text: str, context: Context, asked: Question) -> Draft:
    """What an answer says besides: the span, the money, "1.5% a trade", "10% in a stock"."""
    for key in VOLUNTEERED:
        question = BY_KEY[key]
        if key == asked.key or key in draft["answers"] or asked.key == "cash_floor":
            continue
        if key == "funding" and asked.key in MONEY_ASKED:
            continue
        for part in re.split(r"[.;]\s|,\s| and ", text):
            fits = key in ("horizon_months", "funding") or re.search(question.topic, part.lower())
            read = parse(question, part, context) if fits else None
            if isinstance(read, Answer):
                draft = _taken(draft, question, read, "you said", part)
                break
    return draft


def _said(draft: Draft) -> tuple[Draft, str]:
    """The words after an answer: what was noted, what disagrees, and the next question."""
    words = [f"Noted: {draft['log'][-1].split(', from “')[0]}."]
    words += [f"That disagrees: {sentence}" for sentence in disagreements(draft)]
    following = next_question(draft)
    words.append(following.ask if following else "That is everything. Read it through and sign.")
    return draft, " ".join(words)
