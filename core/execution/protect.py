"""The one next step that brings a position closer to a stop that was read back from the broker.

A GTT has no tag: it is ours by its id, or by side, product, stop and target when the id was
lost. Ids that belong to other plans are passed as `taken` and are never touched.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from core.domain.money import Money
from core.domain.order import OrderStatus, Side
from core.domain.plan import Plan
from core.domain.ports import BrokerOrder, GttOrder
from core.domain.protection import Owner, Protection, ProtectionStatus
from core.execution.plan import closing_side

P = ProtectionStatus
READ_BACK_SECONDS = 10.0
DESK_STANDS_IN_AFTER = 1.0  # seconds a stop that was asked for may be out of sight
UNSEEN = "no broker stop shows yet"  # how the reason of a desk stop that stands in begins
NOTHING_BOOKED: Mapping[str, int] = MappingProxyType({})
CHILD_IS_DEAD = frozenset({OrderStatus.REJECTED, OrderStatus.CANCELLED, OrderStatus.EXPIRED})


class Verb(StrEnum):
    """What the desk does; each is at most one request to the broker."""

    ARM = "arm the desk stop"
    PLACE = "place the broker stop"
    RESIZE = "change the broker stop"
    VERIFY = "mark the broker stop as read back"
    ADOPT = "adopt a broker stop that is there already"
    CANCEL = "cancel a broker stop"
    FAIL = "mark the broker stop as failed"
    RELEASE = "release the protection"
    NOTHING = "do nothing"


class Wanted(NamedTuple):
    """Shares to cover, and at which prices."""

    qty: int
    stop: Money
    target: Money


@dataclass(frozen=True, slots=True)
class Step:
    """One verb with what it needs and why; `gtt_id` is the GTT it is about, if any."""

    verb: Verb
    reason: str
    wanted: Wanted
    gtt_id: str = ""


def begin(plan: Plan) -> Protection:
    """Protection of a plan before its first fill, or anew after a release."""
    return Protection(
        plan_id=plan.id,
        account_id=plan.account_id,
        isin=plan.isin,
        symbol=plan.symbol,
        status=P.NONE,
        owner=Owner.NONE,
        qty=0,
        stop=plan.bracket.stop,
        target=plan.bracket.target,
    )


def wanted(plan: Plan, held_qty: int) -> Wanted:
    """What the plan asks for `held_qty` shares held (signed as bought; below zero covers none)."""
    held = held_qty * plan.side.sign
    return Wanted(max(0, held), plan.bracket.stop, plan.bracket.target)


def next_step(
    protection: Protection,
    plan: Plan,
    held_qty: int,
    gtts: Sequence[GttOrder],
    *,
    orders: Sequence[BrokerOrder] = (),
    taken: Collection[str] = (),
    booked: Mapping[str, int] = NOTHING_BOOKED,
    entry_working: bool = False,
    seconds_since_write: float = float("inf"),
) -> Step:
    """The one thing to do now about a position of `held_qty` shares.

    Args:
        protection: as stored; its stop may be tighter than the plan's after trailing.
        held_qty: signed shares of this plan's fills.
        gtts: as read from the broker now.
        orders: as read from the broker now, to see what became of a fired GTT.
        taken: GTT ids that protect other plans.
        booked: shares in our books of each broker order that a GTT sent.
        entry_working: an entry order may still fill.
        seconds_since_write: monotonic seconds since the last GTT request of this plan.
    """
    want = tightened(plan, protection, held_qty)
    ours = next((gtt for gtt in gtts if gtt.gtt_id == protection.gtt_id), None)
    twins = [
        gtt
        for gtt in gtts
        if gtt.active
        and gtt.gtt_id != protection.gtt_id
        and gtt.gtt_id not in taken
        and _is_twin(gtt, plan, protection)
    ]
    if want.qty == 0:
        return _with_nothing_held(protection, want, ours, twins, entry_working, seconds_since_write)
    if protection.status in (P.NONE, P.STOP_FAILED, P.RELEASED):
        return Step(Verb.ARM, f"{want.qty} {plan.symbol} are held with no stop", want)
    if protection.status is P.UNFILLABLE:
        return Step(Verb.NOTHING, f"{plan.symbol} has no bids; the stop waits for them", want)
    if not protection.gtt_id:
        return _with_no_gtt(protection, want, twins, seconds_since_write)
    if ours is None or not ours.active:
        return _with_gtt_gone(protection, want, ours, orders, booked, seconds_since_write)
    doubles = [gtt for gtt in twins if gtt.qty in (ours.qty, want.qty)]
    if doubles:
        reason = f"GTT {doubles[0].gtt_id} could sell the same shares as {ours.gtt_id}"
        return Step(Verb.CANCEL, reason, want, doubles[0].gtt_id)
    return _with_gtt(protection, plan, want, ours)


def differences(gtt: GttOrder, plan: Plan, want: Wanted) -> list[str]:
    """What a read-back GTT has otherwise than wanted, in words; empty when it is the one."""
    pairs: tuple[tuple[str, object, object], ...] = (
        ("quantity", gtt.qty, want.qty),
        ("stop", gtt.stop, want.stop),
        ("target", gtt.target, want.target),
        ("side", gtt.side, closing_side(plan)),
        ("product", gtt.product, plan.product),
        ("share", gtt.isin, plan.isin),
    )
    if gtt.stop_alone:
        pairs = tuple(one for one in pairs if one[0] != "target")  # the desk keeps that
    off = [f"{name} {is_} instead of {should}" for name, is_, should in pairs if is_ != should]
    return off + _limits_off(gtt)


def _limits_off(gtt: GttOrder) -> list[str]:
    """Why the order of a leg could not trade at its trigger; only where the broker tells it."""
    legs = (("stop", gtt.stop, gtt.stop_limit), ("target", gtt.target, gtt.target_limit))
    return [
        f"an order of {limit} behind its {name} {trigger}"
        for name, trigger, limit in legs
        if limit is not None and (limit.paise - trigger.paise) * gtt.side.sign < 0
    ]


def tightened(plan: Plan, protection: Protection, held_qty: int) -> Wanted:
    """The plan's wish with the tighter of its stop and the one that stands."""
    want = wanted(plan, held_qty)
    tighter = max if plan.side is Side.BUY else min
    return want._replace(stop=tighter(want.stop, protection.stop))


def _is_twin(gtt: GttOrder, plan: Plan, protection: Protection) -> bool:
    """Whether a GTT without our id could still be the one we asked for."""
    return (
        gtt.isin == plan.isin
        and gtt.side is closing_side(plan)
        and gtt.product is plan.product
        and (gtt.stop_alone or gtt.target == plan.bracket.target)
        and gtt.stop in (plan.bracket.stop, protection.stop)
    )


def _with_nothing_held(
    protection: Protection,
    want: Wanted,
    ours: GttOrder | None,
    twins: Sequence[GttOrder],
    entry_working: bool,
    seconds: float,
) -> Step:
    live = ours if ours is not None and ours.active else None
    if live is None and not protection.gtt_id and twins:
        live = twins[0]  # one whose answer was lost
    if live is not None:
        reason = f"nothing is held and GTT {live.gtt_id} could still sell {live.qty}"
        return Step(Verb.CANCEL, reason, want, live.gtt_id)
    if protection.status is P.RELEASED:
        return Step(Verb.NOTHING, "nothing is held", want)
    if entry_working:
        return Step(Verb.NOTHING, "nothing is held yet", want)
    if protection.status is P.PLACED and ours is None and seconds < READ_BACK_SECONDS:
        return Step(Verb.NOTHING, "a broker stop may still show; reading back", want)
    return Step(Verb.RELEASE, "nothing is held and no broker stop rests", want)


def _with_no_gtt(
    protection: Protection, want: Wanted, twins: Sequence[GttOrder], seconds: float
) -> Step:
    if twins:
        best = min(twins, key=lambda gtt: (gtt.qty != want.qty, gtt.gtt_id))
        reason = f"GTT {best.gtt_id} matches by side, stop and target"
        return Step(Verb.ADOPT, reason, want, best.gtt_id)
    if protection.status is P.PLACED:
        if seconds < DESK_STANDS_IN_AFTER:
            return Step(Verb.NOTHING, "the answer was lost; reading back", want)
        return Step(Verb.ARM, f"{UNSEEN}; the desk stop covers while it is looked for", want)
    if protection.qty != want.qty:
        return _rearm(protection, want, "")
    if protection.reason.startswith(UNSEEN) and seconds < READ_BACK_SECONDS:
        return Step(Verb.NOTHING, protection.reason, want)  # a second request could double it
    return Step(Verb.PLACE, f"the desk stop covers {want.qty} and no broker stop does", want)


def _with_gtt_gone(
    protection: Protection,
    want: Wanted,
    ours: GttOrder | None,
    orders: Sequence[BrokerOrder],
    booked: Mapping[str, int],
    seconds: float,
) -> Step:
    name = protection.gtt_id
    if ours is None:
        if protection.status is P.PLACED and seconds < READ_BACK_SECONDS:
            return Step(Verb.NOTHING, f"GTT {name} does not show yet", want, name)
        return Step(Verb.ARM, f"GTT {name} is not at the broker", want)
    if not ours.fired_order_id:
        return Step(Verb.ARM, f"GTT {name} was closed: {ours.reason or 'no reason given'}", want)
    child = next((o for o in orders if o.broker_order_id == ours.fired_order_id), None)
    if child is not None and child.status in CHILD_IS_DEAD:
        reason = f"GTT {name} fired and its order {child.broker_order_id} is {child.status}"
        return Step(Verb.FAIL, f"{reason}: {child.reason}", want, name)
    sold = child is not None and child.status is OrderStatus.FILLED
    if child is not None and sold and booked.get(child.broker_order_id, 0) >= child.filled_qty:
        # the entry went on filling after its stop had fired
        return Step(Verb.ARM, f"GTT {name} sold {child.qty} and {want.qty} are held", want)
    return Step(Verb.NOTHING, f"GTT {name} fired; order {ours.fired_order_id} sells", want, name)


def _with_gtt(protection: Protection, plan: Plan, want: Wanted, ours: GttOrder) -> Step:
    off = "; ".join(differences(ours, plan, want))
    if protection.status is P.ARMED_LOCAL:
        if protection.qty != want.qty:
            return _rearm(protection, want, ours.gtt_id)
        if off:
            return Step(Verb.RESIZE, f"GTT {ours.gtt_id} has {off}", want, ours.gtt_id)
        return Step(Verb.ADOPT, f"GTT {ours.gtt_id} already is as wanted", want, ours.gtt_id)
    if off:
        reason = f"GTT {ours.gtt_id} has {off}; the desk stop covers until it is changed"
        return Step(Verb.ARM, reason, want, ours.gtt_id)
    if protection.status is P.PLACED:
        return Step(Verb.VERIFY, f"GTT {ours.gtt_id} reads back as asked", want, ours.gtt_id)
    return Step(Verb.NOTHING, f"GTT {ours.gtt_id} covers {want.qty}", want, ours.gtt_id)


def _rearm(protection: Protection, want: Wanted, gtt_id: str) -> Step:
    reason = f"the desk stop covers {protection.qty} and {want.qty} are held"
    return Step(Verb.ARM, reason, want, gtt_id)
