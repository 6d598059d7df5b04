"""What was read about orders and shares comes back as it was kept, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.domain.ledger import Transaction, TransactionKind
from core.domain.money import Money
from core.domain.order import Fill, OrderStatus, Product, Side
from core.domain.ports import BrokerOrder
from core.domain.reconciliation import Lookup, Mismatch, Reconciliation
from core.store import fills, ledger, lookups, reconciliations, settings
from core.treasury import post

AT = datetime(2026, 11, 20, 5, 12, tzinfo=UTC)
SHOWN = BrokerOrder(
    "B1", "", "BEL", "I1", Side.BUY, 5, 0, OrderStatus.OPEN, "OPEN", "", limit=Money(40_000)
)
TRADE = Fill("B1", "t1", "NSE", "", "I1", "BEL", 5, Money(40_000), Product.CNC, AT)


def test_a_lookup_comes_back_and_is_forgotten(any_store):
    first = Lookup("or-1", AT, 10.5, 2, 10.5, 70.25, "", (SHOWN,), (TRADE,))
    with any_store.write() as tx:
        lookups.put(tx, first)
        lookups.put(tx, replace(first, order_id="or_2", unclear="two of one tag"))
        lookups.put(tx, replace(first, reads=3, last=131.0))
    with any_store.read() as tx:
        assert lookups.of_order(tx, "or-1") == replace(first, reads=3, last=131.0)
        assert [one.order_id for one in lookups.all_lookups(tx)] == ["or-1", "or_2"]
        assert lookups.of_order(tx, "or-9") is None
    with any_store.write() as tx:
        lookups.drop(tx, "or-1")
        lookups.drop(tx, "or-1")
    with any_store.read() as tx:
        assert [one.order_id for one in lookups.all_lookups(tx)] == ["or_2"]


def test_the_last_comparison_of_each_login_comes_back(any_store):
    differs = Mismatch("I1", "BEL", 3, 5, Money(80_000), "BEL: two more", AT)
    found = Reconciliation("paper", AT, (differs, replace(differs, worth=None)), ("changed",))
    with any_store.write() as tx:
        reconciliations.put(tx, replace(found, mismatches=()))
        reconciliations.put(tx, found)
        reconciliations.put(tx, Reconciliation("kite", AT))
    with any_store.read() as tx:
        assert reconciliations.of_login(tx, "paper") == found
        assert [one.login_id for one in reconciliations.all_latest(tx)] == ["kite", "paper"]
        assert reconciliations.of_login(tx, "fyers") is None
    assert differs.qty == 2


def test_settings_are_found_by_how_their_key_starts_and_nothing_else(any_store):
    with any_store.write() as tx:
        for key in ("a_b:1", "axb:2", "a_b", "a%b:3"):
            settings.put(tx, key, key)
    with any_store.read() as tx:
        assert settings.starting(tx, "a_b:") == {"a_b:1": "a_b:1"}


def elsewhere(login_id: str, isin: str, qty: int, name: str) -> Transaction:
    return post.elsewhere(
        login_id=login_id, isin=isin, qty=qty, worth=Money(100 * qty), at=AT, reference=name,
        words="",
    )  # fmt: skip


def test_what_was_done_elsewhere_stands_apart_from_every_account(any_store):
    made = elsewhere("paper", "I1", 7, "one")
    with any_store.write() as tx:
        assert ledger.post(tx, made)
        assert not ledger.post(tx, made)
        ledger.post(tx, elsewhere("paper", "I2", -4, "two"))
        ledger.post(tx, elsewhere("kite", "I1", 1, "three"))
        ledger.post(tx, post.correction(elsewhere("kite", "I1", 1, "three"), at=AT, reason="x"))
    with any_store.read() as tx:
        assert ledger.positions(tx) == []
        held = [(one.account_id, one.isin, one.qty) for one in ledger.elsewhere(tx)]
        assert held == [("external:paper", "I1", 7), ("external:paper", "I2", -4)]
        assert [one.qty for one in ledger.elsewhere(tx, isin="I2")] == [-4]
        assert ledger.trial_balance(tx) == Money(0)
        assert ledger.transaction(tx, made.id) == made
        assert ledger.transaction(tx, "nothing") is None
    assert made.kind is TransactionKind.EXTERNAL


def test_fills_since_a_moment_come_oldest_first(any_store):
    with any_store.write() as tx:
        for minutes, name in ((3, "c"), (-1, "a"), (0, "b")):
            at = AT + timedelta(minutes=minutes)
            fills.put(tx, replace(TRADE, trade_id=name, traded_at=at))
    with any_store.read() as tx:
        assert [one.trade_id for one in fills.since(tx, AT)] == ["b", "c"]
