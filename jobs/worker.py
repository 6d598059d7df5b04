"""What the worker holds while it runs: the floor, its lanes and what is under way."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Event

from core.desk.floor import Floor
from core.tagging.names import NameIndex
from jobs.lanes import Lane


@dataclass(slots=True)
class Worker:
    """One process; heavy work runs in the lanes' child processes."""

    floor: Floor
    research: Lane  # decisions and scans, kept warm
    study: Lane  # training, imports, backtests: one at a time
    stopping: Event = field(default_factory=Event)
    names: NameIndex | None = None
    deciding: Future[str] | None = None
    looking: Future[str] | None = None  # at indicators, for alerts
    under_way: dict[str, Future[str]] = field(default_factory=dict)
    sentence: str = ""
    looked_at: str = ""  # the model and the day its files were last held against their hashes
