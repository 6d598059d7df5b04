"""The real desk for a test: web and worker as processes of their own, an empty store, a browser."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import psutil
from playwright.sync_api import Locator, Page

from core.config import Settings
from core.desk import access
from core.desk.desk import Desk, open_desk
from core.store.migrate import migrate

ROOT = Path(__file__).resolve().parents[2]
PROCESSES = {"web": "ui.server", "worker": "jobs"}
SECRET = "only for these tests"  # seals broker sessions where there is no keyring
LOG_LINES = 60
T = TypeVar("T")


@dataclass
class Stack:
    """One desk in one folder; only processes it started itself are ever signalled."""

    folder: Path
    port: int
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def store_url(self) -> str:
        return f"sqlite:///{self.folder / 'munim.db'}"

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Everything that decides where the desk is; nothing from outside."""
        outside = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("MUNIM_", "COV_")) and name != "DATABASE_URL"
        }
        return {
            **outside,
            "MUNIM_HOME": str(self.home),
            "MUNIM_PORT": str(self.port),
            "MUNIM_BIND": "127.0.0.1",
            "MUNIM_MARKET": "sim",
            "MUNIM_SEED": "42",
            "MUNIM_SPEED": "1",
            "MUNIM_SECRET": SECRET,
            "DATABASE_URL": self.store_url,
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "MKL_NUM_THREADS": "1",
            "OMP_WAIT_POLICY": "PASSIVE",
            "PYTHONUNBUFFERED": "1",
        }

    def start(self, *names: str) -> None:
        """Start `web`, `worker` or both, each in a group of its own, unless it runs already."""
        self.home.mkdir(parents=True, exist_ok=True)
        migrate(self.store_url)
        for name in names:
            if name in self.running:
                continue
            with self.log(name).open("ab") as log:
                self.running[name] = subprocess.Popen(
                    [sys.executable, "-m", PROCESSES[name]],
                    cwd=ROOT,
                    env=self.environment,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
        if "web" in names:
            wait_until(self._web_answers, what="the web process answers", seconds=60)

    def _web_answers(self) -> bool:
        with closing(socket.socket()) as knock:
            return knock.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self, name: str) -> None:
        """SIGKILL a process and its children, as a crash would."""
        self._signal(name, signal.SIGKILL)

    def stop(self) -> None:
        """End what still runs."""
        for name in [*self.running]:
            self._signal(name, signal.SIGTERM)

    def _signal(self, name: str, number: int) -> None:
        process = self.running.pop(name)
        try:
            os.killpg(process.pid, number)
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def log(self, name: str) -> Path:
        """Where a process writes what it says."""
        return self.folder / f"{name}.log"

    def pids(self) -> list[int]:
        """Every process of the desk, children included."""
        own = [psutil.Process(process.pid) for process in self.running.values()]
        return [one.pid for top in own for one in (top, *top.children(recursive=True))]

    def desk(self) -> Desk:
        """The store as a use case in another process sees it."""
        settings = Settings(
            _env_file=None, home=self.home, database_url=self.store_url, port=self.port
        )
        return open_desk(settings)

    def munim(self, *words: str, seconds: float = 60) -> subprocess.CompletedProcess[str]:
        """Type a `munim` command in another terminal."""
        command = [str(Path(sys.executable).with_name("munim")), *words]
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=seconds,
        )

    def journal(self, kind: str) -> list[str]:
        """Bodies of the exchange's own events of one kind, oldest first."""
        path = f"file:{self.home / 'exchange.db'}?mode=ro"
        with closing(sqlite3.connect(path, uri=True)) as book:
            rows = book.execute("SELECT body FROM journal WHERE kind = ? ORDER BY seq", (kind,))
            return [body for (body,) in rows]

    def enter(self, page: Page) -> None:
        """Open the desk by a fresh link."""
        page.goto(access.fresh_link(self.home, self.port))
        strip(page).wait_for(timeout=60_000)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def wait_until(look: Callable[[], T], *, what: str, seconds: float) -> T:
    """Look until the answer is true and return it; AssertionError names what never came."""
    until = time.monotonic() + seconds
    while True:
        if found := look():
            return found
        if time.monotonic() > until:
            raise AssertionError(f"waited {seconds:.0f} s in vain: {what}")
        time.sleep(0.25)


@contextmanager
def told_on_failure(stack: Stack, page: Page) -> Iterator[None]:
    """On failure keep a picture of the page and print both logs' last lines."""
    try:
        yield
    except BaseException:
        picture = stack.folder / "failed.png"
        print(f"page {page.url}, picture {picture}, processes {sorted(stack.running)}")
        for name in PROCESSES:
            if stack.log(name).exists():
                lines = stack.log(name).read_text(errors="replace").splitlines()
                print(f"--- {name} ---", *lines[-LOG_LINES:], sep="\n")
        page.screenshot(path=str(picture), timeout=10_000)
        raise


def strip(page: Page) -> Locator:
    """The status strip."""
    return page.locator(".st-key-strip .m-strip").first


def button(page: Page, key: str) -> Locator:
    """The button with a Streamlit key."""
    return page.locator(f".st-key-{key} button")


def click_link(page: Page, name: str) -> None:
    """Follow a link of the top bar."""
    page.get_by_role("link", name=re.compile(rf"^{name}$")).first.click()
