"""Count a sale done elsewhere as one of a plan's own, by a person's word.

Shares that the owner sold past the desk leave a plan with shares it can no longer sell. Said to
be that plan's sale, it leaves the EXTERNAL bucket and is booked as the plan's exit, charges too.
So is a purchase within the day for a plan that is short.
"""

from __future__ import annotations

from dataclasses import replace

from sqlmodel import Session

from core.desk.booked import HOLDERS, book_fill, filled_qty
from core.desk.desk import Desk
from core.desk.elsewhere import GIVEN, trade_of
from core.desk.settle import close_ended
from core.domain.ledger import EXTERNAL, Transaction, external_account, position_ledger
from core.domain.order import Fill, Order, OrderStatus, Product, Purpose, Side
from core.domain.plan import Plan
from core.errors import BadInput, NotFound
from core.execution.plan import closing_side, order_of
from core.store import audit, ledger, orders, plans

WORDS = {Side.SELL: ("sale", "sold", "sell"), Side.BUY: ("purchase", "bought back", "buy back")}


def give_to_plan(desk: Desk, transaction_id: str, plan_id: str, *, because: str, by: str) -> Order:
    """Book a sale done elsewhere as the exit of a plan; returns the order that stands for it.

    Raises:
        BadInput: no reason, no sale of this plan's share and login, or more than it holds.
        NotFound: no such sale, or purchase for a short plan, stands in an EXTERNAL bucket.
    """
    at = desk.clock.now()
    if not because.strip():
        raise BadInput("the record needs to know why; say what you looked at")
    with desk.store.write() as tx:
        plan = plans.by_id(tx, plan_id)
        trade = _standing(tx, transaction_id, plan)
        word, done, do = WORDS[closing_side(plan)]
        made = ledger.transaction(tx, transaction_id)
        if made is None or made.account_id != external_account(plan.login_id):
            raise BadInput(
                f"plan {plan_id} trades on login {plan.login_id}, and this {word} did not"
            )
        if trade.isin != plan.isin:
            raise BadInput(
                f"this is a {word} of {trade.symbol} and plan {plan_id} holds {plan.symbol}"
            )
        held = abs(filled_qty(tx, plan_id)) if plan.status in HOLDERS else 0
        if held < abs(trade.qty):
            raise BadInput(
                f"{plan.symbol}: {abs(trade.qty)} were {done} elsewhere and plan {plan_id} holds "
                f"{held}; a plan cannot {do} more than it has"
            )
        order = _exit(plan, trade, because=because.strip(), by=by)
        orders.put(tx, order)
        book_fill(tx, order, replace(trade, product=plan.product), at=at)
        body = {"plan": plan_id, "qty": trade.qty, "because": because.strip()}
        audit.append(tx, at=at, actor=by, verb="give", subject=transaction_id, body=body)
        close_ended(tx, at=at)
    return order


def sales_elsewhere(tx: Session, login_id: str, isin: str) -> list[Transaction]:
    """Sales of one share that stand in a login's EXTERNAL bucket, newest first."""
    return _closings(tx, login_id, isin, Side.SELL)


def closings_elsewhere(tx: Session, plan: Plan) -> list[Transaction]:
    """Trades past the desk that may be a plan's own exit: sales, of a short plan purchases."""
    return _closings(tx, plan.login_id, plan.isin, closing_side(plan))


def _closings(tx: Session, login_id: str, isin: str, side: Side) -> list[Transaction]:
    return [
        made
        for made in ledger.transactions(tx, external_account(login_id))
        if _closes(tx, made, side)
        and position_ledger(isin) in {line.ledger for line in made.postings}
    ]


def _closes(tx: Session, made: Transaction, side: Side) -> bool:
    """Whether a trade of that side stands there; what bought back was for the day."""
    trade = trade_of(made)
    if trade is None or trade.qty * side.sign < 0:
        return False
    if side is Side.BUY and trade.product is not Product.MIS:
        return False
    return not ledger.is_posted(tx, f"correction:{made.id}")


def _standing(tx: Session, transaction_id: str, plan: Plan) -> Fill:
    made, side = ledger.transaction(tx, transaction_id), closing_side(plan)
    if made is None or not made.account_id.startswith(EXTERNAL) or not _closes(tx, made, side):
        raise NotFound(
            f"no {WORDS[side][0]} done elsewhere stands as {transaction_id}; look at Done elsewhere"
        )
    trade = trade_of(made)
    assert trade is not None
    return trade


def _exit(plan: Plan, trade: Fill, *, because: str, by: str) -> Order:
    """The order that stands for what the owner did: sold at the broker, never sent from here."""
    name = f"{trade.exchange}-{trade.order_id}-{trade.trade_id}"
    order = order_of(
        plan,
        name=f"orX{name}",
        tag=f"OWN{name}",
        purpose=Purpose.EXIT,
        side=closing_side(plan),
        qty=abs(trade.qty),
        limit=trade.price,
        prepared_at=trade.traded_at,
    )
    return replace(
        order,
        status=OrderStatus.FILLED,
        broker_order_id=trade.order_id,
        broker_status=GIVEN,
        reason=f"traded past the desk; {by}: {because}",
    )
