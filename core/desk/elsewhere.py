"""Trades of no order of ours: they stand once in their login's EXTERNAL bucket, never in a plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session

from core.desk.alarm import raise_alarm
from core.domain.clock import ist_day
from core.domain.ledger import (
    Transaction,
    TransactionKind,
    external_account,
    position_ledger,
)
from core.domain.money import Money
from core.domain.order import Fill, Order, Product
from core.store import audit, ledger
from core.store.moment import kept
from core.treasury import post

GIVEN = "done elsewhere"  # what stands for the broker's word in an order that a person gave a plan
ACCEPTED = "accepted"  # how a reference begins that stands for a difference, not for a trade
FOR_A_DAY = ", within the day"  # how the words of an intraday (MIS) trade end


def book_elsewhere(tx: Session, login_id: str, trade: Fill, *, at: datetime) -> int:
    """Book a trade done past the desk, with an alarm; it is no fill of the desk, so 0."""
    words = f"{trade.symbol}: {trade.qty:+d} at {trade.price} was traded outside the desk"
    words += FOR_A_DAY if trade.product is Product.MIS else ""
    made = post.elsewhere(
        login_id=login_id,
        isin=trade.isin,
        qty=trade.qty,
        worth=trade.price * trade.qty,
        at=trade.traded_at,
        reference=_reference(trade),
        words=words,
    )
    if not ledger.post(tx, made):
        return 0
    body = {"order": trade.order_id, "qty": trade.qty, "price_paise": trade.price.paise}
    audit.append(tx, at=at, actor="broker", verb="done elsewhere", subject=made.id, body=body)
    name = f"external:{login_id}:{trade.order_id}:{trade.trade_id}"
    raise_alarm(tx, id=name, isin=trade.isin, symbol=trade.symbol, at=at, sentence=words)
    return 0


def take_back(tx: Session, order: Order, trade: Fill, *, at: datetime) -> None:
    """Reverse what was booked elsewhere before its order was known; the first booking stays."""
    wrong = ledger.transaction(tx, elsewhere_id(order.login_id, trade))
    if wrong is not None:
        ledger.post(tx, post.correction(wrong, at=at, reason=f"it belongs to order {order.id}"))


def elsewhere_id(login_id: str, trade: Fill) -> str:
    """The transaction that books this trade to the login's EXTERNAL bucket."""
    return f"{external_account(login_id)}:{_reference(trade)}"


def trade_of(made: Transaction) -> Fill | None:
    """The trade a transaction of an EXTERNAL bucket books; None for an accepted difference."""
    exchange, _, rest = made.reference.partition(":")
    _, _, names = rest.partition(":")
    order_id, _, trade_id = names.rpartition(":")
    line = made.postings[0]
    if made.kind is not TransactionKind.EXTERNAL or exchange == ACCEPTED or not order_id:
        return None
    return Fill(
        order_id=order_id,
        trade_id=trade_id,
        exchange=exchange,
        account_id=made.account_id,
        isin=line.ledger.removeprefix("position:"),
        symbol=made.words.partition(":")[0],
        qty=line.qty,
        price=Money(line.amount.paise // line.qty),
        product=Product.MIS if made.words.endswith(FOR_A_DAY) else Product.CNC,
        traded_at=made.at,
    )


def bought_back(tx: Session, login_id: str, isin: str, *, since: datetime) -> int:
    """Net shares that the owner bought for the day past the desk, or that a person accepted.

    A purchase for delivery is none of them: beside it a short position stays as it is.
    """
    name = f"{login_id}:{since.isoformat()}"
    moves = kept(tx, "bought back", name, lambda: _bought_back(tx, login_id, since=since))
    return moves.get(isin, 0)


def _bought_back(tx: Session, login_id: str, *, since: datetime) -> dict[str, int]:
    bought: dict[str, int] = {}
    for made in ledger.transactions(tx, external_account(login_id), since=since):
        trade = trade_of(made)
        accepted = made.reference.startswith(ACCEPTED)
        if not accepted and (trade is None or trade.product is not Product.MIS):
            continue
        if ledger.is_posted(tx, f"correction:{made.id}"):
            continue
        for line in made.postings:
            isin = line.ledger.removeprefix(position_ledger(""))
            bought[isin] = bought.get(isin, 0) + line.qty
    return bought


def rests_elsewhere(
    tx: Session, login_id: str, told: Sequence[Fill], *, of: Iterable[Order]
) -> list[Fill]:
    """What stands in the EXTERNAL bucket of told trades that belong to these orders otherwise.

    Only orders that were never sent from here can have such trades: one that the broker shared
    out among more than plans, or of which a person gave one trade to a plan.
    """
    names = {order.broker_order_id for order in of if order.sent_at is None}
    found = []
    for trade in told:
        name = elsewhere_id(login_id, trade)
        made = ledger.transaction(tx, name) if trade.order_id in names else None
        rest = trade_of(made) if made is not None else None
        if rest is not None and not ledger.is_posted(tx, f"correction:{name}"):
            found.append(rest)
    return found


def _reference(trade: Fill) -> str:
    """A trade's name at the broker; its day is part of it, since ids come back on another day."""
    return f"{trade.exchange}:{ist_day(trade.traded_at)}:{trade.order_id}:{trade.trade_id}"
