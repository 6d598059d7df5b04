"""NSE's common bhavcopy in UDiFF form, the only one since 8 July 2024."""

from __future__ import annotations

import numpy as np

from core.providers.bar_file import BarFile, BarRows, checked
from core.providers.table import Table

NAME = "udiff"
NEEDS = ("TRADDT", "TCKRSYMB", "SCTYSRS", "OPNPRIC", "HGHPRIC", "LWPRIC", "CLSPRIC", "TTLTRADGVOL")
DATES = ("%Y-%m-%d", "%d-%b-%Y")


def parse(table: Table) -> BarFile:
    """The shares' rows; raises BadInput."""
    blank = np.full(table.rows, "", dtype="<U12")
    rows = BarRows(
        line=np.arange(table.rows) + table.first_line,
        symbol=table.texts("TCKRSYMB"),
        isin=table.texts("ISIN") if table.has("ISIN") else blank,
        day=table.days("TRADDT", DATES),
        open=table.numbers("OPNPRIC"),
        high=table.numbers("HGHPRIC"),
        low=table.numbers("LWPRIC"),
        close=table.numbers("CLSPRIC"),
        volume=table.numbers("TTLTRADGVOL"),
        last=table.numbers("LASTPRIC") if table.has("LASTPRIC") else None,
    )
    return checked(table.name, NAME, rows, series=table.texts("SCTYSRS"))
