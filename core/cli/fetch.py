"""Prices from the network in the terminal, and the providers they come from."""

from __future__ import annotations

from functools import partial

import typer

from core.cli.options import BY, Json, day
from core.cli.options import symbols as split
from core.cli.show import answer, table
from core.desk.desk import open_desk


def add_to(group: typer.Typer) -> None:
    """Add this file's verbs to `munim data`."""
    group.command("fetch")(fetch)
    group.command("providers")(providers)


def fetch(
    symbols: list[str],
    provider: str = typer.Option("auto", help="One or more, in order: kite,yfinance; or auto."),
    start: str = typer.Option("", help="First day; a year ago, or a month for minutes."),
    end: str = typer.Option("", help="Last day; the last settled close if left out."),
    again: bool = typer.Option(False, help="Ask for every day, to compare with what is stored."),
    minutes: int = typer.Option(0, help="Bars of 1, 3, 5, 15, 30 or 60 minutes; 0 for days."),
    json: Json = False,
) -> None:
    """Fetch bars that are missing; exit 1 when some share got nothing."""
    from core.desk.fetch import fetch_bars
    from core.desk.fetch_intraday import fetch_minutes
    from core.desk.fetch_steps import open_sources
    from core.desk.imports import refuse_sim

    desk = open_desk()
    refuse_sim(desk, "prices")
    done = (partial(fetch_minutes, minutes=minutes) if minutes else fetch_bars)(
        desk,
        symbols,
        open_sources(desk.home, [name.lower() for name in split(provider)]),
        start=day(start, name="--start") if start else None,
        end=day(end, name="--end") if end else None,
        again=again,
        by=BY,
        progress=lambda fraction, sentence: typer.echo(f"{fraction:4.0%}  {sentence}", err=True),
    )
    answer(done, as_json=json, words=done.sentence)
    if done.failed:
        raise typer.Exit(1)


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
            "what_to_do": row.sentence or "nothing",
        }
        for row in providers_view(open_desk().home)
    ]
    table(rows, as_json=json, empty="no provider")
