"""Waiting cards that cannot all be had say so, each of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.desk.caps import set_caps
from core.desk.compete import competition
from core.desk.desk import Desk
from core.domain.card import Card
from core.domain.live import Caps
from core.store import ledger, mandates
from core.treasury import post
from tests.made import rs
from tests.views.shelf import NOW, event_card, filled_desk, scan_card


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """RELIANCE and TATAPOWER wait, in one account with room for both."""
    return filled_desk(tmp_path)


def said(desk: Desk, card: Card) -> tuple[str, ...]:
    with desk.store.read() as tx:
        return competition(tx, card, calendar=desk.calendar, at=NOW)


def test_cards_there_is_enough_for_say_nothing(desk: Desk):
    assert event_card().account_id == scan_card().account_id
    assert said(desk, event_card()) == ()


def test_money_that_does_not_reach_is_said_on_both_with_both_sums(desk: Desk):
    need = sum(
        (one.allocation.notional + one.allocation.charges).paise
        for one in (event_card(), scan_card())
    )
    rules = mandates_of(desk)
    with desk.store.write() as tx:
        free = ledger.balance(tx, event_card().account_id, "cash")
        left = rules.cash_floor + rs(need // 100 - 1)
        ledger.post(
            tx,
            post.withdrawal(
                account_id=event_card().account_id, amount=free - left, at=NOW, reference="w"
            ),
        )
    [first] = said(desk, event_card())
    assert said(desk, scan_card()) == (first,)
    assert first.startswith("2 cards wait here (RELIANCE, TATAPOWER) and need ₹")
    assert "may be spent: a yes to one leaves too little for the rest." in first


def mandates_of(desk: Desk):
    with desk.store.read() as tx:
        return mandates.current(tx, event_card().account_id)


def test_places_that_do_not_reach_are_said(desk: Desk):
    rules = mandates_of(desk)
    with desk.store.write() as tx:
        mandates.put(tx, replace(rules, version=rules.version + 1, positions_max=2))
    [sentence] = said(desk, scan_card())
    assert sentence.endswith("and 1 place of at most 2 is left for them.")


def test_a_cap_that_does_not_reach_is_said(desk: Desk):
    most = max(one.allocation.notional for one in (event_card(), scan_card()))
    set_caps(desk, "account", event_card().account_id, Caps(most, most), by="test")
    [sentence] = said(desk, event_card())
    assert "may send" in sentence and "more today" in sentence
