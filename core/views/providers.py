"""The network's providers as rows: set up, verified on the wire, breaker, ages, in words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.desk.sources import CLOSED, OPEN, WALL, SourceState, source_states
from core.domain.clock import Clock
from core.domain.words import age
from core.providers.keys import FindKey, find_key
from core.views.shown import Tag, Text

NEVER: Final = "never"
NO_ANSWER: Final = "none kept"


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """One provider; `sentence` says the one thing a person would do about it, or is empty.

    `used` is what of a day's quota is used, empty where none is kept to.
    """

    name: str
    label: str
    gives: str
    set_up: Tag
    wire: Text
    breaker: Text
    last_success: str
    cached: str
    sentence: str
    used: str = ""


def providers_view(
    home: Path, *, clock: Clock = WALL, find: FindKey = find_key
) -> tuple[ProviderRow, ...]:
    """Every provider in the order they are asked; asks nobody."""
    return tuple(_row(one) for one in source_states(home, clock=clock, find=find))


def _row(one: SourceState) -> ProviderRow:
    return ProviderRow(
        name=one.name,
        label=one.label,
        gives=one.gives,
        set_up=Tag("set up", "ok") if one.set_up else Tag("not set up", "line"),
        wire=_wire(one),
        breaker=_breaker(one),
        last_success=_ago(one.last_success_age, NEVER),
        cached=_ago(one.cached_age, NO_ANSWER),
        sentence=_sentence(one),
        used=f"{one.asked_today} of {one.allowed_today}" if one.allowed_today else "",
    )


def _wire(one: SourceState) -> Text:
    if one.wire_verified:
        return Text("verified", "gain", note=one.wire)
    return Text("not verified", "warn", note=one.wire)


def _breaker(one: SourceState) -> Text:
    if one.breaker == OPEN:
        return Text("open", "loss", note=f"tries again in {age(one.rest_left)}")
    if one.breaker == CLOSED:
        note = f"{one.failures} failures in a row" if one.failures else ""
        if one.rest_left:
            note = f"left alone for {age(one.rest_left)}"
        return Text("closed", "warn" if note else "", note=note)
    return Text("half-open", "warn", note="the next question is a trial")


def _ago(seconds: float | None, otherwise: str) -> str:
    return otherwise if seconds is None else f"{age(seconds)} ago"


def _sentence(one: SourceState) -> str:
    if not one.set_up:
        return one.how_to_set
    failed, good = one.last_failure_age, one.last_success_age
    if failed is not None and (good is None or failed < good):
        return f"{one.last_failure} ({age(failed)} ago)"
    return ""
