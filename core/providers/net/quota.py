"""How much of a vendor's day is used: read from the record, for screens and the doctor.

Loads no `limits`, because a page draws this; a test holds the key against that library's own.
"""

from __future__ import annotations

from datetime import datetime

from core.providers.net.memory import Memory
from core.providers.net.policy import Policy

DAY_SECONDS = 86_400
PER_DAY = "/day"


def day_quota(memory: Memory, policy: Policy, now: datetime) -> tuple[int, int]:
    """Requests counted in the last 24 hours and how many are allowed; (0, 0) without a limit."""
    for rate in policy.rates:
        if rate.endswith(PER_DAY):
            allowed = int(rate.removesuffix(PER_DAY))
            key = day_key(policy.name, allowed)
            used = memory.turns(key, at=now.timestamp(), seconds=DAY_SECONDS)
            return len(used), allowed
    return 0, 0


def day_key(vendor: str, allowed: int) -> str:
    """The key under which `limits` counts a vendor's day."""
    return f"LIMITER/{vendor}/{allowed}/1/day"
