"""Which files of brokers were taken into the books, kept by name with what each one booked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from core.errors import NotFound
from core.store import settings

KEPT = "statement:"


@dataclass(frozen=True, slots=True)
class Imported:
    """What one acceptance did; `entries` are transactions, `prices` fills booked anew."""

    id: str
    name: str
    kind: str
    login_id: str
    first: str
    at: str
    by: str
    entries: tuple[str, ...]
    prices: tuple[tuple[str, str, int, int], ...]
    sentence: str
    undone: str = ""


def imports(tx: Session) -> list[Imported]:
    """Every acceptance, newest first."""
    found = [_value(row) for row in settings.starting(tx, KEPT).values()]
    return sorted(found, key=lambda one: (one.at, one.id), reverse=True)


def stem(login_id: str, digest: str) -> str:
    """How the names of a file's acceptances at a login begin."""
    return f"{login_id}:{digest}:"


def standing(tx: Session, login_id: str, digest: str) -> Imported | None:
    """The acceptance of a file that nobody took back."""
    mine = (one for one in imports(tx) if one.id.startswith(stem(login_id, digest)))
    return next((one for one in mine if not one.undone), None)


def keep(tx: Session, done: Imported) -> None:
    """Keep what was done, or that it was taken back."""
    settings.put(tx, KEPT + done.id, _row(done))


def by_id(tx: Session, import_id: str) -> Imported:
    """One acceptance; raises NotFound."""
    row = settings.get(tx, KEPT + import_id)
    if row is None:
        raise NotFound(f"nothing was taken in as {import_id}; munim note imports lists them")
    return _value(row)


def _row(one: Imported) -> dict[str, Any]:
    return {
        "id": one.id, "name": one.name, "kind": one.kind, "login_id": one.login_id,
        "first": one.first, "at": one.at, "by": one.by, "entries": list(one.entries),
        "prices": [list(price) for price in one.prices], "sentence": one.sentence,
        "undone": one.undone,
    }  # fmt: skip


def _value(row: dict[str, Any]) -> Imported:
    prices = tuple((p[0], p[1], int(p[2]), int(p[3])) for p in row["prices"])
    return Imported(**{**row, "entries": tuple(row["entries"]), "prices": prices})
