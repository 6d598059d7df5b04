"""One fetch of a wish, in the worker's study lane and in the terminal alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from core.desk.desk import Desk
from core.desk.fetch import fetch_bars
from core.desk.fetch_figures import fetch_figures
from core.desk.fetch_intraday import fetch_minutes
from core.desk.fetch_steps import WALL, Progress, open_sources
from core.desk.fetch_wish import FetchWish, day_of, names_of
from core.desk.fetched import Fetched
from core.desk.imports import refuse_sim
from core.domain.clock import Clock
from core.domain.words import counted

SHARES_SHOWN: Final = 500  # of a result, as a page lists them


def run_fetch(
    desk: Desk,
    wish: FetchWish,
    *,
    by: str,
    progress: Progress = lambda fraction, sentence: None,
    sources: Sequence[Any] | None = None,
    clock: Clock = WALL,
) -> Fetched:
    """Fetch what is wished for, share by share; each is written whole or not at all.

    Args:
        sources: who is asked; None opens the wish's providers.

    Raises:
        BadInput, NotFound: the wish cannot be read.
        BadSetting: no provider is set up.
        CalledOff: a person stopped it between two shares.
        SourceFailed: not one share could be fetched.
    """
    refuse_sim(desk, "prices")
    names = names_of(desk, wish)
    sources = open_sources(desk.home, wish.providers) if sources is None else sources
    told = ", ".join(one.name for one in sources)
    progress(0.0, f"asking {told} for {counted(len(names), 'share')}")
    if wish.figures:
        return fetch_figures(desk, names, sources, by=by, progress=progress, clock=clock)
    span: dict[str, Any] = {
        "start": day_of(wish.start, "first"),
        "end": day_of(wish.end, "last"),
        "again": wish.again,
        "by": by,
        "progress": progress,
        "clock": clock,
    }
    if wish.minutes:
        return fetch_minutes(desk, names, sources, minutes=wish.minutes, **span)
    return fetch_bars(desk, names, sources, **span)


def result_of(done: Fetched) -> dict[str, Any]:
    """What a page lists of a finished fetch."""
    return {
        "bars": done.bars,
        "failed": list(done.failed),
        "shares": [[one.symbol, one.source, one.written, one.sentence] for one in done.shares][
            :SHARES_SHOWN
        ],
    }
