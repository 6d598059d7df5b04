"""`munim data actions held|apply|owed|paid|fraction|allotted`, over a desk that held on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.desk.dividends import accrue
from core.domain.account import Market
from core.domain.action import ActionKind
from core.store.engine import open_store
from tests.cli.terminal import Terminal
from tests.desk.morning import Morning, morning_on
from tests.desk.test_apply_action import an_action, ex_day, held
from tests.desk.test_dividends import PAYS, went_ex


@pytest.fixture
def morning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Morning]:
    store = open_store(f"sqlite:///{tmp_path}/munim.db", Market.SIM, seed=42)
    made = morning_on(store, tmp_path / "home")
    monkeypatch.setattr("core.cli.actions.open_desk", lambda: made.desk)
    yield made
    store.close()


def test_a_split_is_seen_and_confirmed_in_the_terminal(munim: Terminal, morning: Morning):
    held(morning)
    assert "Nothing held waits" in munim("data", "actions", "held").out
    ex_day(morning, an_action(), "251", "250")
    [row] = munim("data", "actions", "held", "--json").document
    assert (row["id"], row["shares"], row["becomes"], row["why_not"]) == (
        "ca-split",
        100,
        200,
        None,
    )
    refused = munim("data", "actions", "apply", "ca-split", "--keeps", "70")
    assert refused.code == 2 and "both numbers" in refused.sentence
    assert "100 to 200" in munim("data", "actions", "apply", "ca-split").out
    again = munim("data", "actions", "apply", "ca-split")
    assert again.code == 2 and "in the books already" in again.sentence
    assert "Nothing held waits" in munim("data", "actions", "held").out


def test_a_demerger_says_its_estimate_and_takes_two_percents(munim: Terminal, morning: Morning):
    held(morning)
    ex_day(morning, an_action(ActionKind.DEMERGER, 0, 0), "375", "500")
    [row] = munim("data", "actions", "held", "--json").document
    assert "--keeps" in row["why_not"] and "an estimate" in row["estimate"]
    typed = munim("data", "actions", "apply", "ca-demerger", "--keeps", "most", "--leaves", "25")
    assert typed.code == 2 and "is no percent" in typed.sentence
    done = munim("data", "actions", "apply", "ca-demerger", "--keeps", "75", "--leaves", "25")
    assert done.code == 0 and "munim data actions allotted ca-demerger" in done.out
    way = ("data", "actions", "allotted", "ca-demerger", "--isin", "INE0CHI01011",
           "--symbol", "CHILDCO")  # fmt: skip
    unknown = munim(*way)
    assert unknown.code == 2 and "say with --shares" in unknown.sentence
    booked = munim(*way, "--shares", "25", "--json").document
    assert (booked["shares"], booked["symbol"]) == (25, "CHILDCO")


def test_a_dividend_is_owed_and_marked_as_paid_less_tax(munim: Terminal, morning: Morning):
    held(morning)
    assert "No dividend is owed" in munim("data", "actions", "owed").out
    went_ex(morning)
    accrue(morning.desk)
    [row] = munim("data", "actions", "owed", "--json").document
    assert (row["id"], row["symbol"]) == (PAYS.id, "MIDCO")
    over = munim("data", "actions", "paid", PAYS.id, "--received", "900")
    assert over.code == 2 and "₹900" in over.sentence
    assert "deducted as tax" in munim("data", "actions", "paid", PAYS.id, "--received", "405").out
    assert munim("data", "actions", "paid", PAYS.id).code == 2


def test_cash_for_a_fraction_is_booked_once(munim: Terminal, morning: Morning):
    held(morning)
    none = munim("data", "actions", "fraction", "nope", "--received", "2000")
    assert none.code == 2 and "nope" in none.sentence
    ex_day(morning, an_action(ActionKind.CONSOLIDATION, 1, 8), "4010", "4000")
    early = munim("data", "actions", "fraction", "ca-consolidation", "--received", "2000")
    assert early.code == 2 and "confirm the action first" in early.sentence
    munim("data", "actions", "apply", "ca-consolidation")
    free = morning.cash()
    said = munim("data", "actions", "fraction", "ca-consolidation", "--received", "2000")
    assert "0.5 of a share paid in cash" in said.out
    assert (morning.cash() - free).paise == 200_000
    twice = munim("data", "actions", "fraction", "ca-consolidation", "--received", "2000")
    assert twice.code == 2 and "is paid already" in twice.sentence
    morning.books_are_clean()
