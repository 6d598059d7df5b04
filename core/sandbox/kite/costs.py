"""What orders would block and cost: order margins, a basket, and the virtual contract note.

Shares are paid for in full here, MIS too, so that `leverage` is always 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.domain.clock import ist_day
from core.domain.money import ZERO, Money
from core.domain.order import Product, Side
from core.sandbox.house import Client
from core.sandbox.kite.answers import KiteError, money, number, whole
from core.sandbox.kite.orders import listed
from core.sandbox.kite.state import Kite
from core.sandbox.kite.words import product_of, side_of

Row = Mapping[str, Any]


def order_margins(kite: Kite, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """What each order would block; raises KiteError."""
    return [_margin(kite, row) for row in rows]


def basket(kite: Kite, client: Client, rows: Sequence[Row]) -> dict[str, Any]:
    """The sum over a basket, with each order's own."""
    orders = order_margins(kite, rows)
    needed = sum(order["total"] for order in orders)
    whole_basket = {**_empty("equity"), "var": needed, "total": needed}
    free = client.paper.free_funds() or ZERO
    return {
        "initial": whole_basket,
        "final": dict(whole_basket),
        "orders": orders,
        "charges": _sum_of([order["charges"] for order in orders]),
        "available": number(free),
    }


def contract_note(kite: Kite, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """What each traded order costs; raises KiteError."""
    notes = []
    for row in rows:
        side, product, qty, price = _read(kite, row, priced="average_price")
        keys = ("transaction_type", "tradingsymbol", "exchange", "variety", "product", "order_type")
        notes.append(
            {
                **{key: row.get(key, "") for key in keys},
                "quantity": qty,
                "price": number(price),
                "charges": _charges(kite, side, product, qty, price),
            }
        )
    return notes


def _margin(kite: Kite, row: Row) -> dict[str, Any]:
    side, product, qty, price = _read(kite, row, priced="price")
    pays = side is Side.BUY or product is Product.MIS
    blocked = number(price * qty if pays else ZERO)
    return {
        **_empty("equity"),
        "tradingsymbol": row.get("tradingsymbol", ""),
        "exchange": row.get("exchange", ""),
        "var": blocked,
        "charges": _charges(kite, side, product, qty, price),
        "total": blocked,
    }


def _empty(kind: str) -> dict[str, Any]:
    return {
        "type": kind,
        "tradingsymbol": "",
        "exchange": "",
        "span": 0,
        "exposure": 0,
        "option_premium": 0,
        "additional": 0,
        "bo": 0,
        "cash": 0,
        "var": 0,
        "pnl": {"realised": 0, "unrealised": 0},
        "leverage": 1,
    }


def _read(kite: Kite, row: Row, *, priced: str) -> tuple[Side, Product, int, Money]:
    side = side_of(str(row.get("transaction_type", "")))
    product = product_of(str(row.get("product", "")))
    if side is None or product is None:
        raise KiteError("InputException", "Invalid `transaction_type` or `product`.")
    instrument = listed(kite, str(row.get("exchange", "")), str(row.get("tradingsymbol", "")))
    qty = whole(row.get("quantity", ""), name="quantity")
    price = money(row.get(priced) or 0, name=priced)
    quote = kite.house.quote(instrument.isin)
    if not price and quote is not None:
        price = quote.ltp
    if qty <= 0 or price.paise <= 0:
        raise KiteError("InputException", "Invalid `quantity` or `price`.")
    return side, product, qty, price


def _charges(kite: Kite, side: Side, product: Product, qty: int, price: Money) -> dict[str, Any]:
    if kite.charging is None:
        raise KiteError("GeneralException", "This sandbox has no table of charges.")
    bill = kite.charging(product, side, qty, price, ist_day(kite.house.clock.now()))
    return {
        "transaction_tax": bill.stt,
        "transaction_tax_type": "stt",
        "exchange_turnover_charge": bill.exchange,
        "sebi_turnover_charge": bill.sebi,
        "brokerage": bill.brokerage,
        "stamp_duty": bill.stamp,
        "gst": {"igst": bill.gst, "cgst": 0, "sgst": 0, "total": bill.gst},
        "total": bill.total,
    }


def _sum_of(bills: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Several orders' charges as one."""
    plain = ("transaction_tax", "exchange_turnover_charge", "sebi_turnover_charge", "brokerage",
             "stamp_duty", "total")  # fmt: skip
    summed = {name: sum(bill[name] for bill in bills) for name in plain}
    gst = sum(bill["gst"]["total"] for bill in bills)
    return {
        **summed,
        "transaction_tax_type": "stt",
        "gst": {"igst": gst, "cgst": 0, "sgst": 0, "total": gst},
    }
