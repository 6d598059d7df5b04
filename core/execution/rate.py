"""How many orders may leave, counted from the sends in the store so that a restart forgets none.

Sliding windows: what holds for any second holds for each second of the broker's clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

ON_ITS_WAY = timedelta(milliseconds=200)  # from a send's stamp to its arrival, at most


@dataclass(frozen=True, slots=True)
class SendCap:
    """The most sends of one login; far under the 10 a second that need no registration.

    Source: SEBI/HO/MIRSD/MIRSD-PoD/P/CIR/2025/0000013 (4 Feb 2025), NSE/INVG/67858.
    """

    per_second: int = 3
    per_minute: int = 60
    per_day: int = 1_000


class Windows(NamedTuple):
    """Moments to count stored sends since."""

    second: datetime
    minute: datetime
    day: datetime


class Sends(NamedTuple):
    """Sends counted since each moment."""

    second: int
    minute: int
    day: int


def windows(at: datetime) -> Windows:
    """Where the windows that end at `at` begin; each reaches back a little further.

    A send is stamped before it is committed, so it reaches the broker a little later than that.
    """
    since = at - ON_ITS_WAY
    return Windows(
        since - timedelta(seconds=1), since - timedelta(minutes=1), since - timedelta(days=1)
    )


def why_wait(sends: Sends, cap: SendCap, *, login_id: str) -> str:
    """Why one more send must wait, or nothing."""
    counted = (
        ("second", sends.second, cap.per_second),
        ("minute", sends.minute, cap.per_minute),
        ("day", sends.day, cap.per_day),
    )
    for name, count, most in counted:
        if count >= most:
            return (
                f"login {login_id} sent {count} orders in the last {name} and {most} is the most; "
                "it waits"
            )
    return ""
