"""Every TA-Lib indicator over the bars of a file, a column for each of its outputs.

Prices are taken as the file has them; a split that is not adjusted shows as a jump.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import BadInput
from core.panel import Floats
from core.providers.bar_file import BarFile, BarRows

ALL = "ALL"
NO_INDICATOR = ("Math Operators", "Math Transform")  # groups of plain arithmetic
WANTS_MORE = frozenset({"MAVP"})  # takes a series of periods that no file has


@dataclass(frozen=True, slots=True)
class Share:
    """One share's columns; each is as long as `days`, NaN while an indicator warms up."""

    symbol: str
    days: tuple[date, ...]
    columns: dict[str, Floats]

    def last(self) -> dict[str, float]:
        """The values of the last row."""
        return {name: float(column[-1]) for name, column in self.columns.items()}


def known() -> list[str]:
    """The names that `--set` takes."""
    groups: dict[str, list[str]] = _talib("talib").get_function_groups()
    names = [name for group, of in groups.items() if group not in NO_INDICATOR for name in of]
    return sorted(set(names) - WANTS_MORE)


def compute(bars: BarFile, names: Sequence[str]) -> list[Share]:
    """The named indicators of every symbol in a file; raises BadInput for an unknown name."""
    wanted = known() if ALL in names or not names else list(dict.fromkeys(names))
    for name in wanted:
        if name not in known():
            near = ", ".join(get_close_matches(name, known(), n=3)) or "RSI, MACD, ATR"
            raise BadInput(f"{name} is no indicator of TA-Lib; near it are {near}")
    rows = bars.rows
    return [
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


def _share(symbol: str, rows: BarRows, names: Sequence[str]) -> Share:
    rows = rows.where(np.argsort(rows.day))
    inputs = {
        part: np.ascontiguousarray(getattr(rows, part))
        for part in ("open", "high", "low", "close", "volume")
    }
    columns: dict[str, Floats] = {}
    for name in names:
        function = _talib("talib.abstract").Function(name)
        found = function(inputs)
        outputs = function.output_names
        if len(outputs) == 1:
            columns[name] = np.asarray(found, dtype=np.float64)
            continue
        for output, series in zip(outputs, found, strict=True):
            columns[f"{name}_{output}"] = np.asarray(series, dtype=np.float64)
    return Share(symbol, tuple(day.item() for day in rows.day), columns)


def _talib(module: str) -> Any:
    """TA-Lib, which has no types of its own, loaded when first needed."""
    return import_module(module)
