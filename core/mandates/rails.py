"""The three shapes a guardrail row takes: at most, at least, and yes-or-no in words.

A number that is not known (NaN) never passes.
"""

from __future__ import annotations

import math

from core.domain.allocation import Guardrail, Unit

ROUNDING = 1e-9


def at_most(name: str, value: float, limit: float, unit: Unit, sentence: str) -> Guardrail:
    """Passes while the value is at or below the limit."""
    known = math.isfinite(value)
    return Guardrail(
        name=name,
        passed=known and value <= limit + ROUNDING,
        value=value,
        limit=limit,
        unit=unit,
        sentence=sentence if known else f"{name} is not known, so it cannot pass.",
    )


def at_least(name: str, value: float, limit: float, unit: Unit, sentence: str) -> Guardrail:
    """Passes while the value is at or above the limit."""
    known = math.isfinite(value)
    return Guardrail(
        name=name,
        passed=known and value >= limit - ROUNDING,
        value=value,
        limit=limit,
        unit=unit,
        sentence=sentence if known else f"{name} is not known, so it cannot pass.",
        limit_is_floor=True,
    )


def claim(name: str, passed: bool, sentence: str) -> Guardrail:
    """A rule that holds or does not; the sentence replaces the numbers."""
    return Guardrail(
        name=name, passed=passed, value=0.0, limit=0.0, unit=Unit.TEXT, sentence=sentence
    )
