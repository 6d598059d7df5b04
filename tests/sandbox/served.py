"""A sandbox on loopback whose market trades all day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from core.domain.calendar import Phase
from core.domain.clock import SteppedClock
from core.domain.instrument import Instrument
from core.sandbox.serve import Served, serving
from tests.made import LISTED, T0


@contextmanager
def sandbox_served(
    kind: Callable[..., Any],
    *,
    clock: SteppedClock | None = None,
    phase_of: Callable[[Instrument, datetime], Phase] | None = None,
    limits: bool = False,
    **more: Any,
) -> Iterator[tuple[Any, Served, SteppedClock]]:
    """A sandbox of a kind, where it listens, and its clock; `more` is the sandbox's own."""
    clock = clock or SteppedClock(T0)
    sandbox = kind(
        LISTED,
        clock=clock,
        phase_of=phase_of or (lambda instrument, at: Phase.CONTINUOUS),
        limits=limits,
        **more,
    )
    try:
        with serving(sandbox.app) as served:
            yield sandbox, served, clock
    finally:
        sandbox.close()
