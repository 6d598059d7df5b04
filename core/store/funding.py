"""Money promised to an account, and money that came or went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, tuple_
from sqlmodel import Session

from core.domain.account import Firing, FundingPlan
from core.domain.money import Money
from core.errors import IllegalTransition
from core.store.codec import to_json
from core.store.sql import flat, insert_new, value_of, values_of
from core.store.tables_books import capital as moves
from core.store.tables_books import funding_plans, tranche_firings

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


def of_accounts(tx: Session, account_ids: Sequence[str]) -> dict[str, FundingPlan]:
    """The plan that stands for each of these accounts that has one."""
    last = select(F.account_id, func.max(F.version)).where(F.account_id.in_(account_ids))
    last = last.group_by(F.account_id)
    found = select(F.body).where(tuple_(F.account_id, F.version).in_(last))
    return {one.account_id: one for one in values_of(tx, FundingPlan, found)}


def versions(tx: Session, account_id: str) -> list[FundingPlan]:
    """Every version of an account's plan, oldest first."""
    return versions_of(tx, [account_id])[account_id]


def versions_of(tx: Session, account_ids: Sequence[str]) -> dict[str, list[FundingPlan]]:
    """The same of many accounts, each with a row of its own."""
    asked = select(F.body).where(F.account_id.in_(account_ids)).order_by(F.version)
    found: dict[str, list[FundingPlan]] = {name: [] for name in account_ids}
    for one in values_of(tx, FundingPlan, asked):
        found[one.account_id].append(one)
    return found


def put_firing(tx: Session, firing: Firing) -> bool:
    """Keep that a tranche was let go; False when it was before."""
    return insert_new(tx, tranche_firings, flat(firing))


def firings(tx: Session, account_id: str) -> list[Firing]:
    """Every tranche of an account that was let go, oldest first."""
    return firings_of(tx, [account_id])[account_id]


def firings_of(tx: Session, account_ids: Sequence[str]) -> dict[str, list[Firing]]:
    """The same of many accounts, each with a row of its own."""
    c = tranche_firings.c
    asked = select(tranche_firings).where(c.account_id.in_(account_ids))
    found: dict[str, list[Firing]] = {name: [] for name in account_ids}
    for row in tx.execute(asked.order_by(c.fired_at, c.tranche_id)).mappings():
        found[row["account_id"]].append(Firing(**{**row, "amount": Money(row["amount"])}))
    return found


def put_capital(
    tx: Session, id: str, account_id: str, at: datetime, amount: Money, words: str
) -> bool:
    """Keep one move of capital; False when its id is known already."""
    move = Capital(id=id, account_id=account_id, at=at, amount=amount, words=words)
    return insert_new(tx, moves, flat(move))


def capital(tx: Session, account_id: str) -> list[Capital]:
    """Every move of capital of an account, oldest first."""
    return capital_of(tx, [account_id])[account_id]


def capital_of(tx: Session, account_ids: Sequence[str]) -> dict[str, list[Capital]]:
    """The same of many accounts, each with a row of its own."""
    asked = select(moves).where(moves.c.account_id.in_(account_ids))
    found: dict[str, list[Capital]] = {name: [] for name in account_ids}
    for row in tx.execute(asked.order_by(moves.c.at, moves.c.id)).mappings():
        found[row["account_id"]].append(Capital(**{**row, "amount": Money(row["amount"])}))
    return found
