"""A small market for tests: two shares, quotes in rupees, tickets with sensible defaults."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core.domain.instrument import CapClass, Instrument, Series
from core.domain.money import Money
from core.domain.order import OrderType, Product, Side, Validity
from core.domain.quote import Quote
from core.exchange.engine import Exchange
from core.exchange.values import Rules, Ticket

RELIANCE = Instrument(
    isin="INE002A01018",
    symbol="RELIANCE",
    name="Reliance Industries",
    sector="Energy",
    cap_class=CapClass.LARGE,
    band_pct=None,
    has_derivatives=True,
)
MIDCO = Instrument(
    isin="INE111A01011",
    symbol="MIDCO",
    name="Midco",
    sector="Chemicals",
    cap_class=CapClass.MID,
    band_pct=10,
)
SLOWCO = Instrument(
    isin="INE222A01022",
    symbol="SLOWCO",
    name="Slowco",
    sector="Chemicals",
    cap_class=CapClass.SMALL,
    series=Series.BE,
    band_pct=5,
)
LISTED = {share.isin: share for share in (RELIANCE, MIDCO, SLOWCO)}
# 10:30 IST on a Monday
T0 = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


def rs(amount: str) -> Money:
    return Money.rupees(amount)


def quote(
    ltp: str,
    *,
    of: Instrument = MIDCO,
    bid: str | None = None,
    ask: str | None = None,
    bid_qty: int = 400,
    ask_qty: int = 400,
    prev_close: str = "500",
    seconds: float = 0,
    at: datetime = T0,
) -> Quote:
    """A quote `seconds` after `at`; bid and ask stand five paise from the last trade."""
    price = rs(ltp)
    when = at + timedelta(seconds=seconds)
    return Quote(
        isin=of.isin,
        ltp=price,
        bid=rs(bid) if bid else price - Money(5),
        ask=rs(ask) if ask else price + Money(5),
        bid_qty=bid_qty,
        ask_qty=ask_qty,
        open=price,
        high=price,
        low=price,
        prev_close=rs(prev_close),
        volume=1_000,
        at=when,
        received_at=when,
        source="test",
    )


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
