"""Contracts by kind of client in derivatives: NSE's daily file, and collections of it.

The daily file has a title line above its header that names the day and whether it counts open
interest or volume.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.domain.words import counted
from core.errors import BadInput
from core.panel import Floats
from core.providers.bar_file import Refusal
from core.providers.table import Table
from core.providers.table_files import csv_table, text_of

TITLE = re.compile(
    r'^"*Participant wise (?P<what>Open Interest|Trading Volume).* as on (?P<day>[A-Z][a-z]{2} '
    r"\d{1,2}, \d{4})"
)
COLUMNS = {
    "future_index_long": "FUTURE INDEX LONG",
    "future_index_short": "FUTURE INDEX SHORT",
    "future_stock_long": "FUTURE STOCK LONG",
    "future_stock_short": "FUTURE STOCK SHORT",
    "option_index_call_long": "OPTION INDEX CALL LONG",
    "option_index_put_long": "OPTION INDEX PUT LONG",
    "option_index_call_short": "OPTION INDEX CALL SHORT",
    "option_index_put_short": "OPTION INDEX PUT SHORT",
    "option_stock_call_long": "OPTION STOCK CALL LONG",
    "option_stock_put_long": "OPTION STOCK PUT LONG",
    "option_stock_call_short": "OPTION STOCK CALL SHORT",
    "option_stock_put_short": "OPTION STOCK PUT SHORT",
    "total_long": "TOTAL LONG CONTRACTS",
    "total_short": "TOTAL SHORT CONTRACTS",
}
CLIENTS = ("Client", "DII", "FII", "Pro", "TOTAL")
KINDS = {"Open Interest": "OI", "Trading Volume": "VOLUME"}


@dataclass(frozen=True, slots=True)
class ParticipantFile:
    """Rows as arrays of one length; `measure` is OI or VOLUME."""

    name: str
    format: str
    rows: int
    measure: str
    day: NDArray[np.datetime64]
    client: tuple[str, ...]
    counts: dict[str, Floats]
    refused: tuple[Refusal, ...]
    notes: tuple[str, ...]


def is_daily(head: str) -> bool:
    """Whether a file begins with the title of the daily one."""
    return TITLE.match(head) is not None


def is_collection(table: Table) -> bool:
    """Whether a table has the columns of a collection of daily ones."""
    return table.has("DATE", "CLIENT_TYPE", *COLUMNS.values())


def parse_daily(path: Path) -> ParticipantFile:
    """One day's file; raises BadInput naming line and column."""
    title, _, rest = text_of(path).partition("\n")
    said = TITLE.match(title)
    if said is None:
        raise BadInput(f"{path.name}: begins {title[:40]!r}, expected NSE's participant title")
    table = csv_table(path.name, f"\n{rest}".encode())
    day = np.datetime64(datetime.strptime(said["day"], "%b %d, %Y").date(), "D")  # noqa: DTZ007
    return _parsed(table, "CLIENT TYPE", np.full(table.rows, day), KINDS[said["what"]])


def parse_collection(table: Table) -> ParticipantFile:
    """Many days in one table; raises BadInput naming line and column."""
    return _parsed(table, "CLIENT_TYPE", table.days("DATE", ("%Y-%m-%d", "%d-%b-%Y")), "OI")


def _parsed(
    table: Table, client_column: str, days: NDArray[np.datetime64], measure: str
) -> ParticipantFile:
    clients = table.texts(client_column)
    counts = {name: table.numbers(column) for name, column in COLUMNS.items()}
    order = np.lexsort((clients, days))
    again = np.zeros(len(days), dtype=bool)
    again[order[1:]] = (days[order][1:] == days[order][:-1]) & (
        clients[order][1:] == clients[order][:-1]
    )
    unknown = ~np.isin(clients, CLIENTS)
    refused = tuple(
        Refusal(
            table.first_line + place,
            str(clients[place]),
            f"{days[place]} {clients[place]} "
            + ("stands on an earlier line" if again[place] else f"is none of {', '.join(CLIENTS)}"),
        )
        for place in np.flatnonzero(again | unknown).tolist()
    )
    kept = order[~(again | unknown)[order]]
    if not len(kept):
        raise BadInput(f"{table.name}: none of its {len(days)} rows is taken; {refused[0].reason}")
    taken = {name: one[kept] for name, one in counts.items()}
    return ParticipantFile(
        table.name,
        "participants",
        table.rows,
        measure,
        days[kept],
        tuple(clients[kept].tolist()),
        taken,
        refused,
        _sums(days[kept], clients[kept], taken),
    )


def _sums(
    days: NDArray[np.datetime64], clients: NDArray[np.str_], counts: dict[str, Floats]
) -> tuple[str, ...]:
    """How many days have parts that do not sum to the total, and how many miss a number."""
    total = clients == CLIENTS[-1]
    places = np.unique(days, return_inverse=True)[1]
    stacked = np.column_stack(list(counts.values()))
    sums = np.zeros((places.max() + 1, stacked.shape[1]))
    np.add.at(sums, places[~total], stacked[~total])
    np.subtract.at(sums, places[total], stacked[total])
    blank = int(np.isnan(sums).any(axis=1).sum())
    off = int((np.abs(np.nan_to_num(sums)) > 1).any(axis=1).sum())
    notes = [f"{counted(len(sums), 'day')}"]
    if off:
        notes.append(f"on {off} of them the four kinds do not sum to NSE's total")
    if blank:
        notes.append(f"{counted(blank, 'day')} without some number")
    return tuple(notes)
