"""Share out what a broker sold itself when its time for intraday positions came.

Such an order has no tag of ours. After the broker's minute, in that product and against what plans
hold for the day, it can be nothing else: each of them gets its part of shares, charges and fee, and
a person is told. Shares beyond what they hold, and anything less certain, were traded elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from core.desk.alarm import raise_alarm
from core.desk.booked import book_fill, held_qty, ours
from core.desk.books import LIVE_PLANS, fill_costs
from core.desk.dealer import Dealer
from core.desk.elsewhere import book_elsewhere, elsewhere_id
from core.desk.square_off import squares_off
from core.domain.account import Broker
from core.domain.charges import Charges
from core.domain.clock import ist_day
from core.domain.money import Money, total
from core.domain.order import Fill, Order, OrderType, Product, Purpose
from core.domain.plan import Plan
from core.domain.ports import BrokerOrder
from core.execution.plan import closing_side, followed, order_of
from core.execution.recover import tag_chars
from core.store import accounts, audit, fills, instruments, ledger, orders, plans
from core.treasury import post
from core.treasury.parts import part_charges, parted

GST_PERCENT = 18  # of the fee before it, as brokers bill services
BY_BROKER = "SQUARED-"  # how the tags of these orders begin; no tag that is sent has a dash
ELSEWHERE = "~"  # the part of no plan, which is rounded up last


@dataclass(frozen=True, slots=True)
class BrokersOwn:
    """An untagged intraday order at a login that may be its broker's, with its trades by time.

    `fresh` are those trades of which no part is in the books.
    """

    login_id: str
    known: BrokerOrder
    trades: tuple[Fill, ...]
    fresh: tuple[Fill, ...]


def brokers_own(
    tx: Session, login_id: str, told: Sequence[BrokerOrder], trades: Sequence[Fill]
) -> list[BrokersOwn]:
    """Untagged intraday orders that traded and that the desk follows as nothing else."""
    found = []
    for known in told:
        if tag_chars(known.tag) or known.product is not Product.MIS or not known.filled_qty:
            continue
        its = [trade for trade in trades if trade.order_id == known.broker_order_id]
        its.sort(key=lambda trade: (trade.traded_at, trade.trade_id))
        if not its:
            continue  # they come with a later look
        rows = _rows(tx, login_id, its[0])
        if rows or ours(tx, login_id, its[0]) is None:
            fresh = (trade for trade in its if not _is_booked(tx, login_id, trade, rows))
            found.append(BrokersOwn(login_id, known, tuple(its), tuple(fresh)))
    return sorted(found, key=lambda one: one.trades[0].traded_at)


def waits(dealer: Dealer, tx: Session, one: BrokersOwn, told: Sequence[BrokerOrder]) -> bool:
    """Whether nothing is new, or orders of its plans traded shares that are not in the books yet.

    Until they are, nobody can tell how many shares each plan holds.
    """
    if not one.fresh or not _is_in_time(dealer, tx, one):
        return not one.fresh
    rows = _rows(tx, one.login_id, one.trades[0])
    names = [row.plan_id for row in rows] or [plan.id for plan in _holders(tx, one)]
    filled = {known.broker_order_id: known.filled_qty for known in told}
    others = (order for name in names for order in orders.of_plan(tx, name))
    return any(
        filled.get(order.broker_order_id, 0)
        > abs(sum(fill.qty for fill in fills.of_order(tx, order.id)))
        for order in others
        if not stands_for_broker(order)
    )


def take_in(dealer: Dealer, tx: Session, one: BrokersOwn) -> list[Order]:
    """Follow a square-off as the exit of each plan it closes, and book its fee; once.

    Returns nothing for one that is followed already or can be another order.
    """
    if _rows(tx, one.login_id, one.trades[0]) or not _is_in_time(dealer, tx, one):
        return []
    holders = {plan.id: plan for plan in _holders(tx, one)}
    held = {name: abs(held_qty(tx, name)) for name in holders}
    asked = parted(min(one.known.qty, sum(held.values())), held)
    at = dealer.desk.clock.now()
    made = [_as_exit(holders[name], one, qty=qty, at=at) for name, qty in asked.items() if qty]
    for order in made:
        orders.put(tx, order)
        body = {
            "to": order.status,
            "broker_order_id": order.broker_order_id,
            "qty": order.qty,
            "of": one.known.qty,
        }
        audit.append(tx, at=at, actor="broker", verb="fire", subject=order.id, body=body)
    if made:
        _book_fee(dealer, tx, one, made, at=at)
    return made


def share_out(tx: Session, one: BrokersOwn, *, at: datetime) -> int:
    """Book each new trade in parts to the plans, and the rest elsewhere; returns how many parts."""
    rows = _rows(tx, one.login_id, one.trades[0])
    before = total(trade.notional for trade in one.trades if trade not in one.fresh)
    booked = 0
    for trade in one.fresh:
        rooms = {order.id: _room(tx, order) for order in rows}
        whole, sign = abs(trade.qty), 1 if trade.qty > 0 else -1
        parts = parted(min(whole, sum(rooms.values())), rooms)
        rest = whole - sum(parts.values())
        costs = part_charges(
            fill_costs(_broker(tx, one.login_id), trade, before=before), parts | {ELSEWHERE: rest}
        )
        for order in rows:
            if qty := parts[order.id]:
                part = replace(trade, qty=sign * qty)
                booked += book_fill(tx, order, part, at=at, costs=costs[order.id])
        if rest:
            book_elsewhere(tx, one.login_id, replace(trade, qty=sign * rest), at=at)
        before += trade.notional
    return booked


def stands_for_broker(order: Order) -> bool:
    """Whether an order of ours is a part of one that the broker gave itself."""
    return order.tag.startswith(BY_BROKER)


def _rows(tx: Session, login_id: str, trade: Fill) -> list[Order]:
    """The orders that stand for the one a trade is of, one a plan, by plan; none if none do."""
    found = orders.all_by_broker_id(tx, trade.order_id, login_id=login_id)
    start = f"{BY_BROKER}{_name(login_id, trade)}-"
    mine = [one for one in found if one.tag.startswith(start) and one.isin == trade.isin]
    return sorted(mine, key=lambda order: order.id)


def _name(login_id: str, trade: Fill) -> str:
    """The broker's order among all others: ids come back on another day and at another login."""
    return f"{login_id}-{ist_day(trade.traded_at)}-{trade.order_id}"


def _is_booked(tx: Session, login_id: str, trade: Fill, rows: Sequence[Order]) -> bool:
    return ledger.is_posted(tx, elsewhere_id(login_id, trade)) or any(
        (fill.trade_id, fill.exchange) == (trade.trade_id, trade.exchange)
        for order in rows
        for fill in fills.of_order(tx, order.id)
    )


def _is_in_time(dealer: Dealer, tx: Session, one: BrokersOwn) -> bool:
    """Whether the broker's minute for intraday positions had come at the first trade."""
    first = one.trades[0]
    share = instruments.by_isin(tx, first.isin)
    when = squares_off(dealer.desk, _broker(tx, one.login_id))(share, ist_day(first.traded_at))
    return when is not None and first.traded_at >= when.at


def _holders(tx: Session, one: BrokersOwn) -> list[Plan]:
    """Plans that hold the share for that day, on the side that the order closes."""
    asked = (one.login_id, one.known.isin, Product.MIS)
    return [
        plan
        for plan in plans.with_status(tx, *LIVE_PLANS)
        if (plan.login_id, plan.isin, plan.product) == asked
        and closing_side(plan) is one.known.side
        and ist_day(plan.opened_at) == ist_day(one.trades[0].traded_at)
    ]


def _room(tx: Session, order: Order) -> int:
    """Shares that such an order can still take from its plan."""
    filled = abs(sum(fill.qty for fill in fills.of_order(tx, order.id)))
    return max(0, min(order.qty - filled, abs(held_qty(tx, order.plan_id))))


def _book_fee(
    dealer: Dealer, tx: Session, one: BrokersOwn, made: Sequence[Order], *, at: datetime
) -> None:
    """Book each plan's part of the one fee, and tell."""
    broker = _broker(tx, one.login_id)
    share = instruments.by_isin(tx, one.known.isin)
    when = squares_off(dealer.desk, broker)(share, ist_day(one.trades[0].traded_at))
    by = {order.id: order.qty for order in made}
    rest = one.known.qty - sum(by.values())
    costs = part_charges(_with_gst(when.fee if when else Money(0)), by | {ELSEWHERE: rest})
    for order in made:
        fee = costs[order.id]
        if fee.total:
            words = f"{broker} squared off {order.symbol}"
            entry = post.charge(
                account_id=order.account_id, charges=fee, at=at, reference=order.id, words=words
            )
            ledger.post(tx, entry)
        part = "" if order.qty == one.known.qty else f", its part of {one.known.qty},"
        raise_alarm(
            tx,
            id=f"squared off:{order.id}",
            isin=order.isin,
            symbol=order.symbol,
            at=at,
            sentence=f"{order.symbol}: the broker closes {order.qty} intraday shares{part} itself "
            f"with order {order.broker_order_id}, for {fee.total}",
        )


def _with_gst(fee: Money) -> Charges:
    """A fee that has GST in it, as brokerage and GST."""
    before = Money(round(fee.paise * 100 / (100 + GST_PERCENT)))
    return Charges(brokerage=before, gst=fee - before)


def _broker(tx: Session, login_id: str) -> Broker:
    return accounts.login(tx, login_id).broker


def _as_exit(plan: Plan, one: BrokersOwn, *, qty: int, at: datetime) -> Order:
    name = f"{_name(one.login_id, one.trades[0])}-{plan.id}"
    order = order_of(
        plan,
        name=f"or{name}",
        tag=f"{BY_BROKER}{name}",
        purpose=Purpose.EXIT,
        side=one.known.side,
        qty=qty,
        order_type=OrderType.MARKET,
        prepared_at=at,
    )
    return followed(order, one.known, reason="squared off by the broker")
