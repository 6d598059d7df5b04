"""A person's word where reading cannot tell: what an order became, which count is right.

The worker keeps what it read last; an answer that contradicts it is refused. No broker is asked.
"""

from __future__ import annotations

from sqlmodel import Session

from core.desk.booked import book_fill
from core.desk.desk import Desk
from core.desk.elsewhere import ACCEPTED
from core.desk.reconcile import without
from core.desk.settle import close_ended
from core.desk.unknown import end_absent, shares_of
from core.domain.ledger import Transaction
from core.domain.money import ZERO
from core.domain.order import Order, OrderStatus
from core.domain.ports import BrokerOrder
from core.domain.reconciliation import Lookup, Mismatch, Reconciliation
from core.domain.words import ist_time
from core.errors import BadInput, NotFound
from core.execution.recover import adopt, same_tag, same_terms
from core.store import audit, ledger, lookups, orders, reconciliations
from core.treasury import post


def say_absent(desk: Desk, order_id: str, *, because: str, by: str) -> str:
    """End an order of unknown outcome as never having reached the broker; returns what follows.

    Raises:
        BadInput: no reason, an order that is not UNKNOWN, or one that the broker shows.
    """
    at = desk.clock.now()
    with desk.store.write() as tx:
        order = orders.by_id(tx, order_id)
        if order.status is not OrderStatus.UNKNOWN:
            raise BadInput(
                f"order {order.id} is {order.status}; only an UNKNOWN order can be called absent"
            )
        seen = _seen(tx, order, because)
        mine = [one for one in seen.book if same_tag(one.tag, order.tag)]
        if len(mine) == 1 and same_terms(order, mine[0]):
            name = mine[0].broker_order_id
            raise BadInput(
                f"broker order {name} carries the tag of order {order.id}, so it is not absent; "
                f"say that it is {name}"
            )
        reason = f"{by} says so: {because.strip()}"
        return end_absent(tx, order, reason=reason, at=at, actor=by, verb="resolve")


def say_is(desk: Desk, order_id: str, broker_order_id: str, *, because: str, by: str) -> Order:
    """Adopt a broker's order as this one, with the trades that were read of it.

    Raises:
        BadInput: no reason, an order whose outcome is known, or a broker order that was not
            read, is another order's, or is for another share, side or quantity.
    """
    at = desk.clock.now()
    with desk.store.write() as tx:
        order = orders.by_id(tx, order_id)
        if order.status not in (OrderStatus.UNKNOWN, OrderStatus.ABSENT):
            raise BadInput(
                f"order {order.id} is {order.status}; only an UNKNOWN or ABSENT order can be "
                "said to be a broker's order"
            )
        seen = _seen(tx, order, because)
        known = _chosen(tx, order, seen, broker_order_id.strip())
        moved = adopt(order, known)
        orders.save(tx, moved)
        for trade in seen.trades:
            if trade.order_id == known.broker_order_id:
                book_fill(tx, moved, trade, at=at)
        lookups.drop(tx, order.id)
        body = {
            "from": order.status,
            "to": moved.status,
            "broker_order_id": known.broker_order_id,
            "because": because.strip(),
        }
        audit.append(tx, at=at, actor=by, verb="resolve", subject=order.id, body=body)
        close_ended(tx, at=at)
    return moved


def accept_difference(
    desk: Desk, symbol: str, *, login_id: str = "", because: str, by: str
) -> Transaction:
    """Take the broker's count of one share as right: what the books lack goes to EXTERNAL.

    Raises:
        BadInput: no reason, shares that differ on two logins, or books that moved since.
        NotFound: nothing differs for that share.
    """
    at = desk.clock.now()
    _reasoned(because)
    with desk.store.write() as tx:
        found, differs = _difference(tx, symbol.strip().upper(), login_id)
        books = shares_of(tx, found.login_id).get(differs.isin, 0)
        if books != differs.desk_qty:
            raise BadInput(
                f"{differs.symbol}: the books hold {books} now and held {differs.desk_qty} when "
                f"they were compared at {ist_time(found.at)}; wait for the next comparison"
            )
        made = post.elsewhere(
            login_id=found.login_id,
            isin=differs.isin,
            qty=differs.qty,
            worth=differs.worth or ZERO,
            at=at,
            reference=f"{ACCEPTED}:{differs.isin}:{at.isoformat()}",
            words=f"{differs.symbol}: {differs.qty:+d} accepted by {by}: {because.strip()}",
        )
        ledger.post(tx, made)
        reconciliations.put(tx, without(found, differs.isin))
        body = {"isin": differs.isin, "qty": differs.qty, "because": because.strip()}
        audit.append(
            tx, at=at, actor=by, verb="accept difference", subject=found.login_id, body=body
        )
    return made


def _reasoned(because: str) -> None:
    if not because.strip():
        raise BadInput("the record needs to know why; say what you looked at")


def _seen(tx: Session, order: Order, because: str) -> Lookup:
    _reasoned(because)
    seen = lookups.of_order(tx, order.id)
    if seen is None:
        raise BadInput(
            f"the broker's order book was not read since order {order.id} went out; start the "
            "worker and answer after its next look"
        )
    return seen


def _chosen(tx: Session, order: Order, seen: Lookup, broker_order_id: str) -> BrokerOrder:
    taken = orders.by_broker_id(tx, broker_order_id, login_id=order.login_id)
    if taken is not None:
        raise BadInput(f"broker order {broker_order_id} is order {taken.id} of this desk already")
    known = next((one for one in seen.book if one.broker_order_id == broker_order_id), None)
    if known is None:
        shown = ", ".join(one.broker_order_id for one in seen.book) or "none that is not ours"
        raise BadInput(
            f"the broker's order book of {ist_time(seen.read_at)} shows no order "
            f"{broker_order_id!r}; it shows {shown}"
        )
    if known.isin != order.isin:
        raise BadInput(
            f"broker order {broker_order_id} is of another share: {terms(known)}, "
            f"not {order.side} {order.qty} {order.symbol}"
        )
    if not same_terms(order, known):
        raise BadInput(
            f"broker order {broker_order_id} is {terms(known)}, not {order.side} {order.qty} "
            f"{order.symbol}; if none fits, say that the order is absent"
        )
    return known


def terms(known: BrokerOrder) -> str:
    """A broker's order in a few words: `BUY 100 MIDCO`."""
    return f"{known.side} {known.qty} {known.symbol}"


def _difference(tx: Session, symbol: str, login_id: str) -> tuple[Reconciliation, Mismatch]:
    every = [(one, differs) for one in reconciliations.all_latest(tx) for differs in one.mismatches]
    fitting = [
        pair for pair in every if pair[1].symbol == symbol and login_id in ("", pair[0].login_id)
    ]
    if not fitting:
        where = f" on login {login_id}" if login_id else ""
        others = ", ".join(sorted({differs.symbol for _, differs in every})) or "nothing"
        raise NotFound(f"no shares of {symbol!r} differ{where}; what differs is: {others}")
    if len(fitting) > 1:
        names = ", ".join(one.login_id for one, _ in fitting)
        raise BadInput(f"{symbol} differs on logins {names}; say which one")
    return fitting[0]
