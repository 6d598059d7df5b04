"""Which sessions a share lacks, and a vendor's bars as the store keeps them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any, Final

import numpy as np

from core.domain.action import ActionKind, Factor
from core.domain.calendar import Calendar
from core.domain.clock import ist_day
from core.panel import Panel, counts, factor_grid
from core.providers.agree import Stored, only
from core.providers.bar_run import BarRun

SETTLES: Final = timedelta(minutes=30)  # after the close, until vendors show the official one
OVERLAP: Final = 3  # stored sessions asked again before a gap, to hold the source against them
RATIOS: Final = frozenset({ActionKind.SPLIT, ActionKind.BONUS, ActionKind.CONSOLIDATION})
PRICED: Final = frozenset({ActionKind.DEMERGER, ActionKind.RIGHTS})
SHARES_MAX: Final = 10  # a divisor of no stated kind is a ratio when such a fraction fits
RATIO_WITHIN: Final = 0.0005
BRIDGE: Final = 10  # stored sessions between two gaps that are cheaper asked than left out


def last_closed(calendar: Calendar, now: datetime) -> date:
    """The newest session whose close is settled; raises OutsideCalendar."""
    today = ist_day(now)
    if calendar.is_session(today) and now >= calendar.session(today).closes_at + SETTLES:
        return today
    return calendar.previous_session(today)


def gaps(
    expected: Sequence[date], present: Collection[date], *, overlap: int = OVERLAP
) -> list[tuple[date, date]]:
    """Spans to ask for: every session that is missing, each with a few stored ones before it.

    Args:
        expected: every session wanted, oldest first.
        present: sessions that have a bar.
        overlap: how many sessions before a gap are asked again.
    """
    missing = [place for place, session in enumerate(expected) if session not in present]
    spans: list[list[int]] = []
    for place in missing:
        if spans and place - spans[-1][1] <= BRIDGE:
            spans[-1][1] = place
        else:
            spans.append([max(0, place - overlap), place])
    return [(expected[first], expected[last]) for first, last in spans]


def as_traded(run: BarRun, factors: Sequence[Factor], *, isin: str, as_of: date) -> BarRun:
    """A vendor's bars as they were traded: its prices times every later divisor we know.

    Bars before the newest action whose divisor each vendor reckons for itself are left out:
    Yahoo takes 1.083 for Reliance's demerger of July 2023, the open that day says 1.1015.
    """
    if not run.in_todays_terms:
        return run
    own = [one for one in factors if one.isin == isin and counts(one, as_of)]
    exact_from = max((one.ex_date for one in own if not is_exact(one)), default=date.min)
    run = only(run, np.array([day >= exact_from for day in run.sessions], dtype=bool).nonzero()[0])
    grid = factor_grid(run.sessions, {isin: 0}, own, as_of=as_of)[:, 0]
    parts: dict[str, Any] = {
        name: getattr(run, name) * grid for name in ("open", "high", "low", "close")
    }
    return replace(run, **parts, volume=run.volume / grid, in_todays_terms=False)


def is_exact(factor: Factor) -> bool:
    """Whether everyone reckons the same divisor: a ratio of shares, not a price of rights."""
    if factor.kind in RATIOS:
        return True
    ratio = Fraction(factor.divisor).limit_denominator(SHARES_MAX)
    return factor.kind not in PRICED and abs(float(ratio) / factor.divisor - 1) < RATIO_WITHIN


def on_sessions(run: BarRun, calendar: Calendar) -> tuple[BarRun, int]:
    """Bars of trading days, and how many were of days the exchange was closed."""
    kept = np.array([calendar.is_session(day) for day in run.sessions], dtype=bool)
    return only(run, np.flatnonzero(kept)), int((~kept).sum())


def panel_of(run: BarRun, isin: str) -> Panel:
    """Raw daily bars of one share as a panel."""
    parts = {name: getattr(run, name)[:, None] for name in ("open", "high", "low", "close")}
    return Panel(
        sessions=run.sessions,
        isins=(isin,),
        **parts,
        volume=run.volume[:, None],
        factor=np.ones((len(run), 1)),
    )


def panels_of(run: BarRun, stored: Mapping[date, Stored], *, isin: str) -> list[Panel]:
    """A run as panels, each bar under the ISIN that already has that session, else under `isin`."""
    owners = [stored[day].isin if day in stored else isin for day in run.sessions]
    return [
        panel_of(only(run, np.array([owner == one for owner in owners]).nonzero()[0]), one)
        for one in dict.fromkeys(owners)
    ]
