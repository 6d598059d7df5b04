"""A place in a panel where a test of quality found something, before it has a name and a date."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.quality import FlawKind, Severity

TICK = 0.05  # rupees; the tick of most shares, and never smaller than a cheap share's


@dataclass(frozen=True, slots=True)
class Spot:
    """Row and column of a cell; `words` say what, the two numbers and the way out."""

    row: int
    column: int
    kind: FlawKind
    severity: Severity
    words: str
