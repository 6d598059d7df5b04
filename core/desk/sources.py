"""The network's providers as they stand: set up or not, verified or not, resting or not.

Reads the record the gates keep and asks nobody; loads no vendor's client.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from core.domain.clock import Clock, WallClock
from core.domain.words import age
from core.providers.catalog import VENDORS, Vendor
from core.providers.keys import FindKey, find_key, how_to_set, missing_keys
from core.providers.net.memory import Memory, VendorState
from core.providers.net.quota import day_quota

WALL: Final = WallClock()
OPEN, HALF_OPEN, CLOSED = "open", "half-open", "closed"


@dataclass(frozen=True, slots=True)
class SourceState:
    """One provider; ages are seconds of the wall, None where it never happened.

    `breaker` is half-open once an open one has rested long enough: the next question is a trial.
    `asked_today` counts requests of the last 24 hours where a day's quota of `allowed_today` is
    kept to, and both are 0 elsewhere.
    """

    name: str
    label: str
    gives: str
    set_up: bool
    how_to_set: str
    wire_verified: bool
    wire: str
    breaker: str
    failures: int
    rest_left: float
    last_success_age: float | None
    cached_age: float | None
    last_failure_age: float | None
    last_failure: str
    asked_today: int = 0
    allowed_today: int = 0


def source_states(
    home: Path, *, clock: Clock = WALL, find: FindKey = find_key
) -> tuple[SourceState, ...]:
    """Every provider, in the order they are asked."""
    memory = Memory(home)
    states, answers = memory.vendors(), memory.newest_answer_at()
    now = clock.now()
    return tuple(
        _state(
            one,
            states.get(one.name, VendorState(one.name)),
            answers.get(one.name),
            now=now,
            missing=missing_keys(one, find),
            quota=day_quota(memory, one.policy, now),
        )
        for one in VENDORS.values()
    )


def said(one: SourceState) -> str:
    """One provider in a sentence, for the doctor."""
    wire = "wire verified" if one.wire_verified else "wire not verified"
    if not one.set_up:
        return f"{one.how_to_set} ({wire})"
    answered = (
        "no answer yet"
        if one.last_success_age is None
        else f"answered {_ago(one.last_success_age)}"
    )
    kept = "nothing cached" if one.cached_age is None else f"cached {_ago(one.cached_age)}"
    words = f"set up, {wire}, breaker {one.breaker}, {answered}, {kept}"
    if one.allowed_today:
        words += f", {one.asked_today} of {one.allowed_today} requests of 24 hours used"
    if one.breaker == OPEN:
        words += f"; it is asked again in {age(one.rest_left)}; {one.last_failure}"
    return words


def _ago(seconds: float) -> str:
    return f"{age(seconds)} ago"


def _state(
    vendor: Vendor,
    state: VendorState,
    answered_at: datetime | None,
    *,
    now: datetime,
    missing: tuple[str, ...],
    quota: tuple[int, int],
) -> SourceState:
    left = _rest_left(vendor, state, now)
    breaker = HALF_OPEN if state.state == OPEN and left <= 0 else state.state
    return SourceState(
        name=vendor.name,
        label=vendor.label,
        gives=vendor.gives,
        set_up=not missing,
        how_to_set=how_to_set(vendor, missing) if missing else "",
        wire_verified=vendor.wire_verified,
        wire=vendor.wire,
        breaker=breaker,
        failures=state.failures,
        rest_left=left,
        last_success_age=_age(state.last_success_at, now),
        cached_age=_age(answered_at, now),
        last_failure_age=_age(state.last_failure_at, now),
        last_failure=state.last_failure,
        asked_today=quota[0],
        allowed_today=quota[1],
    )


def _rest_left(vendor: Vendor, state: VendorState, now: datetime) -> float:
    """Seconds until it may be asked again, by its breaker or by its own word."""
    ends = [state.not_before] if state.not_before else []
    if state.state == OPEN and state.opened_at is not None:
        ends.append(state.opened_at + timedelta(seconds=vendor.policy.rest_seconds))
    return max([0.0, *((end - now).total_seconds() for end in ends)])


def _age(at: datetime | None, now: datetime) -> float | None:
    return None if at is None else max(0.0, (now - at).total_seconds())
