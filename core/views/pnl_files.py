"""The P&L page's files, who earned it and each session, in rupees that a spreadsheet adds up."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from core.desk.pnl import Day
from core.desk.pnl_by import Row
from core.treasury.pnl import Pnl
from core.views.shown import in_rupees, safe_cell

COLUMNS = ("realised", "unrealised", "dividends", "charges", "net")


def rows_sheet(rows: Iterable[Row], whole: Pnl, head: str) -> str:
    """Who earned what, the total at the end."""
    named = [*((row.label, row.earned) for row in rows), ("Total", whole)]
    return _sheet([head], (([safe_cell(label)], one, []) for label, one in named))


def days_sheet(days: Iterable[Day]) -> str:
    """One line a session, with trades, money that came or went, and worth at its end."""
    lines = (
        ([day.day.isoformat(), str(day.trades)], day.earned,
         [in_rupees(day.flow), in_rupees(day.worth)])
        for day in days
    )  # fmt: skip
    return _sheet(["Session", "trades"], lines, ["paid in ₹", "worth ₹"])


def _sheet(
    heads: Sequence[str],
    lines: Iterable[tuple[Sequence[str], Pnl, Sequence[str]]],
    more: Sequence[str] = (),
) -> str:
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow([*heads, *(f"{name} ₹" for name in COLUMNS), *more])
    for before, one, after in lines:
        amounts = (one.realised, one.unrealised, one.dividends, one.cost, one.net)
        sheet.writerow([*before, *(in_rupees(amount) for amount in amounts), *after])
    return out.getvalue()
