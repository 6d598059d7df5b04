"""Real history into a replay store: bars, adjustment factors and filings, with every count.

A simulated market makes its own prices and news, so it takes no files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from core.desk.desk import REFERENCE, Desk
from core.desk.factors import keep_factors
from core.desk.isin_facts import earlier_isins
from core.desk.suggest_actions import dividend_days, explained, keep_guesses
from core.domain.account import Market
from core.domain.action import Factor
from core.domain.event import Event
from core.errors import BadInput, NoData
from core.market.adjust import merged
from core.market.infer import Guess, infer
from core.panel import Panel
from core.providers.bar_panel import to_panel
from core.providers.bse_filings import read_filings
from core.providers.factors import (
    PriceBreak,
    price_breaks,
    read_factors,
    resolved,
    without_breaks,
)
from core.providers.files import read_bars
from core.providers.universe_file import load_listings, load_universe
from core.store import audit, bars, events, instruments, successions
from core.store import factors as factor_rows
from core.tagging.names import NameIndex
from core.tagging.tagger import tag


@dataclass(frozen=True, slots=True)
class Imported:
    """What one import did."""

    bars: int
    symbols: int
    sessions: int
    rows_refused: int
    unmatched: tuple[str, ...]
    breaks: tuple[str, ...]
    waiting: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Ingested:
    """Filings read, stored and how many name a share of the universe."""

    read: int
    stored: int
    mapped: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Quality:
    """Where a symbol's bars come from and what is wrong with them."""

    symbol: str
    sessions: int
    missing: int
    ohlc_violations: int
    breaks: int
    sentence: str


def refuse_sim(desk: Desk, what: str) -> None:
    """Raise BadInput in a simulated market."""
    if desk.market is Market.SIM:
        raise BadInput(
            f"this store is stamped sim, which makes its own {what}; "
            "set MUNIM_MARKET=replay and another MUNIM_HOME to import real ones"
        )


def import_files(
    desk: Desk, files: Sequence[Path], *, fmt: str, factors: Path | None, by: str
) -> Imported:
    """Import bars into the store; all files are read before a row is written.

    Bars before a price break that no factor explains are left out, and named. A break that looks
    like a corporate action waits for a person, and its bars stay.
    """
    refuse_sim(desk, "prices")
    universe = load_universe(REFERENCE / "universe.csv")
    read = [read_bars(path, fmt, calendar=desk.calendar) for path in files]
    if not read:
        raise BadInput("no file was named; give one or more files")
    panels = [to_panel(one, universe) for one in read]
    listed: list[Factor] = []
    if factors is not None:
        listed, _ = resolved(read_factors(factors), universe, source=factors.name)
    with desk.store.read() as tx:
        told = factor_rows.all_factors(tx)
        paid = dividend_days(tx)
    symbol_of = {item.isin: item.symbol for item in universe}
    checked = [_checked(panel, [*told, *merged(told, listed).new], paid) for panel, _ in panels]
    broken = [
        f"{symbol_of[one.isin]} {one.session} {one.change:+.0%}"
        for _, _, breaks in checked
        for one in breaks
    ]
    with desk.store.write() as tx:
        instruments.put(tx, universe)
        successions.put(tx, earlier_isins(universe, read))
        rows = sum(
            bars.put_panel(tx, without_breaks(panel, breaks), source=one.name)
            for (panel, _, breaks), one in zip(checked, read, strict=True)
        )
        keep_factors(tx, listed)
        waiting = keep_guesses(tx, [one for _, found, _ in checked for one in found], desk.calendar)
        body = {
            "files": [one.name for one in read],
            "rows": rows,
            "breaks": broken,
            "waiting": [f"{one.symbol} {one.ex_date}" for one in waiting],
        }
        audit.append(tx, at=desk.clock.now(), actor=by, verb="import", subject="bars", body=body)
    unmatched = tuple(sorted({name for _, missing in panels for name in missing}))
    return _imported(
        [panel for panel, _ in panels],
        rows,
        sum(len(one.refused) for one in read),
        unmatched,
        tuple(broken),
        tuple(f"{one.symbol} {one.ex_date}" for one in waiting),
    )


def _checked(
    panel: Panel, known: Sequence[Factor], paid: set[tuple[str, date]]
) -> tuple[Panel, list[Guess], list[PriceBreak]]:
    """A raw panel, the breaks that look like actions, and those that look like nothing."""
    named = explained(panel, known)
    guesses = infer(named, dividends=paid)
    factor = named.factor.copy()
    days = np.array(panel.sessions, dtype="datetime64[D]")
    for one in guesses:
        factor[days < np.datetime64(one.ex_date), panel.column(one.isin)] *= one.divisor
    return panel, guesses, price_breaks(replace(panel, factor=factor))


def _imported(
    made: Sequence[Panel],
    rows: int,
    refused: int,
    unmatched: tuple[str, ...],
    broken: tuple[str, ...],
    waiting: tuple[str, ...],
) -> Imported:
    symbols = len({isin for panel in made for isin in panel.isins})
    sessions = len({session for panel in made for session in panel.sessions})
    sentence = (
        f"{rows} bars of {symbols} shares over {sessions} sessions; {refused} rows refused, "
        f"{len(unmatched)} symbols outside the universe, {len(broken)} unexplained price breaks, "
        f"{len(waiting)} breaks that look like corporate actions and wait for you"
    )
    return Imported(rows, symbols, sessions, refused, unmatched, broken, waiting, sentence)


def universe_names() -> NameIndex:
    """The committed universe with its BSE codes, for tagging exchange filings."""
    listings = load_listings(REFERENCE / "universe.csv")
    codes = {listing.bse_code: isin for isin, listing in listings.items() if listing.bse_code}
    return NameIndex.build(load_universe(REFERENCE / "universe.csv"), scrip_codes=codes)


def ingest_files(desk: Desk, files: Sequence[Path], *, by: str) -> Ingested:
    """Store and tag filings; they wait for the replay that reaches their time."""
    refuse_sim(desk, "news")
    found: list[Event] = [event for path in files for event in read_filings(path)]
    names = universe_names()
    tagged = {event.id: tag(event, names) for event in found}
    stored = 0
    with desk.store.write() as tx:
        instruments.put(tx, load_universe(REFERENCE / "universe.csv"))
        for event in found:
            if events.put(tx, event):
                stored += 1
                events.put_tags(tx, tagged[event.id])
        audit.append(
            tx,
            at=desk.clock.now(),
            actor=by,
            verb="ingest",
            subject="events",
            body={"read": len(found), "stored": stored},
        )
    mapped = sum(bool(tags) for tags in tagged.values())
    return Ingested(
        len(found),
        stored,
        mapped,
        f"{len(found)} filings read, {stored} new, {mapped} name a share of the universe",
    )


def quality_of(desk: Desk, symbol: str) -> Quality:
    """Check one symbol's stored bars; raises NotFound or NoData."""
    with desk.store.read() as tx:
        item = instruments.by_symbol(tx, symbol.upper())
        panel = bars.read_panel(tx, [item.isin])
    if not panel.sessions or item.isin not in panel.isins:
        raise NoData(f"{item.symbol} has no bars; import some first")
    column = panel.column(item.isin)
    close = panel.close[:, column]
    here = ~np.isnan(close)
    first = int(np.argmax(here))
    high, low = panel.high[:, column], panel.low[:, column]
    wrong = int(((high < low) | (close > high) | (close < low))[here].sum())
    expected = desk.calendar.sessions(panel.sessions[first], panel.sessions[-1])
    missing = len(expected) - int(here.sum())
    breaks = len([one for one in price_breaks(panel) if one.isin == item.isin])
    return Quality(
        item.symbol,
        int(here.sum()),
        missing,
        wrong,
        breaks,
        f"{item.symbol}: {int(here.sum())} sessions, {missing} missing, "
        f"{wrong} with impossible prices, {breaks} unexplained breaks",
    )
