"""Sessions, stores, kill levels, clocks and other desks go wrong around an order."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from core.brokers.fake import Verb
from core.desk.approve import approve_card
from core.desk.desk import desk_over
from core.desk.kill import level_in_file, set_level
from core.desk.recover import recover
from core.desk.send import send_order, send_prepared
from core.desk.stall import warn_stalled
from core.domain.account import Market
from core.domain.card import CardStatus
from core.domain.money import Money
from core.domain.order import OrderStatus, Side
from core.domain.plan import PlanStatus
from core.domain.protection import ProtectionStatus
from core.domain.risk import KillLevel
from core.errors import ApprovalRefused, LeaseLost, SessionDead, StoreBusy
from core.exchange.values import Ticket
from core.store import engine as stores
from core.store.engine import open_store
from tests.desk.morning import a_card
from tests.made import MIDCO, RELIANCE
from tests.torture.stage import LOGIN, Killed, Stage

S = OrderStatus
P = ProtectionStatus


def copied(stage: Stage, to: Path) -> Path:
    """The store's files as they lie on the disk now, the log beside them."""
    source = Path(stage.desk.store.url.removeprefix("sqlite:///"))
    for suffix in ("", "-wal"):
        if (found := source.with_name(source.name + suffix)).exists():
            shutil.copyfile(found, to.with_name(to.name + suffix))
    return to


def opened(stage: Stage, path: Path) -> Stage:
    """The same stage on another copy of its store."""
    store = open_store(f"sqlite:///{path}", Market.SIM, scratch=True)
    desk = desk_over(stage.desk.settings, store, stage.clock)
    return replace(stage, desk=desk, dealer=replace(stage.dealer, desk=desk))


# Restart, store, processes


def test_a_worker_whose_lease_was_taken_writes_nothing_more(stage: Stage):
    stage.bought()
    stale = stage.dealer
    stage.restart()
    second = stage.another("cd2")
    for step in (send_prepared, recover):
        with pytest.raises(LeaseLost):
            step(stale)
    with pytest.raises(LeaseLost):
        stage.leave()
        replace(stage, dealer=stale).work()
    assert len(stage.broker.sends()) == 1
    assert stage.order(second.id).status is S.PREPARED


def test_no_order_leaves_while_another_process_holds_the_store(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    order = stage.approve()
    path = stage.desk.store.url.removeprefix("sqlite:///")
    stage.desk.store.engine.dispose()
    monkeypatch.setattr(stores, "BUSY_SECONDS", 0)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusy, match="nothing was written"):
        send_prepared(stage.dealer)
    assert stage.broker.sends() == []
    holder.execute("ROLLBACK")
    holder.close()
    stage.beat()
    assert stage.order(order.id).status is S.FILLED
    assert len(stage.broker.sends()) == 1


def test_a_full_disk_sends_nothing_and_leaves_the_stop_alone(stage: Stage):
    stage.bought()
    cards = [stage.put(a_card(stage.clock, id=f"cd{number}")) for number in range(2, 60)]

    def is_full(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    def has_room(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")

    engine = stage.desk.store.engine
    event.listen(engine, "begin", is_full)
    done = 0
    with pytest.raises(OperationalError, match="full"):
        for card in cards:  # until the free part of the last pages is used up
            stage.approve(card)
            done += 1
    event.remove(engine, "begin", is_full)
    event.listen(engine, "begin", has_room)
    assert (len(stage.orders()), len(stage.broker.sends()), stage.resting()) == (1 + done, 1, [100])
    failed = cards[done]
    assert stage.card(failed.id).status is CardStatus.OPEN
    stage.beat()
    assert sum(stage.resting()) == sum(stage.paper.holdings().values())


def test_what_lies_on_the_disk_while_a_request_is_out_says_that_it_was_sent(
    stage: Stage, tmp_path: Path
):
    order = stage.approve()
    place = stage.broker.place
    path = tmp_path / "power-loss.db"

    def cut(wanted: object) -> str:
        copied(stage, path)
        return place(wanted)

    stage.hold("place", cut)
    stage.beat()
    with sqlite3.connect(path) as db:
        [(status, tag)] = db.execute("SELECT status, tag FROM orders").fetchall()
    db.close()
    assert (status, tag) == ("SENT", order.tag)
    after = opened(stage, path)
    after.restart()
    after.beat(times=2)
    assert after.order(order.id).status is S.FILLED
    assert len(stage.broker.sends()) == 1
    after.desk.store.close()


def test_a_durable_store_waits_for_the_disk_at_each_commit(tmp_path: Path):
    store = open_store(f"sqlite:///{tmp_path / 'durable.db'}", Market.SIM)
    with store.write() as tx:
        assert tx.connection().exec_driver_sql("PRAGMA synchronous").scalar() == 2
    store.close()


def test_yesterdays_backup_takes_todays_orders_as_done_elsewhere_and_sends_nothing(
    stage: Stage, tmp_path: Path
):
    path = copied(stage, tmp_path / "backup.db")
    stage.bought()
    after = opened(stage, path)
    after.restart()
    after.beat(times=16)
    assert (after.orders(), len(stage.broker.sends())) == ([], 1)
    assert any("outside the desk" in alarm for alarm in after.alarms())
    after.but |= {"I2", "I4"}  # the approval is lost with the store; a person takes over
    assert after.judge() == []
    after.desk.store.close()


def test_a_backup_of_the_intent_adopts_its_order_by_the_tag(stage: Stage, tmp_path: Path):
    order = stage.approve()
    path = tmp_path / "backup.db"
    place = stage.broker.place

    def back_up(wanted: object) -> str:
        copied(stage, path)
        return place(wanted)

    stage.hold("place", back_up)
    stage.beat(times=3)
    after = opened(stage, path)
    after.restart()
    after.beat(times=2)
    assert after.order(order.id).status is S.FILLED
    assert (after.cover().status, after.resting()) == (P.VERIFIED, [100])
    assert after.judge() == []
    after.desk.store.close()


def test_a_click_cut_off_in_the_middle_has_no_effect_and_the_next_one_makes_one_order(
    stage: Stage,
):
    card = stage.put()
    for boundary in ("before a commit", "after a commit"):
        fuse = stage.kill_at(None)
        fuse.name = boundary
        with pytest.raises(Killed):
            approve_card(
                stage.dealer.desk, card.id, seen_hash=card.bound_hash, nonce="n", approver="me"
            )
    assert len(stage.orders()) == 1
    with pytest.raises(ApprovalRefused):
        stage.approve(card, nonce="another")
    stage.restart()
    assert [order.status for order in stage.orders()] == [S.CANCELLED]


@pytest.mark.parametrize("script", ["plain", "gap"])
@pytest.mark.parametrize("lot", range(4))
def test_a_death_at_any_boundary_of_a_trade_leaves_nothing_twice_and_nothing_naked(
    stage_of: Callable[[], Stage], script: str, lot: int
):
    counting = stage_of()
    fuse = counting.kill_at(None)
    a_trade(counting, script)
    boundaries = len(fuse.crossed)
    assert boundaries > 20
    for number in range(1 + lot, boundaries + 1, 4 * 4):
        stage = stage_of()
        stage.kill_at(number)
        with pytest.raises(Killed):
            a_trade(stage, script)
        stage.restart()
        a_trade(stage, script)
        assert stage.judge() == [], f"killed at {fuse.crossed[number - 1]}, number {number}"
        assert stage.resting() == [] or stage.paper.holdings() != {}


def a_trade(stage: Stage, script: str) -> None:
    """Buy in two pieces, follow the price, and leave by hand or by a gap; from any state."""
    if not stage.orders():
        stage.approve()
    stage.beat(size=160)
    stage.beat(times=2)
    if script == "plain":
        stage.beat("525", times=2)
        if stage.plan().status is PlanStatus.HOLDING:
            stage.leave()
        stage.beat("525", times=3)
    else:
        stage.beat("460", times=7)


# Sessions and data


def test_a_token_that_dies_stops_writes_until_a_person_logs_in(stage: Stage):
    stage.bought()
    second = stage.another("cd2")
    stage.broker.die()
    gone = stage.clock.now()
    stage.beat(times=3)
    assert stage.order(second.id).status in (S.REJECTED, S.CANCELLED, S.PREPARED)
    assert stage.resting() == [100]
    assert any("log in again" in failure for failure in stage.failures)
    stage.broker.log_in()
    stage.away.append((gone, stage.clock.now()))
    stage.beat()
    third = stage.another("cd3")
    stage.beat(times=2)
    assert stage.order(third.id).status is S.FILLED


def test_writes_refused_for_the_address_while_reads_go_on_are_not_tried_again(stage: Stage):
    def refused(_: object) -> str:
        raise SessionDead("login paper: this address is not registered; log in from the right one")

    stage.hold("place", refused)
    order = stage.approve()
    stage.beat(times=5)
    ended = stage.order(order.id)
    assert (ended.status, stage.reserved()) == (S.REJECTED, Money(0))
    assert "not registered" in ended.reason
    assert stage.paper.orders() == []


def test_a_feed_that_stands_still_lets_no_entry_through(stage: Stage):
    order = stage.approve()
    stage.clock.pass_seconds(30)  # sockets answer and no price comes
    stage.work()
    assert stage.order(order.id).status is S.CANCELLED
    assert "31 s old" in stage.order(order.id).reason
    assert stage.broker.sends() == []


def test_prices_that_stand_still_are_told_within_fifteen_seconds_and_once(stage: Stage):
    stage.tick("500", of=RELIANCE)  # the liquid share
    for _ in range(3):
        stage.clock.pass_seconds(3)
        assert warn_stalled(stage.desk) == ""
    stage.clock.pass_seconds(3)
    assert "no price of any liquid share for 12 s" in warn_stalled(stage.desk)
    stage.clock.pass_seconds(3)
    assert warn_stalled(stage.desk) == ""
    assert sum("no price of any liquid" in alarm for alarm in stage.alarms()) == 1
    stage.tick("500", of=RELIANCE)
    stage.clock.move_to(datetime(2026, 11, 23, 20, 30, tzinfo=UTC))  # at night nothing trades
    assert warn_stalled(stage.desk) == ""
    stage.clock.move_to(datetime(2026, 11, 24, 3, 45, 5, tzinfo=UTC))  # five seconds of trading
    assert warn_stalled(stage.desk) == ""


def test_a_last_price_at_two_in_the_morning_fills_nothing(stage: Stage):
    stage.bought()
    stage.leave()
    gone = stage.clock.now()
    stage.clock.move_to(datetime(2026, 11, 23, 20, 30, tzinfo=UTC))  # 02:00 IST
    stage.away.append((gone, stage.clock.now()))
    stage.beat("470", times=4)
    assert (stage.sales(), stage.paper.holdings()) == ([], {MIDCO.isin: 100})
    assert stage.resting() == [100]


def test_a_wipe_of_the_order_book_over_an_unknown_order_is_a_persons_to_judge(stage: Stage):
    stage.broker.drop_before_accept()
    order = stage.approve()
    stage.beat()
    assert stage.order(order.id).status is S.UNKNOWN
    stage.clock.move_to(datetime(2026, 11, 24, 5, 0, tzinfo=UTC))  # the next morning
    stage.broker.log_in()
    stage.wait(150)
    assert stage.order(order.id).status is S.UNKNOWN
    assert any("was wiped" in alarm for alarm in stage.alarms())


# Kill levels, clocks, accounts


def test_a_halt_with_intents_on_their_way_stands_after_a_death_and_sends_none(stage: Stage):
    stage.bought()
    small = {"legs": (replace(stage.card().legs[0], qty=5),)}
    stage.tick("500", size=0)
    resting = stage.another("cd2", **small)
    stage.work()
    stage.broker.accept_then_timeout()
    unknown = stage.another("cd3", isin=RELIANCE.isin, symbol="RELIANCE", sector="Energy", **small)
    stage.tick("500", of=RELIANCE, size=0)
    send_order(stage.dealer, unknown.id)
    waiting = [stage.another(f"cd{n}", **small) for n in (4, 5, 6)]
    set_level(stage.desk, KillLevel.HALT, reason="enough", by="me")
    fuse = stage.kill_at(None)
    fuse.name = "after cancel"
    with pytest.raises(Killed):
        stage.work()
    stage.restart()
    stage.beat(times=6, size=0)
    assert level_in_file(stage.desk.home) is KillLevel.HALT
    assert all(stage.order(one.id).status is S.CANCELLED for one in waiting)
    assert stage.order(resting.id).status is S.CANCELLED
    assert stage.order(unknown.id).status is S.CANCELLED  # found by its tag, and taken back
    assert (stage.shares(), stage.resting()) == ({MIDCO.isin: 100}, [100])
    with pytest.raises(ApprovalRefused, match="HALT"):
        stage.another("cd9", **small)


@pytest.mark.parametrize("hours", [6.0, -1 / 6], ids=["six hours on", "ten minutes back"])
def test_a_clock_that_jumps_lets_no_old_approval_through(stage: Stage, hours: float):
    order = stage.approve()
    stage.clock.at += timedelta(hours=hours)  # the wall clock alone
    if hours < 0:
        stage.clock.seconds += 121.0
    stage.work()
    assert stage.order(order.id).status is S.CANCELLED
    assert (stage.broker.sends(), stage.reserved()) == ([], Money(0))


def test_a_stop_on_one_account_lets_another_on_the_same_login_trade(stage: Stage):
    other = stage.second_account()
    set_level(stage.desk, KillLevel.PAUSE, scope="event", reason="enough", by="me")
    with pytest.raises(ApprovalRefused, match="PAUSE"):
        stage.approve()
    second = stage.another("cd2", account_id=other, account_name="Second")
    stage.beat(times=2)
    assert stage.order(second.id).status is S.FILLED
    assert stage.order(second.id).account_id == other


def test_an_order_that_surfaces_after_a_new_one_was_sent_is_adopted_and_told(stage: Stage):
    stage.broker.delay_visibility(400)
    stage.broker.accept_then_timeout()
    stage.broker.hide_holdings()
    first = stage.approve()
    stage.but |= {"I3", "I4"}  # the broker itself showed neither order nor shares
    stage.beat()
    stage.wait(140)
    assert stage.order(first.id).status is S.ABSENT
    stage.broker.delay_visibility(0)
    second = stage.another("cd2")
    stage.beat(times=2)
    stage.wait(270)
    assert {stage.order(one.id).status for one in (first, second)} == {S.FILLED}
    assert stage.shares() == {MIDCO.isin: 200} == stage.paper.holdings()
    assert any("called absent" in alarm for alarm in stage.alarms())
    assert sum(stage.resting()) == 200


def test_another_desks_tag_in_the_book_stops_entries_and_neither_stops_nor_exits(stage: Stage):
    stage.bought()
    [order] = stage.broker.sends()
    stage.paper.place_ticket(foreign(order.tag, stage))
    stage.beat(times=2)
    assert any("another desk (ZQ) works login paper" in alarm for alarm in stage.alarms())
    with pytest.raises(ApprovalRefused, match="another desk"):
        stage.another("cd2")
    stage.leave()
    stage.beat(times=4)
    assert stage.paper.holdings() == {RELIANCE.isin: 3}
    stage.clock.move_to(datetime(2026, 11, 25, 5, 0, tzinfo=UTC))  # its orders left the book
    stage.broker.log_in()
    stage.beat()
    stage.another("cd3")


def foreign(tag: str, stage: Stage) -> Ticket:
    """What a second desk on this login sends."""
    [mine] = stage.broker.sends()
    return Ticket(
        "ZQ" + tag[2:], RELIANCE.isin, "RELIANCE", Side.BUY, 3, mine.order_type, mine.product,
        mine.validity, stage.price("505"), None,
    )  # fmt: skip


def test_a_restored_store_does_not_lift_a_halt(stage: Stage, tmp_path: Path):
    path = copied(stage, tmp_path / "backup.db")
    set_level(stage.desk, KillLevel.HALT, reason="enough", by="me")
    after = opened(stage, path)
    with pytest.raises(ApprovalRefused, match="HALT"):
        after.approve()
    order = stage.orders()
    assert (order, stage.broker.sends()) == ([], [])
    after.desk.store.close()


def test_one_login_that_cannot_be_reached_holds_up_no_other(stage: Stage):
    stage.bought()
    dead = replace_login(stage)
    stage.dealer = replace(stage.dealer, sessions={**stage.dealer.sessions, "another": dead})
    second = stage.another("cd2")
    stage.beat(times=2)
    assert stage.order(second.id).status is S.FILLED
    assert sum(stage.resting()) == 200
    assert any("log in again" in failure for failure in stage.failures)


def replace_login(stage: Stage) -> object:
    """A login whose session has ended."""
    from core.brokers.fake import fake_broker

    made = fake_broker({MIDCO.isin: MIDCO}, stage.clock, login_id="another")
    made.die()
    return made


def test_a_card_refused_at_the_send_says_so(stage: Stage):
    order = stage.approve()
    set_level(stage.desk, KillLevel.PAUSE, reason="enough", by="me")
    stage.beat()
    assert stage.order(order.id).status is S.CANCELLED
    assert stage.card().status is CardStatus.REFUSED
    assert (Verb.PLACE, LOGIN) not in stage.broker.writes
