"""What some files say beside the daily bars, in and out as arrays of a panel's shape.

Raw, as traded: `vwap` in rupees, `trades` and `delivery` (shares taken home) as counts. A source
never overwrites what a better one said, and a figure that cannot be is left out: a VWAP outside
low to high, no trade, or more shares taken home than changed hands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from core.domain.succession import members, newest
from core.panel import Floats, Panel
from core.store import bulk, successions
from core.store.tables_prices import bar_extras

PARTS = ("vwap", "trades", "delivery")
TICK = 0.01  # rupees by which a rounded VWAP may lie outside


def put(
    tx: Session,
    panel: Panel,
    extras: Mapping[str, Floats],
    source: str,
    *,
    rank: Callable[[str], int],
) -> int:
    """Write what stands beside a panel's bars; says how many rows.

    Args:
        extras: some of PARTS, each (n_sessions, n_instruments), NaN where a file says nothing.
        rank: of a source's name; the lower stands, and of equals the one told last.
    """
    if not extras:
        return 0
    blank = np.full(panel.close.shape, np.nan)
    parts = _possible(panel, {name: extras.get(name, blank) for name in PARTS})
    said = np.logical_or.reduce([~np.isnan(one) for one in parts.values()])
    held, fresh = _outranked(tx, panel, source, rank)
    across, down = np.nonzero((said & ~np.isnan(panel.close) & ~held).T)
    columns: dict[str, bulk.Column] = {
        "isin": np.array(panel.isins, dtype=np.object_)[across],
        "session": _numbers(panel)[down],
        **{name: one[down, across] for name, one in parts.items()},
        "source": source,
    }
    return bulk.put_columns(tx, bar_extras, columns, fresh=fresh)


def read(tx: Session, panel: Panel) -> dict[str, Floats]:
    """Those of PARTS that any of a panel's bars has, by its sessions and shares.

    What was said under an ISIN that a split replaced is read as the same share's.
    """
    found = {name: np.full(panel.close.shape, np.nan) for name in PARTS}
    links = successions.links(tx)
    columns = {newest(isin, links): place for place, isin in enumerate(panel.isins)}
    for isin in members(panel.isins, links):
        _, rows = bulk.read_columns(
            tx,
            f"SELECT session, {', '.join(PARTS)} FROM bar_extras WHERE isin = :isin",
            {"isin": isin},
        )
        if len(rows):
            down, here = _places(panel, rows[:, 0])
            for place, name in enumerate(PARTS, start=1):
                found[name][down, columns[newest(isin, links)]] = rows[here, place]
    return {name: one for name, one in found.items() if not np.isnan(one).all()}


def _possible(panel: Panel, parts: Mapping[str, Floats]) -> dict[str, Floats]:
    vwap, trades, home = (parts[name] for name in PARTS)
    could = {
        "vwap": (vwap >= panel.low - TICK) & (vwap <= panel.high + TICK),
        "trades": trades >= 1,
        "delivery": (home >= 0) & (home <= panel.volume),
    }
    return {name: np.where(could[name], one, np.nan) for name, one in parts.items()}


def _outranked(
    tx: Session, panel: Panel, source: str, rank: Callable[[str], int]
) -> tuple[NDArray[np.bool_], bool]:
    """Cells of which a better source spoke, and whether nobody has spoken of any."""
    held = np.zeros(panel.close.shape, dtype=np.bool_)
    fresh, ours = True, rank(source)
    for column, isin in enumerate(panel.isins):
        (sources,), rows = bulk.read_columns(
            tx,
            "SELECT source, session FROM bar_extras WHERE isin = :isin",
            {"isin": isin},
            texts=1,
        )
        if sources:
            fresh = False
            ranks = {one: rank(one) for one in set(sources)}
            down, here = _places(panel, rows[:, 0])
            held[down, column] = np.array([ranks[one] < ours for one in sources])[here]
    return held, fresh


def _places(panel: Panel, sessions: Floats) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """The panel's rows of some stored sessions, and which of them it has."""
    days = _numbers(panel)
    down = np.minimum(np.searchsorted(days, sessions), len(days) - 1)
    here = days[down] == sessions
    return down[here], here


def _numbers(panel: Panel) -> NDArray[np.int64]:
    return np.array([_number(day) for day in panel.sessions], dtype=np.int64)


def _number(session: date) -> int:
    return session.year * 10_000 + session.month * 100 + session.day
