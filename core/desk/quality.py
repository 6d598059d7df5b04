"""Check stored daily bars, keep what is wrong with each, and say which shares may be traded on.

Bars are checked whole when older ones changed, and from then on each new session with the past
that says what is usual. A person may accept a finding, which lifts its block.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.quality_now import standing
from core.desk.suggest_actions import dividend_days, explained
from core.domain.action import ActionStatus
from core.domain.calendar import Calendar
from core.domain.quality import Finding, FlawKind
from core.errors import NoData, NotFound
from core.market.quality import Quality, check
from core.panel import Panel
from core.store import actions, audit, bars, factors, instruments
from core.store import quality as rows

PAST = 120  # sessions read beside new ones, to say what is usual
AGAIN = 10  # sessions looked at again, since what follows a bar tells more about it
REGULAR_HOURS = 6.0  # a session shorter than this trades less for everybody


@dataclass(frozen=True, slots=True)
class Checked:
    """What one check looked at and found."""

    sessions: int
    shares: int
    findings: tuple[Finding, ...]
    sentence: str


def check_bars(desk: Desk, *, whole: bool = False) -> Checked | None:
    """Check what is new in the store, or everything; None when nothing is new.

    Raises:
        NoData: no bars are stored.
    """
    with desk.store.read() as tx:
        last = None if whole else rows.checked(tx)
        if last is not None and rows.is_current(tx, last):
            return None
        stored = bars.sessions(tx)
        if not stored:
            raise NoData("no bars are stored; munim data import FILE brings them in")
        grew = last is not None and rows.only_grew(tx, last)
        done = sum(1 for day in stored if day <= last.until) if last and grew else 0
        start = stored[max(0, done - PAST)] if done else None
        panel, found = _look(tx, desk.calendar, start)
    first = stored[max(0, done - AGAIN)] if done else None
    with desk.store.write() as tx:
        kept = rows.put(tx, found.findings, first=first, until=stored[-1])
    seen = sum(1 for day in panel.sessions if first is None or day >= first)
    blocked = len({one.isin for one in kept if not one.accepted_by})
    sentence = (
        f"{seen} sessions of {len(panel.isins)} shares checked, {len(kept)} flaws in "
        f"{blocked} shares"
    )
    return Checked(seen, len(panel.isins), kept, sentence)


def _look(tx: Session, calendar: Calendar, start: date | None) -> tuple[Panel, Quality]:
    panel = explained(bars.read_raw(tx, start=start), factors.all_factors(tx))
    refused = [one for one in actions.with_status(tx, ActionStatus.REFUSED)]
    found = check(
        panel,
        names={one.isin: one.symbol for one in instruments.all_instruments(tx)},
        dividends=dividend_days(tx),
        settled={(one.isin, one.ex_date) for one in refused},
        short=short_sessions(calendar, panel.sessions),
    )
    return panel, found


def short_sessions(calendar: Calendar, sessions: Iterable[date]) -> set[date]:
    """Muhurat and other sessions of a few hours; days outside the calendar are left out."""
    return {day for day in sessions if calendar.first <= day and _is_short(calendar, day)}


def _is_short(calendar: Calendar, day: date) -> bool:
    if day > calendar.last or not calendar.is_session(day):
        return False
    session = calendar.session(day)
    return (session.closes_at - session.opens_at).total_seconds() < REGULAR_HOURS * 3600


def accept_findings(
    desk: Desk, symbol: str, *, session: date | None, reason: str, by: str
) -> tuple[Finding, ...]:
    """Let a share's flawed bars stand, of one session or all; lifts their block and is audited.

    Raises:
        NotFound: no such share, or no finding of it that is not accepted yet.
    """
    at = desk.clock.now()
    with desk.store.write() as tx:
        share = instruments.by_symbol(tx, symbol.upper())
        open_ = [
            one
            for one in rows.findings(tx, isins=[share.isin])
            if not one.accepted_by and session in (None, one.session)
        ]
        if not open_:
            on = f" on {session}" if session else ""
            raise NotFound(f"{share.symbol} has no finding{on} to accept")
        for one in open_:
            rows.accept(tx, one, by=by)
            body = {"session": one.session.isoformat(), "kind": one.kind, "reason": reason}
            audit.append(tx, at=at, actor=by, verb="accept", subject=share.isin, body=body)
    return tuple(open_)


@dataclass(frozen=True, slots=True)
class ShareQuality:
    """One share's bars: how many, the standing that guards new cards, and what is wrong."""

    symbol: str
    isin: str
    sessions: int
    score: float
    blocked: bool
    findings: tuple[Finding, ...]
    kinds: tuple[tuple[FlawKind, int], ...]
    sentence: str


def share_quality(desk: Desk, symbol: str) -> ShareQuality:
    """Check what is new, then one share's findings; raises NotFound or NoData."""
    check_bars(desk)
    with desk.store.read() as tx:
        share = instruments.by_symbol(tx, symbol.upper())
        bars_there = bars.provenance(tx, share.isin)
        found = rows.findings(tx, isins=[share.isin])
        now = standing(tx, desk.calendar, share.isin, today=bars.sessions(tx)[-1])
    counted = {kind: sum(one.kind is kind for one in found) for kind in FlawKind}
    kinds = tuple((kind, count) for kind, count in counted.items() if count)
    return ShareQuality(
        symbol=share.symbol,
        isin=share.isin,
        sessions=bars_there.rows,
        score=now.score,
        blocked=now.blocks,
        findings=tuple(found),
        kinds=kinds,
        sentence=f"{share.symbol}: {bars_there.rows} sessions, {len(found)} findings; {now.words}",
    )
