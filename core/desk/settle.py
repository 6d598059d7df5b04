"""Bring home what happened at the broker: order states, fills, and their postings.

A trade is known by order, trade id and exchange, so reading it twice changes nothing. A fill
counts even when it comes after a cancel. A trade of no order of ours was done elsewhere: it goes
into the login's EXTERNAL bucket once, with an alarm, and never to a plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time

from sqlmodel import Session

from core.desk.alarm import raise_alarm
from core.desk.annulled import standing
from core.desk.books import (
    broker_of,
    depository_fee,
    fill_costs,
    is_let_go,
    release_filled,
    release_rest,
)
from core.desk.children import adopt, missing_children
from core.desk.dealer import Dealer
from core.desk.elsewhere import book_elsewhere, elsewhere_id, take_back
from core.desk.look import Look, look_at
from core.desk.slices import gather, is_of
from core.desk.squared_off import squared_off, take_in
from core.desk.strange import is_same_order, look_for_strangers
from core.desk.trade_costs import trade_costs
from core.domain.clock import IST, ist_day
from core.domain.ledger import Position, external_account
from core.domain.money import ZERO, Money, total
from core.domain.order import (
    TERMINAL,
    Fill,
    Order,
    OrderStatus,
    Purpose,
)
from core.domain.plan import Plan, PlanStatus
from core.domain.plan import advance as advance_plan
from core.domain.ports import BrokerOrder
from core.domain.succession import same_share
from core.exchange.trading_floor import broker_day
from core.execution.recover import follow, same_tag, same_terms, tag_chars
from core.store import actions, audit, fills, hypotheses, ledger, orders, plan_rows, plans
from core.treasury import post

WORKER = "worker"
# how an exit's reason begins, and what that was for the belief
OUTCOMES = (("desk stop", "stop"), ("desk target", "target"), ("time exit", "time"))
HOLDERS = (PlanStatus.HOLDING, PlanStatus.EXITING)
FOLLOWED = (OrderStatus.SENT, OrderStatus.UNKNOWN, OrderStatus.OPEN, OrderStatus.ABSENT)


def settle(dealer: Dealer) -> int:
    """Read every login once and book what is new; returns how many fills were new."""
    return sum(settle_login(dealer, login_id) for login_id in sorted(dealer.sessions))


def settle_login(dealer: Dealer, login_id: str) -> int:
    """The same for one login."""
    with look_at(dealer.session(login_id)) as look:
        return _settle(dealer, login_id, look)


def _settle(dealer: Dealer, login_id: str, look: Look) -> int:
    gtts = look.gtts
    with dealer.desk.store.read() as tx:
        followed = [o for o in orders.with_status(tx, *FOLLOWED) if o.login_id == login_id]
        told, trades = gather(tx, look.told, look.trades, followed=followed)
        shown = {known.broker_order_id for known in told}
        plan_rows.read_trades_ahead(tx, [one.order_id for one in trades], login_id=login_id)
        # a trade newer than the order book waits for the next look, which shows its order
        fresh = [t for t in trades if t.order_id in shown and not _is_booked(tx, login_id, t)]
        children = missing_children(tx, gtts, told, login_id=login_id)
        brokers_own = squared_off(dealer, tx, login_id, told, fresh) if fresh else []
    look_for_strangers(dealer, login_id, told, followed=followed)
    moves = [(order, _match(order, told)) for order in followed]
    news = [(order, match) for order, match in moves if match and follow(order, match)]
    if not fresh and not news and not children:
        return 0
    with dealer.desk.store.write() as tx:
        dealer.check_lease(tx)
        at = dealer.desk.clock.now()
        for gtt, known in children:
            _follow(dealer, tx, adopt(dealer, tx, gtt, known, login_id=login_id), known)
        for known, plan in brokers_own:
            _follow(dealer, tx, take_in(dealer, tx, known, plan), known)
        for order, match in news:
            _follow(dealer, tx, order, match)
        booked = sum(_book(tx, login_id, trade, told, at=at) for trade in fresh)
        close_ended(tx, at=at)
    return booked


def _is_booked(tx: Session, login_id: str, trade: Fill) -> bool:
    order = ours(tx, login_id, trade)
    if order is None:
        return ledger.is_posted(tx, elsewhere_id(login_id, trade))
    return any(
        (fill.trade_id, fill.exchange) == (trade.trade_id, trade.exchange)
        for fill in fills.of_order(tx, order.id)
    )


def ours(tx: Session, login_id: str, trade: Fill) -> Order | None:
    """The order of this login that a trade's broker order belongs to, None for one done elsewhere.

    A broker may use an order id again; then it is of another share or of another day.
    """
    order = orders.by_broker_id(tx, trade.order_id, login_id=login_id)
    if order is None:
        return None
    if order.isin != trade.isin and not same_share(order.isin, trade.isin):
        return None
    same_day = broker_day(order.prepared_at) == broker_day(trade.traded_at)
    return order if same_day else None


def _match(order: Order, told: Sequence[BrokerOrder]) -> BrokerOrder | None:
    """The one broker order this is; two of one tag, or other terms, are for a person."""
    if order.broker_order_id:
        known = next((k for k in told if is_of(order, k)), None)
        return known if known is not None and is_same_order(order, known) else None
    found = [known for known in told if same_tag(known.tag, order.tag)]
    return found[0] if len(found) == 1 and same_terms(order, found[0]) else None


def _follow(dealer: Dealer, tx: Session, order: Order, match: BrokerOrder) -> None:
    current = orders.by_id(tx, order.id)
    moved = follow(current, match)
    if moved is None:
        return
    orders.save(tx, moved)
    at = dealer.desk.clock.now()
    if current.status is OrderStatus.ABSENT:
        raise_alarm(
            tx,
            id=f"late:{order.id}",
            isin=order.isin,
            symbol=order.symbol,
            at=at,
            sentence=f"{order.symbol}: an order called absent surfaced as {moved.status}",
        )
    if match.parts and moved.status in TERMINAL and moved.status is not OrderStatus.FILLED:
        raise_alarm(
            tx,
            id=f"parts:{order.id}",
            isin=order.isin,
            symbol=order.symbol,
            at=at,
            sentence=f"{order.symbol}: order {order.id} of {order.qty}: {moved.reason}",
        )
    if moved.status is not current.status or moved.qty != current.qty:
        audit.append(
            tx,
            at=at,
            actor="broker",
            verb="order",
            subject=order.id,
            body={
                "to": moved.status,
                "broker": match.broker_status,
                "reason": moved.reason,
                **({"qty": moved.qty} if moved.qty != current.qty else {}),
            },
        )


def _book(
    tx: Session, login_id: str, trade: Fill, told: Sequence[BrokerOrder], *, at: datetime
) -> int:
    order = ours(tx, login_id, trade) or _given_up(tx, login_id, trade, told)
    if order is None:
        return book_elsewhere(tx, login_id, trade, at=at)
    return book_fill(tx, order, trade, at=at)


def book_fill(tx: Session, order: Order, trade: Fill, *, at: datetime) -> int:
    """Book one trade to the order it belongs to; 0 when it was booked before.

    What stood in the EXTERNAL bucket until the order was known is taken back. Shares stand in
    the books under their plan's ISIN, which a split may have changed at the broker before or since.
    """
    isin = plans.by_id(tx, order.plan_id).isin
    fill = replace(trade, order_id=order.id, account_id=order.account_id, isin=isin)
    if not fills.put(tx, fill):
        return 0
    take_back(tx, order, trade, at=at)
    _hold(tx, order, fill, at=at)
    _post(tx, order, fill)
    audit.append(
        tx,
        at=at,
        actor="broker",
        verb="fill",
        subject=order.id,
        body={"trade": fill.trade_id, "qty": fill.qty, "price_paise": fill.price.paise},
    )
    return 1


def _given_up(tx: Session, login_id: str, trade: Fill, told: Sequence[BrokerOrder]) -> Order | None:
    """An order that had ended here without a broker's id and was taken all the same, by its tag."""
    known = next((one for one in told if one.broker_order_id == trade.order_id), None)
    order = orders.by_tag(tx, tag_chars(known.tag)) if known is not None else None
    if known is None or order is None or order.status not in TERMINAL or order.broker_order_id:
        return None
    if order.login_id != login_id or _match(order, told) is None:
        return None
    found = replace(
        order,
        broker_order_id=known.broker_order_id,
        broker_status=known.broker_status,
        version=order.version + 1,
    )
    orders.save(tx, found)
    return found


def _hold(tx: Session, order: Order, fill: Fill, *, at: datetime) -> None:
    """The plan of an entry's fill holds shares now, even when it was thought to be over."""
    if order.purpose is not Purpose.ENTRY:
        return
    plan = plans.by_id(tx, order.plan_id)
    if is_let_go(tx, order):
        sentence = f"{fill.symbol}: a late fill of {fill.qty} came after its order had ended"
        name = f"late:{order.id}:{fill.trade_id}"
        raise_alarm(tx, id=name, isin=fill.isin, symbol=fill.symbol, at=at, sentence=sentence)
    if plan.status not in HOLDERS:
        plans.save(tx, advance_plan(plan, PlanStatus.HOLDING))


def _post(tx: Session, order: Order, fill: Fill) -> None:
    held = next(
        (p for p in ledger.positions(tx, order.account_id) if p.isin == fill.isin),
        Position(order.account_id, fill.isin, 0, ZERO),
    )
    broker = broker_of(tx, order.account_id)
    earlier = total(
        known.notional
        for known in fills.of_order(tx, order.id)
        if (known.trade_id, known.exchange) != (fill.trade_id, fill.exchange)
    )
    ledger.post(tx, post.trade(fill, held, fill_costs(broker, fill, before=earlier)))
    if fill.qty < 0 and (fee := depository_fee(broker, fill)) is not None:
        ledger.post(tx, fee)
    if order.purpose is Purpose.ENTRY:
        release_filled(tx, order, trade_id=fill.trade_id, qty=abs(fill.qty), at=fill.traded_at)


def filled_qty(tx: Session, plan_id: str) -> int:
    """Signed shares of a plan: the sum of its fills and of what corporate actions made of them."""
    changed = sum(one.qty for one in actions.changes_of_plan(tx, plan_id))
    return changed + sum(fill.qty for fill in fills.of_plan(tx, plan_id))


def held_qty(tx: Session, plan_id: str) -> int:
    """Signed shares a plan can still sell: its fills, less what its login sold elsewhere.

    What was sold elsewhere is missing from the newest plans in that share first.
    """
    filled = filled_qty(tx, plan_id)
    gone = {(one.account_id, one.isin): -one.qty for one in ledger.elsewhere(tx) if one.qty < 0}
    if filled <= 0 or not gone:
        return filled
    plan = plans.by_id(tx, plan_id)
    missing = gone.get((external_account(plan.login_id), plan.isin), 0)
    same = [
        other
        for other in plans.with_status(tx, PlanStatus.ENTERING, *HOLDERS)
        if (other.login_id, other.isin) == (plan.login_id, plan.isin)
    ]
    for other in sorted(same, key=lambda one: (one.opened_at, one.id), reverse=True):
        if other.id == plan_id:
            return max(0, filled - missing)
        missing = max(0, missing - max(0, filled_qty(tx, other.id)))
    return filled


def close_ended(tx: Session, *, at: datetime) -> None:
    """Close plans whose shares are gone, abandon entries that ended with none."""
    for plan in plans.with_status(tx, PlanStatus.ENTERING, *HOLDERS):
        of_plan = orders.of_plan(tx, plan.id)
        entries = [order for order in of_plan if order.purpose is Purpose.ENTRY]
        filled = {one.id: abs(sum(f.qty for f in fills.of_order(tx, one.id))) for one in entries}
        if not entries or not all(_is_over(order, filled[order.id]) for order in entries):
            continue
        for entry in entries:
            release_rest(tx, entry, at=at)
        if filled_qty(tx, plan.id):
            continue
        ended = PlanStatus.ABANDONED if plan.status is PlanStatus.ENTERING else PlanStatus.CLOSED
        plans.save(tx, advance_plan(plan, ended, reason=_how(of_plan)))
        if ended is PlanStatus.CLOSED:
            _resolve(tx, plan, of_plan, at=at)
        audit.append(
            tx,
            at=at,
            actor=WORKER,
            verb="plan",
            subject=plan.id,
            body={"to": ended, "why": _how(of_plan)},
        )


def _is_over(entry: Order, filled: int) -> bool:
    """Whether nothing more is expected; a filled order whose trades do not show yet is not over."""
    return entry.status in (*TERMINAL, OrderStatus.ABSENT) and (
        entry.status is not OrderStatus.FILLED or filled >= entry.qty
    )


def _how(of_plan: Sequence[Order]) -> str:
    ways = [order.purpose for order in of_plan if order.closes]
    return ways[-1].value if ways else next((o.reason for o in of_plan if o.reason), "")


def _resolve(tx: Session, plan: Plan, of_plan: Sequence[Order], *, at: datetime) -> None:
    """Write what came of the belief the card was written on; `plan` as it stood at its end."""
    belief = hypotheses.by_card(tx, plan.card_id)
    if belief is None or belief.outcome:
        return
    way = _how(of_plan)
    if way == Purpose.EXIT:
        way = next((word for start, word in OUTCOMES if plan.reason.startswith(start)), "other")
    left = _left_after_costs(tx, plan, at=at)
    hypotheses.save(tx, replace(belief, outcome=way, closed_at=at, pnl=left))


def _left_after_costs(tx: Session, plan: Plan, *, at: datetime) -> Money:
    """Cash a closed plan left, less what the books charged for it.

    Others' sales of the day stand beside it, for the depository fee is the first seller's.
    """
    mine = standing(tx, plan.id, fills.of_plan(tx, plan.id))
    midnight = datetime.combine(ist_day(at), time(), IST)
    others = [one for one in fills.since(tx, midnight) if one not in mine]
    booked = ledger.transactions(tx, plan.account_id, since=plan.opened_at)
    costs = trade_costs({plan.id: mine, "others": others}, booked)[plan.id]
    return Money(sum(-fill.qty * fill.price.paise for fill in mine)) - costs
