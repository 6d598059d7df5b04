"""Kite's positions, holdings, funds, margins, charges and profile as domain values.

Net shares are what was carried over the night plus today's trades: `opening_quantity` of each
holding and the day's purchases less sales of each position. Both lists are needed, for a share
bought today stands only among positions and one sold today is still counted as carried over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from core.brokers.kite.plain import (
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
from core.brokers.kite.shares import Shares
from core.brokers.kite.words import product_of, set_aside
from core.domain.order import Product
from core.domain.ports import (
    BrokerHolding,
    BrokerPosition,
    BrokerProfile,
    ChargeEstimate,
    Funds,
    MarginEstimate,
    NotTaken,
)
from core.errors import SourceWrong


@dataclass(frozen=True, slots=True)
class Positions:
    """One read of the net positions."""

    rows: tuple[BrokerPosition, ...]
    not_taken: tuple[NotTaken, ...]


@dataclass(frozen=True, slots=True)
class Holdings:
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
    """The list Kite calls net: overnight and today's together."""
    kept, aside = [], []
    for row in rows_of(row_of(found, "positions").get("net"), "positions"):
        share = shares.named(word(row, "exchange"), word(row, "tradingsymbol"))
        product = product_of(word(row, "product"))
        if share is None or product is None:
            aside.append(set_aside("positions", row))
            continue
        kept.append(
            BrokerPosition(
                isin=share.isin,
                symbol=share.symbol,
                exchange=share.exchange,
                product=product,
                qty=whole(row, "quantity", "positions"),
                overnight_qty=whole_or(row, "overnight_quantity", "positions", 0),
                day_bought_qty=whole_or(row, "day_buy_quantity", "positions", 0),
                day_sold_qty=whole_or(row, "day_sell_quantity", "positions", 0),
                avg_price=rupees(row, "average_price", "positions"),
                ltp=rupees(row, "last_price", "positions"),
                prev_close=rupees(row, "close_price", "positions"),
                bought=rupees(row, "buy_value", "positions"),
                sold=rupees(row, "sell_value", "positions"),
                pnl=rupees(row, "pnl", "positions"),
            )
        )
    return Positions(tuple(kept), tuple(aside))


def read_holdings(found: Any, shares: Shares) -> Holdings:
    """Every holding with an ISIN, also of shares outside the universe; `shares` learns names."""
    kept, aside = [], []
    for row in rows_of(found, "holdings"):
        if not word(row, "isin"):
            aside.append(set_aside("holdings", row))
            continue
        kept.append(_holding(row, shares))
        if (financed := _financed(row)) is not None:
            aside.append(financed)
    return Holdings(tuple(kept), tuple(aside))


def read_funds(found: Any) -> Funds:
    """Equity funds, from the answer for equity alone or for both segments."""
    row = row_of(found, "margins")
    equity = within(row, "equity", "margins") if "equity" in row else row
    free = within(equity, "available", "margins")
    return Funds(
        available=rupees(free, "live_balance", "margins"),
        cash=rupees(free, "cash", "margins"),
        opening=rupees(free, "opening_balance", "margins"),
        collateral=rupees(free, "collateral", "margins"),
        paid_in=rupees(free, "intraday_payin", "margins"),
        used=rupees(within(equity, "utilised", "margins"), "debits", "margins"),
    )


def read_margins(found: Any, symbols: Sequence[str]) -> list[MarginEstimate]:
    """One estimate for each order asked about, in that order."""
    rows = _as_many(rows_of(found, "order margins"), symbols, "order margins")
    return [
        MarginEstimate(
            symbol=symbol,
            required=rupees(row, "total", "order margins"),
            charges=rupees(within(row, "charges", "order margins"), "total", "order margins"),
            leverage=float(decimal(row, "leverage", "order margins")),
        )
        for row, symbol in zip(rows, symbols, strict=True)
    ]


def read_charges(found: Any, symbols: Sequence[str]) -> list[ChargeEstimate]:
    """One estimate for each order asked about, in that order."""
    call = "contract note"
    rows = _as_many(rows_of(found, call), symbols, call)
    return [
        _charges(within(row, "charges", call), symbol, call)
        for row, symbol in zip(rows, symbols, strict=True)
    ]


def read_profile(found: Any) -> BrokerProfile:
    """Who is logged in."""
    row = row_of(found, "profile")
    if not word(row, "user_id"):
        raise SourceWrong("Kite's profile has no user_id; log in again")
    return BrokerProfile(
        user_id=word(row, "user_id"),
        name=word(row, "user_name"),
        broker=word(row, "broker"),
        exchanges=tuple(str(one) for one in row.get("exchanges") or ()),
        products=tuple(str(one) for one in row.get("products") or ()),
        order_types=tuple(str(one) for one in row.get("order_types") or ()),
    )


def _holding(row: Row, shares: Shares) -> BrokerHolding:
    isin = word(row, "isin")
    share = shares.learn(
        isin=isin,
        exchange=word(row, "exchange"),
        called=word(row, "tradingsymbol"),
        token=whole_or(row, "instrument_token", "holdings", 0),
    )
    qty, t1 = whole(row, "quantity", "holdings"), whole_or(row, "t1_quantity", "holdings", 0)
    sold = whole_or(row, "used_quantity", "holdings", 0)
    return BrokerHolding(
        isin=isin,
        symbol=share.symbol if share else word(row, "tradingsymbol"),
        exchange=word(row, "exchange"),
        opening_qty=whole_or(row, "opening_quantity", "holdings", qty + sold),
        qty=qty,
        settled_qty=whole_or(row, "realised_quantity", "holdings", qty - t1),
        t1_qty=t1,
        sold_qty=sold,
        authorised_qty=whole_or(row, "authorised_quantity", "holdings", 0),
        pledged_qty=whole_or(row, "collateral_quantity", "holdings", 0),
        avg_price=rupees(row, "average_price", "holdings"),
        ltp=rupees(row, "last_price", "holdings"),
        prev_close=rupees(row, "close_price", "holdings"),
        pnl=rupees(row, "pnl", "holdings"),
        disputed=bool(row.get("discrepancy")),
    )


def _financed(row: Row) -> NotTaken | None:
    """Shares bought with the broker's money stand in the same row and are not the desk's."""
    financed = row.get("mtf")
    qty = whole_or(financed, "quantity", "holdings", 0) if isinstance(financed, dict) else 0
    name = f"{word(row, 'exchange')}:{word(row, 'tradingsymbol')}"
    return NotTaken("holdings", name, f"{qty} shares are held as MTF") if qty else None


def _charges(row: Row, symbol: str, call: str) -> ChargeEstimate:
    return ChargeEstimate(
        symbol=symbol,
        brokerage=rupees(row, "brokerage", call),
        transaction_tax=rupees(row, "transaction_tax", call),
        exchange_fee=rupees(row, "exchange_turnover_charge", call),
        sebi_fee=rupees(row, "sebi_turnover_charge", call),
        stamp_duty=rupees(row, "stamp_duty", call),
        gst=rupees(within(row, "gst", call), "total", call),
        total=rupees(row, "total", call),
    )


def _as_many(rows: Sequence[Row], symbols: Sequence[str], call: str) -> Sequence[Row]:
    if len(rows) != len(symbols):
        raise SourceWrong(f"Kite's {call}: {len(symbols)} orders asked, {len(rows)} answered")
    return rows
