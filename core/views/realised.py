"""What was earned by selling, from the ledgers: whole positions and parts of them alike."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time

from sqlmodel import Session

from core.domain.account import Account
from core.domain.clock import IST, ist_day
from core.domain.ledger import REALISED
from core.domain.money import Money, total
from core.store import ledger


def realised_today(tx: Session, running: Iterable[Account], *, now: datetime) -> dict[str, Money]:
    """What each account's sales of today earned before charges, parts of positions included."""
    midnight = datetime.combine(ist_day(now), time(), IST)
    return {
        one.id: -total(
            line.amount
            for move in ledger.transactions(tx, one.id, since=midnight)
            for line in move.postings
            if line.ledger == REALISED
        )
        for one in running
    }
