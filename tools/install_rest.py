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
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from core.config import read_settings

ROOT = Path(__file__).resolve().parents[1]
UNREACHABLE = "the package index could not be reached"
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
    """Install pin after pin; `get` returns "" or what went wrong.

    A pin that fails does not hold up the others, unless no index answers: then none would come.
    """
    failed: dict[str, str] = {}
    for done, pin in enumerate(pins):
        name = pin.partition("==")[0]
        sentence = f"Installing {name}, {done + 1} of {len(pins)}; the desk runs meanwhile."
        _tell(progress, state="installing", done=done, of=len(pins), now=name, sentence=sentence)
        wrong = get(pin)
        if wrong == UNREACHABLE:
            failed |= {left.partition("==")[0]: wrong for left in pins[done:]}
            break
        if wrong:
            failed[name] = wrong
    there = len(pins) - len(failed)
    sentence = _last_word(failed)
    state = "failed" if failed else "done"
    _tell(progress, state=state, done=there, of=len(pins), now=", ".join(failed), sentence=sentence)
    print(sentence, flush=True)
    return not failed


def _last_word(failed: Mapping[str, str]) -> str:
    """What is there now, and what is not and why."""
    if not failed:
        return "Everything is installed."
    first, why = next(iter(failed.items()))
    rest = ", ".join(list(failed)[1:])
    too = f"; nor could {rest}" if rest else ""
    return (
        f"{first} could not be installed ({why}){too}. The desk runs without, and the next "
        "make run tries again."
    )


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
    return what_went_wrong(ran.stderr) or f"pip ended with {ran.returncode}"


def what_went_wrong(errors: str) -> str:
    """One clause for what pip wrote to its error stream; empty when it wrote nothing."""
    if "connection" in errors.lower() and "requires-python" not in errors.lower():
        return UNREACHABLE
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    for start in ("ERROR: Could not find a version", "The conflict is caused by"):
        found = next((n for n, line in enumerate(lines) if line.startswith(start)), None)
        if found is not None and "conflict" in start:
            return "its versions conflict: " + ", while ".join(lines[found + 1 : found + 3])
        if found is not None:
            return "the package index does not have it for this Python"
    return lines[-1].removeprefix("ERROR: ") if lines else ""


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
