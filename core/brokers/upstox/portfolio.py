"""Upstox's positions, holdings, funds, margins and charges as domain values.

What was carried over the night is `quantity` of a holding, which a sale of the day leaves as it
is.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from core.brokers.plain import Row, row_of, rows_of
from core.brokers.rows import Taken, holding_of, position_of
from core.brokers.upstox import NAME
from core.brokers.upstox.shares import Shares
from core.brokers.upstox.words import PRODUCTS, called, key_in, product_of, set_aside
from core.domain.clock import ist_day
from core.domain.money import ZERO, Money, total
from core.domain.order import Product
from core.domain.ports import BrokerHolding, BrokerPosition, ChargeEstimate, Funds

GONE: Final = frozenset({"TRANSFER_IN_PROGRESS", "COMPLETED"})  # of a payout's seven words


def read_positions(found: Any, shares: Shares) -> Taken[BrokerPosition]:
    """The day's positions in shares."""
    kept, aside = [], []
    for row in rows_of(found, NAME, "positions"):
        share, product = shares.by_key(key_in(row)), product_of(row)
        if share is None or product is None:
            aside.append(set_aside(row))
            continue
        kept.append(
            position_of(
                row,
                share,
                product,
                exchange=row.word("exchange"),
                avg_price=_average(row),
                bought=_both(row, "day_buy_value", "overnight_buy_amount"),
                sold=_both(row, "day_sell_value", "overnight_sell_amount"),
            )
        )
    return Taken(tuple(kept), tuple(aside))


def read_holdings(found: Any, shares: Shares) -> Taken[BrokerHolding]:
    """Every holding with an ISIN, also of shares outside the universe."""
    rows = rows_of(found, NAME, "holdings")
    kept = [_holding(row, shares) for row in rows if _is_delivery(row)]
    aside = [set_aside(row) for row in rows if not _is_delivery(row)]
    return Taken(tuple(kept), tuple(aside))


def read_funds(found: Any, *, paid_out: Money = ZERO) -> Funds:
    """Equity funds. Upstox tells what is free and what is used, and no cash apart from them.

    What went to the bank today is in neither; `paid_out` comes from the list of payouts.
    """
    equity = row_of(found, NAME, "funds").within("equity")
    free, used = equity.rupees("available_margin"), equity.rupees("used_margin")
    paid_in = equity.rupees("payin_amount")
    cash = free + used
    return Funds(
        available=free,
        cash=cash,
        opening=cash - paid_in + paid_out,
        collateral=ZERO,
        paid_in=paid_in,
        used=used,
        paid_out=paid_out,
    )


def read_paid_out(found: Any, *, today: date) -> Money:
    """What left for the bank of payouts asked for today; only the last twenty are told.

    One that is asked for and not on its way yet is still free at Upstox.
    """
    rows = rows_of(found, NAME, "payouts")
    gone = (row for row in rows if row.word("status").upper() in GONE)
    made = ((row, row.moment("created_at")) for row in gone)
    return total(row.rupees("amount") for row, at in made if at and ist_day(at) == today)


def read_required(found: Any) -> Money:
    """What an order would block."""
    return row_of(found, NAME, "margin").rupees("final_margin")


def read_charges(found: Any, symbol: str) -> ChargeEstimate:
    """One order's charges; Upstox's documents and its client name the other charges unlike."""
    row = row_of(found, NAME, "charges").within("charges")
    taxes = row.within("taxes")
    other = row.within("other_charges" if "other_charges" in row.fields else "otherTaxes")
    return ChargeEstimate(
        symbol=symbol,
        brokerage=row.rupees("brokerage"),
        transaction_tax=taxes.rupees("stt"),
        exchange_fee=other.rupees("transaction") + other.rupees("clearing"),
        sebi_fee=other.rupees("sebi_turnover"),
        stamp_duty=taxes.rupees("stamp_duty"),
        gst=taxes.rupees("gst"),
        total=row.rupees("total"),
    )


def _is_delivery(row: Row) -> bool:
    """Whether a holding is of shares; one that names no product is."""
    return bool(row.word("isin")) and PRODUCTS.get(row.word("product") or "D") is Product.CNC


def _holding(row: Row, shares: Shares) -> BrokerHolding:
    share = shares.by_key(key_in(row))
    qty, used = row.whole("quantity"), row.whole_or("cnc_used_quantity", 0)
    return holding_of(
        row,
        symbol=share.symbol if share else called(row),
        opening_qty=qty,
        qty=qty - used,
        settled_qty=qty - row.whole_or("t1_quantity", 0),
        sold_qty=used,
    )


def _average(row: Row) -> Money:
    """Null where a position is flat again, and on some open ones; then from the day's trades."""
    if row.has("average_price"):
        return row.rupees("average_price")
    side = "buy_price" if row.whole("quantity") >= 0 else "sell_price"
    return row.rupees(side) if row.has(side) else ZERO


def _both(row: Row, today: str, before: str) -> Money:
    return sum((row.rupees(name) for name in (today, before) if row.get(name)), ZERO)
