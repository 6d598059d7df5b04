"""The report on the models as Markdown."""

from __future__ import annotations

import numpy as np

from core.domain.words import number
from core.models.conformal import LEVEL, Coverage
from core.models.measures import Figure, Measures

HEAD = (
    "| model | Brier skill over the base rate, % | over shares as likely to touch a barrier, % | "
    "rank IC, 10 sessions | rank IC, next session | next-day accuracy, % | target first in the "
    "top fifth, % | its mean return after costs, % | sharpness | ECE | n |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
)
PART_HEAD = (
    "| {part} | base rate, % | target first in the top fifth, % | Brier skill, % | over as likely, "
    "% | rank IC | n |\n| --- | --- | --- | --- | --- | --- | --- |"
)


def figure(found: Figure, *, times: float = 1.0, digits: int = 3) -> str:
    """A figure with its standard error."""
    if np.isnan(found.value):
        return "–"
    return f"{times * found.value:+.{digits}f} ± {times * found.se:.{digits}f}"


def skill(found: Measures, of: str = "skill") -> str:
    """Skill with its interval, in per cent."""
    one = getattr(found, of)
    return f"{100 * one.skill:+.2f} ({100 * one.low:+.2f} to {100 * one.high:+.2f})"


def model_row(kind: str, one: Measures) -> str:
    """One model's line."""
    accuracy = "–" if np.isnan(one.accuracy.value) else (
        f"{100 * one.accuracy.value:.2f} ± {100 * one.accuracy.se:.2f}"
    )  # fmt: skip
    return (
        f"| {kind} | {skill(one)} | {skill(one, 'skill_alike')} | {figure(one.ic)} | "
        f"{figure(one.ic_next)} | {accuracy} | {100 * one.top_rate:.1f} | "
        f"{figure(one.top_return, times=100, digits=2)} | {one.sharpness:.3f} | {one.ece:.3f} | "
        f"{number(one.n, 0)} |"
    )


def part_row(name: str, one: Measures) -> str:
    """One year's or one regime's line."""
    return (
        f"| {name} | {100 * one.base_rate:.1f} | {100 * one.top_rate:.1f} | {skill(one)} | "
        f"{skill(one, 'skill_alike')} | {figure(one.ic)} | {number(one.n, 0)} |"
    )


def coverage_row(one: Coverage) -> str:
    """One horizon's line."""
    said = "yes" if one.honest else "no"
    return (
        f"| {one.sessions} | {100 * LEVEL:.0f} | {100 * one.inside:.1f} | {100 * one.low:.1f} to "
        f"{100 * one.high:.1f} | {said} | {number(one.n, 0)} |"
    )
