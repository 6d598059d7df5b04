"""What runs in the worker's child processes: decisions, scans, training, imports.

Each child opens the store itself and keeps the session's research warm between calls.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from datetime import date
from typing import Any

import structlog

from core.desk import alert_lines, intake, known, models_use, open_market, scan, train, upkeep
from core.desk.desk import Desk, open_desk
from core.desk.jobs import is_called_off, job_time
from core.desk.regime_now import keep_regime
from core.desk.research import Research
from core.domain.job import JobStatus
from core.domain.words import pct, qty
from core.errors import CalledOff, MunimError, NoData
from core.store import jobs
from core.store.codec import to_json

log = structlog.get_logger()
_research: Research | None = None


def warm() -> str:
    """Load what is heavy, so that the first headline does not wait for it."""
    import talib  # noqa: F401

    desk = open_desk()
    try:
        know(desk)
    except NoData as missing:
        return str(missing)
    return "research is warm"


def know(desk: Desk) -> known.Known:
    """What is known now, with research kept from the call before."""
    global _research
    now = known.know(desk, cached=_research)
    _research = now.research
    return now


def decide_waiting() -> str:
    """Decide every event that waits, then rewrite cards whose price left their band."""
    desk = open_desk()
    made = intake.decide_waiting(desk, lambda: know(desk))
    old = upkeep.drifted(desk)
    now = know(desk) if old else None
    rewritten = [upkeep.rewrite(desk, card, now) for card in old if now]
    cards = sum(decision.card is not None for decision in made)
    return f"{len(made)} decisions, {cards} cards, {len(rewritten)} cards rewritten"


def look_at_lines() -> str:
    """Let alerts go off whose indicator crossed on the newest bar."""
    gone_off = alert_lines.fire_on_bars(open_desk())
    return f"{gone_off} indicator alerts went off" if gone_off else ""


def run_request(request_id: str) -> str:
    """Do one job request; what it did, or why it failed, stands in its row.

    Raises:
        MunimError: the desk's own code failed; its text is the row's sentence, and the traceback
            stands in the worker's log under the request's id.
    """
    desk = open_desk()
    with desk.store.read() as tx:
        request = jobs.by_id(tx, request_id)
    arguments: dict[str, Any] = json.loads(request.arguments)

    def progress(share: float, sentence: str) -> None:
        with desk.store.write() as tx:
            jobs.progress(tx, request_id, share, sentence)
        if is_called_off(desk, request_id):
            raise CalledOff(f"called off at {share:.0%}: {sentence}")

    try:
        sentence, result = KINDS[request.kind](desk, arguments, progress)
    except CalledOff as stopped:
        _finish(desk, request_id, JobStatus.CANCELLED, str(stopped), {})
        return str(stopped)
    except MunimError as failure:
        _finish(desk, request_id, JobStatus.FAILED, str(failure), {})
        return str(failure)
    except Exception as fault:  # the row must not stay RUNNING; the error goes on
        # as text, because a rich traceback prints local values and some of them are secret
        log.error(
            "request failed", request=request_id, kind=request.kind, exception=_traceback(fault)
        )
        sentence = _fault_words(request.kind, request_id)
        _finish(desk, request_id, JobStatus.FAILED, sentence, {})
        raise MunimError(sentence) from fault
    _finish(desk, request_id, JobStatus.DONE, sentence, result)
    return sentence


def _traceback(fault: Exception) -> str:
    return "".join(traceback.format_exception(fault)).rstrip()


def _fault_words(kind: str, request_id: str) -> str:
    """What a person reads when the desk's own code fails; every write is one transaction."""
    return (
        f"{kind}: stopped by a fault in the desk, not by what you asked for; each of its writes is "
        "kept whole or not at all, so nothing is half-written; the worker's log has the details "
        f"under {request_id}"
    )


def _finish(
    desk: Desk, request_id: str, status: JobStatus, sentence: str, result: dict[str, Any]
) -> None:
    with desk.store.write() as tx:
        jobs.finish(tx, request_id, status, sentence, json.dumps(result), job_time(desk))


Answer = tuple[str, dict[str, Any]]
Progress = Callable[[float, str], None]


def _open_market(desk: Desk, _: dict[str, Any], progress: Progress) -> Answer:
    return open_market.open_market(desk, progress), {}


def _train(desk: Desk, asked: dict[str, Any], progress: Progress) -> Answer:
    version = train.train(desk, progress, **asked)
    with desk.store.read() as tx:
        stands = models_use.standing(tx, version.version)
    vote = "votes" if version.has_vote else "has no vote"
    return (
        f"{version.version} {vote}: skill {pct(version.skill, signed=True)} "
        f"({pct(version.skill_low, signed=True)} to {pct(version.skill_high, signed=True)}), "
        f"n {qty(version.n_out_of_sample)}, {version.seconds:.0f} s; {stands}",
        {"version": version.version, "skill": version.skill, "has_vote": version.has_vote},
    )


def _scan(desk: Desk, _: dict[str, Any], progress: Progress) -> Answer:
    progress(0.2, "computing features and predictions")
    now = know(desk)
    done = scan.scan(desk, now)
    keep_regime(desk, now)
    return done.sentence, {"refused": [list(pair) for pair in done.refused]}


def _backtest(desk: Desk, asked: dict[str, Any], progress: Progress) -> Answer:
    from core.backtest.run import backtest

    done = backtest(
        desk,
        strategy=asked["strategy"],
        start=date.fromisoformat(asked["start"]),
        end=date.fromisoformat(asked["end"]),
        symbols=asked["symbols"],
        progress=progress,
    )
    sentence = f"{len(done.days)} sessions, {done.cards} cards, {len(done.trades)} trades"
    return sentence, json.loads(to_json(done))


def _optimize(desk: Desk, asked: dict[str, Any], progress: Progress) -> Answer:
    from core.desk.optimize import Wish, run_optimize

    wish = Wish(**{**asked, "symbols": tuple(asked["symbols"])})
    found = run_optimize(desk, wish, progress)
    return f"{len(found.weights)} weights, {len(found.steps)} trades", json.loads(to_json(found))


def _report(desk: Desk, asked: dict[str, Any], progress: Progress) -> Answer:
    from core.desk.month_report import make_month
    from core.desk.report import make_report

    by = "person at the desk"
    if month := asked.get("month"):
        progress(0.2, "reading the month's books")
        made = make_month(desk, date.fromisoformat(month), by=by)
        return f"the report of {made.day:%B %Y} is written", {"day": made.day.isoformat()}
    progress(0.2, "reading the day's books")
    made = make_report(desk, by=by)
    return f"the report of {made.day} is written", {"day": made.day.isoformat()}


def _fetch(desk: Desk, asked: dict[str, Any], progress: Progress) -> Answer:
    from core.desk.fetch_job import result_of, run_fetch
    from core.desk.fetch_wish import wish_of

    done = run_fetch(desk, wish_of(asked), by="person at the desk", progress=progress)
    return done.sentence, result_of(done)


def _drift(desk: Desk, _: dict[str, Any], progress: Progress) -> Answer:
    from core.desk.models_drift import measure_drift
    from core.desk.retrain import propose
    from core.desk.vote_lost import settle

    found = measure_drift(desk, progress)
    made, lost = propose(desk, found), settle(desk, found)
    moved = sum(one.drifted for one in found.features)
    sentence = (
        f"{found.version} as of {found.as_of}: {moved} of {len(found.features)} features drifted, "
        f"{found.calibration.n} outcomes; {'a training is proposed' if made else 'none proposed'}"
        f"{'; it has no vote: ' + lost if lost else ''}"
    )
    return sentence, json.loads(to_json(found))


def _leaks(desk: Desk, _: dict[str, Any], progress: Progress) -> Answer:
    from core.desk.leaks import find_leaks

    found = find_leaks(desk, progress=progress)
    return found.words, {"leaks": found.leaks}


KINDS: dict[str, Callable[[Desk, dict[str, Any], Progress], Answer]] = {
    "open market": _open_market,
    "train": _train,
    "scan": _scan,
    "backtest": _backtest,
    "optimize": _optimize,
    "report": _report,
    "fetch": _fetch,
    "drift": _drift,
    "leaks": _leaks,
}
RESEARCH_KINDS = ("scan",)
