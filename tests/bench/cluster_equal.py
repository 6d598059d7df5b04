"""Trains on real prices here and on a Dask cluster of this machine, and holds the figures equal.

`python -m tests.bench.cluster_equal [--models lgbm,forest,logistic,gru] [--workers 2]
[--threads 1]`; real prices are read from shared/data beside the repository. Every score, every
probability and every measure must be equal to the bit; it exits 1 where one is not.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from distributed import LocalCluster

from core.features.compute import FeaturePanel, compute
from core.models.barriers import Labels, label
from core.models.learners import chosen
from core.models.measures import measure
from core.models.pool import Pooled, pool_members
from core.models.sweep import SideBySide, fingerprint_of
from core.models.walk import Judged
from core.panel import Panel
from tests.bench.model_report import year_bounds
from tests.bench.show_actions import REAL
from tests.bench.sim_against_real import real

MODELS = "lgbm,forest,logistic,gru"


def walked(
    panel: Panel, features: FeaturePanel, labels: Labels, kinds: Sequence[str], sweep: SideBySide
) -> tuple[Pooled, float]:
    """The members and their pool walking forward year by year, and the seconds it took."""
    began = time.perf_counter()
    pooled = pool_members(
        features,
        labels,
        panel,
        learners=chosen(kinds),
        sweep=sweep,
        bounds=year_bounds(panel),
        progress=lambda share, words: print(f"  {share:6.1%} {words}", flush=True),
    )
    return pooled, time.perf_counter() - began


def differences(here: Pooled, there: Pooled, panel: Panel) -> list[str]:
    """What is not equal to the bit, named; nothing where everything is."""
    pairs = {
        **{kind: (one, there.by_kind[kind]) for kind, one in here.by_kind.items()},
        "pool": (here.judged, there.judged),
    }
    found = [f"{name}: {what}" for name, pair in pairs.items() for what in _unlike(*pair, panel)]
    return found + ([] if here.blend == there.blend else ["pool: exponents"])


def _unlike(one: Judged, other: Judged, panel: Panel) -> list[str]:
    parts: dict[str, tuple[Any, Any]] = {
        "scores": (one.cases.raw, other.cases.raw),
        "probabilities": (one.p, other.p),
        "base rates": (one.base, other.base),
    }
    unlike = [name for name, (a, b) in parts.items() if not np.array_equal(a, b)]
    told, again = asdict(measure(one, panel)), asdict(measure(other, panel))
    return unlike + [name for name in told if repr(told[name]) != repr(again[name])]


def main() -> int:
    """Train twice and compare."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--models", default=MODELS)
    asked.add_argument("--workers", type=int, default=2)
    asked.add_argument("--threads", type=int, default=1, help="of each worker")
    said = asked.parse_args()
    kinds = said.models.split(",")
    panel = real(REAL)[0]
    features, labels = compute(panel), label(panel)
    print(f"{len(panel.isins)} shares, {len(panel.sessions)} sessions of real prices")
    print(f"data {fingerprint_of(features, labels)[:16]}\nhere, one process")
    here, alone = walked(panel, features, labels, kinds, SideBySide(workers=1))
    print(f"on a cluster of {said.workers} workers with {said.threads} threads each")
    with LocalCluster(
        n_workers=said.workers,
        threads_per_worker=said.threads,
        host="127.0.0.1",
        dashboard_address=None,
    ) as cluster:
        there, shared = walked(
            panel, features, labels, kinds, SideBySide(cluster=cluster.scheduler_address)
        )
    unlike = differences(here, there, panel)
    whole = measure(here.judged, panel)
    print(f"here {alone:.0f} s, on the cluster {shared:.0f} s")
    print(f"pool: skill {whole.skill.skill:+.6%}, rank IC {whole.ic.value:+.6f}, n {whole.n}")
    print(f"not equal: {'; '.join(unlike)}" if unlike else "every figure is equal to the bit")
    return 1 if unlike else 0


if __name__ == "__main__":
    sys.exit(main())
