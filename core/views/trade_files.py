"""Positions, orders and trades as rows of a file: plain rupees, IST times, nothing rounded away."""

from __future__ import annotations

from dataclasses import dataclass

from core.desk.desk import Desk
from core.domain.clock import IST
from core.store import accounts, fills, orders
from core.views.order_rows import average_price
from core.views.positions import open_positions
from core.views.shown import in_rupees

EXPORTED = 5_000


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One order for a file: times in IST, prices in rupees, empty where there is none."""

    time: str
    account: str
    login: str
    broker: str
    side: str
    symbol: str
    isin: str
    why: str
    product: str
    type: str
    validity: str
    qty: int
    filled: int
    average: str
    limit: str
    trigger: str
    status: str
    broker_status: str
    broker_order_id: str
    tag: str
    reason: str


@dataclass(frozen=True, slots=True)
class TradeLine:
    """One trade for a file; `qty` is below zero for a sale, `value` in rupees without charges."""

    time: str
    account: str
    login: str
    symbol: str
    isin: str
    exchange: str
    qty: int
    price: str
    value: str
    product: str
    trade_id: str
    broker_order_id: str


@dataclass(frozen=True, slots=True)
class PositionLine:
    """One position for a file: prices in rupees, empty where there is none."""

    account: str
    login: str
    product: str
    symbol: str
    isin: str
    qty: int
    average: str
    ltp: str
    unrealised: str
    protected: str
    proof: str
    stop: str
    target: str
    r: float


def position_lines(desk: Desk) -> list[PositionLine]:
    """Every open position for a file."""
    with desk.store.read() as tx:
        held = open_positions(desk, tx, now=desk.clock.now())
    return [
        PositionLine(
            account=one.account,
            login=one.login,
            product=one.plan.product.value if one.plan else "CNC",
            symbol=one.symbol,
            isin=one.position.isin,
            qty=one.position.qty,
            average=in_rupees(one.position.avg_price),
            ltp=in_rupees(one.quote.ltp if one.quote else None),
            unrealised=in_rupees(one.gain),
            protected=one.cover.word.value,
            proof=one.cover.proof,
            stop=in_rupees(one.stop),
            target=in_rupees(one.target),
            r=round(one.in_r, 2),
        )
        for one in held
    ]


def order_lines(desk: Desk) -> list[OrderLine]:
    """The newest orders for a file, oldest first."""
    with desk.store.read() as tx:
        names = {one.id: one.name for one in accounts.accounts(tx)}
        at = {one.id: one for one in accounts.logins(tx)}
        told = [
            (order, fills.of_order(tx, order.id)) for order in reversed(orders.recent(tx, EXPORTED))
        ]
    return [
        OrderLine(
            time=(one.sent_at or one.prepared_at).astimezone(IST).isoformat(timespec="seconds"),
            account=names.get(one.account_id, one.account_id),
            login=at[one.login_id].label if one.login_id in at else one.login_id,
            broker=at[one.login_id].broker.value if one.login_id in at else "",
            side=one.side.value,
            symbol=one.symbol,
            isin=one.isin,
            why=one.purpose.value,
            product=one.product.value,
            type=one.order_type.value,
            validity=one.validity.value,
            qty=one.qty,
            filled=abs(sum(trade.qty for trade in trades)),
            average=in_rupees(average_price(trades)),
            limit=in_rupees(one.limit_price),
            trigger=in_rupees(one.trigger_price),
            status=one.status.value,
            broker_status=one.broker_status,
            broker_order_id=one.broker_order_id,
            tag=one.tag,
            reason=one.reason,
        )
        for one, trades in told
    ]


def trade_lines(desk: Desk) -> list[TradeLine]:
    """The newest trades for a file, oldest first."""
    with desk.store.read() as tx:
        names = {one.id: one.name for one in accounts.accounts(tx)}
        labels = {one.id: one.label for one in accounts.logins(tx)}
        told = [
            (trade, orders.by_id(tx, trade.order_id))
            for trade in reversed(fills.recent(tx, EXPORTED))
        ]
    return [
        TradeLine(
            time=trade.traded_at.astimezone(IST).isoformat(timespec="seconds"),
            account=names.get(trade.account_id, trade.account_id),
            login=labels.get(order.login_id, order.login_id),
            symbol=trade.symbol,
            isin=trade.isin,
            exchange=trade.exchange,
            qty=trade.qty,
            price=in_rupees(trade.price),
            value=in_rupees(trade.price * abs(trade.qty)),
            product=trade.product.value,
            trade_id=trade.trade_id,
            broker_order_id=order.broker_order_id,
        )
        for trade, order in told
    ]
