"""How the terminal answers: one JSON document or a plain table, never both."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum

import typer

from core.domain.clock import IST
from core.domain.money import Money

Row = Mapping[str, object]


def plain(value: object, *, name: str = "") -> object:
    """A domain value as JSON: money as paise, times in IST with offset, sets as lists."""
    if isinstance(value, Money):
        return value.paise
    if isinstance(value, Enum):
        return value.name if isinstance(value.value, int) else value.value
    if isinstance(value, datetime):
        return value.astimezone(IST).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {
            key(f.name, getattr(value, f.name)): plain(getattr(value, f.name))
            for f in fields(value)
        }
    if isinstance(value, Mapping):
        return {key(str(k), v): plain(v) for k, v in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(str(plain(item)) for item in value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]
    return value


def key(name: str, value: object) -> str:
    """Money's key ends in `_paise`, so that nobody reads it as rupees."""
    return f"{name}_paise" if isinstance(value, Money) and not name.endswith("_paise") else name


def answer(value: object, *, as_json: bool, words: str | None = None) -> None:
    """Print one answer."""
    if as_json:
        typer.echo(json.dumps(plain(value), ensure_ascii=False, allow_nan=False, default=str))
    elif words is not None:
        typer.echo(words)
    else:
        typer.echo(json.dumps(plain(value), ensure_ascii=False, indent=1, default=str))


def table(rows: Sequence[Row], *, as_json: bool, empty: str) -> None:
    """Print rows with their column names; `empty` is the sentence when there is none."""
    if as_json:
        answer(list(rows), as_json=True)
        return
    if not rows:
        typer.echo(empty)
        return
    names = list(rows[0])
    cells = [[_cell(row[name]) for name in names] for row in rows]
    widths = [max(len(name), *(len(line[i]) for line in cells)) for i, name in enumerate(names)]
    typer.echo("  ".join(name.ljust(width) for name, width in zip(names, widths, strict=True)))
    for line in cells:
        typer.echo("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)))


def _cell(value: object) -> str:
    if isinstance(value, Money):
        return str(value)
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(plain(value)) if value is not None else "-"
