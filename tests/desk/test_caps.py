"""Rupee caps counted from stored sends, and entries nobody can have meant (scenario 73).

The card buys 100 MIDCO at most 505: ₹50,500. Band 450 to 550 or wider, tick ₹0.05.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import update

from core.desk.caps import capped, login_caps, set_caps
from core.desk.kill import set_level
from core.desk.safe import keep_safe
from core.desk.send import send_order
from core.domain.card import Card, CardStatus
from core.domain.live import Caps
from core.domain.money import Money
from core.domain.order import Order, OrderStatus
from core.domain.risk import KillLevel
from core.errors import ApprovalRefused, BadInput, NotFound
from core.store import audit
from core.store.codec import to_json
from core.store.tables_trade import orders as order_rows
from tests.desk.morning import Morning, a_card
from tests.made import rs


def caps(per_order: str, per_day: str) -> Caps:
    return Caps(rs(per_order), rs(per_day))


def cap_login(morning: Morning, per_order: str, per_day: str) -> None:
    set_caps(morning.desk, "login", "paper", caps(per_order, per_day), by="me")


def again(morning: Morning, name: str) -> Card:
    """One more card like the first."""
    return morning.put(replace(morning.card(), id=name, status=CardStatus.OPEN))


def test_a_paper_login_is_capped_only_where_a_person_set_it(morning: Morning):
    with morning.desk.store.read() as tx:
        assert login_caps(tx, "paper") is None
        assert capped(tx, "event", at=morning.clock.now()) == []
    morning.approve()


def test_an_entry_over_the_cap_of_an_order_is_refused_before_the_intent(morning: Morning):
    cap_login(morning, "50499", "100000")
    with pytest.raises(ApprovalRefused, match=r"rupee cap an order.*50,500\.00.*50,499\.00"):
        morning.approve()
    assert morning.orders() == [] and morning.reserved() == Money(0)


def test_the_days_cap_counts_what_waits_and_what_was_sent(morning: Morning):
    cap_login(morning, "60000", "101000")  # two of ₹50,500 fit exactly
    first = morning.approve()
    assert send_order(morning.dealer, first.id).status is OrderStatus.OPEN
    morning.approve(again(morning, "cd2"))
    with pytest.raises(ApprovalRefused, match=r"50,500\.00 after ₹1,01,000\.00 sent today"):
        morning.approve(again(morning, "cd3"))


def test_the_days_cap_begins_anew_at_midnight_in_india(morning: Morning):
    cap_login(morning, "60000", "60000")
    send_order(morning.dealer, morning.approve().id)
    morning.clock.pass_seconds(24 * 3600)
    with morning.desk.store.read() as tx:
        [one] = capped(tx, "event", at=morning.clock.now())
    assert one.used == Money(0)


def test_a_cap_lowered_after_the_click_stops_the_send(morning: Morning):
    order = morning.approve()
    cap_login(morning, "20000", "50000")
    ended = send_order(morning.dealer, order.id)
    assert ended.status is OrderStatus.CANCELLED and "rupee cap an order" in ended.reason
    assert morning.broker.sends() == []
    morning.books_are_clean()


def test_an_account_has_a_cap_of_its_own_beside_its_logins(morning: Morning):
    cap_login(morning, "100000", "500000")
    set_caps(morning.desk, "account", "event", caps("30000", "30000"), by="me")
    with pytest.raises(ApprovalRefused, match="account Event tactical may send ₹30,000"):
        morning.approve()


def test_an_exit_is_never_capped(morning: Morning):
    order = morning.approve()
    send_order(morning.dealer, order.id)
    morning.tick("500")
    keep_safe(morning.dealer)
    assert morning.shares()
    cap_login(morning, "1", "1")
    set_level(morning.desk, KillLevel.FLATTEN, reason="out", by="me")
    for price in ("500", "500", "500"):
        morning.tick(price)
        keep_safe(morning.dealer)
    assert not morning.shares()


def test_caps_are_recorded_and_belong_to_somebody(morning: Morning):
    cap_login(morning, "25000", "100000")
    with morning.desk.store.read() as tx:
        [entry] = [row for row in audit.entries(tx) if row.verb == "rupee caps"]
    assert '"per_day_paise":10000000' in entry.body and entry.subject == "login paper"
    with pytest.raises(NotFound):
        set_caps(morning.desk, "login", "nobody", caps("1", "2"), by="me")
    with pytest.raises(BadInput, match="at least as much"):
        caps("2", "1")


SLIPS: dict[str, tuple[Callable[[Card], Card], str]] = {
    "a hundred times the shares": (
        lambda card: replace(card, legs=(replace(card.legs[0], qty=10_000),)),
        r"quantity: 10,000 MIDCO are over the 100",
    ),
    "ten times the price": (
        lambda card: replace(
            card,
            bracket=replace(card.bracket, entry_high=rs("5050"), target=rs("6000")),
        ),
        r"price: the limit ₹5,050\.00 is 910 % from the last trade ₹500\.00",
    ),
    "more than the account has": (
        lambda card: replace(
            card,
            legs=(replace(card.legs[0], qty=4_000),),
            allocation=replace(card.allocation, qty=4_000),
        ),
        r"cash: 4,000 MIDCO cost ₹20,20,000\.00 and ₹20,00,000\.00 is free",
    ),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_fat_finger_is_refused_before_the_intent_with_its_reason(morning: Morning, slip: str):
    change, why = SLIPS[slip]
    card = morning.put(change(a_card(morning.clock)))
    with pytest.raises(ApprovalRefused, match=why):
        morning.approve(card)
    assert morning.orders() == [] and morning.reserved() == Money(0)
    assert morning.card(card.id).status is CardStatus.OPEN


def stored_with(morning: Morning, order: Order, limit: str) -> Order:
    """The order's row written over in the store, then sent."""
    changed = replace(order, limit_price=rs(limit))
    with morning.desk.store.write() as tx:
        row = update(order_rows).where(order_rows.c.id == order.id)
        tx.execute(row.values(body=to_json(changed)))
    return send_order(morning.dealer, order.id)


@pytest.mark.parametrize(
    ("limit", "why"),
    [
        ("504.97", "tick: the limit ₹504.97 is not a multiple of ₹0.05"),
        ("560", "outside ₹495.00 to ₹505.00"),
    ],
)
def test_a_price_altered_in_the_store_is_refused_before_it_leaves(
    morning: Morning, limit: str, why: str
):
    ended = stored_with(morning, morning.approve(), limit)
    assert ended.status is OrderStatus.CANCELLED
    assert why in ended.reason
    assert morning.broker.sends() == []
