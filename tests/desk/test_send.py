"""The worker's send: checked again, committed first, sent once, and every kind of end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, update
from sqlmodel import Session

from core.desk import send
from core.desk.kill import kill_file, resume, set_level
from core.desk.mandate import sign
from core.desk.send import in_turn, send_order, send_prepared
from core.desk.settle import settle
from core.domain.card import APPROVAL_SECONDS, CardStatus
from core.domain.charges import Charges
from core.domain.money import Money
from core.domain.order import Order, OrderStatus
from core.domain.plan import PlanStatus
from core.domain.risk import KillLevel
from core.errors import ApprovalRefused, LeaseLost
from core.execution.rate import SendCap
from core.store import ledger, mandates
from core.store import orders as order_rows
from core.store.codec import to_json
from core.store.tables_market import bars
from core.store.tables_trade import approvals, cards, orders
from core.treasury import post
from tests.desk.morning import Morning, a_card
from tests.made import RELIANCE, rs

CLOSE = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)  # 15:30 in India; the day after is a holiday


def was_refused(morning: Morning, order: Order, why: str) -> None:
    """The order ended here: no byte left, the cash is free and card and plan are over."""
    [ended] = [one for one in send_prepared(morning.dealer) if one.id == order.id]
    assert ended.status is OrderStatus.CANCELLED
    assert why in ended.reason
    assert morning.broker.sends() == []
    assert morning.reserved() == Money(0)
    card = morning.card()
    assert (card.status, morning.plan().status) == (CardStatus.REFUSED, PlanStatus.ABANDONED)
    assert card.status_reason == ended.reason
    morning.books_are_clean()


def test_an_approved_order_leaves_once(morning: Morning):
    order = morning.approve()
    [sent] = send_prepared(morning.dealer)
    assert (sent.status, sent.broker_order_id) == (OrderStatus.OPEN, "paper-000001")
    assert send_prepared(morning.dealer) == []
    assert send_order(morning.dealer, order.id).status is OrderStatus.OPEN
    assert [one.id for one in morning.broker.sends()] == [order.id]
    assert morning.card().status is CardStatus.ORDERED


def test_the_broker_gets_an_order_that_is_already_committed_as_sent(morning: Morning):
    seen: list[OrderStatus] = []
    order = morning.approve()

    class Looks:
        def __getattr__(self, name: str) -> object:
            return getattr(morning.broker, name)

        def place(self, placed: Order) -> str:
            seen.append(morning.order(placed.id).status)
            return morning.broker.place(placed)

    send_prepared(replace(morning.dealer, sessions={"paper": Looks()}))
    assert seen == [OrderStatus.SENT]
    assert morning.order(order.id).status is OrderStatus.OPEN


def test_a_level_set_between_click_and_send_refuses(morning: Morning):
    order = morning.approve()
    set_level(morning.desk, KillLevel.PAUSE, reason="enough", by="me")
    was_refused(morning, order, "PAUSE stands")


def test_a_level_that_stands_only_in_the_file_refuses(morning: Morning):
    order = morning.approve()
    kill_file(morning.desk.home).write_text("REDUCE")
    was_refused(morning, order, "REDUCE stands")


def test_a_level_set_after_the_commit_stops_the_write_itself(morning: Morning):
    order = morning.approve()

    halting = replace(
        morning.dealer,
        desk=replace(morning.desk, store=HaltsAfterTheCommit(morning)),
        sessions={"paper": None},  # nothing may be written
    )
    ended = send_order(halting, order.id)
    assert ended.status is OrderStatus.CANCELLED
    assert "stopped before the write" in ended.reason
    assert (morning.broker.sends(), morning.reserved()) == ([], Money(0))
    assert morning.plan().status is PlanStatus.ABANDONED


class HaltsAfterTheCommit:
    """The morning's store; somebody halts the desk by file right after the first commit."""

    def __init__(self, morning: Morning) -> None:
        self._store = morning.desk.store
        self._home = morning.desk.home
        self.market = morning.desk.market

    def read(self) -> AbstractContextManager[Session]:
        return self._store.read()

    @contextmanager
    def write(self) -> Iterator[Session]:
        with self._store.write() as tx:
            yield tx
        kill_file(self._home).write_text("HALT")


def altered(morning: Morning, order: Order, **changes: object) -> Order:
    """Change a stored order by hand, as somebody with the file might."""
    changed = replace(order, **changes)  # type: ignore[arg-type]
    with morning.desk.store.write() as tx:
        tx.execute(update(orders).values(body=to_json(changed)))
    return changed


def test_a_stale_price_refuses(morning: Morning):
    order = morning.approve()
    morning.clock.pass_seconds(10)
    was_refused(morning, order, "The quote is 11 s old")


def test_a_rule_signed_after_the_click_refuses(morning: Morning):
    order = morning.approve()
    with morning.desk.store.read() as tx:
        rules = mandates.current(tx, "event")
    sign(morning.desk, replace(rules, sectors_banned=frozenset({"Chemicals"})), by="me")
    was_refused(morning, order, "Chemicals is banned by the mandate")


def test_a_loss_made_since_the_click_refuses(morning: Morning):
    order = morning.approve()
    # ₹40,000 of ₹20 lakh, 2.04 % of what is left, and 1.5 % is allowed
    gone = post.charge(
        account_id="event", charges=Charges(dp=rs("40000")), at=morning.clock.now(), reference="x"
    )
    with morning.desk.store.write() as tx:
        ledger.post(tx, gone)
    was_refused(morning, order, "Lost today: 2.04 % of a limit of 1.50 %")


@pytest.mark.parametrize("ltp", ["505.10", "494"])
def test_a_price_that_left_the_band_since_the_click_refuses(morning: Morning, ltp: str):
    order = morning.approve()
    morning.tick(ltp)
    was_refused(morning, order, "outside ₹495.00 to ₹505.00")


def test_an_approval_older_than_two_minutes_is_dead_though_the_market_clock_went_back(
    morning: Morning,
):
    order = morning.approve()
    before = morning.clock.at
    morning.clock.seconds += APPROVAL_SECONDS + 1
    morning.clock.at = before
    was_refused(morning, order, "the approval is 121 s old")


def test_an_approval_from_before_a_reboot_is_dead(morning: Morning):
    order = morning.approve()
    morning.clock.seconds = 5.0  # the monotonic clock began anew
    was_refused(morning, order, "s old, over 120 s")


def test_an_approval_of_two_minutes_to_the_second_still_lives(morning: Morning):
    morning.approve()
    morning.clock.seconds += APPROVAL_SECONDS
    [sent] = send_prepared(morning.dealer)
    assert sent.status is OrderStatus.OPEN


def test_an_approval_written_by_hand_for_another_hash_refuses(morning: Morning):
    order = morning.approve()
    with morning.desk.store.write() as tx:
        tx.execute(update(approvals).values(bound_hash="0" * 64))
    was_refused(morning, order, "the card is not the one that was approved")


def test_an_order_without_its_approval_refuses(morning: Morning):
    order = morning.approve()
    altered(morning, order, approval_id="ap-by-hand")
    was_refused(morning, order, "no approval stands behind it")


def test_an_order_blown_up_by_hand_refuses(morning: Morning):
    order = morning.approve()
    altered(morning, order, qty=10_000)
    [ended] = send_prepared(morning.dealer)
    assert "the order is for 10000 MIDCO, the card for 100 MIDCO" in ended.reason
    assert (morning.broker.sends(), order.qty) == ([], 100)


def test_an_order_priced_outside_its_card_refuses(morning: Morning):
    order = morning.approve()
    altered(morning, order, limit_price=rs("5050"))
    [ended] = send_prepared(morning.dealer)
    assert "its limit ₹5,050.00 is outside" in ended.reason
    assert (morning.broker.sends(), order.limit_price) == ([], rs("505"))


def test_a_card_altered_after_the_click_refuses(morning: Morning):
    order = morning.approve()
    stored = morning.card()
    looser = replace(stored, bracket=replace(stored.bracket, stop=rs("470")))
    with morning.desk.store.write() as tx:
        tx.execute(update(cards).values(body=to_json(looser)))
    [ended] = send_prepared(morning.dealer)
    assert "the card is not the one that was approved" in ended.reason
    assert (morning.broker.sends(), order.qty) == ([], 100)
    assert morning.reserved() == Money(0)
    [alarm] = morning.alarms()
    assert "differs from the one shown in what a click signs" in alarm


def test_a_share_without_enough_bars_refuses_and_holds_up_no_other_order(morning: Morning):
    order = morning.approve()
    with morning.desk.store.write() as tx:
        tx.execute(delete(bars))
    was_refused(morning, order, "its guardrails cannot be checked: no bars for INE111A01011")


def test_a_definite_no_ends_the_order_once(morning: Morning):
    morning.broker.refuse("RMS: margin exceeds")
    order = morning.approve()
    [ended] = send_prepared(morning.dealer)
    assert (ended.status, ended.reason) == (OrderStatus.REJECTED, "RMS: margin exceeds")
    assert morning.reserved() == Money(0)
    assert morning.plan().status is PlanStatus.ABANDONED
    assert send_prepared(morning.dealer) == []
    assert [one.id for one in morning.broker.sends()] == [order.id]
    morning.books_are_clean()


def test_a_throttled_order_was_not_accepted_and_is_not_tried_again(morning: Morning):
    morning.broker.throttle()
    morning.approve()
    [ended] = send_prepared(morning.dealer)
    assert ended.status is OrderStatus.REJECTED
    assert "not accepted: place: too many requests" in ended.reason
    assert (send_prepared(morning.dealer), len(morning.broker.sends())) == ([], 1)
    assert morning.reserved() == Money(0)


def test_a_dead_session_was_not_accepted(morning: Morning):
    morning.approve()
    morning.broker.die()
    [ended] = send_prepared(morning.dealer)
    assert ended.status is OrderStatus.REJECTED
    assert "log in again" in ended.reason
    assert morning.reserved() == Money(0)


def test_an_answer_lost_after_acceptance_is_unknown_and_keeps_its_cash(morning: Morning):
    morning.broker.accept_then_timeout()
    morning.approve()
    [lost] = send_prepared(morning.dealer)
    assert lost.status is OrderStatus.UNKNOWN
    assert morning.reserved().paise > 0
    assert morning.plan().status is PlanStatus.ENTERING
    assert (send_prepared(morning.dealer), len(morning.broker.sends())) == ([], 1)


def test_an_unknown_outcome_blocks_the_share_and_no_other(morning: Morning):
    morning.broker.drop_before_accept()
    morning.approve()
    send_prepared(morning.dealer)
    same = morning.approve(morning.put(a_card(morning.clock, id="cd2")))
    send_prepared(morning.dealer)
    assert "has an unknown outcome; resolve that one first" in morning.order(same.id).reason
    morning.tick("500", of=RELIANCE)
    other = a_card(morning.clock, id="cd3", isin=RELIANCE.isin, symbol="RELIANCE", sector="Energy")
    sent = morning.approve(morning.put(other))
    send_prepared(morning.dealer)
    assert morning.order(sent.id).status is OrderStatus.OPEN


def test_a_worker_with_an_older_fence_sends_nothing(morning: Morning):
    morning.approve()
    newer = morning.another_dealer()
    morning.tick("500")
    with pytest.raises(LeaseLost, match="fence 2 with worker-2"):
        send_prepared(morning.dealer)
    assert morning.broker.sends() == []
    [sent] = send_prepared(newer)
    assert sent.status is OrderStatus.OPEN
    assert len(morning.broker.sends()) == 1


def test_over_the_rate_an_order_waits_and_goes_out_a_second_later(morning: Morning):
    slow = replace(morning.dealer, cap=SendCap(per_second=1))
    first = morning.approve()
    morning.tick("500", of=RELIANCE)
    card = a_card(morning.clock, id="cd2", isin=RELIANCE.isin, symbol="RELIANCE", sector="Energy")
    second = morning.approve(morning.put(card))
    statuses = {one.id: one.status for one in send_prepared(slow)}
    assert statuses == {first.id: OrderStatus.OPEN, second.id: OrderStatus.PREPARED}
    morning.clock.pass_seconds(1.3)
    [sent] = send_prepared(slow)
    assert (sent.id, sent.status) == (second.id, OrderStatus.OPEN)


def test_behind_an_order_that_waits_for_the_rate_nobody_overtakes(
    morning: Morning, monkeypatch: pytest.MonkeyPatch
):
    slow = replace(morning.dealer, cap=SendCap(per_second=1))
    first = morning.approve()
    morning.tick("500", of=RELIANCE)
    names = {"isin": RELIANCE.isin, "symbol": "RELIANCE", "sector": "Energy"}
    second = morning.approve(morning.put(a_card(morning.clock, id="cd2", **names)))
    third = replace(second, id="or-third", tag="AA" + "B" * 16)
    looked_at: list[str] = []

    def look(dealer, order_id):
        looked_at.append(order_id)
        morning.clock.pass_seconds(0.7)  # the second passes while the waiting ones are looked at
        return send_order(dealer, order_id)

    with morning.desk.store.write() as tx:
        order_rows.put(tx, replace(third, prepared_at=second.prepared_at + timedelta(seconds=1)))
    monkeypatch.setattr(send, "send_order", look)
    found = [(one.id, one.status) for one in send_prepared(slow)]
    assert looked_at == [first.id, second.id]
    assert found == [
        (first.id, OrderStatus.OPEN),
        (second.id, OrderStatus.PREPARED),
        ("or-third", OrderStatus.PREPARED),
    ]


def test_clicks_of_one_moment_are_sent_as_they_were_recorded_whatever_their_names(
    morning: Morning,
):
    names = ["cd-q", "cd-z", "cd-a", "cd-m", "cd-x"]
    made = [morning.approve(morning.put(a_card(morning.clock, id=name))) for name in names]
    assert len({one.prepared_at for one in made}) == 1
    assert [one.id for one in made] != sorted(one.id for one in made)
    with morning.desk.store.read() as tx:
        turn = in_turn(tx, sorted(made, key=lambda one: one.id))
        assert [one.id for one in turn] == [one.id for one in made]
        lost = replace(made[0], id="or-0", plan_id="pl-0")
        assert next(iter(in_turn(tx, [*made, lost]))).id == "or-0"


def test_what_is_let_go_is_what_was_set_aside_though_the_order_row_was_altered(morning: Morning):
    opening = morning.cash()
    order = morning.approve()
    altered = replace(order, qty=10_000, limit_price=rs("5000"))
    with morning.desk.store.write() as tx:
        values = {"qty": altered.qty, "body": to_json(altered)}
        tx.execute(update(orders).where(orders.c.id == order.id).values(**values))
    [ended] = send_prepared(morning.dealer)
    assert ended.status is OrderStatus.CANCELLED
    assert (morning.cash(), morning.reserved()) == (opening, Money(0))


def test_an_approval_that_grew_old_while_it_waited_for_the_rate_is_dropped(morning: Morning):
    slow = replace(morning.dealer, cap=SendCap(per_day=0))
    order = morning.approve()
    assert [one.status for one in send_prepared(slow)] == [OrderStatus.PREPARED]
    morning.clock.pass_seconds(121)
    [ended] = send_prepared(slow)
    assert (ended.id, ended.status) == (order.id, OrderStatus.CANCELLED)
    assert ended.reason == "the approval is 121 s old, over 120 s; approve again"
    assert morning.reserved() == Money(0)


def test_an_entry_clicked_before_the_close_and_sent_after_it_stays_here(morning: Morning):
    morning.clock.move_to(CLOSE - timedelta(seconds=20))
    order = morning.approve(morning.put(a_card(morning.clock, id="cd2")))
    morning.clock.pass_seconds(40)
    [ended] = send_prepared(morning.dealer)
    assert (ended.id, ended.status) == (order.id, OrderStatus.CANCELLED)
    assert ended.reason.startswith("MIDCO: the market is ")
    assert ended.reason.endswith("at 15:30:20; wait for the next open")
    assert morning.broker.sends() == []


@pytest.mark.parametrize("days", [0, 1], ids=["this evening", "on a holiday"])
def test_no_click_is_taken_while_the_market_is_shut(morning: Morning, days: int):
    morning.clock.move_to(CLOSE + timedelta(days=days, hours=-2 * days + 1))
    with pytest.raises(ApprovalRefused, match=r"the market is closed at .*; wait"):
        morning.approve(morning.put(a_card(morning.clock, id="cd2")))
    assert morning.broker.sends() == []


def test_what_a_refusal_freed_can_be_approved_again_after_resume(morning: Morning):
    order = morning.approve()
    set_level(morning.desk, KillLevel.HALT, reason="enough", by="me")
    was_refused(morning, order, "HALT stands")
    resume(morning.desk, reason="calm again", by="me")
    again = morning.approve(morning.put(a_card(morning.clock, id="cd2")))
    [sent] = send_prepared(morning.dealer)
    assert (sent.id, sent.status) == (again.id, OrderStatus.OPEN)
    assert settle(morning.dealer) == 1
