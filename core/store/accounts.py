"""Logins at brokers and the logical accounts that trade through them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Row, delete, select, update
from sqlmodel import Session

from core.domain.account import Account, Broker, BrokerLogin, LoginMode, refuse_live
from core.errors import BadInput, NotFound, Refused
from core.store.moment import kept
from core.store.sql import changed, flat, near, upsert
from core.store.stamp import stamp
from core.store.tables_books import accounts as account_table
from core.store.tables_books import logins as login_table

A = account_table.c


def put_login(tx: Session, login: BrokerLogin) -> None:
    """Add or replace a login; raises BadInput for a LIVE one under a market that is not live."""
    refuse_live(login, stamp(tx).market)
    upsert(tx, login_table, [flat(login)])


def logins(tx: Session) -> list[BrokerLogin]:
    """Every login, by id."""
    return [_login(row) for row in tx.execute(select(login_table).order_by(login_table.c.id))]


def login(tx: Session, login_id: str) -> BrokerLogin:
    """One login; raises NotFound."""
    read = select(login_table).where(login_table.c.id == login_id)
    row = kept(tx, "login", login_id, lambda: tx.execute(read).one_or_none())
    if row is None:
        known = tx.execute(select(login_table.c.id)).scalars()
        raise NotFound(f"no login has the id {login_id}; {near(login_id, known)}")
    return _login(row)


def drop_login(tx: Session, login_id: str) -> None:
    """Remove a login; raises NotFound, or BadInput while an account, closed or not, names it."""
    login(tx, login_id)
    named = tx.execute(select(A.name).where(A.login_id == login_id)).scalars().all()
    if named:
        raise BadInput(
            f"login {login_id} is the one of {', '.join(named)}; move them to another login first"
        )
    tx.execute(delete(login_table).where(login_table.c.id == login_id))


def put_account(tx: Session, account: Account) -> None:
    """Add or replace an account; raises BadInput for a name another account has."""
    login(tx, account.login_id)
    taken = select(A.id).where(A.name == account.name, A.id != account.id)
    if tx.execute(taken).first():
        raise BadInput(f"an account named {account.name} exists already; choose another name")
    upsert(tx, account_table, [flat(account)])


def accounts(tx: Session) -> list[Account]:
    """Every account, closed ones too, in the order they were opened."""
    found = select(account_table).order_by(A.opened_at, A.id)
    return [Account(**row) for row in tx.execute(found).mappings()]


def by_id(tx: Session, account_id: str) -> Account:
    """One account by id; raises NotFound."""
    row = tx.execute(select(account_table).where(A.id == account_id)).mappings().first()
    if row is None:
        known = tx.execute(select(A.id)).scalars()
        raise NotFound(f"no account has the id {account_id}; {near(account_id, known)}")
    return Account(**row)


def by_name(tx: Session, name: str) -> Account:
    """One account by name; raises NotFound naming near ones."""
    row = tx.execute(select(account_table).where(A.name == name)).mappings().first()
    if row is None:
        known = tx.execute(select(A.name)).scalars()
        raise NotFound(f"no account is named {name}; {near(name, known)}")
    return Account(**row)


def hold(tx: Session, account_id: str) -> None:
    """Let one click at a time look at an account's money until this transaction ends.

    Clicks on a card, a transfer or money of one account wait for each other at PostgreSQL; SQLite
    has one writer anyway. Call it before the first entry of the record, never after it.
    """
    row = select(A.id).where(A.id == account_id)
    tx.execute(row.with_for_update(key_share=True))


def open_by_id(tx: Session, account_id: str) -> Account:
    """One account that is not closed; raises NotFound, or Refused for a closed one."""
    account = by_id(tx, account_id)
    if account.closed_at is not None:
        raise Refused(
            f"{account.name} was closed on {account.closed_at:%d %b %Y} and stays as it is; use "
            "another account"
        )
    return account


def close(tx: Session, account_id: str, at: datetime) -> None:
    """Close an account for good; raises NotFound, or BadInput when it is closed already."""
    before = by_id(tx, account_id)
    shut = update(account_table).where(A.id == account_id, A.closed_at.is_(None))
    if changed(tx, shut.values(closed_at=at)) != 1:
        raise BadInput(f"{before.name} was closed at {before.closed_at:%d %b %Y}; it stays closed")


def _login(row: Row[tuple[object, ...]]) -> BrokerLogin:
    return BrokerLogin(
        id=row.id,
        broker=Broker(row.broker),
        mode=LoginMode(row.mode),
        label=row.label,
        user_id=row.user_id,
        address=row.address,
        control=row.control,
    )
