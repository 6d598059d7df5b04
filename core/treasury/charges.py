"""What an order costs: brokerage, taxes and fees from the dated schedule.

Charges are worked out exactly per order and booked to the paisa. The DP charge is per ISIN and
sell day, so it is asked for once, with the first delivery sell of an ISIN on a day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.domain.account import Broker
from core.domain.charges import (
    Brokerage,
    Charges,
    Exact,
    Item,
    Schedule,
    Security,
)
from core.domain.money import Money
from core.domain.order import Product, Side
from core.errors import BadInput

__all__ = [
    "Charges",
    "Schedule",
    "Terms",
    "charges",
    "charges_on",
    "dp_charge",
    "exact_charges",
    "fill_charges",
    "terms_of",
]


def charges(
    schedule: Schedule,
    *,
    broker: Broker,
    product: Product,
    exchange: str,
    side: Side,
    qty: int,
    price: Money,
    on: date,
    group: str = "",
    security: Security = Security.SHARE,
) -> Charges:
    """What one executed order costs, each item rounded half up to the paisa, without the DP charge.

    Args:
        exchange: "NSE" or "BSE".
        group: BSE's group, which sets its fee; empty counts as A.
        qty: shares of the order, above 0.
        price: average price of the order, above ₹0.

    Raises:
        BadInput: no shares, no price, or a day the schedule does not reach back to.
    """
    return exact_charges(
        schedule,
        broker=broker,
        product=product,
        exchange=exchange,
        side=side,
        qty=qty,
        price=price,
        on=on,
        group=group,
        security=security,
    ).rounded()


def exact_charges(
    schedule: Schedule,
    *,
    broker: Broker,
    product: Product,
    exchange: str,
    side: Side,
    qty: int,
    price: Money,
    on: date,
    group: str = "",
    security: Security = Security.SHARE,
) -> Exact:
    """The same in unrounded rupees, without the DP charge; GST is on the unrounded fees."""
    if qty <= 0 or price.paise <= 0:
        raise BadInput(f"charges of {qty} shares at {price}; give 1 share or more above ₹0.00")
    return charges_on(
        schedule,
        broker=broker,
        product=product,
        exchange=exchange,
        side=side,
        turnover=price * qty,
        on=on,
        group=group,
        security=security,
    )


def fill_charges(
    schedule: Schedule,
    *,
    broker: Broker,
    product: Product,
    exchange: str,
    side: Side,
    before: Money,
    traded: Money,
    on: date,
    group: str = "",
    security: Security = Security.SHARE,
) -> Charges:
    """What one fill adds to its order's charges, so that its fills sum to the order's to the paisa.

    Brokerage is capped per order, not per fill: an order filled in ten parts pays one cap.

    Args:
        before: turnover of the order's earlier fills, ₹0 for the first.
        traded: turnover of this fill, above ₹0.
    """
    if traded.paise <= 0 or before.paise < 0:
        raise BadInput(f"a fill of {traded} after {before}; give turnover above ₹0.00")
    upto, earlier = (
        charges_on(
            schedule,
            broker=broker,
            product=product,
            exchange=exchange,
            side=side,
            turnover=turnover,
            on=on,
            group=group,
            security=security,
        ).rounded()
        for turnover in (before + traded, before)
    )
    return upto - earlier if before else upto


@dataclass(frozen=True, slots=True)
class Terms:
    """What one kind of order pays on one day: the rows of the schedule that hold for it."""

    fractions: Mapping[Item, Decimal]
    brokerage: Brokerage

    def on(self, turnover: Money) -> Exact:
        """Unrounded charges of an order by its turnover; GST is on the unrounded fees."""
        value = turnover.in_rupees
        part = {item: value * fraction for item, fraction in self.fractions.items()}
        brokerage = self.brokerage.of(value)
        taxed = brokerage + part[Item.EXCHANGE] + part[Item.IPFT] + part[Item.SEBI]
        return Exact(
            brokerage=brokerage,
            stt=part[Item.STT],
            exchange=part[Item.EXCHANGE],
            ipft=part[Item.IPFT],
            sebi=part[Item.SEBI],
            stamp=part[Item.STAMP],
            gst=self.fractions[Item.GST] * taxed,
        )


def terms_of(
    schedule: Schedule,
    *,
    broker: Broker,
    product: Product,
    exchange: str,
    side: Side,
    on: date,
    group: str = "",
    security: Security = Security.SHARE,
) -> Terms:
    """The rows that hold for such an order on a day; raises BadInput where none reaches back."""
    fractions = {
        item: schedule.rate(
            item,
            exchange=exchange,
            product=product,
            side=side,
            on=on,
            group=group,
            security=security,
        )
        for item in Item
    }
    return Terms(fractions, schedule.brokerage(broker=broker, product=product, on=on))


def charges_on(
    schedule: Schedule,
    *,
    broker: Broker,
    product: Product,
    exchange: str,
    side: Side,
    turnover: Money,
    on: date,
    group: str = "",
    security: Security = Security.SHARE,
) -> Exact:
    """Unrounded charges of an order by its turnover."""
    return terms_of(
        schedule,
        broker=broker,
        product=product,
        exchange=exchange,
        side=side,
        on=on,
        group=group,
        security=security,
    ).on(turnover)


def dp_charge(schedule: Schedule, *, broker: Broker, on: date) -> Money:
    """The DP charge of one ISIN and sell day, any quantity, with its GST."""
    gst = schedule.rate(Item.GST, exchange="NSE", product=Product.CNC, side=Side.SELL, on=on)
    fee = schedule.depository_fee(broker=broker, on=on).amount
    return fee + fee.times(gst)
