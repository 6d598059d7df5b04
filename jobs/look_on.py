"""The worker on a store that cannot be used: it shows what brokers hold and sends nothing.

It ends with exit 1 once the store's file was replaced by a whole one, so that it is started again
and recovers; SIGTERM ends it as told.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Final

import structlog

from core.config import Settings
from core.desk.onlooker import Onlooker
from core.desk.seen import keep_seen
from core.domain.clock import Clock, WallClock
from core.store.engine import store_url
from core.store.sound import why_unsound

log = structlog.get_logger()
LOOK_SECONDS: Final = 15.0
WALL: Final = WallClock()


@dataclass(slots=True)
class File:
    """A store's file, by what changes when another one is put in its place."""

    url: str
    seen: tuple[int, int, int] | None = field(init=False)

    def __post_init__(self) -> None:
        self.seen = self._now()

    def was_mended(self) -> bool:
        """Whether it is another file than before, and whole."""
        now = self._now()
        if now is None or now == self.seen:
            return False
        self.seen = now
        return not why_unsound(self.url)

    def _now(self) -> tuple[int, int, int] | None:
        try:
            stat = Path(str(store_url(self.url).database)).stat()
        except OSError:
            return None
        return stat.st_ino, stat.st_mtime_ns, stat.st_size


def look_on(
    settings: Settings,
    sentence: str,
    *,
    clock: Clock = WALL,
    stopping: Event | None = None,
    every: float = LOOK_SECONDS,
) -> int:
    """Look until the store is mended (1) or this process is stopped (0)."""
    if stopping is None:
        stopping = _told_to_stop()
    file = File(settings.database_url)
    onlooker = Onlooker(settings, sentence, clock.now())
    log.error("store unusable", why=sentence)
    while True:
        seen = onlooker.look(at=clock.now())
        try:
            keep_seen(settings.home, seen)
        except OSError as full:
            log.error("nothing seen can be shown", why=str(full.strerror))
        if stopping.wait(every):
            return 0
        if file.was_mended():
            log.info("store mended", by="another file in its place")
            return 1


def _told_to_stop() -> Event:
    stopping = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stopping.set())
    return stopping
