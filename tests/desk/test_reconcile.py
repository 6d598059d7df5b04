"""Shares and trades against the broker: what was done elsewhere, what differs, what it stops."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.desk.approve import approve_card
from core.desk.books import standing
from core.desk.exit import exit_position
from core.desk.protect import protect
from core.desk.reconcile import reconcile
from core.desk.report import make_report
from core.desk.send import send_prepared
from core.desk.settle import settle
from core.domain.ledger import OUTSIDE, external_account
from core.domain.money import Money
from core.domain.order import Fill, OrderStatus, Side
from core.domain.plan import PlanStatus
from core.domain.protection import ProtectionStatus
from core.errors import ApprovalRefused, LeaseLost, SourceFailed
from core.store import audit, fills, ledger, quotes, reconciliations
from tests.desk.morning import Morning, a_card, work_exits
from tests.made import MIDCO, RELIANCE, rs

BUCKET = external_account("paper")


def entered(morning: Morning) -> Morning:
    """A hundred MIDCO bought at ₹500.05 and covered."""
    morning.approve()
    send_prepared(morning.dealer)
    settle(morning.dealer)
    protect(morning.dealer)
    return morning


def by_phone(morning: Morning, **changes: object) -> str:
    """The owner trades past the desk."""
    order = morning.orders()[-1] if morning.orders() else morning.approve()
    placed = replace(order, id="phone", tag="", **changes)  # type: ignore[arg-type]
    return morning.broker.paper.place(placed)


def elsewhere(morning: Morning) -> dict[str, int]:
    with morning.desk.store.read() as tx:
        return {one.isin: one.qty for one in ledger.positions(tx, BUCKET)}


def test_a_trade_done_elsewhere_is_booked_once_and_belongs_to_no_account(any_morning: Morning):
    morning = entered(any_morning)
    cash, equity = morning.cash(), equity_of(morning)
    morning.tick("500", of=RELIANCE)
    by_phone(morning, isin=RELIANCE.isin, symbol="RELIANCE", qty=7)
    for _ in range(3):
        assert settle(morning.dealer) == 0
    after = replace(morning, dealer=morning.another_dealer())
    settle(after.dealer)
    with morning.desk.store.read() as tx:
        [booked] = ledger.transactions(tx, BUCKET)
        # seven at 500.05
        assert ledger.balance(tx, BUCKET, OUTSIDE) == -(rs("500.05") * 7)
        assert fills.recent(tx) == [one for one in fills.recent(tx) if one.isin == MIDCO.isin]
        assert {one.account_id for one in ledger.positions(tx)} == {"event"}
    assert booked.words == "RELIANCE: +7 at ₹500.05 was traded outside the desk"
    assert morning.alarms() == [booked.words]
    assert elsewhere(morning) == {RELIANCE.isin: 7}
    assert (morning.shares(), morning.cash()) == ({MIDCO.isin: 100}, cash)
    assert equity_of(morning) == equity
    assert reconcile(after.dealer) == []
    morning.books_are_clean()


def equity_of(morning: Morning) -> Money:
    with morning.desk.store.read() as tx:
        return standing(tx, "event", quotes.all_quotes(tx)).equity


def test_two_trades_done_elsewhere_add_up(morning: Morning):
    entered(morning)
    by_phone(morning, qty=30)
    by_phone(morning, qty=12)
    settle(morning.dealer)
    assert elsewhere(morning) == {MIDCO.isin: 42}
    assert morning.cover().qty == 100
    assert reconcile(morning.dealer) == []


@pytest.mark.parametrize(("sold", "left"), [(40, 60), (100, 0)])
def test_shares_sold_elsewhere_shrink_the_stop_and_the_next_sale(
    morning: Morning, sold: int, left: int
):
    entered(morning)
    by_phone(morning, side=Side.SELL, qty=sold, limit_price=rs("490"))
    settle(morning.dealer)
    assert elsewhere(morning) == {MIDCO.isin: -sold}
    for _ in range(3):
        protect(morning.dealer)
        morning.clock.pass_seconds(20)
    resting = [gtt.qty for gtt in morning.broker.gtts() if gtt.active]
    assert resting == ([left] if left else [])
    assert reconcile(morning.dealer) == []
    assert morning.shares() == {MIDCO.isin: 100}  # the plan's own record stays
    if left:
        morning.tick("500")
        exit_position(morning.desk, morning.plan().id, reason="enough", by="me")
        while not work_exits(morning.dealer):
            pass
        send_prepared(morning.dealer)
        settle(morning.dealer)
        assert morning.broker.sends()[-1].qty == left
        assert morning.broker.holdings() == {}
        assert reconcile(morning.dealer) == []
    morning.books_are_clean()


def test_equal_shares_say_nothing_and_stop_nothing(morning: Morning):
    entered(morning)
    assert reconcile(morning.dealer) == []
    with morning.desk.store.read() as tx:
        found = reconciliations.of_login(tx, "paper")
    assert found is not None and (found.mismatches, found.trades) == ((), ())
    assert found.at == morning.clock.now()


def test_a_difference_is_itemised_in_shares_and_rupees_and_alarmed_once(any_morning: Morning):
    morning = entered(any_morning)
    morning.broker.paper.credit(MIDCO.isin, -10)
    said = "MIDCO: the broker holds 90 and the desk's books 100; 10 fewer than we know of"
    # ten at the last price of 500
    for _ in range(3):
        assert reconcile(morning.dealer) == [f"{said}, ₹5,000.00"]
        morning.clock.pass_seconds(15)
    assert morning.alarms() == [f"{said}, ₹5,000.00; no entry on login paper until it is cleared"]
    with morning.desk.store.read() as tx:
        [one] = reconciliations.all_latest(tx)[0].mismatches
        entries = [e for e in audit.entries(tx, subject="paper") if e.verb == "reconcile"]
    assert (one.desk_qty, one.broker_qty, one.qty, one.worth) == (100, 90, -10, -rs("5000"))
    assert len(entries) == 1
    morning.books_are_clean()


def test_a_difference_keeps_entries_back_while_exits_and_stops_go_on(morning: Morning):
    entered(morning)
    waiting = morning.approve(morning.put(a_card(morning.clock, id="cd2")))
    morning.broker.paper.credit(RELIANCE.isin, 3)
    reconcile(morning.dealer)
    [refused] = send_prepared(morning.dealer)
    assert (refused.id, refused.status) == (waiting.id, OrderStatus.CANCELLED)
    assert "RELIANCE: the broker holds 3 and the desk's books 0" in refused.reason
    assert refused.reason.endswith("no entry on login paper until that is gone or accepted on "
                                   "Positions")  # fmt: skip
    third = morning.put(a_card(morning.clock, id="cd3"))
    with pytest.raises(ApprovalRefused, match="no entry on login paper"):
        approve_card(morning.desk, third.id, seen_hash=third.bound_hash, nonce="n3", approver="me")
    protect(morning.dealer)
    assert morning.cover().status is ProtectionStatus.VERIFIED
    exit_position(morning.desk, morning.plan().id, reason="enough", by="me")
    while not work_exits(morning.dealer):
        pass
    send_prepared(morning.dealer)
    settle(morning.dealer)
    assert (morning.plan().status, morning.shares()) == (PlanStatus.CLOSED, {})
    morning.broker.paper.credit(RELIANCE.isin, -3)  # gone by itself
    assert reconcile(morning.dealer) == []
    morning.tick("500")
    assert morning.approve(third).status is OrderStatus.PREPARED
    assert [one.status for one in send_prepared(morning.dealer)] == [OrderStatus.OPEN]


def test_a_difference_without_a_price_has_no_rupees(morning: Morning):
    class Odd:
        """The broker of the morning; it also holds a share the desk does not list."""

        def __getattr__(self, name: str) -> object:
            return getattr(morning.broker, name)

        def holdings(self) -> dict[str, int]:
            return {"INE000X01010": 5}

    dealer = replace(morning.dealer, sessions={"paper": Odd()})
    assert reconcile(dealer) == [
        "INE000X01010: the broker holds 5 and the desk's books 0; 5 more than we know of"
    ]


def test_a_fill_the_broker_tells_otherwise_is_said_once_and_stops_nothing(morning: Morning):
    entered(morning)

    class Corrected:
        """The broker of the morning; the exchange changed the price of its trades."""

        def __getattr__(self, name: str) -> object:
            return getattr(morning.broker, name)

        def trades(self) -> list[Fill]:
            return [replace(one, price=rs("501")) for one in morning.broker.trades()]

    dealer = replace(morning.dealer, sessions={"paper": Corrected()})
    for _ in range(2):
        [said] = reconcile(dealer)
    assert "is 100 at ₹501.00 at the broker and 100 at ₹500.05 in the books" in said
    assert morning.alarms() == [said]
    morning.approve(morning.put(a_card(morning.clock, id="cd2")))
    [sent] = send_prepared(morning.dealer)
    assert sent.status is not OrderStatus.CANCELLED


def test_a_fill_the_broker_does_not_show_is_said(morning: Morning):
    entered(morning)

    class Annulled:
        """The broker of the morning; it shows no trade any more."""

        def __getattr__(self, name: str) -> object:
            return getattr(morning.broker, name)

        def trades(self) -> list[Fill]:
            return []

    dealer = replace(morning.dealer, sessions={"paper": Annulled()})
    [said] = reconcile(dealer)
    assert "stands in the books and the broker does not show it" in said


def test_fills_of_an_earlier_day_are_not_asked_of_today(morning: Morning):
    entered(morning)
    morning.clock.pass_seconds(24 * 3600)
    assert reconcile(morning.dealer) == []


def test_a_fill_between_two_reads_is_no_difference(morning: Morning):
    morning.approve()
    send_prepared(morning.dealer)  # filled at the broker, not settled here
    assert reconcile(morning.dealer) == []
    assert morning.shares() == {MIDCO.isin: 100}
    assert morning.alarms() == []


def test_a_broker_that_cannot_be_read_leaves_the_last_comparison(morning: Morning):
    morning.broker.paper.credit(MIDCO.isin, 7)
    reconcile(morning.dealer)
    morning.broker.fail_reads(1)
    with pytest.raises(SourceFailed):
        reconcile(morning.dealer)
    with morning.desk.store.read() as tx:
        found = reconciliations.of_login(tx, "paper")
    assert found is not None and len(found.mismatches) == 1


def test_a_worker_that_lost_its_lease_compares_nothing(morning: Morning):
    morning.another_dealer()
    with pytest.raises(LeaseLost):
        reconcile(morning.dealer)


def test_the_days_report_says_what_differs_and_what_was_done_elsewhere(morning: Morning):
    entered(morning)
    by_phone(morning, qty=12)
    settle(morning.dealer)
    morning.broker.paper.credit(RELIANCE.isin, 3)
    reconcile(morning.dealer)
    told = make_report(morning.desk, by="me").markdown
    assert "- Paper broker, compared" in told and ": 1 differ" in told
    assert "  - RELIANCE: the broker holds 3 and the desk's books 0; 3 more" in told
    assert "  - MIDCO: +12 at ₹500.05 was traded outside the desk" in told
