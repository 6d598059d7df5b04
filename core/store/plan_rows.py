"""Everything the store knows of many plans, in one statement a table.

The trading floor asks about each held plan several times a second; asked one by one, two hundred
plans are thousands of statements.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from sqlmodel import Session

from core.domain.order import Fill
from core.store import actions, fills, instruments, orders, plans, protections, quotes
from core.store.moment import keep, keeps


def read_ahead(tx: Session, plan_ids: Iterable[str]) -> None:
    """Read plans with orders, fills, share changes and protections, before each is asked for.

    Nothing in a transaction that may write, where each is read when it is asked for.
    """
    names = sorted(set(plan_ids))
    if not keeps(tx) or not names:
        return
    plans.read_ahead(tx, names)
    of_plan, done = orders.of_plans(tx, names), fills.of_plans(tx, names)
    of_order: dict[str, list[Fill]] = {one.id: [] for mine in of_plan.values() for one in mine}
    for fill in chain.from_iterable(done.values()):
        of_order[fill.order_id].append(fill)
    keep(tx, orders.OF_PLAN, of_plan)
    keep(tx, fills.OF_ORDER, of_order)
    keep(tx, fills.OF_PLAN, done)
    keep(tx, actions.OF_PLAN, actions.changes_of_plans(tx, names))
    keep(tx, protections.BY_PLAN, protections.by_plans(tx, names))


def read_shares_ahead(tx: Session, isins: Iterable[str]) -> None:
    """Read shares and their last prices in the same way."""
    asked = sorted(set(isins))
    if keeps(tx) and asked:
        keep(tx, instruments.BY_ISIN, dict.fromkeys(asked) | instruments.of(tx, asked))
        quotes.read_ahead(tx, asked)


def read_trades_ahead(tx: Session, broker_order_ids: Iterable[str], *, login_id: str) -> None:
    """Read the orders that a broker's trades are of, with their fills, in the same way."""
    if not keeps(tx):
        return
    found = orders.by_broker_ids(tx, broker_order_ids, login_id=login_id).values()
    read_ahead(tx, {order.plan_id for order in found if order is not None})
