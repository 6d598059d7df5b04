"""Wishes to log in, what the worker sees of each login, and each day's broker books."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlmodel import Session

from core.domain.login import ENDED, AskStatus, LoginAsk, LoginState
from core.store.codec import to_json
from core.store.moment import kept
from core.store.sql import flat, upsert, value_of, values_of
from core.store.tables_logins import broker_days, login_asks, login_states

A = login_asks.c
ASKS_KEPT = 20  # of a login; older ones are forgotten


@dataclass(frozen=True, slots=True)
class BrokerDay:
    """A broker's order and trade list of one day, as JSON."""

    login_id: str
    session: date
    at: datetime
    orders: str
    trades: str


def put_ask(tx: Session, ask: LoginAsk) -> None:
    """Add or replace a wish to log in."""
    upsert(tx, login_asks, [flat(ask)])


def new_ask(tx: Session, ask: LoginAsk, *, instead: str) -> None:
    """Add a wish; those of the same login that are under way end with the sentence `instead`."""
    for other in asks_of(tx, ask.login_id):
        if other.status not in ENDED:
            end_ask(tx, other, AskStatus.REFUSED, instead)
    put_ask(tx, ask)
    old = select(A.id).where(A.login_id == ask.login_id).order_by(A.asked_at.desc(), A.id)
    gone = tx.execute(old.offset(ASKS_KEPT)).scalars().all()
    tx.execute(delete(login_asks).where(A.id.in_(gone)))


def end_ask(tx: Session, ask: LoginAsk, to: AskStatus, sentence: str) -> None:
    """End a wish; its link is forgotten, so that it does not work again."""
    ended = {**flat(ask), "status": to.value, "link": "", "sentence": sentence}
    upsert(tx, login_asks, [ended])


def ask_by_state(tx: Session, state_hash: str) -> LoginAsk | None:
    """The wish a returned state belongs to; None for a state this desk never gave."""
    row = tx.execute(select(login_asks).where(A.state_hash == state_hash)).mappings().first()
    return None if row is None or not state_hash else _ask(dict(row))


def ask(tx: Session, ask_id: str) -> LoginAsk | None:
    """One wish by id."""
    row = tx.execute(select(login_asks).where(A.id == ask_id)).mappings().first()
    return None if row is None else _ask(dict(row))


def asks_of(tx: Session, login_id: str) -> list[LoginAsk]:
    """Wishes of one login, newest first."""
    found = select(login_asks).where(A.login_id == login_id).order_by(A.asked_at.desc(), A.id)
    return [_ask(dict(row)) for row in tx.execute(found).mappings()]


def asks_with(tx: Session, *statuses: AskStatus) -> list[LoginAsk]:
    """Wishes that are somewhere, oldest first."""
    wanted = A.status.in_([one.value for one in statuses])
    found = tx.execute(select(login_asks).where(wanted).order_by(A.asked_at, A.id))
    return [_ask(dict(row)) for row in found.mappings()]


def put_state(tx: Session, state: LoginState) -> None:
    """Replace what is known of a login's session."""
    row = {"login_id": state.login_id, "status": state.status.value, "body": to_json(state)}
    upsert(tx, login_states, [row])


def state(tx: Session, login_id: str) -> LoginState | None:
    """What the worker last saw of a login, None before it looked."""
    found = select(login_states.c.body).where(login_states.c.login_id == login_id)
    return kept(tx, "login state", login_id, lambda: value_of(tx, LoginState, found))


def states(tx: Session) -> dict[str, LoginState]:
    """The same of every login by id."""
    found = values_of(tx, LoginState, select(login_states.c.body))
    return {one.login_id: one for one in found}


def forget(tx: Session, login_id: str) -> None:
    """Drop wishes and state of a login that is removed."""
    tx.execute(delete(login_asks).where(A.login_id == login_id))
    tx.execute(delete(login_states).where(login_states.c.login_id == login_id))


def put_day(tx: Session, found: BrokerDay) -> None:
    """Keep a day's broker books; a later look of the same day replaces it."""
    upsert(tx, broker_days, [flat(found)])


def days(tx: Session, login_id: str) -> Sequence[BrokerDay]:
    """Every day kept of a login, oldest first."""
    table = broker_days
    found = select(table).where(table.c.login_id == login_id).order_by(table.c.session)
    return [BrokerDay(**row) for row in tx.execute(found).mappings()]


def _ask(row: dict[str, object]) -> LoginAsk:
    return LoginAsk(**{**row, "status": AskStatus(str(row["status"]))})  # type: ignore[arg-type]
