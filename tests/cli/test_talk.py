"""The intake talk in a terminal: nothing is signed before "sign", and a left talk goes on."""

from __future__ import annotations

import pytest

from core.config import settings_now
from core.desk.desk import Desk
from core.errors import StoreBusy
from core.store import accounts, audit, funding, mandates
from tests.cli.terminal import Terminal
from tests.llm.model_server import model_server

# in the order of the questions
ANSWERS = (
    "balanced", "two years", "20 lakh including what is there", "10%, 1.5% a day, 0.75% a trade",
    "12 stocks, 10% in one stock, 25% in a sector", "no power", "large and mid, 50k cash", "both",
)  # fmt: skip


def test_a_whole_talk_is_signed(munim: Terminal, desk: Desk):
    said = munim("intake", "--account", "event", "--json", typed="\n".join([*ANSWERS, "sign"]))
    assert said.code == 0
    assert said.document["signed"] is True
    assert said.document["mandate"]["sectors_banned"] == ["Power"]
    assert 'Type "yes"' in said.err
    with desk.store.read() as tx:
        assert mandates.current(tx, "event").version == 2


def test_a_talk_that_is_left_signs_nothing_and_goes_on(munim: Terminal, desk: Desk):
    left = munim("intake", "--account", "Event tactical", typed="balanced\nquit\n")
    assert left.code == 0
    assert "nothing is signed" in left.out
    again = munim("intake", "--account", "event", typed="")
    assert "need the money back" in again.err
    afresh = munim("intake", "--account", "event", "--again", typed="")
    assert "What is this account for" in afresh.err
    with desk.store.read() as tx:
        assert mandates.current(tx, "event").version == 1


def test_signing_too_early_says_what_is_open(munim: Terminal, desk: Desk):
    said = munim("intake", "--account", "event", typed="balanced\nsign\n")
    assert said.code == 2
    assert "questions are open: Horizon" in said.sentence


def test_a_yes_at_the_end_saves_it(munim: Terminal, desk: Desk):
    said = munim("intake", "--account", "event", "--json", typed="\n".join([*ANSWERS, "yes"]))
    assert said.code == 0 and said.document["signed"] is True
    assert said.document["mandate"]["risk_per_trade_max"] == 0.0075


def test_a_model_named_in_the_settings_points_and_the_terminal_asks(
    munim: Terminal, desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    found = {"field": "objective", "value": "risk minimized", "quote": "sleep-at-night money"}
    with model_server(lambda text: {"values": [found]}) as server:
        monkeypatch.setenv("MUNIM_LLM", "groq:local")
        monkeypatch.setenv("MUNIM_LLM_ADDRESS", server.root)
        monkeypatch.setenv("MUNIM_GROQ_KEY", "sk-canary")
        settings_now.cache_clear()
        said = munim("intake", "--account", "event", "--json",
                     typed="this is my sleep-at-night money\nyes\nquit\n")  # fmt: skip
    assert "Do you mean aim risk minimized?" in said.err
    assert "(Read again with Groq local.)" in said.err and "canary" not in said.err + said.out
    assert said.document["values"][0]["stored"] == "risk minimized"
    assert len(server.seen) == 1


def test_the_state_of_a_talk_is_one_document(munim: Terminal, desk: Desk):
    left = munim("intake", "--account", "event", "--json", typed="balanced\ntwo years\n9%\nquit\n")
    state = left.document
    assert (state["signed"], state["account"]) == (False, "event")
    assert state["open"] == ["money", "pain", "positions", "sectors", "companies", "trading"]
    rows = {row["key"]: row for row in state["values"]}
    assert (rows["horizon_months"]["mark"], rows["horizon_months"]["stored"]) == ("said", 24)
    assert rows["drawdown_max"]["mark"] == "open"
    assert state["past"] == {"why_not": "name the money, and the draft is laid over the store's "
                                        "past prices"}  # fmt: skip
    shown = munim("intake", "--account", "event", "--show", "--json")
    assert shown.document["values"] == state["values"]
    assert (
        "Horizon: 24 months, until 20 Nov 2028 (said, two years)"
        in munim("intake", "--account", "event", "--show").out
    )


def test_a_new_account_is_opened_at_its_yes(munim: Terminal, desk: Desk):
    unknown = munim("intake", "--account", "SIP aggressive", typed="balanced\n")
    assert unknown.code != 0 and "--new opens an account of that name" in unknown.sentence
    begun = munim("intake", "--account", "SIP aggressive", "--new", typed="balanced\nquit\n")
    assert begun.code == 0 and "nothing is signed" in begun.out
    with desk.store.read() as tx:
        assert "SIP aggressive" not in {one.name for one in accounts.accounts(tx)}
    # the talk goes on by its name alone
    done = munim("intake", "--account", "sip aggressive", "--json",
                 typed="\n".join([*ANSWERS[1:], "yes"]))  # fmt: skip
    assert done.document["signed"] is True
    with desk.store.read() as tx:
        opened = accounts.by_name(tx, "SIP aggressive")
        assert mandates.current(tx, opened.id).version == 1
        assert funding.current(tx, opened.id).lump_sum.paise == 200_000_000
    taken = munim("intake", "--account", "SIP aggressive", "--new", typed="")
    assert taken.code == 2 and "is called 'SIP aggressive' already" in taken.sentence


def test_a_yes_that_breaks_off_opens_signs_and_plans_nothing(
    munim: Terminal, desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    munim("intake", "--account", "Eid", "--new", typed="\n".join([*ANSWERS, "quit"]))
    with monkeypatch.context() as broken:

        def breaks(*_: object) -> None:
            raise StoreBusy("another writer held the store for 10 s; try again")

        broken.setattr("core.desk.talk.drafts.drop", breaks)  # the last of what a yes writes
        refused = munim("intake", "--account", "eid", typed="yes\n")
    assert refused.code == 1 and "held the store" in refused.sentence
    with desk.store.read() as tx:
        assert "Eid" not in {one.name for one in accounts.accounts(tx)}
        assert all(entry.verb != "intake" for entry in audit.newest(tx))
    assert munim("intake", "--account", "eid", "--json", typed="yes\n").document["signed"] is True


def test_a_talk_about_a_new_account_is_forgotten_and_begun_again(munim: Terminal, desk: Desk):
    munim("intake", "--account", "Diwali", "--new", typed="balanced\nquit\n")
    afresh = munim("intake", "--account", "Diwali", "--new", "--again", "--show", "--json")
    assert all(row["mark"] == "open" for row in afresh.document["values"])
    nowhere = munim("intake", "--account", "Holi", "--new", "--login", "nowhere", typed="")
    assert nowhere.code != 0 and "no login has the id nowhere" in nowhere.sentence


def test_a_line_too_long_is_refused_and_the_talk_goes_on(munim: Terminal, desk: Desk):
    said = munim("intake", "--account", "event", "--json",
                 typed="balanced\n" + "5 lakh " * 1500 + "\ntwo years\nquit\n")  # fmt: skip
    assert said.code == 0 and "10499 characters; say it in 1000 or fewer" in said.err
    assert said.document["open"][0] == "money"


def test_a_closed_account_is_not_talked_about(munim: Terminal, desk: Desk):
    with desk.store.write() as tx:
        accounts.close(tx, "event", desk.clock.now())
    said = munim("intake", "--account", "event", typed="balanced\n")
    assert said.code != 0 and "closed" in said.sentence
