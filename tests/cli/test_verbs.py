"""Every verb answers: one JSON document with --json, words without, messages on stderr."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.desk.desk import Desk
from core.domain.card import CardStatus
from core.domain.money import Money
from core.store import cards, hypotheses
from tests.cli.terminal import Terminal
from tests.desk.morning import a_belief
from tests.views.shelf import EVENT_CARD, SCAN_CARD, event_card

CHARGES = ("charges", "--broker", "zerodha", "--product", "CNC", "--qty", "10", "--buy", "100")
READING = (
    ("doctor", "--no-link"),
    ("models", "list"),
    ("models", "show", "m-31"),
    ("models", "compare", "m-31"),
    ("models", "proposal"),
    ("cards", "list"),
    ("cards", "list", "--all"),
    ("cards", "show", EVENT_CARD),
    ("accounts", "list"),
    ("accounts", "show", "event"),
    ("accounts", "show", "Event tactical"),
    ("mandate", "show", "event"),
    ("mandate", "history", "event"),
    ("mandate", "compare", "event", "event@1"),
    ("orders",),
    ("positions",),
    ("holdings",),
    ("risk",),
    ("pnl",),
    ("audit", "verify"),
    ("audit", "explain", EVENT_CARD),
    ("report", "list"),
    ("report", "scorecard"),
    CHARGES,
)
WRITING = (
    ("scan",),
    ("train",),
    ("cards", "reject", SCAN_CARD, "--reason", "too dear"),
    ("halt", "--reason", "lunch"),
    ("pause",),
    ("reduce", "--account", "event"),
    ("flatten", "--confirm", "FLATTEN"),
    ("resume", "--reason", "back"),
    ("report", "eod"),
    ("report", "month"),
)
NOT_BUILT = (("replay", "--from", "2026-01-01", "--to", "2026-01-02", "--speed", "5"),)
NAMES = """doctor, data import, data fetch, data quality, indicators, regime, predict, train,
models list, models show, models verify, models compare, models promote, models rollback,
models drift, models proposal, tag, ingest, scan, cards list,
cards show, cards approve, cards reject, accounts list, accounts show,
accounts create, accounts pause, accounts resume, accounts close, mandate show, mandate history,
mandate compare, mandate clone, intake, allocate, orders,
positions, holdings, risk, halt, pause, reduce, resume, exit, flatten, charges, pnl, backtest,
replay, optimize, audit verify, audit explain, audit export, report eod, report month,
sandbox, bench"""
TIME = re.compile(r"\d{4}-\d\d-\d\dT")


def leaves(value: Any, name: str = "") -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [leaf for key, part in value.items() for leaf in leaves(part, key)]
    if isinstance(value, list):
        return [leaf for part in value for leaf in leaves(part, name)]
    return [(name, value)]


@pytest.mark.parametrize("words", [*READING, *WRITING], ids=" ".join)
def test_json_is_one_document_with_paise_and_offsets(
    munim: Terminal, desk: Desk, words: tuple[str, ...]
):
    said = munim(*words, "--json")
    assert said.code == (1 if words[0] == "doctor" else 0)  # no worker runs beside a test
    for name, value in leaves(said.document):
        if name.endswith("_paise"):
            assert value is None or type(value) is int, name
        if isinstance(value, str) and TIME.match(value):
            assert datetime.fromisoformat(value).utcoffset() is not None, name
    assert said.out.count("\n") == 1


@pytest.mark.parametrize("words", [*READING, *WRITING], ids=" ".join)
def test_a_person_reads_words(munim: Terminal, desk: Desk, words: tuple[str, ...]):
    assert munim(*words).out.strip()


@pytest.mark.parametrize("words", NOT_BUILT, ids=" ".join)
def test_what_is_not_built_says_so(munim: Terminal, desk: Desk, words: tuple[str, ...]):
    said = munim(*words)
    assert (said.code, said.out) == (2, "")
    assert said.sentence.endswith("not built yet")


@pytest.mark.parametrize("name", [" ".join(name.split()) for name in NAMES.split(",")])
def test_every_fixed_name_is_a_verb(munim: Terminal, name: str):
    said = munim(*name.split(), "--help")
    assert said.code == 0
    assert f"munim {name}" in said.out


def test_a_report_is_written_as_a_pdf_into_this_folder(
    munim: Terminal, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    pytest.importorskip("typst", reason="typst comes in beside the running desk")
    monkeypatch.chdir(tmp_path)
    for words, name in ((("eod",), "munim-eod-2026-11-20.pdf"),
                        (("month", "--month", "2026-11"), "munim-month-2026-11.pdf")):  # fmt: skip
        assert munim("report", *words, "--pdf", "--json").document["file"] == name
        assert (tmp_path / name).read_bytes().startswith(b"%PDF-")
    said = munim("report", "month", "--month", "november")
    assert (said.code, said.sentence) == (
        2, "--month 'november' is no month; write it as 2026-01",
    )  # fmt: skip


def test_the_scorecard_says_what_rejecting_would_have_left(munim: Terminal, desk: Desk):
    assert munim("report", "scorecard").out == "No card is done with yet.\n"
    card = replace(event_card(), status=CardStatus.REJECTED)
    with desk.store.write() as tx:
        cards.save(tx, card)
        hypotheses.put(tx, a_belief(card))
    said = munim("report", "scorecard")
    assert "not over yet" in said.out
    assert said.out.endswith("1 rejected: none is over yet.\n")
    with desk.store.write() as tx:
        hypotheses.save(tx, replace(a_belief(card), outcome="stop", pnl=Money(-123_456)))
    [row] = munim("report", "scorecard", "--json").document
    assert (row["was"], row["market"], row["left_paise"]) == (
        "rejected", "the stop came first", -123_456,
    )  # fmt: skip
    said = munim("report", "scorecard")
    assert "−₹1,234.56" in said.out and "not trading them saved ₹1,234.56" in said.out


def test_positions_say_what_they_are_worth(munim: Terminal, desk: Desk):
    # 320 BEL: (412.20 - 401.88) x 320 = 3,302.40
    row = munim("positions", "--json").document[0]
    assert (row["symbol"], row["qty"], row["pnl_paise"]) == ("BEL", 320, 330_240)
    assert "₹3,302.40" in munim("positions").out


def test_a_missing_price_keeps_its_name(munim: Terminal, desk: Desk):
    card = munim("cards", "show", EVENT_CARD, "--json").document["card"]
    assert card["bracket"]["stop_paise"] == 276_800
    order = munim("orders", "--json").document[0]
    assert order["limit_paise"] == 40_300


def test_a_card_says_what_a_gap_beyond_its_stop_costs(munim: Terminal, desk: Desk):
    said = munim("cards", "show", EVENT_CARD, "--json").document
    costs, beyond = said["costs"], said["beyond_stop"]
    assert (costs["total_paise"], costs["dp_paise"], costs["move_paise"]) == (79_332, 1_534, 648)
    assert [row["beyond_pct"] for row in beyond["rows"]] == [5, 10, 20]
    assert [row["opens_at_paise"] for row in beyond["rows"]] == [262_960, 249_120, 221_440]
    assert "3 % through its trigger" in beyond["rule"]


def test_charges_add_up(munim: Terminal, desk: Desk):
    said = munim(*CHARGES, "--date", "2026-11-20", "--json").document
    assert said["legs"]["BUY"]["total_paise"] == said["total_paise"]
    assert sum(said["legs"]["BUY"]["lines"].values()) == said["total_paise"]


def test_the_doctor_fails_while_something_is_wrong(munim: Terminal, desk: Desk):
    said = munim("doctor")
    assert said.code == 1
    assert "NO  worker" in said.out
    assert "open http://127.0.0.1:8501/enter?token=" in said.out


def test_approving_commits_an_order_that_is_not_sent(munim: Terminal, desk: Desk):
    with desk.store.write() as tx:
        from core.store import cards, quotes

        card = cards.by_id(tx, EVENT_CARD)
        quotes.put(tx, [quotes.by_isin(tx, card.isin)])
    said = munim("cards", "approve", EVENT_CARD, "--json")
    assert said.code == 0
    assert (said.document["status"], said.document["qty"]) == ("PREPARED", 120)
    again = munim("cards", "approve", EVENT_CARD)
    assert again.code == 2
    assert "not OPEN" in again.sentence


def test_the_record_is_written_to_a_file(munim: Terminal, desk: Desk, tmp_path):
    file = tmp_path / "chain.jsonl"
    said = munim("audit", "export", str(file), "--json")
    assert said.document["entries"] == len(file.read_text().splitlines()) > 0
    assert munim("audit", "export", str(tmp_path / "no" / "x")).code == 2


def test_halt_stands_until_it_is_let_go(munim: Terminal, desk: Desk):
    assert munim("halt", "--json").document["level"] == "HALT"
    assert munim("cards", "approve", EVENT_CARD).code == 2
    assert munim("resume", "--reason", "seen", "--json").document["level"] == "NORMAL"


def test_exit_lets_the_one_holder_go_once(munim: Terminal, desk: Desk):
    [said] = munim("exit", "bel", "--because", "enough", "--json").document
    assert (said["symbol"], said["status"]) == ("BEL", "EXITING")
    again = munim("exit", "BEL")
    assert (again.code, "no BEL is held" in again.sentence) == (2, True)


def test_a_part_of_a_position_is_sold_without_undo(munim: Terminal, desk: Desk):
    said = munim("exit", "BEL", "--qty", "20")
    assert said.code == 0 and "20 will be sold" in said.out and "cannot be undone" in said.out
    again = munim("exit", "BEL", "--qty", "5")
    assert (again.code, "20 of 320 are being sold already" in again.sentence) == (2, True)
    over = munim("exit", "BEL", "--qty", "321")
    assert (over.code, "321 to sell and 320 are held" in over.sentence) == (2, True)


def test_no_verb_shows_the_help(munim: Terminal):
    said = munim()
    assert said.code == 2
    assert "Usage: munim" in said.out
    assert said.err == ""
