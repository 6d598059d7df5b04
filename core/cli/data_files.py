"""Market files in the terminal before they are imported: a preview, and a check of a folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import typer

from core.cli.options import Json
from core.cli.show import answer, table
from core.desk.check_files import check_files
from core.desk.desk import calendar_now
from core.providers.mapping import Preview, preview


def add_to(group: typer.Typer) -> None:
    """Add this file's verbs to `munim data`."""
    group.command("check-files")(check)


def check(places: list[Path], json: Json = False) -> None:
    """What an import of these files and folders would take and refuse; nothing is written."""
    found = check_files(places, calendar_now())
    rows = [
        {
            "file": one.file,
            "format": one.format or "refused",
            "rows": one.rows,
            "taken": one.taken,
            "refused": one.refused,
            "left_out": one.left_out,
            "sentence": one.sentence.removeprefix(f"{Path(one.file).name}").lstrip(": "),
        }
        for one in found
    ]
    table(rows, as_json=json, empty="no file")


def see_first(files: Sequence[Path], columns: Mapping[str, str], *, as_json: bool) -> None:
    """Print the columns that would be read, the first rows, and what would be refused."""
    seen = [preview(path, columns) for path in files]
    if as_json:
        answer(seen, as_json=True)
        return
    for one in seen:
        typer.echo(one.sentence)
        _columns(one)
        table(one.rows, as_json=False, empty="no row")
        for refused in one.first_refused:
            typer.echo(f"refused line {refused.line} {refused.symbol}: {refused.reason}")


def _columns(one: Preview) -> None:
    for mapped in one.columns:
        typer.echo(f"  {mapped.field} from {mapped.column} {mapped.confidence:.0%}, {mapped.why}")
