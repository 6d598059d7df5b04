"""Lists the person follows: make, extend, reorder, drop."""

from __future__ import annotations

from collections.abc import Sequence

from core.desk.desk import Desk
from core.domain.watch import Watchlist
from core.errors import BadInput
from core.store import audit, instruments, watchlists


def save_watchlist(desk: Desk, name: str, symbols: Sequence[str], *, by: str) -> Watchlist:
    """Store a list in the order given; an unknown symbol refuses the whole list."""
    if not name.strip():
        raise BadInput("a watchlist needs a name")
    with desk.store.write() as tx:
        isins = [instruments.by_symbol(tx, symbol.strip().upper()).isin for symbol in symbols]
        kept = Watchlist(name=name.strip(), isins=tuple(dict.fromkeys(isins)))
        watchlists.put(tx, kept)
        audit.append(
            tx,
            at=desk.clock.now(),
            actor=by,
            verb="watchlist",
            subject=kept.name,
            body={"isins": list(kept.isins)},
        )
    return kept
