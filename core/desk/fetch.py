"""Daily bars from the network into the store: only what is missing, each with its source.

Nothing is asked inside a transaction, and a share is written whole or not at all. A vendor's
prices are in today's share terms; they are stored as traded, through the factors we know.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from core.desk.desk import Desk
from core.desk.fetch_steps import WALL, Progress, ask_spans, one_by_one, span_of
from core.desk.fetched import Fetched, LeftOut, ShareFetched, nothing, share_words
from core.desk.gaps import as_traded, gaps, on_sessions, panels_of
from core.desk.imports import refuse_sim
from core.domain.clock import Clock, ist_day
from core.errors import (
    NotFound,
)
from core.providers.agree import Stored, settle
from core.providers.bar_run import BarRun
from core.providers.catalog import rank_of
from core.providers.failover import Found
from core.providers.net.gate import Answer
from core.providers.universe_file import Listing
from core.store import audit, bar_merge, bar_sources, bars, factors

YEAR: Final = timedelta(days=365)


def fetch_bars(
    desk: Desk,
    symbols: Sequence[str],
    sources: Sequence[Any],
    *,
    start: date | None = None,
    end: date | None = None,
    again: bool = False,
    by: str,
    progress: Progress = lambda fraction, sentence: None,
    clock: Clock = WALL,
) -> Fetched:
    """Fetch what is missing of each share, from the first source that has it.

    Args:
        start, end: first and last session; None means a year ago, and the last settled close.
        again: ask for every session, to hold a source against what is stored.
        progress: told after each share how far it is, from 0 to 1, and what became of it.

    Raises:
        BadInput: a simulated store, no symbol, or an end that has not closed yet.
        NotFound: a symbol that no list here knows.
        OutsideCalendar: a span no calendar covers.
        SourceFailed: not one share could be fetched.
    """
    refuse_sim(desk, "prices")
    span = span_of(desk, start, end, back=YEAR, clock=clock)

    def fetch_one(share: Listing, expected: Sequence[date]) -> ShareFetched:
        stored, known = _stored(desk, share.isin)
        spans = [(expected[0], expected[-1])] if again else gaps(expected, stored)
        if not spans:
            return nothing(
                share, f"{share.symbol}: all {len(expected)} sessions are there", was_whole=True
            )

        def ask(source: Any, *, first: date, last: date) -> Answer[BarRun]:
            answer: Answer[BarRun] = source.daily(share, first, last)
            return answer

        found = ask_spans(sources, spans, ask)
        return _write(desk, share, found, stored, known, by=by, clock=clock)

    return one_by_one(desk, symbols, span, fetch_one, progress)


def _write(
    desk: Desk,
    share: Listing,
    found: Sequence[Found[BarRun]],
    stored: dict[date, Stored],
    known: Sequence[Any],
    *,
    by: str,
    clock: Clock,
) -> ShareFetched:
    """Settle every span first, then write them all in one transaction."""
    today = ist_day(clock.now())
    closed, reckoned, settled = 0, 0, []
    for one in found:
        run, off_days = on_sessions(one.answer.value, desk.calendar)
        closed += off_days
        raw = as_traded(run, known, isin=share.isin, as_of=today)
        reckoned += len(run) - len(raw)
        settled.append(settle(stored, raw, isin=share.isin))
    disputes = tuple(dispute for one in settled for dispute in one.disputes)
    used = ", ".join(dict.fromkeys(one.source for one in found))
    stale = max((one.answer.age_seconds for one in found if one.answer.is_stale), default=0.0)
    with desk.store.write() as tx:
        rows = sum(
            bar_merge.merge_panel(tx, panel, one.run.source, rank=rank_of).written
            for one in settled
            for panel in panels_of(one.run, stored, isin=share.isin)
        )
        body = {"source": used, "rows": rows, "disputes": len(disputes), "stale_s": int(stale)}
        audit.append(tx, at=desk.clock.now(), actor=by, verb="fetch", subject=share.isin, body=body)
    asked = sum(len(one.answer.value) for one in found)
    left_out = LeftOut(closed, reckoned)
    words = share_words(share, used, rows, left_out, disputes, stale, found)
    return ShareFetched(share.symbol, used, asked, rows, left_out, disputes, stale, "", words)


def _stored(desk: Desk, isin: str) -> tuple[dict[date, Stored], Sequence[Any]]:
    """Closes in the store with their sources, and the share's factors."""
    with desk.store.read() as tx:
        known = factors.all_factors(tx, isins=[isin])
        try:
            panel = bars.read_raw(tx, [isin])
        except NotFound:
            return {}, known
        by_session = bar_sources.sources(tx, isin)
    closes = zip(panel.sessions, panel.close[:, 0].tolist(), strict=True)
    return {
        session: Stored(close, *by_session[session]) for session, close in closes if close == close
    }, known
