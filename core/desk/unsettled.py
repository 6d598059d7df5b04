"""What accounts traded and has not settled, read once for all of them.

A paper broker checks no cash: all of a sale may be used at once there, and nothing is kept back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from sqlmodel import Session

from core.domain.account import Broker
from core.domain.calendar import Calendar
from core.domain.clock import IST
from core.domain.ledger import TransactionKind
from core.errors import OutsideCalendar
from core.store import accounts, ledger
from core.treasury.sale_rules import checks_cash
from core.treasury.staged import Staged, staged

LOOK_BACK = timedelta(days=14)  # settlement holidays of a week and more are not known
MOVED_SHARES = (TransactionKind.TRADE, TransactionKind.CORRECTION)


def staged_of(
    tx: Session, account_ids: Sequence[str], *, calendar: Calendar, today: date
) -> tuple[Staged, ...]:
    """What these accounts traded and has not settled, oldest first."""
    found = [
        part
        for broker, names in _by_broker(tx, account_ids).items()
        for part in _staged(tx, names, calendar=calendar, today=today, broker=broker)
    ]
    return tuple(sorted(found, key=lambda one: (one.traded_on, one.account_id, one.isin)))


def kept_by_brokers(
    tx: Session, account_ids: Sequence[str], *, calendar: Calendar, today: date
) -> Mapping[str, tuple[Staged, ...]]:
    """Sales that these accounts may not spend whole today, by account; others are left out."""
    found: dict[str, tuple[Staged, ...]] = {}
    for broker, names in _by_broker(tx, account_ids).items():
        if not checks_cash(broker):
            continue
        for one in _staged(tx, names, calendar=calendar, today=today, broker=broker):
            if one.kept_back:
                found[one.account_id] = (*found.get(one.account_id, ()), one)
    return found


def _by_broker(tx: Session, account_ids: Sequence[str]) -> dict[Broker, list[str]]:
    """Some accounts by the broker they trade through."""
    of_login = {one.id: one.broker for one in accounts.logins(tx)}
    wanted, found = set(account_ids), dict[Broker, list[str]]()
    for one in accounts.accounts(tx):
        if one.id in wanted:
            found.setdefault(of_login[one.login_id], []).append(one.id)
    return found


def _staged(
    tx: Session,
    account_ids: Sequence[str],
    *,
    calendar: Calendar,
    today: date,
    broker: Broker,
) -> tuple[Staged, ...]:
    if not account_ids:
        return ()
    wanted = set(account_ids)
    only = account_ids[0] if len(wanted) == 1 else None
    since = datetime.combine(matters_since(calendar, today), time(), IST)
    made = ledger.transactions(tx, only, since=since, kinds=MOVED_SHARES)
    mine = [one for one in made if one.account_id in wanted]
    positions = ledger.positions(tx, only) if mine else ()
    held = {(one.account_id, one.isin): one.qty for one in positions}
    return staged(mine, held=held, calendar=calendar, today=today, broker=broker)


def matters_since(calendar: Calendar, today: date) -> date:
    """The first day of which a trade matters today.

    Its shares were still on their way on a day whose own trades have not settled by `today`.
    """
    try:
        waits = _first_to_settle_from(calendar, today, after=today)
        return _first_to_settle_from(calendar, waits, after=waits - timedelta(days=1))
    except OutsideCalendar:
        return today - LOOK_BACK


def _first_to_settle_from(calendar: Calendar, day: date, *, after: date) -> date:
    """The earliest session up to a day whose trades settle after another day."""
    first = day
    session = day if calendar.is_session(day) else calendar.previous_session(day)
    while calendar.settles_on(session) > after:
        first, session = session, calendar.previous_session(session)
    return first
