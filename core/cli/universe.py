"""Universes in the terminal: list, import, show, drop."""

from __future__ import annotations

from pathlib import Path

import typer

from core.cli.options import BY, Json
from core.cli.options import day as day_of
from core.cli.prices import group as prices
from core.cli.show import answer, table
from core.desk.desk import open_desk
from core.desk.universe import (
    all_universes,
    drop_universe,
    import_universe,
    trade_universe,
    universe_named,
    universe_of_watchlist,
)
from core.domain.clock import ist_day
from core.errors import BadInput

group = typer.Typer(help="Universes: sets of shares with dates.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add this file's verbs to the group of prices."""
    prices.add_typer(group, name="universe")


@group.command("list")
def list_all(json: Json = False) -> None:
    """Every universe with its size, source and the lists it was read from."""
    rows = [
        {
            "name": one.name,
            "shares": len(one.now),
            "ever": len(one.members),
            "from": one.read_as_of[0],
            "as_of": one.read_as_of[-1],
            "source": one.source,
        }
        for one in all_universes(open_desk())
    ]
    table(rows, as_json=json, empty="")


@group.command("import")
def import_list(
    name: str,
    file: Path | None = typer.Argument(None, help="A CSV with a header."),
    as_of: str = typer.Option("", help="The day the list is of; today when left out."),
    column: str = typer.Option("", help="Header of the column of symbols or ISINs."),
    watchlist: str = typer.Option("", help="A watchlist instead of a file."),
    json: Json = False,
) -> None:
    """Read a list into a universe; a newer list dates who joined and who left."""
    desk = open_desk()
    if bool(watchlist) == (file is not None):
        raise BadInput("give a file or --watchlist NAME, one of them")
    if file is None:
        read = universe_of_watchlist(desk, name, watchlist, by=BY)
    else:
        day = day_of(as_of, name="--as-of") if as_of else None
        read = import_universe(desk, name, file, as_of=day, column=column, by=BY)
    answer(read, as_json=json, words=read.sentence)


@group.command("show")
def show(
    name: str,
    date: str = typer.Option("", "--on", help="Who belonged on that day; today when left out."),
    json: Json = False,
) -> None:
    """Who belongs to a universe on a day."""
    desk = open_desk()
    when = day_of(date, name="--on") if date else ist_day(desk.clock.now())
    found = universe_named(desk, name)
    rows = [
        {
            "symbol": one.symbol,
            "isin": one.isin,
            "from": one.starts,
            "until": one.ends or "",
            "name": one.name,
        }
        for one in sorted(found.on(when), key=lambda one: one.symbol)
    ]
    table(rows, as_json=json, empty=f"nobody belongs to {name} on {when}")


@group.command("drop")
def drop(name: str) -> None:
    """Take a universe away."""
    drop_universe(open_desk(), name, by=BY)
    typer.echo(f"{name} is taken away")


@group.command("trade")
def trade(
    name: str,
    stop: bool = typer.Option(False, "--stop", help="Only look at its shares from now on."),
) -> None:
    """Let the shares of a universe be traded beside the desk's own."""
    traded = trade_universe(open_desk(), name, traded=not stop, by=BY)
    typer.echo(f"traded now: {', '.join(traded)}")
