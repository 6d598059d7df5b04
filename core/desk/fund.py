"""Money comes into and goes out of an account, posted once."""

from __future__ import annotations

import hashlib

from core.desk.desk import Desk
from core.domain.account import FundingPlan
from core.domain.ledger import CASH, Transaction
from core.domain.money import Money
from core.errors import BadInput
from core.store import accounts, audit, funding, ledger
from core.treasury import post


def add_money(
    desk: Desk, account_id: str, amount: Money, *, reference: str, by: str
) -> Transaction:
    """Post a deposit; the same reference a second time is refused."""
    if amount.paise <= 0:
        raise BadInput(f"a deposit of {amount} moves nothing; use an amount above ₹0")
    return _move(desk, account_id, amount, reference=reference, by=by)


def take_money(
    desk: Desk, account_id: str, amount: Money, *, reference: str, by: str
) -> Transaction:
    """Post a withdrawal of free cash; more than is free is refused."""
    if amount.paise <= 0:
        raise BadInput(f"a withdrawal of {amount} moves nothing; use an amount above ₹0")
    return _move(desk, account_id, -amount, reference=reference, by=by)


def _move(desk: Desk, account_id: str, amount: Money, *, reference: str, by: str) -> Transaction:
    at = desk.clock.now()
    name = "cap" + hashlib.sha256(f"{account_id}\x1f{reference}".encode()).hexdigest()[:12]
    with desk.store.write() as tx:
        account = accounts.by_id(tx, account_id)
        free = ledger.balance(tx, account_id, CASH)
        if (free + amount).paise < 0:
            raise BadInput(
                f"{account.name} has {free} free and {-amount} was asked for; take less or sell"
            )
        words = reference
        if amount.paise > 0:
            made = post.deposit(
                account_id=account_id, amount=amount, at=at, reference=name, words=words
            )
        else:
            made = post.withdrawal(
                account_id=account_id, amount=-amount, at=at, reference=name, words=words
            )
        if not ledger.post(tx, made):
            raise BadInput(f"{reference!r} was already posted to {account.name}; use another name")
        funding.put_capital(tx, made.id, account_id, at, amount, words)
        audit.append(
            tx,
            at=at,
            actor=by,
            verb="deposit" if amount.paise > 0 else "withdraw",
            subject=account_id,
            body={"amount_paise": amount.paise, "reference": reference},
        )
    return made


def plan_funding(desk: Desk, plan: FundingPlan, *, by: str) -> FundingPlan:
    """Store a funding plan as the account's next version."""
    at = desk.clock.now()
    with desk.store.write() as tx:
        accounts.by_id(tx, plan.account_id)
        funding.put(tx, plan)
        audit.append(
            tx,
            at=at,
            actor=by,
            verb="funding plan",
            subject=plan.account_id,
            body={"kind": plan.kind, "lump_paise": plan.lump_sum.paise, "version": plan.version},
        )
    return plan
