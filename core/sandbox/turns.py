"""The moments of a market's days at which something happens by the clock alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from core.brokers.paper import PhaseOf
from core.domain.calendar import Phase
from core.domain.instrument import Instrument
from core.domain.square_off import SquaresOff
from core.exchange.trading_floor import broker_day

STEP: Final = timedelta(minutes=1)
FARTHEST: Final = timedelta(days=31)


def turns(
    instruments: Sequence[Instrument],
    *,
    since: datetime,
    until: datetime,
    phase_of: PhaseOf,
    squares_off: SquaresOff | None,
) -> Iterator[datetime]:
    """The minutes after `since` and up to `until` at which a phase, a day or MIS ends, in order.

    Phases and square-offs go by whether a share has derivatives, so one of each kind tells.
    A way of more than a month is gone in one step and has no turns.
    """
    kinds = list({one.has_derivatives: one for one in instruments}.values())
    if until - since > FARTHEST:
        return
    at = since.replace(second=0, microsecond=0)
    before = _standing(kinds, since, phase_of, squares_off)
    while (at := at + STEP) <= until:
        now = _standing(kinds, at, phase_of, squares_off)
        if now != before:
            yield at
        before = now


def _standing(
    kinds: Sequence[Instrument], at: datetime, phase_of: PhaseOf, squares_off: SquaresOff | None
) -> tuple[object, ...]:
    day = broker_day(at)
    phases: list[Phase | bool] = [phase_of(share, at) for share in kinds]
    for share in kinds if squares_off else ():
        when = squares_off(share, day) if squares_off else None
        phases.append(when is not None and at >= when.at)
    return (day, *phases)
