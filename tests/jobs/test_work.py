"""What each job of the worker does, with lanes that only keep what they were given."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, timedelta

import pytest
from sqlalchemy import text

from core.desk import jobs as requests
from core.desk.close import close_day
from core.desk.desk import calendar_now
from core.desk.floor import BEFORE_OPEN, day_is_over, skip_night, tick
from core.desk.fund import add_money
from core.desk.notes import generate_note
from core.desk.transfer import LIVES, propose
from core.domain.clock import ist_day
from core.domain.event import Priority
from core.domain.job import JobRun, JobStatus
from core.domain.money import Money
from core.domain.transfer import OWNER, TransferStatus
from core.errors import BadInput, LeaseLost, OutsideCalendar
from core.providers.sim.market import SIM_STARTS_ON
from core.store import (
    accounts,
    alerts,
    audit,
    bars,
    cards,
    events,
    heartbeat,
    jobs,
    lease,
    models,
    quotes,
    reports,
    risk,
    settings,
    transfers,
)
from core.views.scans import undecided
from jobs import __main__ as worker_process
from jobs import child, work
from jobs.schedule import JOBS, Job
from jobs.worker import Worker
from tests.desk.made_trades import traded
from tests.desk.morning import a_card
from tests.jobs.floor import a_model, a_worker
from tests.made import a_tag, an_event


@pytest.fixture
def worker(store, desk_home) -> Worker:
    return a_worker(store, desk_home)


def asked(worker: Worker) -> list[tuple[str, JobStatus]]:
    """Kind and status of every request, oldest first."""
    with worker.floor.desk.store.read() as tx:
        return [(one.kind, one.status) for one in reversed(jobs.recent(tx))]


def end(worker: Worker, kind: str, status: JobStatus = JobStatus.DONE) -> None:
    """End the newest request of a kind."""
    with worker.floor.desk.store.write() as tx:
        request = next(one for one in jobs.recent(tx) if one.kind == kind)
        jobs.finish(tx, request.id, status, "over", "{}", worker.floor.desk.clock.now())


def with_model(worker: Worker) -> None:
    """Let a model stand in the store."""
    with worker.floor.desk.store.write() as tx:
        models.put(tx, a_model("primary", meta="meta-1"), role="primary")
        models.put(tx, a_model("meta"), role="meta")
        models.use(
            tx, "primary-1", at=worker.floor.desk.clock.now(), by="worker", how="first", back=0
        )


def test_the_first_start_asks_for_a_market_then_a_model_then_a_scan(store, desk_home):
    worker = a_worker(store, desk_home, with_bars=False)
    assert work.first_start(worker) == "asked for open market"
    assert work.first_start(worker) == ""  # it is on its way
    end(worker, "open market")
    with store.write() as tx:
        bars.put_panel(tx, worker.floor.market.history(90), source="SIM")
    assert work.first_start(worker) == "asked for train"
    end(worker, "train")
    with_model(worker)
    assert work.first_start(worker) == "asked for scan"
    end(worker, "scan")
    today = ist_day(worker.floor.desk.clock.now())
    worker.looked_at = f"primary-1:{today}"  # a model that reads as it was written
    assert work.first_start(worker) == ""
    assert [kind for kind, _ in asked(worker)] == ["open market", "train", "scan"]


def test_a_model_that_cannot_be_read_is_trained_anew_once(worker: Worker):
    """As after an upgrade: without it no card is written until somebody thinks of training."""
    with_model(worker)
    assert work.first_start(worker) == "asked for scan"
    end(worker, "scan")
    said = work.first_start(worker)
    assert said.startswith("asked for train: model primary-1 was trained before models were")
    why = said.removeprefix("asked for train: ")
    with worker.floor.desk.store.write() as tx:
        at = worker.floor.desk.clock.now()
        jobs.put_run(tx, JobRun("decide", at, 0.1, ok=False, sentence=why))
        (told,) = undecided(tx)
    assert told == (
        f"No new card is written: {why}; a training was asked for, and cards come once it is done"
    )
    end(worker, "train", JobStatus.FAILED)
    assert work.first_start(worker) == ""
    worker.looked_at = ""  # a worker that began anew leaves the second training to a person
    assert work.first_start(worker) == ""
    with worker.floor.desk.store.read() as tx:
        assert undecided(tx) == (f"No new card is written: {why}",)


def test_a_model_that_is_spoiled_while_the_worker_runs_is_found_the_next_day(worker: Worker):
    with_model(worker)
    assert work.first_start(worker) == "asked for scan"
    end(worker, "scan")
    today = ist_day(worker.floor.desk.clock.now())
    worker.looked_at = f"primary-1:{today}"
    assert work.first_start(worker) == ""
    worker.looked_at = f"primary-1:{today - timedelta(days=1)}"
    assert work.first_start(worker).startswith("asked for train: model primary-1")


def test_a_first_start_that_failed_waits_for_a_person(worker: Worker):
    work.first_start(worker)
    end(worker, "train", JobStatus.FAILED)
    assert work.first_start(worker) == ""


def test_requests_go_to_their_lane_one_at_a_time(worker: Worker):
    desk = worker.floor.desk
    for kind in ("train", "scan", "report"):
        requests.ask(desk, kind)
    assert work.start_requests(worker) == "scan, train"
    assert work.start_requests(worker) == ""
    assert (worker.research.names(), worker.study.names()) == (["run_request"], ["run_request"])
    end(worker, "train")
    worker.study.work[0][2].set_result("trained")
    assert work.start_requests(worker) == "report"


def test_a_request_whose_process_died_is_failed_and_the_next_one_starts(worker: Worker):
    requests.ask(worker.floor.desk, "train")
    requests.ask(worker.floor.desk, "report")
    work.start_requests(worker)
    worker.study.work[0][2].set_exception(BrokenProcessPool("gone"))
    assert work.start_requests(worker) == "train failed: gone, report"
    assert asked(worker) == [("train", JobStatus.FAILED), ("report", JobStatus.RUNNING)]


def test_requests_a_dead_worker_left_running_can_be_asked_again(worker: Worker):
    work.first_start(worker)
    work.start_requests(worker)
    worker.under_way.clear()
    worker_process._fail_orphans(worker)
    assert asked(worker) == [("train", JobStatus.CANCELLED)]
    assert work.first_start(worker) == "asked for train"


def test_an_unknown_kind_of_work_is_refused(worker: Worker):
    with pytest.raises(BadInput, match="'dance' is no job"):
        requests.ask(worker.floor.desk, "dance")


def test_every_kind_that_can_be_asked_has_its_work():
    assert set(requests.KINDS) == set(child.KINDS)


def test_the_pulse_brings_prices_beats_and_renews_the_lease(worker: Worker):
    worker.floor.clock.pass_seconds(5)
    work.pulse(worker)
    with worker.floor.desk.store.read() as tx:
        assert len(quotes.all_quotes(tx)) == 6
        beat = heartbeat.last(tx)
    assert beat is not None and beat.market_at == worker.floor.clock.now()
    assert worker.floor.broker.saved_clock() == worker.floor.clock.now()
    worker.floor.clock.seconds += 9
    work.pulse(worker)
    worker.floor.clock.seconds += 9  # eighteen seconds after the start, nine after a renewal
    with pytest.raises(LeaseLost), worker.floor.desk.store.write() as tx:
        lease.acquire(tx, "dealer", "worker-2", monotonic=worker.floor.clock.seconds, seconds=10.0)


def test_a_worker_that_lost_its_lease_brings_no_prices(worker: Worker):
    worker.floor.clock.seconds += 60
    with worker.floor.desk.store.write() as tx:
        lease.acquire(tx, "dealer", "worker-2", monotonic=560.0, seconds=10.0)
    with pytest.raises(LeaseLost):
        tick(worker.floor)
    with worker.floor.desk.store.read() as tx:
        assert quotes.all_quotes(tx) == {}


def close_of_the_day(worker: Worker) -> None:
    """Go to the moment the day's work is over."""
    session = calendar_now().session(SIM_STARTS_ON)
    worker.floor.clock.jump_to((session.closes_at + timedelta(minutes=50)).astimezone(UTC))


def test_the_days_end_stores_bars_and_one_report_and_wakes_before_the_next_open(worker: Worker):
    work.pulse(worker)
    assert not day_is_over(worker.floor)
    close_of_the_day(worker)
    work.pulse(worker)
    with worker.floor.desk.store.read() as tx:
        assert bars.sessions(tx)[-1] == SIM_STARTS_ON
        [report] = reports.all_reports(tx)
    assert report.day == SIM_STARTS_ON
    assert "Event tactical" in report.markdown
    opens_at = calendar_now().session(calendar_now().next_session(SIM_STARTS_ON)).opens_at
    assert worker.floor.clock.now() == opens_at - BEFORE_OPEN


def test_closing_a_day_twice_changes_nothing(worker: Worker):
    work.pulse(worker)
    close_of_the_day(worker)
    tick(worker.floor)
    close_day(worker.floor)
    with worker.floor.desk.store.read() as tx:
        before = audit.head(tx)
    close_day(worker.floor)
    with worker.floor.desk.store.read() as tx:
        assert (audit.head(tx), len(reports.all_reports(tx))) == (before, 1)


def test_the_days_end_charges_what_was_bought_and_sold_that_day_as_intraday(worker: Worker):
    work.pulse(worker)
    desk, on = worker.floor.desk, SIM_STARTS_ON.isoformat()
    traded(desk, on, 100, "500")
    traded(desk, on, -100, "510", clock=6)
    close_of_the_day(worker)
    tick(worker.floor)
    close_day(worker.floor)
    # 0.025 % of 51,000 instead of 0.1 % of both sides
    assert generate_note(desk, "paper", SIM_STARTS_ON).booked.stt == Money.rupees("12.75")


def test_a_day_without_a_session_closes_nothing(worker: Worker):
    worker.floor.clock.jump_to(worker.floor.clock.now() + timedelta(days=5))  # a Saturday
    close_day(worker.floor)
    with worker.floor.desk.store.read() as tx:
        assert reports.all_reports(tx) == []
    assert day_is_over(worker.floor)


def test_the_market_ends_with_its_calendar_and_says_so(worker: Worker):
    last = calendar_now().session(calendar_now().previous_session(calendar_now().last))
    worker.floor.clock.jump_to((last.closes_at + timedelta(days=30)).astimezone(UTC))
    with pytest.raises(OutsideCalendar):
        skip_night(worker.floor)


def test_the_scan_is_asked_for_once_each_half_hour_of_an_open_market(worker: Worker):
    assert work.scan_on_time(worker) == ""  # no model yet
    with_model(worker)
    assert work.scan_on_time(worker) == "asked for a scan"
    assert work.scan_on_time(worker) == ""
    worker.floor.clock.pass_seconds(30 * 60)
    assert work.scan_on_time(worker) == "asked for a scan"
    close_of_the_day(worker)
    assert work.scan_on_time(worker) == ""
    worker.floor.clock.jump_to(worker.floor.clock.now() + timedelta(days=5))
    assert work.scan_on_time(worker) == ""


def test_the_news_waits_for_the_bars(store, desk_home):
    worker = a_worker(store, desk_home, with_bars=False)
    assert work.read_news(worker) == ""
    assert worker.names is None


def test_news_is_read_from_the_second_the_desk_began_to_listen(worker: Worker):
    assert work.read_news(worker) == ""  # the first pull only notes the time
    worker.floor.clock.jump_to(worker.floor.clock.now() + timedelta(days=3))
    said = work.read_news(worker)
    with worker.floor.desk.store.read() as tx:
        stored = events.recent(tx)
    assert said == (f"{len(stored)} new" if stored else "")
    assert work.read_news(worker) == ""


def headline(worker: Worker) -> None:
    """One order won, waiting to be decided."""
    at = worker.floor.desk.clock.now()
    share = worker.floor.market.universe[0]
    won = an_event(f"{share.name} wins an order", known_at=at, priority=Priority.URGENT)
    tag = a_tag(won, on=share)
    with worker.floor.desk.store.write() as tx:
        events.put(tx, won)
        events.put_tags(tx, [tag])


def test_waiting_events_go_to_the_research_lane_one_batch_at_a_time(worker: Worker):
    headline(worker)
    work.decide(worker)
    assert worker.research.names() == []  # no model yet
    with_model(worker)
    work.decide(worker)
    work.decide(worker)
    assert worker.research.names() == ["decide_waiting"]
    worker.research.work[0][2].set_result("3 decisions, 1 cards")
    assert work.decide(worker) == "3 decisions, 1 cards"
    work.decide(worker)
    assert len(worker.research.work) == 2
    worker.research.work[1][2].set_exception(BrokenProcessPool("gone"))
    assert "is replaced" in work.decide(worker)
    work.decide(worker)
    assert len(worker.research.work) == 3


def test_cards_past_their_life_expire(worker: Worker):
    card = a_card(worker.floor.clock)
    with worker.floor.desk.store.write() as tx:
        cards.put(tx, card)
    assert work.tend_cards(worker) == ""
    worker.floor.clock.pass_seconds(3_601)
    assert work.tend_cards(worker) == "1 expired"


def test_the_risk_job_looks_at_every_account(worker: Worker):
    work.pulse(worker)
    work.risk(worker)
    with worker.floor.desk.store.read() as tx:
        assert {one.scope for one in risk.all_latest(tx)} == {"desk", "event", "sip", "lump"}


def test_sending_with_nothing_approved_does_nothing(worker: Worker):
    assert work.send(worker) == ""


def test_each_job_runs_twice_on_an_empty_desk_and_breaks_nothing(worker: Worker):
    for _ in range(2):
        for job in JOBS:
            job.run(worker)
    with worker.floor.desk.store.read() as tx:
        assert audit.verify(tx).entries > 0
        assert alerts.recent(tx) == []
        assert settings.get(tx, "day:event")["peak_paise"] == Money.rupees(20_00_000).paise
    assert ist_day(worker.floor.clock.now()) == SIM_STARTS_ON


def test_a_difference_with_the_broker_is_found_by_the_worker_and_told_in_its_report(
    worker: Worker,
):
    work.pulse(worker)
    share = worker.floor.market.universe[0]
    worker.floor.broker.credit(share.isin, 7)
    work.reconcile_books(worker)
    said = f"{share.symbol}: the broker holds 7 and the desk's books 0; 7 more"
    with worker.floor.desk.store.read() as tx:
        [alarm] = alerts.recent(tx)
    assert alarm.sentence.startswith(said)
    worker.floor.clock.jump_to(worker.floor.desk.calendar.session(SIM_STARTS_ON).closes_at)
    close_day(worker.floor)
    with worker.floor.desk.store.read() as tx:
        report = reports.latest(tx, "eod")
    assert report is not None and said in report.markdown


def test_nothing_unknown_is_nothing_to_look_up(worker: Worker):
    assert work.look_up_orders(worker) == ""


def test_jobs_that_touch_orders_share_the_floor_and_names_are_unique():
    assert {job.name for job in JOBS if job.floor} >= {
        "pulse",
        "send",
        "risk",
        "unknown orders",
        "reconcile",
    }
    assert len({job.name for job in JOBS}) == len(JOBS)


def test_a_refusal_in_a_job_is_logged_and_the_worker_goes_on(worker: Worker):
    def refuses(_: Worker) -> str:
        raise BadInput("no")

    guarded: Callable[[], None] = worker_process._guarded(worker, Job("x", refuses, 1.0, True))
    guarded()


def test_a_failure_that_goes_on_is_noted_once_and_its_end_too(worker: Worker):
    left = iter([True, True, False, False])

    def refuses(_: Worker) -> str:
        if next(left):
            raise BadInput("no")
        return ""

    for _ in range(2):  # the second worker knows what the first one left
        again = worker_process._guarded(worker, Job("decide", refuses, 1.0, True))
        again()
        with worker.floor.desk.store.read() as tx:
            assert undecided(tx) == ("No new card is written: no",)
    again()
    again()
    with worker.floor.desk.store.read() as tx:
        (run,) = [one for one in jobs.runs(tx) if one.job == "decide"]
        noted = tx.execute(text("select count(*) from job_runs where job = 'decide'")).scalar_one()
        assert (run.ok, run.sentence, noted) == (True, "works again", 2)
        assert undecided(tx) == ()


def test_a_bug_in_a_job_is_not_swallowed(worker: Worker):
    def breaks(_: Worker) -> str:
        raise KeyError("bug")

    with pytest.raises(KeyError):
        worker_process._guarded(worker, Job("x", breaks, 1.0, True))()


def test_a_transfer_that_nobody_approved_is_over_on_its_day(worker: Worker):
    desk = worker.floor.desk
    with desk.store.read() as tx:
        name = accounts.accounts(tx)[0].id
    add_money(desk, name, Money.rupees(500_000), reference="salary", by="me")
    made = propose(desk, from_account=name, to_account=OWNER, amount=Money.rupees(100),
                   reason="rent", by="me")  # fmt: skip
    assert work.look_at_funding(worker) == ""
    worker.floor.clock.pass_seconds(LIVES.total_seconds())
    assert work.look_at_funding(worker) == "1 transfer expired"
    assert work.look_at_funding(worker) == ""
    with desk.store.read() as tx:
        assert transfers.by_id(tx, made.id).status is TransferStatus.EXPIRED


def test_the_model_in_use_is_held_against_each_new_session_once_and_never_trained(worker):
    assert work.look_at_model(worker) == ""  # no model yet
    with_model(worker)
    assert work.look_at_model(worker) == ""  # no session has closed since it was trained
    opens_at = worker.floor.desk.clock.now()
    with worker.floor.desk.store.write() as tx:
        older = a_model("primary", meta="meta-1", trained_at=opens_at - timedelta(days=30))
        models.put(tx, older, role="primary")
    assert work.look_at_model(worker) == "asked for the model's drift"
    assert work.look_at_model(worker) == ""
    assert asked(worker) == [("drift", JobStatus.WAITING)]
