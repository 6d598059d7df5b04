"""Two hundred clicks on one card at the same moment make one order."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from core.desk.approve import approve_card
from core.desk.desk import Desk
from core.desk.send import send_prepared
from core.domain.account import Market
from core.domain.card import CardStatus
from core.domain.ledger import TransactionKind
from core.domain.order import OrderStatus
from core.errors import ApprovalRefused, WrongMarket
from core.store import audit, ledger
from core.store.engine import open_store
from tests.desk.morning import Morning

CLICKS = 200
AT_ONCE = 20
PROCESSES = 4  # stores opened one each, as web processes would


def clicks(morning: Morning, nonce: Callable[[int], str]) -> list[str]:
    """What each of two hundred clicks came to: an order id, or the name of its error."""
    card = morning.put()
    opened = [
        open_store(morning.desk.store.url, morning.desk.market, scratch=True)
        for _ in range(PROCESSES)
    ]
    desks = [replace(morning.desk, store=store) for store in opened]
    together = Barrier(AT_ONCE)

    def click(number: int) -> str:
        if number < AT_ONCE:
            together.wait(timeout=60)
        desk: Desk = desks[number % PROCESSES]
        try:
            return approve_card(
                desk, card.id, seen_hash=card.bound_hash, nonce=nonce(number), approver="me"
            ).id
        except ApprovalRefused:
            return "refused"

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(click, range(CLICKS)))
    for store in opened:
        store.close()
    return answers


@pytest.mark.parametrize(
    "nonce", [lambda number: "one page", lambda number: f"tab {number}"], ids=["one", "many"]
)
def test_two_hundred_parallel_clicks_make_one_order(
    any_morning: Morning, nonce: Callable[[int], str]
):
    answers = clicks(any_morning, nonce)
    made = [answer for answer in answers if answer != "refused"]
    assert (len(made), answers.count("refused")) == (1, CLICKS - 1)
    [order] = any_morning.orders()
    assert (order.id, order.status) == (made[0], OrderStatus.PREPARED)
    assert any_morning.card().status is CardStatus.APPROVED
    with any_morning.desk.store.read() as tx:
        posted = ledger.transactions(tx, "event")
        entries = [row for row in audit.entries(tx) if row.verb == "approve"]
    assert sum(one.kind is TransactionKind.RESERVE for one in posted) == 1
    assert len(entries) == 1
    any_morning.tick("500")
    send_prepared(any_morning.dealer)
    assert [one.id for one in any_morning.broker.sends()] == made
    any_morning.books_are_clean()


def test_a_store_opened_under_another_market_is_refused(any_morning: Morning):
    with pytest.raises(WrongMarket, match="stamped sim and cannot be opened for live"):
        open_store(any_morning.desk.store.url, Market.LIVE)
