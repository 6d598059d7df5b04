"""Ten BEL sold short thirty hours ago at 400, which their day did not buy back."""

from __future__ import annotations

from core.desk.desk import Desk
from core.domain.order import OrderStatus, Product, Purpose, Side
from core.domain.plan import PlanStatus
from core.store import fills, orders, plans
from tests.made import a_fill, a_plan, an_order
from tests.views.shelf import BEL, ago, rs


def left_short(desk: Desk) -> str:
    """Put it into the store; returns the plan's id."""
    sold = a_fill(
        order_id="or-short", trade_id="t7", account_id="event", isin=BEL, symbol="BEL", qty=-10,
        price=rs("400"), product=Product.MIS, traded_at=ago(hours=30),
    )  # fmt: skip
    order = an_order(
        "or-short", plan_id="pl-short", account_id="event", login_id="paper", isin=BEL,
        symbol="BEL", side=Side.SELL, purpose=Purpose.ENTRY, qty=10, product=Product.MIS,
        status=OrderStatus.FILLED, prepared_at=sold.traded_at,
    )  # fmt: skip
    plan = a_plan(
        "pl-short", account_id="event", login_id="paper", isin=BEL, symbol="BEL", side=Side.SELL,
        qty=10, product=Product.MIS, status=PlanStatus.HOLDING, opened_at=sold.traded_at,
    )  # fmt: skip
    with desk.store.write() as tx:
        plans.put(tx, plan)
        orders.put(tx, order)
        fills.put(tx, sold)
    return plan.id
