"""Real history into a replay store: bars, adjustment factors and filings, with every count.

A simulated market makes its own prices and news, so it takes no files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from core.desk.bars_plan import Planned, plan_bars, put_bars, spans
from core.desk.desk import REFERENCE, Desk
from core.desk.factors import keep_factors
from core.desk.fetched import named
from core.desk.isin_facts import earlier_isins
from core.desk.put_file import NO_BARS, put_file, rows_in, sentence, taken
from core.desk.share_names import shares_of_files, unknown_words
from core.desk.suggest_actions import dividend_days, keep_guesses
from core.domain.account import Market
from core.domain.action import Factor
from core.domain.clock import ist_day
from core.domain.event import Event
from core.domain.instrument import Instrument
from core.domain.words import counted
from core.errors import BadInput
from core.market.adjust import merged
from core.providers.bar_file import BarFile
from core.providers.bse_filings import read_filings
from core.providers.factors import read_factors, resolved
from core.providers.index_names import is_index
from core.providers.intraday_file import IntradayFile
from core.providers.market_files import ActionFile, MarketFile, open_market_file
from core.providers.renames import current_symbol
from core.providers.universe_file import load_listings, load_universe
from core.store import audit, events, instruments, successions
from core.store import factors as factor_rows
from core.store.bar_merge import Merged
from core.tagging.names import NameIndex
from core.tagging.tagger import tag


@dataclass(frozen=True, slots=True)
class FileImported:
    """One file: its rows, how many can be stored, were refused, and changed the store."""

    file: str
    format: str
    rows: int
    taken: int
    refused: int
    written: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What one import did; `bars` are daily bars read, `unchanged` those stored before.

    `not_taken` counts bars that a stored one outranks and `replaced` those that outranked one;
    the other bar of each is kept as a conflict.
    """

    bars: int
    symbols: int
    sessions: int
    rows_refused: int
    unmatched: tuple[str, ...]
    breaks: tuple[str, ...]
    waiting: tuple[str, ...]
    unchanged: int
    replaced: int
    not_taken: int
    files: tuple[FileImported, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Ingested:
    """Filings read, stored and how many name a share of the universe."""

    read: int
    stored: int
    mapped: int
    sentence: str


def refuse_sim(desk: Desk, what: str) -> None:
    """Raise BadInput in a simulated market."""
    if desk.market is Market.SIM:
        raise BadInput(
            f"this store is stamped sim, which makes its own {what}; "
            "set MUNIM_MARKET=replay and another MUNIM_HOME to import real ones"
        )


def import_files(
    desk: Desk,
    files: Sequence[Path],
    *,
    fmt: str,
    factors: Path | None,
    by: str,
    columns: Mapping[str, str] | None = None,
) -> Imported:
    """Import files of market history; all are read before a row is written, in one transaction.

    Daily bars before a price break that no factor explains are left out, and named. A break that
    looks like a corporate action waits for a person, and its bars stay. A file read before
    changes nothing.
    """
    refuse_sim(desk, "prices")
    if not files:
        raise BadInput("no file was named; give one or more files")
    opened = [open_market_file(path, desk.calendar, fmt=fmt, columns=columns) for path in files]
    for one in opened:
        if isinstance(one, ActionFile):
            raise BadInput(f"{one.name} lists {one.format}; use `munim data actions import` for it")
    read = [one for one in opened if isinstance(one, BarFile)]
    universe = shares_of_files(desk, read, _minute_symbols(opened))
    listed: list[Factor] = []
    if factors is not None:
        listed, _ = resolved(read_factors(factors), universe, source=factors.name)
    with desk.store.read() as tx:
        known = [*(told := factor_rows.all_factors(tx)), *merged(told, listed).new]
        paid = dividend_days(tx)
    plans = [plan_bars(one, universe, known, paid) for one in read]
    isins = {current_symbol(one.symbol): one.isin for one in universe}
    with desk.store.write() as tx:
        instruments.put(tx, universe)
        successions.put(tx, earlier_isins(universe, read))
        done = [put_bars(tx, plan) for plan in plans]
        others = [
            (one, put_file(tx, one, isins))
            for one in opened
            if not isinstance(one, BarFile | ActionFile)
        ]
        keep_factors(tx, listed)
        waiting = keep_guesses(tx, [one for plan in plans for one in plan.guesses], desk.calendar)
        made = _imported(
            plans, done, others, universe, [f"{one.symbol} {one.ex_date}" for one in waiting]
        )
        body = {
            "files": [one.name for one in opened],
            "rows": sum(one.written for one in made.files),
            "breaks": list(made.breaks),
            "waiting": list(made.waiting),
        }
        audit.append(tx, at=desk.clock.now(), actor=by, verb="import", subject="bars", body=body)
    return made


def _minute_symbols(opened: Sequence[MarketFile]) -> list[tuple[str, date]]:
    """Symbols of files of bars inside the day, each with the file's last day."""
    return [
        (one.symbol, ist_day(datetime.fromtimestamp(int(one.bars.start[-1]), UTC)))
        for one in opened
        if isinstance(one, IntradayFile) and len(one.bars) and not is_index(one.symbol)
    ]


def _imported(
    plans: Sequence[Planned],
    done: Sequence[Merged],
    others: Sequence[tuple[NO_BARS, int]],
    universe: Sequence[Instrument],
    waiting: Sequence[str],
) -> Imported:
    symbol_of = {item.isin: item.symbol for item in universe}
    broken = [
        f"{symbol_of[one.isin]} {one.session} {one.change:+.0%}"
        for plan in plans
        for one in plan.breaks
    ]
    whole = sum(done, Merged())
    rows = whole.written + whole.same + whole.not_taken
    refused = sum(len(plan.file.refused) for plan in plans)
    unmatched = tuple(sorted({name for plan in plans for name in plan.laid.unmatched}))
    symbols, sessions = spans([plan.laid.panel for plan in plans])
    files = [
        *(_file(plan.file, one.written) for plan, one in zip(plans, done, strict=True)),
        *(_file(file, written) for file, written in others),
    ]
    words = [f"{one.sentence}; {_changed(one)}" for one in files if one.format != "" and others]
    if plans:
        words.insert(0, _bar_words(rows, symbols, sessions, refused, unmatched, broken, waiting))
        words.insert(1, _merge_words(whole))
        words.insert(2, _looked_at(plans, universe))
        words.insert(3, unknown_words(unmatched))
    return Imported(
        rows,
        symbols,
        sessions,
        refused,
        unmatched,
        tuple(broken),
        tuple(waiting),
        whole.same,
        whole.replaced,
        whole.not_taken,
        tuple(files),
        "\n".join(word for word in words if word),
    )


def _bar_words(
    rows: int,
    symbols: int,
    sessions: int,
    refused: int,
    unmatched: Sequence[str],
    broken: Sequence[str],
    waiting: Sequence[str],
) -> str:
    return (
        f"{rows} bars of {symbols} shares over {sessions} sessions; {refused} rows refused, "
        f"{len(unmatched)} symbols unknown, {len(broken)} unexplained price breaks, "
        f"{len(waiting)} breaks that look like corporate actions and wait for you"
    )


def _looked_at(plans: Sequence[Planned], universe: Sequence[Instrument]) -> str:
    """Shares that came in from outside every traded universe; empty for none."""
    present = {isin for plan in plans for isin in plan.laid.panel.isins}
    names = sorted(one.symbol for one in universe if one.isin in present and not one.is_traded)
    if not names:
        return ""
    return (
        f"{counted(len(names), 'share')} of no traded universe can be looked at in Markets and "
        f"no card is written for them: {named(names)}"
    )


def _merge_words(done: Merged) -> str:
    """What the import changed beside what was stored; nothing to say of a first import."""
    if not done.written and not done.not_taken:
        return f"nothing changed: all {done.same} bars were stored before"
    said = []
    if done.same:
        said.append(f"{done.same} bars were stored before")
    if done.replaced:
        said.append(f"{done.replaced} replaced a bar that told otherwise, which is kept beside")
    if done.not_taken:
        said.append(
            f"{done.not_taken} tell otherwise than a stored bar that outranks them, and are kept "
            "beside it (an exchange's file stands over any other)"
        )
    return ", ".join(said)


def _file(file: MarketFile, written: int) -> FileImported:
    return FileImported(
        file.name,
        file.format,
        rows_in(file),
        taken(file),
        len(file.refused),
        written,
        sentence(file),
    )


def _changed(one: FileImported) -> str:
    if one.written:
        return f"{one.written} rows changed the store"
    return "nothing changed, it was imported before"


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
