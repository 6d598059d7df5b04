"""Whether a call was seen with a real answer, or rests on documents alone.

A call counts as seen when an answer that the broker published as recorded passes through its
adapter in a test. That says the answer is read right, not that an order was ever sent.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verified:
    """Whether a recorded answer was read, and which, or what is missing."""

    seen: bool
    why: str
