"""Funding plans by version: what a form's terms would change, and who saved which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session

from core.desk.deploy import deployable_of, plan_now, shown_until
from core.desk.desk import Desk
from core.desk.fund import begun, plan_history
from core.desk.index_levels import HOW_STORED, INDEX, index_is_stored
from core.desk.tranches import due
from core.domain.account import Firing, FundingPlan, Market, Tranche, TrancheTrigger
from core.domain.clock import ist_day
from core.domain.money import Money
from core.domain.words import day, ist_stamp, rupees, short
from core.errors import BadInput, OutsideCalendar
from core.store import funding
from core.treasury.funding import AHEAD, FundingStanding
from core.treasury.tranches import held_back, tranche_ids, tranche_states
from core.views.funding_form import plan_from, tranche_words
from core.views.funding_now import plan_words
from core.views.shown import Text

OLDER = "before versions were kept"


@dataclass(frozen=True, slots=True)
class TermRow:
    """One term of a plan, as it stands and as it would."""

    rule: str
    left: str
    right: Text


@dataclass(frozen=True, slots=True)
class PlanVersionRow:
    """One saved version, by whom and why."""

    version: str
    saved: str
    by: str
    words: str
    why: str


@dataclass(frozen=True, slots=True)
class PlanPreview:
    """What saving would change: the terms, what it brings about, and what forbids it."""

    version: int
    rows: tuple[TermRow, ...]
    effects: tuple[str, ...]
    refused: str

    @property
    def can_save(self) -> bool:
        return not self.refused and bool(self.rows)


def plan_preview(
    desk: Desk, account_id: str, values: Mapping[str, Any], *, counts_cash: bool
) -> PlanPreview:
    """What a form's values would change in the plan that stands."""
    at = desk.clock.now()
    with desk.store.read() as tx:
        before = funding.current(tx, account_id)
        version = before.version + 1 if before else 1
        try:
            made = plan_from(before, account_id, values)
            after = begun(desk, tx, made, at=at, counts_cash=counts_cash)
            rows = _rows(before, after)
            effects = _effects(desk, tx, before, after, at=at) if rows else ()
        except (BadInput, OutsideCalendar) as no:
            return PlanPreview(version, (), (), str(no))
    return PlanPreview(version, rows, effects, "")


def plan_versions(tx: Session, account_id: str) -> tuple[PlanVersionRow, ...]:
    """Every version of an account's plan, newest first."""
    return tuple(
        PlanVersionRow(
            version=f"v{one.plan.version}",
            saved=ist_stamp(one.plan.saved_at) if one.plan.saved_at else OLDER,
            by=one.by,
            words=plan_words(one.plan).partition(", ")[2],
            why=one.why,
        )
        for one in plan_history(tx, account_id)
    )


def _rows(before: FundingPlan | None, after: FundingPlan) -> tuple[TermRow, ...]:
    old = dict(_terms(before)) if before else {}
    return tuple(
        TermRow(name, old.get(name, "–"), Text(value, bold=True))
        for name, value in _terms(after)
        if old.get(name, "–") != value
    )


def _terms(plan: FundingPlan) -> tuple[tuple[str, str], ...]:
    """Every term a person gives, in words."""
    return (
        ("Kind", str(plan.kind)),
        ("Lump sum", rupees(plan.lump_sum)),
        ("Tranches", "; ".join(_part(one) for one in plan.tranches) or "all at once"),
        ("Each month", rupees(plan.instalment)),
        ("Day of the month", str(plan.day_of_month) if plan.instalment else "–"),
        ("Months", str(plan.months) if plan.instalment else "–"),
        ("Starts on", day(plan.starts_on)),
        ("Kept as a buffer", rupees(plan.buffer)),
        ("Missed instalments carried", str(plan.carried_max) if plan.instalment else "–"),
        ("Carried at most", rupees(plan.carried_cap) if plan.carried_cap else "no cap"),
        ("Late money goes in", str(plan.late_money) if plan.instalment else "–"),
    )


def _part(one: Tranche) -> str:
    return f"{short(one.amount)} {tranche_words(one)}"


def _effects(
    desk: Desk, tx: Session, before: FundingPlan | None, after: FundingPlan, *, at: datetime
) -> tuple[str, ...]:
    today = ist_day(at)
    until = shown_until(desk.calendar, today)

    def stands(plan: FundingPlan) -> FundingStanding:
        return plan_now(tx, plan, calendar=desk.calendar, today=today, until=until).standing

    now = stands(after)
    fired = funding.firings(tx, after.account_id)
    goes = due(desk, tx, after, at=at)
    found = _begins(before, after, stands(before) if before else None)
    if after.lump_sum and _is_new_sum(before, after):
        found.append(_lump(now, after))
    found += _tranches(before, after, fired, goes)
    falls = any(one.trigger is TrancheTrigger.INDEX_FALL for one in after.tranches)
    if falls and desk.market is not Market.SIM and not index_is_stored(tx):
        found.append(f"No close of the {INDEX} is stored, so no fall of it is seen: {HOW_STORED}.")
    if (coming := [one for one in now.instalments if one.status in AHEAD]) and after.instalment:
        found.append(
            f"The next instalment is {rupees(coming[0].amount)} on {day(coming[0].due_on)}."
        )
    ids = tranche_ids(after)
    as_if = [
        Firing(after.account_id, ids[number - 1], after.version,
               after.tranches[number - 1].amount, at, seen.day, "", "")
        for number, seen in goes.items()
    ]  # fmt: skip
    states = tranche_states(after, [*fired, *as_if], lump_in=now.lump_in)
    free = deployable_of(tx, after.account_id, calendar=desk.calendar, today=today)
    then = replace(
        free,
        buffer=after.buffer,
        waiting=held_back(states, lump_in=now.lump_in),
        late=now.late_held,
    )
    if then.amount != free.amount:
        found.append(f"Deployable cash goes from {rupees(free.amount)} to {rupees(then.amount)}.")
    return tuple(found)


def _begins(
    before: FundingPlan | None, after: FundingPlan, stood: FundingStanding | None
) -> list[str]:
    """Whether the plan goes on or begins anew, and what that leaves behind."""
    if before is None or stood is None:
        return []
    if before.began_at == after.began_at:
        if not before.instalment:
            return []
        return ["What came and what was missed so far stays as it is; the new terms hold from now."]
    left = f" {rupees(stood.carried)} of missed instalments is no longer asked for." if (
        stood.carried
    ) else ""  # fmt: skip
    return [f"Another start day begins the plan anew: instalments are counted from it.{left}"]


def _is_new_sum(before: FundingPlan | None, after: FundingPlan) -> bool:
    if before is None:
        return True
    return (before.began_at, before.lump_sum) != (after.began_at, after.lump_sum)


def _lump(now: FundingStanding, after: FundingPlan) -> str:
    lay = min(after.already_in, after.lump_sum)
    said = f"{rupees(lay)} lies in the account and counts; " if lay else ""
    due_words = f"{rupees(now.lump_due)} is still to come" if now.lump_due else "all of it came"
    return f"Of the lump sum: {said}{due_words}."


def _tranches(
    before: FundingPlan | None,
    after: FundingPlan,
    fired: Sequence[Firing],
    goes: Mapping[int, object],
) -> list[str]:
    """Tranches that go with the saving, that stay let go, and that are let go no more."""
    known = {one.tranche_id for one in fired}
    ids = tranche_ids(after)
    kept = [number for number, name in enumerate(ids, start=1) if name in known]
    gone = set(tranche_ids(before)) & known - set(ids) if before else set()
    lost = Money(sum(one.amount.paise for one in fired if one.tranche_id in gone))
    said = []
    if goes:
        said.append(f"{_numbers(sorted(goes))} let go at once.")
    if kept and (before is None or before.tranches != after.tranches):
        said.append(f"{_numbers(kept)} let go already and nothing of that changes.")
    if gone:
        said.append(
            f"{short(lost)} that was let go stands in no tranche of these terms: what replaces it "
            "waits anew."
        )
    return said


def _numbers(numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return f"Tranche {numbers[0]} is"
    return f"Tranches {', '.join(map(str, numbers))} are"
