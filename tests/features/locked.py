"""What every column and every indicator of ours comes to on one invented panel, with its version.

`python -m tests.features.locked` writes the table anew, after the version of what moved was raised.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from core.features.compute import compute
from core.features.indicators import series
from core.features.indicators_own import OWN_INDICATORS
from core.features.table import FEATURES, NAMES
from core.panel import FIELDS, Floats, Panel
from tests.features.made_bars import of_panel
from tests.features.made_beside import beside_of
from tests.models.made import noise

FILE = Path(__file__).with_name("locked.csv")
HEAD = ("name", "version", "known", "size", "mean", "later")


class Print(NamedTuple):
    """How many values are known, their mean size, their mean, and the mean with time as weight."""

    version: int
    known: int
    size: float
    mean: float
    later: float


def prints() -> dict[str, Print]:
    """Those of today's code."""
    panel = ticked()
    found = compute(panel, beside=beside_of(panel, seed=21), names=NAMES)
    made = {one.name: _print(one.version, found.column(one.name)) for one in FEATURES}
    for one in OWN_INDICATORS:
        for name, values in series(of_panel(panel), [one]).items():
            made[name] = _print(one.version, values[:, None])
    return made


def ticked() -> Panel:
    """Prices to half a rupee, so that some are equal; one share has a gap and one stands still."""
    panel = noise(seed=21, shares=6, sessions=420)
    prices = {name: np.round(2.0 * getattr(panel, name)) / 2.0 for name in FIELDS[:4]}
    for grid in prices.values():
        grid[150:160, 4] = np.nan
        grid[330:360, 5] = prices["close"][329, 5]
    return replace(panel, **prices)


def locked() -> dict[str, Print]:
    """Those that were written down."""
    with FILE.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    return {
        name: Print(int(version), int(known), *map(float, figures))
        for name, version, known, *figures in rows
    }


def _print(version: int, values: Floats) -> Print:
    grid = values.astype(np.float64)
    weight = np.linspace(0.0, 1.0, len(grid))[:, None]
    figures = (np.nanmean(np.abs(grid)), np.nanmean(grid), np.nanmean(grid * weight))
    return Print(version, int((~np.isnan(grid)).sum()), *(float(f"{one:.8g}") for one in figures))


if __name__ == "__main__":
    with FILE.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(HEAD)
        out.writerows((name, *one) for name, one in prints().items())
