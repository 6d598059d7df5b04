"""Tickets and an empty exchange over the listed shares."""

from __future__ import annotations

from core.domain.instrument import Instrument
from core.domain.money import Money
from core.domain.order import OrderType, Product, Side, Validity
from core.exchange.engine import Exchange
from core.exchange.rules import Rules
from core.exchange.values import Ticket
from tests.made import LISTED, MIDCO, rs


def ticket(
    side: Side = Side.BUY,
    qty: int = 100,
    *,
    limit: str | None = "500",
    trigger: str | None = None,
    of: Instrument = MIDCO,
    order_type: OrderType | None = None,
    product: Product = Product.CNC,
    validity: Validity = Validity.DAY,
    tag: str = "AAAAAAAAAAAAAAAAAA",
) -> Ticket:
    """A LIMIT, or what the prices given make of it."""
    if order_type is None:
        with_trigger = OrderType.SL if limit else OrderType.SL_M
        order_type = with_trigger if trigger else OrderType.LIMIT if limit else OrderType.MARKET
    return Ticket(
        tag=tag,
        isin=of.isin,
        symbol=of.symbol,
        side=side,
        qty=qty,
        order_type=order_type,
        product=product,
        validity=validity,
        limit=rs(limit) if limit else None,
        trigger=rs(trigger) if trigger else None,
    )


def exchange(*, rules: Rules | None = None, funds: Money | None = None) -> Exchange:
    return Exchange(LISTED, name="x", rules=rules, funds=funds)
