"""Prices against a stop: when the desk's own stop is hit, and when a stop may be tightened.

A single bad tick must neither sell a position nor drag a stop above the market, so a jump from
the tick before it is ignored; the tick after it counts again.
"""

from __future__ import annotations

from decimal import Decimal

from core.domain.instrument import snap
from core.domain.money import Money
from core.domain.order import Purpose, Side
from core.domain.plan import Plan
from core.domain.protection import Protection, ProtectionStatus
from core.domain.quote import Quote

JUMP_MAX = 0.15
GTT_GAP_BPS = 25  # brokers take no trigger nearer to the last trade than 0.25 %
BPS = 10_000
BROKER_STOP_STANDS = frozenset({ProtectionStatus.PLACED, ProtectionStatus.VERIFIED})
DESK_STOP_STANDS = frozenset({ProtectionStatus.ARMED_LOCAL, ProtectionStatus.STOP_FAILED})


def is_jump(price: Money, previous: Money) -> bool:
    """Whether a price is more than 15 % away from the one before it."""
    return previous.paise > 0 and abs((price - previous).share_of(previous)) > JUMP_MAX


def desk_leg_hit(
    protection: Protection, quote: Quote, *, previous: Money | None = None
) -> Purpose | None:
    """STOP or TARGET when the desk's own pair is reached, the stop first; otherwise None.

    Args:
        protection: only an armed desk stop, or one whose broker stop failed, is looked at.
        previous: the last trade of the tick before, whatever it was; the previous close
            of the quote when there is none.
    """
    if protection.status not in DESK_STOP_STANDS or protection.qty == 0:
        return None
    if is_jump(quote.ltp, previous or quote.prev_close):
        return None
    up = 1 if protection.target > protection.stop else -1
    if (quote.ltp.paise - protection.stop.paise) * up <= 0:
        return Purpose.STOP
    if (quote.ltp.paise - protection.target.paise) * up >= 0:
        return Purpose.TARGET
    return None


def kept_target_hit(protection: Protection, quote: Quote, *, previous: Money | None = None) -> bool:
    """Whether a target is reached that the desk keeps beside a broker's stop without one."""
    if protection.status not in BROKER_STOP_STANDS or protection.qty == 0:
        return False
    if is_jump(quote.ltp, previous or quote.prev_close):
        return False
    up = 1 if protection.target > protection.stop else -1
    return (quote.ltp.paise - protection.target.paise) * up >= 0


def desk_stop_hit(protection: Protection, quote: Quote, *, previous: Money | None = None) -> bool:
    """Whether the desk's own stop is reached."""
    return desk_leg_hit(protection, quote, previous=previous) is Purpose.STOP


def is_unfillable(protection: Protection, quote: Quote) -> bool:
    """Whether nobody is there to take the shares: a circuit with one side empty."""
    long = protection.target > protection.stop
    price, qty = (quote.bid, quote.bid_qty) if long else (quote.ask, quote.ask_qty)
    return qty == 0 or price.paise <= 0


def is_left_behind(side: Side, limit: Money, quote: Quote) -> bool:
    """Whether a resting order stands where the market no longer trades."""
    if side is Side.SELL:
        return quote.bid < limit
    return quote.ask > limit


def _distance(plan: Plan, best: Money) -> Money:
    """Rupees the stop keeps from the best price: a fixed distance, or a share of that price."""
    bps = plan.bracket.trail_bps
    return best.times(Decimal(bps) / BPS) if bps else plan.bracket.trail


def trail(
    plan: Plan,
    protection: Protection,
    quote: Quote,
    *,
    best: Money,
    tick: Money,
    previous: Money | None = None,
) -> Money | None:
    """A tighter stop on the tick, or None to leave it where it is.

    Args:
        best: the best price since the entry, this quote included; highest for a buy.
        tick: the share's tick today.
        previous: the last trade of the tick before; the previous close when there is none.

    Returns:
        A stop that is tighter than the one that stands and at least 0.25 % from the last trade.
    """
    distance, begins = _distance(plan, best), plan.bracket.trail_from
    if distance.paise <= 0 or protection.qty == 0:
        return None
    if is_jump(quote.ltp, previous or quote.prev_close) or is_jump(best, quote.ltp):
        return None
    long = plan.side is Side.BUY
    sign = plan.side.sign
    if (best.paise - begins.paise) * sign < 0:
        return None
    stop = snap(best - distance * sign, tick, up=not long)
    if (stop.paise - protection.stop.paise) * sign <= 0:
        return None
    room = (quote.ltp.paise - stop.paise) * sign
    return stop if room * BPS >= quote.ltp.paise * GTT_GAP_BPS else None
