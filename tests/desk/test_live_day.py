"""An empty live store says what it lacks, makes nothing up, and says how its prices come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.config import Settings, settings_now
from core.desk import doctor
from core.desk import floor as floors
from core.desk.desk import Desk, desk_over
from core.desk.live_day import lacking, live_parts
from core.desk.logins import ask_to_log_in
from core.desk.market_side import LiveClock
from core.desk.open_market import open_market
from core.domain.account import Broker, BrokerLogin, LoginMode, Market
from core.domain.clock import SteppedClock
from core.errors import BadInput
from core.sandbox.faults import FaultKind
from core.store import accounts, bars, events, instruments
from core.store.engine import Store, open_store
from core.views.first_start import first_start
from core.views.frame import frame_view
from core.views.symbol_price import price_line
from jobs import work
from jobs.worker import Worker
from tests.desk.live_stage import live_at
from tests.jobs.floor import StillLane
from tests.made import MIDCO, RELIANCE, T0


@pytest.fixture
def live_store(sqlite_url: str) -> Iterator[Store]:
    opened = open_store(sqlite_url, Market.LIVE, scratch=True)
    yield opened
    opened.close()


@pytest.fixture
def empty(live_store: Store, desk_home: Path) -> Desk:
    desk_home.mkdir(parents=True, exist_ok=True)
    settings = Settings(home=desk_home, database_url=live_store.url, market=Market.LIVE)
    return desk_over(settings, live_store, SteppedClock(T0, seconds=1_000.0))


@pytest.fixture
def at_home(live_store: Store, monkeypatch: pytest.MonkeyPatch, own_home: Path) -> None:
    """The settings of a process whose store is a fresh live one."""
    monkeypatch.setenv("DATABASE_URL", live_store.url)
    monkeypatch.setenv("MUNIM_MARKET", "live")
    settings_now.cache_clear()


def test_a_worker_opens_an_empty_live_store_without_network_or_login(at_home: None):
    floor, sentences = floors.open_floor()
    worker = Worker(floor, StillLane(), StillLane())
    try:
        assert sentences == [] and isinstance(floor.clock, LiveClock) and not floor.sleeps
        work.pulse(worker)
        assert work.look_at_prices(worker) == ""
        assert work.first_start(worker) == "asked for open market"
        assert work.first_start(worker) == ""
        work.read_news(worker)
        work.reconcile_books(worker)
        with floor.desk.store.read() as tx:
            assert bars.sessions(tx) == [] or bars.sessions(tx) == ()
    finally:
        floor.broker.close()


def test_the_first_start_lists_shares_and_accounts_and_makes_no_price_and_no_news(empty: Desk):
    done = open_market(empty)
    assert "174 shares are listed" in done and "munim data import" in done
    assert open_market(empty) == done
    with empty.store.read() as tx:
        assert len(instruments.all_instruments(tx)) == 174
        assert len(accounts.accounts(tx)) == 3
        assert not bars.sessions(tx) and not events.recent(tx, 5)


def test_a_live_day_says_in_one_sentence_each_what_it_lacks(empty: Desk):
    open_market(empty)
    said = {one.name: one.sentence for one in live_parts(empty)}
    assert said["login"] == "none; add one on the Broker page or with munim login add"
    assert said["prices"] == "no login's stream brings any"
    assert "import files with munim data import or fetch" in said["bars"]
    assert "there is no live newswire" in said["news"]
    assert "nobody tells a market-wide halt" in said["market halts"]
    rows = {one.name: one for one in doctor.rows(empty)}
    assert not rows["live login"].ok and "munim data import" in rows["bars"].sentence
    assert len(lacking(empty)) == 3


def test_a_login_nobody_opened_and_old_bars_are_named(live_store: Store, desk_home, tmp_path):
    with live_at("kite", live_store, desk_home, tmp_path / "s") as live:
        said = {one.name: one for one in live_parts(live.desk)}
        assert "nobody is logged in at kite practice" in said["login"].sentence
        assert said["bars"].ok and said["bars"].sentence.startswith("to 20 Nov 2026")
        live.clock.pass_seconds(3 * 86_400)
        bars_now = {one.name: one for one in live_parts(live.desk)}["bars"]
        assert not bars_now.ok and "end on 20 Nov 2026 and the last session was 25" in (
            bars_now.sentence
        )


def test_the_first_start_page_speaks_of_a_live_market(empty: Desk):
    rows = {row.name: row for row in first_start(empty).rows}
    assert rows["Login at a broker"].state == "waiting"
    open_market(empty)
    rows = {row.name: row for row in first_start(empty).rows}
    assert rows["Shares listed"].words == "174 shares listed"
    assert "munim data fetch" in rows["Bars loaded"].words
    assert "no live newswire" in rows["First card"].words
    assert frame_view(empty).feed_age == "no login"


def test_the_strip_and_a_shares_head_say_slow_and_sandbox(live_store: Store, desk_home, tmp_path):
    with live_at("kite", live_store, desk_home, tmp_path / "s") as live:
        live.log_in()
        live.settle()
        assert frame_view(live.desk).feed_age.endswith("s, sandbox")
        assert price_line(live.desk, MIDCO.isin).age.endswith("s")
        assert {one.name: one for one in live_parts(live.desk)}["prices"].ok
        live.fault(FaultKind.FREEZE_TICKS)
        for ltp in ("502", "503", "504"):
            live.trade(ltp)
            live.trade("500", RELIANCE)
            live.pulse(2)
        assert frame_view(live.desk).feed_age.endswith("s, sandbox, slow")
        assert price_line(live.desk, MIDCO.isin).age.endswith(", slow")
        prices = {one.name: one for one in live_parts(live.desk)}["prices"]
        assert not prices.ok and "slow" in prices.sentence


def test_a_simulated_store_lacks_nothing_of_a_live_day(store: Store, desk_home: Path):
    settings = Settings(home=desk_home, database_url=store.url)
    assert live_parts(desk_over(settings, store, SteppedClock(T0))) == ()


def test_a_live_login_is_represented_only_at_the_brokers_own_address():
    with pytest.raises(BadInput, match="sandbox and moves no real money"):
        BrokerLogin(
            "x", Broker.ZERODHA, LoginMode.LIVE, "Practice", "AB1234", "http://127.0.0.1:8770"
        )


def test_a_sandbox_is_brought_to_the_live_second_before_somebody_logs_in_there(
    live_store: Store, desk_home, tmp_path, monkeypatch: pytest.MonkeyPatch
):
    told: list[tuple[str, object]] = []
    monkeypatch.setattr(
        "core.desk.log_in.tell_time", lambda control, *, at, speed: told.append((control, at))
    )
    with live_at("kite", live_store, desk_home, tmp_path / "s") as live:
        control = "http://127.0.0.1:9"
        login = replace(live.login, id="shared", control=control)
        with live_store.write() as tx:
            accounts.put_login(tx, login)
        ask_to_log_in(live.desk, login.id, session="mine", by="me")
        live.worker.floor.ins.tend()
        assert told == [(control, live.clock.now())]
