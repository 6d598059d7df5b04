"""Scripted faults, and the list of every request that reached the server.

A fault waits for the nth request that fits it, is used up so many times and is gone. The list
of requests is the ground truth for a test that counts sends.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from threading import RLock
from typing import Any, Final, TypeVar

from core.domain.clock import Clock
from core.errors import BadInput

T = TypeVar("T")


class FaultKind(StrEnum):
    """What goes wrong; the comment says which of a fault's numbers it reads."""

    DROP_BEFORE_ACCEPT = "drop_before_accept"
    ACCEPT_THEN_DROP = "accept_then_drop"
    ACCEPT_THEN_5XX = "accept_then_5xx"  # status
    DELAY = "delay"  # seconds before the answer; the work is done first
    DELAY_VISIBILITY = "delay_visibility"  # seconds
    DUP_EVENT = "dup_event"
    DROP_EVENTS = "drop_events"  # share
    REORDER = "reorder"
    TRUNCATE_JSON = "truncate_json"
    HTML_502 = "html_502"
    THROTTLE_429 = "throttle_429"  # seconds for Retry-After
    TOKEN_DIE = "token_die"
    HALF_OPEN_SOCKET = "half_open_socket"
    SWAP_INSTRUMENT = "swap_instrument"
    FREEZE_TICKS = "freeze_ticks"
    PARTIAL = "partial"  # count
    REJECT_ASYNC = "reject_async"  # text, seconds
    WIPE_ORDERBOOK = "wipe_orderbook"
    IP_REFUSED = "ip_refused"
    ALTER_TAG = "alter_tag"  # text, where {tag} stands for the tag; empty for none at all
    UNKNOWN_STATUS = "unknown_status"  # text
    SLICE = "slice"  # count
    ORDER_ID_REUSE = "order_id_reuse"
    READ_5XX = "read_5xx"
    REFUSE = "refuse"  # text


# These hold until they are cleared; the others are used up by a request.
STANDING: Final = frozenset(
    {
        FaultKind.DUP_EVENT,
        FaultKind.DROP_EVENTS,
        FaultKind.REORDER,
        FaultKind.HALF_OPEN_SOCKET,
        FaultKind.SWAP_INSTRUMENT,
        FaultKind.FREEZE_TICKS,
        FaultKind.PARTIAL,
        FaultKind.ALTER_TAG,
        FaultKind.UNKNOWN_STATUS,
        FaultKind.DELAY_VISIBILITY,
        FaultKind.WIPE_ORDERBOOK,
    }
)
READ, WRITE, ANY = "read", "write", "any"
WRITES: Final = frozenset(
    {"place", "modify", "cancel", "place_gtt", "modify_gtt", "cancel_gtt", "convert"}
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong with the `nth` fitting request from now, `times` in a row.

    `verb` is a dialect's word (place, modify, cancel, place_gtt, orders, …), read, write or any;
    `where` names fields of the request and the values they must have; `user` is empty for all.
    """

    kind: FaultKind
    verb: str = WRITE
    nth: int = 1
    times: int = 1
    where: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    seconds: float = 0.0
    share: float = 1.0
    count: int = 1
    status: int = 502
    text: str = ""

    def __post_init__(self) -> None:
        if self.nth < 1 or self.times < 1 or self.count < 1:
            raise BadInput(f"{self.kind}: nth, times and count must be 1 or more")
        if not 0 <= self.share <= 1 or self.seconds < 0:
            raise BadInput(f"{self.kind}: share must be from 0 to 1 and seconds not below 0")

    def fits(self, verb: str, fields: Mapping[str, str], user: str) -> bool:
        """Whether a request is one of those it waits for."""
        kinds = {ANY, verb, WRITE if verb in WRITES else READ}
        return (
            self.verb in kinds
            and self.user in ("", user)
            and all(fields.get(name) == value for name, value in self.where.items())
        )


@dataclass(frozen=True, slots=True)
class Request:
    """One request that reached the server; `verdict` is the HTTP status or how it was cut off."""

    number: int
    at: datetime
    method: str
    path: str
    verb: str
    user: str
    fields: Mapping[str, str]
    verdict: str = ""
    fault: str = ""


class Faults:
    """The script and the request list of one sandbox; safe for several threads."""

    def __init__(self, clock: Clock, *, seed: int = 0) -> None:
        self.requests: list[Request] = []
        self._clock = clock
        self._waiting: list[Fault] = []
        self._standing: list[Fault] = []
        self._hidden_until: dict[str, float] = {}
        self._wiped_at: datetime | None = None
        self._lock = RLock()
        self._random = random.Random(seed)
        self._changed: list[Callable[[], None]] = []

    def script(self, *faults: Fault) -> None:
        """Add faults; one that stands holds from now until `clear`."""
        with self._lock:
            for fault in faults:
                if fault.kind is FaultKind.WIPE_ORDERBOOK:
                    self._wiped_at = self._clock.now()
                (self._standing if fault.kind in STANDING else self._waiting).append(fault)
        self._tell()

    def clear(self, kind: FaultKind | None = None) -> None:
        """Take every fault away, or every one of a kind."""
        with self._lock:
            for faults in (self._standing, self._waiting):
                faults[:] = [fault for fault in faults if kind not in (None, fault.kind)]
        self._tell()

    def waiting(self) -> list[Fault]:
        """Every fault that can still strike, the standing ones first."""
        with self._lock:
            return [*self._standing, *self._waiting]

    def on_change(self, changed: Callable[[], None]) -> None:
        """Hear of each change of the script."""
        self._changed.append(changed)

    def standing(self, kind: FaultKind, *, user: str = "") -> Fault | None:
        """The newest standing fault of a kind that concerns a user."""
        with self._lock:
            fitting = [
                fault
                for fault in self._standing
                if fault.kind is kind and (not fault.user or not user or fault.user == user)
            ]
        return fitting[-1] if fitting else None

    def take(self, verb: str, fields: Mapping[str, str], user: str) -> Fault | None:
        """The fault this request meets, used up by it; the first scripted goes first."""
        with self._lock:
            met: Fault | None = None
            left: list[Fault] = []
            for fault in self._waiting:
                if not fault.fits(verb, fields, user):
                    left.append(fault)
                elif fault.nth > 1:
                    left.append(replace(fault, nth=fault.nth - 1))
                elif met is not None:
                    left.append(fault)
                else:
                    met = fault
                    if fault.times > 1:
                        left.append(replace(fault, times=fault.times - 1))
            self._waiting[:] = left
            return met

    def arrived(
        self, method: str, path: str, *, verb: str, user: str, fields: Mapping[str, str]
    ) -> int:
        """Keep a request and return its place in the list."""
        with self._lock:
            number = len(self.requests)
            self.requests.append(
                Request(number, self._clock.now(), method, path, verb, user, dict(fields))
            )
            return number

    def ended(self, number: int, verdict: str, *, fault: str = "") -> None:
        """Note how a request ended."""
        with self._lock:
            self.requests[number] = replace(self.requests[number], verdict=verdict, fault=fault)

    def sends(self, verb: str) -> list[Request]:
        """Every request of a verb that arrived, in order."""
        with self._lock:
            return [request for request in self.requests if request.verb == verb]

    # What faults make of answers and events

    def hide(self, name: str) -> None:
        """Keep a new order or GTT out of reads for as long as a standing fault says."""
        fault = self.standing(FaultKind.DELAY_VISIBILITY)
        if fault is not None:
            self._hidden_until.setdefault(name, self._clock.monotonic() + fault.seconds)

    def shows(self, name: str) -> bool:
        """Whether reads show an order or GTT already."""
        return self._clock.monotonic() >= self._hidden_until.get(name, float("-inf"))

    def wiped(self, placed_at: datetime) -> bool:
        """Whether an order is gone from the book because the book was wiped."""
        if self.standing(FaultKind.WIPE_ORDERBOOK) is None or self._wiped_at is None:
            return False
        return placed_at <= self._wiped_at

    def tag(self, tag: str) -> str | None:
        """A tag as order books show it."""
        fault = self.standing(FaultKind.ALTER_TAG)
        if fault is None:
            return tag
        return fault.text.replace("{tag}", tag) or None

    def events(self, events: Sequence[T]) -> list[T]:
        """Order events as a stream delivers them: lost, doubled or turned round."""
        out = list(events)
        lost, doubled = self.standing(FaultKind.DROP_EVENTS), self.standing(FaultKind.DUP_EVENT)
        with self._lock:
            if lost is not None:
                out = [event for event in out if self._random.random() >= lost.share]
        if doubled is not None:
            out = [event for event in out for _ in range(2)]
        if self.standing(FaultKind.REORDER) is not None:
            out.reverse()
        return out

    def _tell(self) -> None:
        for changed in list(self._changed):
            changed()


def fault_of(plain: Mapping[str, Any]) -> Fault:
    """A fault from JSON; raises BadInput naming what it does not know."""
    known = {"kind", "verb", "nth", "times", "where", "user", "seconds", "share", "count",
             "status", "text"}  # fmt: skip
    if strange := sorted(set(plain) - known):
        raise BadInput(f"a fault has no {', '.join(strange)}; it has {', '.join(sorted(known))}")
    try:
        kind = FaultKind(str(plain["kind"]))
    except (KeyError, ValueError):
        names = ", ".join(FaultKind)
        raise BadInput(f"{plain.get('kind')!r} is no kind of fault; use one of {names}") from None
    return Fault(**{**plain, "kind": kind})


def plain_request(request: Request) -> dict[str, Any]:
    """A request as JSON can hold it."""
    return {**asdict(request), "at": request.at.isoformat()}
