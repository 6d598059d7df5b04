"""The one next step that brings an intraday position under a stop order at the exchange.

Such a plan has one stop order at a time, found by its tag like every order of the desk. While its
fate is not told no second one is placed, because both could sell the same shares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.domain.instrument import PriceBand
from core.domain.money import Money
from core.domain.order import (
    AWAKE,
    TERMINAL,
    Order,
    OrderStatus,
    OrderType,
    Purpose,
    Side,
    tag_for,
)
from core.domain.plan import Plan
from core.domain.ports import BrokerOrder
from core.domain.protection import Protection, ProtectionStatus
from core.execution.gap import stop_limit
from core.execution.plan import closing_side, order_id, order_of
from core.execution.protect import (
    DESK_STANDS_IN_AFTER,
    UNSEEN,
    Step,
    Verb,
    Wanted,
    tightened,
)

P = ProtectionStatus
S = OrderStatus
ASLEEP = "TRIGGER PENDING"  # what brokers say of a stop order that rests, in any case
CHANGES_MAX = 10  # of one resting stop; brokers take 25, and following a fired one needs the rest
UNTOLD = (S.PREPARED, S.SENT, S.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Seen:
    """A plan's newest stop order: our row, the broker's, and the shares of it in our books.

    `changes` is how often the order was changed while it rested.
    """

    order: Order | None = None
    known: BrokerOrder | None = None
    booked: int = 0
    changes: int = 0

    @property
    def is_over(self) -> bool:
        """Whether it can trade no more and all it traded is in the books."""
        if self.order is None or self.order.status is S.ABSENT:
            return True
        sold = self.known.filled_qty if self.known is not None else 0
        return self.order.status in TERMINAL and self.booked >= sold


def stop_order(
    plan: Plan,
    want: Wanted,
    *,
    tick: Money,
    band: PriceBand,
    prepared_at: datetime,
    desk: str,
    attempt: int,
) -> Order:
    """A stop order for the wanted shares, its limit well through the trigger and in the band."""
    name = order_id(plan, purpose=Purpose.STOP, attempt=attempt)
    return order_of(
        plan,
        name=name,
        tag=tag_for(name, desk=desk),
        purpose=Purpose.STOP,
        side=closing_side(plan),
        qty=want.qty,
        order_type=OrderType.SL,
        limit=limit_of(plan, want.stop, tick=tick, band=band),
        trigger=want.stop,
        prepared_at=prepared_at,
    )


def limit_of(plan: Plan, stop: Money, *, tick: Money, band: PriceBand) -> Money:
    """What a stop at this trigger asks once it wakes."""
    closing = closing_side(plan)
    far = stop_limit(stop, closing, tick=tick)
    return max(far, band.low) if closing is Side.SELL else min(far, band.high)


def stop_of(of_plan: Sequence[Order]) -> Order | None:
    """The newest stop order of a plan; orders come oldest first."""
    return next((order for order in reversed(of_plan) if order.is_stop_order), None)


def next_step(
    protection: Protection,
    plan: Plan,
    held_qty: int,
    seen: Seen,
    *,
    takes_stops: bool = True,
    entry_working: bool = False,
    seconds_since_write: float = float("inf"),
) -> Step:
    """The one thing to do now about `held_qty` signed shares of an intraday plan.

    Args:
        protection: as stored; its stop may be tighter than the plan's after trailing.
        takes_stops: the share is in continuous trading; at other times the exchange takes no
            stop order, and none is sent.
        entry_working: an entry order may still fill.
        seconds_since_write: seconds since the last request for this plan's stop.
    """
    want = tightened(plan, protection, held_qty)
    if want.qty == 0:
        return _with_nothing_held(protection, want, seen, entry_working)
    if protection.status in (P.NONE, P.STOP_FAILED, P.RELEASED):
        return Step(Verb.ARM, f"{want.qty} {plan.symbol} are held with no stop", want)
    if protection.status is P.UNFILLABLE:
        return Step(Verb.NOTHING, f"{plan.symbol} has no takers; the stop waits for them", want)
    order, known = seen.order, seen.known
    if order is None or seen.is_over:
        return _with_none(protection, plan, want, order, takes_stops)
    if order.status in TERMINAL:
        return Step(Verb.NOTHING, f"the trades of stop order {order.id} do not show yet", want)
    if order.status in UNTOLD or known is None:
        return _unseen(protection, want, seconds_since_write, f"stop order {order.id}")
    if known.status is not S.OPEN:
        return Step(Verb.NOTHING, f"stop order {order.id} has ended; settling tells", want)
    if known.broker_status.upper() == ASLEEP:
        return _asleep(protection, plan, want, seen, known, takes_stops)
    if known.broker_status.upper() == AWAKE:
        return _awake(want, known)
    return _unseen(protection, want, seconds_since_write, f"order {known.broker_order_id}")


def differences(known: BrokerOrder, plan: Plan, want: Wanted) -> list[str]:
    """What a resting stop order has otherwise than wanted, in words; empty when it is the one."""
    pairs: tuple[tuple[str, object, object], ...] = (
        ("quantity", known.qty, want.qty),
        ("trigger", known.trigger, want.stop),
        ("side", known.side, closing_side(plan)),
        ("product", known.product, plan.product),
        ("share", known.isin, plan.isin),
    )
    off = [f"{name} {is_} instead of {should}" for name, is_, should in pairs if is_ != should]
    behind = (
        known.limit is not None
        and known.trigger is not None
        and (known.limit.paise - known.trigger.paise) * known.side.sign < 0
    )
    return [*off, f"a limit of {known.limit} behind its trigger"] if behind else off


def _with_nothing_held(
    protection: Protection, want: Wanted, seen: Seen, entry_working: bool
) -> Step:
    order = seen.order
    if order is not None and not seen.is_over:
        if order.status in UNTOLD or order.status in TERMINAL:
            return Step(Verb.NOTHING, f"what became of stop order {order.id} is not told", want)
        reason = f"nothing is held and stop order {order.id} could still trade {order.qty}"
        return Step(Verb.CANCEL, reason, want)
    if protection.status is P.RELEASED:
        return Step(Verb.NOTHING, "nothing is held", want)
    if entry_working:
        return Step(Verb.NOTHING, "nothing is held yet", want)
    return Step(Verb.RELEASE, "nothing is held and no stop order rests", want)


def _with_none(
    protection: Protection, plan: Plan, want: Wanted, order: Order | None, takes_stops: bool
) -> Step:
    if protection.status in (P.PLACED, P.VERIFIED):
        word = "gone" if order is None else f"{order.status.lower()}: {order.reason or 'no reason'}"
        return Step(Verb.ARM, f"the stop order of {plan.symbol} is {word}", want)
    if protection.qty != want.qty or protection.stop != want.stop:
        return _rearm(protection, want)
    if not takes_stops:
        return Step(Verb.NOTHING, f"the exchange takes no stop order in {plan.symbol} now", want)
    return Step(Verb.PLACE, f"the desk stop covers {want.qty} and no stop order does", want)


def _unseen(protection: Protection, want: Wanted, seconds: float, name: str) -> Step:
    if protection.status is P.PLACED and seconds < DESK_STANDS_IN_AFTER:
        return Step(Verb.NOTHING, f"{name} does not show yet", want)
    if protection.status in (P.PLACED, P.VERIFIED):
        return Step(Verb.ARM, f"{UNSEEN}: {name}; the desk stop covers meanwhile", want)
    if protection.qty != want.qty:
        return _rearm(protection, want)
    return Step(Verb.NOTHING, f"{name} is looked for", want)


def _asleep(
    protection: Protection,
    plan: Plan,
    want: Wanted,
    seen: Seen,
    known: BrokerOrder,
    takes_stops: bool,
) -> Step:
    name = f"stop order {known.broker_order_id}"
    off = "; ".join(differences(known, plan, want))
    if protection.status is not P.ARMED_LOCAL:
        if off:
            reason = f"{name} has {off}; the desk stop covers until it is changed"
            return Step(Verb.ARM, reason, want)
        if protection.status is P.PLACED:
            return Step(Verb.VERIFY, f"{name} reads back as asked", want)
        return Step(Verb.NOTHING, f"{name} covers {want.qty}", want)
    if protection.qty != want.qty:
        return _rearm(protection, want)
    if not off:
        return Step(Verb.ADOPT, f"{name} is as wanted", want)
    if not takes_stops:
        return Step(Verb.NOTHING, f"{name} has {off} and the exchange takes no change now", want)
    if seen.changes >= CHANGES_MAX:
        reason = f"{name} was changed {seen.changes} times; another takes its place"
        return Step(Verb.CANCEL, reason, want)
    return Step(Verb.RESIZE, f"{name} has {off}", want)


def _awake(want: Wanted, known: BrokerOrder) -> Step:
    """A stop whose trigger was traded goes on closing, but never more than is there."""
    left = known.qty - known.filled_qty
    does, stand = ("sells", "held") if known.side is Side.SELL else ("buys back", "short")
    name = f"stop order {known.broker_order_id}"
    if left > want.qty:
        size = want._replace(qty=known.filled_qty + want.qty)
        return Step(Verb.RESIZE, f"{name} {does} {left} and {want.qty} are {stand}", size)
    return Step(Verb.NOTHING, f"{name} was triggered and {does} {left}", want)


def _rearm(protection: Protection, want: Wanted) -> Step:
    reason = f"the desk stop covers {protection.qty} and {want.qty} are held"
    return Step(Verb.ARM, reason, want)
