"""Indicators over the bars of a file, a column for each of their series, and what there is of them.

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

from core.domain.words import counted
from core.errors import BadInput
from core.features.compute import period_numbers
from core.features.indicator import Indicator
from core.features.indicators import chosen, series
from core.features.own_bars import OwnBars
from core.features.table import FEATURES, MODEL_NAMES, OWN
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


def check_out(out: Path, file: Path) -> None:
    """Raise BadInput where a CSV cannot go, or would take the place of the prices it is from."""
    if not out.parent.is_dir():
        raise BadInput(f"there is no folder {out.parent} to write {out.name} in")
    if out.is_dir():
        raise BadInput(f"{out} is a folder; name the CSV to write in it")
    if out.exists() and file.exists() and out.samefile(file):
        raise BadInput(f"{out} is the file the prices are in; write to another")


def write_csv(shares: Sequence[Share], path: Path) -> None:
    """Every row of every share; a missing value is an empty cell.

    Raises:
        BadInput: nothing may be written there.
    """
    try:
        opened = path.open("w", newline="", encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}") from None
    with opened as file:
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
            "start": one.start,
            "version": one.version,
        }
        for one in wanted
        for column in one.columns
    }


def listed(wanted: Sequence[Indicator]) -> list[dict[str, object]]:
    """A row for each indicator: what it is and from which bar on it speaks."""
    return [
        {
            "indicator": one.name,
            "group": one.group,
            "words": one.words,
            "unit": one.unit,
            "warm_up": counted(one.warm_up, "bar" if one.per == "session" else one.per),
            "start": one.start,
            "version": one.version,
            "source": one.source,
        }
        for one in wanted
    ]


def columns_of_models() -> list[dict[str, object]]:
    """A row for each column that models can learn from; `taken` marks those they do."""
    reach = {one.definition.name: one.reach for one in OWN}
    return [
        {
            "column": one.name,
            "group": one.group,
            "words": one.words,
            "warm_up": counted(one.warm_up, one.per),
            "memory": counted(reach[one.name], "bar") if one.name in reach else "",
            "beside": one.beside,
            "version": one.version,
            "taken": "yes" if one.name in MODEL_NAMES else "",
        }
        for one in FEATURES
    ]


def _share(symbol: str, rows: BarRows, wanted: Sequence[Indicator]) -> Share:
    rows = rows.where(np.argsort(rows.day, kind="stable"))
    parts: dict[str, Any] = {part: np.ascontiguousarray(getattr(rows, part)) for part in FIELDS}
    days = tuple(day.item() for day in rows.day)
    week, month = period_numbers(days)
    bars = OwnBars(**parts, week=week, month=month, index=np.full(len(days), np.nan))
    return Share(symbol, days, series(bars, wanted))
