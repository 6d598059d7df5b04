"""How filings and news lean a share, decaying by half every few sessions."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date

import numpy as np

from core.domain.calendar import Calendar
from core.domain.event import TaggedEvent
from core.panel import Floats

HALFLIFE = 4.0  # sessions


def tilt(
    sessions: Sequence[date],
    isins: Sequence[str],
    tags: Sequence[TaggedEvent],
    calendar: Calendar,
) -> Floats:
    """Sum of stance times impact times confidence known by each close, decayed.

    Returns:
        Shape (n_sessions, n_instruments); 0 where nothing was said. A tag known before the
        first session opened or after the last one closed counts for none.
    """
    if not sessions:
        return np.zeros((0, len(isins)))
    first = calendar.session(sessions[0]).opens_at
    closes = [calendar.session(day).closes_at for day in sessions]
    columns = {isin: place for place, isin in enumerate(isins)}
    news = np.zeros((len(sessions), len(isins)))
    for tag in tags:
        column = columns.get(tag.isin)
        place = bisect_left(closes, tag.known_at)
        if column is not None and tag.known_at >= first and place < len(closes):
            news[place, column] += int(tag.stance) * tag.impact * tag.confidence
    keep = 0.5 ** (1.0 / HALFLIFE)
    for place in range(1, len(sessions)):
        news[place] += keep * news[place - 1]
    return news
