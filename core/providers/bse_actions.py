"""BSE's CSV of corporate actions. It knows scrip codes, and neither ISIN nor face value.

Most of its consolidations, rights and spin-offs say no ratio.
"""

from __future__ import annotations

from core.providers.listed_action import ListedAction
from core.providers.table import Table

SOURCE = "BSE"
COLUMNS = ("SECURITY CODE", "SECURITY NAME", "PURPOSE", "EX DATE")


def is_csv(table: Table) -> bool:
    """Whether a table has BSE's columns."""
    return table.has(*COLUMNS)


def read_csv(table: Table) -> list[ListedAction]:
    """Every row; raises BadInput naming the line of a day that cannot be read."""
    return [
        ListedAction(SOURCE, day.item(), str(purpose), symbol=str(name), bse_code=str(code))
        for code, name, day, purpose in zip(
            table.texts("SECURITY CODE"),
            table.texts("SECURITY NAME"),
            table.days("EX DATE", ("%d %b %Y",)),
            table.texts("PURPOSE"),
            strict=True,
        )
    ]
