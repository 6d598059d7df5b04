"""What foreign and domestic institutions bought and sold: NSE's cash lists and derivative sheet.

In some cash lists the day and the month of early dates are swapped. A year's dates whose day is
at most 12 are read in the one order that puts more of them on trading days, so nothing depends on
a list of years; a year where neither order fits is refused. A sale written as negative is made
positive where buying plus selling gives the net.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.domain.calendar import Calendar
from core.domain.words import counted
from core.errors import BadInput
from core.panel import Floats
from core.providers.bar_file import Refusal
from core.providers.table import Table
from core.providers.table_files import text_of

WIDE = "date,category,buy_value,sell_value,net_value,category,buy_value,sell_value,net_value"
TIDY = ("DATE", "FII_BUY", "FII_SELL", "FII_NET", "DII_BUY", "DII_SELL", "DII_NET")
WHO = {"FII/FPI": "FII", "FII": "FII", "FPI": "FII", "DII": "DII"}
CASH = "CASH"
FITS_FROM = 0.9  # of a year's uncertain dates must be trading days in the order that is taken
NET_WITHIN = 0.1  # crores that buying less selling is off the net when it is counted
SHEET_TITLE = "FII DERIVATIVES STATISTICS FOR "


@dataclass(frozen=True, slots=True)
class FlowFile:
    """Rows as arrays of one length, two for a line of a cash list; amounts in crores."""

    name: str
    format: str
    rows: int
    day: NDArray[np.datetime64]
    who: tuple[str, ...]
    segment: tuple[str, ...]
    amounts: dict[str, Floats]
    refused: tuple[Refusal, ...] = ()
    notes: tuple[str, ...] = ()


def is_wide(head: str) -> bool:
    """Whether a file begins with the header of the wide cash list."""
    return head.replace(" ", "").lower().startswith(WIDE)


def parse_wide(path: Path, calendar: Calendar) -> FlowFile:
    """The wide list, its dates and signs put right; raises BadInput naming the line."""
    lines = [row for row in csv.reader(io.StringIO(text_of(path))) if any(row)][1:]
    written, numbers = [], []
    for line, row in enumerate(lines, 2):
        try:
            if len(row) != 9 or (WHO[row[1].strip()], WHO[row[5].strip()]) != ("DII", "FII"):
                raise ValueError("expected nine cells, DII first and FII/FPI second")
            first, second, year = (int(part) for part in row[0].split("-"))
            written.append((first, second, year))
            numbers.append([float(cell) for cell in (*row[6:9], *row[2:5])])
        except (ValueError, KeyError) as error:
            raise BadInput(f"{path.name}, line {line}: {error}") from None
    if not written:
        raise BadInput(f"{path.name}: found a header and no rows")
    days, swapped = _dates(path.name, written, calendar)
    values = np.array(numbers)
    turned = 0
    for buy, sell, net in ((0, 1, 2), (3, 4, 5)):
        sums = np.abs(values[:, buy] + values[:, sell] - values[:, net]) <= 1.0
        negative = (values[:, sell] < 0) & sums
        values[negative, sell] *= -1
        turned = max(turned, int(negative.sum()))
    notes = [f"day and month swapped back on {sum(swapped.values())} dates of {_years(swapped)}"]
    if turned:
        notes.append(f"{counted(turned, 'row')} with negative sales made positive")
    return _cash(path.name, "fii/dii wide", days, values, calendar, notes)


def is_tidy(table: Table) -> bool:
    """Whether a table is a cash list with a column for each amount."""
    return table.has(*TIDY)


def parse_tidy(table: Table, calendar: Calendar) -> FlowFile:
    """The list with a column for each amount; raises BadInput naming line and column."""
    values = np.column_stack([table.numbers(name) for name in TIDY[1:]])
    days = table.days("DATE", ("%Y-%m-%d", "%d-%b-%Y"))
    return _cash(table.name, "fii/dii", days, values, calendar, [])


def parse_sheet(path: Path) -> FlowFile:
    """NSE's daily sheet of what foreign institutions did in derivatives (.xls); raises BadInput."""
    import xlrd

    try:
        sheet = xlrd.open_workbook(str(path)).sheet_by_index(0)
        rows = [[str(cell).strip() for cell in sheet.row_values(at)] for at in range(sheet.nrows)]
    except (xlrd.XLRDError, OSError) as error:
        raise BadInput(f"{path.name}: not an Excel file that can be read, {error}") from None
    title = rows[0][0] if rows else ""
    if not title.upper().startswith(SHEET_TITLE):
        raise BadInput(f"{path.name}: begins {title[:40]!r}, expected {SHEET_TITLE}and a date")
    try:
        day = datetime.strptime(title[len(SHEET_TITLE) :], "%d-%b-%Y").date()  # noqa: DTZ007
        kept = [
            (row[0], [float(cell) for cell in row[1:7]])
            for row in rows[3:]
            if row[0].endswith(("FUTURES", "OPTIONS")) and row[1]
        ]
    except ValueError as error:
        raise BadInput(f"{path.name}: {error}") from None
    if not kept:
        raise BadInput(f"{path.name}: found no row of futures or options")
    numbers = np.array([one for _, one in kept])
    names = ("buy_contracts", "buy", "sell_contracts", "sell", "open_contracts", "open_value")
    amounts = {name: numbers[:, place] for place, name in enumerate(names)}
    amounts["net"] = amounts["buy"] - amounts["sell"]
    return FlowFile(
        path.name,
        "fii derivatives",
        len(kept),
        np.full(len(kept), np.datetime64(day, "D")),
        ("FII",) * len(kept),
        tuple(segment for segment, _ in kept),
        amounts,
    )


def _dates(
    name: str, written: Sequence[tuple[int, int, int]], calendar: Calendar
) -> tuple[NDArray[np.datetime64], dict[int, int]]:
    """Each date read in its year's order, and how many were swapped in each year."""
    swapped: dict[int, int] = {}
    for year in sorted({year for _, _, year in written}):
        unsure = [(a, b) for a, b, of in written if of == year and a <= 12 and b <= 12 and a != b]
        straight = sum(_trades(calendar, year, b, a) for a, b in unsure)
        turned = sum(_trades(calendar, year, a, b) for a, b in unsure)
        if unsure and max(straight, turned) < FITS_FROM * len(unsure):
            raise BadInput(
                f"{name}: of {len(unsure)} dates of {year} that can be read day first or month "
                f"first, {straight} and {turned} are trading days; neither order fits, so nothing "
                "is guessed: write dates as YYYY-MM-DD"
            )
        if turned > straight:
            swapped[year] = len(unsure)
    days = []
    for line, (first, second, year) in enumerate(written, 2):
        month_first = year in swapped and first <= 12 and second <= 12
        month, day = (first, second) if month_first else (second, first)
        try:
            days.append(date(year, month, day))
        except ValueError:
            raise BadInput(
                f"{name}, line {line}, column date: found {first:02}-{second:02}-{year}, which is "
                "no date in either order; write dates as YYYY-MM-DD"
            ) from None
    return np.array(days, dtype="datetime64[D]"), swapped


def _trades(calendar: Calendar, year: int, month: int, day: int) -> bool:
    """Whether the exchange traded; before the calendar begins, whether it was a weekday."""
    at = date(year, month, day)
    if calendar.first <= at <= calendar.last:
        return calendar.is_session(at)
    return at.weekday() < 5


def _cash(
    name: str,
    form: str,
    days: NDArray[np.datetime64],
    values: Floats,
    calendar: Calendar,
    notes: list[str],
) -> FlowFile:
    order = np.argsort(days, kind="stable")
    again = np.zeros(len(days), dtype=bool)
    again[order[1:]] = days[order][1:] == days[order][:-1]
    refused = tuple(
        Refusal(2 + place, "", f"{days[place]} stands on an earlier line")
        for place in np.flatnonzero(again).tolist()
    )
    kept = order[~again[order]]
    days, values = days[kept], values[kept]
    off = [
        int(
            (
                np.abs(values[:, at] - values[:, at + 1] - values[:, at + 2]) >= NET_WITHIN - 1e-6
            ).sum()
        )
        for at in (0, 3)
    ]
    if any(off):
        notes.append(
            f"buying less selling is off the net by {NET_WITHIN} crore or more in "
            f"{counted(off[0], 'row')} of FII and {off[1]} of DII"
        )
    closed = [
        str(day) for day in days.tolist() if not _trades(calendar, day.year, day.month, day.day)
    ]
    if closed:
        notes.append(f"{counted(len(closed), 'day')} without a session: {', '.join(closed[:5])}")
    both = np.repeat(days, 2)
    amounts = {
        part: values[:, [place, place + 3]].ravel()
        for place, part in enumerate(("buy", "sell", "net"))
    }
    who = ("FII", "DII") * len(days)
    return FlowFile(
        name,
        form,
        len(again),
        both,
        who,
        (CASH,) * len(who),
        amounts,
        refused,
        tuple(notes),
    )


def _years(swapped: dict[int, int]) -> str:
    if not swapped:
        return "no year"
    years = sorted(swapped)
    if years == list(range(years[0], years[-1] + 1)) and len(years) > 1:
        return f"{years[0]} to {years[-1]}"
    return ", ".join(map(str, years))
