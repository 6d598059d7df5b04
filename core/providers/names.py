"""What a share was called on a day, by the exchange and by each vendor.

The key is the ISIN of today; older ISINs of the same chain find it too. A broker's master of
2024 knows ETERNAL as ZOMATO, and a key that carries the ISIN breaks on a split.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from core.errors import BadInput, NotFound
from core.providers.renames import Certainty, Change, Kind, isin_chain
from core.providers.universe_file import Listing


class Vendor(StrEnum):
    """Who names shares in a way of its own."""

    NSE = "nse"
    BSE = "bse"
    YAHOO = "yahoo"
    KITE = "kite"
    UPSTOX = "upstox"
    FYERS = "fyers"
    ANGEL = "angel"


@dataclass(frozen=True, slots=True)
class Identity:
    """A share on one day; not `certain` where a list shows only that it changed around then."""

    symbol: str
    isin: str
    certain: bool


class Names:
    """The one lookup from a share and a day to a name, and from any ISIN to its chain."""

    def __init__(self, listings: Mapping[str, Listing], changes: Iterable[Change]) -> None:
        self._listings = dict(listings)
        self._changes = sorted(changes, key=lambda change: change.day, reverse=True)
        self._symbols: dict[date, dict[str, str]] = {}
        self._today = {
            old: isin for isin in listings for old in isin_chain(isin, self._changes)
        } | {isin: isin for isin in listings}

    def chain(self, isin: str) -> tuple[str, ...]:
        """Every ISIN of the share, oldest first; raises NotFound outside the universe."""
        return isin_chain(self._key(isin), self._changes)

    def on(self, isin: str, day: date) -> Identity:
        """Symbol and ISIN on a day; raises NotFound outside the universe."""
        listing = self._listings[self._key(isin)]
        symbol, number, certain = listing.symbol, listing.isin, True
        for change in self._changes:
            if change.day <= day or not _reaches(change, symbol, number):
                continue
            unsure = change.certainty is Certainty.BY and _after(day, change)
            certain = certain and not unsure
            if change.kind is Kind.RENAME:
                symbol = change.old_symbol
            if change.new_isin == number:
                number = change.old_isin
        return Identity(symbol, number, certain)

    def called(self, isin: str, vendor: Vendor, day: date) -> str:
        """The name at a vendor on a day; NotFound where the share is not listed there."""
        listing = self._listings[self._key(isin)]
        then = self.on(isin, day)
        if vendor is Vendor.BSE and not listing.bse_code:
            raise NotFound(f"{listing.symbol} is not listed at BSE; use its name at NSE")
        written = {
            Vendor.NSE: then.symbol,
            Vendor.BSE: listing.bse_code,
            Vendor.YAHOO: f"{then.symbol}.NS",
            Vendor.KITE: then.symbol,
            Vendor.UPSTOX: f"NSE_EQ|{then.isin}",
            Vendor.FYERS: f"NSE:{then.symbol}-EQ",
            Vendor.ANGEL: f"{then.symbol}-EQ",
        }
        return written[vendor]

    def by_symbol(self, symbol: str, day: date) -> str:
        """Today's ISIN of the share that had a symbol on a day; raises NotFound."""
        if day not in self._symbols:
            self._symbols[day] = {self.on(isin, day).symbol: isin for isin in self._listings}
        isin = self._symbols[day].get(symbol)
        if isin is None:
            raise NotFound(f"no share of the universe was called {symbol} on {day}")
        return isin

    def history(self, isin: str) -> Sequence[Change]:
        """Every fact about a share, oldest first."""
        chain = set(self.chain(isin))
        return [
            one for one in reversed(self._changes) if chain & ({one.old_isin, one.new_isin} - {""})
        ]

    def _key(self, isin: str) -> str:
        key = self._today.get(isin)
        if key is None:
            raise NotFound(f"no share of the universe has or had the ISIN {isin}")
        return key


def _reaches(change: Change, symbol: str, number: str) -> bool:
    """Whether a change led to this symbol or to this ISIN."""
    if change.kind is Kind.RENAME:
        return change.new_symbol == symbol
    return change.kind is Kind.ISIN and change.new_isin == number


def _after(day: date, change: Change) -> bool:
    return change.seen_until is not None and day > change.seen_until


@dataclass(frozen=True, slots=True)
class NameException:
    """A share that a vendor does not list under its name, and why; open dates hold always."""

    symbol: str
    vendor: Vendor
    starts: date
    ends: date
    reason: str

    def holds(self, symbol: str, vendor: Vendor, day: date) -> bool:
        """Whether it is about this share, this vendor and this day."""
        named = (self.symbol, self.vendor) == (symbol, vendor)
        return named and self.starts <= day <= self.ends


def load_exceptions(path: Path) -> list[NameException]:
    """The committed exceptions; raises BadInput naming file and line."""
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines)
            return [
                NameException(
                    symbol=row["symbol"],
                    vendor=Vendor(row["vendor"]),
                    starts=date.fromisoformat(row["from"] or "0001-01-01"),
                    ends=date.fromisoformat(row["to"] or "9999-12-31"),
                    reason=row["reason"],
                )
                for row in reader
            ]
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read: {error.strerror}") from None
    except (KeyError, ValueError) as error:
        raise BadInput(f"{path.name} line {reader.line_num}: {error}") from None
