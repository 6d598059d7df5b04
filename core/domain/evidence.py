"""What a broker's own host answered this desk, as proof that a call is read right.

Only reads can prove themselves: a list of real rows whose every field is one that the adapter
knows. An empty list proves nothing, a sandbox's answer never does, and no write is proven by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.domain.words import counted, day


@dataclass(frozen=True, slots=True)
class Evidence:
    """One answer: the call, who gave it, when, the SHA-256 of its bytes, and how many rows.

    `strange` names fields that nobody here knows, `missing` those that a row must have.
    """

    call: str
    host: str
    at: datetime
    sha256: str
    rows: int
    strange: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def proves(self) -> bool:
        """Whether every field of at least one row was known."""
        return self.rows > 0 and not self.strange and not self.missing

    @property
    def sentence(self) -> str:
        """What a person reads beside the call."""
        seen = (
            f"this desk's own read at {self.host} on {day(self.at)} "
            f"({counted(self.rows, 'row')}, sha256 {self.sha256[:12]})"
        )
        if self.proves:
            return f"{seen}, every field known"
        odd = [f"{name} is not known" for name in self.strange]
        odd += [f"{name} is not there" for name in self.missing]
        return f"{seen} does not fit: {', '.join(odd) or 'it has no row'}"


def fields_of(row: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Every field of a row as a path: `condition.exchange`, `orders[].price`."""
    for name, value in row.items():
        path = f"{prefix}{name}"
        yield path
        if isinstance(value, Mapping):
            yield from fields_of(value, f"{path}.")
        elif isinstance(value, list):
            for one in value:
                if isinstance(one, Mapping):
                    yield from fields_of(one, f"{path}[].")


def odd_fields(
    rows: Iterable[Mapping[str, Any]], *, known: frozenset[str], needed: frozenset[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Fields of any row that are not known, and needed ones that some row lacks."""
    strange: set[str] = set()
    missing: set[str] = set()
    for row in rows:
        found = set(fields_of(row))
        strange |= found - known
        missing |= needed - found
    return tuple(sorted(strange)), tuple(sorted(missing))
