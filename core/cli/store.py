"""Where the desk's rows are kept: move them to another kind of store."""

from __future__ import annotations

import typer

from core.cli.options import BY, Json
from core.cli.show import answer
from core.config import settings_now
from core.desk.anchor import last_anchor
from core.desk.desk import open_desk
from core.domain.words import qty
from core.store.move import move, places

group = typer.Typer(help="Where the desk's rows are kept.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add this file's verbs."""
    app.add_typer(group, name="store")


@group.command("move")
def move_store(
    to: str = typer.Option(..., "--to", help="An empty database: postgresql://USER@HOST/NAME."),
    json: Json = False,
) -> None:
    """Move a stopped desk's SQLite store to PostgreSQL; the old file stays as it is."""
    settings = settings_now()
    places(settings.database_url, to)  # before a store is made that is not there
    desk = open_desk()
    made = move(settings.database_url, to, clock=desk.clock, by=BY, anchor=last_anchor(desk.home))
    answer(
        made,
        as_json=json,
        words=f"{qty(sum(made.rows.values()))} rows of {len(made.rows)} tables stand in "
        f"{made.place}, and the record ends at entry {made.head.seq}, {made.head.hash[:16]}, as "
        "it did; set DATABASE_URL to that store and start Munim",
    )
