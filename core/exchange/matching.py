"""Who trades with whom at what price, as pure arithmetic on one quote.

The client takes: a buy pays the ask, a sell gets the bid, and only a share of what is shown
there is his.
"""

from __future__ import annotations

from decimal import Decimal

from core.domain.instrument import PriceBand, snap
from core.domain.money import Money
from core.domain.order import OrderType, Side, Validity
from core.exchange.rules import Rules
from core.exchange.values import Gtt, GttLeg, Ticket

BPS = Decimal(10_000)


def visible(qty: int, *, share_pct: int) -> int:
    """Shares of a shown quantity one client can have: a percentage, at least 1 if any show."""
    return max(1, qty * share_pct // 100) if qty > 0 else 0


def deal(
    ticket: Ticket, *, remaining: int, price: Money, room: int, band: PriceBand
) -> tuple[int, Money] | None:
    """Shares and price this ticket trades at a market price, or None."""
    qty = min(remaining, room)
    if qty <= 0 or price.paise <= 0 or not band.holds(price):
        return None
    worst = ticket.worst
    if worst is not None and (price.paise - worst.paise) * ticket.side.sign > 0:
        return None
    return qty, price


def wakes(ticket: Ticket, ltp: Money) -> bool:
    """Whether a sleeping stop order is reached by a last price."""
    if not ticket.is_stop or ticket.trigger is None:
        return False
    return (ltp.paise - ticket.trigger.paise) * ticket.side.sign >= 0


def leg_reached(gtt: Gtt, ltp: Money) -> GttLeg | None:
    """The leg a last price sets off; the stop goes first when both are."""
    sign = gtt.side.sign
    if gtt.stop is not None and (ltp.paise - gtt.stop.paise) * sign >= 0:
        return GttLeg.STOP
    if gtt.target is not None and (ltp.paise - gtt.target.paise) * sign <= 0:
        return GttLeg.TARGET
    return None


def child_of(gtt: Gtt, leg: GttLeg, *, band: PriceBand, tick: Money, rules: Rules) -> Ticket:
    """The LIMIT order a fired leg sends: well through its trigger, on the tick, in the band.

    A limit that the client gave the leg is sent as it stands and may be turned down.
    """
    trigger = gtt.stop if leg is GttLeg.STOP else gtt.target
    assert trigger is not None  # leg_reached answers only with a leg that has a price
    bps = rules.stop_through_bps if leg is GttLeg.STOP else rules.target_through_bps
    buys = gtt.side is Side.BUY
    through = trigger.times(1 + gtt.side.sign * Decimal(bps) / BPS)
    own = gtt.stop_limit if leg is GttLeg.STOP else gtt.target_limit
    limit = own or min(max(snap(through, tick, up=buys), band.low), band.high)
    return Ticket(
        tag="",
        isin=gtt.isin,
        symbol=gtt.symbol,
        side=gtt.side,
        qty=gtt.qty,
        order_type=OrderType.LIMIT,
        product=gtt.product,
        validity=Validity.DAY,
        limit=limit,
        trigger=None,
        gtt_id=gtt.gtt_id,
    )
