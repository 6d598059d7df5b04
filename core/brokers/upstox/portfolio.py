"""Upstox's positions, holdings, funds, margins, charges and profile as domain values.

Net shares are what was carried over the night plus today's trades: `quantity` of each holding,
which a sale of the day leaves as it is, and the day's purchases less sales of each position.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from core.brokers.upstox.plain import (
    Row,
    decimal,
    row_of,
    rows_of,
    rupees,
    whole,
    whole_or,
    within,
    word,
)
from core.brokers.upstox.shares import Shares
from core.brokers.upstox.words import PRODUCTS, called, set_aside
from core.domain.money import ZERO, Money
from core.domain.order import Product
from core.domain.ports import (
    BrokerHolding,
    BrokerPosition,
    BrokerProfile,
    ChargeEstimate,
    Funds,
    NotTaken,
)
from core.errors import SourceWrong


class Positions(NamedTuple):
    """One read of the positions."""

    rows: tuple[BrokerPosition, ...]
    not_taken: tuple[NotTaken, ...]


class Holdings(NamedTuple):
    """One read of the holdings."""

    rows: tuple[BrokerHolding, ...]
    not_taken: tuple[NotTaken, ...]


def net_shares(
    holdings: Iterable[BrokerHolding], positions: Iterable[BrokerPosition]
) -> dict[str, int]:
    """Shares by ISIN, unsettled and intraday ones included; no zeros."""
    net: dict[str, int] = {}
    for held in holdings:
        net[held.isin] = net.get(held.isin, 0) + held.opening_qty
    for position in positions:
        more = position.day_qty if position.product is Product.CNC else position.qty
        net[position.isin] = net.get(position.isin, 0) + more
    return {isin: qty for isin, qty in net.items() if qty}


def read_positions(found: Any, shares: Shares) -> Positions:
    """The day's positions in shares."""
    kept, aside = [], []
    for row in rows_of(found, "positions"):
        share = shares.by_key(word(row, "instrument_token"))
        product = PRODUCTS.get(word(row, "product"))
        if share is None or product is None:
            aside.append(set_aside("positions", row))
            continue
        kept.append(
            BrokerPosition(
                isin=share.isin,
                symbol=share.symbol,
                exchange=word(row, "exchange"),
                product=product,
                qty=whole(row, "quantity", "positions"),
                overnight_qty=whole_or(row, "overnight_quantity", "positions", 0),
                day_bought_qty=whole_or(row, "day_buy_quantity", "positions", 0),
                day_sold_qty=whole_or(row, "day_sell_quantity", "positions", 0),
                avg_price=_average(row),
                ltp=rupees(row, "last_price", "positions"),
                prev_close=rupees(row, "close_price", "positions"),
                bought=_both(row, "day_buy_value", "overnight_buy_amount"),
                sold=_both(row, "day_sell_value", "overnight_sell_amount"),
                pnl=rupees(row, "pnl", "positions"),
            )
        )
    return Positions(tuple(kept), tuple(aside))


def read_holdings(found: Any, shares: Shares) -> Holdings:
    """Every holding with an ISIN, also of shares outside the universe."""
    kept, aside = [], []
    for row in rows_of(found, "holdings"):
        product = word(row, "product")
        if not word(row, "isin") or PRODUCTS.get(product or "D") is not Product.CNC:
            aside.append(set_aside("holdings", row))
        else:
            kept.append(_holding(row, shares))
    return Holdings(tuple(kept), tuple(aside))


def read_funds(found: Any) -> Funds:
    """Equity funds. Upstox tells what is free and what is used, and no cash apart from them."""
    equity = within(row_of(found, "funds"), "equity", "funds")
    free, used = rupees(equity, "available_margin", "funds"), rupees(equity, "used_margin", "funds")
    paid_in = rupees(equity, "payin_amount", "funds")
    cash = free + used
    return Funds(
        available=free,
        cash=cash,
        opening=cash - paid_in,
        collateral=ZERO,
        paid_in=paid_in,
        used=used,
    )


def read_required(found: Any) -> Money:
    """What an order would block."""
    return rupees(row_of(found, "margin"), "final_margin", "margin")


def read_charges(found: Any, symbol: str) -> ChargeEstimate:
    """One order's charges; Upstox's documents and its client name the other charges unlike."""
    call = "charges"
    row = within(row_of(found, call), "charges", call)
    taxes = within(row, "taxes", call)
    other = within(row, "other_charges" if "other_charges" in row else "otherTaxes", call)
    return ChargeEstimate(
        symbol=symbol,
        brokerage=rupees(row, "brokerage", call),
        transaction_tax=rupees(taxes, "stt", call),
        exchange_fee=rupees(other, "transaction", call) + rupees(other, "clearing", call),
        sebi_fee=rupees(other, "sebi_turnover", call),
        stamp_duty=rupees(taxes, "stamp_duty", call),
        gst=rupees(taxes, "gst", call),
        total=rupees(row, "total", call),
    )


def read_profile(found: Any) -> BrokerProfile:
    """Who is logged in."""
    row = row_of(found, "profile")
    if not word(row, "user_id"):
        raise SourceWrong("Upstox's profile has no user_id; log in again")
    return BrokerProfile(
        user_id=word(row, "user_id"),
        name=word(row, "user_name"),
        broker=word(row, "broker"),
        exchanges=tuple(str(one) for one in row.get("exchanges") or ()),
        products=tuple(str(one) for one in row.get("products") or ()),
        order_types=tuple(str(one) for one in row.get("order_types") or ()),
    )


def _holding(row: Row, shares: Shares) -> BrokerHolding:
    share = shares.by_key(word(row, "instrument_token"))
    qty, t1 = whole(row, "quantity", "holdings"), whole_or(row, "t1_quantity", "holdings", 0)
    used = whole_or(row, "cnc_used_quantity", "holdings", 0)
    return BrokerHolding(
        isin=word(row, "isin"),
        symbol=share.symbol if share else called(row),
        exchange=word(row, "exchange"),
        opening_qty=qty,
        qty=qty - used,
        settled_qty=qty - t1,
        t1_qty=t1,
        sold_qty=used,
        authorised_qty=0,
        pledged_qty=whole_or(row, "collateral_quantity", "holdings", 0),
        avg_price=rupees(row, "average_price", "holdings"),
        ltp=rupees(row, "last_price", "holdings"),
        prev_close=rupees(row, "close_price", "holdings"),
        pnl=rupees(row, "pnl", "holdings"),
    )


def _average(row: Row) -> Money:
    """Null where a position is flat again, and on some open ones; then from the day's trades."""
    if row.get("average_price") is not None:
        return Money.rupees(decimal(row, "average_price", "positions"))
    side = "buy_price" if whole(row, "quantity", "positions") >= 0 else "sell_price"
    return rupees(row, side, "positions") if row.get(side) is not None else ZERO


def _both(row: Row, today: str, before: str) -> Money:
    return sum((rupees(row, name, "positions") for name in (today, before) if row.get(name)), ZERO)
