"""What a live day has and what it lacks, each in one sentence with the way out.

The desk makes nothing up in a live market: prices stream from a login, bars and news come from
files and vendors, and what nobody tells it says so here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.price_gate import feed_seen, stall
from core.domain.account import Broker, Market
from core.domain.clock import ist_day
from core.domain.login import SessionStatus
from core.domain.price_check import STALL_SECONDS
from core.domain.words import age, day, ist_time
from core.errors import OutsideCalendar
from core.store import accounts, bars, events, logins

NO_LOGIN = "none; add one on the Broker page or with munim login add"
NO_BARS = (
    "none stored; import files with munim data import or fetch them with munim data fetch; a "
    "model trains on 250 sessions or more"
)
NO_NEWS = "there is no live newswire; filings you import with munim ingest are read"
NO_HALTS = "nobody tells a market-wide halt; the desk sees prices stop and holds entries back"


@dataclass(frozen=True, slots=True)
class Part:
    """One thing a live day needs; `ok` says that it is there."""

    name: str
    ok: bool
    sentence: str


def live_parts(desk: Desk) -> tuple[Part, ...]:
    """Logins, prices, bars, news and halts of a live store; nothing for another market."""
    if desk.market is not Market.LIVE:
        return ()
    with desk.store.read() as tx:
        return (
            _login(tx),
            _prices(desk, tx),
            _bars(desk, tx),
            _news(tx),
            Part("market halts", False, NO_HALTS),
        )


def lacking(desk: Desk) -> tuple[str, ...]:
    """What a person can mend before the live day works, as sentences."""
    mend = [one for one in live_parts(desk)[:3] if not one.ok]
    return tuple(f"{one.name.capitalize()}: {one.sentence}." for one in mend)


def _login(tx: Session) -> Part:
    there = [one for one in accounts.logins(tx) if one.broker is not Broker.PAPER]
    if not there:
        return Part("login", False, NO_LOGIN)
    states = logins.states(tx)
    open_ = [
        one for one in there if one.id in states and states[one.id].status is SessionStatus.OPEN
    ]
    if not open_:
        names = ", ".join(one.label for one in there)
        return Part("login", False, f"nobody is logged in at {names}; log in on the Broker page")
    return Part("login", True, f"logged in at {', '.join(one.label for one in open_)}")


def _prices(desk: Desk, tx: Session) -> Part:
    feed = feed_seen(tx)
    if feed is None or not feed.login:
        why = feed.slow if feed is not None and feed.slow else "no login's stream brings any"
        return Part("prices", False, why)
    where = f"{feed.label}, a sandbox" if feed.is_sandbox else feed.label
    found = stall(desk, tx)
    if found is not None and found[0] >= STALL_SECONDS:
        return Part(
            "prices", False, f"the stream of {where} stands still for {age(found[0])}; entries wait"
        )
    if feed.slow:
        return Part("prices", False, f"asked for and slow: {feed.slow}; entries wait")
    last = f", last tick {ist_time(feed.tick_at)}" if feed.tick_at else ""
    return Part("prices", True, f"streamed by {where}{last}")


def _bars(desk: Desk, tx: Session) -> Part:
    last = bars.last_session(tx)
    if last is None:
        return Part("bars", False, NO_BARS)
    before = _session_before(desk)
    if before is not None and last < before:
        return Part(
            "bars",
            False,
            f"they end on {day(last)} and the last session was {day(before)}; import or fetch what "
            "lacks, or cards are written on old prices",
        )
    return Part("bars", True, f"to {day(last)}, imported or fetched")


def _news(tx: Session) -> Part:
    newest = next((event for event, _, _ in events.recent(tx, 1)), None)
    if newest is None:
        return Part("news", False, f"{NO_NEWS}; none is stored")
    return Part("news", False, f"{NO_NEWS}; the newest is of {day(newest.known_at)}")


def _session_before(desk: Desk) -> date | None:
    try:
        return desk.calendar.previous_session(ist_day(desk.clock.now()))
    except OutsideCalendar:
        return None
