"""`python -m jobs`: the worker process. SIGTERM ends it after the job that is running."""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from types import FrameType

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from core.config import Settings, settings_now
from core.desk.dealer import LEASE
from core.desk.desk import open_desk
from core.desk.floor import open_floor
from core.desk.kill_file import pause
from core.desk.second_look import STOPPING, say_stopping
from core.desk.seen import forget_seen
from core.desk.threads import note_threads
from core.domain.account import Market
from core.domain.job import JobRequest, JobRun, JobStatus
from core.domain.words import ist_time
from core.errors import BadSetting, LeaseLost, MunimError, NotBuilt, WrongMarket
from core.store import jobs as requests
from core.store import lease
from core.store.engine import STORE_ERRORS, why_unusable
from core.store.sound import is_spoiled, spoiled_words, why_unsound
from jobs import child, study
from jobs.lanes import Lane
from jobs.look_on import look_on
from jobs.schedule import JOBS, Job
from jobs.worker import Worker

WORKS_AGAIN = "works again"
OWN = ("first start", "schedule")  # who asks by itself
log = structlog.get_logger()
logging.getLogger("apscheduler").setLevel(logging.ERROR)  # a skipped beat is no news


def main() -> int:
    """Run until told to stop; 1 for a lease that is held or a lost store, 2 for a setting."""
    try:
        settings = settings_now()
        if spoiled := why_spoiled(settings):
            return _look_on(spoiled)
        forget_seen(settings.home)
        if settings.market is Market.REPLAY:
            return _study()
        floor, sentences = open_floor()
    except (BadSetting, WrongMarket, NotBuilt) as refusal:
        print(refusal, file=sys.stderr)
        return 2
    except MunimError as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except STORE_ERRORS as failure:
        return _ends_on(failure)
    for sentence in sentences:
        log.info("recovered", what=sentence)
    worker = Worker(floor, Lane("research", nice=5), Lane("study", nice=15))
    _fail_orphans(worker)
    note_threads(floor.desk, os.environ, cores=os.cpu_count() or 1)
    worker.research.submit(child.warm)
    scheduler = _scheduler(worker)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, partial(_stop, worker))
    gc.collect()
    gc.freeze()  # walking all that was loaded would stop every thread for a fifth of a second
    scheduler.start()
    log.info("worker started", worker=floor.dealer.holder, fence=floor.dealer.fence)
    worker.stopping.wait()
    worker.sentence = STOPPING  # the last beats carry it
    say_stopping(floor.desk)
    scheduler.shutdown(wait=True)
    say_stopping(floor.desk)
    worker.research.close()
    worker.study.close()
    with floor.desk.store.write() as tx:
        lease.release(tx, LEASE, floor.dealer.holder, floor.dealer.fence)
    return 0


def _look_on(sentence: str) -> int:
    """Say why the store is not used and show what brokers hold until it is mended."""
    print(sentence, file=sys.stderr)
    return look_on(settings_now(), sentence)


def _ends_on(failure: Exception) -> int:
    """One sentence on a store that cannot be read; a spoiled one pauses the desk as well."""
    why = why_unusable(failure)
    if not why:
        raise failure
    if not is_spoiled(failure):
        print(f"the store cannot be used ({why}); make it usable again", file=sys.stderr)
        return 1
    sentence = spoiled_words(why)
    pause(settings_now().home, sentence)
    return _look_on(sentence)


def why_spoiled(settings: Settings) -> str:
    """Pause the desk by the file and say why where a page of the store is spoiled; else empty."""
    why = why_unsound(settings.database_url)
    if not why:
        return ""
    sentence = spoiled_words(why)
    pause(settings.home, sentence)
    return sentence


def _study() -> int:
    """The worker of a replay store, which fetches and studies and trades nothing."""
    held = study.open_study(open_desk())
    note_threads(held.desk, os.environ, cores=os.cpu_count() or 1)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: held.stopping.set())
    study.run(held)
    return 0


def _scheduler(worker: Worker) -> BackgroundScheduler:
    scheduler = BackgroundScheduler(
        executors={"floor": ThreadPoolExecutor(1), "default": ThreadPoolExecutor(4)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone="Asia/Kolkata",
    )
    for job in JOBS:
        scheduler.add_job(
            _guarded(worker, job),
            "interval",
            seconds=job.every,
            id=job.name,
            executor="floor" if job.floor else "default",
        )
    return scheduler


def _guarded(worker: Worker, job: Job) -> Callable[[], None]:
    """Run a job, log what it did; a lost lease ends the process at once.

    A failure that goes on is noted once, and so is its end.
    """
    failing: str | None = None

    def run() -> None:
        nonlocal failing
        started_at, began = worker.floor.clock.now(), worker.floor.clock.monotonic()
        ok = True
        try:
            sentence = job.run(worker)
        except LeaseLost as lost:
            log.error("lease lost", job=job.name, why=str(lost))
            os._exit(3)
        except MunimError as failure:
            ok, sentence = False, str(failure)
        except STORE_ERRORS as failure:
            _pause_or_raise(worker, job.name, failure)
            return
        before = _last_failure(worker, job.name) if failing is None else failing
        if ok:
            sentence = sentence or (before and WORKS_AGAIN)
        elif sentence == before:
            return
        else:
            log.warning("job failed", job=job.name, why=sentence)
        failing = "" if ok else sentence
        if sentence:
            seconds = worker.floor.clock.monotonic() - began
            _note(worker, JobRun(job.name, started_at, seconds, ok, sentence))

    return run


def _last_failure(worker: Worker, job: str) -> str:
    """What a job failed with when it ran last; empty where it did not."""
    with worker.floor.desk.store.read() as tx:
        return next(
            (one.sentence for one in requests.runs(tx) if one.job == job and not one.ok), ""
        )


def _pause_or_raise(worker: Worker, job: str, failure: Exception) -> None:
    """Let no entry through while the store takes no row; what is no fault of the disk goes on."""
    why = why_unusable(failure)
    if not why:
        raise failure
    desk = worker.floor.desk
    sentence = (
        f"the store could not be used at {ist_time(desk.clock.now())} ({why}): entries are "
        "paused and stops at the broker stand; make room on the disk, then munim resume"
    )
    log.error("store unusable", job=job, why=why)
    if pause(desk.home, sentence):
        log.error("paused", why=sentence)


def _note(worker: Worker, run: JobRun) -> None:
    """Log a run that did or failed something, and keep it for the health page."""
    log.info(run.job, did=run.sentence, ok=run.ok)
    with worker.floor.desk.store.write() as tx:
        requests.put_run(tx, run)


def _fail_orphans(worker: Worker) -> None:
    """Requests a dead worker left running are failed, so that they can be asked again."""
    desk = worker.floor.desk
    with desk.store.write() as tx:
        for request in requests.recent(tx, 100):
            if request.status is JobStatus.RUNNING:
                now = desk.clock.now()
                requests.finish(
                    tx, request.id, JobStatus.CANCELLED, _left_words(request), "{}", now
                )


def _left_words(request: JobRequest) -> str:
    """What a dead worker's request says: who asks again, and what is kept."""
    begun = "the worker stopped while it ran; "
    if request.asked_by in OWN:
        return begun + "it is asked again"
    return begun + (
        "ask again; what it had done is kept" if request.kind == "train" else "ask again"
    )


def _stop(worker: Worker, _number: int, _frame: FrameType | None) -> None:
    worker.stopping.set()


if __name__ == "__main__":
    sys.exit(main())
