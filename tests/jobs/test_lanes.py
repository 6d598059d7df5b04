"""A lane's child process: warm between pieces of work, and replaced when it dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import psutil
import pytest

from jobs.lanes import Lane
from tests.jobs.works import die, which_process

FROM_HERE = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}


def test_a_lane_keeps_one_warm_child_and_replaces_it_when_it_dies():
    lane = Lane("test", nice=0)
    try:
        first = lane.submit(which_process).result(timeout=120)
        assert first != str(os.getpid())
        assert lane.submit(which_process).result(timeout=120) == first
        with pytest.raises(BrokenProcessPool):
            lane.submit(die).result(timeout=120)
        second = lane.submit(which_process).result(timeout=120)
        assert second != first
    finally:
        lane.close()


WORKER = """
import time
from jobs.lanes import Lane
from tests.jobs.works import which_process
if __name__ == "__main__":
    print(Lane("test", nice=0).submit(which_process).result(timeout=120), flush=True)
    time.sleep(120)
"""


def runs(pid: int) -> bool:
    """Whether a process is there and has not ended unheard."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_child_ends_with_a_worker_that_is_killed(tmp_path: Path):
    script = tmp_path / "worker.py"
    script.write_text(WORKER)
    worker = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, env=FROM_HERE
    )
    try:
        child = int(worker.stdout.readline())
        assert runs(child)
        worker.send_signal(signal.SIGKILL)
        worker.wait(timeout=30)
        deadline = time.monotonic() + 30.0
        while runs(child) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not runs(child)
    finally:
        worker.kill()
