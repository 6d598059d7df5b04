"""Trades of past days put straight into the books, with the charges that the desk would book."""

from __future__ import annotations

from datetime import UTC, datetime

from core.desk.books import fill_costs
from core.desk.desk import Desk
from core.domain.account import Account, Broker
from core.domain.instrument import Instrument
from core.domain.money import ZERO, Money
from core.domain.order import Fill, OrderStatus, Product, Purpose, Side
from core.domain.plan import PlanStatus
from core.store import accounts, fills, ledger, orders, plans
from core.treasury import post
from tests.made import MIDCO, T0, a_plan, an_order, rs

SECOND = Account(id="second", name="Long term", login_id="paper", opened_at=T0)


def second_account(desk: Desk) -> None:
    """Another account on the same login."""
    with desk.store.write() as tx:
        accounts.put_account(tx, SECOND)


def traded(
    desk: Desk,
    day: str,
    qty: int,
    price: str,
    *,
    account: str = "event",
    of: Instrument = MIDCO,
    product: Product = Product.CNC,
    clock: int = 5,
    stays: bool = False,
) -> Fill:
    """One order with one fill, booked; its plan is closed unless it `stays`."""
    at = datetime.fromisoformat(day).replace(hour=clock, tzinfo=UTC)
    name = f"{account}-{of.symbol}-{day}-{clock}-{qty}"
    fill = Fill(name, f"T{name}", "NSE", account, of.isin, of.symbol, qty, rs(price), product, at)
    order = an_order(
        name,
        plan_id=f"pl-{name}",
        account_id=account,
        login_id="paper",
        isin=of.isin,
        symbol=of.symbol,
        purpose=Purpose.ENTRY,
        side=Side.BUY if qty > 0 else Side.SELL,
        qty=abs(qty),
        product=product,
        status=OrderStatus.FILLED,
        prepared_at=at,
        broker_order_id=f"B{name}",
    )
    with desk.store.write() as tx:
        plan = a_plan(
            f"pl-{name}",
            account_id=account,
            login_id="paper",
            status=PlanStatus.HOLDING if stays else PlanStatus.CLOSED,
            side=order.side,
            product=product,
            opened_at=at,
        )
        plans.put(tx, plan)
        orders.put(tx, order)
        fills.put(tx, fill)
        held = next((p for p in ledger.positions(tx, account) if p.isin == of.isin), None)
        costs = fill_costs(Broker.PAPER, fill, before=ZERO)
        ledger.post(tx, post.trade(fill, held, costs, may_short=product is Product.MIS))
    return fill


def paid(fill: Fill) -> Money:
    """What a fill cost without the tax on transactions."""
    costs = fill_costs(Broker.PAPER, fill, before=ZERO)
    return costs.total - costs.stt
