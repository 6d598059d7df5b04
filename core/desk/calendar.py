"""The trading calendar as the desk uses it: committed facts, a person's word on single days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from core.desk.desk import Desk
from core.domain.account import Market
from core.domain.calendar import BlockTable
from core.domain.calendar_override import Override, Word, overridden
from core.domain.clock import ist_day
from core.domain.session_clock import SessionClock, Stretch
from core.errors import BadInput
from core.store import audit, calendar_overrides, instruments


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """Everything the desk knows of one day; `override` is None where nobody set it."""

    day: date
    is_session: bool
    name: str  # of a special session
    hours_known: bool
    plain: tuple[Stretch, ...]
    derivative: tuple[Stretch, ...]
    blocks: BlockTable | None
    settles: bool
    settles_on: date | None  # of trades made on this day
    next_session: date | None
    override: Override | None


def session_clock(desk: Desk, exchange: str, symbol: str, day: date) -> SessionClock:
    """The clock of a share the desk knows; raises NotFound, OutsideCalendar or BadInput."""
    with desk.store.read() as tx:
        share = instruments.by_symbol(tx, symbol)
    return SessionClock(
        exchange,
        share.symbol,
        day,
        calendar=desk.calendar,
        has_derivatives=share.has_derivatives,
    )


def calendar_day(desk: Desk, day: date) -> CalendarDay:
    """What a day is; raises OutsideCalendar naming the loaded span."""
    calendar = desk.calendar
    is_session = calendar.is_session(day)
    special = calendar.specials.get(day)
    plain, derivative = (
        SessionClock("NSE", "", day, calendar=calendar, has_derivatives=has)
        for has in (False, True)
    )
    after = calendar.sessions(day, calendar.last)
    following = [one for one in after if one > day]
    with desk.store.read() as tx:
        words = {one.day: one for one in calendar_overrides.all_overrides(tx)}
    return CalendarDay(
        day=day,
        is_session=is_session,
        name=special.name if special else "",
        hours_known=special is None or special.hours_known,
        plain=plain.stretches(),
        derivative=derivative.stretches(),
        blocks=calendar.block_windows(day),
        settles=calendar.is_settlement_day(day),
        settles_on=calendar.settles_on(day) if is_session and following else None,
        next_session=following[0] if following else None,
        override=words.get(day),
    )


def set_day(
    desk: Desk,
    day: date,
    word: Word,
    *,
    reason: str,
    by: str,
    trading: tuple[tuple[time, time], ...] = (),
) -> Override:
    """Store a person's word on today or a later day, with its audit entry.

    Raises:
        BadInput: the day is over, the hours are wrong, or a simulated market cannot follow.
        OutsideCalendar: the day is not loaded.
    """
    at = desk.clock.now()
    made = Override(day, word, reason.strip(), by, at, trading)
    _refuse_past(day, at)
    overridden(desk.calendars.rules, [made])  # raises outside the loaded span
    if desk.market is Market.SIM:
        _refuse_what_sim_lacks(desk, made)
    with desk.store.write() as tx:
        calendar_overrides.put(tx, made)
        audit.append(
            tx,
            at=at,
            actor=by,
            verb="calendar override",
            subject=day.isoformat(),
            body={"word": word.value, "hours": made.hours, "reason": made.reason},
        )
    desk.calendars.forget()
    return made


def take_back(desk: Desk, day: date, *, by: str) -> Override:
    """Return a day to the committed calendar, with its audit entry; raises NotFound."""
    with desk.store.write() as tx:
        gone = calendar_overrides.drop(tx, day)
        audit.append(
            tx,
            at=desk.clock.now(),
            actor=by,
            verb="calendar revoke",
            subject=day.isoformat(),
            body={"was": gone.word.value, "reason": gone.reason},
        )
    desk.calendars.forget()
    return gone


def overrides(desk: Desk) -> list[Override]:
    """Every day a person set, oldest first."""
    with desk.store.read() as tx:
        return calendar_overrides.all_overrides(tx)


def _refuse_past(day: date, at: datetime) -> None:
    if day < ist_day(at):
        raise BadInput(f"{day} is over, today is {ist_day(at)}; only today or a later day is set")


def _refuse_what_sim_lacks(desk: Desk, made: Override) -> None:
    """The simulated market trades by the committed calendar, so a day can only be shortened."""
    rules = desk.calendars.rules
    if made.word is Word.CLOSED:
        return
    if not rules.is_session(made.day):
        raise BadInput(
            f"the simulated market does not trade on {made.day}; under sim a session can be "
            "closed or shortened"
        )
    own = rules.session(made.day)
    opens, closes = own.opens_at.time(), own.closes_at.time()
    if any(starts < opens or ends > closes for starts, ends in made.trading):
        raise BadInput(
            f"the simulated market trades {opens:%H:%M}-{closes:%H:%M} on {made.day}, not "
            f"{made.hours}; under sim a session can be closed or shortened"
        )
