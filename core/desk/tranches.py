"""Let tranches of a lump sum go: by day, by a fall, by an event, or by a person.

A firing is kept once, with its evidence in the record, so looking again or after a restart
changes nothing. Every close since the plan began is looked at, so one missed is not lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlmodel import Session

from core.desk.deploy import of_one_plan
from core.desk.desk import Desk
from core.desk.index_levels import INDEX, SIMULATED, index_closes
from core.domain.account import Firing, FundingPlan, Market, Tranche, TrancheTrigger
from core.domain.clock import IST, ist_day
from core.domain.event import EventType
from core.domain.words import day as day_words
from core.domain.words import decimal, ist_stamp, pct
from core.errors import BadInput, NoData, NotFound, Refused
from core.store import accounts, audit, bars, events, funding, risk
from core.treasury.tranches import Closes, first_fall, has_fallen, tranche_ids

WORKER = "funding"


@dataclass(frozen=True, slots=True)
class Seen:
    """Why a tranche goes: the day of the evidence and its words."""

    day: date
    words: str


class Indices:
    """Closes since a plan began, read again only when a new session is stored."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, date], tuple[date | None, Closes]] = {}

    def forget(self) -> None:
        """Read again at the next question."""
        self._kept.clear()

    def since(self, desk: Desk, tx: Session, first: date, *, today: date) -> Closes:
        """Closes of the index from a day on."""
        last = bars.last_session(tx) if desk.market is Market.SIM else today
        key = (desk.store.url, first)
        if key not in self._kept or self._kept[key][0] != last or desk.market is not Market.SIM:
            self._kept[key] = (last, _closes(desk, tx, first, today=today))
        return self._kept[key][1]


INDICES = Indices()


def look_at_tranches(desk: Desk, *, indices: Indices = INDICES) -> list[str]:
    """Let every tranche go whose trigger has come; says each in a sentence."""
    at = desk.clock.now()
    with desk.store.read() as tx:
        names = {one.id: one.name for one in accounts.accounts(tx) if one.closed_at is None}
        plans = funding.of_accounts(tx, sorted(names)).values()
        found = [
            (plan, number, seen)
            for plan in plans
            if plan.tranches
            for number, seen in due(desk, tx, plan, at=at, indices=indices).items()
        ]
    if not found:
        return []
    with desk.store.write() as tx:
        fired = [
            fire(tx, plan, number, at=at, seen=seen, by=WORKER)
            for plan, number, seen in found
            if funding.current(tx, plan.account_id) == plan  # else the next look sees the new one
        ]
    return [f"{names[one.account_id]}: {one.words}" for one in fired if one is not None]


def due(
    desk: Desk, tx: Session, plan: FundingPlan, *, at: datetime, indices: Indices = INDICES
) -> Mapping[int, Seen]:
    """Tranches of a plan, by number, that wait and whose trigger has come."""
    if ist_day(at) < plan.starts_on:
        return {}
    fired = {one.tranche_id for one in funding.firings(tx, plan.account_id)}
    terms = of_one_plan(plan, funding.versions(tx, plan.account_id))
    found = {}
    for number, (name, one) in enumerate(
        zip(tranche_ids(plan), plan.tranches, strict=True), start=1
    ):
        since = watched_since(terms, name)
        seen = None if name in fired else _look(desk, tx, plan, one, since, at=at, indices=indices)
        if seen is not None:
            found[number] = seen
    return found


def fire(
    tx: Session, plan: FundingPlan, number: int, *, at: datetime, seen: Seen, by: str
) -> Firing | None:
    """Keep that a tranche goes, with its evidence; None when it went before."""
    firing = Firing(
        account_id=plan.account_id,
        tranche_id=tranche_ids(plan)[number - 1],
        plan_version=plan.version,
        amount=plan.tranches[number - 1].amount,
        fired_at=at,
        day=seen.day,
        by=by,
        words=f"tranche {number} of {plan.tranches[number - 1].amount} is let go: {seen.words}",
    )
    if not funding.put_firing(tx, firing):
        return None
    audit.append(
        tx,
        at=at,
        actor=by,
        verb="release tranche",
        subject=plan.account_id,
        body={
            "tranche": number,
            "id": firing.tranche_id,
            "amount_paise": firing.amount.paise,
            "plan": plan.version,
            "trigger": plan.tranches[number - 1].trigger,
            "day": seen.day.isoformat(),
            "because": seen.words,
        },
    )
    return firing


def release_tranche(desk: Desk, account_id: str, number: int, *, why: str, by: str) -> Firing:
    """A person lets a tranche go, whatever it waits for.

    Raises:
        BadInput: no reason.
        NotFound: no plan, or no tranche of that number.
        Refused: it went before.
    """
    if not why.strip():
        raise BadInput("letting a tranche go needs a reason, so that the record says why")
    at = desk.clock.now()
    with desk.store.write() as tx:
        account = accounts.open_by_id(tx, account_id)
        plan = funding.current(tx, account_id)
        parts = plan.tranches if plan else ()
        if plan is None or not 1 <= number <= len(parts):
            raise NotFound(
                f"{account.name} has no tranche {number}; its funding plan has {len(parts)}"
            )
        seen = Seen(ist_day(at), f"a person said so: {why.strip()}")
        firing = fire(tx, plan, number, at=at, seen=seen, by=by)
        if firing is None:
            raise Refused(f"{account.name}: tranche {number} was let go before; nothing changed")
    return firing


def closes_for(
    desk: Desk, tx: Session, first: date, *, today: date, indices: Indices = INDICES
) -> Closes:
    """The index closes from a day on that a fall is measured on; empty where none are stored."""
    return indices.since(desk, tx, first, today=today)


def watched_since(terms: Sequence[FundingPlan], name: str) -> datetime:
    """From when closes and news can let a tranche go: since it has stood in its plan.

    Args:
        terms: the plan's versions, oldest first.
        name: the id that the tranche is known by.
    """
    first = terms[-1]
    for one in reversed(terms):
        if name not in tranche_ids(one):
            break
        first = one
    starts = datetime.combine(first.starts_on, time(), IST)
    said = first.saved_at or first.began_at
    return starts if said is None else max(starts, said)


def due_day(desk: Desk, tranche: Tranche) -> date:
    """The session on which a tranche by date goes: its day, or the next session after it."""
    day = tranche.on
    if day is None:
        raise BadInput(f"a tranche by {tranche.trigger} has no day")
    return day if desk.calendar.is_session(day) else desk.calendar.next_session(day)


def _look(
    desk: Desk,
    tx: Session,
    plan: FundingPlan,
    one: Tranche,
    since: datetime,
    *,
    at: datetime,
    indices: Indices,
) -> Seen | None:
    today = ist_day(at)
    if one.trigger is TrancheTrigger.IMMEDIATE:
        return Seen(today, "it is free from the plan's start")
    if one.trigger is TrancheTrigger.DATE:
        return _by_day(desk, one, today=today)
    if one.trigger is TrancheTrigger.INDEX_FALL:
        return _by_index(closes_for(desk, tx, ist_day(since), today=today, indices=indices), one)
    if one.trigger is TrancheTrigger.ACCOUNT_FALL:
        return _by_account(tx, plan, one, since)
    if one.trigger is TrancheTrigger.EVENT:
        return _by_event(tx, one, since, at=at)
    return None  # a person's click alone


def _by_day(desk: Desk, one: Tranche, *, today: date) -> Seen | None:
    if one.on is None or today < one.on:
        return None
    due_on = due_day(desk, one)
    if today < due_on:
        return None
    moved = "" if due_on == one.on else f", the first session from {day_words(one.on)} on"
    return Seen(due_on, f"{day_words(due_on)} came{moved}")


def _by_index(closes: Closes, one: Tranche) -> Seen | None:
    found = first_fall(closes, fall=one.fall)
    if found is None:
        return None
    return Seen(
        found.day,
        f"{closes.name} closed at {decimal(found.level)} on {day_words(found.day)}, "
        f"{pct(found.depth)} under its {decimal(found.peak)} of {day_words(found.peak_day)}; "
        f"{pct(one.fall)} was asked for",
    )


def _by_account(tx: Session, plan: FundingPlan, one: Tranche, since: datetime) -> Seen | None:
    look = risk.latest(tx, plan.account_id)
    if look is None or ist_day(look.at) < ist_day(since):
        return None
    if not has_fallen(look.drawdown, fall=one.fall):
        return None
    return Seen(
        ist_day(look.at),
        f"the account stood at {look.equity}, {pct(-look.drawdown)} under its peak, "
        f"{ist_stamp(look.at)} IST; {pct(one.fall)} was asked for",
    )


def _by_event(tx: Session, one: Tranche, since: datetime, *, at: datetime) -> Seen | None:
    found = events.first_tag(tx, EventType(one.event_type), after=since, until=at)
    if found is None:
        return None
    return Seen(
        ist_day(found.known_at),
        f"{found.symbol}: {found.event_type}, known {ist_stamp(found.known_at)} IST "
        f"(event {found.event_id})",
    )


def _closes(desk: Desk, tx: Session, first: date, *, today: date) -> Closes:
    """Closes of the index from a day on; none where none are stored."""
    try:
        name, _, levels = index_closes(desk, tx, first, today)
    except NoData:
        return Closes(SIMULATED if desk.market is Market.SIM else INDEX, (), ())
    return Closes(name, tuple(levels), tuple(levels.values()))
