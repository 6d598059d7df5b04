"""What each account can give away today, read from the books and the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlmodel import Session

from core.desk.deploy import deployables
from core.desk.desk import Desk
from core.domain.account import Account, Broker
from core.domain.clock import IST, ist_day
from core.domain.ledger import CASH, EXTERNAL, TransactionKind
from core.store import accounts, ledger
from core.treasury.purse import Purse
from core.treasury.staged import Staged, staged

LOOK_BACK = timedelta(days=14)  # settlement holidays of a week and more are not known
MOVED_SHARES = (TransactionKind.TRADE, TransactionKind.CORRECTION)


def purse(tx: Session, desk: Desk, account_id: str) -> Purse:
    """One account's cash today; raises NotFound."""
    return purses(tx, desk, [accounts.by_id(tx, account_id)])[account_id]


def purses(tx: Session, desk: Desk, of: Sequence[Account]) -> dict[str, Purse]:
    """The same of some accounts, by id."""
    today = ist_day(desk.clock.now())
    names = [one.id for one in of]
    waiting = staged_of(tx, desk, names, today=today)
    parts = deployables(tx, names, calendar=desk.calendar, today=today)
    return {
        one.id: Purse(
            account_id=one.id,
            name=one.name,
            login_id=one.login_id,
            free=ledger.balance(tx, one.id, CASH),
            deployable=parts[one.id],
            staged=tuple(part for part in waiting if part.account_id == one.id),
        )
        for one in of
    }


def staged_of(
    tx: Session, desk: Desk, account_ids: Sequence[str], *, today: date
) -> tuple[Staged, ...]:
    """What these accounts traded and has not settled, oldest first."""
    since = datetime.combine(today - LOOK_BACK, time(), IST)
    made = ledger.transactions(tx, since=since, kinds=MOVED_SHARES)
    wanted = set(account_ids)
    held = {
        (one.account_id, one.isin): one.qty
        for one in ledger.positions(tx)
        if one.account_id in wanted
    }
    paper = {one.id for one in accounts.logins(tx) if one.broker is Broker.PAPER}
    of_paper = {one.id for one in accounts.accounts(tx) if one.login_id in paper}
    found = [
        part
        for checks in (True, False)
        for part in staged(
            [
                one
                for one in made
                if one.account_id in wanted
                and not one.account_id.startswith(EXTERNAL)
                and (one.account_id not in of_paper) is checks
            ],
            held=held,
            calendar=desk.calendar,
            today=today,
            checks_cash=checks,
        )
    ]
    return tuple(sorted(found, key=lambda one: (one.traded_on, one.account_id, one.isin)))
