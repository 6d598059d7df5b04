"""What a version leans on, and how straight its odds came, in words and bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.domain.research import Member
from core.domain.words import decimal
from core.features.table import WORDS
from core.models.calibrate import curve_from
from core.models.scaling import ISOTONIC
from core.views.shown import Meter

TOP = 10  # features shown


@dataclass(frozen=True, slots=True)
class LeanRow:
    """A feature or a group of them, and how much of the largest it comes to."""

    name: str
    figure: str
    part: Meter


def features_of(manifest: Mapping[str, Any], members: Sequence[Member]) -> tuple[LeanRow, ...]:
    """The features that move the pool's odds most, in log-odds over the newest sessions."""
    found = _pooled(manifest.get("importance", {}), members)[:TOP]
    top = found[0][1] if found else 0.0
    return tuple(_row(_words(name), value, decimal(value, digits=3), top) for name, value in found)


def groups_of(manifest: Mapping[str, Any], members: Sequence[Member]) -> tuple[LeanRow, ...]:
    """The log loss out of sample that each group of features saves, in hundredths."""
    found = _pooled(manifest.get("costs", {}), members)
    top = found[0][1] if found else 0.0
    return tuple(
        _row(name, value, decimal(100 * value, digits=2, signed=True), top) for name, value in found
    )


def scaling_of(manifest: Mapping[str, Any]) -> str:
    """How scores of the target were scaled, and what the other way came to."""
    if "scores" not in manifest.get("target", {}):
        return "–"
    curve = curve_from(manifest["target"])
    if curve.flat:
        return f"base rate for everybody; {curve.flat}"
    way = "isotonic" if curve.how == ISOTONIC else "Platt"
    if curve.saved is None or curve.saved_se is None:
        return f"{way}; too few cases to try isotonic"
    verb = "saves" if curve.saved > 0 else "loses"
    saved, error = (decimal(100 * abs(one), digits=3) for one in (curve.saved, curve.saved_se))
    return f"{way}; isotonic {verb} {saved} ± {error} hundredths of log loss"


def slope_of(whole: Mapping[str, Any]) -> str:
    """The slope of what came over what was said, with its standard error; 1 is right."""
    slope, error = whole.get("slope"), whole.get("slope_se")
    if slope is None:
        return "–"
    return decimal(slope) + ("" if error is None else f" ± {decimal(error)}") + "; 1 is right"


def _pooled(
    by_kind: Mapping[str, Sequence[Sequence[Any]]], members: Sequence[Member]
) -> list[tuple[str, float]]:
    """Figures of all members by their weights, the largest first."""
    shares = {one.kind: max(one.share, 0.0) for one in members}
    sums: dict[str, float] = {}
    for kind, ranked in by_kind.items():
        for name, value in ranked:
            sums[name] = sums.get(name, 0.0) + shares.get(kind, 0.0) * float(value)
    return sorted(sums.items(), key=lambda pair: -pair[1])


def _row(name: str, value: float, figure: str, top: float) -> LeanRow:
    part = max(0.0, value) / top if top > 0 else 0.0
    return LeanRow(name, figure, Meter(part, plain=True))


def _words(name: str) -> str:
    return WORDS[name].words if name in WORDS else name
