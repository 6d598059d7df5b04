"""The live floor over both brokers' sandboxes: ticks, stalls, second prices, entries, restarts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from core.desk import exit as exits
from core.desk import floor as floors
from core.desk.stall import warn_stalled
from core.domain.account import Broker, BrokerLogin, LoginMode, Market
from core.domain.login import SessionStatus
from core.domain.order import OrderStatus
from core.domain.plan import PlanStatus
from core.domain.protection import Owner, ProtectionStatus
from core.domain.quote import SLOW
from core.errors import ApprovalRefused
from core.sandbox.faults import FaultKind
from core.store import accounts, alerts, heartbeat, logins
from core.store.engine import Store, open_store
from jobs import work
from tests.desk.live_stage import Live, a_live_worker, feed, live_at, stop
from tests.made import MIDCO, RELIANCE, rs


@pytest.fixture
def live_store(sqlite_url: str) -> Iterator[Store]:
    opened = open_store(sqlite_url, Market.LIVE, scratch=True)
    yield opened
    opened.close()


@pytest.fixture(params=["kite", "upstox"])
def live(request, live_store: Store, desk_home: Path, tmp_path: Path) -> Iterator[Live]:
    with live_at(request.param, live_store, desk_home, tmp_path / "sessions") as made:
        yield made


def test_ticks_reach_the_store_with_both_times_and_their_source(live: Live):
    live.log_in()
    live.settle("501")
    found = live.stored()
    assert found.ltp == rs("501")
    assert found.source == f"{live.login.broker.value} sandbox"
    assert timedelta(0) <= found.received_at - found.at <= timedelta(seconds=1)
    assert live.worker.floor.clock.now() - found.received_at < timedelta(seconds=2)
    with live.desk.store.read() as tx:
        beat = heartbeat.last(tx)
    assert beat is not None and beat.feed_at == live.stored(RELIANCE).received_at
    assert feed(live).label == live.login.label and feed(live).slow == ""


def test_an_entry_fills_and_its_stop_is_read_back(live: Live):
    live.log_in()
    card = live.card()
    live.settle()
    order = live.send(live.click(card))
    assert order.status in (OrderStatus.OPEN, OrderStatus.FILLED), order.reason
    live.told("500")
    live.pulse()
    live.pulse()
    assert live.morning.plan().status is PlanStatus.HOLDING
    cover = live.morning.cover()
    assert (cover.owner, cover.status) == (Owner.BROKER_GTT, ProtectionStatus.VERIFIED)
    [gtt] = live.broker.gtts()
    assert (gtt.active, gtt.qty, gtt.stop) == (True, 100, rs("480"))
    live.morning.books_are_clean()


def test_a_stalled_stream_blocks_the_entry_alarms_once_and_lets_exits_go(live: Live):
    live.log_in()
    first = live.card()
    live.settle()
    live.send(live.click(first))
    live.told("500")
    live.pulse()
    live.pulse()
    second = live.card("cd2", legs=(first.legs[0],))
    live.settle()
    live.fault(FaultKind.FREEZE_TICKS)
    for _ in range(3):
        live.trade("500")
        live.trade("500", RELIANCE)
        live.pulse(3.5)
    with pytest.raises(ApprovalRefused, match=r"told no liquid share for 1[5-9] s, at most 15 s"):
        live.click(second)
    assert "no tick of any liquid share" in warn_stalled(live.desk)
    assert warn_stalled(live.desk) == ""
    plan = live.morning.plan()
    exits.exit_position(live.desk, plan.id, reason="I changed my mind", by="me")
    live.pulse()
    live.pulse()
    assert live.broker.holdings().get(MIDCO.isin, 0) == 0


def test_a_send_after_the_stream_stalled_is_refused(live: Live):
    live.log_in()
    card = live.card()
    live.settle()
    order = live.click(card)
    live.fault(FaultKind.FREEZE_TICKS)
    for _ in range(3):
        live.trade("500")
        live.trade("500", RELIANCE)
        live.pulse(3.5)
    ended = live.send(order)
    assert ended.status is OrderStatus.CANCELLED and "told no liquid share" in ended.reason
    assert live.broker.orders() == []


def test_while_the_stream_brings_nothing_prices_are_asked_for_and_marked_slow(live: Live):
    live.log_in()
    live.settle()
    live.fault(FaultKind.FREEZE_TICKS)
    for ltp in ("502", "503", "504", "505"):
        live.trade(ltp)
        live.pulse(2)
    found = live.stored()
    # a sandbox that freezes its ticks answers requests one price behind
    assert found.ltp == rs("504") and found.is_slow and found.source.endswith(SLOW)
    assert live.clock.now() - found.received_at < timedelta(seconds=4)
    assert "brings no tick" in feed(live).slow
    live.sandbox.faults.clear(FaultKind.FREEZE_TICKS)
    live.told("506")
    live.told("500", RELIANCE)
    live.pulse()
    assert live.stored().ltp == rs("506") and not live.stored().is_slow
    assert feed(live).slow == ""


def test_a_tick_that_carries_another_shares_price_is_dropped(live: Live):
    live.trade("800", RELIANCE, prev_close="799")
    live.log_in()
    live.told("500")
    live.pulse(4)
    live.fault(FaultKind.SWAP_INSTRUMENT)
    opened = live.worker.floor.ins.opened[live.login.id]
    before = opened.stream.state.rejected
    live.trade("501")
    live.until(lambda: opened.stream.state.rejected > before, "the swapped tick is refused")
    live.pulse(0)
    assert live.stored().ltp in (rs("500"), rs("501"))  # and never RELIANCE's 800


def test_a_wrong_price_in_the_first_tick_of_the_day_is_dropped_by_the_request(live: Live):
    live.trade("800", RELIANCE, prev_close="799")
    live.fault(FaultKind.SWAP_INSTRUMENT)
    live.log_in()
    live.pulse()
    for _ in range(5):
        live.trade("501")
        live.pulse(4)
    assert live.stored().ltp == rs("501")  # what was asked for, long after the stream said 800
    assert "it is another share's" in live.prices.refused[MIDCO.isin]


def test_a_stream_and_a_request_that_disagree_refuse_the_entry_with_both_numbers(live: Live):
    live.log_in()
    card = live.card()
    live.settle()
    live.fault(FaultKind.FREEZE_TICKS)
    live.trade("494", bid="493", ask="495")
    live.clock.pass_seconds(4)
    live.look()  # asked: 494; the stream still says 500
    live.sandbox.faults.clear(FaultKind.FREEZE_TICKS)
    live.told("500", RELIANCE)
    live.look()
    with pytest.raises(ApprovalRefused, match=r"the stream says ₹500\.00 and the request ₹494\.00"):
        live.click(card)


def test_a_share_nobody_asked_for_yet_waits_for_its_second_price(live: Live):
    live.log_in()
    live.settle()
    card = live.card()
    live.told("500")
    live.told("500", RELIANCE)
    with pytest.raises(ApprovalRefused, match=r"MIDCO: the stream told no price of it yet"):
        live.click(card)


def test_a_restart_recovers_and_finds_its_position_protected(live: Live, tmp_path: Path):
    live.log_in()
    card = live.card()
    live.settle()
    order = live.send(live.click(card))
    stop(live.worker)
    live.worker = a_live_worker(live.morning, live.clock, tmp_path / "sessions")
    live.log_in()
    live.settle()
    live.pulse()
    live.pulse()
    assert live.order(order.id).status is OrderStatus.FILLED
    assert live.morning.cover().status is ProtectionStatus.VERIFIED
    assert len(live.broker.orders()) == 1


def test_a_dead_token_stops_writes_and_prices_of_that_login(live: Live):
    live.log_in()
    card = live.card()
    live.settle()
    live.sandbox.end_session(live.login.user_id)
    for _ in range(16):
        live.pulse()
    assert live.status() is SessionStatus.DEAD
    with pytest.raises(ApprovalRefused, match="not logged in"):
        live.click(card)
    assert feed(live).login == ""


def test_a_paper_account_trades_on_live_prices_in_the_phases_only(
    live_store: Store, desk_home: Path, tmp_path: Path
):
    with live_at("kite", live_store, desk_home, tmp_path / "s", account_there=False) as live:
        live.log_in()
        card = live.card()
        live.settle()
        order = live.send(live.click(card))
        live.told("500")
        live.pulse()
        live.pulse()
        assert live.order(order.id).status is OrderStatus.FILLED
        assert live.broker.orders() == [] and live.worker.floor.broker.holdings()[MIDCO.isin] == 100
        # at two in the morning a stale price fills nothing
        live.clock.pass_seconds(15.5 * 3600)
        before = live.worker.floor.broker.trades()
        live.trade("400")
        live.pulse()
        assert live.worker.floor.broker.trades() == before


def test_a_sandbox_brings_no_price_beside_a_login_at_the_broker_itself(
    live_store: Store, desk_home: Path, tmp_path: Path
):
    with live_at("kite", live_store, desk_home, tmp_path / "s") as live:
        real = BrokerLogin("real", Broker.ZERODHA, LoginMode.PAPER, "Zerodha CD5678", "CD5678")
        with live_store.write() as tx:
            accounts.put_login(tx, real)
        live.log_in()
        live.trade("501")
        live.pulse()
        assert "a sandbox brings no price" in feed(live).slow
        assert live.stored().source == "test"


def test_the_day_ends_once_its_books_are_kept_and_no_clock_jumps(live: Live):
    live.log_in()
    live.settle()
    live.clock.pass_seconds(5 * 3600 + 3600)  # half past four
    for _ in range(3):
        live.pulse()
    at = live.clock.now()
    assert floors.day_is_over(live.worker.floor) and not live.worker.floor.sleeps
    with live.desk.store.read() as tx:
        kept = logins.days(tx, live.login.id)
    assert [one.session for one in kept] == [at.date()]
    requests = len(live.sandbox.faults.requests)
    live.worker.floor.looks.clear()
    work._night(live.worker)
    assert len(live.sandbox.faults.requests) == requests  # nothing is read twice
    assert live.clock.now() == at


def test_a_stall_is_told_once_for_each_time_it_begins(live: Live):
    live.log_in()
    live.settle()
    assert warn_stalled(live.desk) == ""
    live.fault(FaultKind.FREEZE_TICKS)
    live.pulse(12)
    assert "entries wait" in warn_stalled(live.desk)
    live.sandbox.faults.clear(FaultKind.FREEZE_TICKS)
    live.told("500", RELIANCE)
    live.pulse(0)
    assert warn_stalled(live.desk) == ""
    with live.desk.store.read() as tx:
        assert sum(one.id.startswith("stall:") for one in alerts.recent(tx)) == 1
