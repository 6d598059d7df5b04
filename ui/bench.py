"""The pages' script time and the two processes' memory, for `munim bench`.

    python -m ui.bench pages --home FOLDER
    python -m ui.bench memory --home FOLDER --minutes 30

The last line on stdout is one JSON list of rows. It stands here because only `ui` and `pages`
may load Streamlit; the processes are started for real, on a free port and an empty home.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

Row = dict[str, Any]  # name, value, unit, n, note
ROOT = Path(__file__).resolve().parents[1]
RERUNS = 7
PAGE_SECONDS = 120.0
START_SECONDS, STOP_SECONDS = 60.0, 15.0
WATCHED = ("today", "risk", "markets")  # tabs of a browser while memory is watched
MIB = 2**20


def main() -> int:
    """Print the rows asked for."""
    parser = argparse.ArgumentParser(prog="python -m ui.bench")
    parser.add_argument("what", choices=("pages", "memory"))
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=1.0)
    asked = parser.parse_args()
    asked.home.mkdir(parents=True, exist_ok=True)
    found = pages(asked.home) if asked.what == "pages" else memory(asked.home, asked.minutes)
    print(json.dumps(found))
    return 0


def row(name: str, value: float | None, unit: str, *, n: int, note: str = "") -> Row:
    """One figure, to four significant digits; None where it could not be measured."""
    shown = None if value is None else float(f"{value:.4g}")
    return {"name": name, "value": shown, "unit": unit, "n": n, "note": note}


def pages(home: Path) -> list[Row]:
    """Script time of every page of the menu on the store in `home`."""
    os.environ["MUNIM_HOME"] = str(home)
    os.environ["DATABASE_URL"] = ""
    os.chdir(ROOT)
    from ui.menu import MENU, exists

    found: list[Row] = []
    for entry in MENU:
        if exists(entry):
            found += _page(entry.name, entry.path)
        else:
            found.append(row(f"page {entry.name}", None, "ms", n=0, note="there is no such page"))
    return found


def _page(name: str, path: str) -> list[Row]:
    import numpy as np
    from streamlit.testing.v1 import AppTest

    app = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=PAGE_SECONDS)
    app.switch_page(path)  # through the menu, so that the page's own links are known
    taken: list[float] = []
    for _ in range(RERUNS + 1):
        begun = time.perf_counter()
        app.run()
        taken.append((time.perf_counter() - begun) * 1e3)
        if app.exception:
            return [row(f"page {name}", None, "ms", n=len(taken), note="the page raised an error")]
    first, again = taken[0], taken[1:]
    note = f"menu and page script, no browser; the first run took {first:.0f} ms"
    return [
        row(f"page {name}, p{part}", float(np.percentile(again, part)), "ms", n=RERUNS, note=note)
        for part in (50, 95)
    ]


def memory(home: Path, minutes: float) -> list[Row]:
    """Resident memory of web and worker with their children, after so many minutes."""
    port = _free_port()
    environment = {**os.environ, "MUNIM_HOME": str(home), "MUNIM_PORT": str(port)}
    environment.pop("DATABASE_URL", None)
    with _running("jobs", environment) as worker, _running("ui.server", environment) as web:
        _answers(port, web)
        with _browser(home, port) as watched:
            until = time.monotonic() + 60.0 * minutes
            while time.monotonic() < until:
                for part in (worker, web):
                    if part.poll() is not None:
                        raise SystemExit(f"a process ended early with {part.returncode}")
                time.sleep(0.5)
            return [
                *_memory_rows("web", web.pid, minutes, note=watched),
                *_memory_rows("worker", worker.pid, minutes, note="empty home at the start"),
            ]


def _memory_rows(name: str, pid: int, minutes: float, *, note: str) -> list[Row]:
    import psutil

    top = psutil.Process(pid)
    children = top.children(recursive=True)
    own, all_of = top.memory_info().rss, top.memory_info().rss
    for child in children:
        with suppress(psutil.NoSuchProcess):
            all_of += child.memory_info().rss
    words = f"after {minutes:g} min; {note}"
    found = [row(f"memory {name}", own / MIB, "MiB", n=1, note=words)]
    if children:
        told = f"with its {len(children)} children, shared pages counted in each; {words}"
        found.append(row(f"memory {name} and children", all_of / MIB, "MiB", n=1, note=told))
    return found


@contextmanager
def _running(module: str, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process of its own group; it is stopped at the end, with whatever it started."""
    quiet = subprocess.DEVNULL
    command = [sys.executable, "-m", module]
    part = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=quiet, stderr=quiet, start_new_session=True
    )
    try:
        yield part
    finally:
        part.terminate()
        try:
            part.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(part.pid, signal.SIGKILL)
            part.wait()


@contextmanager
def _browser(home: Path, port: int) -> Iterator[str]:
    """A browser with a page open where there is one, as a person would have; says so."""
    chromium = Path("/usr/bin/chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        chromium = Path()
    if not chromium.is_file():
        yield "no browser was connected"
        return
    from core.desk import access

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(chromium), args=["--no-sandbox"])
        tabs = browser.new_context()
        tabs.new_page().goto(access.fresh_link(home, port))
        for name in WATCHED[1:]:
            tabs.new_page().goto(f"http://127.0.0.1:{port}/{name}")
        yield f"{len(WATCHED)} tabs open"
        browser.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _answers(port: int, web: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and web.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.2)
    raise SystemExit(f"the page did not answer on port {port} in {START_SECONDS:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
