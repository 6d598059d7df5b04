"""Instrument masters in the terminal: load what brokers list, and search it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import typer

from core.cli.options import BY, Json
from core.cli.prices import group
from core.cli.show import table
from core.desk.desk import open_desk
from core.desk.masters import load_masters
from core.store import masters
from core.views.search import find


def add_to(app: typer.Typer) -> None:
    """Add this file's verbs to the group of prices."""
    group.command("masters")(masters_verb)
    group.command("search")(search)


def masters_verb(
    files: list[Path] = typer.Argument(None, help="Instrument files; none shows what is loaded."),
    broker: str = typer.Option("", help="kite, upstox, fyers or angel; else the file tells."),
    json: Json = False,
) -> None:
    """Load brokers' instrument masters into the search, or show which are loaded."""
    desk = open_desk()
    done = load_masters(desk, files, broker=broker, by=BY) if files else masters.loads(desk.home)
    table([asdict(one) for one in done], as_json=json, empty="no instrument master is loaded")


def search(
    words: list[str],
    limit: int = typer.Option(20, min=1, max=200),
    json: Json = False,
) -> None:
    """Find an instrument by symbol, broker's token, ISIN or words of its name."""
    view = find(open_desk(), " ".join(words), limit=limit)
    rows = [
        {
            "symbol": row.symbol,
            "exchange": row.exchange,
            "kind": row.kind,
            "isin": row.isin,
            "name": row.name,
            "tick": row.tick,
            "brokers": row.brokers,
            "tokens": [list(one) for one in row.tokens]
            if json
            else ", ".join(f"{broker} {token}" for broker, _, token in row.tokens),
        }
        for row in view.rows
    ]
    table(rows, as_json=json, empty=view.note)
