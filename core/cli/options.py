"""Options that many verbs share, and how what is typed is read."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from core.domain.money import Money
from core.errors import BadInput

Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
BY = "terminal"


def day(text: str, *, name: str) -> date:
    """A date as YYYY-MM-DD; raises BadInput."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{name} {text!r} is no date; write it as 2026-01-31") from None


def span(start: str, end: str) -> tuple[date, date]:
    """First and last day; raises BadInput when they are the wrong way round."""
    first, last = day(start, name="--from"), day(end, name="--to")
    if last < first:
        raise BadInput(f"--to {last} is before --from {first}; swap them")
    return first, last


def price(text: str, *, name: str) -> Money:
    """Rupees above zero; raises BadInput."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(0)
    if not amount.is_finite() or amount <= 0 or not Money.rupees(amount):
        raise BadInput(f"{name} {text!r} is no price above ₹0; write it as 2845.30")
    return Money.rupees(amount)


def rupees_from_zero(text: str, *, name: str) -> Money:
    """Rupees, zero too; raises BadInput."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        raise BadInput(f"{name} {text!r} is no amount of ₹0 or more; write it as 1180.50")
    return Money.rupees(amount)


def symbols(text: str) -> tuple[str, ...]:
    """Symbols separated by commas or blanks, in capitals."""
    return tuple(text.upper().replace(",", " ").split())
