"""One line of a broker's instrument master, in our units.

A broker's token means something to that broker alone, and only until its next daily dump.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum


class Kind(IntEnum):
    """What a line is about, in the order in which a search shows it."""

    SHARE = 0  # series EQ: shares and exchange-traded funds
    OTHER_SHARE = 1  # BE, BZ, SM, ST: trade for trade and small enterprises
    INDEX = 2
    BOND = 3  # every other series: bonds, bills, sovereign gold, fund units
    FUTURE = 4
    OPTION = 5


@dataclass(frozen=True, slots=True)
class Listed:
    """An instrument as one broker lists it; `isin` is empty where the broker gives none."""

    broker: str
    exchange: str
    called: str  # the broker's own name, what its orders and quotes want
    symbol: str  # the exchange's symbol, without a series
    name: str
    isin: str
    token: str
    series: str  # EQ, BE, ...; empty for an index and a derivative
    kind: Kind
    tick_paise: int | None  # None where it does not trade
    lot: int
    freeze_qty: int | None = None
    expiry: date | None = None
    strike_paise: int | None = None
    cas_eligible: bool | None = None  # closing auction; None where the broker does not say


@dataclass(frozen=True, slots=True)
class MasterLoad:
    """A master as it was last loaded."""

    broker: str
    exchange: str
    rows: int
    file: str
    loaded_at: str  # UTC, ISO 8601
