"""How many threads the worker's numeric libraries take, as it noted when it started.

Two that wait for each other on two cores take many times as long as one, so one is chosen
wherever Munim starts, and a training takes one whatever was chosen.
"""

from __future__ import annotations

from collections.abc import Mapping

from core.desk.desk import Desk
from core.domain.words import counted
from core.store import settings

KEY = "worker:threads"
NAMES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
TRAINING = "a training takes 1 thread at a time"


def note_threads(desk: Desk, environment: Mapping[str, str], *, cores: int) -> None:
    """Keep what a worker was started with."""
    found = {name: environment.get(name, "") for name in NAMES}
    with desk.store.write() as tx:
        settings.put(tx, KEY, {"cores": cores, **found})


def threads_said(desk: Desk) -> tuple[bool, str]:
    """Whether every library takes one thread, and a sentence on it."""
    with desk.store.read() as tx:
        noted = settings.get(tx, KEY)
    if noted is None:
        return True, f"noted once the worker starts; {TRAINING}"
    cores = counted(noted["cores"], "core")
    other = [f"{name}={noted[name] or 'unset'}" for name in NAMES if noted[name] != "1"]
    if other:
        return False, (
            f"{', '.join(other)} in the worker, so numeric libraries may fight over {cores}; "
            f"make run sets 1; {TRAINING}"
        )
    return True, f"1 for each numeric library in the worker, on {cores}; {TRAINING}"
