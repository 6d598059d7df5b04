"""Indicators over the bars of a file, a column for each of their series.

Prices are taken as the file has them; a split that is not adjusted shows as a jump.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from core.features.compute import period_numbers
from core.features.indicator import Indicator
from core.features.indicators import chosen, series
from core.features.own_bars import OwnBars
from core.panel import FIELDS, Floats
from core.providers.bar_file import BarFile, BarRows


@dataclass(frozen=True, slots=True)
class Share:
    """One share's columns; each is as long as `days`, NaN while an indicator warms up."""

    symbol: str
    days: tuple[date, ...]
    columns: dict[str, Floats]

    def last(self) -> dict[str, float]:
        """The values of the last row."""
        return {name: float(column[-1]) for name, column in self.columns.items()}


def compute(bars: BarFile, names: Sequence[str]) -> tuple[tuple[Indicator, ...], list[Share]]:
    """The named indicators, and their series for every symbol in a file.

    Raises:
        BadInput: no indicator and no group is called so.
    """
    wanted, rows = chosen(names), bars.rows
    return wanted, [
        _share(symbol, rows.where(rows.symbol == symbol), wanted)
        for symbol in sorted(set(rows.symbol.tolist()))
    ]


def write_csv(shares: Sequence[Share], path: Path) -> None:
    """Every row of every share; a missing value is an empty cell."""
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["symbol", "date", *shares[0].columns])
        for share in shares:
            values = np.column_stack(list(share.columns.values())).tolist()
            for day, line in zip(share.days, values, strict=True):
                cells = ["" if value != value else repr(value) for value in line]
                out.writerow([share.symbol, day.isoformat(), *cells])


def meanings(wanted: Sequence[Indicator]) -> dict[str, dict[str, object]]:
    """What each series is, by its column."""
    return {
        column: {
            "words": one.words,
            "unit": one.unit,
            "group": one.group,
            "source": one.source,
            "warm_up": one.warm_up,
            "per": one.per,
            "version": one.version,
        }
        for one in wanted
        for column in one.columns
    }


def _share(symbol: str, rows: BarRows, wanted: Sequence[Indicator]) -> Share:
    rows = rows.where(np.argsort(rows.day, kind="stable"))
    parts: dict[str, Any] = {part: np.ascontiguousarray(getattr(rows, part)) for part in FIELDS}
    days = tuple(day.item() for day in rows.day)
    week, month = period_numbers(days)
    bars = OwnBars(**parts, week=week, month=month, index=np.full(len(days), np.nan))
    return Share(symbol, days, series(bars, wanted))
