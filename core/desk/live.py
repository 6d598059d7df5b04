"""LIVE is earned: what a login must show, looked at by `munim doctor --live` and by the worker.

The worker looks every half minute and keeps the rows; a click and a send of a LIVE login read
them in their own transaction, so one row that fails later refuses every entry with its sentence.
Exits and protection never ask.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import Session

from core.desk.alarm import raise_alarm
from core.desk.desk import Desk
from core.desk.live_rows import checks
from core.domain.account import BrokerLogin, LoginMode, Market
from core.domain.card import Card
from core.domain.clock import IST, ist_day
from core.domain.live import LiveRow, first_failed, typed_words
from core.domain.order import Purpose
from core.errors import BadInput, Refused
from core.store import accounts, audit, orders, settings

ROWS_LAST: Final = timedelta(seconds=120)  # rows older than this count as failed
AUDIT_LASTS: Final = timedelta(minutes=10)  # walking the whole chain takes its time
CHAIN: Final = "audit chain"


def live_rows(desk: Desk, login_id: str) -> list[LiveRow]:
    """Every row of one login, looked at now; raises NotFound for an unknown login."""
    with desk.store.read() as tx:
        login = accounts.login(tx, login_id)
    return [check() for _, check in checks(desk, login)]


def keep_rows(desk: Desk, login_id: str) -> list[LiveRow]:
    """Look at every row and keep them for clicks and sends; the chain's walk is kept a while."""
    at = desk.clock.now()
    with desk.store.read() as tx:
        login = accounts.login(tx, login_id)
        before = settings.get(tx, _key(login_id), {})
    walked = _walked(before, at)
    rows = [walked if walked and name == CHAIN else check() for name, check in checks(desk, login)]
    chain_at = before.get("chain_at") if walked else at.isoformat()
    told = {
        "at": at.isoformat(),
        "chain_at": chain_at,
        "rows": [[row.name, row.passed, row.sentence] for row in rows],
    }
    with desk.store.write() as tx:
        settings.put(tx, _key(login_id), told)
        _tell_change(tx, login, _rows(before), rows, at=at)
    return rows


def kept_rows(tx: Session, login_id: str) -> tuple[datetime | None, list[LiveRow]]:
    """When the worker looked last, and what it saw."""
    told = settings.get(tx, _key(login_id), {})
    return (datetime.fromisoformat(told["at"]) if told else None), _rows(told)


def why_not_live(tx: Session, login: BrokerLogin, *, at: datetime) -> str:
    """Why a LIVE login may not enter now; empty for a PAPER one and where every row passes."""
    if login.mode is not LoginMode.LIVE:
        return ""
    looked_at, rows = kept_rows(tx, login.id)
    if looked_at is None or not rows:
        return f"{login.label} is LIVE and its rows were never looked at; run munim doctor --live"
    old = (at - looked_at).total_seconds()
    if not 0 <= old <= ROWS_LAST.total_seconds():
        return (
            f"{login.label} is LIVE and its rows were looked at {old:.0f} s ago, at most "
            f"{ROWS_LAST.total_seconds():.0f} s is allowed; see whether the worker runs"
        )
    failed = first_failed(rows)
    return f"{login.label} may not enter: {failed.name}: {failed.sentence}" if failed else ""


def why_wrong_mode(card: Card, login: BrokerLogin) -> str:
    """Why a card of one mode may not be sent through a login of the other."""
    if card.mode is login.mode:
        return ""
    return (
        f"{card.symbol} card {card.id} was written for {card.mode} and {login.label} is "
        f"{login.mode} now; wait for a card of this mode"
    )


def must_type(tx: Session, login: BrokerLogin, *, at: datetime) -> bool:
    """Whether a LIVE approval needs typed words: the login's first entry of the day does."""
    if login.mode is not LoginMode.LIVE:
        return False
    midnight = datetime.combine(ist_day(at), datetime.min.time(), IST)
    sent = orders.sent_since(tx, midnight)
    return not any(one.login_id == login.id and one.purpose is Purpose.ENTRY for one in sent)


def why_not_typed(card: Card, typed: str) -> str:
    """Why what was typed is no confirmation; empty when it is."""
    wanted = typed_words(card)
    if " ".join(typed.split()).upper() == wanted.upper():
        return ""
    return (
        f"This is real money: type {wanted} to approve "
        + (f"(typed was {typed.strip()[:40]!r})" if typed.strip() else "it")
        + "; nothing was sent"
    )


def go_live(desk: Desk, login_id: str, *, typed: str, by: str) -> list[LiveRow]:
    """Switch a login to LIVE; every row must pass now and the login's words must be typed.

    Raises:
        BadInput: other words were typed, or the store is not stamped live.
        Refused: a row fails; the sentence is that row's.
    """
    with desk.store.read() as tx:
        login = accounts.login(tx, login_id)
    if desk.market is not Market.LIVE:
        raise BadInput(
            f"{login.label}: this store is stamped {desk.market} and holds no LIVE login; open "
            "one with MUNIM_MARKET=live"
        )
    wanted = live_words(login)
    if typed.strip() != wanted:
        raise BadInput(f"type {wanted} exactly to let {login.label} move real money")
    rows = keep_rows(desk, login_id)
    if failed := first_failed(rows):
        missing = sum(not row.passed for row in rows)
        raise Refused(
            f"{login.label} stays {login.mode}: {failed.name}: {failed.sentence} "
            f"({missing} of {len(rows)} rows fail)"
        )
    _switch(desk, login, LoginMode.LIVE, by=by)
    return rows


def go_paper(desk: Desk, login_id: str, *, by: str) -> None:
    """Switch a login back to PAPER; what it holds stays and is protected as before."""
    with desk.store.read() as tx:
        login = accounts.login(tx, login_id)
    if login.mode is LoginMode.PAPER:
        raise BadInput(f"{login.label} is PAPER already")
    _switch(desk, login, LoginMode.PAPER, by=by)


def live_words(login: BrokerLogin) -> str:
    """What a person types to switch a login to LIVE."""
    return f"LIVE {login.id}"


def _switch(desk: Desk, login: BrokerLogin, mode: LoginMode, *, by: str) -> None:
    with desk.store.write() as tx:
        accounts.put_login(tx, replace(login, mode=mode))
        body = {"from": login.mode, "to": mode}
        audit.append(
            tx, at=desk.clock.now(), actor=by, verb="login mode", subject=login.id, body=body
        )


def _walked(before: dict[str, Any], at: datetime) -> LiveRow | None:
    """The chain's row as kept, while it passed not long ago."""
    if not before or not before.get("chain_at"):
        return None
    fresh = at - datetime.fromisoformat(before["chain_at"]) <= AUDIT_LASTS
    kept = next((row for row in _rows(before) if row.name == CHAIN), None)
    return kept if fresh and kept is not None and kept.passed else None


def _rows(told: dict[str, Any]) -> list[LiveRow]:
    return [LiveRow(name, bool(passed), said) for name, passed, said in told.get("rows", [])]


def _tell_change(
    tx: Session, login: BrokerLogin, before: list[LiveRow], now: list[LiveRow], *, at: datetime
) -> None:
    """A row of a LIVE login that begins to fail is alarmed, and each change is recorded."""
    were = {row.name: row.passed for row in before}
    changed = [row for row in now if were.get(row.name) is not row.passed]
    if login.mode is not LoginMode.LIVE or not before or not changed:
        return
    body = {row.name: row.passed for row in changed}
    audit.append(tx, at=at, actor="worker", verb="live rows", subject=login.id, body=body)
    for row in changed:
        if not row.passed:
            raise_alarm(
                tx,
                id=f"live:{login.id}:{row.name}:{at.isoformat(timespec='seconds')}",
                isin="",
                symbol=login.label,
                at=at,
                sentence=f"{login.label} may not enter: {row.name}: {row.sentence}",
            )


def _key(login_id: str) -> str:
    return f"live:rows:{login_id}"
