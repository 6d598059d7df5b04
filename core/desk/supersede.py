"""End waiting cards: those under other rules, and those of an account that stands still."""

from __future__ import annotations

from sqlmodel import Session

from core.domain.card import CardStatus, advance
from core.domain.risk import DESK, KillSwitch
from core.store import cards, kills


def supersede_cards(tx: Session, account_id: str, *, reason: str) -> int:
    """End the open cards of an account; returns how many there were."""
    mine = [one for one in cards.with_status(tx, CardStatus.OPEN) if one.account_id == account_id]
    for card in mine:
        cards.save(tx, advance(card, CardStatus.SUPERSEDED, reason=reason))
    return len(mine)


def why_stopped(switch: KillSwitch) -> str:
    """Why an account that stands at a level has no card, for the card's record."""
    return f"the account stands at {switch.level.name}: {switch.reason}"


def stopped(tx: Session) -> list[KillSwitch]:
    """What stands for each account that itself lets no entry through."""
    return [one for one in kills.current(tx) if one.scope != DESK and not one.level.allows_entries]
