"""What fetching days and fetching minutes share: sources, shares, spans, one share at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

from core.desk.desk import REFERENCE, Desk
from core.desk.fetch_wish import AUTO
from core.desk.fetched import Fetched, ShareFetched, nothing, summed
from core.desk.gaps import last_closed
from core.desk.share_names import Share, shares_named
from core.domain.clock import Clock, WallClock, ist_day
from core.errors import (
    BadInput,
    BadSetting,
    CalledOff,
    NoData,
    NotFound,
    OutsideCalendar,
    SessionDead,
    SourceFailed,
)
from core.providers.bar_run import BarRun
from core.providers.catalog import VENDORS, vendor
from core.providers.failover import Found, first_good
from core.providers.keys import FindKey, find_key, missing_keys
from core.providers.net.gate import Answer, Gate
from core.providers.net.memory import Memory
from core.providers.universe_file import Listing, load_universe
from core.providers.vendors import open_source
from core.store import instruments

WALL: Final = WallClock()
Progress = Callable[[float, str], None]


class Ask(Protocol):
    """Asks one source for the bars from `first` to `last`."""

    def __call__(self, source: Any, *, first: date, last: date) -> Answer[BarRun]: ...


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


def one_by_one(
    desk: Desk,
    symbols: Sequence[str],
    span: tuple[date, date],
    fetch_one: Callable[[Listing, Sequence[date]], ShareFetched],
    progress: Progress,
) -> Fetched:
    """Fetch share after share; one that fails leaves the others, all failing is a failure.

    Args:
        fetch_one: fetches one share, given every session of the span.
    """
    start, end = span
    expected = desk.calendar.sessions(start, end)
    if not expected:
        raise BadInput(f"there is no trading day from {start} to {end}; give a longer span")
    shares = known_shares(desk, symbols)

    def of_span(share: Listing) -> ShareFetched:
        return fetch_one(share, expected)

    done = each(shares, of_span, progress, lambda d, f: summed(d, f, start, end).sentence)
    failed = tuple(one.symbol for one in done if one.failure)
    return summed(done, failed, start, end)


def known_shares(desk: Desk, symbols: Sequence[str]) -> list[Share]:
    """The shares somebody names, kept so that pages can show them.

    Raises:
        BadInput: no name.
        NotFound: a name that the shipped list, universes and masters do not know.
    """
    if not symbols:
        raise BadInput("no symbol was given; name one or more, such as RELIANCE")
    shares = shares_named(desk, symbols, ist_day(desk.clock.now()))
    shipped = load_universe(REFERENCE / "universe.csv")
    with desk.store.write() as tx:
        instruments.put(tx, [*shipped, *(one.instrument for one in shares)])
    return shares


def each(
    shares: Sequence[Share],
    fetch_one: Callable[[Listing], ShareFetched],
    progress: Progress,
    words: Callable[[Sequence[ShareFetched], tuple[str, ...]], str],
) -> list[ShareFetched]:
    """One share after the other; a person may call the rest off between two of them.

    Raises:
        CalledOff: with what was done by then, in the words of `words`.
        SourceFailed: not one share could be fetched.
    """
    done: list[ShareFetched] = []
    for place, share in enumerate(shares, start=1):
        symbol = share.listing.symbol
        try:
            one = fetch_one(share.listing)
        except NoData as absent:
            one = nothing(share.listing, f"{symbol}: {absent}")
        except (SourceFailed, SessionDead, NotFound) as failure:
            one = nothing(share.listing, f"{symbol}: {failure}", failure=str(failure))
        done.append(one)
        try:
            progress(place / len(shares), f"{place} of {len(shares)} · {one.sentence}")
        except CalledOff:
            if place < len(shares):
                failed = tuple(gone.symbol for gone in done if gone.failure)
                raise CalledOff(
                    f"called off after {place} of {len(shares)} shares; {words(done, failed)}"
                ) from None
    if all(one.failure for one in done):
        raise SourceFailed(f"nothing came of {len(done)} shares: {done[0].failure}"
                           if len(done) > 1 else done[0].failure)  # fmt: skip
    return done


def ask_spans(
    sources: Sequence[Any], spans: Sequence[tuple[date, date]], ask: Ask
) -> list[Found[BarRun]]:
    """Bars of every span; a span without a bar is left out, raises NoData when all are."""
    found: list[Found[BarRun]] = []
    absent: NoData | None = None
    for first, last in spans:
        try:
            found.append(first_good(sources, partial(ask, first=first, last=last)))
        except NoData as empty:
            absent = empty
    if absent is not None and not found:
        raise absent
    return found


def span_of(
    desk: Desk, start: date | None, end: date | None, *, back: timedelta, clock: Clock
) -> tuple[date, date]:
    """First and last day to fetch; without them `back` from the last settled close.

    Raises:
        BadInput: an end that has not closed yet, or before the start.
        OutsideCalendar: a start no calendar covers.
    """
    settled = last_closed(desk.calendar, clock.now())
    if end is not None and end > settled:
        raise BadInput(f"--end {end} has not closed yet; the last settled session is {settled}")
    end = end or settled
    start = start or max(end - back, desk.calendar.first)
    if start > end:
        raise BadInput(f"--start {start} is after --end {end}; swap them")
    if start < desk.calendar.first:
        raise OutsideCalendar(
            f"--start {start} is before the calendar's first day, {desk.calendar.first}"
        )
    return start, end
