"""Money comes into and goes out of an account, posted once."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from core.desk.deploy import kept_back, receipts
from core.desk.desk import Desk
from core.desk.short_cash import free_cash
from core.desk.tranches import due, fire
from core.domain.account import Account, FundingPlan
from core.domain.clock import ist_day
from core.domain.ledger import Transaction
from core.domain.money import ZERO, Money, total
from core.domain.words import ist_stamp, ist_time, rupees
from core.errors import BadInput, NotFound, Refused, Repeated
from core.store import accounts, audit, funding, ledger
from core.treasury import post

PLANNED, BY_HAND = "funding plan", "by hand"


def add_money(
    desk: Desk,
    account_id: str,
    amount: Money,
    *,
    reference: str = "",
    by: str,
    again: bool = False,
) -> Transaction:
    """Post a deposit; the same reference a second time is refused.

    Args:
        again: whether the same rupees without a reference are meant a second time on one day.

    Raises:
        BadInput: nothing would move, or the reference was posted before.
        Repeated: the same rupees were posted today, neither with a reference.
    """
    if amount.paise <= 0:
        raise BadInput(f"a deposit of {amount} moves nothing; use an amount above ₹0")
    return _move(desk, account_id, amount, reference=reference, by=by, again=again)


def take_money(
    desk: Desk,
    account_id: str,
    amount: Money,
    *,
    reference: str = "",
    by: str,
    again: bool = False,
) -> Transaction:
    """Post a withdrawal of free cash; more than is free is refused, and the same as a deposit."""
    if amount.paise <= 0:
        raise BadInput(f"a withdrawal of {amount} moves nothing; use an amount above ₹0")
    return _move(desk, account_id, -amount, reference=reference, by=by, again=again)


def _move(
    desk: Desk, account_id: str, amount: Money, *, reference: str, by: str, again: bool
) -> Transaction:
    at = desk.clock.now()
    with desk.store.write() as tx:
        accounts.hold(tx, account_id)
        account = accounts.open_by_id(tx, account_id)
        free = free_cash(tx, account_id)
        if amount.paise < 0 and (free + amount).paise < 0:
            raise BadInput(
                f"{account.name} has {free} free and {-amount} was asked for; take less or sell"
            )
        words = reference.strip() or _by_hand(tx, account, amount, at=at, again=again)
        name = "cap" + hashlib.sha256(f"{account_id}\x1f{words}".encode()).hexdigest()[:12]
        if amount.paise > 0:
            made = post.deposit(
                account_id=account_id, amount=amount, at=at, reference=name, words=words
            )
        else:
            made = post.withdrawal(
                account_id=account_id, amount=-amount, at=at, reference=name, words=words
            )
        if not ledger.post(tx, made):
            raise BadInput(f"{words!r} was already posted to {account.name}; use another name")
        funding.put_capital(tx, made.id, account_id, at, amount, words)
        audit.append(
            tx,
            at=at,
            actor=by,
            verb="deposit" if amount.paise > 0 else "withdraw",
            subject=account_id,
            body={"amount_paise": amount.paise, "reference": words},
        )
    return made


def _by_hand(tx: Session, account: Account, amount: Money, *, at: datetime, again: bool) -> str:
    """The name of a move without a reference; raises Repeated for the same on one day."""
    today = [
        one
        for one in funding.capital(tx, account.id)
        if one.words.startswith(BY_HAND) and ist_day(one.at) == ist_day(at)
    ]
    same = [one for one in today if one.amount == amount]
    if same and not again:
        verb = "added to" if amount.paise > 0 else "taken out of"
        last = ist_time(same[-1].at, seconds=False)
        raise Repeated(
            f"{rupees(abs(amount))} was {verb} {account.name} at {last} today, without "
            "a reference: is this the same or more? Give the bank's reference, or book it "
            "again"
        )
    return f"{BY_HAND} {ist_stamp(at)}" + (f" ({len(today) + 1})" if today else "")


def plan_funding(
    desk: Desk, plan: FundingPlan, *, by: str, why: str = "", counts_cash: bool = True
) -> FundingPlan:
    """Store a funding plan as the account's next version; tranches that are due go at once.

    Args:
        counts_cash: whether what lies free in the account pays the lump sum, or what more of it
            a new version names; else only money that comes from then on does.
    """
    with desk.store.write() as tx:
        return plan_in(desk, tx, plan, by=by, why=why, counts_cash=counts_cash)


def plan_in(
    desk: Desk,
    tx: Session,
    plan: FundingPlan,
    *,
    by: str,
    why: str,
    counts_cash: bool = True,
    begins: bool = False,
) -> FundingPlan:
    """The same within a transaction that does more.

    Args:
        begins: whether the plan begins anew now even where one of the same start stands, because
            the person was asked what its sum is paid from.
    """
    at = desk.clock.now()
    account = accounts.open_by_id(tx, plan.account_id)
    stands = funding.current(tx, account.id)
    if stands is not None and plan.version <= stands.version:
        raise Refused(
            f"{account.name}: version {stands.version} of the funding plan was saved since version "
            f"{plan.version - 1} was read; look at what it says and change that one"
        )
    kept = begun(desk, tx, plan, at=at, counts_cash=counts_cash, begins=begins)
    return _store(desk, tx, kept, at=at, by=by, why=why)


def _store(
    desk: Desk,
    tx: Session,
    kept: FundingPlan,
    *,
    at: datetime,
    by: str,
    why: str,
    restores: int | None = None,
) -> FundingPlan:
    funding.put(tx, kept)
    audit.append(
        tx,
        at=at,
        actor=by,
        verb=PLANNED,
        subject=kept.account_id,
        body={
            "kind": kept.kind,
            "lump_paise": kept.lump_sum.paise,
            "instalment_paise": kept.instalment.paise,
            "tranches": len(kept.tranches),
            "version": kept.version,
            **({"restores": restores} if restores is not None else {}),
            **({"why": why.strip()} if why.strip() else {}),
        },
    )
    for number, seen in due(desk, tx, kept, at=at).items():
        fire(tx, kept, number, at=at, seen=seen, by=by)
    return kept


def restore_plan(
    desk: Desk, account_id: str, version: int, *, by: str, why: str = ""
) -> FundingPlan:
    """Bring the terms of an earlier version back as the account's next one.

    It goes on with that version's own start and money, so that what was saved by mistake is undone.

    Raises:
        NotFound: no such version.
        Refused: the account is closed, or the version stands already.
    """
    at = desk.clock.now()
    with desk.store.write() as tx:
        account = accounts.open_by_id(tx, account_id)
        known = {one.version: one for one in funding.versions(tx, account_id)}
        if version not in known:
            raise NotFound(
                f"{account.name} has no funding plan version {version}; it has "
                f"{f'1 to {len(known)}' if known else 'none'}"
            )
        old, stands = known[version], known[max(known)]
        kept = replace(old, version=stands.version + 1, saved_at=at)
        if replace(kept, version=stands.version, saved_at=stands.saved_at) == stands:
            raise Refused(f"{account.name}: the terms of version {version} stand; nothing changed")
        return _store(desk, tx, kept, at=at, by=by, why=why, restores=version)


@dataclass(frozen=True, slots=True)
class Saving:
    """One version of a funding plan with who saved it and why; empty where nobody is named."""

    plan: FundingPlan
    by: str
    why: str


def plan_history(tx: Session, account_id: str) -> list[Saving]:
    """Every version with who saved it and why, newest first."""
    told: dict[int, tuple[str, str]] = {}
    for entry in audit.entries(tx, subject=account_id):
        if entry.verb == PLANNED:
            body = json.loads(entry.body)
            told[int(body["version"])] = (entry.actor, str(body.get("why", "")))
    saved = funding.versions(tx, account_id)
    return [Saving(one, *told.get(one.version, ("", ""))) for one in reversed(saved)]


def begun(
    desk: Desk,
    tx: Session,
    plan: FundingPlan,
    *,
    at: datetime,
    counts_cash: bool,
    begins: bool = False,
) -> FundingPlan:
    """The plan as it would be stored: when it was saved and began, and what lay there for it.

    One of the same start goes on; cash counts for what more of a lump sum it names.
    """
    before = funding.current(tx, plan.account_id)
    goes_on = before is not None and before.starts_on == plan.starts_on and not begins
    if before is not None and goes_on and before.began_at is not None:
        lay, more = before.already_in, plan.lump_sum - before.lump_sum
        if more > ZERO:
            lay = min(lay, before.lump_sum)
        if more > ZERO and counts_cash:
            today = ist_day(at)
            kept = kept_back(tx, [plan.account_id], calendar=desk.calendar, today=today)
            free = free_cash(tx, plan.account_id) - kept[plan.account_id].by_plan
            lay += min(more, max(ZERO, free))
        return replace(plan, began_at=before.began_at, already_in=lay, saved_at=at)
    anew = replace(plan, began_at=at, already_in=ZERO, saved_at=at)
    if not counts_cash:
        return anew
    counted = total(one.amount for one in receipts([anew], funding.capital(tx, plan.account_id)))
    return replace(anew, already_in=max(ZERO, free_cash(tx, plan.account_id) - counted))
