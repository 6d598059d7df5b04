"""One version's card: its vote, what was measured out of sample, and what it was made from.

Everything is read from the version's manifest; no member of it is loaded.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from core.desk.models import Sheet
from core.desk.models_compare import WHOLE
from core.desk.vote_said import vote_sentence
from core.domain.signal import MIN_CASES
from core.domain.words import day, decimal, ist_stamp, number, pct
from core.models.learners import LEARNERS
from core.views.models_figures import figures_of, ic_of
from core.views.models_leans import LeanRow, features_of, groups_of, scaling_of, slope_of
from core.views.models_ranges import CoverRow, coverage_rows, held_by_part, shown_share
from core.views.shown import MARKETS, Figure, Meter, Tag

RuleTone = Literal["ok", "warn", "mute", "loss"]


@dataclass(frozen=True, slots=True)
class Point:
    """One bin of the reliability plot, fractions."""

    said: float
    came: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One kind of model inside the version; `share` is its part of all weights."""

    kind: str
    share: Meter
    weight: str
    vote: Tag
    skill: str
    interval: str
    ic: str
    n: str


@dataclass(frozen=True, slots=True)
class PartRow:
    """What was measured on one part of the cases, or by one baseline.

    `held` is how often returns over ten sessions fell into their range.
    """

    name: str
    skill: str
    interval: str
    ic: str
    top: str
    base: str
    ece: str
    held: str
    n: str


@dataclass(frozen=True, slots=True)
class ModelCard:
    """Everything a person needs to judge one version.

    `record` is whose bins, years and regimes these are, and `record_says` whether that member votes
    and why not; all else is the pool's.
    """

    version: str
    stands: str
    trained: str
    record: str
    record_says: str
    vote: str
    vote_tone: RuleTone
    refused: str
    suspect: str
    figures: tuple[Figure, ...]
    members: tuple[MemberRow, ...]
    bins: tuple[Point, ...]
    bins_note: str
    coverage: tuple[CoverRow, ...]
    years: tuple[PartRow, ...]
    regimes: tuple[PartRow, ...]
    baselines: tuple[PartRow, ...]
    features: tuple[LeanRow, ...]
    groups: tuple[LeanRow, ...]
    about: tuple[tuple[str, str], ...]


def card_of(told: Sheet, *, stands: str, record: str = WHOLE) -> ModelCard:
    """The card of one version; parts that its manifest lacks stay empty.

    Args:
        record: whose record to tell, the pool's or a member's; one it lacks is the pool's.
    """
    version, whole = told.version, told.measures.get(WHOLE, {})
    record = record if record in told.measures else WHOLE
    part, baselines = told.measures.get(record, {}), told.manifest.get("baselines", {})
    return ModelCard(
        version=version.version,
        stands=stands,
        trained=ist_stamp(version.trained_at),
        record="all members, pooled" if record == WHOLE else words_of(record),
        record_says="" if record == WHOLE else _member_says(told, record),
        vote=vote_sentence(told),
        vote_tone="ok" if version.has_vote and not (told.refused or told.lost) else "warn",
        refused=told.refused,
        suspect=str(whole.get("suspect", "")),
        figures=figures_of(told),
        members=_members(told),
        bins=tuple(Point(**one) for one in part.get("bins", ())),
        bins_note=_calibrated(part),
        coverage=coverage_rows(told.manifest),
        years=_parts(part.get("years", {}), told.manifest),
        regimes=_parts(part.get("regimes", {}), told.manifest),
        baselines=_parts({**({"this version": whole} if whole else {}), **baselines}),
        features=features_of(told.manifest, version.members),
        groups=groups_of(told.manifest, version.members),
        about=_about(told),
    )


def _members(told: Sheet) -> tuple[MemberRow, ...]:
    whole = sum(one.share for one in told.version.members) or 1.0
    return tuple(
        MemberRow(
            kind=words_of(one.kind),
            share=Meter(one.share / whole, plain=True),
            weight=decimal(one.share),
            vote=Tag("votes", "ok") if one.has_vote else Tag("no vote", "line"),
            skill=pct(one.skill, signed=True),
            interval=f"{pct(one.skill_low, signed=True)} to {pct(one.skill_high, signed=True)}",
            ic=ic_of(told.measures.get(one.kind, {})),
            n=number(one.n_out_of_sample, 0),
        )
        for one in told.version.members
    )


def _member_says(told: Sheet, kind: str) -> str:
    """Whether one member votes by itself, and why not."""
    why = told.measures[kind].get("no_vote", "")
    return f"It has no vote of its own: {why}." if why else "It has a vote of its own."


def _parts(
    found: Mapping[str, Mapping[str, Any]], manifest: Mapping[str, Any] | None = None
) -> tuple[PartRow, ...]:
    """Parts of the cases; where a manifest has return ranges, how those held there too."""
    held = {} if manifest is None else held_by_part(manifest)
    return tuple(_part(name, one, held.get(name, "–")) for name, one in found.items())


def _part(name: str, one: Mapping[str, Any], held: str) -> PartRow:
    n, skill = (
        int(one["n"]),
        min((one["skill"], one["skill_alike"]), key=lambda of: _lower(of["low"])),
    )
    enough = n >= MIN_CASES
    span = f"{pct(skill['low'], signed=True)} to {pct(skill['high'], signed=True)}"
    return PartRow(
        name=name[:1].upper() + name[1:],
        skill=pct(skill["skill"], signed=True) if enough else "too few",
        interval=span if enough else "–",
        ic=ic_of(one) if enough else "–",
        top=shown_share(one["top_rate"], n),
        base=shown_share(one["base_rate"], n),
        ece=shown_share(one["ece"], n),
        held=held,
        n=number(n, 0),
    )


def _about(told: Sheet) -> tuple[tuple[str, str], ...]:
    version, manifest = told.version, told.manifest
    stop, target, sessions = version.barriers
    first, last = (
        (day(date.fromisoformat(at)) for at in manifest.get("sessions", ("", "")))
        if ("sessions" in manifest)
        else ("–", "–")
    )
    return (
        ("Version", version.version),
        ("Signed", "by this desk" if not told.refused else "refused"),
        ("Market", MARKETS[version.market]),
        ("Learnt from", f"{first} to {last}"),
        ("Shares", number(int(manifest.get("shares", 0)), 0)),
        ("Rows", number(version.rows, 0)),
        ("Features", f"{len(version.features)}, table {manifest.get('feature_version', '–')}"),
        ("Data fingerprint", str(manifest.get("data", "–"))[:12]),
        ("Target, stop", f"+{decimal(target, digits=1)} and −{decimal(stop, digits=1)} ATR"),
        ("Time limit", f"{sessions} sessions"),
        ("Odds scaled by", scaling_of(manifest)),
        ("Rows unlike those learnt from", _flagged(manifest)),
        ("Slope of came over said", slope_of(told.measures.get(WHOLE, {}))),
        ("Meta-label", version.meta or "–"),
        ("Training took", f"{version.seconds:.0f} s"),
        ("Manifest hash", version.sha256[:12]),
    )


def _lower(low: Any) -> float:
    """Where an interval begins; one that does not exist begins nowhere."""
    return math.inf if low is None else float(low)


def _flagged(manifest: Mapping[str, Any]) -> str:
    share = manifest.get("flagged")
    return "–" if share is None else f"{pct(share)} of the last fold"


def words_of(kind: str) -> str:
    """A kind of model in words."""
    return LEARNERS[kind].words if kind in LEARNERS else kind


def _calibrated(whole: Mapping[str, Any]) -> str:
    if "calibrated" not in whole:
        return ""
    return "said and came agree" if whole["calibrated"] else "said and came differ beyond chance"
