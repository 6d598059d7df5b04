"""The late set: which pins it is, and what the desk reads while it is installed."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

from tools.install_rest import install, is_installed, late_set

PINS = ["feedparser==6.0.14", "shap==0.51.0", "torch==2.13.0"]


def told(progress: Path) -> dict[str, object]:
    return json.loads(progress.read_text())


def test_the_late_set_starts_after_the_dividing_line():
    text = "a==1\n\n# --- installed beside the running desk\nb==2\n# why\nc[x]==3\n"
    assert late_set(text) == ["b==2", "c[x]==3"]


def test_progress_names_what_is_being_installed(tmp_path):
    progress, seen = tmp_path / "home" / "install.json", []

    def get(pin: str) -> str:
        seen.append(told(progress))
        return ""

    assert install(PINS, progress=progress, get=get)
    assert [(row["state"], row["done"], row["of"], row["now"]) for row in seen] == [
        ("installing", 0, 3, "feedparser"),
        ("installing", 1, 3, "shap"),
        ("installing", 2, 3, "torch"),
    ]
    assert seen[1]["sentence"] == "Installing shap, 2 of 3; the desk runs meanwhile."
    assert told(progress) == {
        "state": "done",
        "done": 3,
        "of": 3,
        "now": "",
        "sentence": "Everything is installed.",
    }


def test_a_failure_stops_and_says_what_is_missing(tmp_path):
    progress, asked = tmp_path / "install.json", []

    def get(pin: str) -> str:
        asked.append(pin)
        return "no space left" if pin.startswith("shap") else ""

    assert not install(PINS, progress=progress, get=get)
    assert asked == PINS[:2]
    row = told(progress)
    assert (row["state"], row["done"], row["now"]) == ("failed", 1, "shap")
    assert row["sentence"] == (
        "shap could not be installed (no space left); the desk runs without it and 1 more, "
        "and the next make run tries again."
    )


def test_installed_means_this_very_version():
    assert is_installed(f"pytest=={version('pytest')}")
    assert not is_installed("pytest==0.0.1")
    assert not is_installed("no-such-package-here==1.0")
