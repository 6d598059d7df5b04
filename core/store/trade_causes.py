"""Why each order was sent: its plan, and what the plan's card said of strategy, event and model."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from core.store.sql import parts
from core.store.tables_market import tags
from core.store.tables_trade import cards, orders, plans


@dataclass(frozen=True, slots=True)
class Cause:
    """The plan of an order and its card; `event_type` is empty where no event caused it."""

    plan_id: str
    account_id: str
    symbol: str
    opened_at: datetime
    strategy: str
    event_type: str
    by_model: bool


def causes(tx: Session, account_ids: Sequence[str]) -> dict[str, Cause]:
    """The cause of every order of these accounts that has a plan with a card, by order id."""
    rows = []
    for lot in parts(list(account_ids)):
        found = (
            select(orders.c.id, plans.c.id, plans.c.account_id, plans.c.symbol, plans.c.isin,
                   plans.c.opened_at, plans.c.card_id)
            .join(plans, plans.c.id == orders.c.plan_id)
            .where(orders.c.account_id.in_(lot))
        )  # fmt: skip
        rows += list(tx.execute(found))
    bodies = _cards(tx, {row.card_id for row in rows})
    kinds = _event_types(tx, {str(body["trigger"]) for body in bodies.values()})
    return {
        order_id: Cause(
            plan_id=plan_id,
            account_id=account_id,
            symbol=symbol,
            opened_at=opened_at,
            strategy=body["signal"]["strategy"],
            event_type=kinds.get((body["trigger"], isin), ""),
            by_model=bool(body["signal"]["has_vote"]),
        )
        for order_id, plan_id, account_id, symbol, isin, opened_at, card_id in rows
        if (body := bodies.get(card_id)) is not None
    }


def _cards(tx: Session, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for lot in parts(sorted(ids)):
        asked = select(cards.c.id, cards.c.body).where(cards.c.newest, cards.c.id.in_(lot))
        found |= {name: json.loads(body) for name, body in tx.execute(asked)}
    return found


def _event_types(tx: Session, triggers: Iterable[str]) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for lot in parts(sorted(triggers)):
        asked = select(tags.c.event_id, tags.c.isin, tags.c.event_type)
        for event_id, isin, kind in tx.execute(asked.where(tags.c.event_id.in_(lot))):
            found[event_id, isin] = kind
    return found
