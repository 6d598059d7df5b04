"""One pulse of the floor as a share goes ex, and while the whole market is halted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.desk import floor as floors
from core.desk.halts import halted, why_halted
from core.domain.action import ActionKind, CorporateAction, known_by_ex_date
from core.domain.clock import ist_day
from core.domain.order import Product, Side
from core.providers.sim.halting import Stop
from core.store import actions, alerts
from jobs.worker import Worker
from tests.jobs.floor import a_worker


@pytest.fixture
def worker(store, desk_home) -> Worker:
    return a_worker(store, desk_home)


def a_split(worker: Worker) -> CorporateAction:
    share, today = worker.floor.market.universe[0], ist_day(worker.floor.clock.now())
    return CorporateAction(
        id="ca-split", isin=share.isin, symbol=share.symbol, ex_date=today, kind=ActionKind.SPLIT,
        new=5, old=1, amount=None, subject="", source="TEST", known_at=known_by_ex_date(today),
        status="CONFIRMED",
    )  # fmt: skip


def test_what_goes_ex_today_reaches_the_shares_once_and_ends_its_triggers(worker: Worker):
    floor, split = worker.floor, a_split(worker)
    floor.broker.credit(split.isin, 100)
    [last] = [one for one in floor.market.quotes_at(floor.clock.now()) if one.isin == split.isin]
    floor.broker.place_gtt(
        isin=split.isin, symbol=split.symbol, side=Side.SELL, qty=100, product=Product.CNC,
        stop=last.ltp.times(9 * last.ltp.in_rupees / (10 * last.ltp.in_rupees)),
        target=last.ltp * 2,
    )  # fmt: skip
    floor.going_ex[split.ex_date] = [split]
    floors.tick(floor)
    assert floor.broker.holdings()[split.isin] == 500
    [gtt] = floor.broker.gtts()
    assert not gtt.active and "ex split 5:1" in gtt.reason
    floors.tick(floor)
    assert floor.broker.holdings()[split.isin] == 500


def test_the_market_is_asked_once_a_day_what_goes_ex(worker: Worker, monkeypatch):
    asked = []
    monkeypatch.setattr(
        type(worker.floor.market), "actions_on", lambda self, day: asked.append(day) or []
    )
    for _ in range(3):
        floors.tick(worker.floor)
    assert asked == [ist_day(worker.floor.clock.now())]


def test_a_worker_that_slept_through_the_announcement_lists_what_goes_ex_today(
    worker: Worker, monkeypatch
):
    split = a_split(worker)
    monkeypatch.setattr(type(worker.floor.market), "actions_on", lambda self, day: [split])
    floors.tick(worker.floor)
    with worker.floor.desk.store.read() as tx:
        assert actions.by_id(tx, split.id) == split


def test_a_market_wide_halt_holds_entries_back_until_its_dated_end(worker: Worker, monkeypatch):
    floor = worker.floor
    stop = Stop(starts=600, ends=3_300, move_pct=-10)
    monkeypatch.setattr(type(floor.market), "halts_of", lambda self, day: (stop,))
    floors.tick(floor)
    with floor.desk.store.read() as tx:
        assert why_halted(tx, at=floor.clock.now()) == ""  # it begins ten minutes later
    floor.clock.jump_to(floor.clock.now() + timedelta(minutes=11))
    floors.tick(floor)
    floors.tick(floor)
    with floor.desk.store.read() as tx:
        found = halted(tx, at=floor.clock.now())
        assert found is not None and found.until is not None
        assert "no entry goes out" in why_halted(tx, at=floor.clock.now())
        assert why_halted(tx, at=found.until) == ""
        assert len([one for one in alerts.recent(tx) if "market-wide" in one.sentence]) == 1
    assert replace(found, until=None).sentence.count("rest of the day") == 1
