"""Why each stage said yes or no, kept once and never changed."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session

from core.domain.decision import Decision
from core.errors import NotFound
from core.store.codec import to_json
from core.store.sql import flat, insert_new, value_of, values_of
from core.store.tables_trade import decisions

WORDS_OF_REASON = 6


def put(tx: Session, decision: Decision) -> bool:
    """Keep one decision; False when its id is known, and then the first one stands."""
    named = ("id", "as_of", "isin", "symbol", "account_id", "refused_by", "reason")
    row = {
        **flat(decision, *named),
        "event_id": decision.event.id if decision.event else None,
        "card_id": decision.card.id if decision.card else None,
        "reason_start": first_words(decision.reason),
        "body": to_json(decision),
    }
    return insert_new(tx, decisions, row)


def by_card(tx: Session, card_id: str) -> Decision:
    """The newest decision that wrote a card; raises NotFound."""
    found = select(decisions.c.body).where(decisions.c.card_id == card_id)
    decision = value_of(tx, Decision, found.order_by(decisions.c.as_of.desc(), decisions.c.id))
    if decision is None:
        raise NotFound(f"no decision wrote the card {card_id}")
    return decision


def recent(tx: Session, limit: int = 200) -> list[Decision]:
    """The newest decisions, newest first."""
    newest = select(decisions.c.body).order_by(decisions.c.as_of.desc(), decisions.c.id)
    return values_of(tx, Decision, newest.limit(limit))


def of_event(tx: Session, event_id: str) -> list[Decision]:
    """Every decision an event led to, oldest first."""
    found = select(decisions.c.body).where(decisions.c.event_id == event_id)
    return values_of(tx, Decision, found.order_by(decisions.c.as_of, decisions.c.id))


def of_share_at(tx: Session, isin: str, at: datetime) -> list[Decision]:
    """Every account's decision on one share at one moment, by account."""
    found = select(decisions.c.body).where(decisions.c.isin == isin, decisions.c.as_of == at)
    return values_of(tx, Decision, found.order_by(decisions.c.account_id))


def of_news(tx: Session, symbol: str, since: datetime) -> list[Decision]:
    """Every account's decisions on news of one share from a moment on, oldest first."""
    found = select(decisions.c.body).where(
        decisions.c.symbol == symbol,
        decisions.c.as_of >= since,
        decisions.c.event_id.is_not(None),
    )
    return values_of(tx, Decision, found.order_by(decisions.c.as_of, decisions.c.id))


def of_ids(tx: Session, ids: Collection[str]) -> dict[str, Decision]:
    """Decisions by their ids; one that is not kept is left out."""
    found = select(decisions.c.body).where(decisions.c.id.in_(sorted(ids)))
    return {one.id: one for one in values_of(tx, Decision, found)}


def refusals(tx: Session, since: datetime) -> list[tuple[str, str, int]]:
    """Stage, one of its reasons, and how often it said no for like ones from `since` on.

    Reasons are alike that begin with the same words; most first.
    """
    count = func.count().label("count")
    example = func.min(decisions.c.reason)
    grouped = (
        select(decisions.c.refused_by, example, count)
        .where(decisions.c.refused_by != "", decisions.c.as_of >= since)
        .group_by(decisions.c.refused_by, decisions.c.reason_start)
        .order_by(count.desc(), decisions.c.refused_by, decisions.c.reason_start)
    )
    return [(stage, reason, int(times)) for stage, reason, times in tx.execute(grouped)]


def first_words(reason: str) -> str:
    """What equal refusals share: a reason without its `Who:` and up to its first number."""
    text = re.sub(r"^[^:]{1,60}: ", "", reason)
    words = re.split(r"[₹\d]", text, maxsplit=1)[0].split()
    return " ".join(words[:WORDS_OF_REASON]).rstrip(",;.:(-")
