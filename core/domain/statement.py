"""What a broker's file says of trades and charges: a tradebook, or a contract note with charges."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.domain.charges import Charges
from core.domain.money import Money


class StatementKind(StrEnum):
    """A tradebook lists trades alone; a note has the charges of one day beside them."""

    TRADEBOOK = "tradebook"
    NOTE = "contract note"


@dataclass(frozen=True, slots=True)
class StatedTrade:
    """One trade as a broker lists it; `qty` is signed, ids and ISIN are empty where not said."""

    line: int
    on: date
    symbol: str
    isin: str
    exchange: str
    qty: int
    price: Money
    trade_id: str = ""
    order_id: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """A file that was understood; `left_out` counts rows that are not about shares.

    `obligation` is what the trades alone come to and `net` the same after charges; money to the
    client is above zero, and None where the file does not say.
    """

    name: str
    kind: StatementKind
    layout: str
    trades: tuple[StatedTrade, ...]
    digest: str
    charges: Charges | None = None
    obligation: Money | None = None
    net: Money | None = None
    left_out: tuple[str, ...] = ()
    on: date | None = None

    @property
    def days(self) -> tuple[date, ...]:
        """Days that it speaks of, oldest first."""
        given = {one.on for one in self.trades}
        return tuple(sorted(given | ({self.on} if self.on is not None else set())))


def digest_of(content: bytes) -> str:
    """A short name of a file's bytes, the same for the same bytes."""
    return hashlib.sha256(content).hexdigest()[:12]
