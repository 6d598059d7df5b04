"""Transfers between accounts and returns to the owner: proposed, approved, confirmed, cancelled.

The desk moves no money at a broker: a person does, and says what was seen. What is approved is out
of the account's cash at once, so that no card can spend it, and stands in clearing until it came.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.purse import purse
from core.desk.transfer_legs import arrive, fall_short, post_leg
from core.domain.account import Account
from core.domain.clock import ist_day
from core.domain.ledger import CASH, clearing_ledger
from core.domain.money import ZERO, Money
from core.domain.transfer import (
    OWNER,
    Step,
    StepName,
    Transfer,
    TransferStatus,
    advance,
    bound_hash,
    confirmed,
    expired,
    transfer_id,
)
from core.domain.words import day, rupees
from core.errors import ApprovalRefused, BadInput
from core.store import accounts, audit, funding, transfers
from core.treasury.purse import Purse, steps_of, withdrawable_on

LIVES: Final = timedelta(days=3)  # a proposal that nobody approved is forgotten


def propose(
    desk: Desk,
    *,
    from_account: str,
    to_account: str,
    amount: Money,
    reason: str,
    by: str,
    pays_instalment: bool = False,
) -> Transfer:
    """Put a transfer before a person; the same one that still waits is returned as it is.

    Args:
        to_account: an account's id, or OWNER for a return.
        pays_instalment: whether it pays what the other account's funding plan asks for.

    Raises:
        NotFound: no such account.
        BadInput: a closed account, no reason, more than the account can give away, an
            instalment of an account that has none, or the same asked twice at one moment.
    """
    at = desk.clock.now()
    with desk.store.write() as tx:
        accounts.hold(tx, from_account)
        _expire(tx, [one for one in _overdue(tx, at=at) if one.from_account == from_account], at=at)
        accounts.open_by_id(tx, from_account)
        given, to = purse(tx, desk, from_account), _to(tx, to_account)
        if pays_instalment:
            _refuse_no_instalment(tx, to)
        same = (from_account, to_account, amount, reason.strip(), pays_instalment)
        for one in transfers.under_way(tx):
            if one.status is TransferStatus.PROPOSED and same == (
                one.from_account, one.to_account, one.amount, one.reason, one.pays_instalment,
            ):  # fmt: skip
                return one
        made = Transfer(
            id=transfer_id(
                from_account=from_account,
                to_account=to_account,
                amount=amount,
                reason=reason.strip(),
                at=at,
            ),
            from_account=from_account,
            to_account=to_account,
            amount=amount,
            reason=reason.strip(),
            asked_by=by,
            made_at=at,
            expires_at=at + LIVES,
            steps=_steps(desk, given, to, amount, today=ist_day(at)),
            pays_instalment=pays_instalment,
        )
        _refuse_too_much(desk, made, given)
        if not transfers.put(tx, made):
            raise BadInput(f"transfer {made.id} was asked for at this very moment; ask again")
        _record(tx, made, "propose transfer", at=at, by=by, reason=made.reason)
    return made


def seen_hash(tx: Session, desk: Desk, transfer: Transfer) -> str:
    """What a click on this transfer signs as its account stands now."""
    return bound_hash(transfer, purse(tx, desk, transfer.from_account).balances)


def approve(desk: Desk, id: str, *, seen: str, by: str) -> Transfer:
    """Approve a transfer: inside one login it is done, else its money leaves for clearing.

    Args:
        seen: the hash of what the person was shown.

    Raises:
        NotFound: no such transfer.
        ApprovalRefused: it expired, was decided already, or its balances moved since.
        BadInput: it is more than the account can give away by now.
    """
    at = desk.clock.now()
    with desk.store.write() as tx:
        asked = _held(tx, id)
        if asked.status is not TransferStatus.PROPOSED:
            raise ApprovalRefused(f"transfer {id} is {asked.status} already; nothing was done")
        if asked.is_overdue(at):
            raise ApprovalRefused(
                f"transfer {id} expired on {day(asked.expires_at)}; propose it anew"
            )
        given, to = purse(tx, desk, asked.from_account), _to(tx, asked.to_account)
        if seen != bound_hash(asked, given.balances):
            raise ApprovalRefused(
                f"the balances of {given.name} moved since they were shown; look again, it has "
                f"{rupees(given.payable)} to give now"
            )
        _refuse_too_much(desk, asked, given)
        steps = _steps(desk, given, to, asked.amount, today=ist_day(at))
        if [one.name for one in steps] != [one.name for one in asked.steps]:
            raise ApprovalRefused(
                f"an account of transfer {id} changed its login since it was proposed, so its "
                "money goes another way; call it off and propose it anew"
            )
        now = replace(asked, steps=steps, approved_at=at, approved_by=by)
        where = "to the owner" if to is None else f"to {to.name}"
        said = f"{where}: {now.reason}"
        post_leg(tx, now, "out", CASH, clearing_ledger(id), now.amount, at=at, words=said)
        if steps[0].name is StepName.MOVE:
            now = arrive(tx, confirmed(now, seen=now.amount, at=at, by=by), given.name, at=at)
        else:
            now = advance(now, TransferStatus.MOVING)
        transfers.save(tx, now)
        _record(tx, now, "approve transfer", at=at, by=by)
    return now


def confirm(desk: Desk, id: str, step: StepName, *, seen: Money, by: str) -> Transfer:
    """Say that the next step happened and how many rupees were seen.

    What the broker did not pay out goes back to the account; what the bank or the other broker
    did not show stays with the owner.

    Raises:
        NotFound: no such transfer.
        IllegalTransition: it is not under way.
        BadInput: another step is next, or more was seen than was on its way.
    """
    at = desk.clock.now()
    with desk.store.write() as tx:
        now = _held(tx, id)
        following = now.next_step
        if now.status is TransferStatus.MOVING and following and following.name is not step:
            raise BadInput(f"transfer {id}: {following.name} comes before {step}; confirm it first")
        if now.status is TransferStatus.PROPOSED:
            raise BadInput(f"transfer {id} is not approved; approve it before its steps")
        before = now.on_its_way
        now = confirmed(now, seen=seen, at=at, by=by)
        if before - seen:
            fall_short(tx, now, step, before - seen, at=at)
        if now.next_step is None:
            now = arrive(tx, now, accounts.by_id(tx, now.from_account).name, at=at)
        else:
            now = replace(now, version=now.version + 1)
        transfers.save(tx, now)
        _record(tx, now, "confirm transfer", at=at, by=by, step=step, seen_paise=seen.paise)
    return now


def cancel(desk: Desk, id: str, *, because: str, by: str) -> Transfer:
    """Call a transfer off before its money left a broker; what stood in clearing goes back.

    Raises:
        NotFound: no such transfer.
        BadInput: no reason.
        IllegalTransition: it is over, or its money has left.
    """
    if not because.strip():
        raise BadInput("the record needs to know why; say why the transfer is called off")
    at = desk.clock.now()
    with desk.store.write() as tx:
        now = _held(tx, id)
        back = now.in_clearing
        ended = advance(now, TransferStatus.CANCELLED, ended=because.strip(), at=at)
        if back:
            said = f"called off: {ended.ended}"
            post_leg(tx, now, "back", clearing_ledger(id), CASH, back, at=at, words=said)
        transfers.save(tx, ended)
        _record(tx, ended, "cancel transfer", at=at, by=by, because=ended.ended)
    return ended


def expire_old(desk: Desk) -> int:
    """End proposals that nobody approved in time; says how many. The worker calls it."""
    at = desk.clock.now()
    with desk.store.read() as tx:
        if not _overdue(tx, at=at):
            return 0
    with desk.store.write() as tx:
        # every account before the first entry of the record, whose lock a click may wait for
        for name in sorted({one.from_account for one in _overdue(tx, at=at)}):
            accounts.hold(tx, name)
        return _expire(tx, _overdue(tx, at=at), at=at)


def _overdue(tx: Session, *, at: datetime) -> list[Transfer]:
    return [one for one in transfers.under_way(tx) if one.is_overdue(at)]


def _expire(tx: Session, late: Sequence[Transfer], *, at: datetime) -> int:
    for one in late:
        ended = expired(one)
        transfers.save(tx, ended)
        _record(tx, ended, "expire transfer", at=at, by="desk")
    return len(late)


def _held(tx: Session, id: str) -> Transfer:
    """A transfer as it stands once no other click is at its account; raises NotFound."""
    accounts.hold(tx, transfers.by_id(tx, id).from_account)
    return transfers.by_id(tx, id)


def _refuse_no_instalment(tx: Session, to: Account | None) -> None:
    plan = funding.current(tx, to.id) if to is not None else None
    if to is not None and (plan is None or not plan.instalment):
        raise BadInput(
            f"{to.name} has no plan with instalments, so a transfer cannot pay one; leave that out "
            "or write its plan first"
        )


def _to(tx: Session, account_id: str) -> Account | None:
    """The account that gets the money, None for the owner; raises BadInput for a closed one."""
    if account_id == OWNER:
        return None
    account = accounts.by_id(tx, account_id)
    if account.closed_at is not None:
        raise BadInput(f"{account.name} was closed on {day(account.closed_at)}; name another")
    return account


def _steps(
    desk: Desk, given: Purse, to: Account | None, amount: Money, *, today: date
) -> tuple[Step, ...]:
    login = to.login_id if to is not None else None
    return steps_of(given, to_login=login, amount=amount, calendar=desk.calendar, today=today)


def _refuse_too_much(desk: Desk, wanted: Transfer, given: Purse) -> None:
    """Refuse what would eat into reserved money, the floor or the buffer, or is not there yet."""
    most = given.payable
    if wanted.amount > most:
        raise BadInput(
            f"{given.name} has {rupees(most)} to give above reserved money, floor and buffer, and "
            f"{rupees(wanted.amount)} was asked for; take at most that"
        )
    if wanted.steps[0].name is StepName.MOVE and wanted.amount > given.movable:
        raise BadInput(
            f"{given.name} may use {rupees(given.movable)} today, for the rest was sold and has "
            f"not settled, and {rupees(wanted.amount)} was asked for; take at most that"
        )
    leaves = wanted.steps[0].name is StepName.WITHDRAW
    if leaves and withdrawable_on(given, wanted.amount, today=ist_day(desk.clock.now())) is None:
        raise BadInput(
            f"{given.name} has {rupees(given.withdrawable)} settled, and the calendar does not "
            f"tell when {rupees(wanted.amount)} are; take at most that"
        )


def _record(tx: Session, of: Transfer, verb: str, *, at: datetime, by: str, **more: object) -> None:
    body = {
        "from": of.from_account,
        "to": of.to_account or "owner",
        "amount_paise": of.amount.paise,
        "status": of.status.value,
        "in_clearing_paise": of.in_clearing.paise if of.in_clearing > ZERO else 0,
        **more,
    }
    audit.append(tx, at=at, actor=by, verb=verb, subject=of.id, body=body)
