"""Three clicks from a position to the headline: choose, follow, read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from core.desk.booked import held_qty
from core.desk.desk import Desk
from core.domain.audit import AuditEntry, link_hash
from core.domain.decision import Decision
from core.domain.plan import Plan
from core.domain.words import age, ist_stamp, ist_time, qty
from core.errors import NotFound, Tampered
from core.store import accounts, audit, cards, decisions, plans
from core.views.decided import stage_word
from core.views.shown import Cells, Tag, Text, entry_tag, when
from core.views.trace import Pairs, Step, decision_steps
from core.views.trace_trade import plan_steps

PLANS_MAX = 12
REFUSED_MAX = 8
LOOK_BACK = 40  # decisions; each is a long text to read


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to explain; `key` is `plan:ID`, `card:ID` or `decision:ID`."""

    key: str
    time: str
    tag: Tag
    symbol: str
    words: str
    account: str


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of the chain."""

    key: str
    time: str
    name: str
    words: str
    detail: str
    refused: bool


@dataclass(frozen=True, slots=True)
class RecordView:
    """One stored fact with the audit entries that sealed it."""

    title: str
    pairs: Pairs
    sealed: tuple[tuple[str, Cells], ...]
    quote: str


@dataclass(frozen=True, slots=True)
class AuditView:
    """The whole page; without anything to explain, `empty` says why."""

    head: tuple[tuple[str, str], ...]
    choices: tuple[Choice, ...]
    chosen: str
    steps: tuple[StepRow, ...]
    steps_note: str
    step: str
    record: RecordView | None
    empty: str


def audit_view(desk: Desk, *, chosen: str = "", step: str = "") -> AuditView:
    """The chain of the chosen thing (the newest without one) and the record of one step."""
    now = desk.clock.now()
    with desk.store.read() as tx:
        names = {one.id: one.name for one in accounts.accounts(tx)}
        lately = plans.recent(tx, PLANS_MAX)
        made = decisions.recent(tx, LOOK_BACK)
        held = {one.id: abs(held_qty(tx, one.id)) for one in lately}
        choices = _choices(lately, held, made, names, now)
        keys = [choice.key for choice in choices]
        if not chosen or not (chosen in keys or _exists(tx, chosen)):
            chosen = keys[0] if keys else ""
        steps = _steps(tx, chosen, made) if chosen else []
        shown = next((one for one in steps if one.key == step), steps[0] if steps else None)
        record = _record(tx, shown) if shown else None
        end = audit.head(tx)
    return AuditView(
        head=(("Records", qty(end.seq)), ("Head", _short(end.hash))),
        choices=choices,
        chosen=chosen,
        steps=tuple(_step_row(one, now) for one in steps),
        steps_note=_span(steps),
        step=shown.key if shown else "",
        record=record,
        empty="Nothing was decided yet. The first card or refusal can be followed here.",
    )


def check_chain(desk: Desk) -> Text:
    """Walk every record; the words name the first bad one."""
    try:
        with desk.store.read() as tx:
            found = audit.verify(tx)
    except Tampered as bad:
        return Text(f"broken: {bad}", "loss", bold=True)
    at = ist_time(desk.clock.now())
    return Text(f"unbroken, {qty(found.entries)} records, checked {at}", "gain")


def _choices(
    lately: list[Plan],
    held: dict[str, int],
    made: list[Decision],
    names: dict[str, str],
    now: datetime,
) -> tuple[Choice, ...]:
    taken = {plan.card_id for plan in lately}
    traded = [
        Choice(
            f"plan:{plan.id}", when(plan.opened_at, now), entry_tag(plan.side), plan.symbol,
            _shares(plan, held[plan.id]), names.get(plan.account_id, plan.account_id),
        )
        for plan in lately
    ]  # fmt: skip
    written = {one.card.id: one for one in reversed(made) if one.card is not None}
    waiting = [
        Choice(
            f"card:{card_id}", when(one.as_of, now), entry_tag(one.card.side),
            one.symbol, "card", names.get(one.account_id, one.account_id),
        )
        for card_id, one in reversed(written.items())
        if one.card is not None and card_id not in taken
    ]  # fmt: skip
    refused = [
        Choice(
            f"decision:{one.id}", when(one.as_of, now), Tag("no"), one.symbol,
            f"at {stage_word(one.refused_by)}", names.get(one.account_id, one.account_id),
        )
        for one in made
        if one.refused_by
    ]  # fmt: skip
    return (*traded, *waiting[:REFUSED_MAX], *refused[:REFUSED_MAX])


def _shares(plan: Plan, held: int) -> str:
    """`100 holding`; `60 of 100 holding` where it bought, or has left, only a part."""
    part = f"{qty(held)} of " if 0 < held < plan.qty else ""
    return f"{part}{qty(plan.qty)} {plan.status.lower()}"


def _exists(tx: Session, chosen: str) -> bool:
    kind, _, name = chosen.partition(":")
    try:
        if kind == "plan":
            plans.by_id(tx, name)
        else:
            cards.by_id(tx, name)
    except NotFound:
        return False
    return True


def _steps(tx: Session, chosen: str, made: list[Decision]) -> list[Step]:
    kind, _, name = chosen.partition(":")
    if kind == "decision":
        return [step for one in made if one.id == name for step in decision_steps(one)]
    plan = plans.by_id(tx, name) if kind == "plan" else plans.by_card(tx, name)
    card_id = plan.card_id if plan else name
    return [*decision_steps(decisions.by_card(tx, card_id)), *plan_steps(tx, card_id, plan)]


def _step_row(step: Step, now: datetime) -> StepRow:
    return StepRow(step.key, when(step.at, now), step.name, step.words, step.detail, step.refused)


def _span(steps: list[Step]) -> str:
    if len(steps) < 2:
        return ""
    first, last = min(one.at for one in steps), max(one.at for one in steps)
    took: timedelta = last - first
    return f"{len(steps)} steps · {steps[0].name.lower()} to end in {age(took.total_seconds())}"


def _record(tx: Session, step: Step) -> RecordView:
    entries = [entry for subject in step.subjects for entry in audit.entries(tx, subject=subject)]
    return RecordView(
        title=step.name,
        pairs=step.record,
        sealed=tuple(pair for entry in entries for pair in _sealed(entry)),
        quote=step.quote,
    )


def _sealed(entry: AuditEntry) -> tuple[tuple[str, Cells], ...]:
    """One audit entry with its own hash worked out again."""
    found = link_hash(
        seq=entry.seq,
        at=entry.at,
        actor=entry.actor,
        verb=entry.verb,
        subject=entry.subject,
        body=entry.body,
        prev_hash=entry.prev_hash,
    )
    good = found == entry.hash
    check = Text("✓ matches", "gain") if good else Text(f"✕ is {_short(found)}", "loss", bold=True)
    return (
        (f"Record {entry.seq}: {entry.verb}", f"{entry.actor}, {ist_stamp(entry.at)}"),
        ("This hash · previous", f"{_short(entry.hash)} · {_short(entry.prev_hash)}"),
        ("Check", check),
    )


def _short(digest: str) -> str:
    return f"{digest[:4]} {digest[4:8]} … {digest[-4:]}"
