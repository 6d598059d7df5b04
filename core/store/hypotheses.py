"""What we believed when each card was written, and what came of it."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlmodel import Session

from core.domain.research import Hypothesis
from core.errors import IllegalTransition
from core.store.codec import to_json
from core.store.sql import changed, flat, insert_new, value_of, values_of
from core.store.tables_research import hypotheses

H = hypotheses.c
COLUMNS = ("card_id", "account_id", "isin", "as_of", "taken", "outcome")


def put(tx: Session, hypothesis: Hypothesis) -> bool:
    """Keep what a card believes; False when the card has one, and then the first one stands."""
    row = {**flat(hypothesis, *COLUMNS), "body": to_json(hypothesis)}
    return insert_new(tx, hypotheses, row)


def save(tx: Session, hypothesis: Hypothesis) -> None:
    """Keep that it was taken, or what came of it; raises IllegalTransition once resolved."""
    row = {**flat(hypothesis, *COLUMNS), "body": to_json(hypothesis)}
    waiting = update(hypotheses).where(H.card_id == hypothesis.card_id, H.outcome == "")
    if changed(tx, waiting.values(**row)) != 1:
        raise IllegalTransition(
            f"the hypothesis of card {hypothesis.card_id} is resolved or was never put; its "
            "outcome stands"
        )


def unresolved(tx: Session) -> list[Hypothesis]:
    """Those without an outcome, oldest first."""
    found = select(H.body).where(H.outcome == "").order_by(H.as_of, H.card_id)
    return values_of(tx, Hypothesis, found)


def recent(tx: Session, limit: int = 200) -> list[Hypothesis]:
    """The newest, newest first."""
    found = select(H.body).order_by(H.as_of.desc(), H.card_id).limit(limit)
    return values_of(tx, Hypothesis, found)


def by_card(tx: Session, card_id: str) -> Hypothesis | None:
    """What one card believed, or None."""
    return value_of(tx, Hypothesis, select(H.body).where(H.card_id == card_id))
