"""Look an order of unknown outcome up until it is found, proven absent or a person's to judge.

Each read of the same day's order book that does not show its tag is counted and kept, so that a
restart goes on counting. Three of them over two minutes, with nothing at the broker that could
be the order, end it as ABSENT. Where time cannot tell, an alarm asks a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from core.desk.alarm import raise_alarm
from core.desk.booked import filled_qty, ours
from core.desk.books import release_rest
from core.desk.dealer import Dealer
from core.desk.slices import gather
from core.desk.under_way import may_look_up
from core.domain.card import CardStatus
from core.domain.card import advance as advance_card
from core.domain.ledger import external_account
from core.domain.order import Fill, Order, OrderStatus, Purpose, Side, advance
from core.domain.plan import PlanStatus
from core.domain.plan import advance as advance_plan
from core.domain.ports import BrokerOrder
from core.domain.reconciliation import Lookup
from core.exchange.trading_floor import broker_day
from core.execution.recover import (
    Finding,
    Recovered,
    counted,
    is_for_a_person,
    may_be_absent,
    on_restart,
    unclear,
)
from core.store import accounts, audit, cards, ledger, lookups, orders, plans

KEPT = (OrderStatus.UNKNOWN, OrderStatus.ABSENT)


@dataclass(frozen=True, slots=True)
class Read:
    """One read of a login: its book and what of it belongs to no order of ours."""

    at: datetime
    seconds: float
    told: Sequence[BrokerOrder]
    strangers: tuple[BrokerOrder, ...]
    trades: tuple[Fill, ...]
    broker: Mapping[str, int]
    books: Mapping[str, int]


def look_up(dealer: Dealer) -> list[str]:
    """Read each login that has an UNKNOWN order once; returns a sentence for each that ended."""
    with dealer.desk.store.read() as tx:
        unknown = orders.with_status(tx, OrderStatus.UNKNOWN)
        stale = [
            known.order_id
            for known in lookups.all_lookups(tx)
            if orders.by_id(tx, known.order_id).status not in KEPT
        ]
    if stale:
        with dealer.desk.store.write() as tx:
            for order_id in stale:
                lookups.drop(tx, order_id)
    ended = []
    for login_id in sorted({one.login_id for one in unknown} & set(dealer.sessions)):
        if not may_look_up(dealer.session(login_id)):
            continue
        read = _read(dealer, login_id)
        mine = [one for one in unknown if one.login_id == login_id]
        ended += [sentence for one in mine if (sentence := _judge(dealer, one, read))]
    return ended


def _read(dealer: Dealer, login_id: str) -> Read:
    session = dealer.session(login_id)
    told, trades = session.orders(), session.trades()
    fired = {gtt.fired_order_id for gtt in session.gtts()}
    holdings = session.holdings()
    clock = dealer.desk.clock
    with dealer.desk.store.read() as tx:
        open_ones = orders.with_status(tx, *KEPT, OrderStatus.SENT, OrderStatus.OPEN)
        mine = [one for one in open_ones if one.login_id == login_id]
        told, trades = gather(tx, told, trades, followed=mine)
        strangers = tuple(
            known
            for known in told
            if known.broker_order_id not in fired
            and orders.by_broker_id(tx, known.broker_order_id, login_id=login_id) is None
        )
        theirs = {known.broker_order_id for known in strangers}
        return Read(
            at=clock.now(),
            seconds=clock.monotonic(),
            told=told,
            strangers=strangers,
            trades=tuple(
                trade
                for trade in trades
                if trade.order_id in theirs and ours(tx, login_id, trade) is None
            ),
            broker=holdings,
            books=shares_of(tx, login_id),
        )


def shares_of(tx: Session, login_id: str) -> dict[str, int]:
    """Signed shares by ISIN in every book of a login, its EXTERNAL bucket included."""
    mine = [one.id for one in accounts.accounts(tx) if one.login_id == login_id]
    found: dict[str, int] = {}
    for account_id in (*mine, external_account(login_id)):
        for held in ledger.positions(tx, account_id):
            found[held.isin] = found.get(held.isin, 0) + held.qty
    return found


def _judge(dealer: Dealer, order: Order, read: Read) -> str:
    result = on_restart(order, read.told)
    if result.finding is Finding.ADOPTED:
        return ""  # settling follows it by its tag
    with dealer.desk.store.read() as tx:
        before = lookups.of_order(tx, order.id) or Lookup(order.id, read.at, read.seconds)
    wiped = broker_day(order.sent_at or order.prepared_at) != broker_day(read.at)
    why = _why_unclear(order, result, read, wiped=wiped)
    after = counted(before, seconds=read.seconds, unclear=why)
    if not wiped:
        after = replace(after, read_at=read.at, book=read.strangers, trades=read.trades)
    if after == before:
        return ""
    surely = wiped or result.finding is Finding.CONFLICT
    with dealer.desk.store.write() as tx:
        dealer.check_lease(tx)
        if orders.by_id(tx, order.id).status is not OrderStatus.UNKNOWN:
            return ""  # a person was faster
        lookups.put(tx, after)
        if surely or is_for_a_person(after, seconds=read.seconds):
            _ask(tx, order, why, at=read.at)
        if not may_be_absent(after):
            return ""
        reason = (
            f"{after.reads} reads of the broker's order book over "
            f"{after.last - after.first:.0f} s do not show it"
        )
        return end_absent(tx, order, reason=reason, at=read.at, actor="worker")


def _why_unclear(order: Order, result: Recovered, read: Read, *, wiped: bool) -> str:
    if result.finding is Finding.CONFLICT:
        return result.reason
    sent_at = order.sent_at or order.prepared_at
    strange = {known.broker_order_id for known in read.strangers}
    return unclear(
        order,
        alike=[one for one in result.suggestions if one.broker_order_id in strange],
        trades=[trade for trade in read.trades if trade.traded_at >= sent_at],
        desk_qty=read.books.get(order.isin, 0),
        broker_qty=read.broker.get(order.isin, 0),
        wiped=wiped,
    )


def _ask(tx: Session, order: Order, why: str, *, at: datetime) -> None:
    raise_alarm(
        tx,
        id=f"unclear:{order.id}",
        isin=order.isin,
        symbol=order.symbol,
        at=at,
        sentence=f"{why}; say what became of order {order.id} on Positions",
    )


def end_absent(
    tx: Session, order: Order, *, reason: str, at: datetime, actor: str, verb: str = "order"
) -> str:
    """End an order that never reached the broker; its cash and its plan are let go.

    An entry's plan is abandoned. An exit's plan holds again, so that its shares are covered and
    can be sold by another order. Returns the sentence that the alarm says.
    """
    absent = advance(orders.by_id(tx, order.id), OrderStatus.ABSENT, reason=reason)
    orders.save(tx, absent)
    plan = plans.by_id(tx, order.plan_id)
    if order.purpose is Purpose.ENTRY:
        release_rest(tx, absent, at=at)
        card = cards.by_id(tx, plan.card_id)
        if card.status is CardStatus.APPROVED:
            cards.save(tx, advance_card(card, CardStatus.REFUSED, reason=reason))
        done = "bought" if plan.side is Side.BUY else "sold short"
        next_step = f"nothing was {done}; a new card can be approved"
    else:
        stand = "held" if plan.side is Side.BUY else "short"
        next_step = f"the shares are still {stand} and covered again"
    to = _plan_after(order, plan.status, held=bool(filled_qty(tx, plan.id)))
    if to is not plan.status:
        plans.save(tx, advance_plan(plan, to, reason=reason))
    body = {"to": absent.status, "reason": reason, "plan": to}
    audit.append(tx, at=at, actor=actor, verb=verb, subject=order.id, body=body)
    sentence = f"{order.symbol}: order {order.id} is absent, {reason}; {next_step}"
    raise_alarm(
        tx,
        id=f"absent:{order.id}",
        isin=order.isin,
        symbol=order.symbol,
        at=at,
        sentence=sentence,
    )
    return sentence


def _plan_after(order: Order, stands: PlanStatus, *, held: bool) -> PlanStatus:
    if order.is_stop_order:
        return stands
    if order.purpose is not Purpose.ENTRY:
        return PlanStatus.HOLDING if stands is PlanStatus.EXITING else stands
    if stands is PlanStatus.ENTERING:
        return PlanStatus.HOLDING if held else PlanStatus.ABANDONED
    return stands
