"""Two versions side by side, and what a person should know before one takes the other's place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.desk.desk import Desk
from core.desk.models import Sheet, sheet
from core.domain.research import ModelVersion
from core.domain.words import pct
from core.models.conformal import LEVEL, ranges_from

WHOLE = "ensemble"
NAN = float("nan")
SESSIONS = 10  # ahead; the horizon whose interval coverage stands for the others


@dataclass(frozen=True, slots=True)
class Compared:
    """What two versions are held against each other by; NaN where one was not measured."""

    version: str
    trained_at: datetime
    has_vote: bool
    skill: float
    skill_low: float
    skill_high: float
    skill_level: float
    n: int
    rank_ic: float
    rank_ic_se: float
    ece: float
    coverage: float
    coverage_stated: float
    members: tuple[str, ...]
    features: int
    first: str
    last: str
    shares: int
    data: str
    suspect: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A candidate beside the version in use; `warnings` are whole sentences without a stop."""

    candidate: Compared
    in_use: Compared
    warnings: tuple[str, ...]


def compare(desk: Desk, candidate: ModelVersion, in_use: ModelVersion) -> Comparison:
    """Hold a version against another."""
    new, old = compared(sheet(desk, candidate)), compared(sheet(desk, in_use))
    return Comparison(new, old, tuple(_warnings(new, old)))


def compared(one: Sheet) -> Compared:
    """The figures of one version that a comparison shows."""
    version, whole = one.version, one.measures.get(WHOLE, {})
    coverage, stated = coverage_of(one.manifest)
    span = one.manifest.get("sessions", ["", ""])
    ic: Mapping[str, Any] = whole.get("ic", {})
    return Compared(
        version=version.version,
        trained_at=version.trained_at,
        has_vote=version.has_vote,
        skill=version.skill,
        skill_low=version.skill_low,
        skill_high=version.skill_high,
        skill_level=known(one.manifest.get("skill_level")),
        n=version.n_out_of_sample,
        rank_ic=known(ic.get("value")),
        rank_ic_se=known(ic.get("se")),
        ece=known(whole.get("ece")),
        coverage=coverage,
        coverage_stated=stated,
        members=tuple(member.kind for member in version.members),
        features=len(version.features),
        first=span[0],
        last=span[1],
        shares=int(one.manifest.get("shares", 0)),
        data=str(one.manifest.get("data", "")),
        suspect=str(whole.get("suspect", "")),
    )


def known(value: Any) -> float:
    """A figure of a manifest, NaN where it is null or absent."""
    return NAN if value is None else float(value)


def coverage_of(manifest: Mapping[str, Any]) -> tuple[float, float]:
    """How often moves over ten sessions fell into their range out of sample, and the promise."""
    found = manifest.get("return_ranges")
    if found is None:
        return NAN, LEVEL
    covered = ranges_from(found).coverage
    return next((one.inside for one in covered if one.sessions == SESSIONS), NAN), LEVEL


def _warnings(new: Compared, old: Compared) -> list[str]:
    found = []
    if new.suspect:
        found.append(f"its figures look like a leak: {new.suspect}")
    if new.skill < old.skill:
        found.append(
            f"its skill {pct(new.skill, signed=True)} is below "
            f"{pct(old.skill, signed=True)} of the one in use"
        )
    if new.has_vote and not old.has_vote:
        found.append("it votes where the one in use does not, so cards will claim an edge")
    if old.has_vote and not new.has_vote:
        found.append("it has no vote where the one in use votes, so no edge will be claimed")
    if new.last < old.last:
        found.append(f"its data end on {new.last} and those of the one in use on {old.last}")
    if new.n < old.n:
        found.append(f"it was measured on {new.n} cases and the one in use on {old.n}")
    return found
