"""What was posted in a stretch of days and moved its profit and loss: trades, charges, dividends.

What the entries earned and the change of what is held make the stretch's own figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.moves import MOVES
from core.desk.pnl import Whose, check_stretch, last_session
from core.desk.pnl_at import end_of, session_before
from core.domain.clock import ist_day
from core.domain.ledger import Move, TransactionKind
from core.store import ledger_days
from core.treasury.attribution import earned_by
from core.treasury.pnl import Pnl


@dataclass(frozen=True, slots=True)
class Entry:
    """One posted transaction; `earned` is what it realised, brought in dividends and cost."""

    id: str
    account_id: str
    at: datetime
    kind: TransactionKind
    words: str
    earned: Pnl


def entries_of(desk: Desk, tx: Session, of: Whose, first: date, last: date) -> list[Entry]:
    """Every trade from `first` to `last`, and whatever else was earned or paid, oldest first.

    What is booked on a holiday stands in the session after it, as in `days_of`.
    """
    check_stretch(desk, first, last)
    since = end_of(session_before(desk.calendar, first))
    is_open = last >= ist_day(desk.clock.now())
    until = None if is_open else end_of(last_session(desk, last))
    found = [
        (move, earned_by(move))
        for moves in MOVES.of(tx, of.account_ids).values()
        for move in moves
        if move.at >= since and (until is None or move.at < until)
    ]
    kept = [(move, earned) for move, earned in found if earned or _is_trade(move)]
    words = ledger_days.words_of(tx, [move.id for move, _ in kept])
    return [
        Entry(move.id, move.account_id, move.at, move.kind, words[move.id], earned)
        for move, earned in sorted(kept, key=lambda one: (one[0].at, one[0].id))
    ]


def _is_trade(move: Move) -> bool:
    return move.kind is TransactionKind.TRADE
