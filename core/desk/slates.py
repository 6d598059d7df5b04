"""Candidates of one moment laid side by side for all accounts, from what the desk knows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from core.desk.ex_dates import sessions_to_ex
from core.desk.facts import ShareFacts
from core.desk.known import Known
from core.desk.left import sessions_since
from core.desk.quality_now import WHOLE_STANDING
from core.desk.recheck import sessions_to_results
from core.domain.clock import ist_day
from core.errors import NoData, NotFound
from core.mandates.filters import Standing
from core.mandates.slate import Slate
from core.panel import Floats
from core.signals.playbook import SESSIONS, STOP_ATR

MOMENTUM = "momentum"


def slate_of(known: Known, isins: Sequence[str], *, direction: int = 1) -> Slate:
    """A scan's candidates, best first by the signal, with all that filters and ranking look at.

    A share without enough sessions of prices stands on it with numbers that are not known.
    """
    facts = [_facts(known, isin) for isin in isins]
    said = [known.predictions[isin] for isin in isins]
    voted = [one if one.has_vote and direction > 0 else None for one in said]
    today = ist_day(known.at)
    return Slate(
        shares=tuple(known.instruments[isin] for isin in isins),
        strategy=MOMENTUM,
        horizon_sessions=SESSIONS,
        regime=known.regime,
        edge=_column(one.edge if one else None for one in voted),
        p_stop=_column(one.stop_first.p if one else None for one in voted),
        score=np.arange(len(isins), 0, -1, dtype=np.float64),
        risk=_column(_risk(one) for one in facts),
        vol=_column(one.vol if one else None for one in facts),
        turnover=_column(float(one.turnover_median.in_rupees) if one else None for one in facts),
        volume=_column(one.volume_median if one else None for one in facts),
        quality=_column(known.standings.get(isin, WHOLE_STANDING).score for isin in isins),
        to_results=_sessions(
            sessions_to_results(known.calendar, today, known.results.get(isin, ()))
            for isin in isins
        ),
        to_ex_date=_sessions(
            sessions_to_ex(known.calendar, today, known.ex_dates.get(isin)) for isin in isins
        ),
        together=known.together,
        direction=direction,
    )


def standing_of(known: Known, account_id: str) -> Standing:
    """One account as the filters see it."""
    today = ist_day(known.at)
    left = {
        isin: sessions_since(known.calendar, today, day) or 0
        for (name, isin), day in known.left.items()
        if name == account_id
    }
    waiting = frozenset(isin for name, isin in known.open_cards if name == account_id)
    return Standing(known.mandate(account_id), known.book(account_id), waiting, left)


def _facts(known: Known, isin: str) -> ShareFacts | None:
    try:
        return known.facts(isin)
    except (NoData, NotFound):
        return None


def _risk(facts: ShareFacts | None) -> float | None:
    """How far the stop is from the price, as a fraction of it."""
    return STOP_ATR * facts.atr.share_of(facts.close) if facts else None


def _column(values: Iterable[float | None]) -> Floats:
    return np.array([math.nan if one is None else one for one in values], dtype=np.float64)


def _sessions(values: Iterable[int | None]) -> Floats:
    return np.array([math.inf if one is None else one for one in values], dtype=np.float64)
