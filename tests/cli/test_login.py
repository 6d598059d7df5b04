"""`munim login`: add, list, use, open with a pasted address, close and remove."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from core.desk import logins as wishes
from core.desk.one_time import take_code
from core.domain.login import AskStatus, LoginState, SessionStatus
from core.store import logins
from core.store.engine import Store
from tests.cli.terminal import Terminal
from tests.desk.morning import Morning, morning_on

BACK = "http://127.0.0.1:8501/broker/return?status=success&request_token=c0de&state="
ADD = ("login", "add", "kite", "--user", "AB1234", "--address", "http://127.0.0.1:8770")


@pytest.fixture
def at_desk(store: Store, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Morning:
    morning = morning_on(store, own_home)
    monkeypatch.setattr("core.cli.login.open_desk", lambda: morning.desk)
    monkeypatch.setattr("core.cli.login.LINK_SECONDS", 5.0)
    monkeypatch.setattr("core.cli.login.OPEN_SECONDS", 5.0)
    return morning


@contextmanager
def a_worker(morning: Morning, *, ends: AskStatus, saying: str) -> Iterator[None]:
    """Makes the link and ends the wish, as the worker's job does."""
    over = threading.Event()
    made = itertools.count(1)

    def work() -> None:
        while not over.wait(0.02):
            with morning.desk.store.write() as tx:
                for ask in logins.asks_with(tx, AskStatus.ASKED, AskStatus.RETURNED):
                    if ask.status is AskStatus.ASKED:
                        ready = replace(ask, status=AskStatus.READY, link="http://there/login")
                        logins.put_ask(
                            tx, replace(ready, state_hash=wishes.hashed(f"st{next(made)}"))
                        )
                    else:
                        assert take_code(morning.desk.home, ask.id) == "c0de"
                        logins.end_ask(tx, ask, ends, saying)

    thread = threading.Thread(target=work)
    thread.start()
    yield
    over.set()
    thread.join(timeout=5)


def test_a_login_is_added_listed_used_and_removed(at_desk: Morning, munim: Terminal):
    assert "Zerodha AB1234 is added as PAPER" in munim(*ADD).out
    used = munim("login", "use", "kite", "--account", "Event tactical")
    assert (used.code, used.out) == (0, "Event tactical trades through kite from now on\n")
    rows = munim("login", "list", "--json").document["logins"]
    assert {"id": "kite", "sandbox": True, "accounts": ["Event tactical"]}.items() <= rows[
        0
    ].items()
    assert "the desk's own exchange" in munim("login", "list").out
    kept = munim("login", "remove", "kite")
    assert (kept.code, "move them to another login first" in kept.sentence) == (2, True)
    munim("login", "use", "paper", "--account", "Event tactical")
    assert munim("login", "remove", "kite").code == 0


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--broker", "ibkr"), "is no broker here"),
        (("--broker", "fyers"), "are not built; choose zerodha or upstox"),
        (("--address", "https://api.kite.trade"), "no sandbox on this machine"),
    ],
)
def test_a_login_that_cannot_be_is_one_sentence(at_desk: Morning, munim: Terminal, words, why):
    said = munim("login", "add", "x", "--user", "AB1234", *words)
    assert said.code == 2 and why in said.sentence


def test_a_login_is_opened_with_the_pasted_address(at_desk: Morning, munim: Terminal):
    munim(*ADD)
    with a_worker(at_desk, ends=AskStatus.DONE, saying="logged in as Asha"):
        said = munim("login", "open", "kite", typed=f"{BACK}st1\n")
    assert said.code == 0, said.err
    assert "http://there/login" in said.out and said.out.endswith("logged in as Asha\n")


def test_another_state_or_a_refused_code_ends_with_a_sentence(at_desk: Morning, munim: Terminal):
    munim(*ADD)
    with a_worker(at_desk, ends=AskStatus.REFUSED, saying="the code is used"):
        wrong = munim("login", "open", "kite", "--address", f"{BACK}other")
        used = munim("login", "open", "kite", "--address", f"{BACK}st2")
    assert (wrong.code, "a state that no page here gave" in wrong.sentence) == (2, True)
    assert (used.code, used.sentence) == (2, "the code is used")


def test_without_a_worker_no_link_comes(at_desk: Morning, munim: Terminal, monkeypatch):
    munim(*ADD)
    monkeypatch.setattr("core.cli.login.LINK_SECONDS", 0.3)
    began = time.monotonic()
    said = munim("login", "open", "kite")
    assert said.code == 1 and "the worker made no link within 0 s" in said.sentence
    assert time.monotonic() >= began


def test_an_open_login_is_closed_and_a_closed_one_says_so(at_desk: Morning, munim: Terminal):
    munim(*ADD)
    assert "is not logged in" in munim("login", "close", "kite").sentence
    state = LoginState("kite", SessionStatus.OPEN, "open", "A", None, None, None, 1.0, {})
    with at_desk.desk.store.write() as tx:
        logins.put_state(tx, state)
    assert "the worker logs out" in munim("login", "close", "kite").out
    assert "log out first" in munim("login", "remove", "kite").sentence
