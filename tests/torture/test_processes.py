"""Real processes that are killed, stopped and starved, and the soak's first seeds."""

from __future__ import annotations

import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from core.config import Settings
from core.desk.kill_file import level_in_file, told_in_file
from core.domain.clock import AnchoredClock
from core.domain.order import OrderStatus
from core.domain.risk import KillLevel
from core.errors import ApprovalRefused
from core.store import migrate
from core.store.engine import Store, connect
from core.store.migrate import HEAD, revision
from jobs.__main__ import why_spoiled
from tests.desk.morning import a_card
from tests.spoil import spoil
from tests.torture import soak
from tests.torture.stage import Stage, stage_on

ROOT = Path(__file__).resolve().parents[2]
SMALL = 5


@contextmanager
def worker(
    stage: Stage, clock: AnchoredClock, holder: str = "worker"
) -> Iterator[subprocess.Popen]:
    """A worker process that has recovered; it is killed when the block ends."""
    command = [
        sys.executable, "-m", "tests.torture.worker", str(stage.desk.home), holder,
        clock.market_at.isoformat(), str(clock.anchor),
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.wait(timeout=10)


def started(process: subprocess.Popen[str]) -> None:
    """Wait until a worker has recovered."""
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "working"


@pytest.fixture
def outside(store: Store, desk_home: Path) -> tuple[Stage, AnchoredClock]:
    """A stage whose worker is another process; its clock runs with the machine's."""
    stage = stage_on(store, desk_home)
    stage.broker.close()
    clock = AnchoredClock(stage.clock.now(), time.monotonic())
    stage.desk = replace(stage.desk, clock=clock)
    stage.clock = clock  # type: ignore[assignment]
    return stage, clock


def stop_between_writes(process: subprocess.Popen[str], stage: Stage) -> None:
    """Stop a worker that does not hold the store's lock; one that does would stop everybody."""
    path = stage.desk.store.url.removeprefix("sqlite:///")
    for _ in range(50):
        os.kill(process.pid, signal.SIGSTOP)
        time.sleep(0.05)
        db = sqlite3.connect(path, isolation_level=None, timeout=0.1)
        try:
            db.execute("BEGIN IMMEDIATE")
            db.execute("ROLLBACK")
            return
        except sqlite3.OperationalError:
            os.kill(process.pid, signal.SIGCONT)
            time.sleep(0.03)
        finally:
            db.close()
    raise AssertionError("the worker held the lock each time it was stopped")


def click(stage: Stage, name: str) -> bool:
    """Approve a small card where the price lets it through."""
    small = (replace(a_card(stage.clock).legs[0], qty=SMALL),)
    try:
        stage.another(name, legs=small)
    except ApprovalRefused:
        return False
    return True


@pytest.mark.slow
def test_a_worker_killed_again_and_again_loses_and_doubles_nothing(
    outside: tuple[Stage, AnchoredClock],
):
    stage, clock = outside
    chance = random.Random(50)
    clicked = 0
    for life in range(7):
        with worker(stage, clock) as process:
            started(process)
            ends = time.monotonic() + chance.uniform(0.4, 1.1)
            while time.monotonic() < ends:
                clicked += click(stage, f"cd{life}-{clicked}")
                time.sleep(chance.uniform(0.05, 0.2))
    with worker(stage, clock) as process:
        started(process)
        time.sleep(3)
    assert clicked >= 10
    assert stage.judge() == []
    ended = {order.status for order in stage.orders()}
    assert ended <= {OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.UNKNOWN}
    assert OrderStatus.FILLED in ended


@pytest.mark.slow
def test_a_worker_stopped_past_its_lease_is_fenced_off_when_it_goes_on(
    outside: tuple[Stage, AnchoredClock],
):
    stage, clock = outside
    with worker(stage, clock, "one") as first:
        started(first)
        stop_between_writes(first, stage)
        with worker(stage, clock, "two") as second:
            started(second)
            assert click(stage, "cd1")
            deadline = time.monotonic() + 10
            while stage.orders()[0].status is not OrderStatus.FILLED:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            os.kill(first.pid, signal.SIGCONT)
            assert first.wait(timeout=10) == 3
            time.sleep(0.5)
    assert len(stage.orders()) == 1
    assert stage.judge() == []


@pytest.mark.slow
def test_a_migration_cut_off_in_the_middle_leaves_the_old_tables_and_goes_through_again(
    tmp_path: Path,
):
    url = f"sqlite:///{tmp_path / 'new.db'}"
    cut = (
        "import os, sys; from sqlalchemy import event; from core.store.engine import connect;"
        "from core.store import migrate; engine = connect(sys.argv[1]); seen = [0]\n"
        "def count(connection, cursor, statement, *rest):\n"
        "    seen[0] += statement.lstrip().upper().startswith('CREATE TABLE')\n"
        "    if seen[0] == int(sys.argv[2]): os._exit(9)\n"
        "event.listen(engine, 'before_cursor_execute', count); migrate.upgrade(engine)"
    )
    for tables in ("3", "20"):
        done = subprocess.run([sys.executable, "-c", cut, url, tables], cwd=ROOT, timeout=60)
        assert done.returncode == 9
        engine = connect(url)
        with engine.connect() as connection:
            assert revision(connection) is None
            names = connection.execute(text("SELECT count(*) FROM sqlite_master")).scalar()
        engine.dispose()
        assert names == 0
    engine = connect(url)
    migrate.upgrade(engine)
    with engine.connect() as connection:
        assert revision(connection) == HEAD
    engine.dispose()


def test_a_spoiled_page_is_found_by_the_integrity_check(store: Store, desk_home: Path):
    assert why_spoiled(Settings(home=desk_home, database_url=store.url)) == ""  # whole as yet
    assert level_in_file(desk_home) is KillLevel.NORMAL
    stage = stage_on(store, desk_home)
    stage.bought()
    path = Path(store.url.removeprefix("sqlite:///"))
    store.close()
    spoil(path)
    settings = Settings(home=desk_home, database_url=store.url)
    assert re.search(r"nothing is sent .* docs/restore.md says", why_spoiled(settings))
    assert level_in_file(desk_home) is KillLevel.PAUSE
    assert "fails its check" in told_in_file(desk_home)
    assert stage.paper.holdings() != {}  # what the broker holds can still be shown
    stage.broker.close()


@pytest.mark.parametrize("seed", range(1, 11))
def test_ten_seeds_of_the_soak_break_nothing(tmp_path: Path, seed: int):
    played = soak.play(seed, tmp_path / str(seed))
    assert (played.violations, played.oversold, played.naked) == ([], 0, 0), played.script


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 6))
def test_five_seeds_over_kite_break_nothing(tmp_path: Path, seed: int):
    played = soak.play(seed, tmp_path / str(seed), dialect="kite")
    assert (played.violations, played.oversold) == ([], 0), played.script
