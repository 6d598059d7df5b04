"""Tagged filings and news as counts by session, and how long ago results were."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from core.domain.calendar import Calendar
from core.domain.event import TaggedEvent
from core.features.happened import KINDS
from core.panel import Floats


def filings(
    sessions: Sequence[date],
    isins: Sequence[str],
    tags: Sequence[TaggedEvent],
    calendar: Calendar,
) -> dict[str, Floats]:
    """How many became known between the close before and each close, by kind.

    A tag known before the first session opened or after the last one closed counts for none.

    Returns:
        Each of shape (n_sessions, n_instruments), 0 where nothing was said.
    """
    counts = {kind: np.zeros((len(sessions), len(isins))) for kind in KINDS}
    if not sessions:
        return counts
    first = calendar.session(sessions[0]).opens_at
    closes = [calendar.session(day).closes_at for day in sessions]
    columns = {isin: place for place, isin in enumerate(isins)}
    for tag in tags:
        column, place = columns.get(tag.isin), bisect_left(closes, tag.known_at)
        if column is None or tag.known_at < first or place == len(closes):
            continue
        for kind, types in KINDS.items():
            counts[kind][place, column] += tag.event_type in types
    return counts


def since(counts: Floats) -> Floats:
    """Sessions since something was last counted, 0 on the session itself, NaN before the first.

    Args:
        counts: shape (n_sessions, n_instruments).
    """
    at = np.arange(len(counts), dtype=np.float64)[:, None]
    last = np.maximum.accumulate(np.where(counts > 0, at, -1.0), axis=0)
    return np.where(last >= 0, at - last, np.nan)


def to_results(
    sessions: Sequence[date],
    isins: Sequence[str],
    announced: Mapping[str, Sequence[date]],
    calendar: Calendar,
) -> Floats:
    """Sessions until each share's next results date; NaN where none lies ahead.

    Args:
        announced: dates that were known ahead on every session, by ISIN.
    """
    out = np.full((len(sessions), len(isins)), np.nan)
    for column, isin in enumerate(isins):
        dates = sorted(day for day in announced.get(isin, ()) if day <= calendar.last)
        for place, day in enumerate(sessions):
            after = bisect_left(dates, day)
            if after < len(dates):
                out[place, column] = calendar.count(day, dates[after]) - 1
    return out
