"""How return ranges held out of sample, as rows of a version's card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.desk.models_compare import known
from core.domain.signal import MIN_CASES
from core.domain.words import counted, number, pct
from core.models.conformal import LEVEL, Coverage, ranges_from
from core.views.shown import Text

NEAR = 0.02  # of the promised coverage, before a range is called too narrow or too wide


@dataclass(frozen=True, slots=True)
class CoverRow:
    """How often moves over some sessions ended inside their range, and how wide it was.

    `n` is how many independent cases that rests on.
    """

    sessions: str
    inside: str
    interval: str
    width: str
    n: str
    says: Text


def coverage_rows(manifest: Mapping[str, Any]) -> tuple[CoverRow, ...]:
    """One row for each horizon; none where a version kept no ranges."""
    kept = manifest.get("return_ranges")
    return () if kept is None else tuple(map(_row, ranges_from(kept).coverage))


def held_by_part(manifest: Mapping[str, Any]) -> dict[str, str]:
    """How often returns over ten sessions ended inside their range, by year and by regime."""
    kept = manifest.get("return_ranges")
    parts = {} if kept is None else ranges_from(kept).parts
    return {name: shown_share(one.inside, one.n) for name, one in parts.items()}


def shown_share(fraction: Any, n: int) -> str:
    """A percentage, or that there are too few cases for one."""
    return "too few" if n < MIN_CASES else pct(known(fraction), digits=1)


def _row(one: Coverage) -> CoverRow:
    enough = one.n >= MIN_CASES
    return CoverRow(
        sessions=counted(one.sessions, "session"),
        inside=shown_share(one.inside, one.n),
        interval=f"{pct(one.low, digits=1)} to {pct(one.high, digits=1)}" if enough else "–",
        width=pct(one.width, digits=1),
        n=number(one.n, 0),
        says=_says(one.honest, inside=one.inside, n=one.n),
    )


def _says(honest: bool, *, inside: float, n: int) -> Text:
    if n < MIN_CASES:
        return Text("too few", "mute")
    promised = f"{pct(LEVEL, digits=0)} promised"
    if honest:
        return Text(f"{promised}, kept", "gain")
    if abs(inside - LEVEL) <= NEAR:
        return Text(f"{promised}, nearly kept", "mute")
    way = "wider" if inside > LEVEL else "narrower"
    return Text(f"{promised}; {way}", "warn")
