"""Which columns models should learn from: a few sets, fixed beforehand, measured out of sample.

`python -m tests.bench.feature_sets SHELF [--only MARKET]`; real prices are read from shared/data
beside the repository. A set is chosen on real sessions up to 2023 and on simulated seeds 1 and 7;
sessions from 2024 on and seed 42 confirm it. It replaces the columns in use only where the pool of
both models then gains over them with its whole interval on real prices, loses nothing on seed 42,
and does not know less of which way a share goes. What is done is kept on the shelf, until a column
of the set is another or means something else.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import resource
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import numpy as np

from core.features.beside import Beside
from core.features.compute import FeaturePanel, compute
from core.features.regime import market_returns, regimes
from core.features.table import FEATURES, MODEL_NAMES, WORDS
from core.models.barriers import Labels, label
from core.models.blend import blend_forward
from core.models.calibrate import Skill, skill_of
from core.models.job import Done, Job, run_job
from core.models.learners import chosen
from core.models.measures import measure
from core.models.samples import APART
from core.models.sweep import Progress
from core.models.walk import SEED, Judged, Unseen, judge, walk_forward
from core.panel import Panel
from core.providers.calendar_file import load_calendar
from core.providers.universe_file import load_universe
from tests.bench.model_report import year_bounds
from tests.bench.model_report_words import figure, skill
from tests.bench.show_actions import REAL
from tests.bench.sim_against_real import FILES, real, simulated

KINDS = ("lgbm", "logistic")
POOL = "pool"
REAL_MARKET, SEEDS = "real", (1, 7, 42)
CHOSEN_UPTO = 2023
FIRST = "28 in use"
MEANT = (
    *("ret_120", "ret_change_20", "overnight_20", "up_share_20", "stoch_k"),
    *("slope_60", "straight_60", "efficiency_10", "di_gap_14", "sma_50_200"),
    *("yang_zhang_20", "vol_of_vol_60", "vol_place_120", "vol_down_20", "drawdown_60", "worst_20"),
    *("squeeze_20", "channel_pos_55", "high_age_60"),
    *("cmf_20", "vwap_gap_20", "illiquidity_20_120"),
    *("variance_ratio_5", "kurtosis_60"),
    *("rank_mom_12_1", "rank_atr_pct", "breadth_50", "spread_20"),
    *("beta_60", "index_vol_20", "week_rsi_14", "month_ret_3"),
)


def _groups(*groups: str) -> tuple[str, ...]:
    """The columns in use and, after them, whole groups."""
    more = (one.name for one in FEATURES if one.group in groups and one.name not in MODEL_NAMES)
    return (*MODEL_NAMES, *more)


SETS: dict[str, tuple[str, ...]] = {
    FIRST: MODEL_NAMES,
    "and weeks and months": _groups("longer"),
    "and against others": _groups("against others"),
    "60 by meaning": (*MODEL_NAMES, *MEANT),
    "four whole families": _groups("momentum", "volatility", "volume", "against others"),
    "every column": _groups(*{one.group for one in FEATURES}),
}


@dataclass(frozen=True, slots=True)
class Cost:
    """What a walk with one set took; seconds of fitting and scoring by kind."""

    fitting: dict[str, float]
    features: float
    table_mib: float
    peak_mib: float


@dataclass(frozen=True, slots=True)
class Timed:
    """Jobs one by one, with the processor's seconds each kind took."""

    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def __call__(
        self,
        features: FeaturePanel,
        labels: Labels,
        jobs: Sequence[Job],
        *,
        seed: int,
        progress: Progress,
    ) -> list[Done]:
        """Each job's scores."""
        found = []
        for job in jobs:
            begun = time.process_time()
            found.append(run_job(features, labels, job, seed))
            self.seconds[job.learner.kind] += time.process_time() - begun
        return found


def panel_of(market: str) -> Panel:
    """Real prices, or the simulated market of a seed."""
    return real(REAL)[0] if market == REAL_MARKET else next(simulated((int(market),)))


def beside_of(panel: Panel) -> Beside:
    """The mean of the shares as index, today's sectors and holidays; nothing else."""
    sectors = {one.isin: one.sector for one in load_universe(FILES / "universe.csv")}
    return Beside(
        index=np.append(1.0, np.cumprod(1.0 + market_returns(panel))),
        sectors=tuple(sectors.get(isin, "") for isin in panel.isins),
        calendar=load_calendar(FILES / "calendar.json"),
    )


def walk(market: str, name: str, place: Path) -> None:
    """Walk forward with one set and keep what was said of each case, and what it took."""
    panel = panel_of(market)
    begun = time.process_time()
    features = compute(panel, beside=beside_of(panel), names=SETS[name])
    computed = time.process_time() - begun
    timed = Timed()
    bounds = year_bounds(panel) if market == REAL_MARKET else ()
    unseen = walk_forward(
        features,
        label(panel),
        learners=chosen(KINDS),
        progress=lambda _share, _words: None,
        sweep=timed,
        bounds=bounds,
    )
    by_kind = {kind: judge(found) for kind, found in unseen.items()}
    raw, _ = blend_forward(unseen, by_kind, regimes(panel))
    by_kind[POOL] = judge(replace(unseen[KINDS[0]], raw=raw))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cost = {
        "fitting": dict(timed.seconds),
        "features": computed,
        "table_mib": features.values.nbytes / 2**20,
        "peak_mib": peak,
    }
    parts = {f"{kind}.{one}": getattr(found, one) for kind, found in by_kind.items()
             for one in ("p", "base", "alike", "strong")}  # fmt: skip
    cases = {one.name: getattr(by_kind[POOL].cases, one.name) for one in fields(Unseen)}
    np.savez(place.with_suffix(".half.npz"), **parts, **cases)
    place.with_suffix(".json").write_text(json.dumps(cost), encoding="utf-8")
    place.with_suffix(".half.npz").replace(place)


def place_of(market: str, name: str, shelf: Path) -> Path:
    """Where a walk is kept: by its columns and their versions."""
    columns = "|".join(f"{one} {WORDS[one].version}" for one in SETS[name])
    print_of = hashlib.sha256(columns.encode()).hexdigest()[:8]
    return shelf / f"{market}-{name.replace(' ', '-')}-{print_of}.npz"


def walked(market: str, name: str, shelf: Path) -> tuple[dict[str, Judged], Cost]:
    """What is on the shelf, after it was put there by a process of its own."""
    place = place_of(market, name, shelf)
    if not place.is_file():
        shelf.mkdir(parents=True, exist_ok=True)
        apart = multiprocessing.get_context("spawn").Process(
            target=walk, args=(market, name, place)
        )
        apart.start()
        apart.join()
        if apart.exitcode:
            raise RuntimeError(f"{name} on {market} ended with {apart.exitcode}")
    kept = np.load(place, allow_pickle=False)
    cases = Unseen(**{one.name: kept[one.name] for one in fields(Unseen)})
    judged = {
        kind: Judged(cases, *(kept[f"{kind}.{one}"] for one in ("p", "base", "alike", "strong")))
        for kind in (*KINDS, POOL)
    }
    return judged, Cost(**json.loads(place.with_suffix(".json").read_text(encoding="utf-8")))


def part_of(found: Judged, keep: np.ndarray) -> Judged:
    """Some of the judged cases."""
    return Judged(found.cases.only(keep), found.p[keep], found.base[keep], found.alike[keep],
                  found.strong[keep])  # fmt: skip


def gain(found: Judged, usual: Judged) -> Skill:
    """Skill of one set's odds over those of the columns in use, on the same cases."""
    for part in ("session", "share"):
        if not np.array_equal(getattr(found.cases, part), getattr(usual.cases, part)):
            raise ValueError("the sets were scored on different cases")
    hits = found.cases.outcome == 1
    return skill_of(found.p, usual.p, hits, found.cases.session, apart=APART, seed=SEED)


def parts(market: str, panel: Panel, cases: Unseen) -> dict[str, np.ndarray]:
    """Which cases choose and which confirm, by what a person calls them."""
    if market != REAL_MARKET:
        part = "confirming" if int(market) == SEEDS[-1] else "choosing"
        return {f"{part}: seed {market}": np.ones(len(cases.session), bool)}
    years = np.array([day.year for day in panel.sessions])[cases.session]
    return {
        f"choosing: real up to {CHOSEN_UPTO}": years <= CHOSEN_UPTO,
        f"confirming: real from {CHOSEN_UPTO + 1}": years > CHOSEN_UPTO,
    }


HEAD = (
    "| set | columns | pool, Brier skill over the base rate, % | over as likely, % | rank IC | "
    "pool's gain over the 28, % | lgbm's gain | logistic's gain | fitting, s | peak, MiB |\n"
    "|---|---|---|---|---|---|---|---|---|---|"
)


def row(name: str, found: dict[str, Judged], usual: dict[str, Judged], cost: Cost,
        panel: Panel) -> str:  # fmt: skip
    """One set's line for one part."""
    figures = measure(found[POOL], panel)
    gains = [_said(gain(found[kind], usual[kind])) for kind in (POOL, *KINDS)]
    fitting = " + ".join(f"{cost.fitting[kind]:.1f}" for kind in KINDS)
    cells = [name, str(len(SETS[name])), skill(figures), skill(figures, "skill_alike"),
             figure(figures.ic), *gains, fitting, f"{cost.peak_mib:.0f}"]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _said(one: Skill) -> str:
    return f"{100 * one.skill:+.2f} ({100 * one.low:+.2f} to {100 * one.high:+.2f})"


@dataclass(frozen=True, slots=True)
class Gained:
    """What a set's pool gained over the columns in use in one part."""

    part: str
    gain: Skill
    alike: float  # skill over shares as likely, less that of the columns in use


def gained(part: str, found: Judged, usual: Judged) -> Gained:
    """One set against the columns in use."""
    alike = [
        skill_of(one.p, one.alike, one.cases.outcome == 1, one.cases.session, apart=APART,
                 seed=SEED).skill
        for one in (found, usual)
    ]  # fmt: skip
    return Gained(part, gain(found, usual), alike[0] - alike[1])


def verdict(gains: dict[str, list[Gained]]) -> str:
    """Which set the choosing parts name, and whether the confirming parts bear it out."""
    mean = {
        name: float(np.mean([one.gain.skill for one in each if one.part.startswith("choosing")]))
        for name, each in gains.items()
    }
    best = max(mean, key=mean.__getitem__)
    lines = [f"  {name}: {100 * value:+.3f} %" for name, value in mean.items()]
    lines = ["mean gain of the pool on the choosing parts:", *lines, f"chosen: {best}"]
    if best == FIRST:
        return "\n".join([*lines, "the columns in use stay"])
    later = [one for one in gains[best] if one.part.startswith("confirming")]
    lines += [f"  {one.part}: {_said(one.gain)} %, over as likely {100 * one.alike:+.2f}"
              for one in later]  # fmt: skip
    there = [one for one in later if REAL_MARKET in one.part]
    kept = (
        all(one.gain.low > 0 for one in there)
        and all(one.gain.skill >= 0 for one in later)
        and all(one.alike >= 0 for one in later)
    )
    return "\n".join([*lines, "confirmed" if kept else "not confirmed: the columns in use stay"])


def main() -> None:
    """Walk what has not been walked, then print a table for each part and the verdict."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("shelf", type=Path)
    asked.add_argument("--only", default="")
    said = asked.parse_args()
    gains: dict[str, list[Gained]] = defaultdict(list)
    for market in (said.only,) if said.only else (*map(str, SEEDS[:-1]), REAL_MARKET, "42"):
        panel, usual = panel_of(market), walked(market, FIRST, said.shelf)[0]
        rows: dict[str, list[str]] = defaultdict(list)
        for name in SETS:
            found, cost = walked(market, name, said.shelf)
            for part, keep in parts(market, panel, usual[POOL].cases).items():
                here = {kind: part_of(one, keep) for kind, one in found.items()}
                there = {kind: part_of(one, keep) for kind, one in usual.items()}
                rows[part].append(row(name, here, there, cost, panel))
                gains[name].append(gained(part, here[POOL], there[POOL]))
        for part, lines in rows.items():
            print("\n".join(["", part, "", HEAD, *lines]), flush=True)
    if not said.only:
        print(f"\n{verdict(gains)}")


if __name__ == "__main__":
    main()
