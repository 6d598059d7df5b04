"""Run one of the desk's processes and start it again when it dies.

    python -m tools.keep MODULE

Honcho stops everything when one process ends, and the worker must outlive the page. So each line
of the Procfile keeps its own process up. Exit 0 and exit 2 (a sentence about a setting) are taken
as meant and passed on.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time

MEANT = (0, 2)
STEADY_SECONDS = 60.0  # a process that ran this long starts again without a longer wait
WAIT_SECONDS_MAX = 30.0


def keep(command: list[str], *, name: str) -> int:
    """Run `command` until it ends as meant or a signal stops it; returns its exit code."""
    stopping = threading.Event()
    wait_seconds = 1.0
    for number in (signal.SIGTERM, signal.SIGINT):
        # The signal goes to the whole group, so the child has it already.
        signal.signal(number, lambda *_: stopping.set())
    while not stopping.is_set():
        started = time.monotonic()
        code = subprocess.Popen(command).wait()
        if stopping.is_set():
            break
        if code in MEANT:
            return code
        if time.monotonic() - started > STEADY_SECONDS:
            wait_seconds = 1.0
        end = f"signal {-code}" if code < 0 else f"exit {code}"
        print(f"{name} ended ({end}); starting it again in {wait_seconds:.0f} s", flush=True)
        stopping.wait(wait_seconds)
        wait_seconds = min(2 * wait_seconds, WAIT_SECONDS_MAX)
    return 0


if __name__ == "__main__":
    module = sys.argv[1]
    sys.exit(keep([sys.executable, "-m", module], name=module))
