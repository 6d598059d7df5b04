"""What the order book, trade book and portfolio of every broker come down to.

A status word that is not known leaves the order open and is kept, so that an alarm can be raised.
A trade without a price is held back, for the same trade comes again with one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from core.brokers.plain import Row, row_of
from core.brokers.shares import Share
from core.domain.money import Money
from core.domain.order import Fill, OrderStatus, OrderType, Product, Side, Validity
from core.domain.ports import (
    BrokerHolding,
    BrokerOrder,
    BrokerPosition,
    BrokerProfile,
    NotTaken,
)
from core.errors import SourceWrong

T = TypeVar("T")
PRICED: Final = (OrderType.LIMIT, OrderType.SL)
STOPS: Final = (OrderType.SL, OrderType.SL_M)
UNPRICED: Final = (OrderType.MARKET, OrderType.SL_M)


@dataclass(frozen=True, slots=True)
class Taken(Generic[T]):
    """One read of a list: its rows, and by name those that the desk does not trade."""

    rows: tuple[T, ...]
    not_taken: tuple[NotTaken, ...]


@dataclass(frozen=True, slots=True)
class Incomplete:
    """A trade without a price or a quantity; the fill waits for a later read."""

    order_id: str
    trade_id: str
    exchange: str
    symbol: str
    why: str


@dataclass(frozen=True, slots=True)
class Trades:
    """One read of the trade book."""

    fills: tuple[Fill, ...]
    incomplete: tuple[Incomplete, ...]
    not_taken: tuple[NotTaken, ...]


def side_of(row: Row) -> Side:
    """Which way an order went."""
    text = row.word("transaction_type")
    if text not in set(Side):
        raise SourceWrong(
            f"{row.broker}'s {row.call}: transaction_type {text!r} is neither BUY nor SELL"
        )
    return Side(text)


def type_of(row: Row) -> OrderType | None:
    """How an order is priced; None for a word that the desk does not use."""
    text = row.word("order_type")
    return OrderType(text) if text in set(OrderType) else None


def validity_of(row: Row) -> Validity | None:
    """How long an order stands; None for a word that the desk does not use."""
    text = row.word("validity")
    return Validity(text) if text in set(Validity) else None


def order_of(
    row: Row,
    *,
    isin: str,
    symbol: str,
    tag: str,
    product: Product | None,
    ended: Mapping[str, OrderStatus],
) -> BrokerOrder:
    """An order as the desk compares it with its own; `ended` names the broker's final words."""
    status, order_id = row.word("status"), row.word("order_id")
    if not order_id:
        raise SourceWrong(f"{row.broker}'s {row.call}: a row has no order_id; read the book again")
    return BrokerOrder(
        broker_order_id=order_id,
        tag=tag,
        symbol=symbol,
        isin=isin,
        side=side_of(row),
        qty=row.whole("quantity"),
        filled_qty=row.whole_or("filled_quantity", 0),
        status=ended.get(status, OrderStatus.OPEN),
        broker_status=status,
        reason=row.word("status_message") or row.word("status_message_raw"),
        limit=row.price("price"),
        trigger=row.price("trigger_price"),
        product=product,
    )


def trades_of(
    rows: Iterable[Row],
    *,
    share: Callable[[Row], Share | None],
    product: Callable[[Row], Product | None],
    at: Callable[[Row], datetime | None],
    aside: Callable[[Row], NotTaken],
) -> Trades:
    """Fills in the broker's order; the account is the desk's to know and left empty.

    Args:
        share, product: what a row trades; None where the desk does not trade it.
        at: when it traded; None where that is not told yet.
        aside: names a row that the desk does not trade.
    """
    fills: list[Fill] = []
    incomplete: list[Incomplete] = []
    not_taken: list[NotTaken] = []
    for row in rows:
        of, by = share(row), product(row)
        if of is None or by is None:
            not_taken.append(aside(row))
        elif why := _why_incomplete(row, at):
            incomplete.append(Incomplete(*_names(row), row.word("exchange"), of.symbol, why))
        else:
            fills.append(_fill(row, of, by, at))
    return Trades(tuple(fills), tuple(incomplete), tuple(not_taken))


def position_of(
    row: Row,
    share: Share,
    product: Product,
    *,
    exchange: str,
    avg_price: Money,
    bought: Money,
    sold: Money,
) -> BrokerPosition:
    """A position in a share; how its average and its turnover are told differs by broker."""
    return BrokerPosition(
        isin=share.isin,
        symbol=share.symbol,
        exchange=exchange,
        product=product,
        qty=row.whole("quantity"),
        overnight_qty=row.whole_or("overnight_quantity", 0),
        day_bought_qty=row.whole_or("day_buy_quantity", 0),
        day_sold_qty=row.whole_or("day_sell_quantity", 0),
        avg_price=avg_price,
        ltp=row.rupees("last_price"),
        prev_close=row.rupees("close_price"),
        bought=bought,
        sold=sold,
        pnl=row.rupees("pnl"),
    )


def holding_of(
    row: Row,
    *,
    symbol: str,
    opening_qty: int,
    qty: int,
    settled_qty: int,
    sold_qty: int,
    authorised_qty: int = 0,
    disputed: bool = False,
) -> BrokerHolding:
    """A holding; what its quantities count differs by broker."""
    return BrokerHolding(
        isin=row.word("isin"),
        symbol=symbol,
        exchange=row.word("exchange"),
        opening_qty=opening_qty,
        qty=qty,
        settled_qty=settled_qty,
        t1_qty=row.whole_or("t1_quantity", 0),
        sold_qty=sold_qty,
        authorised_qty=authorised_qty,
        pledged_qty=row.whole_or("collateral_quantity", 0),
        avg_price=row.rupees("average_price"),
        ltp=row.rupees("last_price"),
        prev_close=row.rupees("close_price"),
        pnl=row.rupees("pnl"),
        disputed=disputed,
    )


def net_shares(
    holdings: Iterable[BrokerHolding], positions: Iterable[BrokerPosition]
) -> dict[str, int]:
    """Shares by ISIN, unsettled and intraday ones included; no zeros.

    That is what was carried over the night plus today's trades. Both lists are needed, for a
    share bought today stands only among positions and one sold today is still a holding.
    """
    net: dict[str, int] = {}
    for held in holdings:
        net[held.isin] = net.get(held.isin, 0) + held.opening_qty
    for position in positions:
        more = position.day_qty if position.product is Product.CNC else position.qty
        net[position.isin] = net.get(position.isin, 0) + more
    return {isin: qty for isin, qty in net.items() if qty}


def profile_of(found: Any, broker: str) -> BrokerProfile:
    """Who is logged in."""
    row = row_of(found, broker, "profile")
    if not row.word("user_id"):
        raise SourceWrong(f"{broker}'s profile has no user_id; log in again")
    return BrokerProfile(
        user_id=row.word("user_id"),
        name=row.word("user_name"),
        broker=row.word("broker"),
        exchanges=row.words("exchanges"),
        products=row.words("products"),
        order_types=row.words("order_types"),
    )


def _why_incomplete(row: Row, at: Callable[[Row], datetime | None]) -> str:
    if row.price("average_price") is None:
        return "it has no price yet"
    if row.whole_or("quantity", 0) <= 0:
        return "it has no quantity yet"
    if at(row) is None:
        return "it has no time yet"
    return "" if all(_names(row)) else "it has no number yet"


def _names(row: Row) -> tuple[str, str]:
    return row.word("order_id"), row.word("trade_id")


def _fill(row: Row, share: Share, product: Product, at: Callable[[Row], datetime | None]) -> Fill:
    when, paid = at(row), row.price("average_price")
    assert when is not None and paid is not None  # _why_incomplete looked
    order_id, trade_id = _names(row)
    return Fill(
        order_id=order_id,
        trade_id=trade_id,
        exchange=row.word("exchange"),
        account_id="",
        isin=share.isin,
        symbol=share.symbol,
        qty=row.whole("quantity") * side_of(row).sign,
        price=paid,
        product=product,
        traded_at=when,
    )
