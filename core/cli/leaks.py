"""Leak tests in the terminal."""

from __future__ import annotations

from pathlib import Path

import typer

from core.cli.options import Json
from core.cli.show import answer, table
from core.desk.desk import open_desk
from core.errors import BadInput, NoData

CONTRACT = """Look for what knows the future, in the desk's own features and models or in a file.

A FILE of --strategy has one or both of

  def features(panel): return {"name": array, ...}

  def signals(panel): return array

Arrays have shape (n_sessions, n_instruments), NaN for nothing to say. Row s is formed at the close
of session s and acted on at the next open. panel has sessions, isins and the raw arrays open,
high, low, close, volume and factor; panel.adjusted() takes splits out. The file runs in a process
of its own that may read no other file, write none and connect nowhere. docs/leaks.md has an example
and says what each test does. Exit code 0 is clean, 1 a leak, 2 input that cannot be used."""


def add_to(app: typer.Typer) -> None:
    """Add this file's verbs."""
    app.command("leaks", help=CONTRACT)(leaks)


def leaks(
    strategy: Path | None = typer.Option(None, help="A Python file with features or signals."),
    only: list[str] = typer.Option([], help="A test by name; again for another, or with commas."),
    json: Json = False,
) -> None:
    """Run the leak tests over the store's own bars."""
    from core.desk.leaks import find_leaks

    names = [name.strip() for given in only for name in given.split(",") if name.strip()]
    try:
        found = find_leaks(open_desk(), file=strategy, only=names, progress=_progress)
    except NoData as lacking:  # 1 would say that a leak was found
        raise BadInput(str(lacking)) from lacking
    rows = [
        {"test": one.name, "result": one.verdict, "figure": one.figure, "sentence": one.sentence}
        for one in found.findings
    ]
    if json:
        looked_at = {
            name: getattr(found, name)
            for name in ("subject", "market", "first", "last", "sessions", "shares", "columns")
        }
        answer({**looked_at, "leaks": found.leaks, "seconds": found.seconds, "tests": rows},
               as_json=True)  # fmt: skip
    else:
        table(rows, as_json=False, empty="")
        typer.echo(found.words)
    if found.leaks:
        raise typer.Exit(1)


def _progress(share: float, sentence: str) -> None:
    typer.echo(f"{share:6.1%} {sentence}", err=True)
