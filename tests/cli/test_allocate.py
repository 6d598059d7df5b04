"""`munim allocate`: what each account would take of the signals in a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.cli import allocate, decide
from core.desk.desk import Desk
from core.desk.last_scan import keep_scan
from core.domain.account import Market
from core.store.engine import open_store
from tests.cli.terminal import Terminal
from tests.desk.morning import morning_on
from tests.views.test_allocation import scanned


@pytest.fixture
def desk(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A morning with bars of MIDCO and RELIANCE, which the verb opens."""
    own_home.mkdir()
    store = open_store(f"sqlite:///{own_home / 'munim.db'}", Market.SIM)
    desk = morning_on(store, own_home).desk
    monkeypatch.setattr(allocate, "open_desk", lambda: desk)
    return desk


@pytest.fixture
def signal(tmp_path: Path) -> Path:
    file = tmp_path / "signal.json"
    file.write_text(json.dumps({"symbol": "MIDCO", "event": "order win"}))
    return file


def test_json_has_each_account_with_cuts_and_guardrails(munim: Terminal, desk: Desk, signal: Path):
    said = munim("allocate", "--signal", str(signal), "--json")
    assert said.code == 0
    [row] = said.document
    assert (row["account"], row["symbol"], row["place"]) == ("event", "MIDCO", 1)
    for row in said.document:
        assert (row["qty"] == 0) == bool(row["rejected"])
        if made := row["allocation"]:
            assert type(made["notional_paise"]) is int
            assert all(rail["sentence"] for rail in made["guardrails"])
            assert all(cut["reason"] for cut in made["clamps"])


def test_a_person_reads_a_table_and_a_sentence_for_each_cut(
    munim: Terminal, desk: Desk, signal: Path
):
    said = munim("allocate", "--signal", str(signal))
    head, first, *_ = said.out.splitlines()
    assert head.split()[:4] == ["account", "symbol", "place", "qty"]
    assert "MIDCO" in first


def test_what_cannot_be_read_is_one_sentence(munim: Terminal, desk: Desk, signal: Path):
    wrong = munim("allocate", "--signal", str(signal), "--account", "nobody")
    assert (wrong.code, wrong.out) == (2, "")
    assert "no running account is called 'nobody'" in wrong.sentence
    signal.write_text('{"symbol": "NOSUCH"}')
    assert munim("allocate", "--signal", str(signal)).code == 2
    none = munim("allocate", "--signal", "none.json")
    assert (none.code, none.sentence) == (2, "none.json: there is no such file; check the path")


def test_the_last_scan_is_told_in_the_terminal(munim: Terminal, desk: Desk, monkeypatch):
    monkeypatch.setattr(decide, "open_desk", lambda: desk)
    none = munim("scan", "--last")
    assert (none.code, none.sentence) == (2, "no scan has run yet; ask for one with munim scan")
    keep_scan(desk, scanned())
    said = munim("scan", "--last", "--json")
    assert said.document["accounts"][0]["filters"][0]["name"] == "Turnover"
    out = munim("scan", "--last").out
    assert "Turnover" in out and "place 1" in out and "asked about" in out


def test_one_share_of_the_last_scan_is_told_account_by_account(
    munim: Terminal, desk: Desk, monkeypatch
):
    monkeypatch.setattr(decide, "open_desk", lambda: desk)
    keep_scan(desk, scanned())
    [row] = munim("scan", "--last", "--share", "s05", "--json").document
    assert (row["account"], row["came_to"]) == ("Core", "filter: Turnover")
    assert "A median day of S05" in munim("scan", "--last", "--share", "S05").out
    assert munim("scan", "--last", "--share", "NOSUCH").code == 2
    alone = munim("scan", "--share", "S05")
    assert (alone.code, alone.sentence) == (2, "--share asks about the newest scan; add --last")
