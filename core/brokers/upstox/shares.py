"""The shares a session may trade. Upstox names a share by segment and ISIN, so no table is needed.

The list of the morning gives the tick and says that the share is listed at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from core.brokers.shares import TRADED, SharesByIsin
from core.brokers.upstox import NAME
from core.domain.instrument import Instrument
from core.domain.listed import Listed
from core.domain.money import Money

SEGMENTS: Final = {"NSE_EQ": "NSE", "BSE_EQ": "BSE"}


@dataclass(frozen=True, slots=True)
class UpstoxShare:
    """One share as Upstox lists it; `key` is its name in every call."""

    isin: str
    symbol: str
    exchange: str
    key: str
    tick: Money


class Shares(SharesByIsin[UpstoxShare]):
    """Every share of a login; a key of either exchange names its ISIN."""

    def __init__(self, listed: Iterable[UpstoxShare]) -> None:
        super().__init__(NAME, listed)

    def by_key(self, key: str) -> UpstoxShare | None:
        """The share behind a key of either exchange; None where the desk does not know it."""
        segment, isin = parted(key)
        return self._by_isin.get(isin) if segment in SEGMENTS else None


def parted(key: str) -> tuple[str, str]:
    """Segment and ISIN of a key; no ISIN outside the cash segments."""
    segment, _, rest = key.partition("|")
    return segment, rest if segment in SEGMENTS else ""


def shares_from(listed: Iterable[Listed], universe: Mapping[str, Instrument]) -> Shares:
    """Join Upstox's NSE lines to the universe by ISIN."""
    lines = {
        line.isin: line
        for line in listed
        if line.broker == "upstox" and line.exchange == "NSE" and line.kind in TRADED
    }
    return Shares(
        UpstoxShare(
            share.isin, share.symbol, line.exchange, line.called, Money(line.tick_paise or 1)
        )
        for share in universe.values()
        if (line := lines.get(share.isin)) is not None
    )


def shares_of(universe: Mapping[str, Instrument]) -> Shares:
    """The universe's shares on NSE by their ISIN alone, where no list of the morning is at hand."""
    return Shares(
        UpstoxShare(one.isin, one.symbol, "NSE", f"NSE_EQ|{one.isin}", Money(1))
        for one in universe.values()
    )
