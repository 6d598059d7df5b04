"""Lists of price divisors, and price breaks that nobody explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from core.domain import action
from core.domain.action import ActionKind, known_by_ex_date
from core.domain.instrument import Instrument
from core.errors import BadInput
from core.panel import FIELDS, Panel
from core.providers.renames import RENAMES, current_symbol
from core.providers.table import Table
from core.providers.table_files import read_table

SYMBOLS = ("SYMBOL", "ISIN")
EX_DATES = ("EX_DATE", "EX DATE", "EX_DATE_FIRST_SESSION")
DIVISORS = ("DIVISOR", "FACTOR", "IMPLIED_PRICE_DIVISOR")
BREAK = 0.35
DIVISOR_MAX = 1_000.0


@dataclass(frozen=True, slots=True)
class Factor:
    """Prices before `ex_date` are divided by `divisor`; `name` is a symbol or an ISIN."""

    name: str
    ex_date: date
    divisor: float


@dataclass(frozen=True, slots=True)
class PriceBreak:
    """An overnight move too large to be a price: `change` is open over the last close, less 1."""

    isin: str
    before: date
    session: date
    change: float


def is_factor_list(path: Path) -> bool:
    """Whether a file is a CSV with the columns of a factor list; raises BadInput as a table."""
    if path.suffix.lower() == ".json":
        return False
    table = read_table(path)
    return any(map(table.has, DIVISORS)) and any(map(table.has, EX_DATES))


def read_factors(path: Path) -> list[Factor]:
    """The factor list in a CSV; raises BadInput naming file, line and column."""
    table = read_table(path)
    name, ex_date, divisor = (_column(table, names) for names in (SYMBOLS, EX_DATES, DIVISORS))
    days = table.days(ex_date, ("%Y-%m-%d", "%d-%b-%Y"))
    divisors = table.numbers(divisor)
    for place, value in enumerate(divisors):
        if not 0 < value <= DIVISOR_MAX:
            raise BadInput(
                f"{table.name}, line {table.first_line + place}, column {divisor}: found {value}, "
                f"expected more than 0 and at most {DIVISOR_MAX:.0f}"
            )
    return [
        Factor(str(who), day.item(), float(value))
        for who, day, value in zip(table.texts(name), days, divisors, strict=True)
    ]


def resolved(
    factors: Sequence[Factor], instruments: Sequence[Instrument], *, source: str
) -> tuple[list[action.Factor], tuple[Factor, ...]]:
    """The list under today's ISINs, to be stored, and its rows that name no instrument.

    Such a list says no kind, so it is OTHER, and no hour, so it was known by its ex-date. Two
    rows of one share and day are one divisor.
    """
    isin_of = _names(instruments)
    isins = {one.isin for one in instruments}
    found: dict[tuple[str, date], float] = {}
    unknown = []
    for one in factors:
        isin = isin_of.get(one.name, one.name)
        if isin in isins:
            found[isin, one.ex_date] = found.get((isin, one.ex_date), 1.0) * one.divisor
        else:
            unknown.append(one)
    return [
        action.Factor(isin, day, divisor, ActionKind.OTHER, source, known_by_ex_date(day))
        for (isin, day), divisor in found.items()
    ], tuple(unknown)


def price_breaks(panel: Panel, *, change_max: float = BREAK) -> list[PriceBreak]:
    """Overnight moves beyond `change_max` that remain after the factors, oldest first.

    Compared over missing sessions too, so a break inside a hole is found.
    """
    found: list[PriceBreak] = []
    opens, closes = panel.open / panel.factor, panel.close / panel.factor
    for column, isin in enumerate(panel.isins):
        rows = np.flatnonzero(np.isfinite(closes[:, column]))
        change = opens[rows[1:], column] / closes[rows[:-1], column] - 1.0
        for place in np.flatnonzero(np.abs(change) > change_max):
            found.append(
                PriceBreak(
                    isin=isin,
                    before=panel.sessions[rows[place]],
                    session=panel.sessions[rows[place + 1]],
                    change=float(change[place]),
                )
            )
    return sorted(found, key=lambda one: (one.session, one.isin))


def without_breaks(panel: Panel, breaks: Sequence[PriceBreak]) -> Panel:
    """The panel with every bar before a share's last break taken out (NaN)."""
    parts = {name: getattr(panel, name).copy() for name in FIELDS}
    sessions = np.array(panel.sessions, dtype="datetime64[D]")
    for one in breaks:
        before = sessions < np.datetime64(one.session)
        for values in parts.values():
            values[before, panel.column(one.isin)] = np.nan
    return replace(panel, **parts)


def _names(instruments: Sequence[Instrument]) -> Mapping[str, str]:
    """Symbols, earlier and later ones included, to ISINs."""
    now = {current_symbol(one.symbol): one.isin for one in instruments}
    changed = {
        symbol: now[current_symbol(symbol)]
        for pair in RENAMES.items()
        for symbol in pair
        if current_symbol(symbol) in now
    }
    return {**changed, **{one.symbol: one.isin for one in instruments}}


def _column(table: Table, names: Sequence[str]) -> str:
    for name in names:
        if table.has(name):
            return name
    raise BadInput(
        f"{table.name}: found no column {names[0].lower()} among {', '.join(table.columns)}; "
        f"expected one of {', '.join(name.lower() for name in names)}"
    )
