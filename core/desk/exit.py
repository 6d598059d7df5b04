"""Take a position off: by a person's word, a time exit, the desk stop or FLATTEN.

The broker's stop is cancelled and seen to be gone before anything is sold; if it fired
meanwhile, nothing more is sold. From the cancel to the last share sold the desk owns the exit;
where it cannot sell now, protection takes the plan back.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from sqlmodel import Session

from core.desk.booked import held_qty
from core.desk.day_plans import must_leave, why_hands_off
from core.desk.dealer import Dealer
from core.desk.desk import Desk
from core.desk.ex_dates import FLATTEN, held_through, leaves_before, why_frozen
from core.desk.halts import halted
from core.desk.kill import level_in_file
from core.desk.rests import is_freed
from core.desk.tick_before import ticks_before
from core.domain.calendar import Phase
from core.domain.clock import ist_day
from core.domain.instrument import Instrument, trading_range
from core.domain.order import WORKING, Order, Product, Purpose
from core.domain.plan import Plan, PlanStatus, advance
from core.domain.ports import BrokerSession, GttOrder
from core.domain.protection import NEXT, Owner, Protection, ProtectionStatus
from core.domain.protection import advance as advance_cover
from core.domain.quote import Quote
from core.domain.risk import KillLevel
from core.domain.ticks import tick_now
from core.domain.words import day
from core.errors import BrokerRefused, IllegalTransition, OutsideCalendar
from core.execution.plan import closing_side, exit_order, marketable_limit
from core.execution.protect import CHILD_IS_DEAD
from core.execution.trail import desk_leg_hit, kept_target_hit
from core.store import (
    audit,
    fills,
    instruments,
    kills,
    orders,
    plan_rows,
    plans,
    protections,
    quotes,
    settings,
)

P = ProtectionStatus
PRICE_OLD_AFTER = 4.0  # real seconds
RETRY_SECONDS = 30.0  # between two tries to sell what would not sell


def exit_position(desk: Desk, plan_id: str, *, reason: str, by: str) -> Plan:
    """Ask for a plan's shares to be sold; the worker frees them from their stop and sells."""
    at = desk.clock.now()
    with desk.store.write() as tx:
        plan = plans.by_id(tx, plan_id)
        if plan.status is not PlanStatus.HOLDING:
            raise IllegalTransition(
                f"{plan.symbol} is {plan.status}, and only a HOLDING position can be exited"
            )
        if reason != FLATTEN and held_through(tx, [plan], today=ist_day(at)):
            raise IllegalTransition(why_frozen(tx, plan.isin, today=ist_day(at)))
        leaving = advance(plan, PlanStatus.EXITING, reason=reason)
        plans.save(tx, leaving)
        audit.append(tx, at=at, actor=by, verb="exit", subject=plan_id, body={"reason": reason})
    return leaving


def sell_leaving(dealer: Dealer, login_id: str) -> int:
    """Prepare one sale for each leaving plan of a login that can be sold now."""
    with dealer.desk.store.read() as tx:
        leaving = plans.with_status(tx, PlanStatus.EXITING)
    return sum(_sell(dealer, plan) for plan in leaving if plan.login_id == login_id)


def is_selling(desk: Desk, tx: Session, plan: Plan) -> bool:
    """Whether a leaving plan's shares are on their way out, so that no stop may sell them too."""
    of_plan = [
        order
        for order in orders.of_plan(tx, plan.id)
        if order.status in WORKING and not order.sleeps
    ]
    if any(order.closes for order in of_plan):
        return True
    return not of_plan and can_sell(desk, tx, plan)


def find_exits(dealer: Dealer) -> None:
    """Let every plan go whose time, level, coming ex-date or desk stop says so."""
    desk = dealer.desk
    today = ist_day(desk.clock.now())
    with desk.store.read() as tx:
        holding = plans.with_status(tx, PlanStatus.HOLDING)
        plan_rows.read_ahead(tx, [plan.id for plan in holding])
        intraday = [plan.isin for plan in holding if plan.product is Product.MIS]
        plan_rows.read_shares_ahead(tx, intraday)
        prices = quotes.of(tx, [plan.isin for plan in holding])
        covers = {plan.id: protections.by_plan(tx, plan.id) for plan in holding}
        filed = level_in_file(desk.home)
        names = {plan.account_id for plan in holding}
        levels = {name: max(kills.level(tx, name), filed) for name in names}
        shares = {plan.id: held_qty(tx, plan.id) for plan in holding}
        tries = {plan.id: _unsold(tx, plan) for plan in holding}
        leaving = leaves_before(desk, tx, [plan.isin for plan in holding])
        ends_now = {plan.id for plan in holding if must_leave(desk, tx, plan)}
        untouched = {plan.id for plan in holding if why_hands_off(desk, tx, plan)}
        torn = held_through(tx, holding, today=today)
    watched = [
        plan
        for plan in holding
        if (cover := covers[plan.id]) and cover.owner is Owner.LOCAL and plan.isin in prices
    ]  # a jump counts once the tick after it is there too
    before = ticks_before(desk, {plan.id: prices[plan.isin] for plan in watched})
    for plan in holding:
        if not shares[plan.id] or _too_soon(desk, tries[plan.id]) or plan.id in untouched:
            continue
        cover = covers[plan.id]
        if levels[plan.account_id] >= KillLevel.FLATTEN:
            exit_position(desk, plan.id, reason=FLATTEN, by="worker")
        elif plan.id in torn:
            continue  # nothing here knows how many shares it is now, nor what its stop means
        elif plan.isin in leaving:
            why = f"it goes ex on {day(leaving[plan.isin])}"
            exit_position(desk, plan.id, reason=why, by="worker")
        elif plan.id in ends_now:
            why = "time exit of an intraday position"
            exit_position(desk, plan.id, reason=why, by="worker")
        elif plan.product is not Product.MIS and today >= plan.time_exit_on:
            exit_position(desk, plan.id, reason=f"time exit of {plan.time_exit_on}", by="worker")
        elif (
            cover is not None
            and plan.id in before
            and (leg := desk_leg_hit(cover, prices[plan.isin], previous=before[plan.id]))
        ):
            level = cover.stop if leg is Purpose.STOP else cover.target
            exit_position(desk, plan.id, reason=f"desk {leg} {level}", by="worker")
        elif (
            cover is not None
            and (plan.product is Product.MIS or keeps_targets(dealer, plan.login_id))
            and plan.isin in prices
            and not _is_old(desk, prices[plan.isin])
            and kept_target_hit(cover, prices[plan.isin])
        ):
            exit_position(desk, plan.id, reason=f"desk target {cover.target}", by="worker")


def keeps_targets(dealer: Dealer, login_id: str) -> bool:
    """Whether a login's broker rests a stop alone, so that its targets are the desk's."""
    session = dealer.sessions.get(login_id)
    return session is not None and not getattr(session, "holds_pairs", True)


def _is_old(desk: Desk, quote: Quote) -> bool:
    """Whether a price is too old to sell at a target that only the desk keeps."""
    passed = (desk.clock.now() - quote.received_at).total_seconds()
    return desk.real_seconds(passed) > PRICE_OLD_AFTER


def _sell(dealer: Dealer, plan: Plan) -> int:
    desk, session = dealer.desk, dealer.session(plan.login_id)
    with desk.store.read() as tx:
        cover = protections.by_plan(tx, plan.id)
        working = [order for order in orders.of_plan(tx, plan.id) if order.status in WORKING]
        entries = [order for order in working if order.purpose is Purpose.ENTRY]
        held = held_qty(tx, plan.id)
        sells = can_sell(desk, tx, plan)
    if any(order.closes for order in working) or not held or not sells:
        return 0  # what sells already goes on, or protection holds the shares meanwhile
    dealer.stand_firm()
    for entry in entries:
        if entry.broker_order_id:
            with suppress(BrokerRefused):  # it ended meanwhile; settling tells
                session.cancel(entry.broker_order_id)
        return 0  # look again when the entry has ended
    if cover is not None:
        take_over(dealer, cover, reason="the desk sells and takes the broker stop away")
        if cover.gtt_id and not _is_freed(session, cover.gtt_id):
            return 0
    if plan.product is Product.MIS:
        if not is_freed(dealer, plan):
            return 0
        with desk.store.read() as tx:
            held = held_qty(tx, plan.id)  # its stop may have sold some before it went
    return prepare_sale(dealer, plan, abs(held)) if held else 0


def take_over(dealer: Dealer, cover: Protection, *, reason: str) -> None:
    """Make the desk the owner of an exit; the broker's stop keeps its id until it is gone."""
    if cover.owner is Owner.LOCAL or P.ARMED_LOCAL not in NEXT[cover.status]:
        return
    at = dealer.desk.clock.now()
    armed = advance_cover(cover, P.ARMED_LOCAL, reason=reason)
    with dealer.desk.store.write() as tx:
        dealer.check_lease(tx)
        protections.save(tx, replace(armed, owner=Owner.LOCAL, armed_at=at))
        audit.append(
            tx,
            at=at,
            actor="worker",
            verb="protect",
            subject=cover.plan_id,
            body={"to": armed.status, "qty": armed.qty, "gtt": armed.gtt_id, "why": reason},
        )


def _is_freed(session: BrokerSession, gtt_id: str) -> bool:
    """Whether a broker stop can no longer sell; one that still could is asked to go."""
    gtt = _read(session, gtt_id)
    if gtt is not None and gtt.active:
        with suppress(BrokerRefused):  # it fired meanwhile; reading it again tells
            session.cancel_gtt(gtt_id)
        gtt = _read(session, gtt_id)
    if gtt is None:
        return True
    if gtt.active:
        return False  # seen to be gone on the next look
    if not gtt.fired_order_id:
        return True
    child = next((o for o in session.orders() if o.broker_order_id == gtt.fired_order_id), None)
    return child is not None and child.status in CHILD_IS_DEAD


def _read(session: BrokerSession, gtt_id: str) -> GttOrder | None:
    return next((gtt for gtt in session.gtts() if gtt.gtt_id == gtt_id), None)


def can_sell(desk: Desk, tx: Session, plan: Plan) -> bool:
    """Whether a sale may go out now: the share trades, has a price, and no try is fresh."""
    priced = quotes.last(tx, plan.isin)
    if priced is None or priced.ltp.paise <= 0 or _too_soon(desk, _unsold(tx, plan)):
        return False
    if why_hands_off(desk, tx, plan):
        return False  # its broker closes it now, and two sales could race
    if halted(tx, at=desk.clock.now()) is not None:
        return False  # nobody trades; the broker's stop stays where it is
    return trades_now(desk, instruments.by_isin(tx, plan.isin))


def takes_stops(desk: Desk, tx: Session, plan: Plan) -> bool:
    """Whether the exchange takes a stop order in a plan's share now, which no auction does."""
    if halted(tx, at=desk.clock.now()) is not None:
        return False
    return trades_now(desk, instruments.by_isin(tx, plan.isin))


def trades_now(desk: Desk, share: Instrument) -> bool:
    """Whether a share is in continuous trading."""
    try:
        phase = desk.calendar.phase(desk.clock.now(), has_derivatives=share.has_derivatives)
    except OutsideCalendar:
        return False
    return phase is Phase.CONTINUOUS


def _tries(tx: Session, plan: Plan) -> list[Order]:
    """Every sale tried so far, however it ended."""
    return [order for order in orders.of_plan(tx, plan.id) if order.purpose is Purpose.EXIT]


def _unsold(tx: Session, plan: Plan) -> list[Order]:
    """Sales tried so far of which not every share is booked as sold."""
    return [
        order
        for order in _tries(tx, plan)
        if order.qty > abs(sum(fill.qty for fill in fills.of_order(tx, order.id)))
    ]


def _too_soon(desk: Desk, tries: list[Order]) -> bool:
    """Whether the last try is so fresh that another would be a storm."""
    if not tries:
        return False
    last = max(order.prepared_at for order in tries)
    passed = (desk.clock.now() - last).total_seconds()
    return (desk.real_seconds(passed) or passed) < RETRY_SECONDS


def prepare_sale(dealer: Dealer, plan: Plan, qty: int, *, part: str = "", why: str = "") -> int:
    """Commit one sale; `part` is the wish it answers, whose stop for the rest stays where it is."""
    desk = dealer.desk
    at = desk.clock.now()
    with desk.store.write() as tx:
        dealer.check_lease(tx)
        order = _sale(dealer, tx, plan, qty)
        orders.put(tx, order)
        cover = protections.by_plan(tx, plan.id)
        if part:
            settings.drop(tx, part)
        elif cover is not None and cover.gtt_id:
            said = f"exit order {order.id} sells"
            protections.save(tx, replace(cover, gtt_id="", reason=said, version=cover.version + 1))
        audit.append(
            tx,
            at=at,
            actor="worker",
            verb="prepare exit",
            subject=order.id,
            body={"plan": plan.id, "qty": qty, "why": why or plan.reason},
        )
    return 1


def _sale(dealer: Dealer, tx: Session, plan: Plan, qty: int) -> Order:
    quote = quotes.by_isin(tx, plan.isin)
    tick = tick_now(quote)
    band = trading_range(
        instruments.by_isin(tx, plan.isin),
        prev_close=quote.prev_close,
        ltp=quote.ltp,
        tick=tick,
    )
    return exit_order(
        plan,
        qty=qty,
        purpose=Purpose.EXIT,
        limit=marketable_limit(closing_side(plan), quote, band=band, tick=tick),
        prepared_at=dealer.desk.clock.now(),
        desk=dealer.desk_tag,
        attempt=len(_tries(tx, plan)) + 1,
    )
