"""Money between accounts and the books, said in the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.desk.desk import Desk
from core.desk.fund import add_money
from core.domain.account import Account, Broker, BrokerLogin, LoginMode
from core.domain.mandate import Objective
from core.domain.money import Money
from core.mandates.defaults import default_mandate
from core.store import accounts, ledger, mandates, settings
from tests.cli.terminal import Terminal
from tests.views.shelf import NOW


@pytest.fixture
def two(desk: Desk) -> Desk:
    """The morning with a second account on its login and a third on another."""
    with desk.store.write() as tx:
        kite = BrokerLogin(id="kite", broker=Broker.ZERODHA, mode=LoginMode.PAPER, label="Kite")
        accounts.put_login(tx, kite)
        [event] = [one for one in accounts.accounts(tx) if one.id == "event"]
        for name, login in (("near", event.login_id), ("far", "kite")):
            accounts.put_account(tx, Account(name, name.title(), login, NOW))
            mandates.put(tx, default_mandate(name, Objective.BALANCED, signed_at=NOW))
    return desk


def cash(desk: Desk, name: str) -> int:
    with desk.store.read() as tx:
        return ledger.balance(tx, name, "cash").paise


def test_a_transfer_is_proposed_approved_and_done_inside_one_login(munim: Terminal, two: Desk):
    before = cash(two, "event")
    said = munim("treasury", "propose", "2500.50", "--from", "Event tactical", "--to", "near",
                 "--because", "instalment", "--json")  # fmt: skip
    made = said.document
    assert (said.code, made["status"], made["amount_paise"]) == (0, "PROPOSED", 250050)
    assert [step["step"] for step in made["steps"]] == ["move"] and made["hash"]
    done = munim("treasury", "approve", made["id"], "--hash", made["hash"], "--json").document
    assert (done["status"], done["next_step"], done["hash"]) == ("DONE", None, None)
    assert (cash(two, "event"), cash(two, "near")) == (before - 250050, 250050)
    again = munim("treasury", "approve", made["id"])
    assert (again.code, again.sentence) == (
        2, f"transfer {made['id']} is DONE already; nothing was done",
    )  # fmt: skip


def test_a_return_goes_step_by_step_and_each_is_confirmed_with_rupees(munim: Terminal, two: Desk):
    made = munim("treasury", "propose", "1000", "--from", "event", "--to", "owner",
                 "--because", "rent", "--json").document  # fmt: skip
    assert "next: withdraw at the broker" in munim("treasury", "approve", made["id"]).out
    wrong = munim("treasury", "confirm", made["id"], "bank", "--seen", "1000")
    assert wrong.code == 2 and "withdraw at the broker comes before" in wrong.sentence
    munim("treasury", "confirm", made["id"], "withdraw", "--seen", "1000")
    late = munim("treasury", "cancel", made["id"], "--because", "no")
    assert late.code == 2 and "has left its broker" in late.sentence
    done = munim("treasury", "confirm", made["id"], "bank", "--seen", "1000", "--json").document
    assert (done["status"], done["to"]) == ("DONE", "owner")


def test_a_transfer_is_called_off(munim: Terminal, two: Desk):
    before = cash(two, "event")
    made = munim("treasury", "propose", "1000", "--from", "event", "--to", "far",
                 "--because", "x", "--json").document  # fmt: skip
    munim("treasury", "approve", made["id"])
    assert cash(two, "event") == before - 100000
    assert munim("treasury", "cancel", made["id"]).code == 2
    ended = munim("treasury", "cancel", made["id"], "--because", "not now", "--json").document
    assert (ended["status"], ended["ended"], cash(two, "event")) == ("CANCELLED", "not now", before)


def test_everything_is_shown_as_one_document_and_as_words(munim: Terminal, two: Desk):
    made = munim("treasury", "propose", "1000", "--from", "event", "--to", "far",
                 "--because", "x", "--json").document  # fmt: skip
    shown = munim("treasury", "show", "--json").document
    assert [one["id"] for one in shown["transfers"]] == [made["id"]]
    assert {one["id"] for one in shown["logins"]} >= {"kite", "paper"}
    assert (shown["in_clearing_paise"], shown["suggestions"]) == (0, [])
    words = munim("treasury", "show").out
    assert "Event tactical" in words and f"{made['id']} PROPOSED: ₹1,000.00" in words


def test_a_rule_is_kept_and_taken_away(munim: Terminal, two: Desk):
    kept = munim("treasury", "keep", "event", "1000", "--json").document
    assert kept == {"account": "event", "keeps_paise": 100000}
    assert "suggested: " in munim("treasury", "show").out
    assert munim("treasury", "keep", "event", "none").out == "event gives nothing\n"
    with two.store.read() as tx:
        assert settings.starting(tx, "treasury keeps:") == {}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("treasury", "propose", "0", "--from", "event", "--to", "near", "--because", "x"),
         "the amount '0' is no price above ₹0"),
        (("treasury", "propose", "10", "--from", "nobody", "--to", "near", "--because", "x"),
         "no account is named nobody"),
        (("treasury", "propose", "10", "--from", "event", "--to", "event", "--because", "x"),
         "event cannot pay itself"),
        (("treasury", "propose", "99999999", "--from", "event", "--to", "near", "--because", "x"),
         "to give above reserved money, floor and buffer"),
        (("treasury", "approve", "tr0"), "no transfer is called tr0"),
        (("treasury", "confirm", "tr0", "hop", "--seen", "1"), "no step is called 'hop'"),
        (("treasury", "keep", "event", "lots"), "'lots' is no amount"),
        (("ledger", "balance", "nobody"), "no account is named nobody"),
        (("ledger", "balance", "--on", "soon"), "--on 'soon' is no date"),
        (("ledger", "entries", "--kind", "gift"), "no transaction is a 'gift'"),
        (("ledger", "entries", "--limit", "0"), "--limit 0 shows nothing"),
        (("ledger", "entries", "--from", "2026-02-02", "--to", "2026-02-01"), "swap them"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else "",
)  # fmt: skip
def test_bad_input_is_one_clear_sentence(
    munim: Terminal, two: Desk, words: tuple[str, ...], sentence: str
):
    said = munim(*words)
    assert (said.code, said.out) == (2, "") and sentence in said.sentence


def test_the_trial_balance_is_zero_and_spoiled_books_end_with_one(munim: Terminal, two: Desk):
    whole = munim("ledger", "trial", "--json")
    assert (whole.code, whole.document["sum_paise"]) == (0, 0)
    assert {one["kind"] for one in whole.document["kinds"]} >= {"cash", "funding", "position:"}
    assert "Everything together is ₹0.00." in munim("ledger", "trial").out
    with two.store.engine.begin() as plain:
        plain.exec_driver_sql(
            "INSERT INTO postings (transaction_id, account_id, ledger, amount, qty) "
            "SELECT id, account_id, 'cash', 7, 0 FROM transactions LIMIT 1"
        )
    spoiled = munim("ledger", "trial", "--json")
    assert (spoiled.code, spoiled.document["sum_paise"]) == (1, 7)


def test_balances_entries_and_the_chart_are_read(munim: Terminal, two: Desk):
    rows = munim("ledger", "balance", "event", "--json").document
    assert {one["ledger"] for one in rows} >= {"cash", "funding"}
    assert sum(one["amount_paise"] for one in rows) == 0
    lines = munim("ledger", "entries", "--account", "event", "--ledger", "cash", "--json").document
    stands = next(one["amount_paise"] for one in rows if one["ledger"] == "cash")
    assert sum(one["amount_paise"] for one in lines) == stands
    assert "double" not in munim("ledger", "chart").out
    assert len(munim("ledger", "chart", "--json").document) == 11


def test_entries_are_written_to_a_file_that_is_not_there_yet(
    munim: Terminal, two: Desk, tmp_path: Path
):
    file = tmp_path / "ledger.csv"
    said = munim("ledger", "export", str(file), "--json").document
    assert len(file.read_text().splitlines()) == said["entries"] + 1 > 1
    assert "is there already" in munim("ledger", "export", str(file)).sentence
    assert "there is no folder" in munim("ledger", "export", str(tmp_path / "no" / "x")).sentence


def test_a_wrong_deposit_is_reversed_and_both_entries_stay(munim: Terminal, two: Desk):
    before = cash(two, "event")
    entry = add_money(two, "event", Money.rupees(500), reference="salary", by="me").id
    assert munim("ledger", "reverse", entry).sentence.startswith("the record needs to know why")
    made = munim("ledger", "reverse", entry, "--because", "never came", "--json").document
    assert (made["reverses"], made["cash_paise"], cash(two, "event")) == (entry, -50000, before)
    found = munim("ledger", "entries", "--ledger", "cash", "--words", entry, "--json").document
    assert [one["amount_paise"] for one in found] == [-50000, 50000]
    again = munim("ledger", "reverse", entry, "--because", "twice")
    assert (again.code, "taken back already" in again.sentence) == (2, True)


def test_an_instalment_is_paid_by_a_transfer_that_says_so(munim: Terminal, two: Desk):
    said = munim("treasury", "propose", "10", "--from", "event", "--to", "near",
                 "--because", "x", "--instalment")  # fmt: skip
    assert (said.code, "Near has no plan with instalments" in said.sentence) == (2, True)


def test_what_has_not_settled_is_named_by_its_symbol(munim: Terminal, desk: Desk):
    said = munim("treasury", "show").out
    assert "Event tactical BEL: +320 shares and ₹0.00 settle on 23 Nov 2026" in said
