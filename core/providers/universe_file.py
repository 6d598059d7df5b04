"""Reads the committed universe: the shares the desk knows, and each broker's name for them."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from core.domain.instrument import CapClass, Instrument, Series
from core.errors import BadInput

COLUMNS = (
    "isin",
    "symbol",
    "name",
    "sector",
    "cap_class",
    "series",
    "band_pct",
    "has_derivatives",
    "bse_code",
    "yahoo",
    "kite",
    "kite_token",
    "upstox",
    "fyers",
)
TRUTH = {"yes": True, "no": False}
Row = dict[str, str]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Listing:
    """What others call one share today; `bse_code` is empty where it is not listed there."""

    isin: str
    symbol: str
    bse_code: str
    yahoo: str
    kite: str
    kite_token: int
    upstox: str
    fyers: str


def load_universe(path: Path) -> list[Instrument]:
    """Every share in the file, in its order; raises BadInput naming the file and the line.

    Bands are those the exchange starts most shares with (20 %, none for derivative stocks); a
    broker's instrument file replaces them each morning.
    """
    shares = [_made(path, line, row, _instrument) for line, row in _rows(path)]
    _refuse_twice(path, (share.isin for share in shares))
    _refuse_twice(path, (share.symbol for share in shares))
    return shares


def load_listings(path: Path) -> dict[str, Listing]:
    """What each broker and feed calls a share, by ISIN; raises BadInput as load_universe does."""
    listings = [_made(path, line, row, _listing) for line, row in _rows(path)]
    _refuse_twice(path, (listing.isin for listing in listings))
    return {listing.isin: listing for listing in listings}


def _rows(path: Path) -> list[tuple[int, Row]]:
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise BadInput(f"the universe {path.name} has no column {missing[0]}; add it")
            return [(reader.line_num, row) for row in reader]
    except OSError as error:
        raise BadInput(f"the universe {path.name} cannot be read: {error.strerror}") from None


def _made(path: Path, line: int, row: Row, make: Callable[[Row], T]) -> T:
    try:
        return make(row)
    except KeyError as error:
        raise BadInput(
            f"the universe {path.name}, line {line}: has_derivatives {error}; write yes or no"
        ) from None
    except (ValueError, TypeError, BadInput) as error:
        raise BadInput(f"the universe {path.name}, line {line}: {error}") from None


def _instrument(row: Row) -> Instrument:
    return Instrument(
        isin=row["isin"],
        symbol=row["symbol"],
        name=row["name"],
        sector=row["sector"],
        cap_class=CapClass(row["cap_class"]),
        series=Series(row["series"]),
        band_pct=int(row["band_pct"]) if row["band_pct"] else None,
        has_derivatives=TRUTH[row["has_derivatives"]],
    )


def _listing(row: Row) -> Listing:
    return Listing(
        isin=row["isin"],
        symbol=row["symbol"],
        bse_code=row["bse_code"],
        yahoo=row["yahoo"],
        kite=row["kite"],
        kite_token=int(row["kite_token"]),
        upstox=row["upstox"],
        fyers=row["fyers"],
    )


def _refuse_twice(path: Path, names: Iterable[str]) -> None:
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise BadInput(f"the universe {path.name} lists {twice[0]} twice; keep one line")
