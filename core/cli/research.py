"""Predictions, training, models, data and replay in the terminal."""

from __future__ import annotations

import json as jsons
import time
from datetime import date
from pathlib import Path

import typer

from core.cli.options import BY, Json, day
from core.cli.show import answer, table
from core.desk.desk import Desk, open_desk
from core.desk.jobs import ask
from core.domain.job import JobStatus
from core.errors import BadInput, NotFound
from core.store import bars, instruments, jobs, models, predictions

model_group = typer.Typer(help="Model versions.", no_args_is_help=True)
data_group = typer.Typer(help="Prices: import and quality.", no_args_is_help=True)
WAIT_SECONDS = 600.0


def add_to(app: typer.Typer) -> None:
    """Add this file's verbs."""
    app.add_typer(model_group, name="models")
    app.add_typer(data_group, name="data")
    app.command("predict")(predict)
    app.command("train")(train)
    app.command("tag")(tag_file)
    app.command("regime")(regime)
    app.command("replay")(replay)


def predict(symbols: list[str], json: Json = False) -> None:
    """The latest probabilities of some shares."""
    desk = open_desk()
    with desk.store.read() as tx:
        wanted = {instruments.by_symbol(tx, symbol.upper()).isin for symbol in symbols}
        found = [one for one in predictions.latest(tx) if one.isin in wanted]
    if not found:
        raise NotFound("no prediction yet; the first scan is on its way, or run munim scan")
    rows = [
        {
            "symbol": one.symbol,
            "as_of": one.as_of,
            "p_target_first": one.target_first.p,
            "low": one.target_first.low,
            "high": one.target_first.high,
            "n": one.target_first.n,
            "base_rate": one.base_rate,
            "has_vote": one.has_vote,
            "edge": one.edge,
            "model": one.model_version,
        }
        for one in found
    ]
    table(rows, as_json=json, empty="")


def train(
    wait: bool = typer.Option(False, help="Wait until it is done."), json: Json = False
) -> None:
    """Ask the worker to train on the running market."""
    desk = open_desk()
    request = ask(desk, "train", by=BY)
    if wait:
        _wait(desk, request.id)
    answer({"job": request.id}, as_json=json, words=f"training asked for, job {request.id}")


def _wait(desk: Desk, request_id: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        with desk.store.read() as tx:
            now = jobs.by_id(tx, request_id)
        if now.status in (JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELLED):
            typer.echo(f"{now.status}: {now.sentence}", err=True)
            return
        time.sleep(0.5)
    raise BadInput(f"job {request_id} did not end in {WAIT_SECONDS:.0f} s; see munim doctor")


@model_group.command("list")
def list_models(json: Json = False) -> None:
    """Every trained version with what it measured out of sample."""
    desk = open_desk()
    with desk.store.read() as tx:
        found = [(role, one) for role in ("primary", "meta") for one in models.versions(tx, role)]
    rows = [
        {
            "role": role,
            "version": one.version,
            "market": one.market,
            "trained_at": one.trained_at,
            "n": one.n_out_of_sample,
            "brier": one.brier,
            "brier_base": one.brier_base,
            "skill": one.skill,
            "skill_low": one.skill_low,
            "skill_high": one.skill_high,
            "has_vote": one.has_vote,
            "seconds": one.seconds,
        }
        for role, one in found
    ]
    table(rows, as_json=json, empty="No model is trained yet.")


@model_group.command("show")
def show_model(version: str, json: Json = False) -> None:
    """One version, whole."""
    answer(_model(version), as_json=json)


@model_group.command("verify")
def verify_model(version: str, json: Json = False) -> None:
    """Hold a model's files against their hashes."""
    from core.models.files import load

    desk = open_desk()
    load(_model(version), market=desk.market)
    answer({"version": version, "ok": True}, as_json=json, words=f"{version}: files match")


def _model(version: str):  # type: ignore[no-untyped-def]
    desk = open_desk()
    with desk.store.read() as tx:
        found = [one for role in ("primary", "meta") for one in models.versions(tx, role)]
    for one in found:
        if one.version == version:
            return one
    known = ", ".join(one.version for one in found) or "none"
    raise NotFound(f"no model {version}; there are: {known}")


def tag_file(file: Path, json: Json = False) -> None:
    """Tag headlines, one a line, without storing anything."""
    from core.desk.intake import name_index
    from core.domain.event import Event, event_id
    from core.tagging.tagger import tag

    if not file.is_file():
        raise BadInput(f"{file} is no file; give a text file with one headline a line")
    desk = open_desk()
    names = name_index(desk)
    at = desk.clock.now()
    rows = []
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line.strip():
            continue
        event = Event(event_id("file", line, line), "file", line, line, at, at)
        rows += [
            {
                "headline": line,
                "symbol": found.symbol,
                "type": found.event_type,
                "stance": found.stance,
                "impact": found.impact,
                "confidence": found.confidence,
            }
            for found in tag(event, names)
        ]
    table(rows, as_json=json, empty="No line names a share of the universe.")


def regime(json: Json = False) -> None:
    """The regime of the whole market as of the last session."""
    from core.features.regime import market_regime

    desk = open_desk()
    with desk.store.read() as tx:
        panel = bars.read_panel(tx)
    found, score = market_regime(panel)
    answer(
        {"regime": found, "score": score, "as_of": panel.sessions[-1]},
        as_json=json,
        words=f"{found} (score {score:.2f}) as of {panel.sessions[-1]}",
    )


@data_group.command("import")
def import_bars(
    files: list[Path],
    format: str = typer.Option("auto", help="auto, kaggle, bhavcopy, csv, xlsx or parquet."),
    factors: Path | None = typer.Option(None, help="CSV of adjustment factors."),
    json: Json = False,
) -> None:
    """Import prices into a replay or live store; a simulated market takes none."""
    from core.desk.imports import import_files

    done = import_files(open_desk(), files, fmt=format, factors=factors, by=BY)
    answer(done, as_json=json, words=done.sentence)


@data_group.command("quality")
def quality(symbol: str, json: Json = False) -> None:
    """Where a symbol's bars come from and what is wrong with them."""
    from core.desk.imports import quality_of

    found = quality_of(open_desk(), symbol)
    answer(found, as_json=json, words=found.sentence)


def replay(
    start: str = typer.Option(..., "--from", help="First session, YYYY-MM-DD."),
    end: str = typer.Option(..., "--to", help="Last session, YYYY-MM-DD."),
    folder: Path | None = typer.Option(None, help="Where the scratch store goes."),
    json: Json = False,
) -> None:
    """Play imported history through the whole desk with a scripted approver."""
    from core.backtest.report import replay_store

    first, last = _span(start, end)
    outcome = replay_store(
        open_desk(),
        start=first,
        end=last,
        folder=folder,
        progress=lambda share, sentence: typer.echo(f"{share:6.1%} {sentence}", err=True),
    )
    answer(jsons.loads(outcome.to_json()), as_json=json, words=outcome.words())


def _span(start: str, end: str) -> tuple[date, date]:
    first, last = day(start, name="--from"), day(end, name="--to")
    if last < first:
        raise BadInput(f"--to {last} is before --from {first}; swap them")
    return first, last
