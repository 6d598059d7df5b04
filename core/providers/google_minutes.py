"""Minute bars in the old format of Google Finance: a heading, anchors of seconds, then steps.

A row is stamped with the end of its bar, so a bar begins one interval earlier; an anchor at the
second of the opening is the opening trade alone and no minute's bar. The columns stand in the
order the heading says, which is close first.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.domain.calendar import Calendar
from core.errors import BadInput
from core.providers.intraday_file import IntradayFile, checked
from core.providers.table_files import text_of

FORMAT = "google minutes"
NEEDED = ("OPEN", "HIGH", "LOW", "CLOSE", "VOLUME")


def is_google(head: str) -> bool:
    """Whether a file begins like one of these."""
    return head.startswith("EXCHANGE%3D") or "\nCOLUMNS=DATE," in head[:400]


def parse(path: Path, calendar: Calendar) -> IntradayFile:
    """The bars of a file; raises BadInput naming the line."""
    lines = text_of(path).splitlines()
    heading = dict(line.split("=", 1) for line in lines[:12] if "=" in line)
    names = heading.get("COLUMNS", "").split(",")
    interval = heading.get("INTERVAL", "")
    missing = [one for one in ("DATE", *NEEDED) if one not in names]
    if missing or not interval.isdigit():
        raise BadInput(
            f"{path.name}: its heading has no {missing[0] if missing else 'INTERVAL'}, expected "
            "COLUMNS and INTERVAL as Google wrote them"
        )
    anchor, first = None, 0
    stamps: list[int] = []
    rows: list[list[float]] = []
    for number, line in enumerate(lines, 1):
        if "=" in line or "%3D" in line or not line.strip():
            continue
        cells = line.split(",")
        try:
            if cells[0].startswith("a"):
                anchor, step = int(cells[0][1:]), 0
            else:
                step = int(cells[0])
            if anchor is None or len(cells) != len(names):
                raise ValueError(line)
            rows.append([float(cells[names.index(one)]) for one in NEEDED])
        except ValueError:
            raise BadInput(
                f"{path.name}, line {number}: found {line!r}, expected {len(names)} numbers after "
                "an anchor like a1529466300"
            ) from None
        first = first or number
        stamps.append(anchor + step * int(interval) - int(interval))
    if not rows:
        raise BadInput(f"{path.name}: found a heading and no bars")
    values = np.array(rows).T
    start = np.array(stamps, dtype=np.int64)
    return checked(path.name, FORMAT, start, list(values), calendar, first)
