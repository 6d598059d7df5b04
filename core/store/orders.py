"""Intents and orders: committed before a byte leaves, each with its current row and version."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import func, select
from sqlmodel import Session

from core.domain.order import NEXT, Order, OrderStatus
from core.errors import IllegalTransition, NotFound
from core.store.codec import to_json
from core.store.moment import keep, keeps, kept
from core.store.sql import flat, insert_new, parts, save_next, value_of, values_of
from core.store.tables_trade import orders

COLUMNS = (
    "id", "tag", "plan_id", "account_id", "login_id", "isin", "symbol", "purpose", "side", "qty",
    "status", "prepared_at", "sent_at", "broker_order_id", "version",
)  # fmt: skip
OF_PLAN, BY_BROKER_ID = "orders of plan", "order by broker id at "


def put(tx: Session, order: Order) -> None:
    """Keep a new intent; raises IllegalTransition when its id or tag is taken."""
    if not insert_new(tx, orders, {**flat(order, *COLUMNS), "body": to_json(order)}):
        raise IllegalTransition(
            f"order {order.id} with tag {order.tag} is in the store already; save its next version"
        )


def save(tx: Session, order: Order) -> None:
    """Keep the next version of an order; raises IllegalTransition when it moved on meanwhile."""
    row = {**flat(order, *COLUMNS), "body": to_json(order)}
    name = f"order {order.id}"
    save_next(tx, orders, orders.c.id == order.id, row, what=name, following=NEXT, value=order)


def by_id(tx: Session, order_id: str) -> Order:
    """One order by our id; raises NotFound."""
    order = value_of(tx, Order, select(orders.c.body).where(orders.c.id == order_id))
    if order is None:
        raise NotFound(f"no order has the id {order_id}")
    return order


def by_tag(tx: Session, tag: str) -> Order | None:
    """The order a broker's tag belongs to, or None when it is not ours."""
    return value_of(tx, Order, select(orders.c.body).where(orders.c.tag == tag))


def by_broker_id(tx: Session, broker_order_id: str, *, login_id: str) -> Order | None:
    """The newest order of a login with its broker's order id, or None when it is not ours.

    Two brokers count their orders of a day alike, so an id says nothing without its login.
    """
    if not broker_order_id:
        return None
    ids, kind = [broker_order_id], BY_BROKER_ID + login_id
    read = partial(by_broker_ids, tx, ids, login_id=login_id)
    return kept(tx, kind, broker_order_id, lambda: read()[broker_order_id])


def by_broker_ids(
    tx: Session, broker_order_ids: Iterable[str], *, login_id: str
) -> dict[str, Order | None]:
    """The same for many ids; a transaction that only reads knows each of them from here on."""
    found: dict[str, Order | None] = dict.fromkeys(broker_order_ids)
    for lot in parts(list(found)):
        asked = select(orders.c.body).where(
            orders.c.broker_order_id.in_(lot), orders.c.login_id == login_id
        )
        for order in values_of(tx, Order, asked.order_by(orders.c.prepared_at)):
            found[order.broker_order_id] = order
    if keeps(tx):
        keep(tx, BY_BROKER_ID + login_id, found)
    return found


def all_by_broker_id(tx: Session, broker_order_id: str, *, login_id: str) -> list[Order]:
    """Every order of a login with one broker order id, oldest first; the same day's or another's.

    Several of one day stand for one order of the broker's own.
    """
    asked = select(orders.c.body).where(
        orders.c.broker_order_id == broker_order_id, orders.c.login_id == login_id
    )
    return values_of(tx, Order, asked.order_by(orders.c.prepared_at, orders.c.id))


def with_status(tx: Session, *statuses: OrderStatus) -> list[Order]:
    """Orders at one of these statuses, oldest first."""
    found = select(orders.c.body).where(orders.c.status.in_([s.value for s in statuses]))
    return values_of(tx, Order, found.order_by(orders.c.prepared_at, orders.c.id))


def of_plan(tx: Session, plan_id: str) -> list[Order]:
    """Every order of a plan, oldest first."""
    return list(kept(tx, OF_PLAN, plan_id, lambda: of_plans(tx, [plan_id])[plan_id]))


def of_plans(tx: Session, plan_ids: Sequence[str]) -> dict[str, list[Order]]:
    """Every order of each of these plans, oldest first; an empty list for one without."""
    found: dict[str, list[Order]] = {name: [] for name in plan_ids}
    for lot in parts(plan_ids):
        asked = select(orders.c.body).where(orders.c.plan_id.in_(lot))
        for order in values_of(tx, Order, asked.order_by(orders.c.prepared_at, orders.c.id)):
            found[order.plan_id].append(order)
    return found


def recent(tx: Session, limit: int = 200) -> list[Order]:
    """The newest orders, newest first."""
    found = select(orders.c.body).order_by(orders.c.prepared_at.desc(), orders.c.id)
    return values_of(tx, Order, found.limit(limit))


def sent_since(tx: Session, at: datetime) -> list[Order]:
    """Every order that left at or after a moment, oldest first."""
    found = select(orders.c.body).where(orders.c.sent_at >= at)
    return values_of(tx, Order, found.order_by(orders.c.sent_at, orders.c.id))


def sends_since(tx: Session, login_id: str, at: datetime) -> int:
    """How many orders of a login left at or after a moment, for the rate cap."""
    found = select(func.count()).where(orders.c.login_id == login_id, orders.c.sent_at >= at)
    return int(tx.execute(found).scalar_one())
