"""What an order costs: brokerage, taxes and fees from the dated schedule.

Charges are worked out exactly per order and booked to the paisa. The DP charge is per ISIN and
sell day, so it is asked for once, with the first delivery sell of an ISIN on a day.
"""

from __future__ import annotations

from datetime import date

from core.domain.account import Broker
from core.domain.charges import Charges, Exact, Item, Schedule, sum_charges
from core.domain.money import Money
from core.domain.order import Product, Side
from core.errors import BadInput

__all__ = ["Charges", "Schedule", "charges", "dp_charge", "exact_charges", "round_trip"]


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
    with_dp: bool = False,
) -> Charges:
    """What one executed order costs, each item rounded half up to the paisa.

    Args:
        exchange: "NSE" or "BSE"; for BSE the fee of groups A, B, E and T.
        qty: shares of the order, above 0.
        price: average price of the order, above ₹0.
        with_dp: whether this is the ISIN's first delivery sell of the day.

    Raises:
        BadInput: no shares, no price, or a day the schedule does not reach back to.
    """
    exact = exact_charges(
        schedule,
        broker=broker,
        product=product,
        exchange=exchange,
        side=side,
        qty=qty,
        price=price,
        on=on,
    ).rounded()
    if with_dp and product is Product.CNC and side is Side.SELL:
        return exact + Charges(dp=dp_charge(schedule, broker=broker, on=on))
    return exact


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
) -> Exact:
    """The same in unrounded rupees, without the DP charge; GST is on the unrounded fees."""
    if qty <= 0 or price.paise <= 0:
        raise BadInput(f"charges of {qty} shares at {price}; give 1 share or more above ₹0.00")
    turnover = (price * qty).in_rupees

    part = {
        item: turnover * schedule.rate(item, exchange=exchange, product=product, side=side, on=on)
        for item in Item
        if item is not Item.GST
    }
    brokerage = schedule.brokerage(broker=broker, product=product, on=on).of(turnover)
    gst = schedule.rate(Item.GST, exchange=exchange, product=product, side=side, on=on)
    taxed = brokerage + part[Item.EXCHANGE] + part[Item.IPFT] + part[Item.SEBI]
    return Exact(
        brokerage=brokerage,
        stt=part[Item.STT],
        exchange=part[Item.EXCHANGE],
        ipft=part[Item.IPFT],
        sebi=part[Item.SEBI],
        stamp=part[Item.STAMP],
        gst=gst * taxed,
    )


def dp_charge(schedule: Schedule, *, broker: Broker, on: date) -> Money:
    """The DP charge of one ISIN and sell day, any quantity, with its GST."""
    gst = schedule.rate(Item.GST, exchange="NSE", product=Product.CNC, side=Side.SELL, on=on)
    fee = schedule.depository_fee(broker=broker, on=on)
    return fee + fee.times(gst)


def round_trip(
    schedule: Schedule,
    *,
    broker: Broker,
    product: Product,
    exchange: str,
    qty: int,
    entry: Money,
    exit: Money,
    on: date,
    with_dp: bool = True,
) -> Charges:
    """What buying at `entry` and selling at `exit` costs, one order each way."""
    legs = ((Side.BUY, entry), (Side.SELL, exit))
    return sum_charges(
        charges(
            schedule,
            broker=broker,
            product=product,
            exchange=exchange,
            side=side,
            qty=qty,
            price=price,
            on=on,
            with_dp=with_dp,
        )
        for side, price in legs
    )
