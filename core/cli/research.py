"""Training and tags in the terminal."""

from __future__ import annotations

import time
from pathlib import Path

import typer

from core.cli.options import BY, Json
from core.cli.show import answer, table
from core.desk.desk import SILENT_AFTER, Desk, open_desk
from core.desk.jobs import ask
from core.domain.event import Event, event_id
from core.domain.job import JobStatus
from core.errors import BadInput, MunimError
from core.store import jobs

WAIT_SECONDS = 60.0  # of a silent worker
LOOK_EVERY = 0.5  # seconds
TABLES = (".csv", ".csv.gz", ".xlsx", ".parquet", ".zip")


def add_to(app: typer.Typer) -> None:
    """Add this file's verbs."""
    app.command("train")(train)
    app.command("tag")(tag_file)


def train(
    models: str = typer.Option("", help="Kinds with commas between them, or all."),
    cluster: str = typer.Option("", help="Address of a Dask scheduler; this machine unless given."),
    wait: bool = typer.Option(False, help="Wait until it is done."),
    json: Json = False,
) -> None:
    """Ask the worker to train on the running market."""
    from core.models.cluster import trusted
    from core.models.learners import chosen

    if cluster:
        trusted(cluster)
    kinds = [kind.strip() for kind in models.split(",") if kind.strip()]
    wish: dict[str, object] = {"kinds": [one.kind for one in chosen(kinds)]} if kinds else {}
    desk = open_desk()
    request = ask(desk, "train", by=BY, **wish, **({"cluster": cluster} if cluster else {}))
    words = f"training asked for, job {request.id}"
    if wait:
        words = _wait(desk, request.id)
    answer({"job": request.id}, as_json=json, words=words)


def _wait(desk: Desk, request_id: str) -> str:
    """What it did, however long it took, for all kinds on real prices take an hour.

    Raises:
        MunimError: it failed, was called off, or the worker stayed silent for a minute.
    """
    heard = time.monotonic()
    while time.monotonic() - heard < WAIT_SECONDS:
        with desk.store.read() as tx:
            now, silent = jobs.by_id(tx, request_id), desk.beat_age(tx)
        if now.status is JobStatus.DONE:
            return now.sentence
        if now.status in (JobStatus.FAILED, JobStatus.CANCELLED):
            raise MunimError(f"{now.status}: {now.sentence}")
        if silent is not None and silent < SILENT_AFTER:
            heard = time.monotonic()
        time.sleep(LOOK_EVERY)
    raise MunimError(
        f"the worker was silent for {WAIT_SECONDS:.0f} s, and job {request_id} waits for it; start "
        "the desk, or see munim doctor"
    )


def tag_file(file: Path, json: Json = False) -> None:
    """Tag headlines, one a line, or a table of exchange filings; nothing is stored."""
    from core.desk.imports import universe_names
    from core.tagging.tagger import tag

    names = universe_names()
    rows = [
        {
            "headline": event.headline,
            "symbol": found.symbol,
            "type": found.event_type,
            "stance": found.stance,
            "impact": found.impact,
            "confidence": found.confidence,
        }
        for event in _events_in(file)
        for found in tag(event, names)
    ]
    table(rows, as_json=json, empty="No line names a share of the universe.")


def _events_in(file: Path) -> list[Event]:
    if not file.is_file():
        raise BadInput(f"{file} is no file; give headlines one a line, or a table of filings")
    if file.name.endswith(TABLES):
        from core.providers.bse_filings import read_filings

        return read_filings(file)
    at = open_desk().clock.now()
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise BadInput(f"{file} is no text; give headlines one a line") from None
    return [
        Event(event_id("file", line, line), "file", line, line, at, at)
        for line in lines
        if line.strip()
    ]
