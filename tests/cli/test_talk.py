"""The intake talk in a terminal: nothing is signed before "sign", and a left talk goes on."""

from __future__ import annotations

from core.desk.desk import Desk
from core.store import mandates
from tests.cli.terminal import Terminal

# in the order of the questions
ANSWERS = (
    "balanced", "two years", "20 lakh", "10%, 1.5% a day, 0.75% a trade",
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
