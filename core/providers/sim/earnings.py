"""When each simulated company publishes results: four dates a year, known ahead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from core.providers.sim.streams import stream
from core.providers.sim.traits import Traits

QUARTER_ENDS = ((3, 31), (6, 30), (9, 30), (12, 31))
EARLIEST_DAYS, LATEST_DAYS = 13, 45


def results_rows(
    sessions: Sequence[date], traits: Traits, *, seed: int
) -> tuple[list[list[int]], list[tuple[date, ...]]]:
    """Who publishes when.

    Each company keeps its place in the season (13 to 45 days after the quarter ends, as the
    listing rules allow, give or take three) and moves to the next session when that day is none.

    Returns:
        Columns per session, and dates per column.
    """
    by_session: list[list[int]] = [[] for _ in sessions]
    by_column: list[tuple[date, ...]] = []
    row_of = {day: row for row, day in enumerate(sessions)}
    for column, isin in enumerate(traits.isins):
        rng = stream(seed, "results", isin)
        usual = int(rng.integers(EARLIEST_DAYS + 2, LATEST_DAYS - 3))
        dates: list[date] = []
        for year in range(2015, sessions[-1].year + 1):
            for month, day in QUARTER_ENDS:
                lag = usual + int(rng.integers(-2, 4))
                found = _session_from(date(year, month, day) + timedelta(days=lag), row_of)
                if found is not None:
                    dates.append(found)
                    by_session[row_of[found]].append(column)
        by_column.append(tuple(dates))
    return by_session, by_column


def _session_from(day: date, rows: dict[date, int]) -> date | None:
    for ahead in range(7):
        if day + timedelta(days=ahead) in rows:
            return day + timedelta(days=ahead)
    return None
