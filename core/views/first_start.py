"""The first start as a checklist: what is there, what is being made, what comes next."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.live_day import live_parts
from core.desk.models import Sheet
from core.desk.vote_said import sheet_now, why_no_vote
from core.domain.account import Market
from core.domain.job import JobRequest, JobStatus
from core.domain.money import group
from core.domain.words import counted, day, pct
from core.errors import NotFound
from core.store import bars, cards, decisions, instruments, jobs, models
from core.views.shown import Meter

State = Literal["done", "running", "waiting", "failed"]
RECENT_JOBS = 50
FROM_WIRE = "comes from a scan or from the newswire"
REFUSALS_OF = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One line; `meter` stands while it is running."""

    name: str
    state: State
    words: str
    meter: Meter | None = None


@dataclass(frozen=True, slots=True)
class FirstStart:
    """The checklist; `over` once the first card was written, and then without rows."""

    rows: tuple[CheckRow, ...]
    note: str
    first_card: str
    over: bool


def first_start(desk: Desk) -> FirstStart:
    """Read what the store holds and how far the worker's requests are."""
    with desk.store.read() as tx:
        written = cards.recent(tx, 1)
        if written:
            return FirstStart((), "5 of 5", written[0].id, over=True)
        asked = jobs.recent(tx, RECENT_JOBS)
        model = models.current(tx, "primary")
        rows: tuple[CheckRow, ...] = (
            _market(tx, asked),
            _bars(tx, asked),
            _model(sheet_now(desk, tx, model) if model else None, asked),
            _scan(asked, has_model=model is not None),
            CheckRow("First card", "waiting", _no_card_yet(tx, desk.clock.now())),
        )
    if desk.market is Market.LIVE:
        rows = _live_rows(desk, rows)
    if desk.market is Market.REPLAY:
        rows = _replay_rows(rows)
    done = sum(row.state == "done" for row in rows)
    late = _installing(desk.home)
    return FirstStart(
        rows=(*rows, *late),
        note=f"{done} of {len(rows)}",
        first_card="",
        over=False,
    )


def _live_rows(desk: Desk, rows: Sequence[CheckRow]) -> tuple[CheckRow, ...]:
    """A live market is not made: its shares are listed, and the rest is brought in by a person."""
    listed, loaded, *rest = rows
    parts = {one.name: one for one in live_parts(desk)}
    login, prices, news = parts["login"], parts["prices"], parts["news"]
    if loaded.state == "waiting":
        loaded = replace(loaded, words=parts["bars"].sentence)
    *between, card = rest
    if card.words == FROM_WIRE:
        card = replace(card, words=f"comes from a scan or from imported filings; {news.sentence}")
    return (
        replace(listed, name="Shares listed"),
        CheckRow("Login at a broker", "done" if login.ok else "waiting", login.sentence),
        CheckRow("Live prices", "done" if prices.ok else "waiting", prices.sentence),
        loaded,
        *between,
        card,
    )


def _replay_rows(rows: Sequence[CheckRow]) -> tuple[CheckRow, ...]:
    """Nothing starts by itself in a replay store: a person imports history and plays it."""
    words = {
        "Market created": ("Shares listed", "with the bars"),
        "Bars loaded": ("Bars loaded", "munim data import BARS.parquet --factors FACTORS.csv"),
        "Model trained": ("Model trained", "munim train, or the replay trains its own"),
        "First scan": ("Filings read", "munim ingest FILINGS.csv.gz"),
        "First card": ("First card", "munim replay --from 2026-01-27 --to 2026-03-31"),
    }
    return tuple(
        replace(row, name=words[row.name][0], words=words[row.name][1])
        if row.state == "waiting"
        else replace(row, name=words[row.name][0])
        for row in rows
    )


def _market(tx: Session, asked: Sequence[JobRequest]) -> CheckRow:
    listed = len(instruments.all_instruments(tx))
    if listed:
        return CheckRow("Market created", "done", f"{listed} shares listed")
    return _under_way("Market created", asked, "open market", "waits for the worker to start")


def _bars(tx: Session, asked: Sequence[JobRequest]) -> CheckRow:
    waiting = _under_way("Bars loaded", asked, "open market", "after the market")
    listed = instruments.all_instruments(tx)
    if not listed:
        return waiting
    try:
        kept = bars.provenance(tx, listed[0].isin)
    except NotFound:
        return waiting
    words = f"{group(str(kept.rows))} sessions, {day(kept.first)} to {day(kept.last)}"
    return CheckRow("Bars loaded", "done", words)


def _model(told: Sheet | None, asked: Sequence[JobRequest]) -> CheckRow:
    if told is None:
        return _under_way("Model trained", asked, "train", "after the bars, under a minute")
    model, why = told.version, why_no_vote(told)
    vote = f"it has no vote: {why}" if why else "it votes"
    words = (
        f"skill {pct(model.skill, signed=True)} over the base rate out of sample, 95 % interval "
        f"{pct(model.skill_low, signed=True)} to {pct(model.skill_high, signed=True)}, "
        f"n {group(str(model.n_out_of_sample))}; {vote}"
    )
    return CheckRow("Model trained", "done", words)


def _scan(asked: Sequence[JobRequest], *, has_model: bool) -> CheckRow:
    done = next((r for r in asked if r.kind == "scan" and r.status is JobStatus.DONE), None)
    if done is not None:
        return CheckRow("First scan", "done", done.sentence)
    return _under_way("First scan", asked, "scan", "starts now" if has_model else "after the model")


def _no_card_yet(tx: Session, now: datetime) -> str:
    """What said no so far, so that waiting is not silence."""
    no = decisions.refusals(tx, now - REFUSALS_OF)
    if not no:
        return FROM_WIRE
    stage, words, times = no[0]
    considered = sum(count for _, _, count in no)
    return (
        f"{considered} considered and none good enough; mostly the {stage.replace('_', '-')} said "
        f"no, {counted(times, 'time')}: {words}"
    )


def _under_way(name: str, asked: Sequence[JobRequest], kind: str, before: str) -> CheckRow:
    request = next((one for one in asked if one.kind == kind), None)
    if request is None or request.status is JobStatus.DONE:
        return CheckRow(name, "waiting", before)
    if request.status is JobStatus.FAILED:
        return CheckRow(name, "failed", request.sentence)
    if request.status is JobStatus.RUNNING:
        words = f"{pct(request.progress, digits=0)}, {request.sentence or 'started'}"
        return CheckRow(name, "running", words, Meter(request.progress, plain=True))
    return CheckRow(name, "waiting", "asked for, the worker takes it next")


def _installing(home: Path) -> tuple[CheckRow, ...]:
    """The second part of the install, while it goes on or when it failed."""
    try:
        told = json.loads((home / "install.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return ()
    if told.get("state") == "done":
        return ()
    failed = told.get("state") == "failed"
    share = float(told.get("done", 0)) / max(1, int(told.get("of", 1)))
    return (
        CheckRow(
            "More libraries",
            "failed" if failed else "running",
            str(told.get("sentence", "")),
            None if failed else Meter(share, plain=True),
        ),
    )
