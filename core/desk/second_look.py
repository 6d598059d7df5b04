"""A process beside the worker counts its beats and pauses the desk when three in a row are missed.

It acts only after it saw the worker beat, while the market trades, and not when the worker said
that it stops. It pauses by the file outside the store; the worker takes that into the record when
it beats again, and a person resumes the desk.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import Event
from typing import Final

from core.config import Settings
from core.desk.desk import Desk, open_desk
from core.desk.kill_file import pause
from core.domain.account import Market
from core.domain.calendar import Phase
from core.domain.words import ist_time
from core.errors import MunimError, OutsideCalendar
from core.store import heartbeat
from core.store.engine import STORE_ERRORS

LOOK_SECONDS: Final = 2.0  # a beat is due each second, so a look that finds none is a miss
MISSES: Final = 3
STOPPING: Final = "the worker stops as it was told"
TRADING: Final = (Phase.PRE_OPEN, Phase.CONTINUOUS, Phase.CLOSING_AUCTION)


@dataclass(slots=True)
class SecondLook:
    """What the last look saw; `misses` counts from the last beat that was new."""

    seen: tuple[int, float] | None = None
    armed: bool = False
    misses: int = 0


def look(desk: Desk, last: SecondLook) -> str:
    """Look once; pauses at the third miss and returns the sentence, empty otherwise."""
    with desk.store.read() as tx:
        beat = heartbeat.last(tx)
    if beat is None or beat.sentence == STOPPING:
        last.seen, last.armed, last.misses = None, False, 0
        return ""
    found = (beat.fence, beat.monotonic)
    if found != last.seen:
        last.armed = last.seen is not None
        last.seen, last.misses = found, 0
        return ""
    last.misses += 1
    if not last.armed or last.misses < MISSES or not _trades(desk):
        return ""
    last.armed = False  # until it beats again
    sentence = (
        f"the worker missed {last.misses} beats after {ist_time(beat.market_at)}: entries are "
        "paused and stops at the broker stand; look at the worker, then munim resume"
    )
    pause(desk.home, sentence)
    return sentence


def keep_looking(settings: Settings, stopping: Event) -> None:
    """Look every two seconds until told to stop; a store that cannot be read is asked again."""
    last = SecondLook()
    while settings.market is not Market.REPLAY and not stopping.wait(LOOK_SECONDS):
        try:
            look(open_desk(settings), last)
        except (MunimError, *STORE_ERRORS):
            last.misses = 0  # the worker meets the same store and says so itself


def say_stopping(desk: Desk) -> None:
    """Mark the last beat, so that the silence after it is taken as meant."""
    with desk.store.write() as tx:
        beat = heartbeat.last(tx)
        if beat is not None:
            heartbeat.beat(tx, replace(beat, sentence=STOPPING))


def _trades(desk: Desk) -> bool:
    try:
        return desk.calendar.phase(desk.clock.now(), has_derivatives=True) in TRADING
    except OutsideCalendar:
        return False
