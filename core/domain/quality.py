"""What can be wrong with a share's bars, and the score that says whether they may be traded on.

A score runs from 0 to 100 for one share and session; below FLOOR no new card is written on the
share. Each kind of flaw takes its points off once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

FLOOR = 60
WHOLE = 100
STANDING_SESSIONS = 60  # the sessions that the numbers of a card are made of


class FlawKind(StrEnum):
    """One way a bar, or a run of bars, can be wrong."""

    GAP = "GAP"
    DUPLICATE = "DUPLICATE"
    OHLC = "OHLC"
    JUMP = "JUMP"
    NO_JUMP = "NO_JUMP"
    STALE = "STALE"
    SWAPPED = "SWAPPED"
    ZERO_VOLUME = "ZERO_VOLUME"
    BAD_TICK = "BAD_TICK"
    SHIFTED = "SHIFTED"
    HALF_BAR = "HALF_BAR"
    UNIT = "UNIT"


WORDS = {
    FlawKind.GAP: "missing session",
    FlawKind.DUPLICATE: "bar repeated",
    FlawKind.OHLC: "impossible prices",
    FlawKind.JUMP: "jump without an action",
    FlawKind.NO_JUMP: "action without a jump",
    FlawKind.STALE: "close stands still",
    FlawKind.SWAPPED: "swapped with another share",
    FlawKind.ZERO_VOLUME: "no volume",
    FlawKind.BAD_TICK: "close far off",
    FlawKind.SHIFTED: "a session off",
    FlawKind.HALF_BAR: "unfinished bar",
    FlawKind.UNIT: "other unit",
}


class Severity(StrEnum):
    """NOTE is for the eye; SERIOUS blocks by itself; BROKEN leaves nothing to score."""

    NOTE = "NOTE"
    SERIOUS = "SERIOUS"
    BROKEN = "BROKEN"


POINTS = {Severity.NOTE: 15, Severity.SERIOUS: 50, Severity.BROKEN: 100}


@dataclass(frozen=True, slots=True)
class Finding:
    """One flaw of one share on one session; `accepted_by` names who said the bar may stand."""

    isin: str
    session: date
    kind: FlawKind
    severity: Severity
    sentence: str
    accepted_by: str = ""


def score(findings: Iterable[Finding]) -> int:
    """The score of one share and session from its findings; accepted ones take nothing off."""
    worst: dict[FlawKind, int] = {}
    for one in findings:
        if not one.accepted_by:
            worst[one.kind] = max(worst.get(one.kind, 0), POINTS[one.severity])
    return max(0, WHOLE - sum(worst.values()))
