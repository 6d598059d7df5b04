"""How one vendor may be asked: how often, how long to wait, when to leave it alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

USER_AGENT: Final = "Munim/0.1 (a trading desk for one person)"


@dataclass(frozen=True, slots=True)
class Policy:
    """Limits of one vendor; every time is in seconds.

    `rates` are spelled as `limits` reads them ("3/second"). A read is tried `attempts` times;
    after `failures_max` failed requests in a row the breaker opens for `rest_seconds`. A wait
    longer than `patience_seconds` is refused instead of slept. `way_in` says what a person does
    when the vendor refuses us.
    """

    name: str
    label: str
    rates: tuple[str, ...] = ("5/second",)
    connect_seconds: float = 3.0
    read_seconds: float = 10.0
    total_seconds: float = 25.0
    attempts: int = 3
    backoff_seconds: float = 0.5
    backoff_seconds_max: float = 8.0
    failures_max: int = 3
    rest_seconds: float = 60.0
    patience_seconds: float = 15.0
    bytes_max: int = 32_000_000
    way_in: str = "log in there again and set the new key, or check what the plan allows"
