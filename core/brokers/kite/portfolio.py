"""Kite's positions, holdings, funds, margins and charges as domain values.

What was carried over the night is `opening_quantity` of a holding; a share bought with the
broker's money stands in the same row and is not counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.brokers.kite import NAME
from core.brokers.kite.shares import Shares
from core.brokers.kite.words import called, product_of, set_aside, share_of
from core.brokers.plain import Row, row_of, rows_of
from core.brokers.rows import Taken, holding_of, position_of
from core.domain.ports import (
    BrokerHolding,
    BrokerPosition,
    ChargeEstimate,
    Funds,
    MarginEstimate,
    NotTaken,
)
from core.errors import SourceWrong


def read_positions(found: Any, shares: Shares) -> Taken[BrokerPosition]:
    """The list Kite calls net: overnight and today's together."""
    kept, aside = [], []
    for row in row_of(found, NAME, "positions").rows("net"):
        share, product = share_of(row, shares), product_of(row)
        if share is None or product is None:
            aside.append(set_aside(row))
            continue
        kept.append(
            position_of(
                row,
                share,
                product,
                exchange=share.exchange,
                avg_price=row.rupees("average_price"),
                bought=row.rupees("buy_value"),
                sold=row.rupees("sell_value"),
            )
        )
    return Taken(tuple(kept), tuple(aside))


def read_holdings(found: Any, shares: Shares) -> Taken[BrokerHolding]:
    """Every holding with an ISIN, also of shares outside the universe; `shares` learns names."""
    kept, aside = [], []
    for row in rows_of(found, NAME, "holdings"):
        if not row.word("isin"):
            aside.append(set_aside(row))
            continue
        kept.append(_holding(row, shares))
        if (financed := _financed(row)) is not None:
            aside.append(financed)
    return Taken(tuple(kept), tuple(aside))


def read_funds(found: Any) -> Funds:
    """Equity funds, from the answer for equity alone or for both segments."""
    row = row_of(found, NAME, "margins")
    equity = row.within("equity") if "equity" in row.fields else row
    free = equity.within("available")
    return Funds(
        available=free.rupees("live_balance"),
        cash=free.rupees("cash"),
        opening=free.rupees("opening_balance"),
        collateral=free.rupees("collateral"),
        paid_in=free.rupees("intraday_payin"),
        used=equity.within("utilised").rupees("debits"),
        paid_out=equity.within("utilised").rupees("payout"),
    )


def read_margins(found: Any, symbols: Sequence[str]) -> list[MarginEstimate]:
    """One estimate for each order asked about, in that order."""
    rows = _as_many(found, symbols, "order margins")
    return [
        MarginEstimate(
            symbol=symbol,
            required=row.rupees("total"),
            charges=row.within("charges").rupees("total"),
            leverage=float(row.decimal("leverage")),
        )
        for row, symbol in zip(rows, symbols, strict=True)
    ]


def read_charges(found: Any, symbols: Sequence[str]) -> list[ChargeEstimate]:
    """One estimate for each order asked about, in that order."""
    rows = _as_many(found, symbols, "contract note")
    return [
        _charges(row.within("charges"), symbol) for row, symbol in zip(rows, symbols, strict=True)
    ]


def _holding(row: Row, shares: Shares) -> BrokerHolding:
    share = shares.learn(
        isin=row.word("isin"),
        exchange=row.word("exchange"),
        called=row.word("tradingsymbol"),
        token=row.whole_or("instrument_token", 0),
    )
    qty, sold = row.whole("quantity"), row.whole_or("used_quantity", 0)
    return holding_of(
        row,
        symbol=share.symbol if share else row.word("tradingsymbol"),
        opening_qty=row.whole_or("opening_quantity", qty + sold),
        qty=qty,
        settled_qty=row.whole_or("realised_quantity", qty - row.whole_or("t1_quantity", 0)),
        sold_qty=sold,
        authorised_qty=row.whole_or("authorised_quantity", 0),
        disputed=bool(row.get("discrepancy")),
    )


def _financed(row: Row) -> NotTaken | None:
    """Shares bought with the broker's money stand in the same row and are not the desk's."""
    qty = row.within("mtf").whole_or("quantity", 0) if isinstance(row.get("mtf"), dict) else 0
    return NotTaken(row.call, called(row), f"{qty} shares are held as MTF") if qty else None


def _charges(row: Row, symbol: str) -> ChargeEstimate:
    return ChargeEstimate(
        symbol=symbol,
        brokerage=row.rupees("brokerage"),
        transaction_tax=row.rupees("transaction_tax"),
        exchange_fee=row.rupees("exchange_turnover_charge"),
        sebi_fee=row.rupees("sebi_turnover_charge"),
        stamp_duty=row.rupees("stamp_duty"),
        gst=row.within("gst").rupees("total"),
        total=row.rupees("total"),
    )


def _as_many(found: Any, symbols: Sequence[str], call: str) -> Sequence[Row]:
    rows = rows_of(found, NAME, call)
    if len(rows) != len(symbols):
        raise SourceWrong(f"Kite's {call}: {len(symbols)} orders asked, {len(rows)} answered")
    return rows
