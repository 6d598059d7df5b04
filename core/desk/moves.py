"""Everything posted, kept in memory: the store never changes a posting, so only new ones are read.

What was kept is read anew where the store's own count says that it is not the same books.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from core.domain.ledger import Move
from core.store import ledger, ledger_days
from core.store.moment import keeps

Newest = tuple[int, int, str]
ByAccount = dict[str, list[Move]]
POSITION = "position:"
NONE: Newest = (0, 0, "")


@dataclass(frozen=True, slots=True)
class Kept:
    """The moves of one store up to its newest posting, by account, each account's oldest first."""

    url: str = ""
    newest: Newest = NONE
    moves: ByAccount = field(default_factory=dict)


@dataclass(slots=True)
class Moves:
    """What was read last; another thread goes on with the one it began with."""

    kept: Kept = field(default_factory=Kept)

    def of(self, tx: Session, account_ids: Sequence[str]) -> dict[str, list[Move]]:
        """The moves of each of these accounts, oldest first; not to be changed."""
        now = ledger.newest_posting(tx)
        kept, url = self.kept, str(tx.get_bind().engine.url)
        if (kept.url, kept.newest) != (url, now):
            same = kept if kept.url == url else Kept()
            kept = Kept(url, now, _more(tx, same, now) or _by_account(ledger_days.moves(tx)))
            if keeps(tx):  # what a writing transaction sees may be rolled back
                self.kept = kept
        return {name: kept.moves.get(name, []) for name in account_ids}


MOVES = Moves()


def _more(tx: Session, kept: Kept, now: Newest) -> ByAccount | None:
    """What was kept with what came since; None where the books are not those that grew."""
    lines, last, made = kept.newest
    if not lines or ledger.maker_of(tx, last) != made:
        return None
    came = ledger_days.moves(tx, after=last)
    if lines + sum(len(one.lines) for one in came) != now[0]:
        return None
    found = dict(kept.moves)
    for name, more in _by_account(came).items():
        found[name] = sorted([*found.get(name, ()), *more], key=lambda move: (move.at, move.id))
    return found


def _by_account(moves: Sequence[Move]) -> ByAccount:
    found: ByAccount = {}
    for move in moves:
        found.setdefault(move.account_id, []).append(move)
    return found


def traded(books: Iterable[Iterable[Move]]) -> set[str]:
    """Every share that some books ever moved, by ISIN."""
    names = {name for moves in books for move in moves for name, _, _ in move.lines}
    return {name.removeprefix(POSITION) for name in names if name.startswith(POSITION)}
