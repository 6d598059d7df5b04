"""Positions, holdings and funds in Upstox's fields.

What was bought today is a position; from the next morning it is a holding, a day of it in
`t1_quantity`. A holding that is sold keeps its quantity for the day and shows the sale in
`cnc_used_quantity`, with what working sales have set aside.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.domain.money import ZERO
from core.domain.order import Product, Side
from core.errors import BrokerRefused, OutcomeUnknown
from core.exchange.values import Conversion
from core.sandbox.house import Client
from core.sandbox.record import DayTrades
from core.sandbox.upstox.answers import FAILED, TURNED_DOWN, UpstoxError, number, whole
from core.sandbox.upstox.state import Upstox, key_of, listed
from core.sandbox.upstox.words import LETTERS, PRODUCTS, side_of


def positions(upstox: Upstox, client: Client) -> list[dict[str, Any]]:
    """The day's positions."""
    with upstox.house.lock:
        return [
            position_row(upstox, isin, product, one)
            for (isin, product), one in client.record.positions.items()
        ]


def position_row(upstox: Upstox, isin: str, product: Product, one: DayTrades) -> dict[str, Any]:
    """One share and product; the average of a position that is flat again is null."""
    instrument, quote = upstox.house.instruments[isin], upstox.house.quote(isin)
    last = quote.ltp if quote else ZERO
    close = quote.prev_close if quote else ZERO
    net = one.net
    buy_price = one.paid.paise / one.bought / 100 if one.bought else 0.0
    sell_price = one.got.paise / one.sold / 100 if one.sold else 0.0
    value = one.got - one.paid
    pnl = value + last * net
    return {
        "exchange": instrument.exchange,
        "multiplier": 1.0,
        "value": number(value),
        "pnl": number(pnl),
        "product": LETTERS[product],
        "instrument_token": key_of(instrument),
        "average_price": buy_price if net > 0 else sell_price if net < 0 else None,
        "buy_value": number(one.paid),
        "overnight_quantity": 0,
        "day_buy_value": number(one.paid),
        "day_buy_price": buy_price,
        "overnight_buy_amount": 0.0,
        "overnight_buy_quantity": 0,
        "day_buy_quantity": one.bought,
        "day_sell_value": number(one.got),
        "day_sell_price": sell_price,
        "overnight_sell_amount": 0.0,
        "overnight_sell_quantity": 0,
        "day_sell_quantity": one.sold,
        "quantity": net,
        "last_price": number(last),
        "unrealised": number(pnl) if net else 0.0,
        "realised": 0.0 if net else number(pnl),
        "sell_value": number(one.got),
        "trading_symbol": instrument.symbol,
        "tradingsymbol": instrument.symbol,
        "close_price": number(close),
        "buy_price": buy_price,
        "sell_price": sell_price,
    }


def convert(upstox: Upstox, client: Client, fields: Mapping[str, Any]) -> None:
    """Turn shares of the day's position into another product; raises UpstoxError."""
    side = side_of(fields.get("transaction_type"))
    old, new = (PRODUCTS.get(str(fields.get(name))) for name in ("old_product", "new_product"))
    if side is None:
        raise UpstoxError("UDAPI1054", "The 'transaction_type' is invalid")
    if old is None or new is None:
        raise UpstoxError("UDAPI1057", "The 'product' is invalid; the sandbox takes D and I")
    instrument = listed(upstox, str(fields.get("instrument_token")))
    qty = whole(fields.get("quantity"), name="quantity")
    with upstox.house.lock:
        try:
            client.paper.convert(Conversion(instrument.isin, side, qty, old, new))
        except BrokerRefused as error:
            raise UpstoxError(TURNED_DOWN, str(error)) from error
        except OutcomeUnknown as error:
            raise UpstoxError(FAILED, str(error)) from error


def holdings(upstox: Upstox, client: Client) -> list[dict[str, Any]]:
    """Delivery shares held since before today."""
    with upstox.house.lock:
        settled, unsettled = client.paper.settled(), client.paper.unsettled()
        day = client.record.day
        rows = []
        for isin in sorted({*settled, *unsettled, *client.record.lots}):
            t1 = sum(qty for at, qty in unsettled.get(isin, {}).items() if at != day)
            bought = client.record.positions.get((isin, Product.CNC), DayTrades()).bought
            kept_of_today = unsettled.get(isin, {}).get(day, 0) if day else 0
            sold = max(0, client.record.sold_today(isin) - (bought - kept_of_today))
            opening = settled.get(isin, 0) + t1 + sold
            if opening:
                used = min(opening, sold + _working_sales(client, isin))
                rows.append(_holding(upstox, client, isin, qty=opening, t1=t1, used=used))
    return rows


def _working_sales(client: Client, isin: str) -> int:
    return sum(
        step.remaining
        for step in client.record.orders()
        if step.is_open
        and step.ticket.isin == isin
        and step.ticket.side is Side.SELL
        and step.ticket.product is Product.CNC
    )


def _holding(
    upstox: Upstox, client: Client, isin: str, *, qty: int, t1: int, used: int
) -> dict[str, Any]:
    instrument, quote = upstox.house.instruments[isin], upstox.house.quote(isin)
    last = quote.ltp if quote else ZERO
    close = quote.prev_close if quote else ZERO
    average = client.record.average_cost(isin)
    return {
        "isin": isin,
        "cnc_used_quantity": used,
        "collateral_type": "WC",
        "company_name": instrument.name,
        "haircut": 0.2,
        "product": "D",
        "quantity": qty,
        "trading_symbol": instrument.symbol,
        "tradingsymbol": instrument.symbol,
        "last_price": number(last),
        "close_price": number(close),
        "pnl": (last.paise / 100 - average) * qty,
        "day_change": number(last - close),
        "day_change_percentage": 100 * (last - close).share_of(close) if close else 0.0,
        "instrument_token": key_of(instrument),
        "average_price": average,
        "collateral_quantity": 0,
        "collateral_update_quantity": 0,
        "t1_quantity": t1,
        "exchange": instrument.exchange,
    }


def payouts(upstox: Upstox, client: Client) -> list[dict[str, Any]]:
    """What went to the bank today as one payout; those of earlier days are not kept."""
    with upstox.house.lock:
        out, day = client.record.paid_out, client.record.day
    if not out or day is None:
        return []
    return [
        {
            "transaction_id": f"sandbox-{day}",
            "status": "COMPLETED",
            "mode": "NEFT",
            "amount": number(out),
            "currency": "INR",
            "eta": f"{day} 18:00:00",
            "created_at": f"{day} 10:00:00",
            "bank_name": "SANDBOX BANK",
        }
    ]


def funds(upstox: Upstox, client: Client) -> dict[str, Any]:
    """Money of both segments; since July 2025 all of it stands under equity."""
    with upstox.house.lock:
        free = client.paper.free_funds() or ZERO
        paid_in = client.record.paid_in
        moved = paid_in - client.record.paid_out
        used = client.record.opening(client.user.funds) + moved - free
    empty = {
        "used_margin": 0.0,
        "payin_amount": 0.0,
        "span_margin": 0.0,
        "adhoc_margin": 0.0,
        "notional_cash": 0.0,
        "available_margin": 0.0,
        "exposure_margin": 0.0,
    }
    equity = {**empty, "used_margin": number(used), "available_margin": number(free),
              "payin_amount": number(paid_in)}  # fmt: skip
    return {"equity": equity, "commodity": empty}
