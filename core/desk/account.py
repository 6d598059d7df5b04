"""The life of an account: opened, paused and resumed, closed once nothing of it is left.

A pause is the account's own kill level PAUSE, so that approvals, guardrails and sends refuse by
the same rule and it survives a restart; stops and exits go on.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.kill import resume, set_level
from core.desk.mandate import OPENED, version_of
from core.desk.supersede import supersede_cards
from core.domain.account import Account
from core.domain.clock import IST, ist_day
from core.domain.ledger import CASH, CLEARING, EXTERNAL, RECEIVABLE, RESERVED, SPUN_OFF
from core.domain.mandate import Mandate
from core.domain.money import ZERO, Money
from core.domain.order import TERMINAL, OrderStatus
from core.domain.plan import PlanStatus
from core.domain.risk import DESK, KillLevel, KillSwitch
from core.domain.transfer import TransferStatus, advance
from core.domain.words import counted, qty, rupees
from core.errors import BadInput, Refused
from core.store import (
    accounts,
    audit,
    drafts,
    fills,
    instruments,
    kills,
    ledger,
    mandates,
    orders,
    plans,
    transfers,
)

NAME_MAX = 60
WORKING = tuple(one for one in OrderStatus if one not in TERMINAL)
LIVE_PLANS = (PlanStatus.ENTERING, PlanStatus.HOLDING, PlanStatus.EXITING)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing that an account still holds, and the step that ends it."""

    what: str
    step: str


def open_account(
    desk: Desk, name: str, *, login_id: str, rules: Mandate, by: str, why: str = ""
) -> Account:
    """Open an account at a login under a copy of some rules, signed now as its version 1.

    Raises:
        BadInput: a name that is empty, too long or taken.
        NotFound: no such login.
    """
    at = desk.clock.now()
    with desk.store.write() as tx:
        return open_in(tx, name, login_id=login_id, rules=rules, at=at, by=by, why=why)


def open_in(
    tx: Session, name: str, *, login_id: str, rules: Mandate, at: datetime, by: str, why: str = ""
) -> Account:
    """The same within a transaction that does more."""
    words = " ".join(name.split())
    if not 0 < len(words) <= NAME_MAX:
        raise BadInput(f"a name of {len(words)} characters cannot be used; give 1 to {NAME_MAX}")
    known = accounts.accounts(tx)
    for one in known:  # a command takes either, and must not find another account by it
        if words.casefold() in (one.name.casefold(), one.id):
            raise BadInput(
                f"an account named {one.name} ({one.id}) exists already; choose another name"
            )
    taken = {one.id for one in known} | {DESK}
    account = Account(id=_id_for(words, taken), name=words, login_id=login_id, opened_at=at)
    accounts.put_account(tx, account)
    mandates.put(tx, replace(rules, account_id=account.id, version=1, signed_at=at))
    audit.append(
        tx,
        at=at,
        actor=by,
        verb=OPENED,
        subject=account.id,
        body={
            "name": words,
            "login": login_id,
            "objective": rules.objective,
            **({"why": why.strip()} if why.strip() else {}),
        },
    )
    return account


def clone_account(
    desk: Desk,
    account_id: str,
    *,
    name: str,
    login_id: str = "",
    version: int | None = None,
    by: str,
    why: str = "",
) -> Account:
    """Open a new account under the rules of another one, at the same login unless one is named."""
    with desk.store.read() as tx:
        source = accounts.by_id(tx, account_id)
        rules = version_of(tx, account_id, version)
    whose = f"rules of {source.name}, version {rules.version}"
    return open_account(
        desk,
        name,
        login_id=login_id or source.login_id,
        rules=rules,
        by=by,
        why=": ".join(filter(None, (whose, why.strip()))),
    )


def pause_account(desk: Desk, account_id: str, *, why: str, by: str) -> KillSwitch:
    """Let no new entry of an account through; what it holds stays protected.

    Its waiting cards end with the reason; new ones are written once it is resumed.

    Raises:
        BadInput: no reason, or a stricter level stands.
        Refused: the account is closed or paused already.
    """
    with desk.store.read() as tx:
        account = accounts.open_by_id(tx, account_id)
        stands = own_switch(tx, account_id)
    if stands is not None and stands.level is KillLevel.PAUSE:
        raise Refused(f"{account.name} is paused already: {stands.reason}")
    return set_level(desk, KillLevel.PAUSE, scope=account_id, reason=why, by=by)


def resume_account(desk: Desk, account_id: str, *, why: str, by: str) -> KillSwitch:
    """Let entries of a paused account through again.

    Raises:
        Refused: the account is not paused, or stands at a stricter level than a pause.
    """
    with desk.store.read() as tx:
        account = accounts.open_by_id(tx, account_id)
        stands = own_switch(tx, account_id)
    if stands is None:
        raise Refused(f"{account.name} is not paused; nothing changed")
    if stands.level > KillLevel.PAUSE:
        raise Refused(
            f"{account.name} stands at {stands.level.name}, set by {stands.set_by}: "
            f"{stands.reason}; munim resume --account {account.id} lifts that"
        )
    return resume(desk, scope=account_id, reason=why, by=by)


def own_switch(tx: Session, account_id: str) -> KillSwitch | None:
    """What was set for an account itself and stands; None at NORMAL."""
    found = {one.scope: one for one in kills.current(tx)}.get(account_id)
    return None if found is None or found.level is KillLevel.NORMAL else found


def close_account(desk: Desk, account_id: str, *, why: str, by: str) -> Account:
    """Close an account for good; its books and its record stay.

    Raises:
        BadInput: no reason.
        Refused: it still holds something, each named with its number and the way out.
    """
    if not why.strip():
        raise BadInput("closing an account needs a reason, so that the record says why")
    at = desk.clock.now()
    with desk.store.write() as tx:
        accounts.hold(tx, account_id)
        account = accounts.open_by_id(tx, account_id)
        left = obstacles(tx, account_id, today=ist_day(at))
        if left:
            held = "; ".join(f"{one.what} ({one.step})" for one in left)
            raise Refused(f"{account.name} cannot be closed: it has {held}")
        _close(tx, account, at=at, why=why.strip(), by=by)
    return replace(account, closed_at=at)


def _close(tx: Session, account: Account, *, at: datetime, why: str, by: str) -> None:
    accounts.close(tx, account.id, at)
    reason = f"{account.name} was closed"
    ended = supersede_cards(tx, account.id, reason=reason)
    _call_off_proposals(tx, account, reason=reason, at=at, by=by)
    drafts.drop(tx, f"intake:{account.id}")
    body = {"name": account.name, "why": why, "cards_ended": ended}
    audit.append(tx, at=at, actor=by, verb="close account", subject=account.id, body=body)


def _call_off_proposals(
    tx: Session, account: Account, *, reason: str, at: datetime, by: str
) -> None:
    """End transfers from or to an account that nobody approved; no money of theirs has moved."""
    for one in transfers.under_way(tx):
        mine = account.id in (one.from_account, one.to_account)
        if not mine or one.status is not TransferStatus.PROPOSED:
            continue
        ended = advance(one, TransferStatus.CANCELLED, ended=reason, at=at)
        transfers.save(tx, ended)
        body = {"from": one.from_account, "to": one.to_account or "owner", "because": reason}
        audit.append(tx, at=at, actor=by, verb="cancel transfer", subject=one.id, body=body)


def obstacles(tx: Session, account_id: str, *, today: date) -> tuple[Obstacle, ...]:
    """All that keeps an account from being closed, in the order in which to deal with it."""
    held = ledger.positions(tx, account_id)
    symbols = {isin: one.symbol for isin, one in instruments.of(tx, [p.isin for p in held]).items()}
    working = [one for one in orders.with_status(tx, *WORKING) if one.account_id == account_id]
    going = [one for one in plans.with_status(tx, *LIVE_PLANS) if one.account_id == account_id]
    money = ledger.balances(tx, account_id)
    found = [
        Obstacle(
            f"{qty(one.qty)} {symbols.get(one.isin, one.isin)} at a cost of {rupees(one.cost)}",
            f"munim exit {symbols.get(one.isin, one.isin)} --account {account_id}",
        )
        for one in held
    ]
    if working:
        found.append(
            Obstacle(
                f"{counted(len(working), 'open order')} "
                f"({', '.join(sorted({one.symbol for one in working}))})",
                "wait until it ends, or munim halt --account cancels entries",
            )
        )
    elif going and not held:
        found.append(
            Obstacle(counted(len(going), "plan under way"), "wait until the worker ends it")
        )
    coming = [one for one in transfers.under_way(tx) if one.to_account == account_id]
    found += [
        Obstacle(f"{rupees(one.in_clearing)} coming from another account",
                 f"confirm the steps of {one.id} or call it off")
        for one in coming
        if one.in_clearing
    ]  # fmt: skip
    return (*found, *_traded(tx, account_id, today), *_money_left(money))


def _traded(tx: Session, account_id: str, today: date) -> list[Obstacle]:
    """Trades of today: what they cost is final once the day's tax is booked."""
    midnight = datetime.combine(today, time(), IST)
    made = [one for one in fills.since(tx, midnight) if one.account_id == account_id]
    if not made:
        return []
    many = counted(len(made), "trade")
    return [Obstacle(f"{many} of today", "close it tomorrow, once the day's charges are booked")]


def _money_left(money: dict[str, Money]) -> list[Obstacle]:
    """Reserved cash, cash, and what is owed to the account or lies between accounts."""
    known = (
        (RESERVED, "reserved for orders", "it is let go when the order ends"),
        (CASH, "in cash", "move it to another account or take it out"),
        (RECEIVABLE, "in dividends on their way", "wait until they are paid"),
    )
    found = [
        Obstacle(f"{rupees(money[name])} {words}", step)
        for name, words, step in known
        if money.get(name, ZERO)
    ]
    for name, amount in sorted(money.items()):
        if name.startswith(CLEARING) and amount:
            found.append(Obstacle(f"{rupees(amount)} on its way between accounts",
                                  "confirm or call off the transfer"))  # fmt: skip
        if name.startswith(SPUN_OFF) and amount:
            found.append(Obstacle(f"{rupees(amount)} in a demerged business",
                                  "munim data actions allotted books its shares"))  # fmt: skip
    return found


def _id_for(name: str, taken: set[str]) -> str:
    """A short id made of the name, which no account has; it never looks like a bucket's."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:24].strip("-") or "account"
    if plain not in taken and not plain.startswith(EXTERNAL):
        return plain
    mark = hashlib.sha256(f"{name}\x1f{len(taken)}".encode()).hexdigest()[:6]
    return f"{plain}-{mark}"
