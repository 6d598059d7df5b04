"""Trade cards: one row a version, of which only the status may still move."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, select, update
from sqlmodel import Session

from core.domain.card import NEXT, Card, CardStatus
from core.errors import IllegalTransition, NotFound
from core.store.codec import to_json
from core.store.sql import changed, flat, insert_new, value_of, values_of
from core.store.tables_trade import cards

COLUMNS = (
    "id", "version", "account_id", "isin", "symbol", "status", "trigger", "written_at",
    "expires_at", "bound_hash",
)  # fmt: skip


def put(tx: Session, card: Card) -> None:
    """Write a new card or the next version of one; raises IllegalTransition otherwise."""
    found = select(func.max(cards.c.version)).where(cards.c.id == card.id)
    last = tx.execute(found).scalar() or 0
    row = {**flat(card, *COLUMNS), "newest": True, "body": to_json(card)}
    if card.version != last + 1 or not insert_new(tx, cards, row):
        raise IllegalTransition(
            f"card {card.id} is at version {last} and version {card.version} cannot follow; "
            f"write version {last + 1}"
        )
    older = update(cards).where(cards.c.id == card.id, cards.c.version < card.version)
    tx.execute(older.values(newest=False))


def save(tx: Session, card: Card) -> None:
    """Keep a card whose status moved.

    Raises:
        IllegalTransition: what a click signs differs, or the stored status does not lead here.
    """
    key = (cards.c.id == card.id, cards.c.version == card.version)
    found = tx.execute(select(cards.c.status, cards.c.bound_hash).where(*key)).one_or_none()
    if found is None:
        raise IllegalTransition(f"card {card.id} version {card.version} is not in the store")
    if found.bound_hash != card.bound_hash:
        raise IllegalTransition(
            f"card {card.id} version {card.version} differs from the one shown in what a click "
            "signs; write a new version instead"
        )
    stored = CardStatus(found.status)
    if card.status not in NEXT[stored]:
        raise IllegalTransition(f"card {card.id} is {stored} and cannot become {card.status}")
    moved = update(cards).where(*key, cards.c.status == stored.value)
    if changed(tx, moved.values(status=card.status.value, body=to_json(card))) != 1:
        raise IllegalTransition(f"card {card.id} was {stored} and moved meanwhile; read it again")


def by_id(tx: Session, id: str) -> Card:
    """The newest version of a card; raises NotFound."""
    card = value_of(tx, Card, _newest().where(cards.c.id == id))
    if card is None:
        raise NotFound(f"no card has the id {id}")
    return card


def version(tx: Session, id: str, version: int) -> Card:
    """One version of a card; raises NotFound."""
    found = select(cards.c.body).where(cards.c.id == id, cards.c.version == version)
    card = value_of(tx, Card, found)
    if card is None:
        raise NotFound(f"card {id} has no version {version}")
    return card


def versions(tx: Session, id: str) -> list[Card]:
    """Every version of a card, oldest first."""
    found = select(cards.c.body).where(cards.c.id == id)
    return values_of(tx, Card, found.order_by(cards.c.version))


def with_status(tx: Session, *statuses: CardStatus) -> list[Card]:
    """Cards whose newest version stands at one of these statuses, oldest first."""
    wanted = [status.value for status in statuses]
    found = _newest().where(cards.c.status.in_(wanted))
    return values_of(tx, Card, found.order_by(cards.c.written_at, cards.c.id))


def open_ids(tx: Session) -> list[tuple[str, str]]:
    """Id and ISIN of every card that waits for an answer, oldest first, without reading it."""
    found = select(cards.c.id, cards.c.isin).where(
        cards.c.newest, cards.c.status == CardStatus.OPEN.value
    )
    rows = tx.execute(found.order_by(cards.c.written_at, cards.c.id))
    return [(row.id, row.isin) for row in rows]


def recent(tx: Session, limit: int = 200) -> list[Card]:
    """The newest cards in their newest version, newest first."""
    found = _newest().order_by(cards.c.written_at.desc(), cards.c.id).limit(limit)
    return values_of(tx, Card, found)


def _newest() -> Select[Any]:
    return select(cards.c.body).where(cards.c.newest)
