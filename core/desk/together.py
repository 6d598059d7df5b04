"""Two questions to one broker at the same time, where a network lies between.

A session that can do that says so by `asks_together`; any other is asked one after the other, so
that what is scripted for the first request meets the first.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from core.domain.ports import BrokerSession

A = TypeVar("A")
B = TypeVar("B")


def together(session: BrokerSession, one: Callable[[], A], other: Callable[[], B]) -> tuple[A, B]:
    """Both answers; raises what `one` raised, else what `other` raised, once both have ended."""
    if not getattr(session, "asks_together", False):
        return one(), other()
    with ThreadPoolExecutor(1) as beside:
        coming = beside.submit(other)
        found = one()
        return found, coming.result()
