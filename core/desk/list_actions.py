"""An exchange's own corporate actions come into the store as they are announced.

An action is stored once, with its divisor, from the moment it is known; prices before the
ex-date are divided only in views of that day and later.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.market_side import MarketSide
from core.domain.action import CorporateAction
from core.market.adjust import factor_of
from core.store import actions, factors


def list_announced(desk: Desk, market: MarketSide) -> list[CorporateAction]:
    """Store what the exchange announced by now; the second call of a day is cheap."""
    announced = market.actions(desk.clock.now())
    with desk.store.write() as tx:
        return list_actions(tx, announced)


def list_actions(tx: Session, announced: Sequence[CorporateAction]) -> list[CorporateAction]:
    """Store what is new among announced actions, and its divisors; returns the new ones."""
    known = {one.id for one in actions.all_actions(tx)}
    new = [one for one in announced if one.id not in known]
    for one in new:
        actions.put(tx, one)
    factors.put(tx, [made for one in new if (made := factor_of(one)) is not None])
    return new
