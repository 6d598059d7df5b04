"""A funding plan as it stands: instalments by day, tranches by trigger, and where the cash is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from core.desk.deploy import PlanNow, of_one_plan, plan_now, shown_until
from core.desk.desk import Desk
from core.desk.index_levels import HOW_STORED, INDEX
from core.desk.tranches import INDICES, closes_for, due_day, watched_since
from core.domain.account import FundingPlan, LateMoney, Tranche, TrancheTrigger
from core.domain.clock import ist_day
from core.domain.money import Money
from core.domain.risk import RiskSnapshot
from core.domain.words import counted, day, decimal, ist_stamp, pct, rupees, short
from core.errors import OutsideCalendar
from core.store import funding
from core.treasury.deployable import Deployable
from core.treasury.funding import Instalment, InstalmentStatus
from core.treasury.tranches import Closes, TrancheState, TrancheStatus, fall_now
from core.views.shown import Meter, RowMark, Tag, TagTone, Text

INSTALMENTS: dict[InstalmentStatus, TagTone] = {
    InstalmentStatus.PAID: "ok",
    InstalmentStatus.DUE: "warn",
    InstalmentStatus.MISSED: "bad",
    InstalmentStatus.LAPSED: "line",
    InstalmentStatus.UPCOMING: "",
}
TRANCHES: dict[TrancheStatus, TagTone] = {
    TrancheStatus.RELEASED: "ok",
    TrancheStatus.TRIGGERED: "warn",
    TrancheStatus.WAITING: "line",
}
PARTS: Mapping[str, tuple[str, str]] = {
    "reserved": ("− Reserved", "for orders on their way"),
    "blocked": ("− Blocked", "by open short sales"),
    "floor": ("− Cash floor", "of the mandate"),
    "buffer": ("− Emergency buffer", "of the funding plan"),
    "waiting": ("− Waiting tranches", "came and are not let go yet"),
    "late": ("− Late instalments", "let in evenly, on coming instalment days"),
    "unsettled": ("− Sold, not settled", "the broker gives it later"),
}


@dataclass(frozen=True, slots=True)
class InstalmentRow:
    """One promised payment."""

    number: str
    due: str
    amount: str
    status: Tag
    why: str


@dataclass(frozen=True, slots=True)
class TrancheRow:
    """One part of the lump sum; `waits` is set where a person may let it go."""

    number: str
    amount: str
    trigger: str
    status: Tag
    why: str
    waits: bool


@dataclass(frozen=True, slots=True)
class CashRow:
    """One step of the cash waterfall."""

    step: Text
    amount: Text
    share: Meter | str
    why: str
    mark: RowMark = ""


@dataclass(frozen=True, slots=True)
class FundingView:
    """What the plan promises, what came and what waits; `measured` says how falls are."""

    words: str
    asked: str
    instalments: tuple[InstalmentRow, ...] = ()
    instalments_note: str = ""
    tranches: tuple[TrancheRow, ...] = ()
    tranches_note: str = ""
    measured: str = ""


NO_PLAN = FundingView(
    "No funding plan yet: money comes when you add it. A plan is a SIP, a lump sum at once or in "
    "tranches, or both together, which is called hybrid.",
    "",
)


def funding_view(
    desk: Desk,
    tx: Session,
    plan: FundingPlan | None,
    look: RiskSnapshot | None,
    *,
    as_of: date | None = None,
) -> FundingView:
    """One account's plan; the rows stop where the loaded calendar does, and say so.

    Args:
        as_of: the day it is looked at, today when left out; a closed account's is its last.
    """
    if plan is None:
        return FundingView("No funding plan was saved.", "") if as_of else NO_PLAN
    today = as_of or ist_day(desk.clock.now())
    until = today if as_of else shown_until(desk.calendar, today)
    try:
        now = plan_now(tx, plan, calendar=desk.calendar, today=today, until=until)
    except OutsideCalendar as wrong:
        return FundingView(plan_words(plan), str(wrong))
    shown = now.standing.instalments
    came = sum(one.status is InstalmentStatus.PAID for one in shown)
    falls = [one.id for one in now.tranches if one.tranche.trigger is TrancheTrigger.INDEX_FALL]
    terms = of_one_plan(plan, funding.versions(tx, plan.account_id))

    def closes(name: str) -> Closes:
        first = ist_day(watched_since(terms, name))
        return closes_for(desk, tx, first, today=today, indices=INDICES)

    free = sum(one.free.paise for one in now.tranches)
    return FundingView(
        words=plan_words(plan),
        asked=_asked(now),
        instalments=tuple(_instalment(one, plan) for one in shown),
        instalments_note=f"{came} of {plan.months} came{_end(desk, until)}" if shown else "",
        tranches=tuple(_tranche(desk, one, look, closes) for one in now.tranches),
        tranches_note=f"{short(Money(free))} of {short(plan.lump_sum)} let go"
        if now.tranches
        else "",
        measured=_measured(closes(falls[0]).name) if falls else "",
    )


def _measured(index: str) -> str:
    """What a fall of the index is measured on."""
    return (
        f"A fall of the index is measured on the daily closes of the {index} since the tranche was "
        "named; a dip within a session that is made up by its close lets nothing go."
    )


def waterfall(free: Deployable) -> tuple[CashRow, ...]:
    """Broker cash less each part that is kept, down to what may buy shares now."""
    cash = free.cash
    rows = [CashRow(Text("Cash at the broker", bold=True), Text(rupees(cash), bold=True), "", "")]
    for name, amount in free.parts:
        if name in PARTS and amount:
            label, why = PARTS[name]
            if name == "unsettled" and free.settles_on is not None:
                why = f"may buy shares by {day(free.settles_on)}"
            rows.append(CashRow(Text(label), Text(rupees(-amount)), _share(amount, cash), why))
        if name == "overdrawn" and amount:
            why = "more went out than there was; sell or add money"
            rows.append(CashRow(Text("Overdrawn", "loss"), Text(rupees(amount), "loss"), "", why))
    short_of = f"{rupees(free.short)} short of floor and buffer" if free.short else ""
    rows.append(
        CashRow(
            Text("= Deployable", bold=True),
            Text(rupees(free.amount), bold=True),
            _share(free.amount, cash),
            short_of,
            mark="tot",
        )
    )
    return tuple(rows)


def plan_words(plan: FundingPlan) -> str:
    """The plan in one sentence."""
    words = []
    if plan.lump_sum:
        parts = counted(len(plan.tranches), "tranche")
        words.append(f"{short(plan.lump_sum)} {f'in {parts}' if plan.tranches else 'at once'}")
    if plan.instalment:
        words.append(
            f"{short(plan.instalment)} on day {plan.day_of_month} of {plan.months} months from "
            f"{day(plan.starts_on)}"
        )
    kept = f"; {short(plan.buffer)} is kept as a buffer" if plan.buffer else ""
    late = f"; {_carried(plan)}" if plan.instalment else ""
    said = " and ".join(words) or "no money is promised"
    return f"Version {plan.version}, {plan.kind}: {said}{kept}{late}."


def trigger_words(one: Tranche, *, index: str = INDEX) -> str:
    """What a tranche waits for; `index` is the one whose falls are watched."""
    if one.trigger is TrancheTrigger.DATE and one.on is not None:
        return f"on {day(one.on)}"
    if one.trigger is TrancheTrigger.INDEX_FALL:
        return f"{index} closes {pct(one.fall)} under its highest close"
    if one.trigger is TrancheTrigger.ACCOUNT_FALL:
        return f"account {pct(one.fall)} under its peak"
    if one.trigger is TrancheTrigger.EVENT:
        return f"an event: {one.event_type}"
    return "at once" if one.trigger is TrancheTrigger.IMMEDIATE else "a person's word"


def _carried(plan: FundingPlan) -> str:
    if plan.carried_max == 0:
        return "a missed instalment lapses"
    cap = f" up to {short(plan.carried_cap)}" if plan.carried_cap else ""
    how = "at once" if plan.late_money is LateMoney.AT_ONCE else "evenly"
    many = counted(plan.carried_max, "missed instalment")
    return f"up to {many}{cap} carried on and let in {how}"


def _end(desk: Desk, until: date) -> str:
    """A word where the calendar ends before half a year is shown."""
    soon = shown_until(desk.calendar, until) <= until
    return f"; the calendar is loaded to {day(desk.calendar.last)}" if soon else ""


def _asked(now: PlanNow) -> str:
    found = now.standing
    said = []
    if found.lump_due:
        said.append(f"{rupees(found.lump_due)} of the lump sum is still to come")
    if found.carried:
        said.append(
            f"{rupees(found.carried)} is carried over and asked for with the next instalment, "
            f"{rupees(found.asked)} in all{_less(found.part_paid)}"
        )
    elif found.part_paid:
        said.append(f"{rupees(found.part_paid)} of the next instalment came already")
    if found.late_held:
        said.append(f"{rupees(found.late_held)} of late money waits for its day")
    return f"{'; '.join(said)}." if said else ""


def _less(part: Money) -> str:
    return f" after the {rupees(part)} that came in part" if part else ""


def _instalment(one: Instalment, plan: FundingPlan) -> InstalmentRow:
    return InstalmentRow(
        number=str(one.number),
        due=day(one.due_on),
        amount=rupees(one.amount),
        status=Tag(one.status, INSTALMENTS[one.status]),
        why="; ".join(_reasons(one, plan)),
    )


def _reasons(one: Instalment, plan: FundingPlan) -> list[str]:
    said = []
    if one.due_on != one.promised_on:
        said.append(f"{day(one.promised_on)} is no session")
    if one.paid_on is not None:
        late = (one.paid_on - one.due_on).days
        after = f", {counted(late, 'day')} late" if late > 0 else ""
        said.append(f"came by {day(one.paid_on)}{after}")
        if one.free_on != one.paid_on:
            said.append(f"let in on {day(one.free_on)}" if one.free_on else "let in later")
    elif one.status is InstalmentStatus.MISSED:
        said.append("carried on")
    elif one.status is InstalmentStatus.LAPSED:
        cap = f" and {rupees(plan.carried_cap)}" if plan.carried_cap else ""
        said.append(f"at most {plan.carried_max}{cap} are carried; no longer asked for")
    elif one.status is InstalmentStatus.DUE:
        said.append("today")
    return said


def _tranche(
    desk: Desk, one: TrancheState, look: RiskSnapshot | None, closes: Callable[[str], Closes]
) -> TrancheRow:
    firing, index = one.firing, INDEX
    if one.tranche.trigger is TrancheTrigger.INDEX_FALL:
        index = closes(one.id).name
    if firing is None:
        why = _distance(desk, one, look, closes)
    else:
        why = f"{firing.words.partition(': ')[2]}; {firing.by}, {ist_stamp(firing.fired_at)}"
        if one.status is TrancheStatus.TRIGGERED:
            why = f"{rupees(one.tranche.amount - one.free)} is still to come; {why}"
    return TrancheRow(
        number=str(one.number),
        amount=rupees(one.tranche.amount, digits=0),
        trigger=trigger_words(one.tranche, index=index),
        status=Tag(one.status, TRANCHES[one.status]),
        why=why,
        waits=firing is None,
    )


def _distance(
    desk: Desk, state: TrancheState, look: RiskSnapshot | None, closes_of: Callable[[str], Closes]
) -> str:
    """How far a waiting tranche is from its trigger."""
    one = state.tranche
    if one.trigger is TrancheTrigger.INDEX_FALL:
        closes = closes_of(state.id)
        if not closes.levels:
            return _no_close(closes)
        peak = max(closes.levels)
        return (
            f"{closes.name} {decimal(closes.levels[-1])} on {day(closes.days[-1])}, "
            f"{pct(fall_now(closes))} under {decimal(peak)}"
        )
    if one.trigger is TrancheTrigger.ACCOUNT_FALL:
        return f"{pct(-look.drawdown)} under its peak now" if look else "not looked at yet"
    if one.trigger is TrancheTrigger.DATE and one.on is not None:
        try:
            due_on = due_day(desk, one)
        except OutsideCalendar:
            return f"the calendar is loaded to {day(desk.calendar.last)}"
        return "" if due_on == one.on else f"no session; goes on {day(due_on)}"
    return ""


def _no_close(closes: Closes) -> str:
    if closes.name != INDEX:
        return f"{closes.name}: no close yet since the tranche was named"
    return f"no close of the {INDEX} is stored since the tranche was named; {HOW_STORED}"


def _share(amount: Money, cash: Money) -> Meter | str:
    return Meter(amount.share_of(cash), plain=True) if cash.paise > 0 else ""
