"""The late set: which pins it is, and what the desk reads while it is installed."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

from tools.install_rest import UNREACHABLE, install, is_installed, late_set, what_went_wrong

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


def test_a_failure_is_named_and_the_rest_still_comes(tmp_path):
    progress, asked = tmp_path / "install.json", []

    def get(pin: str) -> str:
        asked.append(pin)
        return "no space left" if pin.startswith("shap") else ""

    assert not install(PINS, progress=progress, get=get)
    assert asked == PINS
    row = told(progress)
    assert (row["state"], row["done"], row["of"], row["now"]) == ("failed", 2, 3, "shap")
    assert row["sentence"] == (
        "shap could not be installed (no space left). The desk runs without, and the next "
        "make run tries again."
    )


def test_without_an_index_nothing_more_is_tried_and_all_that_is_missing_is_named(tmp_path):
    progress, asked = tmp_path / "install.json", []

    def get(pin: str) -> str:
        asked.append(pin)
        return UNREACHABLE if pin.startswith("shap") else ""

    assert not install(PINS, progress=progress, get=get)
    assert asked == PINS[:2]
    assert told(progress)["sentence"] == (
        "shap could not be installed (the package index could not be reached); nor could torch. "
        "The desk runs without, and the next make run tries again."
    )


def test_pip_errors_become_one_clause():
    assert what_went_wrong("WARNING: Retrying after connection broken\nERROR: No matching") == (
        UNREACHABLE
    )
    conflict = (
        "ERROR: Cannot install soup because these versions conflict.\n\n"
        "The conflict is caused by:\n    soup 4 depends on spoon>=2\n"
        "    The user requested (constraint) spoon==1\n\nTo fix this you could try to:\n"
        "ERROR: ResolutionImpossible: for help visit a page\n"
    )
    assert what_went_wrong(conflict) == (
        "its versions conflict: soup 4 depends on spoon>=2, "
        "while The user requested (constraint) spoon==1"
    )
    assert what_went_wrong("ERROR: Could not find a version that satisfies x==9\n") == (
        "the package index does not have it for this Python"
    )
    assert what_went_wrong("ERROR: No space left on device\n") == "No space left on device"


def test_installed_means_this_very_version():
    assert is_installed(f"pytest=={version('pytest')}")
    assert not is_installed("pytest==0.0.1")
    assert not is_installed("no-such-package-here==1.0")
