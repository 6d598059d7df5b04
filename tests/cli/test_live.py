"""Real money in the terminal: a pipe approves nothing, and each row that fails says so."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import settings_now
from core.domain.account import LoginMode, Market
from core.domain.card import CardStatus
from core.store import accounts
from core.store.engine import open_store
from tests.cli.terminal import Terminal
from tests.desk.live_morning import ZERODHA, live_card, live_morning_on
from tests.desk.morning import Morning


class Tty(io.StringIO):
    """Standard input as a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def at_live(sqlite_url: str, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Morning]:
    store = open_store(sqlite_url, Market.LIVE, scratch=True)
    morning = live_morning_on(store, own_home)
    monkeypatch.setenv("MUNIM_MARKET", "live")
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    settings_now.cache_clear()
    for place in ("core.cli.live", "core.cli.decide"):
        monkeypatch.setattr(f"{place}.open_desk", lambda: morning.desk)
    yield morning
    store.close()


def test_a_pipe_approves_no_live_card(at_live: Morning, munim: Terminal):
    card = live_card(at_live)
    said = munim("cards", "approve", card.id, typed="MIDCO 40\n")
    assert said.code == 2
    assert "needs a person at a terminal, and standard input is a pipe" in said.sentence
    assert at_live.card(card.id).status is CardStatus.OPEN


@pytest.mark.parametrize(
    ("typed", "code", "status"),
    [("MIDCO 40\n", 0, CardStatus.APPROVED), ("yes\n", 2, CardStatus.OPEN)],
)
def test_a_terminal_approves_a_live_card_by_its_words(
    at_live: Morning,
    munim: Terminal,
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
    code: int,
    status: CardStatus,
):
    card = live_card(at_live)
    monkeypatch.setattr("tests.cli.terminal.io.StringIO", Tty)
    said = munim("cards", "approve", card.id, typed=typed)
    assert (said.code, at_live.card(card.id).status) == (code, status)
    assert "LIVE, real money: BUY 40 MIDCO for Event tactical, at most ₹20,200.00" in said.err


def test_doctor_live_lists_every_row_and_fails(at_live: Morning, munim: Terminal):
    said = munim("doctor", "--live")
    assert said.code == 1 and "zerodha: 5 of 16 pass" in said.out
    assert "FAIL password          none is set; set one on Settings" in said.out
    told = munim("doctor", "--live", "--json").document
    assert told["ok"] is False and len(told["logins"]["zerodha"]) == 16


def test_switching_takes_a_terminal_and_back_takes_none(at_live: Morning, munim: Terminal):
    assert "needs a person at a terminal" in munim("live", "switch", "zerodha").sentence
    assert munim("live", "paper", "zerodha").code == 0
    with at_live.desk.store.read() as tx:
        assert accounts.login(tx, ZERODHA.id).mode is LoginMode.PAPER


def test_caps_address_and_backup(at_live: Morning, munim: Terminal):
    said = munim("live", "caps", "--login", "zerodha", "--order", "10000", "--day", "20000")
    assert said.out.strip() == "zerodha: ₹10,000.00 an order, ₹20,000.00 a day"
    assert munim("live", "caps", "--order", "1", "--day", "2").code == 2
    named = ("--account", "Event tactical", "--order", "10", "--day", "20")
    assert munim("live", "caps", *named).code == 0
    assert munim("live", "static-ip", "9.9.9.9", "--login", "zerodha").code == 0
    assert "is copied to backups/munim-" in munim("backup").out
    [copy] = (at_live.desk.home / "backups").iterdir()
    assert copy.stat().st_mode & 0o777 == 0o600


def test_alarms_test_without_a_channel_says_how_to_set_one(at_live: Morning, munim: Terminal):
    said = munim("alarms", "test")
    assert said.code == 2 and "MUNIM_ALARM_WEBHOOK" in said.sentence


def test_alarms_test_fails_when_nobody_takes_it(
    at_live: Morning, munim: Terminal, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("MUNIM_ALARM_WEBHOOK", "http://127.0.0.1:9/x")
    monkeypatch.setenv("MUNIM_ALARM_MAIL", "nonsense")
    said = munim("alarms", "test")
    assert said.code == 1 and "NO  webhook    webhook: not delivered" in said.out
    assert "must read smtp://" in said.err
