"""Whether a call was seen with a real answer, or rests on documents alone.

A call counts as seen when an answer that the broker published as recorded passes through its
adapter in a test. That says the answer is read right, not that an order was ever sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.brokers.wire import Answer
from core.domain.evidence import Evidence, odd_fields


@dataclass(frozen=True, slots=True)
class Verified:
    """Whether a recorded answer was read, and which, or what is missing."""

    seen: bool
    why: str


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields that a list's rows may have and those that each must have, as paths."""

    host: str
    known: frozenset[str]
    needed: frozenset[str]


def witnessed(
    call: str, rows: Sequence[Mapping[str, Any]], shape: Shape, answer: Answer, *, at: datetime
) -> Evidence | None:
    """What an answer proves of a call; None for one that is not the broker's own, or is empty."""
    if answer.host != shape.host or not rows:
        return None
    strange, missing = odd_fields(rows, known=shape.known, needed=shape.needed)
    return Evidence(call, answer.host, at, answer.sha256, len(rows), strange, missing)
