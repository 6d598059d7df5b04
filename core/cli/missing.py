"""Verbs whose names are fixed and that have nothing behind them yet."""

from __future__ import annotations

import typer

from core.errors import NotBuilt

MISSING = ("sandbox", "allocate")


def add_to(app: typer.Typer) -> None:
    """Add each verb; it takes anything and says what it is not."""
    for name in MISSING:
        app.command(
            name,
            help="Not built yet.",
            context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
        )(_missing(name))


def _missing(name: str):  # type: ignore[no-untyped-def]
    def run(context: typer.Context) -> None:
        raise NotBuilt(f"munim {name}: not built yet")

    return run
