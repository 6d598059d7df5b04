"""Request windows: how often a client may ask, counted on the monotonic clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

from core.domain.clock import Clock, ist_day


@dataclass(frozen=True, slots=True)
class Window:
    """At most `most` requests in any `seconds`; None seconds is the Indian calendar day."""

    most: int
    seconds: float | None


class Windows:
    """Counts per client and group of calls; a refused request counts too.

    `caps` names the windows of each group; a group that is not named is never refused.
    """

    def __init__(self, caps: Mapping[str, Sequence[Window]], clock: Clock) -> None:
        self.caps = dict(caps)
        self._clock = clock
        self._seen: dict[tuple[str, str], deque[float]] = {}
        self._today: dict[tuple[str, str], tuple[str, int]] = {}
        self._lock = Lock()

    def why_not(self, group: str, user: str) -> str:
        """Count one request; the window it breaks, or nothing."""
        with self._lock:
            caps = self.caps.get(group, ())
            now, day = self._clock.monotonic(), ist_day(self._clock.now()).isoformat()
            seen = self._seen.setdefault((group, user), deque())
            longest = max((cap.seconds or 0.0 for cap in caps), default=0.0)
            while seen and now - seen[0] >= longest:
                seen.popleft()
            seen.append(now)
            kept_day, count = self._today.get((group, user), (day, 0))
            count = count + 1 if kept_day == day else 1
            self._today[group, user] = (day, count)
            for cap in caps:
                if cap.seconds is None:
                    if count > cap.most:
                        return f"{cap.most} a day"
                elif sum(1 for at in seen if now - at < cap.seconds) > cap.most:
                    return f"{cap.most} in {cap.seconds:g} s"
            return ""
