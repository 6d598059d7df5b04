"""Every flaw of a panel's bars with its sentence, and a score for each share and session.

The tests stand in the `flaws_of_*` files, one look at the whole panel each. Their thresholds come
from each share's own robust statistics and the market's, were set on the even years of the real
panel and measured on the odd ones (`python -m tests.bench.quality_defects`).

A panel must hold raw prices with the confirmed factors beside them, so that an action that is
known is no jump. The newest bars can be judged less surely than older ones: a bad tick shows by
what the session after takes back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from core.domain.quality import WHOLE, Finding, score
from core.market.flaws_of_bars import (
    impossible,
    missing,
    on_closed_days,
    repeated,
    silent,
    unchanged,
)
from core.market.flaws_of_days import shifted
from core.market.flaws_of_moves import moves
from core.market.flaws_of_places import swapped
from core.market.flaws_of_volume import half_bars, wrong_volumes
from core.market.spots import Spot
from core.market.usual import Usual
from core.panel import Panel


@dataclass(frozen=True, slots=True)
class Quality:
    """Findings, oldest first, and scores of shape (n_sessions, n_instruments), 0 to 100."""

    sessions: tuple[date, ...]
    isins: tuple[str, ...]
    findings: tuple[Finding, ...]
    scores: NDArray[np.int64]


def check(
    panel: Panel,
    *,
    names: Mapping[str, str] | None = None,
    dividends: Collection[tuple[str, date]] = (),
    settled: Collection[tuple[str, date]] = (),
    short: Collection[date] = (),
) -> Quality:
    """Look for every flaw in a panel of raw bars with its factors.

    Args:
        names: symbols by ISIN, for the sentences.
        dividends: ISINs and ex-dates of dividends, which explain a small fall.
        settled: ISINs and days of breaks that a person has called the market's.
        short: sessions of a few hours, on which everything trades less.
    """
    if not panel.sessions or not panel.isins:
        return Quality(panel.sessions, panel.isins, (), np.zeros(panel.close.shape, dtype=np.int64))
    called = dict(names or {})
    usual = Usual.of(panel)
    spots = chain(
        impossible(panel),
        silent(panel),
        missing(panel, usual),
        on_closed_days(usual),
        repeated(panel),
        unchanged(panel),
        swapped(panel, usual),
        moves(panel, usual, dividends=dividends, settled=settled),
        wrong_volumes(usual),
        half_bars(usual, short=short),
        shifted(usual),
    )
    return _scored(panel, [_finding(panel, one, called) for one in spots])


def _finding(panel: Panel, spot: Spot, names: Mapping[str, str]) -> Finding:
    isin, session = panel.isins[spot.column], panel.sessions[spot.row]
    words = spot.words
    for other in panel.isins:
        if f"{{{other}}}" in words:
            words = words.replace(f"{{{other}}}", names.get(other, other))
    return Finding(
        isin=isin,
        session=session,
        kind=spot.kind,
        severity=spot.severity,
        sentence=f"{names.get(isin, isin)} {session}: {words}",
    )


def _scored(panel: Panel, findings: list[Finding]) -> Quality:
    rows = {session: row for row, session in enumerate(panel.sessions)}
    columns = {isin: column for column, isin in enumerate(panel.isins)}
    cells: dict[tuple[int, int], list[Finding]] = {}
    for one in findings:
        cells.setdefault((rows[one.session], columns[one.isin]), []).append(one)
    scores = np.full(panel.close.shape, WHOLE, dtype=np.int64)
    for cell, of_cell in cells.items():
        scores[cell] = score(of_cell)
    ordered = sorted(findings, key=lambda one: (one.session, one.isin, one.kind))
    return Quality(panel.sessions, panel.isins, tuple(ordered), scores)
