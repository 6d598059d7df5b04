"""Fills and order states that come twice, late, out of turn, wrong or from somebody else."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from core.brokers.rows import Incomplete
from core.desk.correct import correct_fill
from core.desk.kill import set_level
from core.desk.reconcile import reconcile
from core.desk.settle import settle
from core.domain.money import Money
from core.domain.order import Fill, OrderStatus, Side
from core.domain.plan import PlanStatus
from core.domain.ports import NotTaken
from core.domain.protection import ProtectionStatus
from core.domain.risk import KillLevel
from core.errors import BadInput, IllegalTransition
from core.store import fills, ledger
from tests.made import MIDCO, RELIANCE
from tests.torture.stage import Stage

S = OrderStatus
BUCKET = "external:paper"


def elsewhere(stage: Stage) -> dict[str, int]:
    """Shares in the login's EXTERNAL bucket."""
    with stage.desk.store.read() as tx:
        return {one.isin: one.qty for one in ledger.positions(tx, BUCKET)}


def working(stage: Stage, *, filled: int = 0) -> str:
    """An entry that rests, partly filled; its name at the exchange."""
    order = stage.approve()
    stage.beat(size=filled * 4)
    found = stage.order(order.id)
    assert (found.status, stage.shares().get(MIDCO.isin, 0)) == (S.OPEN, filled)
    return stage.paper.orders()[-1].broker_order_id


def test_every_event_told_twice_books_each_fill_once(stage: Stage):
    stage.hold("trades", lambda: [*stage.broker.trades(), *stage.broker.trades()])
    stage.approve()
    for _ in range(5):
        stage.beat(size=80)
    stage.beat(times=2)
    with stage.desk.store.read() as tx:
        assert len(fills.recent(tx)) == 5
    assert stage.shares() == {MIDCO.isin: 100}


def test_a_finished_order_told_as_open_again_stays_finished(stage: Stage):
    stage.bought()
    [order] = stage.orders()

    def old_news() -> Sequence[object]:
        return [replace(one, status=S.OPEN, broker_status="OPEN") for one in stage.broker.orders()]

    stage.hold("orders", old_news)
    stage.beat(times=3)
    assert stage.order(order.id).status is S.FILLED


def test_a_fill_that_shows_after_the_cancel_is_held_and_protected(stage: Stage):
    name = working(stage, filled=30)
    hidden = len(stage.broker.trades())
    stage.hold("trades", lambda: list(stage.broker.trades())[:hidden])
    stage.tick("500", size=80)
    stage.paper.cancel(name)
    stage.work()
    assert stage.shares() == {MIDCO.isin: 30}
    stage.dealer = replace(stage.dealer, sessions={"paper": stage.broker})
    stage.beat(times=2)
    assert stage.shares() == {MIDCO.isin: 50}
    assert (stage.resting(), stage.reserved()) == ([50], Money(0))
    assert any("late fill" in alarm for alarm in stage.alarms())


def test_the_rest_of_a_partial_fill_taken_back_leaves_a_stop_of_what_was_bought(stage: Stage):
    working(stage, filled=30)
    set_level(stage.desk, KillLevel.HALT, reason="enough", by="me")
    stage.beat(times=2, size=0)
    assert stage.shares() == {MIDCO.isin: 30}
    assert (stage.resting(), stage.cover().status) == ([30], ProtectionStatus.VERIFIED)
    assert [order.status for order in stage.orders()] == [S.CANCELLED]


def test_fifty_pieces_end_under_one_stop_of_their_sum(stage: Stage):
    stage.approve()
    for _ in range(50):
        stage.beat(size=8)
    stage.beat(times=2)
    assert stage.shares() == {MIDCO.isin: 100}
    assert stage.resting() == [100]
    assert len(stage.paper.trades()) == 50


def test_fills_that_no_event_told_of_are_found_by_the_next_look(stage: Stage):
    working(stage)
    stage.tick("500", size=400)  # it fills while nobody listens
    stage.down(15)
    stage.work()
    assert stage.shares() == {MIDCO.isin: 100}
    assert stage.cover().status is ProtectionStatus.VERIFIED


def test_fills_of_a_time_without_a_connection_are_found_when_it_is_back(stage: Stage):
    working(stage)
    stage.broker.die()
    gone = stage.clock.now()
    stage.beat(times=4, size=400)
    assert stage.shares() == {}
    stage.broker.log_in()
    stage.away.append((gone, stage.clock.now()))
    stage.beat()
    assert stage.shares() == {MIDCO.isin: 100}
    assert stage.cover().status is ProtectionStatus.VERIFIED


def test_two_readers_of_one_fill_book_it_once(stage: Stage):
    working(stage)
    stage.tick("500", size=400)

    def read(_: int) -> int:
        try:
            return settle(stage.dealer)
        except IllegalTransition:
            return 0  # the other one was faster; the next look agrees

    with ThreadPoolExecutor(2) as pool:
        booked = sum(pool.map(read, range(4)))
    assert booked == 1
    stage.beat()
    assert stage.shares() == {MIDCO.isin: 100}


def test_a_trade_without_a_price_waits_for_one(stage: Stage):
    stage.approve()
    told = []

    def unpriced() -> Sequence[Fill]:
        found = list(stage.broker.trades())
        return [one for one in found if told] if found else found

    stage.hold("trades", unpriced)
    stage.beat(times=2)
    assert (stage.shares(), stage.plan().status) == ({}, PlanStatus.ENTERING)
    assert stage.reserved().paise > 0
    with pytest.raises(BadInput, match="wait for a price"):
        Fill("o", "t", "NSE", "", MIDCO.isin, "MIDCO", 1, Money(0), "CNC", stage.clock.now())
    told.append("priced")
    stage.beat(times=2)
    assert stage.shares() == {MIDCO.isin: 100}


def test_a_status_word_nobody_knows_ends_nothing(stage: Stage):
    working(stage)
    [order] = stage.orders()

    def strange() -> Sequence[object]:
        return [replace(one, broker_status="PARKED BY RMS") for one in stage.broker.orders()]

    stage.hold("orders", strange, strange_words=("PARKED BY RMS",))
    stage.beat(times=3, size=0)
    kept = stage.order(order.id)
    assert (kept.status, kept.broker_status) == (S.OPEN, "PARKED BY RMS")
    assert any("PARKED BY RMS" in alarm for alarm in stage.alarms())
    assert stage.reserved().paise > 0
    stage.dealer = replace(stage.dealer, sessions={"paper": stage.broker})
    stage.beat(times=2)
    assert stage.shares() == {MIDCO.isin: 100}


def test_half_sold_by_phone_shrinks_the_stop(stage: Stage):
    stage.bought()
    stage.by_phone(Side.SELL, 50, limit="490")
    stage.beat(times=3)
    assert elsewhere(stage) == {MIDCO.isin: -50}
    assert stage.resting() == [50]
    assert any("outside the desk" in alarm for alarm in stage.alarms())


def test_a_purchase_by_phone_stands_apart_and_leaves_the_stop_alone(stage: Stage):
    stage.bought()
    stage.by_phone(Side.BUY, 40, limit="510")
    stage.by_phone(Side.BUY, 7, of=RELIANCE, limit="510")
    stage.beat(times=3)
    assert elsewhere(stage) == {MIDCO.isin: 40, RELIANCE.isin: 7}
    assert (stage.resting(), stage.shares()) == ([100], {MIDCO.isin: 100})


def test_a_trade_the_exchange_corrects_is_reversed_and_booked_anew_by_a_persons_word(
    stage: Stage,
):
    stage.bought()
    [order] = stage.orders()
    [told] = stage.broker.trades()

    def corrected() -> Sequence[Fill]:
        return [replace(told, price=stage.price("500.50"))]

    stage.hold("trades", corrected)
    [said] = reconcile(stage.dealer)
    assert "100 at ₹500.50 at the broker and 100 at ₹500.05 in the books" in said
    with pytest.raises(BadInput, match="know why"):
        correct_fill(
            stage.desk, order.id, told.trade_id, price=stage.price("500.50"), because="", by="me"
        )
    for price in ("500.40", "500.50"):
        correct_fill(
            stage.desk,
            order.id,
            told.trade_id,
            price=stage.price(price),
            because="the exchange's circular",
            by="me",
        )
    with stage.desk.store.read() as tx:
        [held] = ledger.positions(tx, "event")
        kinds = [one.kind for one in ledger.transactions(tx, "event")]
    assert (held.qty, held.cost) == (100, stage.price("50050"))
    assert (kinds.count("correction"), kinds.count("trade")) == (2, 3)
    assert reconcile(stage.dealer) == []
    assert any("corrected from ₹500.40 to ₹500.50" in alarm for alarm in stage.alarms())
    with stage.desk.store.read() as tx:
        assert [fill.price for fill in fills.recent(tx)] == [stage.price("500.05")]
    with pytest.raises(BadInput, match=r"stands at ₹500\.50 already"):
        correct_fill(
            stage.desk, order.id, told.trade_id, price=stage.price("500.50"), because="x", by="me"
        )


def test_a_correction_after_the_shares_were_sold_goes_to_profit_and_loss(stage: Stage):
    stage.bought()
    [order] = stage.orders()
    [told] = stage.broker.trades()
    stage.leave()
    stage.beat(times=3)
    assert stage.shares() == {}
    correct_fill(
        stage.desk,
        order.id,
        told.trade_id,
        price=stage.price("501.05"),
        because="the exchange's circular",
        by="me",
    )
    with stage.desk.store.read() as tx:
        left = ledger.balance(tx, "event", f"position:{MIDCO.isin}")
        assert (left, ledger.positions(tx, "event")) == (Money(0), [])
    stage.books_are_clean()


def test_an_order_id_used_again_on_another_day_is_not_ours(stage: Stage):
    stage.bought()
    [order] = stage.orders()

    def rolled_back() -> Sequence[Fill]:
        [one] = stage.broker.trades()
        later = one.traded_at + timedelta(days=1)
        return [one, replace(one, trade_id="t-next-day", qty=7, traded_at=later)]

    stage.but.add("I3")  # the second trade is told and never happened
    stage.hold("trades", rolled_back)
    stage.beat(times=2)
    with stage.desk.store.read() as tx:
        assert len(fills.of_order(tx, order.id)) == 1
    assert elsewhere(stage) == {MIDCO.isin: 7}
    assert stage.resting() == [100]


def test_an_order_id_that_shows_another_order_moves_nothing(stage: Stage):
    working(stage)
    [order] = stage.orders()

    def taken_over() -> Sequence[object]:
        [one] = stage.broker.orders()
        gone = {"side": Side.SELL, "qty": 5, "status": S.REJECTED, "tag": ""}
        return [replace(one, isin=RELIANCE.isin, symbol="RELIANCE", **gone)]

    stage.hold("orders", taken_over)
    stage.beat(times=3, size=0)
    kept = stage.order(order.id)
    assert (kept.status, kept.broker_order_id) == (S.OPEN, order.broker_order_id)
    assert any(order.broker_order_id in alarm for alarm in stage.alarms())


def test_a_row_the_desk_does_not_trade_and_a_trade_without_a_price_are_told_once(stage: Stage):
    working(stage)
    aside = (NotTaken("positions", "NFO:MIDCO26NOVFUT", "futures are not traded here"),)
    short = (Incomplete("77", "t9", "NSE", "MIDCO", "its price is missing"),)
    told = stage.broker.orders()
    stage.hold("orders", lambda: told, not_taken=aside, incomplete=short)
    stage.beat(times=3, size=0)
    said = [one for one in stage.alarms() if "NFO:MIDCO" in one or "trade t9" in one]
    assert len(said) == 2
    assert any("left out of the books: futures are not traded here" in one for one in said)
    assert any("trade t9 of order 77 is not booked yet: its price is missing" in o for o in said)
