"""One figure of the bench as a row, and how a run of seconds becomes such rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Row = dict[str, object]  # name, value, unit, n, note


def row(name: str, value: float, unit: str, *, n: int, note: str = "") -> Row:
    """One figure, to four significant digits."""
    return {"name": name, "value": float(f"{value:.4g}"), "unit": unit, "n": n, "note": note}


def spread(
    name: str, seconds: Sequence[float], *, parts: Sequence[int] = (50, 95), note: str = ""
) -> list[Row]:
    """Percentiles in milliseconds; no row where nothing was timed."""
    if not seconds:
        return []
    found = np.percentile(np.array(seconds) * 1e3, list(parts))
    return [
        row(f"{name}, p{part}", float(value), "ms", n=len(seconds), note=note)
        for part, value in zip(parts, found, strict=True)
    ]


def timed(work: Callable[[], Any]) -> float:
    """Seconds that one call took."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def median(work: Callable[[], Any], *, times: int) -> float:
    """The middle of several timings, in seconds."""
    return float(np.median([timed(work) for _ in range(times)]))
