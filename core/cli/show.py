"""How the terminal answers: one JSON document or a plain table, never both."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from enum import Enum
from pathlib import Path

import typer

from core.domain.clock import IST
from core.domain.money import Money
from core.domain.words import rupees

Row = Mapping[str, object]
PAISE = "_paise"
MONEY = re.compile(r"(Money|tuple\[Money, \.\.\.\])( \| None)?")  # a field that holds money


def plain(value: object) -> object:
    """A domain value as JSON: money as paise, times in IST with offset, NaN as null."""
    if isinstance(value, Money):
        return value.paise
    if isinstance(value, Enum):
        return value.name if isinstance(value.value, int) else value.value
    if isinstance(value, datetime):
        return value.astimezone(IST).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat(timespec="minutes")
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Path):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {
            _field_key(f.name, str(f.type)): plain(getattr(value, f.name)) for f in fields(value)
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
    return f"{name}{PAISE}" if isinstance(value, Money) and not name.endswith(PAISE) else name


def _field_key(name: str, kind: str) -> str:
    """By the field's type, so that a missing price is null under the same key."""
    return f"{name}{PAISE}" if MONEY.fullmatch(kind) and not name.endswith(PAISE) else name


def answer(value: object, *, as_json: bool, words: str | None = None) -> None:
    """Print one answer; without `words` a person reads the same document, indented."""
    if as_json:
        typer.echo(json.dumps(plain(value), ensure_ascii=False, allow_nan=False))
    elif words is not None:
        typer.echo(words)
    else:
        typer.echo(json.dumps(plain(value), ensure_ascii=False, indent=1))


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
    heads = [name.removesuffix(PAISE).replace("_", " ") for name in names]
    widths = [max(len(head), *(len(line[i]) for line in cells)) for i, head in enumerate(heads)]
    for line in [heads, *cells]:
        padded = (text.ljust(width) for text, width in zip(line, widths, strict=True))
        typer.echo("  ".join(padded).rstrip())


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "-"
    if isinstance(value, Money):
        return rupees(value)
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, datetime):
        return f"{value.astimezone(IST):%Y-%m-%d %H:%M:%S}"
    return str(plain(value))
