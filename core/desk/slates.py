"""Candidates of one moment laid side by side for all accounts, from what the desk knows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

import numpy as np

from core.desk.ex_dates import sessions_to_ex
from core.desk.facts import ShareFacts
from core.desk.left import Left, sessions_since
from core.desk.quality_now import WHOLE_STANDING
from core.desk.quality_now import Standing as Quality
from core.desk.recheck import sessions_to_results
from core.domain.calendar import Calendar
from core.domain.candidate import Book
from core.domain.clock import ist_day
from core.domain.instrument import Instrument
from core.domain.mandate import Mandate
from core.errors import NoData, NotFound
from core.mandates.filters import Standing
from core.mandates.slate import Covariances, Slate
from core.panel import Floats
from core.signals.playbook import SESSIONS, STOP_ATR

if TYPE_CHECKING:
    from core.desk.known import Known

MOMENTUM = "momentum"


class Moment(Protocol):
    """What a slate and an account's standing are read from."""

    @property
    def at(self) -> datetime: ...
    @property
    def calendar(self) -> Calendar: ...
    @property
    def instruments(self) -> Mapping[str, Instrument]: ...
    @property
    def standings(self) -> Mapping[str, Quality]: ...
    @property
    def results(self) -> Mapping[str, tuple[date, ...]]: ...
    @property
    def ex_dates(self) -> Mapping[str, date]: ...
    @property
    def left(self) -> Left: ...
    @property
    def open_cards(self) -> frozenset[tuple[str, str]]: ...
    @property
    def together(self) -> Covariances: ...
    def facts(self, isin: str) -> ShareFacts: ...
    def mandate(self, account_id: str) -> Mandate: ...
    def book(self, account_id: str) -> Book: ...


def slate_of(known: Known, isins: Sequence[str], *, direction: int = 1) -> Slate:
    """A scan's candidates, best first by the signal; a short sale has no measured edge."""
    said = [known.predictions[isin] for isin in isins]
    voted = [one if one.has_vote and direction > 0 else None for one in said]
    return lay(
        known,
        isins,
        strategy=MOMENTUM,
        edges=[one.edge if one else None for one in voted],
        stops=[one.stop_first.p if one else None for one in voted],
        direction=direction,
    )


def lay(
    moment: Moment,
    isins: Sequence[str],
    *,
    strategy: str,
    edges: Sequence[float | None],
    stops: Sequence[float | None],
    direction: int,
) -> Slate:
    """Shares in the order of their rule's score, with all that filters and ranking look at.

    A share without enough sessions of prices stands on it with numbers that are not known.

    Args:
        edges: expected return after costs, None where it is not measured.
        stops: how likely the stop comes first, likewise.
    """
    facts = [_facts(moment, isin) for isin in isins]
    today = ist_day(moment.at)
    coming = [sessions_to_ex(moment.calendar, today, moment.ex_dates.get(i)) for i in isins]
    reports = [
        sessions_to_results(moment.calendar, today, moment.results.get(isin, ())) for isin in isins
    ]
    return Slate(
        shares=tuple(moment.instruments[isin] for isin in isins),
        strategy=strategy,
        horizon_sessions=SESSIONS,
        edge=_column(edges),
        p_stop=_column(stops),
        score=np.arange(len(isins), 0, -1, dtype=np.float64),
        risk=_column(_risk(one) for one in facts),
        vol=_column(one.vol if one else None for one in facts),
        turnover=_column(float(one.turnover_median.in_rupees) if one else None for one in facts),
        quality=_column(moment.standings.get(isin, WHOLE_STANDING).score for isin in isins),
        to_results=_column(reports, missing=math.inf),
        to_ex_date=_column(coming, missing=math.inf),
        together=moment.together,
        direction=direction,
    )


def standing_of(moment: Moment, account_id: str, *, book: Book | None = None) -> Standing:
    """One account as the filters see it; `book` replaces its own."""
    today = ist_day(moment.at)
    left = {
        isin: sessions_since(moment.calendar, today, day) or 0
        for (name, isin), day in moment.left.items()
        if name == account_id
    }
    waiting = frozenset(isin for name, isin in moment.open_cards if name == account_id)
    now = moment.book(account_id) if book is None else book
    return Standing(moment.mandate(account_id), now, waiting, left)


def _facts(moment: Moment, isin: str) -> ShareFacts | None:
    try:
        return moment.facts(isin)
    except (NoData, NotFound):
        return None


def _risk(facts: ShareFacts | None) -> float | None:
    """How far the stop is from the price, as a fraction of it."""
    return STOP_ATR * facts.atr.share_of(facts.close) if facts else None


def _column(values: Iterable[float | None], *, missing: float = math.nan) -> Floats:
    return np.array([missing if one is None else one for one in values], dtype=np.float64)
