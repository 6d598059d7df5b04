"""The intake talk beside the mandate it is making: where each rule came from, and what is open."""

from __future__ import annotations

from dataclasses import dataclass

from core.desk.desk import Desk
from core.desk.talk import Turn, outcome_of, talk_of
from core.domain.words import ist_time
from core.errors import BadInput
from core.mandates import intake
from core.store import accounts, mandates
from core.views.shown import Cells, Tag, TagTone, Text

OPEN = "not asked yet"
SOURCE_MAX = 42


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule of the draft; `mark` shows what was said, `red` what disagrees."""

    rule: str
    value: Text
    source: Tag
    mark: str = ""


@dataclass(frozen=True, slots=True)
class BeforeRow:
    """One thing that must hold before signing."""

    words: Cells
    holds: bool


@dataclass(frozen=True, slots=True)
class IntakeView:
    """Chat at the left, draft at the right; `can_sign` once nothing is open."""

    account_id: str
    account: str
    note: str
    turns: tuple[Turn, ...]
    rules: tuple[RuleRow, ...]
    title: str
    before: tuple[BeforeRow, ...]
    before_note: str
    summary: str
    button: str
    can_sign: bool
    started: bool


def intake_view(desk: Desk, account_id: str) -> IntakeView:
    """The talk of one account; raises NotFound for an unknown one."""
    talk = talk_of(desk, account_id)
    with desk.store.read() as tx:
        account = accounts.by_id(tx, account_id)
        version = mandates.current(tx, account_id).version
    rows = intake.rows(talk.draft)
    answered = sum(row.source != OPEN for row in rows)
    wrong = intake.disagreements(talk.draft) if answered else []
    saved = f"draft saved {ist_time(talk.saved_at)} · " if talk.saved_at else ""
    summary = ""
    if answered == len(rows) and not wrong:
        try:
            summary = outcome_of(desk, talk).summary
        except BadInput as no:
            wrong = [str(no)]
    before = _before(len(rows) - answered, wrong)
    left = sum(not row.holds for row in before)
    return IntakeView(
        account_id=account_id,
        account=account.name,
        note=f"{saved}{answered} of {len(rows)} answered",
        turns=talk.turns,
        rules=tuple(_row(row) for row in rows),
        title=f"Mandate version {version + 1}, draft",
        before=before,
        before_note=f"{left} left" if left else "ready",
        summary=summary,
        button=f"Yes, sign version {version + 1}",
        can_sign=bool(summary),
        started=talk.saved_at is not None,
    )


def _row(row: intake.Row) -> RuleRow:
    tone: TagTone = "ok" if row.source == "you said" else "warn"
    if row.source == OPEN:
        return RuleRow(row.label, Text(row.value, "mute"), Tag(row.source, "line"))
    source = row.source if len(row.source) <= SOURCE_MAX else f"{row.source[:SOURCE_MAX]}…”"
    return RuleRow(row.label, Text(row.value, bold=True), Tag(source, tone), mark="on")


def _before(open_ones: int, wrong: list[str]) -> tuple[BeforeRow, ...]:
    no, waits, yes = Text("✕", "loss", bold=True), Text("○", "mute"), Text("✓", "gain")
    rows = [BeforeRow((no, sentence), False) for sentence in wrong]
    if open_ones:
        rows.append(BeforeRow((waits, f"{open_ones} rules are not answered yet"), False))
    else:
        rows.append(BeforeRow((yes, "Every rule is answered"), True))
    if not wrong:
        rows.append(BeforeRow((yes, "No two answers disagree"), True))
    return tuple(rows)
