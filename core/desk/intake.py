"""News comes in: stored once, tagged at once, and put before the pipeline in order of priority."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlmodel import Session

from core.desk import why_not
from core.desk.desk import Desk
from core.desk.known import Known
from core.desk.one_pass import decide_share
from core.desk.stages import Case
from core.domain.account import Account, LoginMode
from core.domain.decision import Decision
from core.domain.event import Event, TaggedEvent
from core.domain.instrument import Instrument
from core.domain.ports import EventSource
from core.store import accounts, events, instruments, mandates, settings
from core.tagging.names import NameIndex
from core.tagging.tagger import tag

LAST_READ = "intake:last"


def pull(desk: Desk, source: EventSource, *, names: NameIndex) -> int:
    """Read what became known since the last pull; returns how many events were new."""
    at = desk.clock.now()
    with desk.store.read() as tx:
        last = settings.get(tx, LAST_READ, None)
    since = datetime.fromisoformat(last) if last else at
    found = source.events(since, at) if since < at else ()
    new = take_in(desk, found, names=names) if found else 0
    if found or last is None:
        with desk.store.write() as tx:
            settings.put(tx, LAST_READ, at.isoformat())
    return new


def take_in(desk: Desk, found: Sequence[Event], *, names: NameIndex) -> int:
    """Store and tag events; a duplicate is counted once. Returns how many were new."""
    tagged = [(event, tag(event, names)) for event in found]
    new = 0
    with desk.store.write() as tx:
        shorts = sells_short(tx)
        for event, tags in tagged:
            if not events.put(tx, event):
                continue
            new += 1
            events.put_tags(tx, tags)
            outcome = refusal_of(tags, shorts=shorts)
            if outcome:
                events.mark(tx, event.id, outcome)
    return new


def refusal_of(tags: Sequence[TaggedEvent], *, shorts: bool = False) -> str:
    """Why an event never reaches the pipeline; empty when it does.

    `shorts` says that the mandate of a running account lets shares be sold short.
    """
    if not tags:
        return "names no share of the universe"
    if all(item.stance == 0 for item in tags):
        return f"{tags[0].event_type}, leans neither way"
    if all(item.stance < 0 for item in tags):
        return "" if shorts else why_not.negative(tags[0])
    return ""


def sells_short(tx: Session) -> bool:
    """Whether any open account may sell short within the day."""
    running = [account for account in accounts.accounts(tx) if account.closed_at is None]
    return any(mandates.current(tx, account.id).shorts for account in running)


def decide_waiting(desk: Desk, know: Callable[[], Known], *, limit: int = 20) -> list[Decision]:
    """Put undecided events before the pipeline, for every account; most urgent first."""
    with desk.store.read() as tx:
        waiting = events.undecided(tx)[:limit]
    return [decision for event in waiting for decision in decide_event(desk, know(), event)]


def decide_event(desk: Desk, known: Known, event: Event) -> list[Decision]:
    """One event, every share it names, every running account."""
    with desk.store.read() as tx:
        tags = events.tags_of_event(tx, event.id)
        listed = {item.isin: item for item in instruments.all_instruments(tx)}
    made: list[Decision] = []
    shorts = any(known.mandate(name).shorts for name in known.accounts)
    for item in sorted(tags, key=lambda one: one.isin):
        trades = item.stance > 0 or (item.stance < 0 and shorts)
        if trades and item.isin in listed and listed[item.isin].is_traded:
            share = listed[item.isin]
            decided, known = decide_for_all(desk, known, share, event=event, tag=item)
            made += decided
    written = sum(decision.card is not None for decision in made)
    further = [decision for decision in made if decision.refused_by != "tag"]
    outcome = first_reason(further or made) if made else "good for no share that is traded here"
    if written:
        outcome = f"{written} card{'s' if written != 1 else ''}"
    with desk.store.write() as tx:
        events.mark(tx, event.id, outcome)
    return made


def decide_for_all(
    desk: Desk,
    known: Known,
    instrument: Instrument,
    *,
    event: Event | None = None,
    tag: TaggedEvent | None = None,
) -> tuple[list[Decision], Known]:
    """One share before every running account, and what is known with the cards it wrote."""
    cases = [
        case_for(known, instrument, account, event=event, tag=tag)
        for account in sorted(known.accounts.values(), key=lambda one: one.id)
    ]
    return decide_share(desk, known, cases)


def case_for(
    known: Known,
    instrument: Instrument,
    account: Account,
    *,
    event: Event | None,
    tag: TaggedEvent | None,
) -> Case:
    """The question for one account."""
    mode: LoginMode = known.modes[account.id]
    return Case(instrument=instrument, account=account, mode=mode, event=event, tag=tag)


def first_reason(made: Sequence[Decision]) -> str:
    """Why nothing came of an event, in the first decision's words."""
    return f"{made[0].refused_by}: {made[0].reason}" if made else "names no share of the universe"


def name_index(desk: Desk) -> NameIndex:
    """Names of the whole universe, for the tagger."""
    with desk.store.read() as tx:
        return NameIndex.build(instruments.all_instruments(tx))


def running_accounts(desk: Desk) -> list[Account]:
    """Accounts that are open."""
    with desk.store.read() as tx:
        return [account for account in accounts.accounts(tx) if account.closed_at is None]
