"""Prices in the terminal: import, quality, and TA-Lib over a file."""

from __future__ import annotations

from pathlib import Path

import typer

from core.cli import actions, data_files, fetch, quality
from core.cli.data_files import see_first
from core.cli.options import BY, Json, symbols
from core.cli.show import answer, table
from core.desk.desk import calendar_now, open_desk
from core.desk.imports import import_files
from core.errors import BadInput
from core.providers.mapping import parse_map

OF_ANY_LAYOUT = {"csv": "auto", "xlsx": "auto", "parquet": "auto"}  # the file's ending tells
group = typer.Typer(help="Prices: import and quality.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add this file's verbs."""
    app.add_typer(group, name="data")
    group.add_typer(actions.group, name="actions")
    fetch.add_to(group)
    data_files.add_to(group)
    quality.add_to(group)
    app.command("indicators")(indicators)


@group.command("import")
def import_bars(
    files: list[Path],
    format: str = typer.Option("auto", help="auto, kaggle, bhavcopy, csv, xlsx or parquet."),
    factors: Path | None = typer.Option(None, help="CSV of adjustment factors."),
    map: list[str] = typer.Option([], "--map", help="A column of a plain table: close=Close."),
    preview: bool = typer.Option(False, help="Say what would be read and refused; write nothing."),
    json: Json = False,
) -> None:
    """Import market files into a replay or live store; a simulated market takes none."""
    columns = parse_map(map)
    if preview:
        see_first(files, columns, as_json=json)
        return
    fmt = OF_ANY_LAYOUT.get(format, format)
    done = import_files(open_desk(), files, fmt=fmt, factors=factors, by=BY, columns=columns)
    answer(done, as_json=json, words=done.sentence)


def indicators(
    file: Path,
    set: str = typer.Option("all", "--set", help="all, or names and groups: RSI,ATR,candles."),
    out: Path | None = typer.Option(None, help="CSV for every row; the last one is printed."),
    json: Json = False,
) -> None:
    """Indicators of the prices in a file, each with its usual parameters."""
    from core.cli.indicator_table import compute, meanings, write_csv
    from core.providers.files import read_bars

    bars = read_bars(file, calendar=calendar_now())
    wanted, shares = compute(bars, symbols(set))
    if out is not None:
        if not out.parent.is_dir():
            raise BadInput(f"there is no folder {out.parent} to write {out.name} in")
        write_csv(shares, out)
    if json:
        rows = [
            {"symbol": one.symbol, "as_of": one.days[-1], "rows": len(one.days), "last": one.last()}
            for one in shares
        ]
        said = {"file": str(file), "out": out, "refused": bars.refused}
        answer({**said, "meanings": meanings(wanted), "symbols": rows}, as_json=True)
        return
    if bars.refused:
        typer.echo(bars.words, err=True)
    units = {column: one.unit for one in wanted for column in one.columns}
    lines = [
        {
            "symbol": one.symbol,
            "as_of": one.days[-1],
            "indicator": name,
            "value": value,
            "unit": units[name],
        }
        for one in shares
        for name, value in one.last().items()
    ]
    table(lines, as_json=False, empty="")
