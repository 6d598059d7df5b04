"""How many shares of a name the accounts take today: cards that wait, and entries that left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time

from sqlmodel import Session

from core.domain.card import Card
from core.domain.clock import IST, ist_day
from core.domain.order import OrderStatus, Purpose
from core.store import fills, orders

COUNTED = frozenset({OrderStatus.SENT, OrderStatus.UNKNOWN, OrderStatus.OPEN, OrderStatus.FILLED})


def taken_today(
    tx: Session, waiting: Iterable[Card], *, at: datetime
) -> Mapping[str, Mapping[str, int]]:
    """Shares by ISIN and account, whichever way they go.

    An entry that ended counts with what of it was filled; it works no more for the rest.
    """
    found: dict[str, dict[str, int]] = {}

    def add(isin: str, account_id: str, qty: int) -> None:
        of_share = found.setdefault(isin, {})
        of_share[account_id] = of_share.get(account_id, 0) + qty

    for card in waiting:
        add(card.isin, card.account_id, abs(card.qty))
    midnight = datetime.combine(ist_day(at), time(0), IST)
    for order in orders.sent_since(tx, midnight):
        if order.purpose is not Purpose.ENTRY:
            continue
        whole = order.status in COUNTED
        came = order.qty if whole else abs(sum(one.qty for one in fills.of_order(tx, order.id)))
        if came:
            add(order.isin, order.account_id, came)
    return found
