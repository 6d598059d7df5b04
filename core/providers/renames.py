"""Facts of identity: symbols and ISINs that changed, demergers and mergers, with their dates.

Read from `data/symbol_changes.csv`. A fact is known to the day (`exact`), by the ex-date that
its price break marks (`ex-date`; the exchange's files can turn a session later), or only as
lying between two lists (`by`): after `seen_until` and no later than `day`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from core.errors import BadInput

FILE = Path(__file__).resolve().parents[2] / "data" / "symbol_changes.csv"
COLUMNS = (
    "date",
    "certainty",
    "kind",
    "old_symbol",
    "new_symbol",
    "old_isin",
    "new_isin",
    "seen_until",
    "note",
    "source",
)


class Kind(StrEnum):
    """What became of a listing."""

    RENAME = "RENAME"  # another symbol, the same company
    ISIN = "ISIN"  # another face value, the same symbol
    DEMERGER = "DEMERGER"  # a part of it is listed under new_symbol from then on
    MERGER = "MERGER"  # its holders got shares of new_symbol
    END = "END"  # nothing took its place


class Certainty(StrEnum):
    """How well the day of a fact is known."""

    EXACT = "exact"
    EX_DATE = "ex-date"
    BY = "by"


@dataclass(frozen=True, slots=True)
class Change:
    """One dated fact; `day` is the first session under the new name."""

    day: date
    certainty: Certainty
    kind: Kind
    old_symbol: str
    new_symbol: str
    old_isin: str
    new_isin: str
    seen_until: date | None  # the last day the old name was seen, of a BY fact
    note: str
    source: str

    def __post_init__(self) -> None:
        if (self.seen_until is not None) != (self.certainty is Certainty.BY):
            raise BadInput(
                f"{self.old_symbol}: a change known by {self.day} needs the day its old name was "
                "last seen, and no other change has one"
            )
        if self.seen_until is not None and self.seen_until >= self.day:
            raise BadInput(f"{self.old_symbol}: seen until {self.seen_until}, after {self.day}")


def load_changes(path: Path = FILE) -> tuple[Change, ...]:
    """Every fact in the file, oldest first; raises BadInput naming file and line."""
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines)
            if tuple(reader.fieldnames or ()) != COLUMNS:
                raise BadInput(f"{path.name} must have the columns {', '.join(COLUMNS)}")
            changes = [_change(path, reader.line_num, row) for row in reader]
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read: {error.strerror}") from None
    return tuple(sorted(changes, key=lambda change: change.day))


def _change(path: Path, line: int, row: dict[str, str]) -> Change:
    try:
        return Change(
            day=date.fromisoformat(row["date"]),
            certainty=Certainty(row["certainty"]),
            kind=Kind(row["kind"]),
            old_symbol=row["old_symbol"],
            new_symbol=row["new_symbol"],
            old_isin=row["old_isin"],
            new_isin=row["new_isin"],
            seen_until=date.fromisoformat(row["seen_until"]) if row["seen_until"] else None,
            note=row["note"],
            source=row["source"],
        )
    except (ValueError, TypeError, BadInput) as error:
        raise BadInput(f"{path.name}, line {line}: {error}") from None


@lru_cache(maxsize=1)
def changes_now() -> tuple[Change, ...]:
    """The committed facts, read once."""
    return load_changes()


def renames(changes: Iterable[Change]) -> dict[str, str]:
    """Old symbol to the next one, of the facts that are renames."""
    return {one.old_symbol: one.new_symbol for one in changes if one.kind is Kind.RENAME}


RENAMES: dict[str, str] = renames(changes_now())


def current_symbol(symbol: str) -> str:
    """The symbol of today, through as many changes as there were."""
    seen = {symbol}
    while (later := RENAMES.get(symbol)) is not None and later not in seen:
        seen.add(later)
        symbol = later
    return symbol


def isin_chain(isin: str, changes: Iterable[Change] | None = None) -> tuple[str, ...]:
    """Every ISIN one share has had, oldest first, whichever of them is asked for."""
    facts = changes_now() if changes is None else tuple(changes)
    turned = [(one.old_isin, one.new_isin) for one in facts if _turns_isin(one)]
    later = dict(turned)
    earlier = {new: old for old, new in turned}
    chain = [isin]
    while (before := earlier.get(chain[0])) is not None and before not in chain:
        chain.insert(0, before)
    while (after := later.get(chain[-1])) is not None and after not in chain:
        chain.append(after)
    return tuple(chain)


def current_isin(isin: str) -> str:
    """The ISIN of today of a share known by any of its ISINs."""
    return isin_chain(isin)[-1]


def _turns_isin(change: Change) -> bool:
    return change.kind in (Kind.RENAME, Kind.ISIN) and change.old_isin != change.new_isin
