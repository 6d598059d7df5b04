"""Measures every model on real prices, walking forward year by year, and writes what came of it.

`python -m tests.bench.model_report [--models all] [--workers 2] [--shelf FOLDER] [--out FILE]
[--cluster ADDRESS]`; real prices are read from shared/data beside the repository. What is done is
kept on the shelf, so a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.domain.signal import Regime
from core.domain.words import number
from core.features.compute import FeaturePanel, compute
from core.features.regime import regimes
from core.features.tilt import tilt
from core.models.against import ranks_of
from core.models.barriers import label
from core.models.baselines import BASELINES
from core.models.conformal import Ranges, fit_ranges, swings
from core.models.learners import STANDARD, chosen
from core.models.measures import Measures, measure_parts
from core.models.nets import NETS
from core.models.pool import pool_members
from core.models.record import WHOLE
from core.models.sweep import SideBySide
from core.models.walk import Judged, judge, walk_forward
from core.panel import Floats, Panel
from core.providers.calendar_file import load_calendar
from core.providers.sim import SimMarket
from core.providers.universe_file import load_universe
from core.tagging.names import NameIndex
from core.tagging.tagger import tag
from tests.bench.model_report_chance import chance_of, luck_of_the_best, nothing_found
from tests.bench.model_report_words import Luck, written
from tests.bench.real_then import real_then, selected
from tests.bench.show_actions import REAL

FIRST_YEAR = 2021  # the first year that is scored; what came before is learnt from
REFERENCE = Path(__file__).resolve().parents[2] / "data"
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OMP_WAIT_POLICY")


@dataclass(frozen=True, slots=True)
class Found:
    """One model's figures: as a whole, by year and by regime."""

    judged: Judged
    whole: Measures
    years: dict[int, Measures]
    regimes: dict[Regime, Measures]


@dataclass(frozen=True, slots=True)
class Trial:
    """The pool, its members and the baselines on one panel, by kind; seconds of the wall."""

    panel: Panel
    pool: Found
    members: dict[str, Found]
    baselines: dict[str, Found]
    ranges: Ranges
    how: str
    shares: dict[str, float]
    seconds: float

    @property
    def models(self) -> dict[str, Found]:
        """All of them, the pool first and the baselines last."""
        return {WHOLE: self.pool, **self.members, **self.baselines}

    @property
    def luck(self) -> Luck:
        """What luck would give of all this."""
        best, chance = luck_of_the_best({kind: one.judged for kind, one in self._own.items()})
        pool = self.pool.judged
        return Luck(chance_of(pool.cases, pool.p, self.panel), best, chance, len(self._own))

    @property
    def _own(self) -> dict[str, Found]:
        return {WHOLE: self.pool, **self.members}


def trial(
    panel: Panel,
    features: FeaturePanel,
    kinds: Sequence[str],
    sweep: SideBySide,
    *,
    bounds: Sequence[int] = (),
) -> Trial:
    """Walk forward with the kinds asked for and with the baselines."""
    started = time.perf_counter()
    labels, known = label(panel), regimes(panel)
    asked = {"sweep": sweep, "bounds": bounds, "progress": _say}
    pooled = pool_members(features, labels, panel, learners=chosen(kinds), **asked)
    walked = walk_forward(features, labels, learners=BASELINES, **asked)
    plain = {kind: judge(unseen) for kind, unseen in walked.items()}
    swing = swings(features.column("atr_pct"), features.column("vol_60"))
    return Trial(
        panel,
        pool=_found(pooled.judged, panel, known),
        members={kind: _found(one, panel, known) for kind, one in pooled.by_kind.items()},
        baselines={
            kind: _found(one, panel, known, ranks=ranks_of(kind, features, one.cases))
            for kind, one in plain.items()
        },
        ranges=fit_ranges(pooled.judged, panel, swing, regimes=known),
        how=pooled.blend.how,
        shares=dict(zip(pooled.blend.kinds, pooled.blend.of(None), strict=True)),
        seconds=time.perf_counter() - started,
    )


def _found(
    judged: Judged, panel: Panel, known: Sequence[Regime | None], *, ranks: Floats | None = None
) -> Found:
    return Found(judged, *measure_parts(judged, panel, known, ranks=ranks))


def year_bounds(panel: Panel) -> list[int]:
    """Where each year from FIRST_YEAR on begins, and the end."""
    days = panel.sessions
    starts = [
        place
        for place in range(1, len(days))
        if days[place].year != days[place - 1].year and days[place].year >= FIRST_YEAR
    ]
    return [*starts, len(days)]


def simulated_market(seed: int = 42) -> tuple[Panel, FeaturePanel]:
    """The simulated history with the tilt of its own newswire, as a desk trains on it."""
    universe = load_universe(REFERENCE / "universe.csv")
    calendar = load_calendar(REFERENCE / "calendar.json")
    market = SimMarket(universe, calendar, seed=seed)
    panel, names = market.history(), NameIndex.build(universe)
    tags = [one for event in market.past_events() for one in tag(event, names)]
    return panel, compute(panel, tilt=tilt(panel.sessions, panel.isins, tags, calendar))


def _say(share: float, words: str) -> None:
    print(f"{share:6.1%} {words}", flush=True)


def main() -> None:
    """Measure, then write."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--models", default="all")
    asked.add_argument("--workers", type=int, default=2)
    asked.add_argument("--shelf", type=Path, default=None)
    asked.add_argument("--cluster", default="")
    asked.add_argument("--out", type=Path, default=None)
    said = asked.parse_args()
    sweep = SideBySide(workers=said.workers, cluster=said.cluster, shelf=said.shelf)
    kinds = said.models.split(",")
    panel, members = real_then(REAL)
    found = trial(panel, compute(panel, members=members), kinds, sweep, bounds=year_bounds(panel))
    sim, sim_features = simulated_market()
    made = trial(sim, sim_features, STANDARD, sweep)
    nothing = nothing_found(sim, sim_features, sweep=sweep, progress=_say)
    text = written(found, made, nothing, chosen_by=selected(panel, REAL), about=_about(found))
    if said.out:
        said.out.write_text(text, encoding="utf-8")
    print(text)
    print(f"real prices {found.seconds:.0f} s, simulated {made.seconds:.0f} s")


def _about(found: Trial) -> str:
    """The models, how they count, and with how many threads they were fitted."""
    sampled = ", ".join(f"{number(one.most, 0)} ({one.kind})" for one in NETS)
    threads = ", ".join(f"{name}={os.environ.get(name, 'unset')}" for name in THREADS)
    return (
        f"Models: {', '.join(one.words for one in chosen(list(found.members)))}. Pooled by "
        f"{found.how}: {', '.join(f'{kind} {power:.2f}' for kind, power in found.shares.items())}. "
        f"A fold's network learns from a sample of at most {sampled} windows. Numeric threads "
        f"inside a job: 1 ({threads} outside)."
    )


if __name__ == "__main__":
    main()
