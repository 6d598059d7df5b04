"""Keeps wrong prices of a stream out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from core.brokers.shares import Share
from core.domain.clock import ist_day
from core.domain.money import ZERO, Money
from core.domain.quote import Quote

JUMP_MAX: Final = 0.10
JUMP_SEEN: Final = 3  # so many ticks near the new price make a jump true


@dataclass(frozen=True, slots=True)
class Offered:
    """A tick of a stream; `quote` is None where its mode makes none.

    `named` is how the broker names the share, `share` is None where the desk does not know it.
    """

    named: str
    share: Share | None
    ltp: Money
    quote: Quote | None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A tick that is not used, and why."""

    named: str
    symbol: str
    ltp: Money
    why: str


class Guard:
    """Lets a share's own plausible ticks through and says why another is not used.

    A previous close that differs from the day's first one means another share's tick. A price
    more than `jump_max` from the last used one waits until `JUMP_SEEN` ticks in a row agree.
    """

    def __init__(self, *, jump_max: float = JUMP_MAX) -> None:
        self._jump_max = jump_max
        self._last: dict[str, Money] = {}
        self._closes: dict[str, tuple[date, Money]] = {}
        self._jumps: dict[str, list[Money]] = {}

    def take(self, tick: Offered) -> Quote | Rejected | None:
        """A quote, a rejection, or None for a tick that is right and makes no quote."""
        if tick.share is None:
            return Rejected(tick.named, "", tick.ltp, f"no share has the {tick.named}")
        if why := self._why_not(tick.share, tick.ltp, tick.quote):
            return Rejected(tick.named, tick.share.symbol, tick.ltp, why)
        isin, quote = tick.share.isin, tick.quote
        self._last[isin] = tick.ltp
        if quote is not None:
            self._closes[isin] = (ist_day(quote.at), quote.prev_close)
        return quote

    def _why_not(self, share: Share, ltp: Money, quote: Quote | None) -> str:
        if ltp <= ZERO:
            return f"{share.symbol} at {ltp}"
        if quote is not None:
            day, close = self._closes.get(share.isin, (None, None))
            if day == ist_day(quote.at) and close is not None and close != quote.prev_close:
                return (
                    f"{share.symbol} closed at {close} and this tick says {quote.prev_close}: "
                    "it is another share's"
                )
        last = self._last.get(share.isin)
        if last is not None and self._jumped(share.isin, ltp, last):
            return (
                f"{share.symbol} at {ltp} is more than {self._jump_max:.0%} from its last "
                f"price {last}; it waits for {JUMP_SEEN} ticks that agree"
            )
        return ""

    def _jumped(self, isin: str, ltp: Money, last: Money) -> bool:
        """Whether a price is too far off, and not yet seen often enough to be true."""
        if _far(ltp, last, self._jump_max):
            seen = self._jumps.setdefault(isin, [])
            if seen and _far(ltp, seen[-1], self._jump_max / 5):
                seen.clear()
            seen.append(ltp)
            if len(seen) < JUMP_SEEN:
                return True
        self._jumps.pop(isin, None)
        return False


def _far(price: Money, other: Money, share: float) -> bool:
    return abs((price - other).share_of(other)) > share
