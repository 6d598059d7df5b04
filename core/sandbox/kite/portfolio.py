"""Positions, holdings and cash in Kite's fields.

What was bought today is a position; from the next morning it is a holding, a day in `t1_quantity`
and then in `quantity`. A holding that is sold keeps its quantity for the day and shows the sale
in `used_quantity` and in a negative position.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.domain.money import ZERO, Money
from core.domain.order import Product
from core.errors import BrokerRefused, OutcomeUnknown
from core.exchange.values import Conversion
from core.sandbox.house import Client
from core.sandbox.kite.answers import KiteError, number, stamp, whole
from core.sandbox.kite.orders import listed
from core.sandbox.kite.state import Kite
from core.sandbox.kite.words import product_of, side_of
from core.sandbox.record import DayTrades


def positions(kite: Kite, client: Client) -> dict[str, Any]:
    """The day's positions; in cash equity net and day are the same."""
    with kite.house.lock:
        rows = [
            _position(kite, isin, product, one)
            for (isin, product), one in client.record.positions.items()
        ]
    return {"net": rows, "day": [dict(row) for row in rows]}


def _position(kite: Kite, isin: str, product: Product, one: DayTrades) -> dict[str, Any]:
    quote = kite.house.quote(isin)
    last = quote.ltp if quote else ZERO
    close = quote.prev_close if quote else ZERO
    net = one.net
    buy_price = one.paid.paise / one.bought / 100 if one.bought else 0
    sell_price = one.got.paise / one.sold / 100 if one.sold else 0
    value = one.got - one.paid
    pnl = value + last * net
    average = buy_price if net > 0 else sell_price if net < 0 else 0
    return {
        "tradingsymbol": kite.house.instruments[isin].symbol,
        "exchange": kite.house.instruments[isin].exchange,
        "instrument_token": kite.house.tokens[isin],
        "product": product.value,
        "quantity": net,
        "overnight_quantity": 0,
        "multiplier": 1,
        "average_price": number(average),
        "close_price": number(close),
        "last_price": number(last),
        "value": number(value),
        "pnl": number(pnl),
        "m2m": number(pnl),
        "unrealised": number(pnl),
        "realised": 0,
        "buy_quantity": one.bought,
        "buy_price": number(buy_price),
        "buy_value": number(one.paid),
        "buy_m2m": number(one.paid),
        "sell_quantity": one.sold,
        "sell_price": number(sell_price),
        "sell_value": number(one.got),
        "sell_m2m": number(one.got),
        "day_buy_quantity": one.bought,
        "day_buy_price": number(buy_price),
        "day_buy_value": number(one.paid),
        "day_sell_quantity": one.sold,
        "day_sell_price": number(sell_price),
        "day_sell_value": number(one.got),
    }


def convert(kite: Kite, client: Client, fields: Mapping[str, str]) -> bool:
    """Turn shares of the day's position into another product; raises KiteError."""
    side = side_of(fields.get("transaction_type", ""))
    old, new = (product_of(fields.get(name, "")) for name in ("old_product", "new_product"))
    if side is None:
        raise KiteError("InputException", "Invalid `transaction_type`.")
    if old is None or new is None:
        raise KiteError("InputException", "Invalid `product`; the sandbox takes CNC and MIS.")
    if fields.get("position_type") not in ("day", "overnight"):
        raise KiteError("InputException", "Invalid `position_type`.")
    instrument = listed(kite, fields.get("exchange", ""), fields.get("tradingsymbol", ""))
    if fields["position_type"] == "overnight":
        words = f"{instrument.symbol}: equity has no overnight position; what is held is a holding."
        raise KiteError("OrderException", words)
    qty = whole(fields.get("quantity", ""), name="quantity")
    with kite.house.lock:
        try:
            client.paper.convert(Conversion(instrument.isin, side, qty, old, new))
        except BrokerRefused as error:
            raise KiteError("OrderException", str(error)) from error
        except OutcomeUnknown as error:
            raise KiteError("GeneralException", str(error)) from error
    return True


def holdings(kite: Kite, client: Client) -> list[dict[str, Any]]:
    """Delivery shares held since before today."""
    with kite.house.lock:
        settled, unsettled = client.paper.settled(), client.paper.unsettled()
        day = client.record.day
        rows = []
        for isin in sorted({*settled, *unsettled, *client.record.lots}):
            old = {at: qty for at, qty in unsettled.get(isin, {}).items() if at != day}
            bought_today = client.record.positions.get((isin, Product.CNC), DayTrades()).bought
            sold = client.record.sold_today(isin)
            kept_of_today = unsettled.get(isin, {}).get(day, 0) if day else 0
            used = max(0, sold - (bought_today - kept_of_today))
            t1 = sum(old.values())
            opening = settled.get(isin, 0) + t1 + used
            if opening:
                row = _holding(kite, client, isin, settled=opening - t1, t1=t1, used=used)
                rows.append(row)
    return rows


def _holding(
    kite: Kite, client: Client, isin: str, *, settled: int, t1: int, used: int
) -> dict[str, Any]:
    instrument, quote = kite.house.instruments[isin], kite.house.quote(isin)
    last = quote.ltp if quote else ZERO
    close = quote.prev_close if quote else ZERO
    average = client.record.average_cost(isin)
    change = (last - close).paise / 100
    today = stamp(kite.house.clock.now())[:10]
    return {
        "tradingsymbol": instrument.symbol,
        "exchange": instrument.exchange,
        "instrument_token": kite.house.tokens[isin],
        "isin": isin,
        "product": "CNC",
        "price": 0,
        "quantity": settled,
        "used_quantity": used,
        "t1_quantity": t1,
        "realised_quantity": settled,
        "authorised_quantity": 0,
        "authorised_date": f"{today} 00:00:00",
        "authorisation": {},
        "opening_quantity": settled + t1,
        "short_quantity": 0,
        "collateral_quantity": 0,
        "collateral_type": "",
        "discrepancy": False,
        "average_price": number(average),
        "last_price": number(last),
        "close_price": number(close),
        "pnl": number((last.paise / 100 - average) * (settled + t1)),
        "day_change": number(change),
        "day_change_percentage": number(100 * (last - close).share_of(close)),
        "mtf": {
            "quantity": 0,
            "used_quantity": 0,
            "average_price": 0,
            "value": 0,
            "initial_margin": 0,
        },
    }


def margins(kite: Kite, client: Client) -> dict[str, Any]:
    """Cash of both segments; commodity is not traded here."""
    with kite.house.lock:
        free = client.paper.free_funds() or ZERO
        record = client.record
        opening = record.opening(client.user.funds)
        paid = record.paid_in, record.paid_out
        m2m = sum(
            (_m2m(kite, isin, one) for (isin, product), one in record.positions.items()
             if product is Product.MIS),
            ZERO,
        )  # fmt: skip
        sales = sum(
            (one.got for (isin, product), one in record.positions.items()
             if product is Product.CNC),
            ZERO,
        )  # fmt: skip
    used = opening + paid[0] - free
    return {
        "equity": _segment(opening, free, used=used, m2m=m2m, sales=sales, paid=paid),
        "commodity": _segment(ZERO, ZERO, used=ZERO, m2m=ZERO, sales=ZERO, paid=(ZERO, ZERO)),
    }


def _m2m(kite: Kite, isin: str, one: DayTrades) -> Money:
    quote = kite.house.quote(isin)
    return one.got - one.paid + (quote.ltp if quote else ZERO) * one.net


def _segment(
    opening: Money,
    free: Money,
    *,
    used: Money,
    m2m: Money,
    sales: Money,
    paid: tuple[Money, Money],
) -> Any:
    """One segment's cash; `paid` is what came in and went out today, which debits hold too."""
    return {
        "enabled": True,
        "net": number(free),
        "available": {
            "adhoc_margin": 0,
            "cash": number(opening),
            "opening_balance": number(opening),
            "live_balance": number(free),
            "collateral": 0,
            "intraday_payin": number(paid[0]),
        },
        "utilised": {
            "debits": number(used),
            "exposure": 0,
            "m2m_realised": 0,
            "m2m_unrealised": number(m2m),
            "option_premium": 0,
            "payout": number(paid[1]),
            "span": 0,
            "holding_sales": number(sales),
            "turnover": 0,
            "liquid_collateral": 0,
            "stock_collateral": 0,
            "delivery": 0,
        },
    }
