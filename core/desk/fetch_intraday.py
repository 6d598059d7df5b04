"""Bars inside the day from the network into the store, session by session, as traded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from core.desk.desk import Desk
from core.desk.fetch_steps import WALL, Progress, ask_spans, one_by_one, span_of
from core.desk.fetched import Fetched, LeftOut, ShareFetched, nothing, share_words
from core.desk.gaps import as_traded, gaps, on_sessions
from core.desk.imports import refuse_sim
from core.domain.clock import IST, Clock, ist_day
from core.errors import BadInput, NotFound
from core.panel import IntradayBars
from core.providers.bar_run import MINUTES, BarRun
from core.providers.failover import Found
from core.providers.net.gate import Answer
from core.providers.universe_file import Listing
from core.store import audit, factors, intraday

MONTH: Final = timedelta(days=30)


def fetch_minutes(
    desk: Desk,
    symbols: Sequence[str],
    sources: Sequence[Any],
    *,
    minutes: int,
    start: date | None = None,
    end: date | None = None,
    again: bool = False,
    by: str,
    progress: Progress = lambda fraction, sentence: None,
    clock: Clock = WALL,
) -> Fetched:
    """Fetch bars of so many minutes for every session that has none.

    Args:
        start, end: first and last session; None means a month ago, and the last settled close.
        again: ask for every session.
        progress: told after each share how far it is, from 0 to 1, and what became of it.

    Raises:
        BadInput: a simulated store, a length no bar has, or a span that cannot be.
        NotFound: a symbol that no list here knows.
        SourceFailed: not one share could be fetched.
    """
    refuse_sim(desk, "prices")
    if minutes not in MINUTES:
        lengths = ", ".join(str(one) for one in MINUTES)
        raise BadInput(f"there are no bars of {minutes} minutes; choose one of {lengths}")
    span = span_of(desk, start, end, back=MONTH, clock=clock)

    def fetch_one(share: Listing, expected: Sequence[date]) -> ShareFetched:
        present = set() if again else _present(desk, share.isin, minutes, expected)
        spans = gaps(expected, present, overlap=0)
        if not spans:
            return nothing(
                share, f"{share.symbol}: all {len(expected)} sessions are there", was_whole=True
            )

        def ask(source: Any, *, first: date, last: date) -> Answer[BarRun]:
            answer: Answer[BarRun] = source.intraday(share, first, last, minutes=minutes)
            return answer

        found = ask_spans(sources, spans, ask)
        return _write(desk, share, found, by=by, clock=clock)

    return one_by_one(desk, symbols, span, fetch_one, progress)


def _write(
    desk: Desk, share: Listing, found: Sequence[Found[BarRun]], *, by: str, clock: Clock
) -> ShareFetched:
    """Every span in one transaction."""
    with desk.store.read() as tx:
        known = factors.all_factors(tx, isins=[share.isin])
    closed = reckoned = 0
    made: list[tuple[IntradayBars, str]] = []
    for one in found:
        run, off_days = on_sessions(one.answer.value, desk.calendar)
        raw = as_traded(run, known, isin=share.isin, as_of=ist_day(clock.now()))
        closed, reckoned = closed + off_days, reckoned + len(run) - len(raw)
        made.append((_bars(raw, share.isin), raw.source))
    used = ", ".join(dict.fromkeys(one.source for one in found))
    stale = max((one.answer.age_seconds for one in found if one.answer.is_stale), default=0.0)
    with desk.store.write() as tx:
        rows = sum(intraday.put(tx, bars, source) for bars, source in made if len(bars))
        body = {"source": used, "rows": rows, "minutes": found[0].answer.value.minutes}
        audit.append(tx, at=desk.clock.now(), actor=by, verb="fetch", subject=share.isin, body=body)
    asked = sum(len(one.answer.value) for one in found)
    left_out = LeftOut(closed, reckoned)
    words = share_words(share, used, rows, left_out, (), stale, found)
    return ShareFetched(share.symbol, used, asked, rows, left_out, (), stale, "", words)


def _bars(run: BarRun, isin: str) -> IntradayBars:
    return IntradayBars(
        key=isin,
        minutes=run.minutes,
        start=run.starts,
        open=run.open,
        high=run.high,
        low=run.low,
        close=run.close,
        volume=run.volume,
    )


def _present(desk: Desk, isin: str, minutes: int, expected: Sequence[date]) -> set[date]:
    """Sessions of a span that have bars of this length already."""
    since = desk.calendar.session(expected[0]).opens_at.replace(hour=0, minute=0)
    until = since + (expected[-1] - expected[0]) + timedelta(days=1)
    with desk.store.read() as tx:
        try:
            held = intraday.read(tx, isin, minutes, since=since, until=until)
        except NotFound:
            return set()
    return {datetime.fromtimestamp(int(at), IST).date() for at in held.start}
