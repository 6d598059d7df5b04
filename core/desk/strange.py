"""What a broker's lists show that should not be there: another desk's tags, words nobody knows,
rows that the desk does not trade, trades without a price.

A tag of our shape with other letters means that a second desk, perhaps a restored copy, works the
same login. Entries wait until a read of the book no longer shows it; exits and stops go on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlmodel import Session

from core.desk.alarm import raise_alarm
from core.desk.dealer import Dealer
from core.domain.order import Order
from core.domain.ports import BrokerOrder
from core.execution.recover import tag_chars
from core.store import accounts, alerts, audit, orders, settings

OUR_SHAPE = re.compile(r"[A-Z]{2}[A-Z2-7]{16}")  # two letters of a desk, then base32 of an intent


def look_for_strangers(
    dealer: Dealer,
    login_id: str,
    told: Sequence[BrokerOrder],
    *,
    followed: Sequence[Order],
) -> None:
    """Alarm what is strange in one read of a login's order book; a foreign desk stops entries."""
    words = getattr(dealer.session(login_id), "strange_words", ())
    with dealer.desk.store.read() as tx:
        foreign = _foreign(tx, told, mine=dealer.desk_tag)
        stands = settings.get(tx, _key(login_id), None)
    odd = _of_unknown_words(told, words, followed) + _of_other_orders(told, followed)
    if foreign is not None and stands is None:
        _stop_entries(dealer, login_id, foreign)
    elif foreign is None and stands is not None:
        with dealer.desk.store.write() as tx:
            dealer.check_lease(tx)
            settings.put(tx, _key(login_id), None)
    if odd:
        _tell(dealer, odd)
    _tell_left_out(dealer, login_id)


def why_foreign(tx: Session, login_id: str) -> str:
    """Why a login that another desk works may not enter; empty when none does."""
    stands = settings.get(tx, _key(login_id), None)
    return str(stands) if stands else ""


def is_same_order(order: Order, known: BrokerOrder) -> bool:
    """Whether a broker's row with our order's id can be our order: brokers use ids again."""
    return (known.isin, known.side) == (order.isin, order.side)


def _key(login_id: str) -> str:
    return f"foreign:{login_id}"


def _foreign(tx: Session, told: Sequence[BrokerOrder], *, mine: str) -> BrokerOrder | None:
    """The first order with another desk's tag; a tag in our own store is ours, whoever wrote it."""
    for known in told:
        tag = tag_chars(known.tag)
        if OUR_SHAPE.fullmatch(tag) and not tag.startswith(mine) and orders.by_tag(tx, tag) is None:
            return known
    return None


def _stop_entries(dealer: Dealer, login_id: str, known: BrokerOrder) -> None:
    at = dealer.desk.clock.now()
    letters = tag_chars(known.tag)[:2]
    why = (
        f"another desk ({letters}) works login {login_id}: order {known.broker_order_id}, "
        f"{known.side} {known.qty} {known.symbol}, carries its tag and this desk is "
        f"{dealer.desk_tag}; stop one of them, no entry until its orders are gone from the book"
    )
    with dealer.desk.store.write() as tx:
        dealer.check_lease(tx)
        settings.put(tx, _key(login_id), why)
        name = f"foreign:{login_id}:{known.broker_order_id}:{at.date()}"
        raise_alarm(tx, id=name, isin=known.isin, symbol=known.symbol, at=at, sentence=why)
        audit.append(
            tx, at=at, actor="worker", verb="foreign desk", subject=login_id, body={"why": why}
        )


def _of_unknown_words(
    told: Sequence[BrokerOrder], words: Sequence[str], followed: Sequence[Order]
) -> list[tuple[BrokerOrder, str]]:
    ours = {order.broker_order_id for order in followed if order.broker_order_id}
    return [
        (
            known,
            f"{known.symbol}: the broker says {known.broker_status!r} of order "
            f"{known.broker_order_id}, which nobody here knows; it counts as working until the "
            "broker says more",
        )
        for known in told
        if known.broker_status in words and known.broker_order_id in ours
    ]


def _of_other_orders(
    told: Sequence[BrokerOrder], followed: Sequence[Order]
) -> list[tuple[BrokerOrder, str]]:
    shown = {known.broker_order_id: known for known in told}
    return [
        (
            shown[order.broker_order_id],
            f"{order.symbol}: broker order {order.broker_order_id} is now another order "
            f"({shown[order.broker_order_id].side} {shown[order.broker_order_id].symbol}); ours is "
            f"left as {order.status}, look at the broker's book",
        )
        for order in followed
        if order.broker_order_id in shown and not is_same_order(order, shown[order.broker_order_id])
    ]


def _tell_left_out(dealer: Dealer, login_id: str) -> None:
    """Alarm once each row that a read left out of the books, by the name the broker gives it."""
    session = dealer.session(login_id)
    named = {
        f"aside:{login_id}:{row.call}:{row.name}": (
            row.name,
            f"{row.name} stands in its {row.call} and is left out of the books: {row.why}; "
            "look after it at the broker",
        )
        for row in getattr(session, "not_taken", ())
    }
    for row in getattr(session, "incomplete", ()):
        sentence = (
            f"{row.symbol}: trade {row.trade_id} of order {row.order_id} is not booked yet: "
            f"{row.why}; it waits for a read that tells it whole"
        )
        named[f"incomplete:{login_id}:{row.trade_id}"] = (row.symbol, sentence)
    with dealer.desk.store.read() as tx:
        new = {id: told for id, told in named.items() if not alerts.is_known(tx, id)}
    if not new:
        return
    at = dealer.desk.clock.now()
    with dealer.desk.store.write() as tx:
        dealer.check_lease(tx)
        label = accounts.login(tx, login_id).label
        for id, (symbol, sentence) in new.items():
            said = f"{label}: {sentence}"
            raise_alarm(tx, id=id, isin="", symbol=symbol, at=at, sentence=said)


def _tell(dealer: Dealer, odd: Sequence[tuple[BrokerOrder, str]]) -> None:
    at = dealer.desk.clock.now()
    with dealer.desk.store.write() as tx:
        for known, sentence in odd:
            name = f"strange:{known.broker_order_id}:{known.broker_status}:{known.isin}"
            raise_alarm(tx, id=name, isin=known.isin, symbol=known.symbol, at=at, sentence=sentence)
