"""View rows as a frame for a grid, and as CSV text for a download."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import pandas as pd
import streamlit as st

from core.views.shown import safe_cell
from ui.grid import GridColumn


def as_frame(rows: Sequence[object], columns: Sequence[GridColumn], *extra: str) -> pd.DataFrame:
    """Rows of a dataclass as a frame of the columns' fields, and of `extra` ones."""
    names = [column.field for column in columns] + [*extra]
    return pd.DataFrame([[getattr(row, name) for name in names] for row in rows], columns=names)


def as_csv(rows: Sequence[Any], heads: dict[str, str] | None = None) -> str:
    """Every field of the rows as CSV; `heads` renames columns.

    A text that a spreadsheet would run as a formula gets an apostrophe before it; a number that
    is missing is an empty cell.
    """
    if not rows:
        return ""
    names = [field.name for field in fields(rows[0])]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([(heads or {}).get(name, name) for name in names])
    writer.writerows([_safe(getattr(row, name)) for name in names] for row in rows)
    return out.getvalue()


def csv_button(
    label: str, rows: Sequence[Any], *, file: str, key: str, heads: dict[str, str] | None = None
) -> None:
    """A download of the rows as CSV."""
    given = as_csv(rows, heads)
    st.download_button(
        label, given, file, "text/csv", key=key, disabled=not rows, on_click="ignore"
    )


def _safe(value: object) -> object:
    if isinstance(value, str):
        return safe_cell(value)
    if isinstance(value, float) and math.isnan(value):
        return ""
    return value
