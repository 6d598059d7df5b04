"""From a file's rows to a panel of known instruments.

A row is matched by ISIN, then by symbol, then through symbol changes. What matches nothing is
named, never dropped unsaid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.domain.instrument import Instrument
from core.errors import NoData
from core.panel import FIELDS, Floats, Panel
from core.providers.bar_file import BarFile, BarRows, coded, distinct_days
from core.providers.renames import RENAMES, current_symbol

EXTRAS = ("vwap", "trades", "delivery")


@dataclass(frozen=True, slots=True)
class Laid:
    """Raw bars as a panel, the last trades where the file has them, and what matched nothing.

    `extras` holds those of EXTRAS that the file has, each of the panel's shape.
    """

    panel: Panel
    last: Floats | None
    unmatched: tuple[str, ...]
    extras: Mapping[str, Floats] = field(default_factory=dict)


def to_panel(
    bars: BarFile,
    instruments: Sequence[Instrument],
    *,
    aliases: Mapping[str, str] | None = None,
) -> tuple[Panel, tuple[str, ...]]:
    """As `lay_out`, without the last trades."""
    laid = lay_out(bars, instruments, aliases=aliases)
    return laid.panel, laid.unmatched


def lay_out(
    bars: BarFile,
    instruments: Sequence[Instrument],
    *,
    aliases: Mapping[str, str] | None = None,
) -> Laid:
    """Raw bars as a panel, factors all 1.0, and the symbols that matched nothing.

    Args:
        aliases: other symbols, each to one of the instruments' symbols; they win over the
            changes known to `renames`.

    Raises:
        NoData: no row matched an instrument.
    """
    keys, of_row = coded(bars.rows.isin, bars.rows.symbol)
    column_of = _columns(keys, instruments, aliases or {})
    places = np.array([column_of[key] for key in keys], dtype=np.int64)
    columns = places[of_row]
    unmatched = tuple(sorted({key[1] for key in keys if column_of[key] < 0}))
    rows, columns = bars.rows.where(columns >= 0), columns[columns >= 0]
    if not len(rows):
        raise NoData(
            f"{bars.name}: none of its {len(unmatched)} symbols ({', '.join(unmatched[:3])}...) is "
            f"among the {len(instruments)} shares known; import a master of Upstox or Fyers first, "
            "with munim data masters FILE"
        )
    present = np.unique(columns)
    isins = tuple(instruments[column].isin for column in present)
    days, down = distinct_days(rows.day)
    across = np.searchsorted(present, columns)
    matched = places[places >= 0]
    order: slice | NDArray[np.intp] = slice(None)
    if len(np.unique(matched)) < len(matched):
        order = _own_symbol_last(rows, columns, instruments)
    shape = (len(days), len(isins))
    panel = Panel(
        sessions=tuple(day.item() for day in days),
        isins=isins,
        **{name: _laid(getattr(rows, name), down, across, order, shape=shape) for name in FIELDS},
        factor=np.ones(shape),
    )
    last = None if rows.last is None else _laid(rows.last, down, across, order, shape=shape)
    extras = {
        name: _laid(values, down, across, order, shape=shape)
        for name in EXTRAS
        if (values := getattr(rows, name)) is not None
    }
    return Laid(panel, last, unmatched, extras)


def unknown_keys(bars: BarFile, instruments: Sequence[Instrument]) -> tuple[tuple[str, str], ...]:
    """ISIN and symbol of every share in a file that is none of the instruments."""
    keys, _ = coded(bars.rows.isin, bars.rows.symbol)
    column_of = _columns(keys, instruments, {})
    return tuple((key[0], key[1]) for key in keys if column_of[key] < 0)


def _columns(
    keys: Sequence[tuple[str, ...]], instruments: Sequence[Instrument], aliases: Mapping[str, str]
) -> dict[tuple[str, ...], int]:
    """Each distinct ISIN and symbol to an instrument's place, -1 for none."""
    by_isin = {one.isin: place for place, one in enumerate(instruments)}
    by_symbol = {one.symbol: place for place, one in enumerate(instruments)}
    known_by_new = {
        old: by_symbol[new] for old in RENAMES if (new := _known(old, by_symbol)) is not None
    }
    found: dict[tuple[str, ...], int] = {}
    for isin, symbol in keys:
        place = by_isin.get(isin)
        if place is None:
            place = by_symbol.get(aliases.get(symbol, symbol))
        if place is None:
            place = known_by_new.get(symbol)
        if place is None:
            place = _by_older(symbol, by_symbol)
        found[isin, symbol] = -1 if place is None else place
    return found


def _known(old: str, by_symbol: Mapping[str, int]) -> str | None:
    """The first later symbol of a company that an instrument carries."""
    symbol = RENAMES.get(old)
    while symbol is not None and symbol not in by_symbol:
        symbol = RENAMES.get(symbol)
    return symbol


def _by_older(symbol: str, by_symbol: Mapping[str, int]) -> int | None:
    """An instrument listed under an older symbol of the same company."""
    return next(
        (
            place
            for old, place in by_symbol.items()
            if current_symbol(old) == current_symbol(symbol)
        ),
        None,
    )


def _own_symbol_last(
    rows: BarRows, columns: NDArray[np.int64], instruments: Sequence[Instrument]
) -> NDArray[np.intp]:
    """Order in which rows are laid, so that on one day the instrument's own symbol wins."""
    symbols = np.array([one.symbol for one in instruments])
    return np.argsort(rows.symbol == symbols[columns], kind="stable")


def _laid(
    values: NDArray[np.float64],
    down: NDArray[np.intp],
    across: NDArray[np.intp],
    order: slice | NDArray[np.intp],
    *,
    shape: tuple[int, int],
) -> NDArray[np.float64]:
    grid = np.full(shape, np.nan)
    grid[down[order], across[order]] = values[order]
    return grid
