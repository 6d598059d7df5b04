"""Prints what real daily returns do beside what the simulated market's do.

`python -m tests.bench.sim_against_real [FOLDER]`; the folder is shared/data beside the repository
unless another is named. The test marked `realdata` holds the same figures to the tolerances here.
"""

from __future__ import annotations

import csv
import gzip
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from core.domain.action import Factor, known_by_ex_date
from core.domain.instrument import Instrument
from core.market.habits import LAGS, Habits, habits
from core.market.infer import infer
from core.panel import Floats, Panel, factor_grid
from core.providers.bar_panel import to_panel
from core.providers.calendar_file import load_calendar
from core.providers.factors import read_factors, resolved
from core.providers.files import read_bars
from core.providers.sim import SIM_STARTS_ON, SimMarket
from core.providers.sim.hours import crowd, hours_of, pace
from core.providers.universe_file import load_universe
from tests.bench.show_actions import FACTORS, RAW, REAL

FILES = Path(__file__).resolve().parents[2] / "data"
SEEDS = (42, 1, 7)
AFTER_CRASH = date(2020, 7, 1)  # one March makes most of the tails of the whole
SPANS = ((0, 5), (5, 15), (15, 30), (30, 60), (60, 120), (120, 240), (240, 315), (315, 345),
         (345, 375))  # fmt: skip
FIRST_WHOLE = date(2019, 10, 1)  # the file lacks most sessions of the month before


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: its name, how it is written, and how far the simulated one may be off.

    `least` and `most` bound the simulated figure over the real one, or, where `apart`, the
    simulated figure less the real one.
    """

    name: str
    field: str
    least: float
    most: float
    apart: bool = False
    percent: bool = False

    def distance(self, there: dict[str, float], here: dict[str, float]) -> float:
        """The simulated figure against the real one, as the bounds have it."""
        known, made = there[self.field], here[self.field]
        return made - known if self.apart else made / known

    def bounds(self, there: dict[str, float]) -> tuple[float, float]:
        """The least and the most that the simulated figure may be."""
        known = there[self.field]
        if self.apart:
            return known + self.least, known + self.most
        return known * self.least, known * self.most


ROWS = (
    Row("volatility, median share, a year", "vol", 0.8, 1.25, percent=True),
    Row("volatility, a tenth from below", "vol_low", 0.7, 1.3, percent=True),
    Row("volatility, a tenth from above", "vol_high", 0.75, 1.35, percent=True),
    Row("volatility of the plain average", "market_vol", 0.7, 1.35, percent=True),
    Row("excess kurtosis, median share", "kurtosis", 0.4, 2.0),
    Row("excess kurtosis of the average", "market_kurtosis", 0.15, 1.6),
    Row("skew, median share", "skew", -0.5, 0.5, apart=True),
    Row("skew of the average", "market_skew", -0.9, 1.5, apart=True),
    *(
        Row(f"squares' memory, {lag} sessions", f"clustering_{lag}", -0.08, 0.08, apart=True)
        for lag in LAGS
    ),
    *(
        Row(f"the average's, {lag} sessions", f"market_clustering_{lag}", -0.2, 0.2, apart=True)
        for lag in LAGS
    ),
    Row("correlation within a sector", "within", -0.10, 0.10, apart=True),
    Row("correlation across sectors", "across", -0.10, 0.10, apart=True),
    Row("beta, a tenth from below", "beta_low", -0.2, 0.2, apart=True),
    Row("beta, median share", "beta", -0.15, 0.15, apart=True),
    Row("beta, a tenth from above", "beta_high", -0.2, 0.2, apart=True),
    Row("returns beyond 5 %", "big", 0.5, 1.8, percent=True),
    Row("returns' own memory, 1 session", "memory", -0.06, 0.06, apart=True),
    Row("variance between close and open", "gap_share", -0.12, 0.12, apart=True, percent=True),
)


def real(folder: Path) -> tuple[Panel, list[Instrument]]:
    """The raw panel from October 2019 on with its splits taken out, and its shares.

    The list of factors covers few names after March 2024, so what prices alone suggest is
    believed too; only shares of the committed universe are kept.
    """
    universe = load_universe(FILES / "universe.csv")
    panel, _ = to_panel(read_bars(folder / RAW[1]), universe)
    panel = panel.since(FIRST_WHOLE)
    columns = {isin: place for place, isin in enumerate(panel.isins)}
    known, _ = resolved(read_factors(folder / FACTORS), universe, source="list")
    listed = replace(panel, factor=_grid(panel, columns, known))
    known += [
        Factor(one.isin, one.ex_date, one.divisor, one.kind, "prices",
               known_by_ex_date(one.ex_date))
        for one in infer(listed)
    ]  # fmt: skip
    by_isin = {one.isin: one for one in universe}
    whole = replace(panel, factor=_grid(panel, columns, known))
    return whole, [by_isin[isin] for isin in panel.isins]


def simulated(seeds: Sequence[int] = SEEDS) -> Iterator[Panel]:
    """The simulated history of each seed, with the factors of its own actions."""
    universe = load_universe(FILES / "universe.csv")
    calendar = load_calendar(FILES / "calendar.json")
    for seed in seeds:
        yield SimMarket(universe, calendar, seed=seed).history()


def beside(folder: Path, seeds: Sequence[int] = SEEDS) -> tuple[Habits, list[Habits]]:
    """Real habits, and those of the same shares in each simulated market."""
    panel, shares = real(folder)
    sectors = [one.sector for one in shares]
    there = habits(panel, sectors)
    return there, [habits(made.only(panel.isins), sectors) for made in simulated(seeds)]


def flat(found: Habits) -> dict[str, float]:
    """Every figure under a name of its own, lags spelled out."""
    said = {name: float(value) for name, value in asdict(found).items() if np.isscalar(value)}
    for name in ("clustering", "market_clustering"):
        said |= {
            f"{name}_{lag}": value for lag, value in zip(LAGS, getattr(found, name), strict=True)
        }
    return said


def typical(found: Sequence[Habits]) -> dict[str, float]:
    """The median of each figure over some markets."""
    each = [flat(one) for one in found]
    return {name: float(np.median([one[name] for one in each])) for name in each[0]}


def far(there: dict[str, float], here: dict[str, float]) -> list[str]:
    """Sentences on the figures outside their tolerance; empty when the market is lifelike."""
    return [
        f"{row.name}: {_said(row, here)} simulated, {_said(row, there)} real, "
        f"{row.least:g} to {row.most:g} {'apart' if row.apart else 'of it'} allowed"
        for row in ROWS
        if not row.least <= row.distance(there, here) <= row.most
    ]


def _grid(panel: Panel, columns: dict[str, int], known: Sequence[Factor]) -> Floats:
    return factor_grid(panel.sessions, columns, known, as_of=panel.sessions[-1])


def _said(row: Row, found: dict[str, float]) -> str:
    value = found[row.field]
    return f"{value * 100:.2f} %" if row.percent else f"{value:.3f}"


def minutes_real(folder: Path) -> list[tuple[float, float]]:
    """Volume and variance of two liquid shares of 2023, as fractions of a day, by SPANS."""
    volume, moved = np.zeros(375), np.zeros(375)
    for name in ("HDFCBANK", "SBIN"):
        with gzip.open(folder / f"intraday/{name}_1min_2023-04_2023-06.csv.gz", "rt") as text:
            for bar in csv.DictReader(text):
                clock = next(iter(bar.values())).split("+")[0][-8:-3]
                minute = int(clock[:2]) * 60 + int(clock[3:]) - 555
                if 0 <= minute < 375:
                    volume[minute] += float(bar["volume"])
                    moved[minute] += np.log(float(bar["close"]) / float(bar["open"])) ** 2
    return [_parts(volume, moved, *span) for span in SPANS]


def minutes_simulated() -> list[tuple[float, float]]:
    """The same for a quiet simulated session."""
    hours = hours_of(load_calendar(FILES / "calendar.json"), SIM_STARTS_ON)
    spread = (crowd(hours), pace(hours, has_derivatives=True))
    volume, moved = (one.reshape(-1, 60).sum(axis=1) for one in spread)
    return [_parts(volume, moved, *span) for span in SPANS]


def _parts(volume: Floats, moved: Floats, start: int, stop: int) -> tuple[float, float]:
    return (
        float(volume[start:stop].sum() / volume.sum()),
        float(moved[start:stop].sum() / moved.sum()),
    )


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else REAL
    there, made = beside(folder)
    known, here = flat(there), typical(made)
    panel, shares = real(folder)
    calmer = flat(habits(panel.since(AFTER_CRASH), [one.sector for one in shares]))
    print(
        f"{there.shares} shares, {there.returns} real returns; simulated: the median of seeds "
        f"{', '.join(map(str, SEEDS))}, {made[0].returns} returns each"
    )
    head = f"{'':34}{'real':>9}{'since 7/20':>12}{'sim':>9}{'':4}allowed{'':11}" + "".join(
        f"{'seed ' + str(seed):>10}" for seed in SEEDS
    )
    print(head)
    for row in ROWS:
        kept = row.least <= row.distance(known, here) <= row.most
        low, high = row.bounds(known)
        scale = 100 if row.percent else 1
        each = "".join(f"{flat(one)[row.field] * scale:>10.2f}" for one in made)
        said = f"{_said(row, known):>9}{_said(row, calmer):>12}{_said(row, here):>9}"
        print(
            f"{row.name:34}{said}  {'  ' if kept else '! '}"
            f"{low * scale:6.2f} to {high * scale:6.2f}{each}"
        )
    print(
        f"\n{'minutes of the day':20}{'volume, real':>14}{'sim':>8}{'variance, real':>18}{'sim':>8}"
    )
    for (start, stop), real_one, sim_one in zip(
        SPANS, minutes_real(folder), minutes_simulated(), strict=True
    ):
        print(
            f"{start:>4} to {stop:<12}{real_one[0]:>14.1%}{sim_one[0]:>8.1%}"
            f"{real_one[1]:>18.1%}{sim_one[1]:>8.1%}"
        )


if __name__ == "__main__":
    main()
