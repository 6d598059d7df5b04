"""Leak tests in the terminal: 0 is clean, 1 a leak, 2 input that cannot be used."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.desk.desk import Desk
from core.store import bars
from tests.cli.terminal import Terminal
from tests.desk.test_leaks import CENTRED, stored


def test_the_desks_own_columns_are_clean(munim: Terminal, desk: Desk):
    stored(desk)
    said = munim("leaks", "--only", "same_bar,factors", "--only", "purged", "--json")
    assert said.code == 0
    assert said.document["leaks"] == 0 and said.document["market"] == "sim"
    rows = said.document["tests"]
    assert [(row["test"], row["result"]) for row in rows] == [
        ("factors", "pass"),
        ("same_bar", "pass"),
        ("purged", "pass"),
    ]
    assert rows[2]["figure"] > 10 and "%" in said.err


def test_a_leak_in_a_file_ends_with_one(munim: Terminal, desk: Desk, tmp_path: Path):
    stored(desk)
    file = tmp_path / "mine.py"
    file.write_text(CENTRED)
    said = munim("leaks", "--strategy", str(file), "--only", "truncated")
    assert said.code == 1
    assert "tomorrow (now with a number, now without)" in said.out and "1 leak found" in said.out


def test_what_cannot_be_used_ends_with_two(munim: Terminal, desk: Desk, tmp_path: Path):
    assert munim("leaks", "--only", "nope").code == 2
    said = munim("leaks", "--strategy", str(tmp_path / "absent.py"), "--only", "truncated")
    assert said.code == 2 and said.sentence.endswith("features(panel) or signals(panel)")
    bare = munim("leaks", "--only", "truncated")
    assert bare.code == 2 and "import" in bare.sentence


def test_shares_too_small_to_take_part_are_no_leak(munim: Terminal, desk: Desk):
    panel = stored(desk)
    with desk.store.write() as tx:
        bars.put_panel(tx, replace(panel, volume=panel.volume / 100), source="SIM")
    said = munim("leaks", "--only", "truncated")
    assert said.code == 2 and "none of 12 shares traded on 54" in said.sentence


def test_the_help_says_what_a_file_has_to_have(munim: Terminal):
    said = munim("leaks", "--help")
    assert "def features(panel)" in said.out and "def signals(panel)" in said.out
