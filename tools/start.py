"""Open the desk: migrate, start web and worker, show the link, install the rest beside them.

    python -m tools.start

Ctrl-C, SIGTERM or a closed terminal stops all of it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from pathlib import Path

from core.config import Settings, read_settings
from core.desk import access
from core.errors import MunimError
from core.store.migrate import migrate
from core.store.sound import why_unsound

ROOT = Path(__file__).resolve().parents[1]
ANSWER_SECONDS = 90.0
STOP_SECONDS = 10.0  # honcho itself kills after 5


def main() -> int:
    """Run until stopped; returns the exit code."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        settings = read_settings()
        return open_desk(settings)
    except MunimError as no:
        print(no, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0


def open_desk(settings: Settings) -> int:
    """Start everything and stay until it ends."""
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONUNBUFFERED": "1",
    }
    settings.home.mkdir(parents=True, exist_ok=True)
    if why := why_unsound(settings.database_url):
        print(f"The store fails its check ({why}); opening what the brokers hold.", flush=True)
    else:
        migrate(settings.database_url)
        print(f"The store is up to date. Opening a {settings.market} market.", flush=True)
    desk = _start(["-m", "honcho", "start", "--no-colour"], environment)
    rest: subprocess.Popen[bytes] | None = None
    try:
        if not answers(settings, desk):
            return desk.poll() or 1
        show(access.fresh_link(settings.home, settings.port, host=settings.bind))
        rest = _start(["-m", "tools.install_rest"], environment)
        return desk.wait()
    finally:
        print("Closing the desk; positions keep the stops the broker holds.", flush=True)
        for process in (rest, desk):
            stop(process)


def answers(settings: Settings, desk: subprocess.Popen[bytes]) -> bool:
    """Wait for the page; False when the desk ends first or stays silent."""
    host = f"[{settings.bind}]" if ":" in settings.bind else settings.bind
    until = time.monotonic() + ANSWER_SECONDS
    while desk.poll() is None and time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://{host}:{settings.port}/healthz", timeout=2):
                return True
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.2)
    print(f"The page did not answer on port {settings.port}; the lines above say why.", flush=True)
    return False


def show(link: str) -> None:
    """Print the link and open it where there is a browser with a window."""
    print(f"\nThe desk is open: {link}\n", flush=True)
    has_window = sys.platform == "darwin" or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    )
    if not (has_window and webbrowser.open(link)):
        print("No browser was found here; open that link in one.", flush=True)


def stop(process: subprocess.Popen[bytes] | None) -> None:
    """End a process and whatever it started."""
    if process is None or process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _start(arguments: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """In a group of its own, so that Ctrl-C reaches this process alone and it stops the rest."""
    command = [sys.executable, *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)


if __name__ == "__main__":
    sys.exit(main())
