"""The stop orders of intraday plans: which one rests, what of it is told, and setting it free."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from sqlmodel import Session

from core.desk.alarm import raise_alarm
from core.desk.booked import held_qty
from core.desk.dealer import Dealer
from core.desk.settle import settle_login
from core.desk.unknown import shares_of
from core.domain.order import TERMINAL, WORKING, Order, OrderStatus, advance
from core.domain.plan import Plan
from core.domain.ports import BrokerOrder
from core.errors import BrokerRefused, OutcomeUnknown
from core.execution.exchange_stop import Seen, stop_of
from core.execution.protect import READ_BACK_SECONDS
from core.execution.recover import same_tag
from core.store import audit, fills, orders, settings

S = OrderStatus


def stop_seen(tx: Session, of_plan: Sequence[Order]) -> Seen:
    """A plan's newest stop order with its booked shares and how often it was changed."""
    order = stop_of(of_plan)
    if order is None:
        return Seen()
    booked = abs(sum(fill.qty for fill in fills.of_order(tx, order.id)))
    return Seen(order, booked=booked, changes=stop_changes(tx, order)[1])


def stop_changes(tx: Session, order: Order) -> tuple[str, int]:
    """Where the changes of one stop order are counted, and how many there were."""
    key = f"stop changes:{order.id}"
    return key, int(settings.get(tx, key, 0))


def resting_qty(tx: Session, plan_id: str) -> int:
    """Shares that stop orders of a plan may still sell, as far as the store knows."""
    return sum(
        order.qty - abs(sum(fill.qty for fill in fills.of_order(tx, order.id)))
        for order in orders.of_plan(tx, plan_id)
        if order.is_stop_order and order.status in WORKING
    )


def why_no_stop(tx: Session, order: Order, plan: Plan) -> str:
    """Why a prepared stop order may not leave any more; empty when it still fits."""
    held = abs(held_qty(tx, plan.id))
    if order.qty > held:
        return f"the stop was for {order.qty} and {held} are held"
    others = [one for one in orders.of_plan(tx, plan.id) if one.id != order.id]
    if any(one.closes and one.status in WORKING for one in others):
        return "its shares are on their way out"
    if any(one.is_stop_order and one.status in WORKING for one in others):
        return "another stop order of the plan is about"
    return ""


def is_freed(dealer: Dealer, plan: Plan) -> bool:
    """Whether no stop order of a plan can sell any more; one that still could is asked to go.

    What it sold meanwhile is in the books when this says yes.
    """
    desk, session = dealer.desk, dealer.session(plan.login_id)
    with desk.store.read() as tx:
        order = stop_of(orders.of_plan(tx, plan.id))
    if order is None:
        return True
    if order.status is S.PREPARED:
        return _called_off(dealer, order)
    if order.status in (S.SENT, S.UNKNOWN):
        return _is_nowhere(dealer, plan, order)
    if order.status is S.OPEN:
        with suppress(BrokerRefused, OutcomeUnknown):  # the next read tells
            session.cancel(order.broker_order_id)
        settle_login(dealer, plan.login_id)
    told = session.orders()
    known = next((k for k in told if k.broker_order_id == order.broker_order_id), None)
    with desk.store.read() as tx:
        order = orders.by_id(tx, order.id)
        booked = abs(sum(fill.qty for fill in fills.of_order(tx, order.id)))
    sold = known.filled_qty if known is not None else 0
    return order.status in (*TERMINAL, S.ABSENT) and booked >= sold


def _called_off(dealer: Dealer, order: Order) -> bool:
    """End a stop order that never left."""
    why = "the position leaves; nothing was sent"
    with dealer.desk.store.write() as tx:
        dealer.check_lease(tx)
        current = orders.by_id(tx, order.id)
        if current.status is not S.PREPARED:
            return False
        ended = advance(current, S.CANCELLED, reason=why)
        orders.save(tx, ended)
        at = dealer.desk.clock.now()
        body = {"to": ended.status, "reason": why}
        audit.append(tx, at=at, actor="worker", verb="order", subject=order.id, body=body)
    return True


def _is_nowhere(dealer: Dealer, plan: Plan, order: Order) -> bool:
    """Whether a stop order whose answer was lost shows nowhere, ten seconds after it left.

    The broker must still count the shares that the books do, or it may have sold already. One
    that shows later is cancelled then, for nothing is held behind it.
    """
    desk, session = dealer.desk, dealer.session(plan.login_id)
    told: Sequence[BrokerOrder] = session.orders()
    if any(same_tag(known.tag, order.tag) for known in told):
        settle_login(dealer, plan.login_id)
        return False
    since = order.sent_at or order.prepared_at
    passed = (desk.clock.now() - since).total_seconds()
    if (desk.real_seconds(passed) or passed) < READ_BACK_SECONDS:
        return False
    there = session.holdings().get(plan.isin, 0)
    with desk.store.read() as tx:
        here = shares_of(tx, plan.login_id).get(plan.isin, 0)
    if there != here:
        return False
    with desk.store.write() as tx:
        raise_alarm(
            tx,
            id=f"lost stop:{order.id}",
            isin=order.isin,
            symbol=order.symbol,
            at=desk.clock.now(),
            sentence=f"{order.symbol}: the position leaves while nobody can tell whether its stop "
            f"order of {order.qty} reached the broker; it is cancelled once it shows",
        )
    return True
