"""Universes a person made, one row each beside the other settings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlmodel import Session

from core.domain.universe import Member, Universe
from core.errors import NotFound
from core.store import settings
from core.store.sql import near

PREFIX = "universe:"
TRADED = "universes traded"


def put(tx: Session, universe: Universe) -> None:
    """Keep a universe, or replace the one of that name."""
    members = [
        [one.isin, one.symbol, one.name, str(one.starts), str(one.ends) if one.ends else None]
        for one in universe.members
    ]
    row = {
        "source": universe.source,
        "members": members,
        "read_as_of": [str(day) for day in universe.read_as_of],
    }
    settings.put(tx, PREFIX + universe.name, row)


def all_universes(tx: Session) -> list[Universe]:
    """Every universe, by name."""
    kept = settings.starting(tx, PREFIX)
    return [_made(key.removeprefix(PREFIX), kept[key]) for key in sorted(kept)]


def by_name(tx: Session, name: str) -> Universe:
    """One universe; raises NotFound naming near ones."""
    row = settings.get(tx, PREFIX + name)
    if row is None:
        names = [key.removeprefix(PREFIX) for key in settings.starting(tx, PREFIX)]
        raise NotFound(f"no universe is named {name}; {near(name, names)}")
    return _made(name, row)


def drop(tx: Session, name: str) -> None:
    """Take a universe away; raises NotFound."""
    by_name(tx, name)
    settings.drop(tx, PREFIX + name)


def traded_names(tx: Session) -> tuple[str, ...]:
    """The universes whose shares may be traded beside the desk's own, by name."""
    return tuple(settings.get(tx, TRADED, []))


def put_traded(tx: Session, names: Iterable[str]) -> None:
    """Keep which universes are traded."""
    settings.put(tx, TRADED, sorted(set(names)))


def traded_isins(tx: Session) -> frozenset[str]:
    """Who belongs now to a universe that is traded."""
    names = set(traded_names(tx))
    return frozenset(
        one.isin for made in all_universes(tx) if made.name in names for one in made.now
    )


def _made(name: str, row: dict[str, Any]) -> Universe:
    return Universe(
        name=name,
        source=row["source"],
        members=tuple(
            Member(
                isin,
                symbol,
                called,
                date.fromisoformat(starts),
                date.fromisoformat(ends) if ends else None,
            )
            for isin, symbol, called, starts, ends in row["members"]
        ),
        read_as_of=tuple(date.fromisoformat(day) for day in row["read_as_of"]),
    )
