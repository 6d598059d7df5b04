"""The one place an order leaves the desk: committed first, sent once, never again.

Every guardrail, the approval's age, the kill level, the lease and the rate cap are checked in
the transaction that moves the order to SENT; the kill level is read once more right before the
write. A definite no, a throttle and an unknown outcome are three different ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from core.desk.alarm import raise_alarm
from core.desk.books import release_rest
from core.desk.caps import why_careless
from core.desk.day_plans import why_no_day_trade
from core.desk.dealer import Dealer
from core.desk.desk import Desk
from core.desk.ex_dates import why_frozen
from core.desk.halts import why_halted, why_shut
from core.desk.kill import effective_level, level_in_file
from core.desk.live import why_not_live, why_wrong_mode
from core.desk.logins import why_no_session
from core.desk.mandate import why_not_bound
from core.desk.one_way import why_other_way
from core.desk.price_gate import why_no_price
from core.desk.recheck import failed_now
from core.desk.reconcile import why_no_entry
from core.desk.rests import why_no_stop
from core.desk.sign import why_not_genuine
from core.domain.card import APPROVAL_SECONDS, Approval, Card, CardStatus
from core.domain.card import advance as advance_card
from core.domain.clock import ist_day
from core.domain.order import Order, OrderStatus, Product, Purpose, advance
from core.domain.plan import PlanStatus
from core.domain.plan import advance as advance_plan
from core.domain.risk import KillLevel
from core.domain.session_clock import SessionClock
from core.errors import (
    BrokerRefused,
    IllegalTransition,
    NoData,
    NotFound,
    OutcomeUnknown,
    SessionDead,
    Throttled,
)
from core.execution.plan import closing_side
from core.execution.rate import Sends, why_wait, windows
from core.store import (
    accounts,
    approvals,
    audit,
    cards,
    instruments,
    kills,
    orders,
    plans,
    quotes,
)

WORKER = "worker"


def send_prepared(dealer: Dealer) -> list[Order]:
    """Send every committed intent once, exits first; returns the orders as they now stand."""
    with dealer.desk.store.read() as tx:
        prepared = in_turn(tx, orders.with_status(tx, OrderStatus.PREPARED))
    # an exit waits for its login's session; an entry without one is turned down below
    waiting = [
        order
        for order in prepared
        if order.login_id in dealer.sessions or order.purpose is Purpose.ENTRY
    ]
    found: list[Order] = []
    waits: set[str] = set()  # logins at their rate; those behind the first that waits wait too
    for order in waiting:
        found.append(order if order.login_id in waits else send_order(dealer, order.id))
        if found[-1].status is OrderStatus.PREPARED:
            waits.add(order.login_id)
    return found


def in_turn(tx: Session, prepared: Sequence[Order]) -> list[Order]:
    """Exits first, then entries in the order of their clicks: by time, then as they were recorded.

    Names are made from hashes and decide nothing.
    """
    clicked = {order.id: (order.prepared_at, 0) for order in prepared}
    entries = [order for order in prepared if order.purpose is Purpose.ENTRY]
    if len({order.prepared_at for order in entries}) < len(entries):
        card = {order.id: _card_name(tx, order) for order in entries}
        turns = audit.last_of(tx, "approve", sorted(set(card.values())))
        clicked |= {one.id: (one.prepared_at, turns.get(card[one.id], 0)) for one in entries}
    return sorted(prepared, key=lambda one: (one.purpose is Purpose.ENTRY, *clicked[one.id]))


def send_order(dealer: Dealer, order_id: str) -> Order:
    """Check, commit SENT, write to the broker once and record what came of it."""
    order = _commit_sent(dealer, order_id)
    if order.status is not OrderStatus.SENT:
        return order
    if (
        order.purpose is Purpose.ENTRY
        and not effective_level(dealer.desk, order.account_id).allows_entries
    ):
        return _end(dealer, order, OrderStatus.CANCELLED, "the desk was stopped before the write")
    try:
        broker_order_id = dealer.session(order.login_id).place(order)
    except BrokerRefused as refusal:
        return _end(dealer, order, OrderStatus.REJECTED, str(refusal))
    except (Throttled, SessionDead) as refusal:
        return _end(dealer, order, OrderStatus.REJECTED, f"not accepted: {refusal}")
    except OutcomeUnknown as lost:
        return _record(dealer, order, OrderStatus.UNKNOWN, reason=str(lost))
    return _record(dealer, order, OrderStatus.OPEN, broker_order_id=broker_order_id)


def _commit_sent(dealer: Dealer, order_id: str) -> Order:
    desk = dealer.desk
    at, seconds = desk.clock.now(), desk.clock.monotonic()
    with desk.store.write() as tx:
        dealer.check_lease(tx)
        order = orders.by_id(tx, order_id)
        if order.status is not OrderStatus.PREPARED:
            return order
        if _over_rate(dealer, tx, order):
            if order.purpose is Purpose.ENTRY and (late := _too_late(tx, order, seconds=seconds)):
                return _refuse(dealer, tx, order, late)
            return order  # stays PREPARED; the next pass tries again while the approval lives
        why_not = ""
        if order.purpose is not Purpose.ENTRY and (odd := _why_not_reducing(tx, order)):
            return _drop(tx, order, odd, at=at)
        if order.is_stop_order and (late := _why_no_stop(desk, tx, order)):
            return _call_off(tx, order, late, at=at)
        if order.purpose is Purpose.ENTRY:
            why_not = _entry_refusal(dealer, tx, order, seconds=seconds)
        if why_not:
            return _refuse(dealer, tx, order, why_not)
        sent = replace(advance(order, OrderStatus.SENT), sent_at=at)
        orders.save(tx, sent)
        if order.purpose is Purpose.ENTRY:
            card = _card_of(tx, order)
            cards.save(tx, advance_card(card, CardStatus.ORDERED))
        audit.append(
            tx,
            at=at,
            actor=WORKER,
            verb="send",
            subject=order.id,
            body={"tag": order.tag, "qty": order.qty, "side": order.side, "fence": dealer.fence},
        )
    return sent


def _why_not_reducing(tx: Session, order: Order) -> str:
    """Why an order that needs no approval would not just make its plan smaller; else empty."""
    try:
        plan = plans.by_id(tx, order.plan_id)
    except NotFound:
        return f"{order.purpose} order {order.id} of {order.symbol} belongs to no plan"
    if order.side is closing_side(plan) and order.isin == plan.isin and order.qty <= plan.qty:
        return ""
    return (
        f"{order.purpose} order {order.id} would {order.side} {order.qty} {order.symbol}, and its "
        f"plan of {plan.qty} {plan.symbol} ends by {closing_side(plan)}"
    )


def _why_no_stop(desk: Desk, tx: Session, order: Order) -> str:
    """Why a stop order that waited for its turn is not sent any more; empty when it still fits."""
    if why_not := why_halted(tx, at=desk.clock.now()):
        return why_not
    share = instruments.by_isin(tx, order.isin)
    phase = SessionClock.of(share, ist_day(desk.clock.now()), desk.calendar)
    if not phase.takes_stops(desk.clock.now()):
        return f"{order.symbol}: the exchange takes no stop order now"
    return why_no_stop(tx, order, plans.by_id(tx, order.plan_id))


def _call_off(tx: Session, order: Order, why_not: str, *, at: datetime) -> Order:
    """End a stop order that the market or its plan overtook; protection places what fits."""
    ended = advance(order, OrderStatus.CANCELLED, reason=why_not)
    orders.save(tx, ended)
    audit.append(tx, at=at, actor=WORKER, verb="refuse", subject=order.id, body={"reason": why_not})
    return ended


def _drop(tx: Session, order: Order, why_not: str, *, at: datetime) -> Order:
    """End an order that the desk itself would never write; plan, card and books stay."""
    ended = advance(order, OrderStatus.CANCELLED, reason=why_not)
    orders.save(tx, ended)
    said = f"{why_not}; nothing was sent"
    raise_alarm(
        tx, id=f"odd:{order.id}", isin=order.isin, symbol=order.symbol, at=at, sentence=said
    )
    audit.append(tx, at=at, actor=WORKER, verb="refuse", subject=order.id, body={"reason": why_not})
    return ended


def _card_of(tx: Session, order: Order) -> Card:
    return cards.by_id(tx, plans.by_id(tx, order.plan_id).card_id)


def _card_name(tx: Session, order: Order) -> str:
    """The id of an order's card; empty where no plan stands behind it, which holds up no exit."""
    try:
        return plans.by_id(tx, order.plan_id).card_id
    except NotFound:
        return ""


def _over_rate(dealer: Dealer, tx: Session, order: Order) -> bool:
    """Whether the login sent as much as it may; an exit waits as well."""
    if not dealer.desk.real_seconds(1.0):
        return False  # replay has no broker to be polite to
    counts = (
        orders.sends_since(tx, order.login_id, since) for since in windows(dealer.desk.clock.now())
    )
    return bool(why_wait(Sends(*counts), dealer.cap, login_id=order.login_id))


def _entry_refusal(dealer: Dealer, tx: Session, order: Order, *, seconds: float) -> str:
    """Why an entry may not go out now, empty when it may."""
    desk = dealer.desk
    level = max(kills.level(tx, order.account_id), level_in_file(desk.home))
    if level >= KillLevel.PAUSE:
        return f"{level.name} stands, which lets no entry through"
    card = _card_of(tx, order)
    approval = approvals.by_card(tx, card.id)
    if approval is None or approval.id != order.approval_id:
        return "no approval stands behind it"
    if approval.bound_hash != card.bound_hash or approval.card_version != card.version:
        return "the card is not the one that was approved"
    if forged := why_not_genuine(desk.home, approval, card, market=desk.market):
        _tell_forged(tx, card, approval, forged, at=desk.clock.now())
        return forged
    if late := _too_late(tx, order, seconds=seconds):
        return late
    if (order.symbol, order.isin, order.qty * order.side.sign) != (
        card.symbol,
        card.isin,
        card.qty,
    ):
        return f"the order is for {order.qty} {order.symbol}, the card for {card.qty} {card.symbol}"
    login = accounts.login(tx, order.login_id)
    if why_not := why_wrong_mode(card, login) or why_not_live(tx, login, at=desk.clock.now()):
        return why_not
    b = card.bracket
    if order.limit_price is None or not b.entry_low <= order.limit_price <= b.entry_high:
        return f"its limit {order.limit_price} is outside {b.entry_low} to {b.entry_high}"
    if _unknown_on_symbol(tx, order):
        return f"another {order.symbol} order has an unknown outcome; resolve that one first"
    if order.login_id not in dealer.sessions:
        return f"{login.label} is not logged in; log in on the Broker page and approve again"
    if why_not := why_no_session(tx, login) or why_no_entry(tx, order.login_id):
        return why_not
    if why_not := why_halted(tx, at=desk.clock.now()):
        return why_not
    share = instruments.by_isin(tx, order.isin)
    if why_not := why_shut(desk, share) or why_no_price(desk, tx, share, login):
        return why_not
    if why_not := why_other_way(tx, login.id, order.isin, order.symbol, side=order.side):
        return why_not
    if order.product is Product.MIS and (
        why_not := why_no_day_trade(desk, login.broker, share, at=desk.clock.now())
    ):
        return why_not
    if why_not := why_frozen(tx, order.isin, today=ist_day(desk.clock.now())):
        return why_not
    ltp = quotes.by_isin(tx, order.isin).ltp
    if not b.entry_low <= ltp <= b.entry_high:
        return f"{order.symbol} trades at {ltp}, outside {b.entry_low} to {b.entry_high}"
    if why_not := why_careless(tx, order, sized=card.allocation.qty, at=desk.clock.now()):
        return why_not
    try:
        failed = "; ".join(rail.sentence for rail in failed_now(desk, tx, card))
    except (NoData, NotFound) as missing:
        return f"its guardrails cannot be checked: {missing}"
    return failed or why_not_bound(tx, card)


def _too_late(tx: Session, order: Order, *, seconds: float) -> str:
    """Why the click is too old to act on; empty while it is fresh."""
    approval = approvals.by_card(tx, plans.by_id(tx, order.plan_id).card_id)
    age = seconds - approval.clicked if approval is not None else 0.0
    if 0.0 <= age <= APPROVAL_SECONDS:
        return ""
    return f"the approval is {age:.0f} s old, over {APPROVAL_SECONDS:.0f} s; approve again"


def _unknown_on_symbol(tx: Session, order: Order) -> bool:
    unknown = orders.with_status(tx, OrderStatus.UNKNOWN)
    return any(other.login_id == order.login_id and other.isin == order.isin for other in unknown)


def _refuse(dealer: Dealer, tx: Session, order: Order, why_not: str) -> Order:
    at = dealer.desk.clock.now()
    ended = advance(order, OrderStatus.CANCELLED, reason=why_not)
    orders.save(tx, ended)
    plan = plans.by_id(tx, order.plan_id)
    plans.save(tx, advance_plan(plan, PlanStatus.ABANDONED, reason=why_not))
    card = cards.by_id(tx, plan.card_id)
    try:
        cards.save(tx, advance_card(card, CardStatus.REFUSED, reason=why_not))
    except IllegalTransition as altered:
        _tell_altered(tx, card, str(altered), at=at)
    release_rest(tx, ended, at=at)
    audit.append(tx, at=at, actor=WORKER, verb="refuse", subject=order.id, body={"reason": why_not})
    return ended


def _tell_forged(
    tx: Session, card: Card, approval: Approval, sentence: str, *, at: datetime
) -> None:
    """Somebody may have written to the store past the desk; a person should know at once."""
    raise_alarm(
        tx,
        id=f"forged:{approval.id}",
        isin=card.isin,
        symbol=card.symbol,
        at=at,
        sentence=f"{sentence}; nothing was sent",
    )


def _tell_altered(tx: Session, card: Card, sentence: str, *, at: datetime) -> None:
    """A card that somebody changed in the store stays as it is, for a person to look at."""
    raise_alarm(
        tx,
        id=f"altered:{card.id}:{card.version}",
        isin=card.isin,
        symbol=card.symbol,
        at=at,
        sentence=sentence,
    )


def _record(
    dealer: Dealer, order: Order, to: OrderStatus, *, reason: str = "", broker_order_id: str = ""
) -> Order:
    at = dealer.desk.clock.now()
    with dealer.desk.store.write() as tx:
        current = orders.by_id(tx, order.id)
        if current.status is not OrderStatus.SENT:
            return current  # the order stream was faster than the answer
        moved = advance(replace(current, broker_order_id=broker_order_id), to, reason=reason)
        orders.save(tx, moved)
        audit.append(
            tx,
            at=at,
            actor=WORKER,
            verb="order",
            subject=order.id,
            body={"to": to, "broker_order_id": broker_order_id, "reason": reason},
        )
    return moved


def _end(dealer: Dealer, order: Order, to: OrderStatus, reason: str) -> Order:
    """An order that is known not to stand at the broker: books and plan are let go."""
    at = dealer.desk.clock.now()
    with dealer.desk.store.write() as tx:
        ended = advance(orders.by_id(tx, order.id), to, reason=reason)
        orders.save(tx, ended)
        plan = plans.by_id(tx, order.plan_id)
        if order.purpose is Purpose.ENTRY and plan.status is PlanStatus.ENTERING:
            plans.save(tx, advance_plan(plan, PlanStatus.ABANDONED, reason=reason))
            release_rest(tx, ended, at=at)
        elif plan.status is PlanStatus.EXITING and not order.is_stop_order:
            plans.save(tx, advance_plan(plan, PlanStatus.HOLDING, reason=reason))
        audit.append(
            tx,
            at=at,
            actor=WORKER,
            verb="order",
            subject=order.id,
            body={"to": to, "reason": reason},
        )
    return ended
