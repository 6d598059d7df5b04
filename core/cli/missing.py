"""How a verb or an option answers that has nothing behind it yet."""

from __future__ import annotations

from collections.abc import Callable

import typer

from core.errors import NotBuilt

ANYTHING = {"allow_extra_args": True, "ignore_unknown_options": True}


def add_missing(app: typer.Typer, name: str, *, of: str = "munim") -> None:
    """Add one verb that takes anything and says what it is not; `of` is its group's path."""
    app.command(name, help="Not built yet.", context_settings=ANYTHING)(_verb(f"{of} {name}"))


def _verb(path: str) -> Callable[[typer.Context], None]:
    def run(context: typer.Context) -> None:
        raise not_built(path)

    return run


def not_built(what: str) -> NotBuilt:
    """The error of a verb or option with nothing behind it."""
    return NotBuilt(f"{what}: not built yet")
