"""Accounts and mandates in the terminal: created, cloned, planned, paused, compared, closed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.desk.desk import Desk
from core.desk.mandate import sign
from core.domain.account import Broker, BrokerLogin, LoginMode
from core.store import accounts, audit, mandates
from tests.cli.terminal import Terminal


def sign_three(desk: Desk) -> None:
    with desk.store.read() as tx:
        rules = mandates.current(tx, "event")
    sign(desk, replace(rules, positions_max=3), by="me", why="calmer")


def test_an_account_is_created_paused_resumed_and_closed(munim: Terminal, desk: Desk):
    made = munim("accounts", "create", "Family core", "--objective", "max_profit", "--json")
    assert made.document["id"] == "family-core"
    rules = munim("mandate", "show", "Family core", "--json").document
    assert (rules["objective"], rules["version"]) == ("max profit", 1)
    assert munim("accounts", "pause", "family-core", "--reason", "later").out == (
        "Family core is paused\n"
    )
    rows = {row["id"]: row for row in munim("accounts", "list", "--json").document}
    assert (rows["family-core"]["level"], rows["event"]["level"]) == ("PAUSE", "NORMAL")
    # 1871398.40 cash less a floor of 50000
    assert rows["event"]["deployable_paise"] == 1_821_398_40
    shown = munim("accounts", "show", "family-core", "--json").document
    assert (shown["paused_because"], shown["left"]) == ("later", [])
    munim("accounts", "resume", "family-core", "--reason", "now")
    closed = munim("accounts", "close", "family-core", "--reason", "a trial", "--json")
    assert closed.document["closed_at"] is not None
    with desk.store.read() as tx:
        audit.verify(tx)


def test_a_plan_with_tranches_is_saved_shown_and_let_go(munim: Terminal, desk: Desk):
    saved = munim(
        "accounts", "plan", "event", "--lump", "900000", "--tranche", "3L now",
        "--tranche", "6L index 5%", "--buffer", "100000", "--reason", "the bonus", "--json",
    )  # fmt: skip
    assert saved.document["lump_sum_paise"] == 900_000_00
    shown = munim("accounts", "show", "event", "--json").document
    # 1871398.40 = 50000 floor + 100000 buffer + 600000 that waits + 1121398.40 deployable
    cash = shown["cash"]
    assert [cash[f"{name}_paise"] for name in ("broker", "floor", "buffer", "waiting")] == [
        1_871_398_40, 50_000_00, 100_000_00, 600_000_00,
    ]  # fmt: skip
    assert cash["deployable_paise"] == 1_121_398_40
    parts = [value for name, value in cash.items() if name not in ("broker_paise", "short_paise")]
    assert sum(parts) == cash["broker_paise"]
    assert [one["status"] for one in shown["funding"]["tranches"]] == ["released", "waiting"]
    assert munim("accounts", "release", "event", "2", "--reason", "cheap").out == (
        "Event tactical: ₹6,00,000.00 of tranche 2 is let go\n"
    )
    shown = munim("accounts", "show", "event", "--json").document
    assert shown["cash"]["waiting_paise"] == 0
    assert "a person said so: cheap" in shown["funding"]["tranches"][1]["because"]


def test_a_plan_is_shown_listed_and_brought_back(munim: Terminal, desk: Desk):
    first = ("accounts", "plan", "event", "--monthly", "25000", "--day", "5", "--json")
    shown = munim(*first, "--show").document
    assert (shown["version"], shown["refused"]) == (1, "")
    assert {"term": "Each month", "now": "–", "then": "₹25,000.00"} in shown["terms"]
    assert munim("accounts", "plans", "event", "--json").document == []
    assert munim(*first, "--reason", "the salary").document["kind"] == "SIP"
    # what is left out stays, and with a lump sum beside it the plan is hybrid
    both = munim("accounts", "plan", "event", "--lump", "100000", "--no-count-cash", "--json")
    assert (both.document["kind"], both.document["instalment_paise"]) == ("hybrid", 25_000_00)
    due = munim("accounts", "show", "event", "--json").document["funding"]
    assert (due["lump_due_paise"], due["asked_paise"]) == (100_000_00, 25_000_00)
    munim("accounts", "plan-back", "event", "1", "--reason", "a slip")
    told = munim("accounts", "plans", "event", "--json").document
    assert [(one["version"], one["kind"], one["why"]) for one in told] == [
        (3, "SIP", "a slip"), (2, "hybrid", ""), (1, "SIP", "the salary"),
    ]  # fmt: skip
    assert told[0]["saved_at"].endswith("+05:30")


def test_an_account_like_another_takes_the_login_and_the_reason_it_is_given(
    munim: Terminal, desk: Desk
):
    with desk.store.write() as tx:
        accounts.put_login(tx, BrokerLogin("two", Broker.PAPER, LoginMode.PAPER, "Second"))
    made = munim("accounts", "create", "Twin", "--like", "event", "--login", "two",
                 "--reason", "for school", "--json").document  # fmt: skip
    assert made["login_id"] == "two"
    told = munim("mandate", "history", "Twin", "--json").document
    assert told[0]["why"] == "rules of Event tactical, version 1: for school"


def test_history_compare_and_clone(munim: Terminal, desk: Desk):
    sign_three(desk)
    told = munim("mandate", "history", "event", "--json").document
    assert [(one["version"], one["by"], one["why"], one["changed"]) for one in told] == [
        (2, "me", "calmer", ["positions_max"]),
        (1, "", "", []),
    ]
    found = munim("mandate", "compare", "event@1", "event", "--json").document
    assert (found["left"], found["right"]) == ("Event tactical v1", "Event tactical v2")
    assert found["rules"] == [{"rule": "Positions at once, at most", "left": "12", "right": "3"}]
    made = munim("mandate", "clone", "event@1", "--to", "Twin", "--json").document
    assert made["id"] == "twin"
    same = munim("mandate", "compare", "event@1", "Twin")
    assert same.out == "Event tactical v1 and Twin v1 have the same rules.\n"
    assert (
        munim("mandate", "show", "event", "--version", "1", "--json").document["positions_max"]
        == 12
    )


def test_money_is_added_and_taken_by_its_reference(munim: Terminal, desk: Desk):
    said = munim("accounts", "add", "event", "50000.50", "--reference", "NEFT 7", "--json")
    # 1871398.40 + 50000.50
    assert said.document["cash_paise"] == 1_921_398_90
    assert munim("accounts", "take", "event", "21398.90", "--reference", "NEFT 8").out == (
        "Event tactical: withdrawal posted, ₹19,00,000.00 is in cash\n"
    )


def test_the_same_rupees_without_a_reference_need_a_word_to_be_booked_again(
    munim: Terminal, desk: Desk
):
    words = ("accounts", "add", "event", "5 lakh")
    assert munim(*words, "--json").document["cash_paise"] == 2_371_398_40
    said = munim(*words)
    assert (said.code, said.out) == (2, "")
    assert "₹5,00,000.00 was added to Event tactical at" in said.err
    assert said.err.endswith("or book it again with --again\n")
    assert munim(*words, "--again", "--json").document["cash_paise"] == 2_871_398_40


def test_an_edit_is_shown_and_signed_only_when_asked(munim: Terminal, desk: Desk):
    edit = ("mandate", "edit", "event", "--set", "risk_per_trade_max=0.5%",
            "--set", "cap_classes=large", "--set", "isins_banned=reliance",
            "--set", "objective=risk minimized")  # fmt: skip
    shown = munim(*edit)
    assert "0.75 %" in shown.out and shown.out.endswith("nothing is signed; add --sign\n")
    assert munim("mandate", "show", "event", "--json").document["version"] == 1
    said = munim(*edit, "--sign", "--reason", "calmer", "--json").document
    assert (said["version"], said["signed"], len(said["rules"])) == (2, True, 4)
    rules = munim("mandate", "show", "event", "--json").document
    assert (rules["risk_per_trade_max"], rules["cap_classes"]) == (0.005, ["large"])
    assert rules["isins_banned"] == ["INE002A01018"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("accounts", "create", " "), "a name of 0 characters"),
        (("accounts", "create", "Event tactical"), "exists already"),
        (("accounts", "create", "New", "--objective", "moon"), "'moon' is none of max profit"),
        (("accounts", "create", "New", "--login", "moon"), "no login has the id moon"),
        (("accounts", "create", "New", "--like", "moon"), "no account is named moon"),
        (("accounts", "pause", "event"), "needs a reason"),
        (("accounts", "resume", "event"), "is not paused"),
        (("accounts", "close", "event", "--reason", "x"), "320 BEL at a cost of ₹1,28,601.60"),
        (("accounts", "plan", "event", "--kind", "moon"), "'moon' is lump sum, SIP or hybrid"),
        (("accounts", "plan", "event", "--kind", "SIP"), "needs an instalment above ₹0"),
        (("accounts", "plan", "event", "--starts", "soon"), "is no date"),
        (("accounts", "plan", "event", "--lump", "5", "--tranche", "3L now"), "add up to"),
        (("accounts", "plan", "event", "--lump", "nan"), "--lump 'nan' is no amount"),
        (("accounts", "plan", "event", "--lump", "5", "--kind", "SIP"), "needs an instalment"),
        (("accounts", "plan-back", "event", "1"), "has no funding plan version 1; it has none"),
        (("accounts", "create", "New", "--like", "event", "--objective", "balanced"), "leave --ob"),
        (("accounts", "create", "event"), "Event tactical (event) exists already"),
        (("accounts", "release", "event", "1", "--reason", "x"), "has no tranche 1"),
        (("mandate", "edit", "event", "--set", "positions_max=2.7", "--sign"), "a whole number"),
        (("mandate", "edit", "event", "--set", "cash_floor=5%", "--sign"), "no number of rupees"),
        (("mandate", "edit", "event", "--set", "turnover_min=-5", "--sign"), "cannot be negative"),
        (("mandate", "show", "event", "--version", "9"), "no mandate version 9; it has 1 to 1"),
        (("mandate", "compare", "event@x", "event"), "names no version; write account@2"),
        (("mandate", "history", "moon"), "no account is named moon"),
        (("mandate", "clone", "event"), "--to"),
        (("mandate", "edit", "event", "--set", "moon=1"), "'moon=1' sets no rule; write"),
        (("mandate", "edit", "event", "--set", "positions_max=many"), "is no number"),
        (("mandate", "edit", "event", "--set", "shorts=maybe"), "is neither yes nor no"),
        (("mandate", "edit", "event", "--set", "objective=moon"), "is no such value; "),
        (("mandate", "edit", "event", "--set", "sectors_banned=Enrgy"), "near ones are Energy"),
        (("mandate", "edit", "event", "--set", "positions_max=12", "--sign"), "nothing changes"),
        (("mandate", "edit", "event", "--set", "position_weight_max=40", "--sign"), "its sector"),
        (("accounts", "add", "event", "0", "--reference", "x"), "moves nothing"),
        (("accounts", "add", "event", "moon"), "'moon' is no amount of rupees"),
        (("accounts", "take", "event", "99999999", "--reference", "x"), "was asked for"),
    ],
    ids=lambda part: str(part)[:50],
)
def test_what_cannot_be_done_is_one_sentence(
    munim: Terminal, desk: Desk, words: tuple[str, ...], says: str
):
    with desk.store.read() as tx:
        before = audit.head(tx)
    said = munim(*words, "--json")
    assert (said.code, said.out) == (2, "")
    assert says in said.err and len(said.err.strip().splitlines()) == 1
    with desk.store.read() as tx:
        assert audit.head(tx) == before
