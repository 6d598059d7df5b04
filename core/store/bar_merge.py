"""Daily bars of a file beside those that are stored: what is new, the same, or told differently.

Where two sources differ one of them stands by rank and the other is kept as a conflict, so both
can be seen. The same source told again is a correction and stands, with its old bar kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlmodel import Session

from core.panel import FIELDS, Floats, Panel
from core.store import bars, bulk
from core.store.tables_market import bars as table
from core.store.tables_prices import bar_conflicts

SAME = 1e-9
EARLIER = "earlier "  # before the name of a source that corrected itself


@dataclass(frozen=True, slots=True)
class Merged:
    """How many bars were new, the same, replaced by this source, and not taken from it."""

    new: int = 0
    same: int = 0
    replaced: int = 0
    not_taken: int = 0

    def __add__(self, other: Merged) -> Merged:
        return Merged(
            self.new + other.new,
            self.same + other.same,
            self.replaced + other.replaced,
            self.not_taken + other.not_taken,
        )

    @property
    def written(self) -> int:
        """Bars that changed in the store."""
        return self.new + self.replaced


@dataclass(frozen=True, slots=True)
class Conflict:
    """A bar that does not stand, and the source of the one that does."""

    isin: str
    session: date
    source: str
    close: float
    kept_source: str


def merge_panel(
    tx: Session,
    panel: Panel,
    source: str,
    *,
    rank: Callable[[str], int],
    last: Floats | None = None,
) -> Merged:
    """Write what is new or outranks a stored bar it differs from.

    Args:
        rank: of a source's name; the lower stands, and of equals the one that was there first.
    """
    there = np.zeros((len(panel.sessions), len(panel.isins)), dtype=bool)
    for name in FIELDS:
        there |= ~np.isnan(getattr(panel, name))
    stored, sources = _stored(tx, panel)
    if stored is None:
        new = bars.put_panel(tx, panel, source, last=last, fresh=True)
        return Merged(new=new)
    known = np.zeros_like(there)
    differs = np.zeros_like(there)
    for place, name in enumerate(FIELDS):
        mine, theirs = getattr(panel, name), stored[place]
        known |= ~np.isnan(theirs)
        close = np.isclose(mine, theirs, rtol=SAME, atol=SAME, equal_nan=True)
        differs |= ~close
    differs &= there & known
    ranks = {one: rank(one) for one in {*sources.values(), source}}
    wins = np.zeros_like(there)
    for down, across in zip(*np.nonzero(differs), strict=True):
        held = sources[int(down), int(across)]
        wins[down, across] = held == source or ranks[source] < ranks[held]
    _keep_losers(tx, panel, stored, sources, differs, wins, source)
    bars.put_panel(tx, panel, source, last=last, where=(there & ~known) | wins)
    return Merged(
        new=int((there & ~known).sum()),
        same=int((there & known & ~differs).sum()),
        replaced=int(wins.sum()),
        not_taken=int((differs & ~wins).sum()),
    )


def conflicts(tx: Session, isin: str | None = None) -> list[Conflict]:
    """Bars that do not stand, by share and session."""
    c = bar_conflicts.c
    found = select(c.isin, c.session, c.source, c.close, c.kept_source)
    if isin is not None:
        found = found.where(c.isin == isin)
    return [
        Conflict(row.isin, _day(row.session), row.source, row.close, row.kept_source)
        for row in tx.execute(found.order_by(c.isin, c.session, c.source))
    ]


def last_trades(tx: Session, isin: str) -> dict[date, float]:
    """The last trade of each session whose file gave one beside the official close."""
    found = select(table.c.session, table.c.last).where(
        table.c.isin == isin, table.c.last.is_not(None)
    )
    return {_day(session): float(price) for session, price in tx.execute(found)}


def _stored(
    tx: Session, panel: Panel
) -> tuple[NDArray[np.float64] | None, dict[tuple[int, int], str]]:
    """Stored cells in the panel's places, shape (5, sessions, isins); None when there is none."""
    sources: dict[tuple[int, int], str] = {}
    days = np.array([_number(day) for day in panel.sessions], dtype=np.int64)
    span = {"first": int(days[0]), "end": int(days[-1])} if len(days) else {}
    inside = (table.c.session >= span.get("first", 0)) & (table.c.session <= span.get("end", 0))
    held = dict(
        tx.execute(
            select(table.c.isin, func.count()).where(inside).group_by(table.c.isin)
        ).fetchall()
    )
    if not any(isin in held for isin in panel.isins):
        return None, sources
    cells = np.full((len(FIELDS), len(panel.sessions), len(panel.isins)), np.nan)
    names = ", ".join(FIELDS)
    for across, isin in enumerate(panel.isins):
        if isin not in held:
            continue
        texts, numbers = bulk.read_columns(
            tx,
            f"SELECT source, session, {names} FROM bars WHERE isin = :isin "
            "AND session >= :first AND session <= :end ORDER BY session",
            {"isin": isin, **span},
            texts=1,
        )
        down = np.searchsorted(days, numbers[:, 0].astype(np.int64))
        ours = np.flatnonzero(days[np.minimum(down, len(days) - 1)] == numbers[:, 0])
        cells[:, down[ours], across] = numbers[ours, 1:].T
        sources.update({(int(down[row]), across): texts[0][row] for row in ours.tolist()})
    return cells, sources


def _keep_losers(
    tx: Session,
    panel: Panel,
    stored: NDArray[np.float64],
    sources: Mapping[tuple[int, int], str],
    differs: NDArray[np.bool_],
    wins: NDArray[np.bool_],
    source: str,
) -> None:
    rows: list[tuple[Any, ...]] = []
    for down, across in zip(*(one.tolist() for one in np.nonzero(differs)), strict=True):
        held = sources[down, across]
        if wins[down, across]:
            loser = f"{EARLIER}{held}" if held == source else held
            values, kept = stored[:, down, across].tolist(), source
        else:
            loser, kept = source, held
            values = [float(getattr(panel, name)[down, across]) for name in FIELDS]
        rows.append((panel.isins[across], _number(panel.sessions[down]), loser, *values, kept))
    if not rows:
        return
    across_rows = list(zip(*rows, strict=True))
    columns: dict[str, bulk.Column] = {
        "isin": list(across_rows[0]),
        "session": np.array(across_rows[1], dtype=np.int64),
        "source": list(across_rows[2]),
        **{
            name: np.array(across_rows[3 + place], dtype=np.float64)
            for place, name in enumerate(FIELDS)
        },
        "kept_source": list(across_rows[-1]),
    }
    bulk.put_columns(tx, bar_conflicts, columns, fresh=False)


def _number(session: date) -> int:
    return session.year * 10_000 + session.month * 100 + session.day


def _day(number: int) -> date:
    return date(number // 10_000, number // 100 % 100, number % 100)
