"""The regime in the terminal."""

from __future__ import annotations

import csv
from pathlib import Path

from core.cli.regime import _document, _lines
from core.cli.show import plain
from core.desk.desk import Desk
from core.desk.regime_now import regime_record
from core.domain.regime_words import returns_words, sentences
from core.domain.signal import Regime
from core.features.regime import market_states
from tests.cli.terminal import Terminal
from tests.models.made import AT, noise
from tests.views.history import with_bars


def test_the_market_and_a_share_come_with_their_run_and_places(munim: Terminal, desk: Desk):
    with_bars(desk)
    found = munim("regime", "--json").document
    assert (found["of"], found["regime"], found["as_of"]) == ("market", "bull", "2026-11-19")
    assert found["chances"] == {} and found["volatility"]["n"] >= 252
    said = munim("regime", "bel").out
    assert said.startswith("BEL: bull") and "plain rule" in said and "volatility" in said


def test_hidden_states_come_with_what_they_are_like_and_what_follows_them():
    panel = noise(seed=2, shares=5, sessions=620)
    found = regime_record(panel, of="market", at=AT, states=market_states(panel).states)
    said = _lines(found)
    heads = said.index(next(line for line in said if line.lstrip().startswith("chance")))
    assert said[heads].split("  ")[-1] == "shares above average"
    bull = found.looks[Regime.BULL]
    assert said[heads + 1].startswith("bull") and returns_words(bull) in said[heads + 1]
    assert [line.split()[0] for line in said[heads + 6 : heads + 11]] == ["next", *Regime]
    assert tuple(said[-len(sentences(found)) :]) == sentences(found)
    document = plain(_document(found))
    assert document["looks"]["bull"]["returns"] == bull.returns
    assert document["fitted_to"] == str(found.fitted_to)
    assert document["not_told_apart"] == list(found.not_told_apart())


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
