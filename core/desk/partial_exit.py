"""Sell a part of a position: the broker's stop shrinks first and is read back, then the sale.

From the wish to the last share sold, protection covers what is to be left. A wish waits, like an
exit, until the share trades; once it was asked for it cannot be undone, only the whole position
can be let go instead. A sale that ends unfilled ends the wish, and all that is held is covered
again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from core.desk.alarm import raise_alarm
from core.desk.booked import held_qty
from core.desk.dealer import Dealer
from core.desk.desk import Desk
from core.desk.ex_dates import held_through, why_frozen
from core.desk.exit import can_sell, exit_position, prepare_sale
from core.desk.rests import resting_qty
from core.domain.clock import ist_day
from core.domain.order import WORKING, Order, OrderStatus, Purpose, Side
from core.domain.plan import Plan, PlanStatus
from core.domain.ports import BrokerSession
from core.domain.protection import Protection, ProtectionStatus
from core.errors import BadInput, IllegalTransition
from core.execution.plan import closing_side
from core.store import alerts, audit, fills, orders, plans, protections, settings

NO_UNDO = "it cannot be undone"
PREFIX = "sell part:"


@dataclass(frozen=True, slots=True)
class Wish:
    """So many shares of a plan to be sold, and why."""

    qty: int
    reason: str
    at: datetime


def exit_part(desk: Desk, plan_id: str, qty: int, *, reason: str, by: str) -> Plan:
    """Ask for some of a plan's shares to be sold; all of them is a whole exit.

    Raises:
        BadInput: fewer than 1 or more than is held.
        IllegalTransition: the plan holds nothing, leaves already, sells a part or went ex.
    """
    at = desk.clock.now()
    with desk.store.write() as tx:
        plan = plans.by_id(tx, plan_id)
        held = abs(held_qty(tx, plan_id))
        if plan.status is not PlanStatus.HOLDING:
            raise IllegalTransition(
                f"{plan.symbol} is {plan.status}, and only a HOLDING position can be sold in parts"
            )
        if not 1 <= qty <= held:
            verb, stand = ("sell", "held") if plan.side is Side.BUY else ("buy back", "short")
            raise BadInput(
                f"{plan.symbol}: {qty} to {verb} and {held} are {stand}; use 1 to {held}"
            )
        if going := promised(tx, plan):
            done = "sold" if plan.side is Side.BUY else "bought back"
            raise IllegalTransition(
                f"{plan.symbol}: {going} of {held} are being {done} already; wait for them"
            )
        if held_through(tx, [plan], today=ist_day(at)):
            raise IllegalTransition(why_frozen(tx, plan.isin, today=ist_day(at)))
        if qty < held:
            said = {"qty": qty, "reason": reason, "at": at.isoformat()}
            settings.put(tx, PREFIX + plan_id, said)
            body = {"qty": qty, "of": held, "reason": reason}
            audit.append(tx, at=at, actor=by, verb="exit part", subject=plan_id, body=body)
    return plan if qty < held else exit_position(desk, plan_id, reason=reason, by=by)


def promised(tx: Session, plan: Plan) -> int:
    """Shares of a plan on their way out in parts: wished for, or in a working sale."""
    wish = wish_of(tx, plan.id)
    return (wish.qty if wish else 0) + _selling(tx, plan)


def leaving_now(desk: Desk, tx: Session, plan: Plan) -> int:
    """Shares that protection shall leave to a partial sale; a wish that must wait counts none."""
    if plan.status is not PlanStatus.HOLDING:
        return 0
    wish = wish_of(tx, plan.id)
    waits = wish is None or not can_sell(desk, tx, plan)
    return _selling(tx, plan) + (0 if waits or wish is None else wish.qty)


def to_cover(desk: Desk, tx: Session, plan: Plan) -> int:
    """Signed shares that need a stop: what is held, less what a partial sale takes away."""
    held = held_qty(tx, plan.id)
    left = max(0, abs(held) - leaving_now(desk, tx, plan))
    return left if held > 0 else -left


def tell_unknown_sales(dealer: Dealer, login_id: str) -> None:
    """A sale nobody can tell the end of may still sell, so no stop may: a person should know."""
    with dealer.desk.store.read() as tx:
        lost = [
            order
            for order in orders.with_status(tx, OrderStatus.UNKNOWN)
            if order.login_id == login_id and (order.purpose is Purpose.EXIT or order.is_stop_order)
        ]
        ids = {order.id: f"unprotected:{order.plan_id}:{order.id}" for order in lost}
        new = [order for order in lost if not alerts.is_known(tx, ids[order.id])]
    for order in new:
        with dealer.desk.store.write() as tx:
            raise_alarm(
                tx,
                id=ids[order.id],
                isin=order.isin,
                symbol=order.symbol,
                at=dealer.desk.clock.now(),
                sentence=_unknown(order),
            )


def _unknown(order: Order) -> str:
    said = f"{order.symbol}: nobody can tell yet whether"
    if order.is_stop_order:
        return (
            f"{said} the stop order for {order.qty} rests at the broker; until then the desk's own "
            "stop stands in"
        )
    word = "sale" if order.side is Side.SELL else "purchase"
    return (
        f"{said} a {word} of {order.qty} reached the broker; until then these shares have no stop"
    )


def sell_parts(dealer: Dealer, login_id: str) -> int:
    """Prepare the sale of each wish whose shares no stop can sell any more; returns how many."""
    with dealer.desk.store.read() as tx:
        wished = [name.removeprefix(PREFIX) for name in settings.starting(tx, PREFIX)]
        live = [plans.by_id(tx, name) for name in wished]
    return sum(_sell(dealer, plan) for plan in live if plan.login_id == login_id)


def wish_key(plan_id: str) -> str:
    """Where the wish to sell a part of a plan is kept."""
    return PREFIX + plan_id


def wish_of(tx: Session, plan_id: str) -> Wish | None:
    """What is wished of a plan, None when nothing is."""
    row = settings.get(tx, wish_key(plan_id), None)
    return row and Wish(int(row["qty"]), row["reason"], datetime.fromisoformat(row["at"]))


def _selling(tx: Session, plan: Plan) -> int:
    """Shares that working sales of a plan may still sell; a fired stop's are not among them."""
    return sum(
        order.qty - abs(sum(fill.qty for fill in fills.of_order(tx, order.id)))
        for order in orders.of_plan(tx, plan.id)
        if order.purpose is Purpose.EXIT and order.status in WORKING
    )


def _sell(dealer: Dealer, plan: Plan) -> int:
    desk, session = dealer.desk, dealer.session(plan.login_id)
    with desk.store.read() as tx:
        wish, held = wish_of(tx, plan.id), abs(held_qty(tx, plan.id))
        cover = protections.by_plan(tx, plan.id)
        busy = _closing(tx, plan)
        sells = can_sell(desk, tx, plan)
        others = {one.gtt_id for one in protections.live(tx) if one.plan_id != plan.id}
    if wish is None:
        return 0
    if plan.status is not PlanStatus.HOLDING or wish.qty >= held:
        return _drop(dealer, plan, "the position leaves whole" if held else "nothing is held")
    if busy or not sells or cover is None or not _stands_for(cover, held - wish.qty):
        return 0
    with desk.store.read() as tx:
        rests = resting_qty(tx, plan.id)
    if rests + _can_still_sell(session, plan, others) > held - wish.qty:
        return 0  # a stop could sell what is about to be sold
    dealer.stand_firm()
    return prepare_sale(dealer, plan, wish.qty, part=PREFIX + plan.id, why=wish.reason)


def _stands_for(cover: Protection, qty: int) -> bool:
    """Whether what is to be left has its stop: read back, or the desk's own with none at all."""
    if cover.qty != qty:
        return False
    at_desk = cover.status is ProtectionStatus.ARMED_LOCAL and not cover.gtt_id
    return cover.status is ProtectionStatus.VERIFIED or at_desk


def _closing(tx: Session, plan: Plan) -> list[Order]:
    of_plan = orders.of_plan(tx, plan.id)
    return [one for one in of_plan if one.closes and one.status in WORKING]


def _can_still_sell(session: BrokerSession, plan: Plan, others: set[str]) -> int:
    """Shares that GTTs at the broker could sell and that belong to no other plan."""
    return sum(
        gtt.qty
        for gtt in session.gtts()
        if gtt.active
        and gtt.gtt_id not in others
        and (gtt.isin, gtt.side, gtt.product) == (plan.isin, closing_side(plan), plan.product)
    )


def _drop(dealer: Dealer, plan: Plan, why: str) -> int:
    with dealer.desk.store.write() as tx:
        settings.drop(tx, PREFIX + plan.id)
        audit.append(
            tx,
            at=dealer.desk.clock.now(),
            actor="worker",
            verb="drop",
            subject=plan.id,
            body={"why": f"no part is sold: {why}"},
        )
    return 0
