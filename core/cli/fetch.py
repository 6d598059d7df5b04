"""Prices from the network in the terminal, and the providers they come from."""

from __future__ import annotations

import typer

from core.cli.options import BY, Json, day
from core.cli.options import symbols as split
from core.cli.show import answer, table
from core.desk.desk import open_desk
from core.errors import BadInput


def add_to(group: typer.Typer) -> None:
    """Add this file's verbs to `munim data`."""
    group.command("fetch")(fetch)
    group.command("providers")(providers)


def fetch(
    symbols: list[str] = typer.Argument(None, help="Symbols, ISINs or vendors' names."),
    watchlist: str = typer.Option("", help="A watchlist's shares instead of symbols."),
    universe: str = typer.Option("", help="A universe's shares instead; munim is the desk's own."),
    provider: str = typer.Option("auto", help="One or more, in order: kite,yfinance; or auto."),
    start: str = typer.Option("", help="First day; a year ago, or a month for minutes."),
    end: str = typer.Option("", help="Last day; the last settled close if left out."),
    again: bool = typer.Option(False, help="Ask for every day, to compare with what is stored."),
    minutes: int = typer.Option(0, help="Bars of 1, 3, 5, 15, 30 or 60 minutes; 0 for days."),
    fundamentals: bool = typer.Option(False, help="Companies' figures instead of bars."),
    json: Json = False,
) -> None:
    """Fetch bars or figures that are missing; exit 1 when some share got nothing."""
    from core.desk.fetch_job import run_fetch
    from core.desk.fetch_wish import SYMBOLS, UNIVERSE, WATCHLIST, FetchWish

    desk = open_desk()
    if sum(map(bool, (symbols, watchlist, universe))) > 1:
        raise BadInput("give symbols, --watchlist NAME or --universe NAME, one of them")
    scope = WATCHLIST if watchlist else UNIVERSE if universe else SYMBOLS
    wish = FetchWish(
        scope=scope,
        symbols=tuple(symbols or ()),
        name=watchlist or universe,
        start=str(day(start, name="--start")) if start else "",
        end=str(day(end, name="--end")) if end else "",
        minutes=minutes,
        providers=tuple(name.lower() for name in split(provider)),
        figures=fundamentals,
        again=again,
    )
    done = run_fetch(desk, wish, by=BY, progress=_say)
    answer(done, as_json=json, words=done.sentence)
    if done.failed:
        raise typer.Exit(1)


def _say(fraction: float, sentence: str) -> None:
    typer.echo(f"{fraction:4.0%}  {sentence}", err=True)


def providers(json: Json = False) -> None:
    """Each network provider: set up or not, verified or not, its breaker and its ages."""
    from core.views.providers import providers_view

    rows = [
        {
            "provider": row.label,
            "set_up": row.set_up.text,
            "wire": row.wire.text,
            "breaker": " · ".join(filter(None, (row.breaker.text, row.breaker.note))),
            "last_success": row.last_success,
            "cached": row.cached,
            "of_24_hours": row.used,
            "what_to_do": row.sentence or "nothing",
        }
        for row in providers_view(open_desk().home)
    ]
    table(rows, as_json=json, empty="no provider")
