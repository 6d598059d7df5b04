"""Trades of no order of ours: they stand once in their login's EXTERNAL bucket, never in a plan."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from core.desk.alarm import raise_alarm
from core.domain.clock import ist_day
from core.domain.ledger import external_account
from core.domain.order import Fill, Order
from core.store import audit, ledger
from core.treasury import post


def book_elsewhere(tx: Session, login_id: str, trade: Fill, *, at: datetime) -> int:
    """Book a trade done past the desk, with an alarm; it is no fill of the desk, so 0."""
    words = f"{trade.symbol}: {trade.qty:+d} at {trade.price} was traded outside the desk"
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


def _reference(trade: Fill) -> str:
    """A trade's name at the broker; its day is part of it, since ids come back on another day."""
    return f"{trade.exchange}:{ist_day(trade.traded_at)}:{trade.order_id}:{trade.trade_id}"
