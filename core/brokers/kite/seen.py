"""The last price and band of each share, so that a GTT need not ask for them each time.

Kite takes one quote request a second; a burst of stops after a fill would be throttled.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from threading import Lock
from typing import Final

from core.domain.clock import Clock
from core.domain.instrument import PriceBand
from core.domain.money import Money
from core.domain.quote import Quote

PRICE_LIFE_SECONDS: Final = 15.0
BAND_LIFE_SECONDS: Final = 300.0  # a derivative share's range moves with its price


@dataclass(frozen=True, slots=True)
class Seen:
    """A last price and a band, with the monotonic seconds they were read at."""

    ltp: Money
    at: float
    band: PriceBand | None
    band_at: float


class LastSeen:
    """What was last seen of each share; safe for several threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._seen: dict[str, Seen] = {}

    def note(self, quote: Quote, band: PriceBand | None) -> None:
        """Keep a quote; one of the stream has no band and leaves the band as it was."""
        now = self._clock.monotonic()
        with self._lock:
            before = self._seen.get(quote.isin)
            if band is None and before is not None:
                self._seen[quote.isin] = replace(before, ltp=quote.ltp, at=now)
            else:
                self._seen[quote.isin] = Seen(quote.ltp, now, band, now)

    def last(self, isin: str) -> Seen:
        """What was last seen, however old; KeyError for a share never noted."""
        with self._lock:
            return self._seen[isin]

    def fresh(self, isin: str) -> Seen | None:
        """A price of the last 15 s with a band of the last 5 min, or None."""
        now = self._clock.monotonic()
        with self._lock:
            seen = self._seen.get(isin)
        if seen is None or seen.band is None or now - seen.at > PRICE_LIFE_SECONDS:
            return None
        return seen if now - seen.band_at <= BAND_LIFE_SECONDS else None
