"""What orders would block and cost. Shares are paid for in full here, intraday ones too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.domain.clock import ist_day
from core.domain.money import ZERO, Money
from core.domain.order import Product, Side
from core.sandbox.upstox.answers import FAILED, INVALID, UpstoxError, number, price, whole
from core.sandbox.upstox.state import Upstox, listed
from core.sandbox.upstox.words import PRODUCTS, side_of

Row = Mapping[str, Any]
INSTRUMENTS_MOST = 20


def brokerage(upstox: Upstox, asked: Row) -> dict[str, Any]:
    """Charges of one order; raises UpstoxError."""
    if upstox.charging is None:
        raise UpstoxError(FAILED, "This sandbox has no table of charges")
    side, product, qty, at = _read(upstox, asked, key="instrument_token")
    bill = upstox.charging(product, side, qty, at, ist_day(upstox.house.clock.now()))
    return {
        "charges": {
            "total": bill.total,
            "brokerage": bill.brokerage,
            "taxes": {"gst": bill.gst, "stt": bill.stt, "stamp_duty": bill.stamp},
            "other_charges": {
                "transaction": bill.exchange,
                "clearing": 0,
                "sebi_turnover": bill.sebi,
            },
            "otherTaxes": {"transaction": bill.exchange, "clearing": 0, "sebi_turnover": bill.sebi},
            "dp_plan": {"name": "SANDBOX", "min_expense": 0},
        }
    }


def margin(upstox: Upstox, body: Any) -> dict[str, Any]:
    """What a list of orders would block; raises UpstoxError."""
    rows = body.get("instruments") if isinstance(body, dict) else None
    if not isinstance(rows, list) or not 0 < len(rows) <= INSTRUMENTS_MOST:
        raise UpstoxError(INVALID, f"Give 1 to {INSTRUMENTS_MOST} 'instruments'")
    margins = [_margin(upstox, row) for row in rows]
    needed = sum(row["total_margin"] for row in margins)
    return {"margins": margins, "required_margin": needed, "final_margin": needed}


def _margin(upstox: Upstox, row: Row) -> dict[str, Any]:
    side, product, qty, at = _read(upstox, row, key="instrument_key")
    pays = side is Side.BUY or product is Product.MIS
    blocked = number(at * qty if pays else ZERO)
    return {
        "span_margin": 0.0,
        "exposure_margin": 0.0,
        "equity_margin": blocked,
        "net_buy_premium": 0.0,
        "additional_margin": 0.0,
        "total_margin": blocked,
        "tender_margin": 0.0,
    }


def _read(upstox: Upstox, row: Row, *, key: str) -> tuple[Side, Product, int, Money]:
    side, product = side_of(row.get("transaction_type")), PRODUCTS.get(str(row.get("product")))
    if side is None or product is None:
        raise UpstoxError(INVALID, "The 'transaction_type' or the 'product' is invalid")
    share = listed(upstox, str(row.get(key)))
    qty, at = whole(row.get("quantity"), name="quantity"), price(row.get("price"), name="price")
    quote = upstox.house.quote(share.isin)
    if at is None and quote is not None:
        at = quote.ltp
    if at is None or qty <= 0:
        raise UpstoxError(INVALID, "The 'quantity' or the 'price' is invalid")
    return side, product, qty, at
