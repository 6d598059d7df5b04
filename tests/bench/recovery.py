"""How long a desk with 500 open orders takes to open its floor after its worker was killed.

    python -m tests.bench.recovery [--orders 500] [--database URL]

A worker process of its own sends the orders, a tenth of them with the answer lost, leaves a few
intents unsent, and is killed with SIGKILL. Then the real worker, `python -m jobs`, is started and
timed until it says that it started. Counted afterwards: what became of every order, and that the
exchange has each of them once. SQLite in a scratch folder unless a database is named.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.backtest.bench_cards import NO_CAP, Stand, fill, first_moment
from core.backtest.bench_orders import REST_OVER
from core.desk.dealer import LEASE, LEASE_SECONDS
from core.desk.floor import Floor, open_floor
from core.desk.send import send_prepared
from core.domain.account import Market
from core.domain.order import Order
from core.store import lease, orders
from core.store.engine import Store, open_store

ROOT = Path(__file__).resolve().parents[2]
LOST_SHARE, UNSENT = 0.1, 5
RENEW_EVERY = 10  # orders between two renewals of the lease
READY_WITHIN, OPEN_WITHIN, ALIVE = 600.0, 120.0, 300.0  # seconds


class Gone(BaseException):
    """The answer of the broker finds nobody."""


class NoAnswer:
    """A session that places an order and never comes back."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def place(self, order: Order) -> str:
        self._session.place(order)
        raise Gone


def hold(count: int) -> int:
    """The worker that is to die: send, say so, and keep the lease until it is killed."""
    floor, _ = open_floor()
    floor.clock.jump_to(first_moment())
    desk = floor.desk
    made: Any = Stand(desk, floor.clock, floor.market.universe)  # type: ignore[arg-type]
    fill(desk, made.shares)
    floor.broker.on_quotes(made.prices(ask_over=REST_OVER))
    dealer = replace(floor.dealer, cap=NO_CAP)
    deaf = replace(dealer, sessions={name: NoAnswer(one) for name, one in dealer.sessions.items()})
    lost = int(count * LOST_SHARE)
    for number in range(count + UNSENT):
        made.order()
        if number % RENEW_EVERY == 0:
            _renew(floor)
        if number < count - lost:
            send_prepared(dealer)
        elif number < count:
            with suppress(Gone):
                send_prepared(deaf)
    floor.broker.save_clock(floor.clock.now())
    print("ready", flush=True)
    ends = time.monotonic() + ALIVE
    while time.monotonic() < ends:
        _renew(floor)
        time.sleep(1.0)
    return 1


def _renew(floor: Floor) -> None:
    with floor.desk.store.write() as tx:
        lease.renew(tx, LEASE, floor.dealer.holder, floor.dealer.fence, floor.clock.monotonic())


def kill_and_open(home: Path, count: int, url: str) -> dict[str, object]:
    """Let the first worker die and time the second; returns the figures."""
    environment = {
        **os.environ,
        "MUNIM_HOME": str(home),
        "DATABASE_URL": url,
        "MUNIM_MARKET": "sim",
    }
    began = time.monotonic()
    with _process(["tests.bench.recovery", "--hold", str(count)], environment) as (first, said):
        _wait_for(said, "ready", READY_WITHIN)
        filled = time.monotonic() - began
        store = open_store(url, Market.SIM)
        before = _statuses(store)
        first.send_signal(signal.SIGKILL)
        first.wait()
    killed = time.monotonic()
    fence = _fence(store)
    with _process(["jobs"], environment) as (second, said):
        taken: list[float] = []
        ended = threading.Event()
        watching = threading.Thread(target=_watch_fence, args=(store, fence, taken, ended))
        watching.start()
        _wait_for(said, "worker started", OPEN_WITHIN)
        opened = time.monotonic()
        ended.set()
        watching.join()
        second.send_signal(signal.SIGTERM)
        second.wait(60)
    after = _statuses(store)
    found = {
        "orders": count,
        "filling the desk, s": round(filled, 1),
        "killed to floor open, s": round(opened - killed, 2),
        "of it until the lease was taken, s": round(taken[0] - killed, 2),
        "lease taken to floor open, s": round(opened - taken[0], 2),
        "the dead worker's lease lasts, s": LEASE_SECONDS,
        "before": dict(before),
        "after": dict(after),
        "orders at the exchange": _at_the_exchange(home),
    }
    store.close()
    return found


def _statuses(store: Store) -> Counter[str]:
    with store.read() as tx:
        return Counter(one.status.value for one in orders.recent(tx, 100_000))


def _fence(store: Store) -> int:
    from sqlalchemy import select

    from core.store.tables_desk import leases

    with store.read() as tx:
        return int(tx.execute(select(leases.c.fence).where(leases.c.name == LEASE)).scalar_one())


def _watch_fence(store: Store, before: int, taken: list[float], ended: threading.Event) -> None:
    while not ended.is_set() and not taken:
        if _fence(store) != before:
            taken.append(time.monotonic())
        ended.wait(0.02)
    if not taken:
        taken.append(time.monotonic())


def _at_the_exchange(home: Path) -> dict[str, int]:
    """Orders in the exchange's own journal, and how many different tags they carry."""
    import sqlite3

    journal = sqlite3.connect(f"file:{home / 'exchange.db'}?mode=ro", uri=True)
    rows = journal.execute("SELECT body FROM journal WHERE kind = 'Accepted'").fetchall()
    journal.close()
    tags = [json.loads(body)["ticket"]["tag"] for (body,) in rows]
    return {"accepted": len(tags), "different tags": len(set(tags))}


@contextmanager
def _process(
    arguments: list[str], environment: dict[str, str]
) -> Iterator[tuple[subprocess.Popen[str], queue.Queue[str]]]:
    """A Python process of its own group, with its lines as they come; killed at the end."""
    part = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    lines: queue.Queue[str] = queue.Queue()

    def read() -> None:
        assert part.stdout is not None
        for line in part.stdout:
            lines.put(line)
        lines.put("")

    threading.Thread(target=read, daemon=True).start()
    try:
        yield part, lines
    finally:
        if part.poll() is None:
            os.killpg(part.pid, signal.SIGKILL)
        part.wait()


def _wait_for(lines: queue.Queue[str], words: str, seconds: float) -> None:
    ends, seen = time.monotonic() + seconds, []
    while True:
        try:
            line = lines.get(timeout=max(0.1, ends - time.monotonic()))
        except queue.Empty:
            raise SystemExit(f"no {words!r} within {seconds:.0f} s") from None
        seen.append(line)
        if words in line:
            return
        if not line:
            raise SystemExit(f"it ended before {words!r}: {''.join(seen[-20:])}")


def main() -> int:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.recovery")
    parser.add_argument("--orders", type=int, default=500)
    parser.add_argument("--database", default="")
    parser.add_argument("--hold", type=int, default=0, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.hold:
        return hold(asked.hold)
    with tempfile.TemporaryDirectory(prefix="munim-recovery-") as folder:
        home = Path(folder)
        url = asked.database or f"sqlite:///{home / 'munim.db'}"
        print(json.dumps(kill_and_open(home, asked.orders, url), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
