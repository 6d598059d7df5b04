"""What each account can give away today, read from the books and the calendar."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session

from core.desk.deploy import deployables
from core.desk.desk import Desk
from core.desk.unsettled import staged_of
from core.domain.account import Account
from core.domain.clock import ist_day
from core.domain.ledger import CASH
from core.store import accounts, ledger
from core.treasury.purse import Purse


def purse(tx: Session, desk: Desk, account_id: str) -> Purse:
    """One account's cash today; raises NotFound."""
    return purses(tx, desk, [accounts.by_id(tx, account_id)])[account_id]


def purses(tx: Session, desk: Desk, of: Sequence[Account]) -> dict[str, Purse]:
    """The same of some accounts, by id."""
    today = ist_day(desk.clock.now())
    names = [one.id for one in of]
    waiting = staged_of(tx, names, calendar=desk.calendar, today=today)
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
