"""A dead holder's lease is taken at once, a living one's is waited for, and doubt is life."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.desk.dealer import LEASE
from core.desk.holder import BOOT, PROC, is_gone, named, take_lease
from core.errors import LeaseLost
from core.store import lease
from tests.desk.morning import Morning

MINE = os.getpid()
tells = pytest.mark.skipif(
    not (PROC / BOOT).exists(), reason="this kernel does not tell when a process began"
)


def kernel(
    at: Path, *, state: str = "S", threads: int = 4, began: int = 7000, boot: str = "b1"
) -> Path:
    """A made /proc that shows this process as we want it."""
    (at / BOOT).parent.mkdir(parents=True, exist_ok=True)
    (at / BOOT).write_text(boot + "\n")
    (at / "self/ns").mkdir(parents=True, exist_ok=True)
    if not (at / "self/ns/pid").is_symlink():
        (at / "self/ns/pid").symlink_to("pid:[1]")
    (at / str(MINE)).mkdir(exist_ok=True)
    rest = ["0"] * 16 + [str(threads), "0", str(began), "0"]
    (at / str(MINE) / "stat").write_text(f"{MINE} (py (old) 3) {state} {' '.join(rest)}\n")
    return at


def test_a_name_says_process_host_boot_namespace_and_start(tmp_path: Path):
    name = named("worker", proc=kernel(tmp_path))
    assert name.startswith(f"worker-{MINE}@") and name.endswith("/b1/pid:[1]/7000")
    assert lease.short(name) == name.partition("/")[0]
    assert not is_gone(name, proc=tmp_path)


def test_a_process_id_that_was_given_out_again_is_another_process(tmp_path: Path):
    name = named("worker", proc=kernel(tmp_path, began=7000))
    assert is_gone(name, proc=kernel(tmp_path, began=7001))


@pytest.mark.parametrize(
    ("state", "threads", "gone"),
    [("R", 4, False), ("D", 1, False), ("T", 4, False), ("t", 1, False),
     ("Z", 1, True), ("Z", 3, False), ("X", 0, True)],
)  # fmt: skip
def test_only_a_process_without_a_living_thread_is_dead(
    tmp_path: Path, state: str, threads: int, gone: bool
):
    name = named("worker", proc=kernel(tmp_path))
    assert is_gone(name, proc=kernel(tmp_path, state=state, threads=threads)) is gone


def test_a_free_process_id_is_proof_only_in_the_same_boot_and_namespace(tmp_path: Path):
    free = subprocess.Popen([sys.executable, "-c", ""])
    free.wait()
    here = kernel(tmp_path)
    who = f"worker-{free.pid}@host"
    assert is_gone(f"{who}/b1/pid:[1]/7000", proc=here)
    assert not is_gone(f"{who}/b2/pid:[1]/7000", proc=here)  # another machine, or another boot
    assert not is_gone(f"{who}/b1/pid:[2]/7000", proc=here)  # another container
    for odd in (who, "worker-2", "", "worker-x@host/b1/pid:[1]/7000", f"{who}/b1/pid:[1]/then"):
        assert not is_gone(odd, proc=here)


def test_where_the_kernel_tells_nothing_nobody_is_proven_dead(tmp_path: Path):
    assert named("worker", proc=tmp_path) == lease.short(named("worker"))
    assert not is_gone("worker-1@host//", proc=tmp_path)
    here = kernel(tmp_path)
    name = named("worker", proc=here)
    (here / str(MINE) / "stat").write_text("hidden")
    assert not is_gone(name, proc=here)
    assert named("worker", proc=here) == lease.short(name)


SLEEPER = (
    "import time; from core.desk.holder import named; print(named('worker'), flush=True); "
    "time.sleep(60)"
)


@pytest.fixture
def other() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Another process, and its name as a holder."""
    child = subprocess.Popen(
        [sys.executable, "-c", SLEEPER], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    )
    assert child.stdout is not None
    try:
        yield child, child.stdout.readline().strip()
    finally:
        if child.poll() is None:
            os.kill(child.pid, signal.SIGKILL)
        child.wait(timeout=10)


def held_by(morning: Morning, holder: str, *, seconds: float = 600.0) -> int:
    with morning.desk.store.write() as tx:
        lease.acquire(tx, LEASE, "first", monotonic=0.0, seconds=0.0)
        return lease.acquire(tx, LEASE, holder, monotonic=time.monotonic(), seconds=seconds)


@tells
def test_a_killed_workers_lease_is_taken_at_once_with_a_higher_fence(morning: Morning, other):
    child, name = other
    fence = held_by(morning, name)
    os.kill(child.pid, signal.SIGKILL)
    while not is_gone(name):  # though its parent has not heard of it yet
        time.sleep(0.01)
    assert take_lease(morning.desk, named("worker"), wait_seconds=0) == fence + 1
    with pytest.raises(LeaseLost), morning.desk.store.write() as tx:
        lease.renew(tx, LEASE, name, fence, time.monotonic())


@tells
def test_a_stopped_worker_is_alive_and_its_lease_is_waited_for(morning: Morning, other):
    child, name = other
    fence = held_by(morning, name)
    os.kill(child.pid, signal.SIGSTOP)
    with pytest.raises(LeaseLost, match=rf"worker-{child.pid}@\S+ holds the dealer lease"):
        take_lease(morning.desk, named("worker"), wait_seconds=0)
    held_by(morning, name, seconds=0.0)  # run out
    assert take_lease(morning.desk, named("worker"), wait_seconds=0) > fence


def test_another_hosts_lease_is_waited_for(morning: Morning):
    held_by(morning, "worker-1@elsewhere/another-boot/pid:[1]/77")
    with pytest.raises(LeaseLost, match="worker-1@elsewhere holds"):
        take_lease(morning.desk, named("worker"), wait_seconds=0)
