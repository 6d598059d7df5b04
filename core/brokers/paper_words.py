"""What the paper broker tells of its book, in the words of the port."""

from __future__ import annotations

from collections.abc import Mapping

from core.domain.instrument import Instrument
from core.domain.order import Fill, Order, OrderStatus
from core.domain.ports import BrokerOrder
from core.exchange.values import BookOrder, Ticket, Traded


def told(order: BookOrder) -> BrokerOrder:
    """An order as the broker's list shows it."""
    ticket = order.ticket
    return BrokerOrder(
        broker_order_id=order.order_id,
        tag=ticket.tag,
        symbol=ticket.symbol,
        isin=ticket.isin,
        side=ticket.side,
        qty=ticket.qty,
        filled_qty=order.filled,
        status=order.status,
        broker_status=_word(order),
        reason=order.reason,
        limit=ticket.limit,
        trigger=ticket.trigger if ticket.is_stop else None,
        product=ticket.product,
    )


def fill_of(trade: Traded, instruments: Mapping[str, Instrument]) -> Fill:
    """A trade; the account is the desk's to know and left empty."""
    return Fill(
        order_id=trade.order_id,
        trade_id=trade.trade_id,
        exchange=instruments[trade.isin].exchange,
        account_id="",
        isin=trade.isin,
        symbol=trade.symbol,
        qty=trade.qty * trade.side.sign,
        price=trade.price,
        product=trade.product,
        traded_at=trade.at,
    )


def ticket_of(order: Order) -> Ticket:
    """What the exchange needs of a desk order."""
    return Ticket(
        tag=order.tag,
        isin=order.isin,
        symbol=order.symbol,
        side=order.side,
        qty=order.qty,
        order_type=order.order_type,
        product=order.product,
        validity=order.validity,
        limit=order.limit_price,
        trigger=order.trigger_price,
    )


def _word(order: BookOrder) -> str:
    """The status word a broker's order book shows."""
    if order.queued and order.status is OrderStatus.OPEN:
        return "AMO REQ RECEIVED"
    if order.status is OrderStatus.OPEN:
        sleeps = order.ticket.is_stop and not order.triggered
        return "TRIGGER PENDING" if sleeps else "OPEN"
    return "COMPLETE" if order.status is OrderStatus.FILLED else order.status.value
