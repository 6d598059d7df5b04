"""From a signed card to its plan, and from a plan to the orders it allows.

Ids come from what they stand for, so the same intent always has the same tag. A second try is
another attempt: a new id, a new tag, a new order.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from core.domain.card import Approval, Card
from core.domain.instrument import PriceBand, snap
from core.domain.money import Money
from core.domain.order import (
    Order,
    OrderStatus,
    OrderType,
    Purpose,
    Side,
    Validity,
    tag_for,
)
from core.domain.plan import Plan, PlanStatus
from core.domain.ports import BrokerOrder
from core.domain.quote import Quote
from core.errors import ApprovalRefused, BadInput

BPS = Decimal(10_000)
EXIT_THROUGH_BPS = 100


def plan_for(
    card: Card,
    approval: Approval,
    *,
    login_id: str,
    opened_at: datetime,
    time_exit_on: date,
) -> Plan:
    """The one plan a click authorises; raises ApprovalRefused when it signed something else."""
    if (approval.card_id, approval.card_version) != (card.id, card.version):
        raise ApprovalRefused(
            f"approval {approval.id} is for card {approval.card_id} version "
            f"{approval.card_version}, not {card.id} version {card.version}; approve again"
        )
    if approval.bound_hash != card.bound_hash:
        raise ApprovalRefused(
            f"{card.symbol}: card {card.id} has changed since it was approved; look again"
        )
    if len(card.legs) != 1:
        raise BadInput(f"{card.symbol}: a plan has one entry and the card has {len(card.legs)}")
    leg, bracket = card.legs[0], card.bracket
    if leg.side is not bracket.side:
        raise BadInput(
            f"{card.symbol}: card {card.id} is to {leg.side}, and its stop {bracket.stop} and "
            f"target {bracket.target} are those of a {bracket.side}; wait for its next version"
        )
    return Plan(
        id=_named("pl", card.id, str(card.version), approval.id),
        card_id=card.id,
        approval_id=approval.id,
        account_id=card.account_id,
        login_id=login_id,
        isin=card.isin,
        symbol=card.symbol,
        side=leg.side,
        qty=leg.qty,
        product=leg.product,
        bracket=card.bracket,
        time_exit_on=time_exit_on,
        status=PlanStatus.ENTERING,
        opened_at=opened_at,
    )


def entry_order(
    plan: Plan,
    *,
    prepared_at: datetime,
    desk: str,
    quote: Quote | None,
    tick: Money,
    attempt: int = 1,
) -> Order:
    """A LIMIT at the worst price the click signed, on the tick and never past the band.

    Raises ApprovalRefused when the quote has left the signed band.
    """
    low, high = plan.bracket.entry_low, plan.bracket.entry_high
    if quote is not None:
        refuse_drift(plan, quote)
    buys = plan.side is Side.BUY
    limit = snap(high if buys else low, tick, up=not buys)
    return _attempt(
        plan,
        qty=plan.qty,
        side=plan.side,
        purpose=Purpose.ENTRY,
        limit=limit,
        prepared_at=prepared_at,
        desk=desk,
        attempt=attempt,
    )


def refuse_drift(plan: Plan, quote: Quote) -> None:
    """Raise ApprovalRefused when the price to pay or the last trade is outside the signed band."""
    low, high = plan.bracket.entry_low, plan.bracket.entry_high
    buys = plan.side is Side.BUY
    price = quote.ask if buys else quote.bid
    price = price if price.paise > 0 else quote.ltp
    if price > high or price < low:
        where = "above" if price > high else "below"
        name = "ask" if buys else "bid"
        raise ApprovalRefused(
            f"{plan.symbol}: {name} {price} is {where} the approved band {low} to {high}; "
            "a new card carries the new price"
        )


def exit_order(
    plan: Plan,
    *,
    qty: int,
    purpose: Purpose,
    limit: Money,
    prepared_at: datetime,
    desk: str,
    attempt: int = 1,
) -> Order:
    """A LIMIT that only reduces what the plan holds; `qty` is positive shares."""
    if purpose is Purpose.ENTRY:
        raise BadInput(f"{plan.symbol}: an exit cannot have the purpose {purpose}")
    if qty > plan.qty:
        raise BadInput(
            f"{plan.symbol}: an exit of {qty} is over the plan's {plan.qty} shares; "
            "exit what is held"
        )
    return _attempt(
        plan,
        qty=qty,
        side=closing_side(plan),
        purpose=purpose,
        limit=limit,
        prepared_at=prepared_at,
        desk=desk,
        attempt=attempt,
    )


def marketable_limit(
    side: Side,
    quote: Quote,
    *,
    band: PriceBand,
    tick: Money,
    through_bps: int = EXIT_THROUGH_BPS,
) -> Money:
    """A limit that trades at once: through the other side's price, on the tick, in the band."""
    buys = side is Side.BUY
    facing = quote.ask if buys else quote.bid
    price = facing if facing.paise > 0 else quote.ltp
    through = snap(price.times(1 + side.sign * Decimal(through_bps) / BPS), tick, up=buys)
    return min(max(through, band.low), band.high)


def closing_side(plan: Plan) -> Side:
    """The side that takes the plan's shares away."""
    return Side.SELL if plan.side is Side.BUY else Side.BUY


def order_id(plan: Plan, *, purpose: Purpose, attempt: int) -> str:
    """The id of one attempt at one purpose of one plan."""
    return _named("or", plan.id, purpose.value, str(attempt))


def order_of(
    plan: Plan,
    *,
    name: str,
    tag: str,
    purpose: Purpose,
    side: Side,
    qty: int,
    prepared_at: datetime,
    order_type: OrderType = OrderType.LIMIT,
    limit: Money | None = None,
    trigger: Money | None = None,
) -> Order:
    """A DAY order in its plan's own terms, PREPARED; the one place such an order is built.

    One that was not sent from here takes what the broker says of it by `followed`.
    """
    return Order(
        id=name,
        tag=tag,
        plan_id=plan.id,
        approval_id=plan.approval_id,
        account_id=plan.account_id,
        login_id=plan.login_id,
        isin=plan.isin,
        symbol=plan.symbol,
        purpose=purpose,
        side=side,
        qty=qty,
        order_type=order_type,
        product=plan.product,
        validity=Validity.DAY,
        limit_price=limit,
        trigger_price=trigger,
        status=OrderStatus.PREPARED,
        prepared_at=prepared_at,
    )


def followed(order: Order, known: BrokerOrder, *, reason: str) -> Order:
    """The order as it stands for one that a broker gave itself.

    Told as finished or not, its fills are booked first and the next look moves it on.
    """
    return replace(
        order,
        status=OrderStatus.OPEN,
        broker_order_id=known.broker_order_id,
        broker_status=known.broker_status,
        reason=reason,
    )


def _attempt(
    plan: Plan,
    *,
    qty: int,
    side: Side,
    purpose: Purpose,
    limit: Money,
    prepared_at: datetime,
    desk: str,
    attempt: int,
) -> Order:
    name = order_id(plan, purpose=purpose, attempt=attempt)
    return order_of(
        plan,
        name=name,
        tag=tag_for(name, desk=desk),
        purpose=purpose,
        side=side,
        qty=qty,
        limit=limit,
        prepared_at=prepared_at,
    )


def _named(prefix: str, *parts: str) -> str:
    return prefix + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:14]
