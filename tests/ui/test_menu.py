from __future__ import annotations

from pathlib import Path

import pytest

import ui.menu
from ui.menu import MENU, sections


def test_every_page_file_stands_in_the_menu() -> None:
    files = {path.stem for path in (ui.menu.ROOT / "pages").glob("*.py")}
    assert files <= {entry.name for entry in MENU}


def test_a_page_without_its_file_is_not_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "risk.py").touch()
    monkeypatch.setattr(ui.menu, "ROOT", tmp_path)
    assert {name: [one.name for one in found] for name, found in sections().items()} == {
        "": ["risk"]
    }
