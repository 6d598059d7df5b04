"""Jobs on a Dask cluster: which one is trusted, who takes part, and what is said when it fails.

Dask sends functions and results as pickles, which run code wherever they are read. Whoever holds
the scheduler, a worker or the wire between can do on this machine what its owner can. So a plain
address is taken on this machine alone; elsewhere it is TLS, with the owner's own certificates as
Dask's settings (`distributed.comm.tls`) name them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from ipaddress import ip_address
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

from core.errors import BadInput, SourceFailed
from core.models.made_by import made_by
from core.models.port import Learner

ANSWERS_WITHIN = 10  # seconds
WITHOUT_WORKERS = 30  # seconds; then the sweep gives up
LOOKED_AT_EVERY = 2.0  # seconds
PLAIN, ENCRYPTED = ("", "tcp"), ("tls",)
HERE = ("localhost", "127.0.0.1", "::1")
START = "dask worker ADDRESS --nthreads 1 --nworkers 2"


@contextmanager
def on_cluster(
    address: str, learners: Sequence[Learner], sent_once: Sequence[object]
) -> Iterator[None]:
    """Jobs go to the workers of a Dask scheduler.

    Raises:
        BadInput: an address not to be trusted, none that answers, no worker, or workers that run
            other code or packages than this desk.
        SourceFailed: the cluster was lost while jobs ran.
    """
    trusted(address)
    try:
        from distributed import Client, KilledWorker
        from distributed.comm.core import CommClosedError
    except ImportError:
        raise BadInput(
            "a cluster needs the package distributed; install requirements-cluster.txt or leave "
            "--cluster out"
        ) from None
    from joblib import parallel_config

    client = _connected(Client, address)
    stopped = Event()
    try:
        _same_munim(client, address, learners)
        Thread(target=_watch, args=(client, stopped), daemon=True).start()
        with parallel_config(backend="dask", client=client, scatter=list(sent_once)):
            yield
    except (CancelledError, KilledWorker, CommClosedError, TimeoutError) as lost:
        raise SourceFailed(
            f"the cluster at {address} was lost ({type(lost).__name__}); what it had done is "
            "kept, so ask again once it is back, or leave --cluster out"
        ) from lost
    finally:
        stopped.set()
        client.close(timeout=ANSWERS_WITHIN)


def trusted(address: str) -> None:
    """Raises BadInput for an address that is neither on this machine nor encrypted."""
    scheme, _, rest = address.rpartition("://")
    host = urlsplit(f"//{rest}").hostname or ""
    if scheme in ENCRYPTED or (scheme in PLAIN and _is_here(host)):
        return
    raise BadInput(
        f"the cluster at {address} is neither on this machine nor behind TLS, and whoever is "
        "between could run code here; give tls://HOST:PORT with certificates in Dask's settings, "
        "or reach it through a tunnel to 127.0.0.1"
    )


def _is_here(host: str) -> bool:
    if host in HERE:
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _connected(client: Any, address: str) -> Any:
    try:
        return client(address, timeout=f"{ANSWERS_WITHIN}s", set_as_default=False)
    except (OSError, ValueError) as wrong:
        raise BadInput(
            f"no Dask scheduler answers at {address} within {ANSWERS_WITHIN} s; start one with "
            "dask scheduler, or leave --cluster out"
        ) from wrong
    except TypeError as wrong:
        raise BadInput(
            f"the cluster at {address} is encrypted and Dask's settings name no certificates; set "
            "distributed.comm.tls.ca-file and distributed.comm.tls.client"
        ) from wrong


def _same_munim(client: Any, address: str, learners: Sequence[Learner]) -> None:
    """Other code or packages give other scores, so every worker is asked what it runs."""
    found = client.run(made_by, list(learners), on_error="return")
    if not found:
        raise BadInput(f"the cluster at {address} has no worker; start one with {START}")
    ours = made_by(learners)
    other = sorted(name for name, said in found.items() if said != ours)
    if other:
        raise BadInput(
            f"{len(other)} of {len(found)} workers of the cluster at {address} run another Munim "
            f"or other packages than this desk ({other[0]}); install the same there"
        )


def _watch(client: Any, stopped: Event) -> None:
    """Close a client whose last worker has been gone for a while: its jobs would wait for ever."""
    alone = 0.0
    while not stopped.wait(LOOKED_AT_EVERY):
        try:
            there = bool(client.scheduler_info()["workers"])
        except OSError:  # the scheduler went, which the jobs' own wait tells
            return
        alone = 0.0 if there else alone + LOOKED_AT_EVERY
        if alone >= WITHOUT_WORKERS:
            client.close(timeout=ANSWERS_WITHIN)
            return
