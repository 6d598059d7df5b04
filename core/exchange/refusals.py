"""Why a request is turned down, in the words a trader knows; an empty answer is a yes.

A GTT is the broker's and only its child order meets the exchange, so ticks, bands, phases and
holdings are checked when it fires and not when it is placed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.domain.calendar import Phase
from core.domain.instrument import Instrument, PriceBand, Series, snap
from core.domain.money import Money
from core.domain.order import OrderType, Product, Side, Validity
from core.exchange.rules import Rules
from core.exchange.values import Gtt, Ticket

TRADE_FOR_TRADE = frozenset({Series.BE, Series.BZ})
OPEN_PHASES = frozenset({Phase.PRE_OPEN, Phase.CONTINUOUS, Phase.CLOSING_AUCTION})
BPS = 10_000


@dataclass(frozen=True, slots=True)
class Standing:
    """What a ticket is held against: the share, its market and the client's own means.

    `band` and `ltp` are None before the first quote; `funds` is None when cash is not checked;
    `intraday_over` says that the broker squares MIS off by now; `closes` is how many MIS shares
    the ticket's side would only close, which needs no cash.
    """

    instrument: Instrument
    phase: Phase
    tick: Money
    band: PriceBand | None
    ltp: Money | None
    ask: Money | None
    sellable: int
    funds: Money | None
    rules: Rules
    intraday_over: bool = False
    closes: int = 0


def why_refused(ticket: Ticket, on: Standing) -> str:
    """The first reason the exchange or the broker turns this ticket down, or nothing."""
    checks: tuple[Callable[[Ticket, Standing], str], ...] = (
        _phase,
        _qty,
        _product,
        _prices,
        _trigger,
        _holding,
        _funds,
    )
    return next((reason for check in checks if (reason := check(ticket, on))), "")


def _phase(ticket: Ticket, on: Standing) -> str:
    if on.phase not in OPEN_PHASES:
        return f"{ticket.symbol}: the market is {on.phase} and takes no orders; wait for the open"
    if on.phase is Phase.CONTINUOUS:
        return ""
    if on.phase is Phase.CLOSING_AUCTION and not on.instrument.has_derivatives:
        return f"{ticket.symbol}: has no closing auction and continuous trading is over"
    words = "closing auction" if on.phase is Phase.CLOSING_AUCTION else "pre-open"
    if ticket.is_stop:
        return f"{ticket.symbol}: {ticket.order_type} is not accepted in the {words}; use a GTT"
    if ticket.validity is Validity.IOC:
        return f"{ticket.symbol}: IOC is not accepted in the {words}; use DAY"
    return ""


def _qty(ticket: Ticket, on: Standing) -> str:
    if ticket.qty <= 0:
        return f"{ticket.symbol}: quantity {ticket.qty} is below 1"
    if ticket.qty > on.rules.qty_freeze:
        return (
            f"{ticket.symbol}: quantity {ticket.qty} is over the freeze quantity "
            f"{on.rules.qty_freeze}; split the order"
        )
    return ""


def _product(ticket: Ticket, on: Standing) -> str:
    if ticket.product is Product.MIS and on.instrument.series in TRADE_FOR_TRADE:
        return (
            f"{ticket.symbol}: series {on.instrument.series} is trade-for-trade and takes no MIS; "
            "use CNC"
        )
    if ticket.product is Product.MIS and on.intraday_over:
        return f"{ticket.symbol}: MIS is squared off by now and takes no fresh order; use CNC"
    return ""


def _prices(ticket: Ticket, on: Standing) -> str:
    stop = ticket.trigger if ticket.is_stop else None
    for name, price in (("price", ticket.worst), ("trigger", stop)):
        if price is None:
            continue
        if price.paise % on.tick.paise:
            low, high = snap(price, on.tick, up=False), snap(price, on.tick, up=True)
            return (
                f"{ticket.symbol}: {name} {price} is not a multiple of the tick {on.tick}; "
                f"use {low} or {high}"
            )
        if on.band is not None and not on.band.holds(price):
            return (
                f"{ticket.symbol}: {name} {price} is outside the day's band "
                f"{on.band.low} to {on.band.high}"
            )
    return ""


def _trigger(ticket: Ticket, on: Standing) -> str:
    if not ticket.is_stop:
        return ""
    if ticket.trigger is None:
        return f"{ticket.symbol}: {ticket.order_type} needs a trigger price"
    sign = ticket.side.sign
    if ticket.worst is not None and (ticket.worst.paise - ticket.trigger.paise) * sign < 0:
        beyond = "at or above" if ticket.side is Side.BUY else "at or below"
        return (
            f"{ticket.symbol}: limit {ticket.worst} of a stop {ticket.side} must be {beyond} "
            f"its trigger {ticket.trigger}"
        )
    if on.ltp is not None and (ticket.trigger.paise - on.ltp.paise) * sign <= 0:
        beyond = "above" if ticket.side is Side.BUY else "below"
        return (
            f"{ticket.symbol}: trigger {ticket.trigger} of a stop {ticket.side} must be {beyond} "
            f"the last price {on.ltp}"
        )
    return ""


def _holding(ticket: Ticket, on: Standing) -> str:
    if ticket.side is not Side.SELL or ticket.product is not Product.CNC:
        return ""
    if ticket.qty > on.sellable:
        return (
            f"{ticket.symbol}: selling {ticket.qty} for delivery with {max(0, on.sellable)} held "
            "and free; sell no more than that"
        )
    return ""


def _funds(ticket: Ticket, on: Standing) -> str:
    """Cash for a purchase, and as much margin for what is sold short within the day."""
    opens = max(0, ticket.qty - on.closes)
    delivers = ticket.side is Side.SELL and ticket.product is Product.CNC
    if on.funds is None or delivers or not opens:
        return ""
    if ticket.side is Side.BUY:
        price = ticket.worst or on.ask or on.ltp
        if ticket.order_type is not OrderType.LIMIT and on.band is not None:
            price = ticket.worst or on.band.high
    else:
        price = max(ticket.worst or Money(0), on.ltp or Money(0))
    needed = (price or Money(0)) * opens
    if needed > on.funds:
        return f"{ticket.symbol}: insufficient funds, {needed} needed and {on.funds} free"
    return ""


def why_no_gtt(gtt: Gtt, *, was: Gtt | None, ltp: Money | None, active: int, rules: Rules) -> str:
    """Why the broker does not rest this trigger or pair, or nothing; `active` counts others.

    A price that stays as it `was` may have the market near it: only the size is changing.
    """
    symbol, stop, target = gtt.symbol, gtt.stop, gtt.target
    if gtt.qty <= 0:
        return f"{symbol}: a GTT for {gtt.qty} shares; use 1 or more"
    if stop is None and target is None:
        return f"{symbol}: a GTT needs a stop, a target or both"
    if active >= rules.gtts_max:
        return f"{symbol}: {active} GTTs are active and {rules.gtts_max} is the most; cancel one"
    up = -gtt.side.sign  # the target of a sell pair is above the price, of a buy pair below
    if stop and target and (target.paise - stop.paise) * up <= 0:
        return f"{symbol}: stop {stop} is on the wrong side of target {target} for a {gtt.side} GTT"
    kept = (was.stop, was.target) if was else ()
    for name, price, sign in (("stop", stop, -up), ("target", target, up)):
        if price is None or ltp is None or price in kept:
            continue
        if (price.paise - ltp.paise) * sign * BPS < ltp.paise * rules.gtt_gap_bps_min:
            return (
                f"{symbol}: {name} {price} is not {rules.gtt_gap_bps_min / 100:.2f}% beyond "
                f"the last price {ltp}"
            )
    return ""
