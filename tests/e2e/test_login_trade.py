"""A trade through a sandbox broker: log in on its page, approve, stop read back, restart, exit.

It runs after the first trade, whose store has a model and cards; alone it waits for them first.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from core.brokers.vault import Vault
from core.desk.desk import Desk
from core.domain.card import CardStatus
from core.domain.login import SessionStatus
from core.domain.order import OrderStatus, Purpose
from core.domain.plan import Plan, PlanStatus
from core.sandbox.kite.session import App
from core.store import accounts, cards, logins, orders
from tests.e2e.stack import ROOT, SECRET, Stack, button, free_port, told_on_failure, wait_until
from tests.e2e.test_first_trade import (
    BETWEEN_CLICKS,
    CARD_SECONDS,
    fills,
    pressed,
    recent_plans,
)

pytestmark = pytest.mark.e2e
LOGIN = "practice"
TRIES = 5
ANSWERS = ("doctor", "login list", "orders", "audit verify", "accounts list", "positions")


class Sandbox:
    """`munim sandbox kite` as a process, with what its control port tells."""

    def __init__(self, stack: Stack) -> None:
        self.port, self.control = free_port(), free_port()
        back = f"{stack.address}/broker/return"
        command = [
            str(Path(sys.executable).with_name("munim")), "sandbox", "kite", "--redirect", back,
            "--port", str(self.port), "--control-port", str(self.control),
            "--home", str(stack.folder / "sandbox"),
        ]  # fmt: skip
        with (stack.folder / "sandbox.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=stack.environment, stdout=log, stderr=log
            )
        wait_until(lambda: self.ask("clock"), what="the sandbox answers", seconds=60)

    def ask(self, path: str) -> Any:
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.control}/{path}", timeout=5
            ) as got:
                return json.loads(got.read())
        except OSError:
            return None

    def accepted(self) -> list[dict[str, Any]]:
        """Every order the sandbox's exchange took."""
        return [one for one in self.ask("journal") if one["kind"] == "Accepted"]

    def sent(self, verb: str) -> list[dict[str, Any]]:
        """Every request of one kind that reached its server."""
        return self.ask(f"requests?verb={verb}")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture
def sandbox(stack: Stack) -> Iterator[Sandbox]:
    stack.start("web", "worker")
    running = Sandbox(stack)
    yield running
    running.stop()


def test_a_trade_through_a_sandbox_broker(stack: Stack, tab: Page, sandbox: Sandbox) -> None:
    desk = stack.desk()
    stack.munim("resume", "--reason", "next test")
    with told_on_failure(stack, tab):
        wait_until(lambda: has_card(desk), what="a card", seconds=CARD_SECONDS)
        code = adds_and_logs_in(stack, desk, tab, sandbox)
        moves_what_is_flat(stack, desk)
        plan = buys_there(stack, desk, tab)
        order = the_order_stands_at_the_sandbox(desk, plan, sandbox)
        is_stopped_by_read_back(tab, stack, plan)
        survives_a_restart(stack, desk, tab, plan, sandbox, tag=order)
        sells_there(desk, tab, plan, sandbox)
        no_secret_lies_about(stack, code)


def no_secret_lies_about(stack: Stack, code: str) -> None:
    """Token, one-time code, app secret and passphrase stand in no file and no answer of the desk.

    What the sandbox writes is the broker's own and may hold what the broker knows.
    """
    kept = Vault(stack.home / "sessions", SECRET).get(LOGIN)
    assert kept is not None
    secrets = [kept.token, code, App().api_secret, SECRET]
    told = {one: stack.munim(*one.split(), "--json") for one in ANSWERS}
    texts = {f"munim {name}": (one.stdout + one.stderr).encode() for name, one in told.items()}
    for file in stack.folder.rglob("*"):
        name = str(file.relative_to(stack.folder))
        if file.is_file() and not name.startswith("sandbox"):
            texts[name] = file.read_bytes()
    assert {"munim.db", "worker.log", "web.log"} <= set(texts)
    found = [name for name, text in texts.items() for one in secrets if one.encode() in text]
    assert found == []


def adds_and_logs_in(stack: Stack, desk: Desk, tab: Page, sandbox: Sandbox) -> str:
    """Log in as a person does; returns the one-time code that came back."""
    # another name of this machine is another site, as the broker's own page would be
    address = f"http://localhost:{sandbox.port}"
    control = f"http://127.0.0.1:{sandbox.control}"
    added = stack.munim(
        "login", "add", LOGIN, "--user", "AB1234", "--address", address, "--control", control
    )
    assert added.returncode == 0, added.stderr
    stack.enter(tab)
    tab.goto(f"{stack.address}/broker")
    button(tab, f"log_in_{LOGIN}").click()
    with tab.context.expect_page() as opened:
        tab.get_by_role("link", name="Log in at the broker").click()
    there, asked = opened.value, list[str]()
    there.on("request", lambda one: asked.append(one.url))
    expect(there.get_by_text("This is not Zerodha.")).to_be_visible()
    there.fill("input[name=password]", "anything")
    there.get_by_role("button", name="Log in").click()
    there.wait_for_url(f"{stack.address}/broker?login={LOGIN}")
    there.close()
    wait_until(lambda: is_open(desk), what="the session is open", seconds=30)
    expect(tab.get_by_text("Sandbox Trader (AB1234)")).to_be_visible()
    codes = [parse_qs(urlsplit(url).query).get("request_token") for url in asked]
    (code,) = {one[0] for one in codes if one}
    return code


def is_open(desk: Desk) -> bool:
    with desk.store.read() as tx:
        state = logins.state(tx, LOGIN)
    return state is not None and state.status is SessionStatus.OPEN


def has_card(desk: Desk) -> bool:
    with desk.store.read() as tx:
        return bool(cards.with_status(tx, CardStatus.OPEN))


def moves_what_is_flat(stack: Stack, desk: Desk) -> None:
    """Accounts that hold something stay where they are, and say so."""
    with desk.store.read() as tx:
        names = [one.name for one in accounts.accounts(tx)]
    moved = [stack.munim("login", "use", LOGIN, "--account", name) for name in names]
    assert any(one.returncode == 0 for one in moved), [one.stderr for one in moved]
    assert all("cannot move" in one.stderr for one in moved if one.returncode)


def buys_there(stack: Stack, desk: Desk, tab: Page) -> Plan:
    for _ in range(TRIES):
        card = wait_until(lambda: a_card_there(desk), what="a card there", seconds=CARD_SECONDS)
        tab.goto(f"{stack.address}/cards?card={card}")
        plan = approves(desk, tab)
        if plan is not None:
            assert plan.login_id == LOGIN
            return plan
    raise AssertionError(f"none of {TRIES} cards could be bought through {LOGIN}")


def a_card_there(desk: Desk) -> str:
    """An open card of an account that trades through the sandbox; empty while there is none."""
    with desk.store.read() as tx:
        there = {one.id for one in accounts.accounts(tx) if one.login_id == LOGIN}
        waiting = cards.with_status(tx, CardStatus.OPEN)
    return next((one.id for one in waiting if one.account_id in there), "")


def approves(desk: Desk, tab: Page) -> Plan | None:
    """Approve and confirm; None when the market moved away before the order filled."""
    before = {plan.id for plan in recent_plans(desk)}
    for key in ("approve", "confirm"):
        if not pressed(tab, key):
            return None
        time.sleep(BETWEEN_CLICKS)
    expect(button(tab, "confirm")).to_have_count(0)
    new = [plan for plan in recent_plans(desk) if plan.id not in before]
    return new[0] if new and fills(desk, new[0]) else None


def the_order_stands_at_the_sandbox(desk: Desk, plan: Plan, sandbox: Sandbox) -> str:
    with desk.store.read() as tx:
        (entry,) = [one for one in orders.of_plan(tx, plan.id) if one.purpose is Purpose.ENTRY]
    mine = [one for one in sandbox.accepted() if one["ticket"]["tag"] == entry.tag]
    assert [one["ticket"]["qty"] for one in mine] == [entry.qty]
    return entry.tag


def is_stopped_by_read_back(tab: Page, stack: Stack, plan: Plan) -> None:
    tab.goto(f"{stack.address}/positions")
    row = tab.locator("tr", has_text=plan.symbol).first
    expect(row).to_contain_text("Broker", timeout=20_000)
    expect(row).to_contain_text("GTT")


def survives_a_restart(
    stack: Stack, desk: Desk, tab: Page, plan: Plan, sandbox: Sandbox, *, tag: str
) -> None:
    stack.kill("worker")
    time.sleep(2)
    stack.start("worker")
    wait_until(lambda: beats(desk) and is_open(desk), what="the kept session opens", seconds=60)
    assert [one["ticket"]["tag"] for one in sandbox.accepted()].count(tag) == 1
    expect(tab.locator("tr", has_text=plan.symbol).first).to_contain_text("GTT", timeout=20_000)


def beats(desk: Desk) -> bool:
    age = desk.worker_age()
    return age is not None and age < 3


def sells_there(desk: Desk, tab: Page, plan: Plan, sandbox: Sandbox) -> None:
    expect(button(tab, "exit")).to_be_enabled(timeout=30_000)
    box = tab.get_by_role("combobox", name="Position")
    box.click()
    with desk.store.read() as tx:  # another account may hold the same share
        [name] = [one.name for one in accounts.accounts(tx) if one.id == plan.account_id]
    tab.get_by_role("option", name=f"{plan.symbol} · {name}").click()
    expect(button(tab, "exit")).to_contain_text(name)  # a press before it would be refused
    button(tab, "exit").click()
    wait_until(lambda: is_closed(desk, plan), what="the position is sold", seconds=60)
    with desk.store.read() as tx:
        exits = [one for one in orders.of_plan(tx, plan.id) if one.purpose is Purpose.EXIT]
    assert OrderStatus.FILLED in {one.status for one in exits}
    assert {one.tag for one in exits} <= {one["ticket"]["tag"] for one in sandbox.accepted()}
    assert sandbox.sent("cancel_gtt")  # its stop went before its shares did


def is_closed(desk: Desk, plan: Plan) -> bool:
    found = next(one for one in recent_plans(desk) if one.id == plan.id)
    return found.status is PlanStatus.CLOSED
