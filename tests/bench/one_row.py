"""How long each kind of model takes to score one row, and to say what moved it, in milliseconds.

`python -m tests.bench.one_row`; every kind is fitted on the same invented panel of 60 shares and
600 sessions, networks on 600 windows, which changes their weights and not their time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from core.features.compute import compute
from core.models.barriers import label
from core.models.cases import Cases
from core.models.job import one_thread
from core.models.learners import STANDARD, chosen
from core.models.nets import NetLearner
from core.models.port import Learner
from core.models.samples import sample
from tests.models.made import noise

TIMES = 51


def milliseconds(work: Callable[[], object]) -> float:
    """The median of some runs, after one that warms up."""
    work()
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - began))
    return float(np.median(taken))


def small(one: Learner) -> Learner:
    """The same on few windows."""
    return replace(one, most=600) if isinstance(one, NetLearner) else one


def main() -> None:
    """Fit, read back, and time."""
    panel = noise(seed=5, shares=60, sessions=600)
    features = compute(panel)
    learnt = sample(features, label(panel), until=590)
    row: Cases = learnt.cases.only(np.array([len(learnt) - 1]))
    whole, standard = 0.0, 0.0
    with one_thread():
        for one in chosen(["all"]):
            model = one.read(small(one).fit(learnt, seed=7).files(), features.names)
            took = milliseconds(lambda model=model: model.scores(row))
            why = milliseconds(lambda model=model: model.leaning(row))
            whole, standard = whole + took, standard + took * (one.kind in STANDARD)
            print(f"{one.kind:12} {took:7.3f} ms   with what moved it {why:7.2f} ms", flush=True)
    print(f"{'all':12} {whole:7.3f} ms   the standard members {standard:.3f} ms")


if __name__ == "__main__":
    main()
