"""Parts that a broker made of one order of ours, added up so that the desk follows one order.

A broker that slices an order gives each part an id of its own and the tag of the whole. Parts of
one tag, share and side that together are no more than was asked for are one order; more than that
is no slice but an order too many, and is left for a person. Nothing here asks for slicing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlmodel import Session

from core.domain.order import TERMINAL, Fill, Order, OrderStatus
from core.domain.ports import BrokerOrder
from core.execution.recover import same_tag, tag_chars
from core.store import orders

S = OrderStatus


def gather(
    tx: Session, told: Sequence[BrokerOrder], trades: Sequence[Fill], *, followed: Sequence[Order]
) -> tuple[list[BrokerOrder], list[Fill]]:
    """The order book and its trades with the parts of each of our orders as one row.

    Args:
        followed: orders that are not over; only they can be one part that is too small.
    """
    parts: dict[str, list[BrokerOrder]] = defaultdict(list)
    for known in told:
        if tag := tag_chars(known.tag):
            parts[tag].append(known)
    by_tag = {order.tag.upper(): order for order in followed}
    rows: dict[str, BrokerOrder] = {}  # the whole, by the id of each of its parts
    for tag, made in parts.items():
        order = by_tag.get(tag) or (orders.by_tag(tx, tag) if len(made) > 1 else None)
        if order is not None and _are_parts(order, made):
            whole = _whole(order, made)
            rows |= dict.fromkeys(whole.parts, whole)
    if not rows:
        return list(told), list(trades)
    return _rows_once(told, rows), [_of_whole(trade, rows) for trade in trades]


def by_their_orders(
    told: Sequence[Fill], booked: Sequence[Fill], at_broker: Mapping[str, str]
) -> list[Fill]:
    """Trades of parts under the broker's id that their order has, as its fills are booked."""
    ids = {
        (fill.trade_id, fill.exchange, fill.isin): at_broker.get(fill.order_id, "")
        for fill in booked
    }
    known = set(at_broker.values())
    return [
        trade
        if trade.order_id in known
        else replace(
            trade,
            order_id=ids.get((trade.trade_id, trade.exchange, trade.isin)) or trade.order_id,
        )
        for trade in told
    ]


def _are_parts(order: Order, made: Sequence[BrokerOrder]) -> bool:
    """Whether rows of one tag are an order in parts, or the only part of it that was taken."""
    if order.is_stop_order or any(
        (known.isin, known.side) != (order.isin, order.side) for known in made
    ):
        return False
    total = sum(known.qty for known in made)
    return total <= order.qty and (len(made) > 1 or total < order.qty)


def _whole(order: Order, made: Sequence[BrokerOrder]) -> BrokerOrder:
    """One row for all parts, under the id of one that still works, so that it can be cancelled."""
    filled = sum(known.filled_qty for known in made)
    works = [known for known in made if known.status not in TERMINAL]
    first = _named(order, works or made)
    if order.status in TERMINAL:
        first = _named(order, made)
    status = first.status if works else _ended(order, made, filled)
    missing = order.qty - filled
    asked = sum(known.qty for known in made)
    reason = next((known.reason for known in made if known.reason), "")
    if not works and missing:
        never = f", {order.qty - asked} were never taken" if asked < order.qty else ""
        said = f": {reason}" if reason else ""
        reason = f"the broker made {len(made)} parts of it and {filled} filled{never}{said}"
    return replace(
        first,
        qty=order.qty,
        filled_qty=filled,
        status=status,
        reason=reason,
        parts=tuple(known.broker_order_id for known in made),
    )


def _named(order: Order, made: Sequence[BrokerOrder]) -> BrokerOrder:
    """The part whose id the order carries, else the first."""
    return next((k for k in made if k.broker_order_id == order.broker_order_id), made[0])


def _ended(order: Order, made: Sequence[BrokerOrder], filled: int) -> OrderStatus:
    if filled >= order.qty:
        return S.FILLED
    if not filled and all(known.status is S.REJECTED for known in made):
        return S.REJECTED
    return S.CANCELLED


def _rows_once(told: Sequence[BrokerOrder], rows: Mapping[str, BrokerOrder]) -> list[BrokerOrder]:
    """The book with each whole in the place of its first part."""
    given: set[str] = set()
    found = []
    for known in told:
        whole = rows.get(known.broker_order_id)
        if whole is None:
            found.append(known)
        elif whole.broker_order_id not in given:
            given.add(whole.broker_order_id)
            found.append(whole)
    return found


def _of_whole(trade: Fill, rows: Mapping[str, BrokerOrder]) -> Fill:
    whole = rows.get(trade.order_id)
    return trade if whole is None else replace(trade, order_id=whole.broker_order_id)


def is_of(order: Order, known: BrokerOrder) -> bool:
    """Whether a row is the broker order that ours carries the id of, or has it among its parts."""
    mine = order.broker_order_id
    return known.broker_order_id == mine or (mine in known.parts and same_tag(known.tag, order.tag))
