"""Prints how many seeded defects are caught and how many clean symbol-years are blocked.

`python -m tests.bench.quality_defects [--seed N] [--rounds N] [--folder DIR]`; the folder is
shared/data beside the repository unless another is named.

Thresholds were set on the even years of the panel 2019-2026 (false blocks and seeded defects with
their middle in an even year). The odd years, the panel of 2016-2017 and the whole market of July to
September 2025 measure them.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from core.desk.desk import calendar_now
from core.desk.quality import short_sessions
from core.market.infer import infer
from core.market.quality import check
from core.market.quality_drill import Caught, FalseBlocks, drill, false_blocks, wilson
from core.panel import Panel, factor_grid
from core.providers.bar_panel import to_panel
from core.providers.files import read_bars
from tests.bench.show_actions import REAL, _share, listed, panels

ODD, EVEN = (2019, 2021, 2023, 2025), (2020, 2022, 2024, 2026)
MARKET = "prices/nse_full_market_EQ_2025Q3_unadjusted.parquet"
ROUNDS = 6


def explained(folder: Path) -> list[tuple[Panel, dict[str, str]]]:
    """2016-2017 and 2019-2026, with the listed factors and the breaks a person would confirm."""
    found = []
    for raw, names in panels(folder):
        columns = {isin: place for place, isin in enumerate(raw.isins)}
        known = listed(folder, names.values())
        grid = factor_grid(raw.sessions, columns, known, as_of=raw.sessions[-1])
        found.append((confirmed(replace(raw, factor=grid)), names))
    return found


def confirmed(panel: Panel) -> Panel:
    """The panel with every break that `infer` suggests taken as an action."""
    factor = panel.factor.copy()
    days = np.array(panel.sessions, dtype="datetime64[D]")
    for one in infer(panel):
        factor[days < np.datetime64(one.ex_date), panel.column(one.isin)] *= one.divisor
    return replace(panel, factor=factor)


def whole_market(folder: Path) -> tuple[Panel, dict[str, str]]:
    """Every EQ share of July to September 2025, breaks confirmed."""
    read = read_bars(folder / MARKET)
    shares = [_share(symbol) for symbol in sorted(set(read.rows.symbol.tolist()))]
    panel, _ = to_panel(read, shares)
    return confirmed(panel), {one.isin: one.symbol for one in shares}


def short(panel: Panel) -> set[date]:
    """The panel's sessions of a few hours."""
    return short_sessions(calendar_now(), panel.sessions)


def blocks(
    panel: Panel, names: dict[str, str], years: Sequence[int] = ()
) -> tuple[FalseBlocks, int]:
    """False blocks and how many bars were looked at."""
    found = check(panel, names=names, short=short(panel))
    return false_blocks(panel, found, of_years=years), int(np.isfinite(panel.close).sum())


def say_caught(rows: Sequence[Caught]) -> None:
    """The table by magnitude, then by kind, then all."""
    for one in rows:
        print(f"  {one.kind.value:15} {one.magnitude:30} {_rate(one.caught, one.total)}"
              f"  named right {one.named}")  # fmt: skip
    for kind in dict.fromkeys(one.kind for one in rows):
        of = [one for one in rows if one.kind is kind]
        caught, total = sum(one.caught for one in of), sum(one.total for one in of)
        print(f"  {kind.value:15} {'all magnitudes':30} {_rate(caught, total)}")
    caught, total = sum(one.caught for one in rows), sum(one.total for one in rows)
    print(f"  {'all':46} {_rate(caught, total)}")


def say_blocks(what: str, found: FalseBlocks) -> None:
    """Clean symbol-years, those blocked, and each by name."""
    low, high = found.bounds
    rate = len(found.blocked) / max(1, found.years)
    print(f"{what}: {len(found.blocked)} of {found.years} clean symbol-years blocked, {rate:.2%} "
          f"({low:.2%} to {high:.2%}); {found.holed} years with missing bars left out")  # fmt: skip
    for _, year, words in found.blocked:
        print(f"  {year} {words[0]}" + (f" and {len(words) - 1} more" if words[1:] else ""))


def _rate(caught: int, total: int) -> str:
    low, high = wilson(caught, total)
    return f"{caught:4}/{total:<4} {caught / max(1, total):7.1%} ({low:.1%} to {high:.1%})"


def main() -> None:
    """Print both tables."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--rounds", type=int, default=ROUNDS)
    asked.add_argument("--folder", type=Path, default=REAL)
    given = asked.parse_args()
    (early, early_names), (panel, names) = explained(given.folder)
    for label, years in (("odd years, measured", ODD), ("even years, set on", EVEN)):
        print(f"Caught, seed {given.seed}, {label}:")
        say_caught(drill(panel, seed=given.seed, rounds=given.rounds, short=short(panel),
                         ends_in=years))  # fmt: skip
    print("False blocks")
    say_blocks("odd years 2019-2025, measured", blocks(panel, names, ODD)[0])
    say_blocks("even years 2020-2026, set on", blocks(panel, names, EVEN)[0])
    say_blocks("2016-2017, never looked at", blocks(early, early_names)[0])
    say_blocks("whole market 2025 Q3, never looked at", blocks(*whole_market(given.folder))[0])


if __name__ == "__main__":
    main()
