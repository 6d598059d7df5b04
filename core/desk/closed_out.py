"""A short position that its day did not buy back: what becomes of it, and how it is booked.

Shares that were sold and cannot be delivered are bought in the exchange's auction on the next
session; where nobody sells there they are closed out in cash. Neither is an order in the broker's
book, so a person reads the price on the contract note and says it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from sqlmodel import Session

from core.desk.booked import HOLDERS, book_fill, filled_qty
from core.desk.desk import Desk
from core.desk.elsewhere import ACCEPTED, GIVEN
from core.desk.settle import close_ended
from core.domain.charges import Charges
from core.domain.clock import ist_day
from core.domain.ledger import Transaction, external_account, position_ledger
from core.domain.money import ZERO, Money
from core.domain.order import WORKING, Fill, Order, OrderStatus, Purpose, Side
from core.domain.plan import Plan
from core.domain.words import day, rupees
from core.errors import BadInput
from core.exchange.rules import Rules
from core.execution.plan import closing_side, order_of
from core.store import audit, ledger, orders, plans, quotes
from core.treasury import post

BY_AUCTION = "AUCTION"  # how the tag of such a purchase begins; none of ours is sent with it
ORDER = "orC"  # how its order's id begins, before the plan's


def what_follows(desk: Desk, tx: Session, plan: Plan, *, short: int) -> str:
    """What a person should know of shares still short when their day has ended."""
    quote = quotes.last(tx, plan.isin)
    sold_on = ist_day(plan.opened_at)
    settles = desk.calendar.next_session(sold_on)
    pct = Rules().close_out_pct
    worth = ""
    if quote is not None:
        dear = quote.ltp.times(1 + Decimal(pct) / 100) * short
        worth = f", at {rupees(dear)} if that is {pct} % above {quote.ltp}"
    return (
        f"{short} shares sold short on {day(sold_on)} were not bought back; they go to the "
        f"exchange's auction on {day(settles)} or are closed out in cash{worth}. Keep the money "
        f"free, trade nothing against it, and book what it cost from the contract note: munim "
        f"orders closed-out {plan.id} PRICE"
    )


def undelivered(tx: Session, *, today: date) -> list[tuple[Plan, int]]:
    """Short plans of days that are over, with the shares that nobody booked yet, oldest first."""
    found = [
        (plan, -filled_qty(tx, plan.id))
        for plan in plans.with_status(tx, *HOLDERS)
        if plan.side is Side.SELL and ist_day(plan.opened_at) < today
    ]
    return sorted(
        ((plan, short) for plan, short in found if short > 0),
        key=lambda one: (one[0].opened_at, one[0].id),
    )


def booked_words(order: Order, price: Money, charges: Money) -> str:
    """What was booked, for the person who said it."""
    cost = f"with {rupees(charges)} of charges" if charges else "without charges of the broker"
    shares = f"{order.symbol}: {order.qty} shares short"
    return f"{shares} are booked as bought in at {rupees(price)}, {cost}"


def is_closed_out(order: Order) -> bool:
    """Whether an order stands for shares bought in the auction, which no broker's book shows."""
    return order.tag.startswith(BY_AUCTION)


def short_since(tx: Session, order_id: str) -> date | None:
    """The day of the short sale that an order's shares were bought in for; None for another."""
    if not order_id.startswith(ORDER):
        return None
    return ist_day(plans.by_id(tx, order_id.removeprefix(ORDER)).opened_at)


def book_close_out(
    desk: Desk, plan_id: str, price: Money, *, charges: Money = ZERO, because: str, by: str
) -> Order:
    """Book what the exchange bought in for a short plan; returns the order that stands for it.

    A difference that was accepted for those shares meanwhile is taken back.

    Args:
        charges: what the broker took for it in all, penalty and GST included; booked as brokerage.

    Raises:
        BadInput: no reason, no price, charges below zero, a plan that is not short, one whose day
            is not over, or with an order that still works.
    """
    at = desk.clock.now()
    if not because.strip():
        raise BadInput("the record needs to know why; say what you looked at")
    if price.paise <= 0 or charges.paise < 0:
        raise BadInput(
            f"what was bought in at {price} with charges of {charges} cannot be booked; give the "
            "price above ₹0.00 that the contract note says, and charges of ₹0.00 or more"
        )
    with desk.store.write() as tx:
        plan = plans.by_id(tx, plan_id)
        short = -filled_qty(tx, plan_id) if plan.status in HOLDERS else 0
        if plan.side is not Side.SELL or short <= 0:
            raise BadInput(f"{plan.symbol}: plan {plan_id} is not short, so nothing is bought in")
        if ist_day(plan.opened_at) == ist_day(at):
            raise BadInput(
                f"{plan.symbol}: plan {plan_id} was opened today and the auction is on the next "
                "session; buy it back on Positions while the share trades"
            )
        if working := [one for one in orders.of_plan(tx, plan_id) if one.status in WORKING]:
            raise BadInput(
                f"{plan.symbol}: order {working[0].id} still counts as {working[0].status}; say "
                "what became of it first"
            )
        order = _bought_in(plan, short, price, because=because.strip(), by=by, at=at)
        orders.put(tx, order)
        for made in _accepted(tx, plan, short):
            why = f"it was bought in for plan {plan_id}"
            ledger.post(tx, post.correction(made, at=at, reason=why))
        book_fill(tx, order, _fill(order, price), at=at, costs=Charges(brokerage=charges))
        body = {"plan": plan_id, "qty": short, "price_paise": price.paise, "because": because}
        body |= {"charges_paise": charges.paise}
        audit.append(tx, at=at, actor=by, verb="close out", subject=plan_id, body=body)
        close_ended(tx, at=at)
    return order


def _bought_in(
    plan: Plan, short: int, price: Money, *, because: str, by: str, at: datetime
) -> Order:
    order = order_of(
        plan,
        name=f"{ORDER}{plan.id}",
        tag=f"{BY_AUCTION}{plan.id}",
        purpose=Purpose.EXIT,
        side=closing_side(plan),
        qty=short,
        limit=price,
        prepared_at=at,
    )
    return replace(
        order,
        status=OrderStatus.FILLED,
        broker_order_id=f"auction-{plan.id}",
        broker_status=GIVEN,
        reason=f"bought in by the exchange; {by}: {because}",
    )


def _fill(order: Order, price: Money) -> Fill:
    return Fill(
        order_id=order.id,
        trade_id=order.broker_order_id,
        exchange="NSE",
        account_id=order.account_id,
        isin=order.isin,
        symbol=order.symbol,
        qty=order.qty,
        price=price,
        product=order.product,
        traded_at=order.prepared_at,
    )


def _accepted(tx: Session, plan: Plan, short: int) -> list[Transaction]:
    """The accepted difference that stands for exactly these shares, if a person was faster."""
    name = position_ledger(plan.isin)
    found = [
        made
        for made in ledger.transactions(tx, external_account(plan.login_id), since=plan.opened_at)
        if made.reference.startswith(ACCEPTED)
        and [line.qty for line in made.postings if line.ledger == name] == [short]
        and not ledger.is_posted(tx, f"correction:{made.id}")
    ]
    return found[:1]
