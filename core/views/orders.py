"""Orders as the desk and the broker tell them: open, executed, broker-held pairs and plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from core.desk.desk import Desk
from core.domain.order import WORKING, Fill, Order, OrderStatus
from core.domain.plan import Plan
from core.domain.protection import Protection
from core.domain.quote import Quote
from core.domain.words import age_of, day, price, qty
from core.store import accounts, fills, orders, plans, protections, quotes
from core.views.protected import STATUS_WORDS
from core.views.shown import ORDER_TYPES, Cells, RowMark, Tag, Text, side_tag, when

RECENT = 60
BAD = (OrderStatus.REJECTED, OrderStatus.UNKNOWN, OrderStatus.ABSENT)


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order; `filled` is shares filled over shares asked."""

    time: str
    account: str
    side: Cells
    instrument: str
    purpose: str
    product: str
    filled: str
    ltp: str
    price: str
    status: Cells
    broker: str
    mark: RowMark = ""


@dataclass(frozen=True, slots=True)
class GttRow:
    """One broker-held stop-and-target pair."""

    instrument: str
    account: str
    gtt: str
    qty: str
    stop: str
    target: str
    status: Cells
    age: str


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One approved trade from first order to last share."""

    opened: str
    account: str
    side: Cells
    instrument: str
    qty: str
    stop: str
    target: str
    until: str
    status: Cells


@dataclass(frozen=True, slots=True)
class OrdersView:
    """The four tabs."""

    open: tuple[OrderRow, ...]
    executed: tuple[OrderRow, ...]
    gtts: tuple[GttRow, ...]
    plans: tuple[PlanRow, ...]


def orders_view(desk: Desk) -> OrdersView:
    """Working and ended orders, newest first, with protections and plans."""
    now = desk.clock.now()
    with desk.store.read() as tx:
        names = {one.id: one.name for one in accounts.accounts(tx)}
        prices = quotes.all_quotes(tx)
        recent = orders.recent(tx, RECENT)
        trades = _fills(tx, recent)
        shields = protections.live(tx)
        lately = plans.recent(tx, RECENT)
    rows = {order.id: _order_row(order, trades[order.id], prices, names, now) for order in recent}
    return OrdersView(
        open=tuple(rows[order.id] for order in recent if order.status in WORKING),
        executed=tuple(rows[order.id] for order in recent if order.status not in WORKING),
        gtts=tuple(_gtt_row(shield, names, now) for shield in shields if shield.gtt_id),
        plans=tuple(_plan_row(plan, names, now) for plan in lately),
    )


def _fills(tx: Session, recent: Sequence[Order]) -> dict[str, list[Fill]]:
    return {order.id: fills.of_order(tx, order.id) for order in recent}


def _order_row(
    order: Order,
    trades: Sequence[Fill],
    prices: Mapping[str, Quote],
    names: Mapping[str, str],
    now: datetime,
) -> OrderRow:
    done = abs(sum(trade.qty for trade in trades))
    shown = order.limit_price or order.trigger_price
    quote = prices.get(order.isin)
    bad = order.status in BAD
    return OrderRow(
        time=when(order.sent_at or order.prepared_at, now),
        account=names.get(order.account_id, order.account_id),
        side=side_tag(order.side),
        instrument=order.symbol,
        purpose=order.purpose.value,
        product=f"{order.product} · {ORDER_TYPES[order.order_type]} · {order.validity}",
        filled=f"{qty(done)} / {qty(order.qty)}",
        ltp=price(quote.ltp) if quote else "–",
        price=price(shown) if shown else "market",
        status=(Tag(order.status.lower(), "bad" if bad else ""), Text("", note=order.reason)),
        broker=" ".join(part for part in (order.broker_status, order.broker_order_id) if part)
        or "not told yet",
        mark="red" if order.status is OrderStatus.UNKNOWN else "",
    )


def _gtt_row(shield: Protection, names: Mapping[str, str], now: datetime) -> GttRow:
    at = shield.verified_at
    return GttRow(
        instrument=shield.symbol,
        account=names.get(shield.account_id, shield.account_id),
        gtt=shield.gtt_id,
        qty=qty(shield.qty),
        stop=price(shield.stop),
        target=price(shield.target),
        status=Tag(STATUS_WORDS[shield.status], "ok" if at else "warn"),
        age=f"read back {age_of(at, now)} ago" if at else "not read back yet",
    )


def _plan_row(plan: Plan, names: Mapping[str, str], now: datetime) -> PlanRow:
    return PlanRow(
        opened=when(plan.opened_at, now),
        account=names.get(plan.account_id, plan.account_id),
        side=side_tag(plan.side),
        instrument=plan.symbol,
        qty=qty(plan.qty),
        stop=price(plan.bracket.stop),
        target=price(plan.bracket.target),
        until=day(plan.time_exit_on),
        status=(Tag(plan.status.lower()), Text("", note=plan.reason)),
    )
