"""Trades at the exchange, each kept once by order, trade and exchange."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Row, select
from sqlmodel import Session

from core.domain.money import Money
from core.domain.order import Fill, Product
from core.store.moment import kept
from core.store.sql import flat, insert_new, parts
from core.store.tables_trade import fills, orders

OF_ORDER, OF_PLAN = "fills of order", "fills of plan"


def put(tx: Session, fill: Fill) -> bool:
    """Keep one fill; False when it is known already."""
    return insert_new(tx, fills, flat(fill))


def of_order(tx: Session, order_id: str) -> list[Fill]:
    """Fills of one order, in the order they were kept."""
    return list(kept(tx, OF_ORDER, order_id, lambda: _of_order(tx, order_id)))


def of_plan(tx: Session, plan_id: str) -> list[Fill]:
    """Fills of every order of a plan, in the order they were kept."""
    return list(kept(tx, OF_PLAN, plan_id, lambda: of_plans(tx, [plan_id])[plan_id]))


def of_plans(tx: Session, plan_ids: Sequence[str]) -> dict[str, list[Fill]]:
    """The same of each of these plans; an empty list for one without."""
    found: dict[str, list[Fill]] = {name: [] for name in plan_ids}
    for lot in parts(plan_ids):
        joined = select(fills, orders.c.plan_id).join(orders, orders.c.id == fills.c.order_id)
        rows = tx.execute(joined.where(orders.c.plan_id.in_(lot)).order_by(fills.c.id)).all()
        for row, fill in zip(rows, _values(rows), strict=True):
            found[row.plan_id].append(fill)
    return found


def recent(tx: Session, limit: int = 200) -> list[Fill]:
    """The newest fills, newest first."""
    found = select(fills).order_by(fills.c.traded_at.desc(), fills.c.id.desc()).limit(limit)
    return _values(tx.execute(found))


def since(tx: Session, at: datetime) -> list[Fill]:
    """Fills traded at or after a moment, oldest first."""
    found = select(fills).where(fills.c.traded_at >= at)
    return _values(tx.execute(found.order_by(fills.c.traded_at, fills.c.id)))


def _of_order(tx: Session, order_id: str) -> list[Fill]:
    found = select(fills).where(fills.c.order_id == order_id)
    return _values(tx.execute(found.order_by(fills.c.id)))


def _values(rows: Iterable[Row[tuple[object, ...]]]) -> list[Fill]:
    return [
        Fill(
            order_id=row.order_id,
            trade_id=row.trade_id,
            exchange=row.exchange,
            account_id=row.account_id,
            isin=row.isin,
            symbol=row.symbol,
            qty=row.qty,
            price=Money(row.price),
            product=Product(row.product),
            traded_at=row.traded_at,
        )
        for row in rows
    ]
