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
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.domain.signal import Regime
from core.domain.words import number
from core.features.compute import FeaturePanel, compute
from core.features.regime import regimes
from core.features.tilt import tilt
from core.models.barriers import UNKNOWN, Labels, label
from core.models.baselines import BASELINES
from core.models.conformal import Coverage, fit_ranges
from core.models.learners import STANDARD, chosen
from core.models.measures import Measures, measure, measure_parts
from core.models.nets import NETS
from core.models.pool import pool_members
from core.models.samples import APART
from core.models.sweep import SideBySide
from core.models.vote import VOTE_OVER
from core.models.walk import Judged
from core.panel import Panel
from core.providers.calendar_file import load_calendar
from core.providers.sim import SimMarket
from core.providers.universe_file import load_universe
from core.tagging.names import NameIndex
from core.tagging.tagger import tag
from tests.bench.model_report_words import (
    HEAD,
    PART_HEAD,
    coverage_row,
    model_row,
    part_row,
    skill,
)
from tests.bench.real_then import real_then, selected
from tests.bench.show_actions import REAL

FIRST_YEAR = 2021  # the first year that is scored; what came before is learnt from
SHUFFLES = 1000
SEED = 7
REFERENCE = Path(__file__).resolve().parents[2] / "data"
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OMP_WAIT_POLICY")


@dataclass(frozen=True, slots=True)
class Found:
    """One model's figures: as a whole, by year and by regime."""

    words: str
    whole: Measures
    years: dict[int, Measures]
    regimes: dict[Regime, Measures]


@dataclass(frozen=True, slots=True)
class Trial:
    """All models on one panel."""

    panel: Panel
    models: dict[str, Found]
    together: Judged
    coverage: tuple[Coverage, ...]
    how: str
    shares: dict[str, float]
    seconds: float


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
    learners = chosen(kinds)
    asked = {"sweep": sweep, "bounds": bounds, "progress": _say}
    pooled = pool_members(features, labels, panel, learners=learners, **asked)
    plain = pool_members(features, labels, panel, learners=BASELINES, **asked)
    words = {one.kind: one.words for one in (*learners, *BASELINES)}
    judged = {"ensemble": pooled.judged, **pooled.by_kind, **plain.by_kind}
    models = {
        kind: Found(
            words.get(kind, "all of them, pooled"),
            *measure_parts(one, panel, known),
        )
        for kind, one in judged.items()
    }
    ranges = fit_ranges(pooled.judged, panel, features.column("atr_pct").astype(np.float64))
    powers = dict(zip(pooled.blend.kinds, pooled.blend.of(None), strict=True))
    taken = time.perf_counter() - started
    return Trial(panel, models, pooled.judged, ranges.coverage, pooled.blend.how, powers, taken)


def year_bounds(panel: Panel) -> list[int]:
    """Where each year from FIRST_YEAR on begins, and the end."""
    days = panel.sessions
    starts = [
        place
        for place in range(1, len(days))
        if days[place].year != days[place - 1].year and days[place].year >= FIRST_YEAR
    ]
    return [*starts, len(days)]


def chance_of(judged: Judged, *, shuffles: int = SHUFFLES) -> tuple[float, float]:
    """Mean rank IC, and how often outcomes shuffled among a session's shares give as much.

    Only sessions whose labels do not overlap are counted; a session without spread counts as 0.
    """
    rng = np.random.default_rng(SEED)
    cases = judged.cases
    days = [day for day in np.unique(cases.session).tolist() if day % APART == 0]
    groups = [np.flatnonzero(cases.session == day) for day in days]
    ranks = [(_ranks(judged.p[at]), _ranks(cases.returns[at])) for at in groups]
    seen = float(np.mean([one @ two for one, two in ranks]))
    better = sum(
        float(np.mean([one @ rng.permutation(two) for one, two in ranks])) >= seen
        for _ in range(shuffles)
    )
    return seen, (better + 1) / (shuffles + 1)


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks with mean zero and length one."""
    from scipy.stats import rankdata

    found = rankdata(values) - (len(values) + 1) / 2
    return found / max(float(np.sqrt((found**2).sum())), 1e-12)


def shuffled(labels: Labels) -> Labels:
    """The same labels given to other shares of the same session."""
    rng = np.random.default_rng(SEED)
    outcome, ends, returns = labels.outcome.copy(), labels.ends.copy(), labels.returns.copy()
    for row in range(len(outcome)):
        known = np.flatnonzero(outcome[row] != UNKNOWN)
        order = rng.permutation(known)
        outcome[row, known] = labels.outcome[row, order]
        ends[row, known] = labels.ends[row, order]
        returns[row, known] = labels.returns[row, order]
    return replace(labels, outcome=outcome, ends=ends, returns=returns)


def simulated_market(seed: int = 42) -> tuple[Panel, FeaturePanel]:
    """The simulated history with the tilt of its own newswire, as a desk trains on it."""
    universe = load_universe(REFERENCE / "universe.csv")
    calendar = load_calendar(REFERENCE / "calendar.json")
    market = SimMarket(universe, calendar, seed=seed)
    panel, names = market.history(), NameIndex.build(universe)
    tags = [one for event in market.past_events() for one in tag(event, names)]
    return panel, compute(panel, tilt=tilt(panel.sessions, panel.isins, tags, calendar))


def nothing_found(panel: Panel, features: FeaturePanel) -> tuple[Measures, float]:
    """What the standard members find in shuffled labels, and the chance of it."""
    pooled = pool_members(
        features,
        shuffled(label(panel)),
        panel,
        learners=chosen(STANDARD),
        progress=_say,
    )
    return measure(pooled.judged, panel), chance_of(pooled.judged)[1]


def _say(share: float, words: str) -> None:
    print(f"{share:6.1%} {words}", flush=True)


def written(found: Trial, made: Trial, nothing: tuple[Measures, float], about: str) -> str:
    """The whole report."""
    whole = found.models["ensemble"].whole
    ic, chance = chance_of(found.together)
    sim_ic, sim_chance = chance_of(made.together)
    suspects = [f"{kind}: {one.whole.suspect}" for kind, one in found.models.items()
                if one.whole.suspect]  # fmt: skip
    voting = [kind for kind, one in found.models.items() if votes(one.whole)]
    days = found.panel.sessions
    lines = [
        "# What the models are worth, measured",
        "",
        "Written by `python -m tests.bench.model_report`; nothing in it was typed by hand.",
        "",
        f"Real prices: {len(found.panel.isins)} NSE shares, {len(days)} sessions from {days[0]} to "
        f"{days[-1]}, unadjusted bars with our own adjustment. Every year from {FIRST_YEAR} is "
        "scored by models fitted on what ended ten sessions before it began; calibration and "
        "pooling come from earlier years alone, and the first scored year only calibrates. A case "
        "is a purchase at the next open with a stop at 2 ATR, a target at 3 ATR and 10 sessions, "
        f"costs of 0.25 % in. {selected(found.panel, REAL)} Intervals and errors come from blocks "
        "of 20 sessions; n counts cases whose labels do not overlap.",
        "",
        about,
        "",
        "## Verdict",
        "",
        f"- Votes on real prices: {', '.join(voting) if voting else 'none'}. A vote needs the "
        "whole interval of both skills above zero; beating the base rate alone is foretelling how "
        "restless a share is, not which way it goes.",
        f"- Mean rank IC of the pool {ic:+.4f}; outcomes shuffled among each session's shares give "
        f"as much with p = {chance:.3f} ({SHUFFLES} shuffles). Shuffling takes shares for "
        "independent of each other, which they are not; the errors over blocks are the figures to "
        "go by.",
        f"- Target first in the pool's top fifth {100 * whole.top_rate:.1f} % against "
        f"{100 * whole.base_rate:.1f} % of all.",
        f"- Figures that look like a leak: {'; '.join(suspects) if suspects else 'none'}.",
        f"- On the simulated market, where there is signal by construction, the pool's skill is "
        f"{skill(made.models['ensemble'].whole)} % over the base rate and "
        f"{skill(made.models['ensemble'].whole, 'skill_alike')} % over shares as likely, rank IC "
        f"{sim_ic:+.4f}, p = {sim_chance:.3f}.",
        f"- On labels shuffled among the shares of a session it finds {skill(nothing[0])} % and "
        f"{skill(nothing[0], 'skill_alike')} %, p = {nothing[1]:.3f}.",
        "",
        "## Every model, real prices",
        "",
        HEAD,
        *(model_row(kind, one.whole) for kind, one in found.models.items()),
        "",
        "base, momentum and five are the baselines: the base rate, the 12-1 momentum alone, and a "
        "logistic regression on five features.",
        "",
        "## Ranges of returns, real prices",
        "",
        "| sessions | promised, % | measured, % | 95 % binomial interval, % | holds | n |",
        "| --- | --- | --- | --- | --- | --- |",
        *map(coverage_row, found.coverage),
        "",
        "## Every model, simulated market",
        "",
        HEAD,
        *(model_row(kind, one.whole) for kind, one in made.models.items()),
        "",
    ]
    for kind, one in found.models.items():
        if kind == "base":
            continue
        lines += [
            f"## {kind} by year and by regime, real prices",
            "",
            PART_HEAD.format(part="year"),
        ]
        lines += [part_row(str(year), part) for year, part in one.years.items()]
        lines += ["", PART_HEAD.format(part="regime")]
        lines += [part_row(name.value, part) for name, part in one.regimes.items()]
        lines.append("")
    return "\n".join(lines)


def votes(one: Measures) -> bool:
    """Whether both skills lie above zero with their whole interval and said and came agree."""
    return min(one.skill.low, one.skill_alike.low) > VOTE_OVER and one.calibrated


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
    sampled = ", ".join(f"{number(one.most, 0)} ({one.kind})" for one in NETS)
    threads = ", ".join(f"{name}={os.environ.get(name, 'unset')}" for name in THREADS)
    about = (
        f"Models: {', '.join(chosen_words(kinds))}. Pooled by {found.how}: "
        f"{', '.join(f'{kind} {power:.2f}' for kind, power in found.shares.items())}. A fold's "
        f"network learns from a sample of at most {sampled} windows. Numeric threads inside a "
        f"job: 1 ({threads} outside)."
    )
    text = written(found, made, nothing_found(sim, sim_features), about)
    if said.out:
        said.out.write_text(text, encoding="utf-8")
    print(text)
    print(f"real prices {found.seconds:.0f} s, simulated {made.seconds:.0f} s")


def chosen_words(kinds: Sequence[str]) -> list[str]:
    """What a person calls the kinds asked for."""
    return [one.words for one in chosen(kinds)]


if __name__ == "__main__":
    main()
