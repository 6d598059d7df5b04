from dataclasses import replace
from datetime import date, timedelta

import pytest

from core.domain.job import Heartbeat, JobRun, JobStatus
from core.domain.money import Money
from core.domain.risk import DESK, Breach, KillLevel, KillSwitch, RiskSnapshot
from core.domain.watch import Alert, AlertKind, Watchlist
from core.errors import BadSetting, IllegalTransition, LeaseLost, NotFound
from core.store import (
    alerts,
    drafts,
    heartbeat,
    jobs,
    kills,
    lease,
    reports,
    risk,
    settings,
    watchlists,
)
from core.store.desk_id import desk_id
from tests.at_once import at_once
from tests.made import T0, TCS, later


def test_a_desk_keeps_its_two_letters(tmp_path):
    home = tmp_path / "home"
    letters = desk_id(home)
    assert len(letters) == 2
    assert letters.isupper()
    assert desk_id(home) == letters
    (home / "desk-id").write_text("abc")
    with pytest.raises(BadSetting, match="desk-id holds 'abc' and not two capital letters"):
        desk_id(home)


def test_the_last_beat_stands(any_store):
    first = Heartbeat(
        worker="w1", fence=3, market_at=T0, monotonic=10.5, speed=1.0, feed_at=None, sentence="ok"
    )
    second = replace(first, monotonic=11.5, feed_at=later(1))
    with any_store.write() as tx:
        assert heartbeat.last(tx) is None
        heartbeat.beat(tx, first)
        heartbeat.beat(tx, second)
        assert heartbeat.last(tx) == second


# leases


def test_a_held_lease_is_refused_and_a_run_out_one_taken_over(any_store):
    with any_store.write() as tx:
        assert lease.acquire(tx, "worker", "a", monotonic=100.0, seconds=10) == 1
        with pytest.raises(LeaseLost, match=r"a holds the worker lease and renewed it 9\.9 s ago"):
            lease.acquire(tx, "worker", "b", monotonic=109.9, seconds=10)
        lease.renew(tx, "worker", "a", 1, 105.0)
        with pytest.raises(LeaseLost):
            lease.acquire(tx, "worker", "b", monotonic=114.9, seconds=10)
        assert lease.acquire(tx, "worker", "b", monotonic=115.0, seconds=10) == 2


def test_a_stale_holder_is_refused(any_store):
    with any_store.write() as tx:
        lease.acquire(tx, "worker", "a", monotonic=0.0, seconds=10)
        lease.check(tx, "worker", 1)
        lease.acquire(tx, "worker", "b", monotonic=60.0, seconds=10)
        with pytest.raises(LeaseLost, match="at fence 2 with b and this worker has 1"):
            lease.check(tx, "worker", 1)
        with pytest.raises(LeaseLost, match="at fence 2"):
            lease.renew(tx, "worker", "a", 1, 61.0)
        lease.release(tx, "worker", "a", 1)  # changes nothing
        lease.check(tx, "worker", 2)


def test_a_released_lease_is_free_and_the_fence_still_grows(any_store):
    with any_store.write() as tx:
        lease.acquire(tx, "worker", "a", monotonic=0.0, seconds=10)
        lease.release(tx, "worker", "a", 1)
        with pytest.raises(LeaseLost, match="nobody holds the worker lease"):
            lease.check(tx, "worker", 1)
        assert lease.acquire(tx, "worker", "b", monotonic=1.0, seconds=10) == 2
        with pytest.raises(LeaseLost, match="c does not hold the worker lease"):
            lease.renew(tx, "worker", "c", 2, 2.0)


def test_a_lease_from_before_a_reboot_is_free(any_store):
    with any_store.write() as tx:
        lease.acquire(tx, "worker", "a", monotonic=90_000.0, seconds=10)
        assert lease.acquire(tx, "worker", "b", monotonic=5.0, seconds=10) == 2


def test_of_many_workers_one_gets_the_lease(any_store):
    got: list[int] = []

    def start(number: int) -> None:
        try:
            with any_store.write() as tx:
                got.append(lease.acquire(tx, "worker", f"w{number}", monotonic=1.0, seconds=10))
        except LeaseLost:
            pass

    at_once(6, start)
    assert got == [1]


# kill levels and risk


def switch(scope: str, level: KillLevel, at: int = 0) -> KillSwitch:
    return KillSwitch(scope=scope, level=level, reason="r", set_by="me", set_at=later(at))


def test_the_stricter_of_desk_and_account_holds(any_store):
    with any_store.write() as tx:
        assert kills.level(tx) is KillLevel.NORMAL
        kills.set_level(tx, switch("acc1", KillLevel.REDUCE))
        assert kills.level(tx) is KillLevel.NORMAL
        assert kills.level(tx, "acc1") is KillLevel.REDUCE
        kills.set_level(tx, switch(DESK, KillLevel.HALT))
        assert kills.level(tx, "acc1") is KillLevel.HALT
        assert kills.level(tx, "acc2") is KillLevel.HALT
        kills.set_level(tx, switch(DESK, KillLevel.NORMAL, at=-99))  # the later row wins
        assert kills.level(tx) is KillLevel.NORMAL
        assert [one.scope for one in kills.current(tx)] == ["acc1", DESK]
        assert [one.level.name for one in kills.history(tx)] == ["NORMAL", "HALT", "REDUCE"]


def snapshot(at=T0, scope=DESK, level=KillLevel.NORMAL) -> RiskSnapshot:
    breach = Breach(name="day loss", value=0.03, limit=0.02, level=KillLevel.PAUSE, sentence="s")
    return RiskSnapshot(
        scope=scope,
        at=at,
        equity=Money.rupees(100_000),
        cash=Money.rupees(50_000),
        invested=Money.rupees(50_000),
        at_risk=Money.rupees(600),
        day_pnl=Money.rupees(-20),
        total_pnl=Money.rupees(30),
        day_return=-0.0002,
        drawdown=-0.01,
        gross_exposure=0.5,
        vol=0.18,
        sectors=(("IT", 0.5),),
        unprotected=0,
        level=level,
        breaches=(breach,),
    )


def test_risk_keeps_the_last_look_and_one_a_minute(any_store):
    looks = [snapshot(later(second)) for second in (0, 1, 59, 60, 61)]
    with any_store.write() as tx:
        assert risk.latest(tx, DESK) is None
        for look in looks:
            risk.put(tx, look)
        risk.put(tx, snapshot(scope="acc1"))
        assert risk.latest(tx, DESK) == looks[-1]
        assert [one.scope for one in risk.all_latest(tx)] == ["acc1", DESK]
        assert risk.history(tx, DESK) == [looks[2], looks[4]]
        assert risk.history(tx, DESK, limit=1) == [looks[4]]


# lists, alerts, settings, drafts, reports


def test_watchlists_keep_their_order(any_store):
    with any_store.write() as tx:
        watchlists.put(tx, Watchlist(name="Mine", isins=("B", "A")))
        watchlists.put(tx, Watchlist(name="Mine", isins=("C", "A", "B")))
        assert watchlists.by_name(tx, "Mine").isins == ("C", "A", "B")
        with pytest.raises(NotFound, match="no watchlist is named Min; near ones are Mine"):
            watchlists.by_name(tx, "Min")
        with pytest.raises(NotFound):
            watchlists.drop(tx, "Other")
        watchlists.drop(tx, "Mine")
        assert watchlists.all_watchlists(tx) == []


def test_an_alert_goes_off_once(any_store):
    one = Alert(
        id="al1",
        kind=AlertKind.PRICE_ABOVE,
        isin=TCS.isin,
        symbol="TCS",
        level=Money.rupees(3100),
        sentence="TCS above ₹3,100",
        created_at=T0,
    )
    with any_store.write() as tx:
        alerts.put(tx, one)
        assert alerts.waiting(tx) == [one]
        assert alerts.recent(tx) == []
        assert alerts.fire(tx, "al1", later(5)) is True
        assert alerts.fire(tx, "al1", later(6)) is False
        alerts.seen(tx, "al1", later(7))
        alerts.seen(tx, "al1", later(8))
        assert alerts.waiting(tx) == []
        assert alerts.recent(tx) == [replace(one, fired_at=later(5), seen_at=later(7))]
        with pytest.raises(NotFound, match="no alert has the id al9"):
            alerts.fire(tx, "al9", T0)


def test_settings_and_drafts_are_json_by_key(any_store):
    with any_store.write() as tx:
        assert settings.get(tx, "speed", 1) == 1
        settings.put(tx, "speed", [1, "x", None])
        assert settings.get(tx, "speed") == [1, "x", None]
        assert drafts.load(tx, "intake") is None
        drafts.save(tx, "intake", {"money": "5 lakh"})
        drafts.save(tx, "intake", {"money": "6 lakh", "said": ["a"]})
        assert drafts.load(tx, "intake") == {"money": "6 lakh", "said": ["a"]}
        drafts.drop(tx, "intake")
        drafts.drop(tx, "intake")
        assert drafts.load(tx, "intake") is None


def test_one_report_a_kind_and_day(any_store):
    day = date(2026, 11, 20)
    with any_store.write() as tx:
        assert reports.latest(tx, "eod") is None
        reports.put(tx, "eod", day, T0, "# one")
        reports.put(tx, "eod", day, later(9), "# two")
        reports.put(tx, "eod", day - timedelta(days=1), T0, "# before")
        found = reports.latest(tx, "eod")
        assert (found.markdown, found.market_at, found.day) == ("# two", later(9), day)
        assert [one.markdown for one in reports.all_reports(tx)] == ["# two", "# before"]


# jobs


def test_a_job_is_asked_claimed_and_finished(any_store):
    with any_store.write() as tx:
        asked = jobs.ask(tx, "scan", {"b": 1, "a": "x"}, asked_by="me", at=T0)
        assert asked.arguments == '{"a":"x","b":1}'
        assert jobs.claim(tx, ["train"], later(1)) is None
        claimed = jobs.claim(tx, ["train", "scan"], later(1))
        assert (claimed.id, claimed.status) == (asked.id, JobStatus.RUNNING)
        assert claimed.started_at == later(1)
        jobs.progress(tx, asked.id, 1.7, "nearly")
        assert jobs.by_id(tx, asked.id).progress == 1.0
        jobs.finish(tx, asked.id, JobStatus.DONE, "2 cards", '{"cards":2}', later(9))
        done = jobs.by_id(tx, asked.id)
        assert (done.status, done.result, done.ended_at) == (
            JobStatus.DONE,
            '{"cards":2}',
            later(9),
        )
        with pytest.raises(IllegalTransition, match="is DONE and cannot become FAILED"):
            jobs.finish(tx, asked.id, JobStatus.FAILED, "", "", later(10))
        with pytest.raises(NotFound, match="no job has the id jb9"):
            jobs.by_id(tx, "jb9")


def test_a_double_click_asks_once(any_store):
    with any_store.write() as tx:
        first = jobs.ask(tx, "scan", {}, asked_by="me", at=T0)
        assert jobs.ask(tx, "scan", {}, asked_by="me", at=later(0.1)) == first
        jobs.claim(tx, ["scan"], T0)
        again = jobs.ask(tx, "scan", {}, asked_by="me", at=T0)
        assert again.id != first.id
        assert [one.id for one in jobs.recent(tx)] == [again.id, first.id]


def test_two_workers_never_claim_the_same_job(any_store):
    with any_store.write() as tx:
        for number in range(12):
            jobs.ask(tx, "scan", {"n": number}, asked_by="me", at=T0)
    claimed: list[str] = []

    def work(_: int) -> None:
        while True:
            with any_store.write() as tx:
                found = jobs.claim(tx, ["scan"], T0)
            if found is None:
                return
            claimed.append(found.id)

    at_once(4, work)
    assert len(claimed) == 12
    assert len(set(claimed)) == 12


def test_the_last_run_of_each_job_is_shown(any_store):
    with any_store.write() as tx:
        jobs.put_run(tx, JobRun(job="risk", started_at=T0, seconds=0.1, ok=True, sentence=""))
        last = JobRun(job="risk", started_at=later(1), seconds=0.2, ok=False, sentence="late")
        jobs.put_run(tx, last)
        other = JobRun(job="eod", started_at=T0, seconds=1.0, ok=True, sentence="")
        jobs.put_run(tx, other)
        assert jobs.runs(tx) == [other, last]
