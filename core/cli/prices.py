"""Prices in the terminal: import, quality, and TA-Lib over a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from core.cli import actions, data_files, fetch, quality
from core.cli.data_files import see_first
from core.cli.options import BY, Json, symbols
from core.cli.show import answer, table
from core.desk.desk import calendar_now, open_desk
from core.desk.imports import import_files
from core.errors import BadInput
from core.providers.mapping import parse_map

if TYPE_CHECKING:  # they bring TA-Lib with them
    from core.cli.indicator_table import Share
    from core.features.indicator import Indicator
    from core.providers.bar_file import BarFile

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
    file: Path | None = typer.Argument(None, help="Prices; without a file, what there is."),
    set: str = typer.Option("all", "--set", help="all, or names and groups: RSI,ATR,candles."),
    out: Path | None = typer.Option(None, help="CSV for every row; the last one is printed."),
    columns: bool = typer.Option(False, "--columns", help="What models can learn from instead."),
    json: Json = False,
) -> None:
    """Indicators of the prices in a file, each with its usual parameters."""
    from core.cli.indicator_table import check_out, columns_of_models, compute, listed, write_csv
    from core.features.indicators import chosen
    from core.providers.files import read_bars

    if file is None:
        if out is not None:
            raise BadInput(f"there are no prices to write to {out.name}; name their file")
        rows = columns_of_models() if columns else listed(chosen(symbols(set)))
        table(rows, as_json=json, empty="")
        return
    if columns:
        raise BadInput("--columns tells what there is and takes no file; leave one of them out")
    if out is not None:
        check_out(out, file)
    bars = read_bars(file, calendar=calendar_now())
    wanted, shares = compute(bars, symbols(set))
    if out is not None:
        write_csv(shares, out)
    if json:
        answer(_document(file, bars, wanted, shares, out=out), as_json=True)
        return
    if bars.refused:
        typer.echo(bars.words, err=True)
    table(_last_rows(wanted, shares), as_json=False, empty="")


def _document(
    file: Path,
    bars: BarFile,
    wanted: Sequence[Indicator],
    shares: Sequence[Share],
    *,
    out: Path | None,
) -> dict[str, object]:
    from core.cli.indicator_table import meanings

    rows = [
        {"symbol": one.symbol, "as_of": one.days[-1], "rows": len(one.days), "last": one.last()}
        for one in shares
    ]
    said = {"file": str(file), "out": out, "refused": bars.refused}
    return {**said, "meanings": meanings(wanted), "symbols": rows}


def _last_rows(wanted: Sequence[Indicator], shares: Sequence[Share]) -> list[dict[str, object]]:
    units = {column: one.unit for one in wanted for column in one.columns}
    return [
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
