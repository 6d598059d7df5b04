"""A process that dies starts again; one that ended as meant does not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def kept(tmp_path):
    """Start `tools.keep` over a module with the given body; every start adds its pid to a file."""
    started: list[subprocess.Popen[str]] = []

    def start(body: str) -> tuple[subprocess.Popen[str], Path]:
        pids = tmp_path / "pids"
        note = f"import os, time\nopen({str(pids)!r}, 'a').write(f'{{os.getpid()}}\\n')\n"
        (tmp_path / "module_kept.py").write_text(note + body)
        process = subprocess.Popen(
            [sys.executable, "-m", "tools.keep", "module_kept"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process, pids

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def pids_when(pids: Path, *, count: int) -> list[int]:
    for _ in range(300):
        found = pids.read_text().split() if pids.exists() else []
        if len(found) >= count:
            return [int(pid) for pid in found]
        time.sleep(0.05)
    raise AssertionError(f"{len(found)} starts after 15 s, expected {count}")


def test_a_killed_process_starts_again_and_a_signal_ends_both(kept):
    keeper, pids = kept("time.sleep(60)")
    os.kill(pids_when(pids, count=1)[0], signal.SIGKILL)
    pids_when(pids, count=2)
    os.killpg(keeper.pid, signal.SIGTERM)
    out, _ = keeper.communicate(timeout=20)
    assert keeper.returncode == 0
    assert "module_kept ended (signal 9); starting it again in 1 s" in out


@pytest.mark.parametrize("code", [0, 2])
def test_an_end_that_was_meant_is_passed_on(kept, code):
    keeper, pids = kept(f"raise SystemExit({code})")
    assert keeper.wait(timeout=20) == code
    assert len(pids.read_text().split()) == 1
