"""Install the second part of requirements.txt beside the running desk, at low priority.

Progress stands in `install.json` in the desk's home, for the desk to show what is not there yet:

    {"state": "installing" | "done" | "failed", "done": 3, "of": 19, "now": "torch",
     "sentence": "..."}
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from core.config import read_settings

ROOT = Path(__file__).resolve().parents[1]
LATE = "installed beside the running desk"


def late_set(requirements: str) -> list[str]:
    """The pins after the dividing line, in order."""
    late = requirements.partition(LATE)[2].splitlines()[1:]
    return [line.strip() for line in late if line.strip() and not line.startswith("#")]


def is_installed(pin: str) -> bool:
    """Whether exactly this version is there; a local build tag such as +cpu counts as it."""
    name, _, wanted = pin.partition("==")
    try:
        return version(re.sub(r"\[.*]", "", name)).partition("+")[0] == wanted
    except PackageNotFoundError:
        return False


def install(pins: Sequence[str], *, progress: Path, get: Callable[[str], str]) -> bool:
    """Install pin after pin; `get` returns "" or what went wrong. Stops at the first failure."""
    for done, pin in enumerate(pins):
        name = pin.partition("==")[0]
        sentence = f"Installing {name}, {done + 1} of {len(pins)}; the desk runs meanwhile."
        _tell(progress, state="installing", done=done, of=len(pins), now=name, sentence=sentence)
        wrong = get(pin)
        if wrong:
            sentence = (
                f"{name} could not be installed ({wrong}); the desk runs without it and "
                f"{len(pins) - done - 1} more, and the next make run tries again."
            )
            _tell(progress, state="failed", done=done, of=len(pins), now=name, sentence=sentence)
            print(sentence, flush=True)
            return False
    sentence = "Everything is installed."
    _tell(progress, state="done", done=len(pins), of=len(pins), now="", sentence=sentence)
    return True


def with_pip(pin: str) -> str:
    """Get one pin with pip unless it is there; returns "" or pip's last word."""
    if is_installed(pin):
        return ""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    limits = ["--retries", "1", "--timeout", "20", "-c", str(ROOT / "constraints.txt")]
    ran = subprocess.run(
        [*command, *limits, pin], capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    if ran.returncode == 0:
        return ""
    if "No matching distribution" in ran.stderr or "connection" in ran.stderr.lower():
        return "the package index could not be reached or does not have it"
    lines = ran.stderr.strip().splitlines() or [f"pip ended with {ran.returncode}"]
    return lines[-1].removeprefix("ERROR: ")


def _tell(progress: Path, **words: object) -> None:
    progress.parent.mkdir(parents=True, exist_ok=True)
    draft = progress.with_suffix(".draft")
    draft.write_text(json.dumps(words))
    draft.replace(progress)


if __name__ == "__main__":
    os.nice(19)
    pins = late_set((ROOT / "requirements.txt").read_text())
    whole = install(pins, progress=read_settings().home / "install.json", get=with_pip)
    sys.exit(0 if whole else 1)
