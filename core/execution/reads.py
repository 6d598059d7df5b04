"""How often a broker may be asked, by its own windows, and who gives way when they fill.

A window is a number of requests in any so many seconds. Each need may fill its own share of it:
looking gives way first, then following what is under way, and what is left is for reading stops
back and for exits. Nobody is stopped at a share: from half of it on the pauses grow evenly
towards the pace at which the window never runs out, and beyond it they grow on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from enum import Enum
from itertools import takewhile
from threading import Lock
from typing import Final, NamedTuple

from core.domain.capability import Rates

HALF_HOUR: Final = 1_800.0
MINUTE: Final = 60.0
KEPT_FREE: Final = 0.03  # of every window, for reads beside the loop: addresses, a probe, a page
SECOND_SHARE: Final = 0.7  # of what one second takes; the rest is for reads beside the loop
UNNAMED_SECOND: Final = 10  # where a broker names no such limit
GROWS_FROM: Final = 0.5  # of a share, where pauses begin to grow
BEYOND: Final = 10.0  # how fast they grow past the share


class Need(Enum):
    """What a read is for, and the share of a window that it may fill."""

    LOOK = 0.6  # nothing is under way; what others do is looked for
    FOLLOW = 0.75  # an order is under way
    STOP = 0.95  # a stop is not read back yet, or a position is on its way out


class Window(NamedTuple):
    """At most `most` requests in any `seconds`."""

    most: int
    seconds: float


def windows_of(rates: Rates) -> tuple[Window, ...]:
    """A broker's read windows that are longer than a second."""
    named = ((rates.minute, MINUTE), (rates.half_hour, HALF_HOUR))
    return tuple(Window(most, seconds) for most, seconds in named if most is not None)


def in_a_second(rates: Rates) -> int:
    """Requests that the loop lets out in any second."""
    return max(1, int((rates.second or UNNAMED_SECOND) * SECOND_SHARE))


class Reads:
    """Requests of one login by the monotonic second they left in; safe for several threads."""

    def __init__(self, windows: Sequence[Window]) -> None:
        self.windows = tuple(windows)
        self._longest = max((window.seconds for window in windows), default=1.0)
        self._left: deque[float] = deque()
        self._lock = Lock()

    def note(self, at: float, requests: int = 1) -> None:
        """Count requests that left at this second."""
        with self._lock:
            self._left.extend([at] * requests)
            self._drop(at)

    def used(self, window: Window, now: float) -> int:
        """Requests in the window that ends now."""
        with self._lock:
            self._drop(now)
            if window.seconds >= self._longest:
                return len(self._left)
            newest = takewhile(lambda at: now - at < window.seconds, reversed(self._left))
            return sum(1 for _ in newest)

    def why_full(self, now: float) -> str:
        """Why no request may leave now, by a window longer than a second; empty when one may."""
        for window in self.windows:
            used = self.used(window, now)
            if used >= int(window.most * (1 - KEPT_FREE)):
                return f"{used} of {window.most} requests of the last {said(window)} are used"
        return ""

    def is_roomy(self, now: float) -> bool:
        """Whether every window has more left than looks may use of it."""
        used = (self.used(one, now) / one.most for one in self.windows)
        return all(part < Need.LOOK.value for part in used)

    def pause(self, need: Need, *, wanted: float, requests: int, most: float, now: float) -> float:
        """Seconds between two looks of so many requests: as wanted while the windows are empty.

        Args:
            wanted: the pause where nothing is short, in seconds.
            most: the longest pause, however short reads are; below `wanted` counts as `wanted`.
        """
        longest = wanted
        for window in self.windows:
            share = window.most * need.value
            even = window.seconds * requests / share
            fill = self.used(window, now) / share
            part = min(1.0, max(0.0, (fill - GROWS_FROM) / (1 - GROWS_FROM)))
            grown = wanted + max(0.0, even - wanted) * part
            grown *= 1.0 + BEYOND * max(0.0, fill - 1.0)
            longest = max(longest, grown)
        return min(longest, max(most, wanted))

    def by_minute(self, now: float) -> list[int]:
        """Requests of each of the last minutes of the longest window, the newest last."""
        minutes = int(self._longest // MINUTE)
        counts = [0] * minutes
        with self._lock:
            left = list(self._left)
        for at in left:
            ago = int((now - at) // MINUTE)
            if 0 <= ago < minutes:
                counts[minutes - 1 - ago] += 1
        return counts

    def recall(self, counts: Sequence[int], *, until: float) -> None:
        """Count what an earlier worker asked, by the minutes that ended with `until`."""
        newest = len(counts) - 1
        ends = [until - MINUTE * (newest - place) for place in range(len(counts))]
        self.recall_at([at for at, count in zip(ends, counts, strict=True) for _ in range(count)])

    def assume(self, now: float) -> None:
        """Count the windows as filled by looks, where nothing tells what was asked before."""
        for window in self.windows[-1:]:
            count = int(window.most * Need.LOOK.value)
            step = window.seconds / count
            self.recall_at([now - step * place for place in range(count)])

    def recall_at(self, moments: Sequence[float]) -> None:
        """Count requests of these monotonic seconds besides those that are counted."""
        with self._lock:
            self._left = deque(sorted([*moments, *self._left]))

    def _drop(self, now: float) -> None:
        while self._left and now - self._left[0] >= self._longest:
            self._left.popleft()


def said(window: Window) -> str:
    """A window's length in words."""
    minutes = window.seconds / MINUTE
    return "second" if minutes < 1 else "minute" if minutes == 1 else f"{minutes:.0f} min"
