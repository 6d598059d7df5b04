"""Loads brokers' instrument masters into the desk's search."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.desk.desk import Desk
from core.domain.listed import MasterLoad
from core.errors import BadInput
from core.providers.masters import read_master
from core.store import audit, masters


def load_masters(
    desk: Desk, files: Sequence[Path], *, broker: str = "", by: str
) -> list[MasterLoad]:
    """Read every file, then replace what each broker listed at each exchange.

    A broken file refuses all of them, so that a search never mixes half a master in.
    """
    if not files:
        raise BadInput("no master was named; give one or more files of Kite, Upstox, Fyers, Angel")
    read = [(path.name, read_master(path, broker=broker)) for path in files]
    done: list[MasterLoad] = []
    for name, listed in read:
        done += masters.put_masters(desk.home, listed, file=name, at=desk.clock.now())
    with desk.store.write() as tx:
        body = {f"{one.broker} {one.exchange}": one.rows for one in done}
        audit.append(
            tx, at=desk.clock.now(), actor=by, verb="load masters", subject="masters", body=body
        )
    return done
