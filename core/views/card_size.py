"""How a card came to its shares, cut by cut, and what other accounts made of the share."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from core.domain.card import Card
from core.domain.words import pct, qty
from core.errors import NotFound
from core.store import accounts, cards, decisions
from core.views.allocation import answer
from core.views.shown import Text


@dataclass(frozen=True, slots=True)
class CutRow:
    """One cut of the size."""

    name: str
    shares: str
    why: str


@dataclass(frozen=True, slots=True)
class BesideRow:
    """What another account made of the same share at the same moment."""

    account: str
    answer: Text


def cut_rows(card: Card) -> tuple[CutRow, ...]:
    """Every cut, from the largest position the mandate allows to the card's shares."""
    cuts = card.allocation.clamps
    start = cuts[0].from_qty if cuts else abs(card.qty)
    whole = CutRow("Largest position", qty(start), "What the mandate's weight of one share allows.")
    return (whole, *(CutRow(one.name, qty(one.to_qty), one.reason) for one in cuts))


def size_note(card: Card) -> str:
    """The book's volatility with the trade, where it could be measured."""
    after = card.allocation.vol_after
    return "" if after is None else f"book at {pct(after, digits=1)} a year after it"


def beside_rows(tx: Session, card: Card) -> tuple[BesideRow, ...]:
    """Other accounts before the same share at the same moment; none where nothing was kept."""
    try:
        mine = decisions.by_card(tx, card.id)
    except NotFound:
        return ()
    names = {one.id: one.name for one in accounts.accounts(tx)}
    return tuple(
        BesideRow(
            names.get(one.account_id, one.account_id),
            answer(one, cards.by_id(tx, one.card.id) if one.card else None),
        )
        for one in decisions.of_share_at(tx, mine.isin, mine.as_of)
        if one.account_id != card.account_id
    )
