"""Prints how many hidden bonuses of each ratio are inferred from prices, and the false alarms.

`python -m tests.bench.hidden_breaks [--seed N] [--rounds N]`. A round hides one bonus in each of
SHARES real shares at once, dividing later prices and multiplying volumes as an exchange does. The
file's own breaks that nobody announced are false alarms, by the size of the ratio guessed.
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np

from core.market.infer import Guess, infer
from core.market.quality_drill import wilson
from core.panel import Floats, Panel
from tests.bench.quality_defects import EVEN, ODD, explained
from tests.bench.show_actions import ANNOUNCED, REAL, SESSIONS_A_YEAR, inferred, panels

RATIOS = (1.0833, 1.1, 1.125, 1.1667, 1.2, 1.25, 1.3333, 1.5, 2.0, 5.0)
BUCKETS = ((1.0, 1.15), (1.15, 1.23), (1.23, 1.45), (1.45, 3.0), (3.0, 1000.0))
SHARES, PAST, AFTER = 40, 60, 5
PRICES = ("open", "high", "low", "close")


def hidden(panel: Panel, ratio: float, rng: np.random.Generator, years: tuple[int, ...]) -> tuple[
    Panel, list[tuple[int, int]]
]:  # fmt: skip
    """A copy with a break of a ratio in each of SHARES shares, and where they stand."""
    parts: dict[str, Floats] = {x: getattr(panel, x).copy() for x in (*PRICES, "volume")}
    places = []
    for column in rng.choice(len(panel.isins), size=min(SHARES, len(panel.isins)), replace=False):
        rows = np.flatnonzero(np.isfinite(panel.close[:, column]))[PAST:-AFTER]
        rows = [int(row) for row in rows if panel.sessions[row].year in years]
        if rows:
            row = rows[int(rng.integers(len(rows)))]
            places.append((row, int(column)))
            for name in PRICES:
                parts[name][row:, column] /= ratio
            parts["volume"][row:, column] *= ratio
    return replace(panel, **parts), places


def recall(
    panel: Panel, ratio: float, *, seed: int, rounds: int, years: tuple[int, ...]
) -> tuple[int, int]:
    """Hidden breaks whose ex-date was inferred, and all of them."""
    rng = np.random.default_rng((seed, round(ratio * 10_000)))
    found = total = 0
    for _ in range(rounds):
        hurt, places = hidden(panel, ratio, rng, years)
        guesses = {(one.ex_date, one.isin) for one in infer(hurt)}
        found += sum((hurt.sessions[row], hurt.isins[at]) in guesses for row, at in places)
        total += len(places)
    return found, total


def size(guess: Guess) -> float:
    """The guessed ratio, upwards of 1."""
    return max(guess.divisor, 1.0 / guess.divisor)


def main() -> None:
    """Print recall by ratio for odd and even years, then false alarms by bucket."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--rounds", type=int, default=6)
    given = asked.parse_args()
    panel, _ = explained(REAL)[1]
    print("ratio   odd years, measured            even years")
    for ratio in RATIOS:
        cells = []
        for years in (ODD, EVEN):
            hit, total = recall(panel, ratio, seed=given.seed, rounds=given.rounds, years=years)
            low, high = wilson(hit, total)
            cells.append(f"{hit:4}/{total:<4} {hit / total:6.1%} ({low:.0%} to {high:.0%})")
        print(f"{ratio:<8}" + "   ".join(cells))
    found = inferred(REAL, panels(REAL))
    unknown = [one for name, one in found.outside if (name, one.ex_date) not in ANNOUNCED]
    years = sum(np.isfinite(raw.close).sum() for raw, _ in panels(REAL)) / SESSIONS_A_YEAR
    print(f"False alarms by ratio, {years:.0f} symbol-years")
    for low, high in BUCKETS:
        of = [one for one in unknown if low <= size(one) < high]
        print(f"  {low:g} to {high:g}: {len(of)}, {len(of) / years:.4f} a symbol-year")


if __name__ == "__main__":
    main()
