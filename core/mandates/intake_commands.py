"""What a command does to the draft: yes, no, suggest, skip, go back, begin anew, why."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from core.mandates.commands import LEAVE, Command
from core.mandates.conflicts import disagreements
from core.mandates.fields import BY_KEY
from core.mandates.found import Reading
from core.mandates.intake_said import READY, and_next, ask_of, assumed_words, closed
from core.mandates.intake_words import Draft, in_words, next_question, questions_of, start
from core.mandates.merge import work_out
from core.mandates.questions import QUESTIONS, Question
from core.mandates.suggestions import suggestion

NOTHING_TAKEN_OVER = (
    "This talk takes nothing over from an earlier one or from the mandate that stands; single "
    "rules of that one are changed on its account's page."
)


def commanded(
    draft: Draft, command: Command | None, asked: Question | None, text: str
) -> tuple[Draft, str] | None:
    """What a command does; None when the text is an answer."""
    offered = draft["offered"]
    if command is Command.YES and offered:
        return _accepted(draft, text)
    if command is Command.NO and offered:
        return {**draft, "offered": {}}, f"Then not. {ask_of(asked)}"
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
        return draft, f"{asked.why} {ask_of(asked)} For example: {asked.example}."
    if command is Command.RESTART:
        sentence = f"Forget all {len(draft['answers'])} answers and begin anew?"
        return {**draft, "offered": {"start again": True}}, sentence
    if command is Command.SUGGEST and asked is not None and not re.search(r"\d", text):
        return offer(draft, asked)
    if command is Command.SAME:
        return draft, f"{NOTHING_TAKEN_OVER} {asked.again if asked else READY}"
    if command is Command.NO and asked is not None and LEAVE.match(text):
        return draft, f"Nothing is saved, and the draft is kept as it is. {asked.ask}"
    if command is Command.NO and asked is None:
        return draft, "Nothing is saved. Name what to change, or leave it; the draft is kept."
    answers = {Command.YES: ("cash",), Command.NO: ("sectors", "cash")}.get(command or Command.WHY)
    if answers is not None and asked is not None and asked.key not in answers:
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
    worked = Reading()
    if after["of_capital"]:
        work_out(after, worked)
    after, told = closed(after, draft, asked, Reading())
    told = " ".join([told, *worked.unclear]).strip()
    taken = "; ".join(f"{BY_KEY[k].label}: {in_words(after, k, v)}"
                      for k, v in offered.items())  # fmt: skip
    return and_next(after, f"Noted: {taken}. {told}")


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
    after = {**draft, "asked": before.key, "offered": {}, "number": ""}
    return after, f"{stands}{before.ask}"


def _skipped(draft: Draft, asked: Question | None) -> tuple[Draft, str]:
    if asked is None:
        return draft, READY
    if draft["asked"]:
        return and_next({**draft, "asked": "", "offered": {}}, "It stays as it is.")
    if asked.only_you:
        return draft, f"Only you can say that. {asked.ask} For example: {asked.example}."
    after = {**draft, "closed": [*draft["closed"], asked.key], "offered": {}}
    return and_next(after, f"Skipped. {assumed_words(after, asked)}")


def offer(draft: Draft, asked: Question | None) -> tuple[Draft, str]:
    """Suggest an answer to a question, with why; it is taken after a yes."""
    if asked is None:
        return draft, READY
    made = suggestion(draft, asked)
    return {**draft, "offered": made.values, "offer_said": False}, made.words


def confirm(draft: Draft, offers: Mapping[str, Any], told: str, words: str) -> tuple[Draft, str]:
    """Ask whether what was read is meant; only a yes takes it."""
    named = "; ".join(f"{BY_KEY[k].label.lower()} {in_words(draft, k, v)}"
                      for k, v in offers.items() if k != "counts_cash")  # fmt: skip
    after = {**draft, "offered": dict(offers), "offer_said": True}
    return after, f"{told} {words or f'Do you mean {named}?'}".strip()
