"""How an account, or all together, did from day to day, and against the same rupees in the index.

Returns per year are worked only from 30 sessions on, and a stretch under a year is shown as it was
beside its yearly rate. Sessions with nothing at work at either end are left out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.index_levels import Index, index_levels
from core.desk.pnl import Day, Whose, days_of
from core.desk.pnl_at import session_before
from core.domain.clock import ist_day
from core.domain.money import ZERO, Money, total
from core.domain.words import counted
from core.domain.words import day as in_words
from core.errors import NoData
from core.store import ledger_days
from core.treasury.pnl import Pnl, sum_pnl
from core.treasury.returns import (
    ANNUAL_FROM,
    DAYS_A_YEAR,
    drawdowns,
    growth,
    log_rate,
    over_days,
    session_returns,
    yearly,
)


@dataclass(frozen=True, slots=True)
class Rate:
    """A return over the stretch, and per year; `why` says why one is missing.

    `per_year` is None under 30 sessions, and for a time-weighted return under a year.
    """

    whole: float | None
    per_year: float | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Against:
    """The index over the same sessions, and the same rupees in it on the same days.

    `is_stale` says that its last level is older than the session before the last one.
    """

    name: str
    words: str
    whole: float
    grown: tuple[float, ...]
    worth: Money
    earned: Money
    xirr: Rate
    last_level: date
    is_stale: bool


@dataclass(frozen=True, slots=True)
class Performance:
    """Some accounts over the sessions of a stretch.

    `start` is worth before the first session; `grown` what one rupee became after each, and
    `falls` how far that lies under its highest. `against` is None where no index is stored, and
    `no_index` says why.
    """

    of: Whose
    days: tuple[Day, ...]
    start: Money
    worth: Money
    paid_in: Money
    earned: Pnl
    xirr: Rate
    time_weighted: Rate
    returns: tuple[float, ...]
    grown: tuple[float, ...]
    falls: tuple[float, ...]
    against: Against | None
    no_index: str = ""

    @property
    def ahead(self) -> Money | None:
        """What was earned net of charges above what the same rupees earned in the index."""
        return None if self.against is None else self.earned.net - self.against.earned

    @property
    def sessions(self) -> int:
        """How many sessions it is worked from."""
        return len(self.days)


def performance(
    desk: Desk, tx: Session, of: Whose, *, first: date | None = None, last: date | None = None
) -> Performance:
    """The stretch from `first` to `last`, from the first money on and to today unless given.

    Raises:
        NoData: no money was at work in the stretch.
    """
    today = ist_day(desk.clock.now())
    end = min(last or today, today)
    begun = ledger_days.began(tx, of.account_ids)
    if begun is None or ist_day(begun) > end:
        raise NoData(
            f"{of.name}: no money came in by {in_words(end)}; add some on the account's page"
        )
    begin = max(first or ist_day(begun), ist_day(begun))
    days = _at_work(days_of(desk, tx, of, begin, end))
    if not days:
        raise NoData(f"{of.name}: nothing was at work from {in_words(begin)} to {in_words(end)}")
    before = session_before(desk.calendar, days[0].day)
    start = days[0].worth - days[0].flow - days[0].earned.net
    returns = session_returns([one.as_worth for one in days], start=start)
    grown = growth(returns)
    flows = _flows(days, start, before)
    against: Against | None = None
    why = ""
    try:
        against = _against(index_levels(desk, tx, begin, end), flows, days, before)
    except NoData as missing:
        why = str(missing)
    return Performance(
        of=of,
        days=tuple(days),
        start=start,
        worth=days[-1].worth,
        paid_in=total(one.flow for one in days),
        earned=sum_pnl(one.earned for one in days),
        xirr=_rate(flows, days[-1].worth, days),
        time_weighted=_weighted(grown[-1] - 1.0, days, before),
        returns=tuple(returns),
        grown=tuple(grown),
        falls=tuple(drawdowns(grown)),
        against=against,
        no_index=why,
    )


def _at_work(days: Sequence[Day]) -> list[Day]:
    """Without the sessions at either end in which nothing was at work, as once all is taken out."""
    busy = [at for at, one in enumerate(days) if one.worth or one.flow or one.earned]
    return list(days[busy[0] : busy[-1] + 1]) if busy else []


def _flows(days: Sequence[Day], start: Money, before: date) -> list[tuple[date, Money]]:
    """Money at work before the first session and what came (+) or went (-) since, by day."""
    moved = [(one.day, one.flow) for one in days if one.flow]
    return [(before, start), *moved] if start else moved


def _rate(flows: Sequence[tuple[date, Money]], worth: Money, days: Sequence[Day]) -> Rate:
    """XIRR of money that came and went, and of what is there at the end."""
    dated = [(day, float(-amount.paise)) for day, amount in flows]
    last = days[-1].day
    if worth <= ZERO and not any(amount < ZERO for _, amount in flows):
        return Rate(-1.0, None, "all that was paid in is lost")
    try:
        rate = log_rate([*dated, (last, float(worth.paise))])
    except NoData as wrong:
        return Rate(None, None, str(wrong))
    whole = over_days(rate, (last - min(day for day, _ in flows)).days)
    if len(days) < ANNUAL_FROM:
        return Rate(whole, None, too_few(len(days)))
    return Rate(whole, math.expm1(rate))


def _weighted(whole: float, days: Sequence[Day], before: date) -> Rate:
    lasted = (days[-1].day - before).days
    if len(days) < ANNUAL_FROM:
        return Rate(whole, None, too_few(len(days)))
    if lasted < DAYS_A_YEAR:
        return Rate(whole, None, f"{lasted} days, under a year: not annualised")
    return Rate(whole, yearly(whole, lasted))


def too_few(sessions: int) -> str:
    """Why nothing is said per year."""
    return f"{counted(sessions, 'session')}, under {ANNUAL_FROM}: not annualised"


def _against(
    index: Index, flows: Sequence[tuple[date, Money]], days: Sequence[Day], before: date
) -> Against:
    on = [one.day for one in days]
    grown = growth(index.levels.returns(on, before=before))
    begins = dict(zip(on, [before, *on[:-1]], strict=True))
    bought = [(begins.get(at, at) if amount > ZERO else at, amount) for at, amount in flows]
    worth = index.levels.become(bought, on[-1])  # paid in: from the start of its session, as above
    told = min(index.levels.last, on[-1])
    return Against(
        name=index.name,
        words=index.words,
        whole=grown[-1] - 1.0,
        grown=tuple(grown),
        worth=worth,
        earned=worth - total(amount for _, amount in flows),
        xirr=_rate(flows, worth, days),
        last_level=told,
        is_stale=told < (on[-2] if len(on) > 1 else before),
    )
