"""The intake talk beside the mandate it is making: what was said, assumed, open or disagrees."""

from __future__ import annotations

from dataclasses import dataclass

from core.desk.desk import Desk
from core.desk.talk import Talk, Turn, begun, outcome_of, standing_rules, talk_of
from core.domain.mandate import Mandate
from core.domain.words import counted
from core.errors import BadInput
from core.mandates import intake
from core.mandates.compare import changes
from core.mandates.drafted import assumptions
from core.mandates.intake_words import Draft
from core.mandates.questions import OF_FIELD, Question
from core.store import accounts, instruments
from core.views.intake_past import PastView, past_view
from core.views.mandate_form import LABELS, worded
from core.views.shown import Cells, RowMark, Tag, TagTone, Text, when

SOURCE_MAX = 40
TAGS: dict[str, tuple[str, TagTone]] = {
    "said": ("you said", "ok"),
    "suggested": ("suggested", "buy"),
    "assumed": ("assumed", "warn"),
    "open": ("open", "line"),
}
TITLES = {
    "goal": "Aim", "horizon": "Horizon", "money": "Money", "cash": "Cash in the account",
    "pain": "Losses", "positions": "Positions", "sectors": "Sectors",
    "companies": "Companies", "trading": "Trading",
}  # fmt: skip
SKIPPABLE = frozenset({"horizon", "parts", "pain", "positions", "sectors", "companies", "trading"})


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule of the draft; `mark` shows what was said, `red` what disagrees."""

    rule: str
    value: Text
    source: Cells
    mark: RowMark = ""


@dataclass(frozen=True, slots=True)
class BeforeRow:
    """One thing that must hold before signing."""

    words: Cells
    holds: bool


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One rule that the draft would change, against the version that stands."""

    rule: str
    before: str
    after: Text


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer that a button gives: its words on the button, and what it says in the talk."""

    label: str
    says: str
    primary: bool = False


@dataclass(frozen=True, slots=True)
class IntakeView:
    """Chat at the left, draft at the right; `can_sign` once nothing is open.

    `disagree` are sentences with both numbers, `changed` the difference from `version`.
    """

    account_id: str
    account: str
    is_new: bool
    note: str
    turns: tuple[Turn, ...]
    reader: str
    replies: tuple[Reply, ...]
    rules: tuple[RuleRow, ...]
    title: str
    legend: str
    disagree: tuple[str, ...]
    before: tuple[BeforeRow, ...]
    before_note: str
    summary: str
    past: PastView | None
    changed: tuple[ChangeRow, ...]
    changed_title: str
    changed_note: str
    log: tuple[str, ...]
    button: str
    version: int
    can_sign: bool
    started: bool


def talks(desk: Desk) -> tuple[tuple[str, str], ...]:
    """Open accounts, then accounts that a talk is about to open, as (id, name)."""
    with desk.store.read() as tx:
        found = [(a.id, a.name) for a in accounts.accounts(tx) if a.closed_at is None]
    return (*found, *((key, f"{name} (new)") for key, name in begun(desk)))


def intake_view(desk: Desk, account_id: str) -> IntakeView:
    """The talk of one account; raises NotFound for an unknown one."""
    talk = talk_of(desk, account_id)
    stands = standing_rules(desk, talk)
    version = stands.version if stands else 0
    rows = intake.rows(talk.draft)
    open_ones = len(intake.open_questions(talk.draft))
    said = bool(talk.draft["answers"])
    odd = intake.conflicts(talk.draft) if said else []
    wrong, red = [str(one) for one in odd], {key for one in odd for key in one.keys}
    made = None
    if not open_ones and not wrong:
        try:
            made = outcome_of(desk, talk)
        except BadInput as no:
            wrong = [str(no)]
    before = _before(open_ones, wrong, said=said)
    left = sum(not row.holds for row in before)
    marks = [row.mark for row in rows]
    changed = _changed(desk, stands, made.mandate) if made and stands else ()
    return IntakeView(
        account_id=account_id,
        account=talk.draft["account_name"],
        is_new=talk.is_new,
        note=_note(desk, talk, open_ones),
        turns=talk.turns,
        reader=talk.note,
        replies=_replies(talk),
        rules=_rules(talk.draft, rows, red),
        title=f"Mandate version {version + 1}, draft",
        legend=f"{marks.count('said') + marks.count('suggested')} said · "
        f"{marks.count('assumed')} assumed · {counted(open_ones, 'question')} open",
        disagree=tuple(wrong),
        before=before,
        before_note=f"{left} left" if left else "ready",
        summary=made.summary if made else "",
        past=past_view(desk, talk),
        changed=changed,
        changed_title=f"Against version {version}",
        changed_note=counted(len(changed), "rule") + " differ" if made and stands else "",
        log=(*talk.draft["log"], *_assumed(talk)),
        button=f"Yes, open it as version {version + 1}" if talk.is_new else
        f"Yes, save version {version + 1}",
        version=version,
        can_sign=made is not None,
        started=talk.saved_at is not None,
    )  # fmt: skip


def _note(desk: Desk, talk: Talk, open_ones: int) -> str:
    asked = len(intake.questions_of(talk.draft))
    answered = f"{asked - open_ones} of {asked} questions answered"
    if talk.saved_at is None:
        return answered
    return f"draft saved {when(talk.saved_at, desk.clock.now())} · {answered}"


def _replies(talk: Talk) -> tuple[Reply, ...]:
    """What buttons can say now: yes or no to an offer, else suggest, skip, back and why."""
    draft = talk.draft
    if draft["offered"]:
        return (Reply("Yes", "yes", primary=True), Reply("No", "no"))
    asked = intake.next_question(draft)
    if asked is None:
        ready = () if intake.disagreements(draft) else (Reply("Yes, save it", "yes", primary=True),)
        return (*ready, Reply("Go back", "go back"))
    if asked.key == "cash":
        found = [Reply("It is part of it", "part of it"), Reply("It comes on top", "on top")]
    else:
        found = []
    found.append(Reply("Suggest", "suggest"))
    if asked.key == "parts":
        found.append(Reply("All at once", "all at once"))
    if asked.key == "sectors":
        found.append(Reply("Nothing excluded", "none"))
    if asked.key in SKIPPABLE:
        found.append(Reply("Skip", "skip"))
    if asked.key != "goal":
        found.append(Reply("Go back", "go back"))
    else:
        found = [Reply("Max profit", "max profit"), Reply("Balanced", "balanced"),
                 Reply("Risk minimized", "risk minimized"), *found]  # fmt: skip
    return (*found, Reply("Why?", "why"))


def _rules(draft: Draft, rows: tuple[intake.Row, ...], red: set[str]) -> tuple[RuleRow, ...]:
    """The rules in the order they are asked; a question without any answer is one quiet row."""
    asked, made = intake.next_question(draft), []
    for question in intake.questions_of(draft):
        own = [row for row in rows if row.key in question.fields and _is_of(row, question)]
        if own and all(row.mark == "open" for row in own):
            now = asked is not None and asked.key == question.key
            source: Cells = Tag("asked now", "buy") if now else Text("not asked yet", "mute")
            made.append(RuleRow(TITLES[question.key], Text("–", "mute"), source))
        else:
            made += [_row(row, red) for row in own]
    return tuple(made)


def _is_of(row: intake.Row, question: Question) -> bool:
    """Whether a rule stands under this question and not under a later one about the same."""
    return question.key == OF_FIELD[row.key].key


def _row(row: intake.Row, red: set[str]) -> RuleRow:
    word, tone = TAGS[row.mark]
    if row.mark == "open":
        return RuleRow(row.label, Text(row.value, "mute"), Tag(row.source, tone))
    words = row.source if len(row.source) <= SOURCE_MAX else f"{row.source[:SOURCE_MAX]}…"
    quoted = f"“{words}”" if row.mark == "said" else words
    source: Cells = (Tag(word, tone), Text(quoted, "mute"))
    said = row.mark != "assumed"
    mark: RowMark = "red" if row.key in red else "on" if said else ""
    return RuleRow(row.label, Text(row.value, bold=said), source, mark=mark)


def _before(open_ones: int, wrong: list[str], *, said: bool) -> tuple[BeforeRow, ...]:
    no, waits, yes = Text("✕", "loss", bold=True), Text("○", "mute"), Text("✓", "gain")
    rows = [BeforeRow((no, sentence), False) for sentence in wrong]
    if open_ones:
        words = f"{counted(open_ones, 'question')} still open"
        rows.append(BeforeRow((waits, words), False))
    else:
        rows.append(BeforeRow((yes, "Every question is answered or skipped"), True))
    if said and not wrong:
        rows.append(BeforeRow((yes, "No two answers disagree"), True))
    return tuple(rows)


def _changed(desk: Desk, stands: Mandate, made: Mandate) -> tuple[ChangeRow, ...]:
    with desk.store.read() as tx:
        names = {one.isin: one.symbol for one in instruments.all_instruments(tx)}
    labels = {name: (label, kind) for name, label, kind in LABELS}
    return tuple(
        ChangeRow(
            labels[one.name][0],
            worded(one.before, labels[one.name][1], names),
            Text(worded(one.after, labels[one.name][1], names), bold=True),
        )
        for one in changes(stands, made)
        if one.name in labels
    )


def _assumed(talk: Talk) -> list[str]:
    return [f"Assumed: {one} ({one.why})." for one in assumptions(talk.draft)]
