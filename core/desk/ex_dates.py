"""Shares about to go ex: what is announced, how near it is, and what was held through it.

A split, bonus, rights issue or demerger puts price and share count into new terms overnight. No
position of this desk is to be open then: its stop and target stand in the old ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlmodel import Session

from core.desk.alarm import raise_alarm
from core.desk.desk import Desk
from core.domain.action import ActionKind, ActionStatus, CorporateAction
from core.domain.calendar import Calendar
from core.domain.clock import ist_day
from core.domain.plan import Plan
from core.domain.words import day
from core.store import actions, alerts

UNMOVED = frozenset({ActionKind.DIVIDEND, ActionKind.OTHER})


def coming(tx: Session, isins: Sequence[str], *, today: date) -> dict[str, date]:
    """The next ex-date after `today` of each share that has one announced."""
    found: dict[str, date] = {}
    for one in _moving(tx, isins):
        if one.ex_date > today:
            found[one.isin] = min(one.ex_date, found.get(one.isin, one.ex_date))
    return found


def sessions_to_ex(calendar: Calendar, today: date, ex_date: date | None) -> int | None:
    """Sessions until an ex-date, 1 when it is the next one; None where none is announced.

    An ex-date beyond the loaded calendar counts as if it were its last day's morrow.
    """
    if ex_date is None:
        return None
    if ex_date > calendar.last:
        return calendar.count(today, calendar.last)
    return calendar.count(today, ex_date) - (1 if calendar.is_session(today) else 0)


def leaves_before(desk: Desk, tx: Session, isins: Sequence[str]) -> dict[str, date]:
    """Shares whose last session in the old terms is today, with the ex-date."""
    today = ist_day(desk.clock.now())
    near = coming(tx, isins, today=today)
    return {isin: ex for isin, ex in near.items() if sessions_to_ex(desk.calendar, today, ex) == 1}


def held_through(tx: Session, held: Sequence[Plan], *, today: date) -> Mapping[str, date]:
    """Ids of plans made before an ex-date that has come, with that ex-date.

    What is left of such a position counts other shares than the exchange does.
    """
    found: dict[str, date] = {}
    for one in _moving(tx, [plan.isin for plan in held]):
        for plan in held:
            if plan.isin == one.isin and ist_day(plan.opened_at) < one.ex_date <= today:
                found[plan.id] = one.ex_date
    return found


def warn_held_through(desk: Desk, plan: Plan, ex_date: date) -> None:
    """Raise the alarm once: the desk leaves this position to a person."""
    name = f"ex-{plan.id}-{ex_date.isoformat()}"
    with desk.store.read() as tx:
        if alerts.is_known(tx, name):
            return
    with desk.store.write() as tx:
        raise_alarm(
            tx,
            id=name,
            isin=plan.isin,
            symbol=plan.symbol,
            at=desk.clock.now(),
            sentence=(
                f"{plan.symbol} went ex on {day(ex_date)} and could not be sold before; its "
                "shares, stop and target stand in old terms: cancel its stop at the broker and "
                "sell by hand"
            ),
        )


def _moving(tx: Session, isins: Sequence[str]) -> list[CorporateAction]:
    return [
        one
        for one in actions.of_isins(tx, sorted(set(isins)))
        if one.status is ActionStatus.CONFIRMED and one.kind not in UNMOVED
    ]
