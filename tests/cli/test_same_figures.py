"""One figure, one value: the page, the terminal and the end-of-day report agree to the paisa.

Twenty random books of three accounts with deposits, trades in parts, dividends, a split,
transfers, short sales and charges; most of them are run with the slow tests.
"""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from core.desk.books_now import books_of
from core.desk.desk import Desk, open_desk
from core.desk.pnl_by import By
from core.desk.report import eod_facts
from core.desk.watch import watch
from core.domain.money import Money
from core.domain.words import rupees, short
from core.reports.eod import eod
from core.store import accounts, instruments, quotes
from core.views.account import account_view
from core.views.accounts import accounts_view
from core.views.pnl import ALL, PnlView, pnl_view
from core.views.positions import positions_view
from core.views.today import today_view
from tests.cli.terminal import Terminal
from tests.made.books import TODAY, Bookkeeper, random_books

FAST = 2
BOOKS = [pytest.param(seed, marks=() if seed < FAST else pytest.mark.slow) for seed in range(20)]
NAMES = {"alpha": "Alpha", "beta": "Beta", "gamma": "Gamma", "desk": "**All**"}
AMOUNTS = ("realised", "unrealised", "dividends", "charges", "net")


def says(amount: object, *, signed: bool = True) -> str:
    assert type(amount) is int
    return rupees(Money(amount), signed=signed)


@pytest.mark.parametrize("seed", BOOKS)
def test_page_terminal_and_report_say_the_same_to_the_paisa(
    munim: Terminal, own_home: Path, seed: int
) -> None:
    made = random_books(own_home, seed)
    desk = open_desk()
    now = {row["scope"]: row for row in munim("pnl", "--json").document}
    assert sum(row["net_paise"] for row in now.values()) == 2 * now["desk"]["net_paise"]
    report_agrees(desk, now)
    screens_agree(desk, now)
    terminal_agrees(munim, now)
    rules_agree(desk, now)
    for first in (made.sessions[0], made.sessions[12], TODAY):
        stretch_agrees(munim, desk, first)


def report_agrees(desk: Desk, now: dict[str, Any]) -> None:
    with desk.store.read() as tx:
        text = eod(eod_facts(desk, tx, TODAY, level="NORMAL"))
    for scope, name in (
        ("alpha", "Alpha"),
        ("beta", "Beta"),
        ("gamma", "Gamma"),
        ("desk", "**All**"),
    ):
        row = now[scope]
        [line] = [one for one in text.splitlines() if one.startswith(f"| {name} | ")][:1]
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        assert cells[1] == says(row["day_pnl_paise"])
        assert cells[4] == says(row["equity_paise"], signed=False)
        assert cells[5] == says(row["total_pnl_paise"])


def screens_agree(desk: Desk, now: dict[str, Any]) -> None:
    for name, scope in (("", "desk"), ("Alpha", "alpha"), ("Gamma", "gamma")):
        figures = positions_view(desk, account=name).figures
        row = now[scope]
        assert figures[0].value == says(row["day_pnl_paise"])
        assert figures[1].value == says(row["unrealised_paise"])
    of_login = positions_view(desk, login="Second broker").figures
    assert of_login[0].value == says(now["gamma"]["day_pnl_paise"])
    value, whole = today_view(desk).figures[:2]
    assert value.detail.startswith(f"{says(now['desk']['day_pnl_paise'])} · ")
    assert whole.value == short(Money(now["desk"]["total_pnl_paise"]), signed=True)
    overview = accounts_view(desk)
    assert overview.figures[1].value == says(now["desk"]["day_pnl_paise"])
    assert [row.day.text for row in overview.rows] == [
        says(now[row.id]["day_pnl_paise"]) for row in overview.rows
    ]
    figures = {one.label: one.value for one in account_view(desk, "beta").figures}
    assert figures["Net P&L"] == says(now["beta"]["total_pnl_paise"])
    assert figures["Day's P&L"] == says(now["beta"]["day_pnl_paise"])


def terminal_agrees(munim: Terminal, now: dict[str, Any]) -> None:
    for one in munim("accounts", "list", "--json").document:
        row = now[one["id"]]
        for key in ("equity_paise", "day_pnl_paise", "total_pnl_paise"):
            assert one[key] == row[key]
    shown = munim("accounts", "show", "Beta", "--json").document
    assert shown["since_opened"]["net_paise"] == now["beta"]["total_pnl_paise"]
    assert shown["day"]["net_paise"] == now["beta"]["day_pnl_paise"]
    held = munim("positions", "--json").document
    assert sum(row["pnl_paise"] for row in held) == now["desk"]["unrealised_paise"]


def rules_agree(desk: Desk, now: dict[str, Any]) -> None:
    """What guardrails and the risk loop decide on is what is shown."""
    with desk.store.read() as tx:
        running = {one.id: one for one in accounts.accounts(tx)}
        listed = {one.isin: one for one in instruments.all_instruments(tx)}
        prices = quotes.all_quotes(tx)
        books = books_of(desk, tx, running, prices=prices, listed=listed)
    for name, book in books.items():
        assert book.day_pnl.paise == now[name]["day_pnl_paise"]
        assert book.equity.paise == now[name]["equity_paise"]
    looks = {look.scope: look for look in watch(desk)}
    assert looks.keys() == now.keys()
    for scope, look in looks.items():
        row = now[scope]
        told = (look.equity, look.day_pnl, look.total_pnl)
        assert [amount.paise for amount in told] == [
            row["equity_paise"], row["day_pnl_paise"], row["total_pnl_paise"],
        ]  # fmt: skip


def stretch_agrees(munim: Terminal, desk: Desk, first: date) -> None:
    asked = ("--from", f"{first}", "--to", f"{TODAY}", "--json")
    every = munim("pnl", *asked).document
    whole = {name: sum(row[f"{name}_paise"] for row in every) for name in AMOUNTS}
    for by in By:
        rows = munim("pnl", *asked, "--by", by.value).document
        view = pnl_view(desk, account=ALL, first=first, last=TODAY, by=by)
        page_agrees(view, whole, rows)
    days = munim("pnl", *asked, "--by", "day").document
    assert {name: sum(row[f"{name}_paise"] for row in days) for name in AMOUNTS} == whole
    entries = munim("pnl", *asked, "--by", "entry").document
    assert {name: sum(row[f"{name}_paise"] for row in entries) for name in AMOUNTS} == whole
    told = {cell.day.isoformat(): cell.net.paise for row in view.heat.cells for cell in row if cell}
    assert {row["day"]: row["net_paise"] for row in days if row["day"] in told} == {
        day: net for day, net in told.items() if day >= first.isoformat()
    }
    assert all(row["net_paise"] == 0 for row in days if row["day"] not in told)
    told = munim("performance", *asked[:4], "--json").document
    assert (told["net_paise"], told["charges_paise"]) == (whole["net"], whole["charges"])
    alone = pnl_view(desk, account="Beta", first=first, last=TODAY, by=By.SYMBOL)
    [beta] = [row for row in every if row["scope"] == "beta"]
    assert alone.figures[0].value == says(beta["net_paise"])


def page_agrees(view: PnlView, whole: dict[str, int], rows: list[dict[str, Any]]) -> None:
    net, gross, charges, realised, unrealised, dividends = view.figures
    assert net.value == says(whole["net"])
    assert gross.value == says(whole["net"] + whole["charges"])
    assert charges.value == says(whole["charges"], signed=False)
    assert realised.value == says(whole["realised"])
    assert unrealised.value == says(whole["unrealised"])
    assert dividends.value == says(whole["dividends"], signed=False)
    assert [row.net.text for row in view.rows[:-1]] == [says(row["net_paise"]) for row in rows]
    sheet = list(csv.reader(io.StringIO(view.sheet)))
    assert [line[-1] for line in sheet[1:-1]] == [f"{row['net_paise'] / 100:.2f}" for row in rows]
    for at, name in enumerate(AMOUNTS, start=1):
        assert round(100 * sum(float(line[at]) for line in sheet[1:-1])) == whole[name]
        assert round(100 * float(sheet[-1][at])) == whole[name]
    assert sum(one.amount.paise for one in view.steps if not one.whole) == whole["net"]
    assert view.steps[-1].amount.paise == whole["net"]


def test_rows_by_an_unknown_word_and_wrong_days_are_refused(
    munim: Terminal, own_home: Path
) -> None:
    Bookkeeper(own_home, sessions=3).account("Alpha")
    said = munim("pnl", "--by", "moon", "--json")
    assert (said.code, said.out) == (2, "")
    assert "--by moon is not known; use day, entry, symbol, trade, strategy" in said.sentence
    said = munim("pnl", "--from", "2026-11-20", "--to", "2026-11-01")
    assert said.code == 2 and "is before --from" in said.sentence
    said = munim("pnl", "--from", "2027-01-01", "--to", "2027-01-02")
    assert said.code == 2 and "begins on 2027-01-01 and today is 2026-11-20" in said.sentence
    said = munim("pnl", "--account", "Delta")
    assert said.code != 0 and "no account is called 'Delta'; there are: Alpha" in said.sentence
    said = munim("pnl", "--account", "Alpha", "--login", "Second broker")
    assert said.code != 0 and "no account trades through 'Second broker'" in said.sentence
    said = munim("performance", "--account", "Alpha")
    assert said.code == 1 and "no money came in by 20 Nov 2026" in said.sentence


def test_performance_is_told_with_its_reasons(munim: Terminal, own_home: Path) -> None:
    random_books(own_home, 1)
    found = munim("performance", "--account", "Alpha", "--json").document
    assert found["sessions"] == 25 and found["xirr"]["per_year"] is None
    assert found["xirr"]["why"] == "25 sessions, under 30: not annualised"
    assert found["index"]["name"] == "Simulated index"
    words = munim("performance", "--account", "Alpha").out
    assert "time-weighted" in words and ("more" in words or "less" in words)
    assert found["index"]["ahead_paise"] == (
        found["net_paise"] - found["index"]["same_rupees_earned_paise"]
    )
    of_login = munim("performance", "--login", "Second broker", "--json").document
    assert of_login["scope"] == "Second broker"


def test_rows_of_a_login_and_up_to_a_day_alone(munim: Terminal, own_home: Path) -> None:
    made = random_books(own_home, 1)
    last = made.sessions[9]
    [gamma] = munim("pnl", "--login", "Second broker", "--to", f"{last}", "--json").document
    assert (gamma["scope"], gamma["from"]) == ("gamma", made.sessions[0].isoformat())
    both = munim("pnl", "--account", "Gamma", "--login", "second", "--to", f"{last}", "--json")
    assert both.document == [gamma]
    every = munim("pnl", "--login", "paper", "--json").document
    assert [row["scope"] for row in every] == ["paper", "alpha", "beta"]
    assert sum(row["net_paise"] for row in every[1:]) == every[0]["net_paise"]
    days = munim("pnl", "--login", "second", "--to", f"{last}", "--by", "day", "--json").document
    assert len(days) == 10 and sum(row["net_paise"] for row in days) == gamma["net_paise"]
    said = munim("pnl", "--account", "Alpha", "--login", "second")
    assert "no account at 'second' is called 'Alpha'; there are: Gamma" in said.sentence
