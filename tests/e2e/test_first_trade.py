"""From an empty store to an approved, protected, explained trade that survives a crash."""

from __future__ import annotations

import json
import re
import time

import pytest
from playwright.sync_api import Page, TimeoutError, expect

from core.desk.approve import approve_card
from core.desk.desk import Desk
from core.desk.kill import effective_level
from core.domain.card import Card, CardStatus
from core.domain.ledger import Position
from core.domain.order import Order, OrderStatus, Purpose
from core.domain.plan import Plan
from core.domain.risk import KillLevel
from core.errors import ApprovalRefused
from core.store import cards, decisions, ledger, orders, plans
from tests.e2e.stack import Stack, button, click_link, strip, told_on_failure, wait_until

CARD_SECONDS = 180  # from an empty store to a card, as the desk promises
TRIES = 5  # the market moves: a card may be rewritten under the hand that clicks it
HALT_SECONDS = 20  # two on a quiet machine; a crowded one starts Python slowly
BETWEEN_CLICKS = 0.6  # the desk refuses a second press within 0.4 s

pytestmark = pytest.mark.e2e


def test_first_trade(stack: Stack, tab: Page) -> None:
    with told_on_failure(stack, tab):
        plan = buys(stack, tab)
        desk = stack.desk()
        held = protected_position(desk, tab, plan)
        survives_a_killed_worker(stack, desk, tab, plan, held)
        reaches_the_cause_in_three_clicks(desk, tab, plan)
        halts_without_the_web(stack, desk)


def buys(stack: Stack, tab: Page) -> Plan:
    stack.start("web", "worker")
    stack.enter(tab)
    expect(tab.get_by_text("First start")).to_be_visible()
    expect(strip(tab)).to_contain_text("SIMULATED MARKET")
    expect(button(tab, "first")).to_be_enabled(timeout=CARD_SECONDS * 1000)
    desk = stack.desk()
    for _ in range(TRIES):
        plan = approves_the_first_card(desk, tab)
        if plan is not None:
            return plan
        stack.enter(tab)
        expect(button(tab, "first")).to_be_enabled(timeout=60_000)
    raise AssertionError(f"none of {TRIES} cards could be bought")


def approves_the_first_card(desk: Desk, tab: Page) -> Plan | None:
    """Open, approve, confirm; None when the market moved away before the order filled."""
    before = {plan.id for plan in recent_plans(desk)}
    for key in ("first", "approve", "confirm"):
        if not pressed(tab, key):
            return None
        time.sleep(BETWEEN_CLICKS)
    expect(button(tab, "confirm")).to_have_count(0)
    new = [plan for plan in recent_plans(desk) if plan.id not in before]
    return new[0] if new and fills(desk, new[0]) else None


def pressed(tab: Page, key: str) -> bool:
    """Press a button; False when it stays disabled or goes away, as it does when prices move."""
    try:
        button(tab, key).click(timeout=15_000)
    except TimeoutError as gone:
        print(f"{key} could not be pressed: {gone.message.splitlines()[0]}")
        return False
    return True


def recent_plans(desk: Desk) -> list[Plan]:
    with desk.store.read() as tx:
        return plans.recent(tx, 20)


def entries(desk: Desk, plan: Plan) -> list[Order]:
    with desk.store.read() as tx:
        return [one for one in orders.of_plan(tx, plan.id) if one.purpose is Purpose.ENTRY]


def fills(desk: Desk, plan: Plan) -> bool:
    """Whether the one entry order filled in full; False when a last check refused the send."""
    ended = (OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.REJECTED, OrderStatus.EXPIRED)

    def end() -> OrderStatus | None:
        (entry,) = entries(desk, plan)
        return entry.status if entry.status in ended else None

    return wait_until(end, what="the entry order ends", seconds=60) is OrderStatus.FILLED


def position_of(desk: Desk, plan: Plan) -> Position:
    with desk.store.read() as tx:
        mine = ledger.positions(tx, plan.account_id)
    (found,) = [one for one in mine if one.isin == plan.isin]
    return found


def protected_position(desk: Desk, tab: Page, plan: Plan) -> Position:
    expect(tab.locator(".st-key-bar")).to_contain_text("Protected", timeout=20_000)
    click_link(tab, "Positions")
    row = tab.locator("tr", has_text=plan.symbol).first
    expect(row).to_contain_text("Broker", timeout=20_000)
    expect(row).to_contain_text("GTT")
    expect(tab.get_by_role("tab", name="Executed 1")).to_be_visible()
    held = position_of(desk, plan)
    (entry,) = entries(desk, plan)
    assert held.qty == entry.qty == plan.qty
    return held


def survives_a_killed_worker(
    stack: Stack, desk: Desk, tab: Page, plan: Plan, held: Position
) -> None:
    stack.kill("worker")
    alarm = tab.get_by_text(re.compile("The worker has been silent for"))
    expect(alarm).to_be_visible(timeout=15_000)
    expect(button(tab, "exit")).to_be_disabled(timeout=10_000)
    row = tab.locator("tr", has_text=plan.symbol).first
    expect(row).to_contain_text("Broker")  # its stop does not need the worker
    stack.start("worker")
    expect(alarm).to_have_count(0, timeout=60_000)
    expect(button(tab, "exit")).to_be_enabled(timeout=20_000)
    expect(row).to_contain_text("Broker")
    assert position_of(desk, plan) == held
    (entry,) = entries(desk, plan)
    assert entry.status is OrderStatus.FILLED
    with desk.store.read() as tx:
        bought = [one for one in orders.recent(tx) if one.isin == plan.isin]
    assert [one.id for one in bought if one.purpose is Purpose.ENTRY] == [entry.id]
    accepted = [json.loads(body) for body in stack.journal("Accepted")]
    assert [one["ticket"]["tag"] for one in accepted].count(entry.tag) == 1


def reaches_the_cause_in_three_clicks(desk: Desk, tab: Page, plan: Plan) -> None:
    with desk.store.read() as tx:
        decision = decisions.by_card(tx, plan.card_id)
    button(tab, "explain").click()  # one
    tab.wait_for_url("**/audit**")
    if decision.event is not None:
        tab.get_by_role("button", name="Read Event").click()  # two
        expect(tab.locator(".m-quote")).to_contain_text(decision.event.headline[:40])
        return
    assert decision.features is not None
    tab.get_by_role("button", name="Read Features").click()  # two
    expect(tab.get_by_text(decision.features.fingerprint).last).to_be_visible()


def an_open_card(desk: Desk) -> Card:
    def one() -> Card | None:
        with desk.store.read() as tx:
            return next(iter(cards.with_status(tx, CardStatus.OPEN)), None)

    return wait_until(one, what="another card", seconds=60)


def halts_without_the_web(stack: Stack, desk: Desk) -> None:
    card = an_open_card(desk)
    stack.kill("web")
    halted = stack.munim("halt", "--reason", "test", seconds=HALT_SECONDS)
    assert (halted.returncode, halted.stdout.strip()) == (0, "desk: HALT"), halted.stderr
    assert effective_level(desk) is KillLevel.HALT
    with pytest.raises(ApprovalRefused, match="HALT"):
        approve_card(desk, card.id, seen_hash=card.bound_hash, nonce="late", approver="test")
    verified = stack.munim("audit", "verify")
    assert verified.returncode == 0 and verified.stdout.strip().endswith("clean")
    looked = json.loads(stack.munim("doctor", "--json").stdout)
    rows = {row["name"]: row for row in looked["rows"]}
    assert rows["books"]["ok"] and rows["audit"]["ok"] and rows["worker"]["ok"]
    assert not rows["kill level"]["ok"]
