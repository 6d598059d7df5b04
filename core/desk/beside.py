"""What the store has beside prices, laid out by session as it was known by each close.

Only the parts that some columns take are read. Sectors are today's, also in the past. An option
chain counts on the session in which it was taken, and is not carried on.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.index_levels import INDEX
from core.desk.recheck import results_dates
from core.domain.account import Market
from core.domain.instrument import NOT_KNOWN
from core.errors import NotFound
from core.features.beside import Beside
from core.features.chain import ChainSummary, summary
from core.features.filed import filings, since, to_results
from core.features.regime import market_returns
from core.features.table import WORDS
from core.panel import Floats, Panel
from core.store import bar_extras, events, flows, index_bars, instruments, option_chain

VIX = "INDIA VIX"
EARLIER = timedelta(days=30)  # before the panel in which an event shows that news was read then
EXTRAS = frozenset(bar_extras.PARTS)
EVENTS = frozenset({"filings", "since_results"})
OPTIONS = frozenset(one.name for one in fields(ChainSummary))


def beside(desk: Desk, tx: Session, panel: Panel, names: Sequence[str]) -> Beside:
    """What stands beside a panel, as far as some columns take it and the store has it."""
    taken = {WORDS[name].beside for name in names}
    parts: dict[str, Any] = {}
    if not panel.sessions:
        return Beside()
    if "index" in taken:
        parts["index"] = _index(desk, tx, panel)
    if "vix" in taken:
        parts["vix"] = _levels(tx, VIX, panel.sessions)
    for who in {"fii", "dii"} & taken:
        parts[who] = _known_next_session(tx, who.upper(), panel.sessions)
    if "sectors" in taken:
        parts["sectors"] = _sectors(tx, panel.isins)
    if EVENTS & taken:
        parts |= _filed(desk, tx, panel)
    if "to_results" in taken and desk.market is Market.SIM:
        # there alone a date is known ahead on every session; elsewhere the day it was announced
        # is not kept
        dates = {isin: results_dates(tx, isin) for isin in panel.isins}
        parts["to_results"] = to_results(panel.sessions, panel.isins, dates, desk.calendar)
    if OPTIONS & taken:
        parts |= _options(desk, tx, panel)
    if EXTRAS & taken:
        parts |= _extras(tx, panel)
    if "calendar" in taken:
        parts["calendar"] = desk.calendar
    return Beside(**parts)


def _index(desk: Desk, tx: Session, panel: Panel) -> Floats | None:
    """The NIFTY 50; in a simulated market the mean of its own shares."""
    if desk.market is Market.SIM:
        return np.append(1.0, np.cumprod(1.0 + market_returns(panel)))
    return _levels(tx, INDEX, panel.sessions)


def _levels(tx: Session, name: str, sessions: Sequence[date]) -> Floats | None:
    """Closing levels by session, NaN where a session has none; None where nothing is stored."""
    try:
        read = index_bars.read(tx, name, start=sessions[0], end=sessions[-1])
    except NotFound:
        return None
    levels = (read.close / read.factor).tolist()
    return _by_session(dict(zip(read.sessions, levels, strict=True)), sessions)


def _known_next_session(tx: Session, who: str, sessions: Sequence[date]) -> Floats | None:
    """Net buying a session late, since the exchange says it in the evening."""
    read = flows.read(tx, who, start=sessions[0])
    if not read.sessions:
        return None
    net = _by_session(dict(zip(read.sessions, read.net.tolist(), strict=True)), sessions)
    return np.append(np.nan, net[:-1])


def _by_session(values: Mapping[date, float], sessions: Sequence[date]) -> Floats:
    return np.array([values.get(day, np.nan) for day in sessions])


def _sectors(tx: Session, isins: Sequence[str]) -> tuple[str, ...]:
    known = instruments.of(tx, isins)
    told = {isin: one.sector for isin, one in known.items() if one.sector != NOT_KNOWN}
    return tuple(told.get(isin, "") for isin in isins)


def _filed(desk: Desk, tx: Session, panel: Panel) -> dict[str, Any]:
    """Counts from the first stored event on; before it nothing was read, which is not none."""
    first = desk.calendar.session(panel.sessions[0]).opens_at
    closes = [desk.calendar.session(day).closes_at for day in panel.sessions]
    tags = events.tags_between(tx, first - EARLIER, closes[-1])
    if not tags:
        return {}
    counts = filings(panel.sessions, panel.isins, tags, desk.calendar)
    for each in counts.values():
        each[: bisect_left(closes, tags[0].known_at)] = np.nan
    return {"filings": counts, "since_results": since(counts["results"])}


def _extras(tx: Session, panel: Panel) -> dict[str, Floats]:
    """VWAP and trades are the session's own tape; what was taken home is said in the evening."""
    found = bar_extras.read(tx, panel)
    if "delivery" in found:
        home = found["delivery"] / np.where(panel.volume > 0, panel.volume, np.nan)
        found["delivery"] = np.vstack([np.full((1, home.shape[1]), np.nan), home[:-1]])
    return found


def _options(desk: Desk, tx: Session, panel: Panel) -> dict[str, Any]:
    """The last chain taken in each session by its close, by the share's symbol."""
    opens = [desk.calendar.session(day).opens_at for day in panel.sessions]
    closes = [desk.calendar.session(day).closes_at for day in panel.sessions]
    symbols = {one.symbol: isin for isin, one in instruments.of(tx, panel.isins).items()}
    last: dict[tuple[int, str], datetime] = {}
    for underlying, at in option_chain.taken(tx, opens[0], closes[-1]):
        place = bisect_left(closes, at)
        if underlying in symbols and opens[place] <= at:
            last[place, underlying] = at
    if not last:
        return {}
    parts = {name: np.full(panel.close.shape, np.nan) for name in OPTIONS}
    for (place, underlying), at in last.items():
        chain = option_chain.read(tx, underlying, at=at)
        found = summary(
            day=panel.sessions[place],
            kind=chain.kind,
            expiry=chain.expiry,
            strike=chain.strike,
            values=chain.values,
        )
        for name in OPTIONS:
            parts[name][place, panel.column(symbols[underlying])] = getattr(found, name)
    return parts
