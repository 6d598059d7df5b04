"""Start-up is recovery: what was never sent is called off, what may have been sent is looked up.

Entries are accepted only after this ran; exits and protection may run before.
"""

from __future__ import annotations

from core.desk.alarm import raise_alarm
from core.desk.books import release_rest
from core.desk.dealer import Dealer
from core.domain.card import CardStatus
from core.domain.card import advance as advance_card
from core.domain.order import Order, OrderStatus, Purpose
from core.domain.plan import PlanStatus
from core.domain.plan import advance as advance_plan
from core.execution.recover import Finding, on_restart
from core.store import audit, cards, orders, plans

UNSETTLED = (OrderStatus.PREPARED, OrderStatus.SENT, OrderStatus.UNKNOWN)


def recover(dealer: Dealer) -> list[str]:
    """Read every unsettled intent against the broker's book; returns a sentence for each."""
    sentences = []
    for login_id in sorted(dealer.sessions):
        told = dealer.session(login_id).orders()
        with dealer.desk.store.read() as tx:
            found = [o for o in orders.with_status(tx, *UNSETTLED) if o.login_id == login_id]
        for order in found:
            result = on_restart(order, told)
            if result.finding is Finding.MOVED and result.order.status is OrderStatus.UNKNOWN:
                _save(dealer, result.order, result.reason)
                result = on_restart(result.order, told)
            if result.finding in (Finding.MOVED, Finding.ADOPTED):
                _save(dealer, result.order, result.reason)
            elif result.finding is Finding.CONFLICT:
                _alarm(dealer, order, result.reason)
            sentences.append(f"{order.symbol}: {result.reason}")
    return sentences


def _save(dealer: Dealer, order: Order, reason: str) -> None:
    at = dealer.desk.clock.now()
    with dealer.desk.store.write() as tx:
        dealer.check_lease(tx)
        orders.save(tx, order)
        if order.status is OrderStatus.CANCELLED and order.purpose is Purpose.ENTRY:
            release_rest(tx, order, at=at)
            plan = plans.by_id(tx, order.plan_id)
            plans.save(tx, advance_plan(plan, PlanStatus.ABANDONED, reason=reason))
            card = cards.by_id(tx, plan.card_id)
            if card.status is CardStatus.APPROVED:
                cards.save(tx, advance_card(card, CardStatus.REFUSED, reason=reason))
        audit.append(
            tx,
            at=at,
            actor="worker",
            verb="recover",
            subject=order.id,
            body={"to": order.status, "reason": reason},
        )


def _alarm(dealer: Dealer, order: Order, reason: str) -> None:
    with dealer.desk.store.write() as tx:
        raise_alarm(
            tx,
            id=f"unknown:{order.id}",
            isin=order.isin,
            symbol=order.symbol,
            at=dealer.desk.clock.now(),
            sentence=f"{reason}; look at the broker's order book and say what happened",
        )
