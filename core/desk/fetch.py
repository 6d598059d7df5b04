"""Daily bars from the network into the store: only what is missing, each with its source.

Nothing is asked inside a transaction, and a share is written whole or not at all. A vendor's
prices are in today's share terms; they are stored as traded, through the factors we know.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from core.desk.desk import REFERENCE, Desk
from core.desk.fetched import Fetched, LeftOut, ShareFetched, nothing, share_words, summed
from core.desk.gaps import as_traded, gaps, last_closed, on_sessions, panel_of
from core.desk.imports import refuse_sim
from core.domain.clock import Clock, WallClock, ist_day
from core.errors import (
    BadInput,
    BadSetting,
    NoData,
    NotFound,
    OutsideCalendar,
    SessionDead,
    SourceFailed,
)
from core.providers.agree import Stored, settle
from core.providers.bar_run import BarRun
from core.providers.catalog import VENDORS, vendor
from core.providers.failover import Found, first_good
from core.providers.keys import FindKey, find_key, missing_keys
from core.providers.net.gate import Gate
from core.providers.net.memory import Memory
from core.providers.universe_file import Listing, load_listings, load_universe
from core.providers.vendors import open_source
from core.store import audit, bar_sources, bars, factors, instruments
from core.store.sql import near

WALL: Final = WallClock()
AUTO: Final = "auto"
YEAR: Final = timedelta(days=365)
Progress = Callable[[float, str], None]


def open_sources(
    home: Path,
    names: Sequence[str] = (AUTO,),
    *,
    clock: Clock = WALL,
    find: FindKey = find_key,
    root: str | None = None,
) -> list[Any]:
    """BarSources in the order named; `auto` is every one that is set up.

    Raises:
        BadInput: no provider of that name.
        BadSetting: a provider that was named lacks its key, or none is set up.
    """
    chosen = [VENDORS[name] for name in VENDORS] if AUTO in names else [*map(vendor, names)]
    if AUTO in names:
        chosen = [one for one in chosen if not missing_keys(one, find)]
    if not chosen:
        raise BadSetting("no provider is set up; munim doctor says which keys each one takes")
    memory = Memory(home)
    return [
        open_source(one, Gate(one.policy, memory, clock=clock), find=find, root=root)
        for one in chosen
    ]


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
        NotFound: a symbol outside the universe.
        OutsideCalendar: a span no calendar covers.
        SourceFailed: not one share could be fetched.
    """
    refuse_sim(desk, "prices")
    shares = _listings(symbols)
    start, end = _span(desk, start, end, clock)
    expected = desk.calendar.sessions(start, end)
    if not expected:
        raise BadInput(f"there is no trading day from {start} to {end}; give a longer span")
    done: list[ShareFetched] = []
    for place, share in enumerate(shares, start=1):
        one = _fetch_share(desk, share, sources, expected, again=again, by=by, clock=clock)
        done.append(one)
        progress(place / len(shares), one.sentence)
    failed = tuple(one.symbol for one in done if one.failure)
    if len(failed) == len(done):
        raise SourceFailed(done[0].failure)
    return summed(done, failed, start, end)


def _fetch_share(
    desk: Desk,
    share: Listing,
    sources: Sequence[Any],
    expected: Sequence[date],
    *,
    again: bool,
    by: str,
    clock: Clock,
) -> ShareFetched:
    stored, known = _stored(desk, share.isin)
    spans = [(expected[0], expected[-1])] if again else gaps(expected, stored)
    if not spans:
        return nothing(share, f"{share.symbol}: all {len(expected)} sessions are there")
    found: list[Found[BarRun]] = []
    try:
        for first, last in spans:
            found.append(first_good(sources, _asking(share, first, last)))
    except NoData as absent:
        if not found:
            return nothing(share, f"{share.symbol}: {absent}")
    except (SourceFailed, SessionDead, NotFound) as failure:
        return nothing(share, f"{share.symbol}: {failure}", failure=str(failure))
    try:
        return _write(desk, share, found, stored, known, by=by, clock=clock)
    except SourceFailed as failure:  # another share's prices, or an action not known
        return nothing(share, f"{share.symbol}: {failure}", failure=str(failure))


def _asking(share: Listing, first: date, last: date) -> Callable[[Any], Any]:
    def ask(source: Any) -> Any:
        return source.daily(share, first, last)

    return ask


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
        instruments.put(tx, load_universe(REFERENCE / "universe.csv"))
        rows = sum(
            bars.put_panel(tx, panel_of(one.run, share.isin), source=one.run.source)
            for one in settled
            if len(one.run)
        )
        body = {"source": used, "rows": rows, "disputes": len(disputes), "stale_s": int(stale)}
        audit.append(tx, at=desk.clock.now(), actor=by, verb="fetch", subject=share.isin, body=body)
    if disputes:
        Memory(desk.home).put_disputes(disputes, at=clock.now())
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
    closes = panel.close[:, 0]
    return {
        session: Stored(float(close), by_session.get(session, ""))
        for session, close in zip(panel.sessions, closes, strict=True)
        if close == close
    }, known


def _listings(symbols: Sequence[str]) -> list[Listing]:
    if not symbols:
        raise BadInput("no symbol was given; name one or more, such as RELIANCE")
    known = {one.symbol: one for one in load_listings(REFERENCE / "universe.csv").values()}
    wanted = [*dict.fromkeys(symbol.strip().upper() for symbol in symbols)]
    for symbol in wanted:
        if symbol not in known:
            raise NotFound(f"{symbol} is not in the universe; {near(symbol, known)}")
    return [known[symbol] for symbol in wanted]


def _span(desk: Desk, start: date | None, end: date | None, clock: Clock) -> tuple[date, date]:
    settled = last_closed(desk.calendar, clock.now())
    if end is not None and end > settled:
        raise BadInput(f"--end {end} has not closed yet; the last settled session is {settled}")
    end = end or settled
    start = start or max(end - YEAR, desk.calendar.first)
    if start > end:
        raise BadInput(f"--start {start} is after --end {end}; swap them")
    if start < desk.calendar.first:
        raise OutsideCalendar(
            f"--start {start} is before the calendar's first day, {desk.calendar.first}"
        )
    return start, end
