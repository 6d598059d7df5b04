"""Options that many verbs share."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from core.errors import BadInput

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
BY = "terminal"


def day(text: str, *, name: str) -> date:
    """A date as YYYY-MM-DD; raises BadInput."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{name} {text!r} is no date; write it as 2026-01-31") from None
