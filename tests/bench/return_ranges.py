"""Prints how return ranges hold out of sample, on real prices and on simulated markets.

`python -m tests.bench.return_ranges [SEED ...]`; real prices are read from shared/data beside the
repository. Each fold is held against ranges made from what had ended before it: a year of real
prices, a fifth of a simulated history. Beside the desk's own swing stand the ATR alone, and ranges
that learn from the two hundred sessions before the fold alone.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from core.domain.signal import Regime
from core.features.compute import compute
from core.features.regime import regimes
from core.models.conformal import Coverage, Ranges, ends_of, fit_ranges, moves_in, swings
from core.models.walk import Judged, Unseen, fold_bounds
from core.panel import Floats, Panel
from core.providers.calendar_file import load_calendar
from core.providers.sim import SimMarket
from core.providers.universe_file import load_universe
from tests.bench.show_actions import REAL
from tests.bench.sim_against_real import real

FILES = Path(__file__).resolve().parents[2] / "data"
SEEDS = (42, 1, 7)
SHORT = 200  # sessions
AT = (1, 5, 10, 20, 30)
MISSED = 10.0  # 2 over 20 %, what a move beyond an 80 % range costs by its distance


def judged_of(panel: Panel, bounds: Sequence[int]) -> Judged:
    """Every share that trades on a session of a fold; no model is asked."""
    place, share = np.nonzero(~np.isnan(panel.close))
    kept = (place >= bounds[0]) & (place < bounds[-1])
    place, share = place[kept], share[kept]
    fold = np.searchsorted(np.array(bounds), place, side="right")
    zero = np.zeros(len(place))
    cases = Unseen(np.zeros((len(place), 3)), zero.astype(np.int8), zero, place, place, share, fold)
    return Judged(cases, p=zero, base=zero, alike=zero, strong=zero.astype(bool))


def year_starts(panel: Panel) -> list[int]:
    """Where each year from 2022 on begins, and the end."""
    years = np.array([day.year for day in panel.sessions])
    return [
        *(np.flatnonzero((years[1:] != years[:-1]) & (years[1:] > 2021)) + 1).tolist(),
        len(years),
    ]


def score(panel: Panel, swing: Floats, bounds: Sequence[int], sessions: int, last: int) -> str:
    """Coverage, mean width and interval score of ranges that learn from so many sessions."""
    moves = moves_in(panel, swing, sessions)
    inside, width, lost = [], [], []
    for start, end in pairwise(bounds):
        low, _, high = ends_of(moves[max(start - sessions - last, 0) : start - sessions])
        came, one = moves[start:end], swing[start:end]
        known = ~np.isnan(came)
        came, one = came[known], one[known]
        beyond = np.maximum(low - came, 0.0) + np.maximum(came - high, 0.0)
        inside.append(beyond == 0.0)
        width.append((high - low) * one)
        lost.append((high - low + MISSED * beyond) * one)
    figures = [100.0 * float(np.mean(np.concatenate(part))) for part in (inside, width, lost)]
    return "{:5.1f} {:5.1f} {:6.2f}".format(*figures)


def told(name: str, one: Coverage) -> str:
    """One line of coverage."""
    return (
        f"  {name:>9} {100 * one.inside:5.1f} ({100 * one.low:.1f} to {100 * one.high:.1f})  "
        f"n {one.n:>5}  width {100 * one.width:.1f} %{'' if one.honest else '  off'}"
    )


def shown(name: str, panel: Panel, bounds: Sequence[int]) -> None:
    """One market's tables."""
    found = compute(panel)
    atr, vol = found.column("atr_pct"), found.column("vol_60")
    swing, known = swings(atr, vol), tuple[Regime | None, ...](regimes(panel))
    ranges: Ranges = fit_ranges(judged_of(panel, bounds), panel, swing, regimes=known)
    print(f"\n{name}: ranges made to hold 80 %, sessions ahead")
    for one in ranges.coverage:
        print(told(str(one.sessions), one))
    print("  10 sessions, by year and by regime")
    for part, one in ranges.parts.items():
        print(told(part, one))
    print("  inside %, width %, interval score %: swing | ATR | swing of 200 sessions")
    for sessions in AT:
        ways = ((swing, len(panel.sessions)), (atr.astype(np.float64), len(panel.sessions)),
                (swing, SHORT))  # fmt: skip
        rows = (score(panel, way, bounds, sessions, last) for way, last in ways)
        print(f"  {sessions:>9} {' | '.join(rows)}")


def main() -> None:
    """Real prices where they are there, then each seed."""
    if REAL.exists():
        panel = real(REAL)[0]
        shown("real prices", panel, year_starts(panel))
    universe = load_universe(FILES / "universe.csv")
    calendar = load_calendar(FILES / "calendar.json")
    for seed in [int(one) for one in sys.argv[1:]] or SEEDS:
        panel = SimMarket(universe, calendar, seed=seed).history()
        shown(f"simulated, seed {seed}", panel, fold_bounds(len(panel.sessions))[1:])


if __name__ == "__main__":
    main()
