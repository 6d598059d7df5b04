"""Money promised to an account, and money that came or went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session

from core.domain.account import FundingPlan
from core.domain.money import Money
from core.errors import IllegalTransition
from core.store.codec import to_json
from core.store.sql import flat, insert_new, value_of
from core.store.tables_books import capital as moves
from core.store.tables_books import funding_plans

F = funding_plans.c


@dataclass(frozen=True, slots=True)
class Capital:
    """Money into an account (+) or out of it (-)."""

    id: str
    account_id: str
    at: datetime
    amount: Money
    words: str


def put(tx: Session, plan: FundingPlan) -> None:
    """Keep the next version of a funding plan; raises IllegalTransition for any other."""
    found = select(F.version).where(F.account_id == plan.account_id)
    last = tx.execute(found.order_by(F.version.desc()).limit(1)).scalar() or 0
    named = ("account_id", "version", "kind", "lump_sum", "instalment")
    row = {**flat(plan, *named), "body": to_json(plan)}
    if plan.version != last + 1 or not insert_new(tx, funding_plans, row):
        raise IllegalTransition(
            f"the funding plan of {plan.account_id} is at version {last} and version "
            f"{plan.version} cannot follow; write version {last + 1}"
        )


def current(tx: Session, account_id: str) -> FundingPlan | None:
    """The funding plan that stands, or None."""
    found = select(F.body).where(F.account_id == account_id).order_by(F.version.desc())
    return value_of(tx, FundingPlan, found)


def put_capital(
    tx: Session, id: str, account_id: str, at: datetime, amount: Money, words: str
) -> bool:
    """Keep one move of capital; False when its id is known already."""
    move = Capital(id=id, account_id=account_id, at=at, amount=amount, words=words)
    return insert_new(tx, moves, flat(move))


def capital(tx: Session, account_id: str) -> list[Capital]:
    """Every move of capital of an account, oldest first."""
    found = select(moves).where(moves.c.account_id == account_id)
    rows = tx.execute(found.order_by(moves.c.at, moves.c.id)).mappings()
    return [Capital(**{**row, "amount": Money(row["amount"])}) for row in rows]
