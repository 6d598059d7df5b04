"""Bars as files: CSV text and Parquet, with days as days and numbers as numbers."""

from __future__ import annotations

import csv
import io
import math

from core.views.shown_bars import ShownBars


def bars_csv(shown: ShownBars) -> str:
    """One line a bar, ISO days; a missing number is an empty cell."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    heads = ["date", *(["time"] if shown.times else [])]
    writer.writerow([*heads, *(name for name, _ in shown.columns)])
    days = [day.isoformat() for day in shown.days]
    columns = [
        ["" if math.isnan(value) else _short(value) for value in values.tolist()]
        for _, values in shown.columns
    ]
    first = [days, *([list(shown.times)] if shown.times else [])]
    writer.writerows(zip(*first, *columns, strict=True))
    return out.getvalue()


def bars_parquet(shown: ShownBars) -> bytes:
    """The same columns, days as dates, numbers as doubles; a missing number is null."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {"date": pa.array(shown.days, pa.date32())}
    if shown.times:
        columns["time"] = pa.array(shown.times, pa.string())
    for name, values in shown.columns:
        columns[name] = pa.array(values, pa.float64(), from_pandas=True)
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, compression="zstd")
    return out.getvalue()


def _short(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)
