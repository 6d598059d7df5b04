"""The regime in the terminal."""

from __future__ import annotations

import csv
from pathlib import Path

from core.desk.desk import Desk
from tests.cli.terminal import Terminal
from tests.views.history import with_bars


def test_the_market_and_a_share_come_with_their_run_and_places(munim: Terminal, desk: Desk):
    with_bars(desk)
    found = munim("regime", "--json").document
    assert (found["of"], found["regime"], found["as_of"]) == ("market", "bull", "2026-11-19")
    assert found["chances"] == {} and found["volatility"]["n"] >= 252
    said = munim("regime", "bel").out
    assert said.startswith("BEL: bull") and "plain rule" in said and "volatility" in said


def test_the_history_goes_into_a_file_that_is_not_there_yet(
    munim: Terminal, desk: Desk, tmp_path: Path
):
    with_bars(desk)
    file = tmp_path / "regime.csv"
    assert munim("regime", "--out", str(file)).out == "360 rows in regime.csv\n"
    rows = list(csv.DictReader(file.read_text().splitlines()))
    assert rows[-1]["session"] == "2026-11-19" and rows[-1]["regime"] == "bull"
    assert list(rows[0]) == ["session", "regime", "p_bull", "p_bear", "p_sideways", "p_volatile"]
    again = munim("regime", "--out", str(file))
    assert again.code == 2 and "is there already" in again.sentence


def test_an_empty_store_and_an_unknown_share_are_one_sentence(munim: Terminal, replay_desk: Desk):
    empty = munim("regime")
    assert empty.code == 1 and "import more history" in empty.sentence
    assert munim("regime", "NOSUCH").code == 2
