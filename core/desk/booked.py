"""Put one trade of an order into the books, and say what a plan holds by them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time

from sqlmodel import Session

from core.desk.alarm import raise_alarm
from core.desk.books import broker_of, depository_fee, fill_costs, is_let_go, release_filled
from core.desk.elsewhere import GIVEN, bought_back, take_back
from core.domain.charges import Charges
from core.domain.clock import IST, ist_day
from core.domain.ledger import Position, external_account
from core.domain.money import ZERO, total
from core.domain.order import Fill, Order, Product, Purpose, Side
from core.domain.plan import Plan, PlanStatus
from core.domain.plan import advance as advance_plan
from core.domain.succession import same_share
from core.exchange.trading_floor import broker_day
from core.store import actions, audit, fills, ledger, orders, plans
from core.treasury import post

HOLDERS = (PlanStatus.HOLDING, PlanStatus.EXITING)


def ours(tx: Session, login_id: str, trade: Fill) -> Order | None:
    """The order of this login that a trade's broker order belongs to, None for one done elsewhere.

    A broker may use an order id again; then it is of another share or of another day. Of an order
    done elsewhere only the trades that a person gave to a plan are a plan's.
    """
    order = orders.by_broker_id(tx, trade.order_id, login_id=login_id)
    if order is None or order.broker_status == GIVEN:
        return None
    if order.isin != trade.isin and not same_share(order.isin, trade.isin):
        return None
    same_day = broker_day(order.prepared_at) == broker_day(trade.traded_at)
    return order if same_day else None


def book_fill(
    tx: Session, order: Order, trade: Fill, *, at: datetime, costs: Charges | None = None
) -> int:
    """Book one trade to the order it belongs to; 0 when it was booked before.

    `costs` are what it cost where the order's own fills do not tell.

    What stood in the EXTERNAL bucket until the order was known is taken back. Shares stand in
    the books under their plan's ISIN, which a split may have changed at the broker before or since.
    """
    isin = plans.by_id(tx, order.plan_id).isin
    fill = replace(trade, order_id=order.id, account_id=order.account_id, isin=isin)
    if not fills.put(tx, fill):
        return 0
    take_back(tx, order, trade, at=at)
    _hold(tx, order, fill, at=at)
    _post(tx, order, fill, costs)
    audit.append(
        tx,
        at=at,
        actor="broker",
        verb="fill",
        subject=order.id,
        body={"trade": fill.trade_id, "qty": fill.qty, "price_paise": fill.price.paise},
    )
    return 1


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


def sells_short(order: Order) -> bool:
    """Whether an order opens a short position, which only an intraday entry may."""
    opens = order.purpose is Purpose.ENTRY and order.side is Side.SELL
    return opens and order.product is Product.MIS


def _post(tx: Session, order: Order, fill: Fill, costs: Charges | None) -> None:
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
    costs = costs if costs is not None else fill_costs(broker, fill, before=earlier)
    ledger.post(tx, post.trade(fill, held, costs, may_short=sells_short(order)))
    if fill.qty < 0 and (fee := depository_fee(broker, fill)) is not None:
        ledger.post(tx, fee)
    if order.purpose is Purpose.ENTRY:
        release_filled(tx, order, trade_id=fill.trade_id, qty=abs(fill.qty), at=fill.traded_at)


def filled_qty(tx: Session, plan_id: str) -> int:
    """Signed shares of a plan: the sum of its fills and of what corporate actions made of them."""
    changed = sum(one.qty for one in actions.changes_of_plan(tx, plan_id))
    return changed + sum(fill.qty for fill in fills.of_plan(tx, plan_id))


def held_qty(tx: Session, plan_id: str) -> int:
    """Signed shares a plan can still close: its fills, less what its login closed elsewhere.

    What was sold elsewhere is missing from the newest plans in that share first, and so is what
    was bought back within the day from the newest short ones. It never turns a plan round.
    """
    filled = filled_qty(tx, plan_id)
    if filled <= 0:
        return filled and _short_qty(tx, plan_id, filled)
    gone = {(one.account_id, one.isin): -one.qty for one in ledger.elsewhere(tx) if one.qty < 0}
    if not gone:
        return filled
    plan = plans.by_id(tx, plan_id)
    missing = gone.get((external_account(plan.login_id), plan.isin), 0)
    return _less(tx, plan, filled, missing)


def _short_qty(tx: Session, plan_id: str, filled: int) -> int:
    plan = plans.by_id(tx, plan_id)
    midnight = datetime.combine(ist_day(plan.opened_at), time(), IST)
    missing = bought_back(tx, plan.login_id, plan.isin, since=midnight)
    return -_less(tx, plan, -filled, missing)


def _less(tx: Session, plan: Plan, filled: int, missing: int) -> int:
    """Shares of a plan that are left, counted as its side has them, newest plans losing first."""
    if missing <= 0:
        return filled
    same = [
        other
        for other in plans.with_status(tx, PlanStatus.ENTERING, *HOLDERS)
        if (other.login_id, other.isin, other.side) == (plan.login_id, plan.isin, plan.side)
    ]
    for other in sorted(same, key=lambda one: (one.opened_at, one.id), reverse=True):
        if other.id == plan.id:
            return max(0, filled - missing)
        missing = max(0, missing - max(0, filled_qty(tx, other.id) * plan.side.sign))
    return filled
