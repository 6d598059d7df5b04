"""The few statements every table needs, in words that both databases understand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from difflib import get_close_matches
from enum import Enum
from functools import cache
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, CursorResult, Select, Table, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from core.domain.money import Money
from core.errors import IllegalTransition
from core.store.codec import from_json

T = TypeVar("T")
Values = Mapping[str, object]


class Versioned(Protocol):
    """A value whose current row is replaced by its next version only."""

    @property
    def status(self) -> Enum: ...

    @property
    def version(self) -> int: ...


def dialect(tx: Session) -> str:
    """`sqlite` or `postgresql`."""
    return tx.get_bind().dialect.name


def insert_new(tx: Session, table: Table, values: Values) -> bool:
    """Insert one row unless a key of it is taken; says whether it went in."""
    statement = _insert(tx, table).values(**values).on_conflict_do_nothing()
    return changed(tx, statement) == 1


def insert_all_new(tx: Session, table: Table, rows: Sequence[Values]) -> None:
    """Insert the rows whose keys are not taken, and leave the others alone."""
    if rows:
        statement = _insert(tx, table).on_conflict_do_nothing()
        tx.execute(statement, [dict(row) for row in rows])


def upsert(tx: Session, table: Table, rows: Sequence[Values]) -> None:
    """Insert rows, or replace those whose primary key is there already."""
    upsert_by(tx, table, rows, keys=[column.name for column in table.primary_key])


def upsert_by(tx: Session, table: Table, rows: Sequence[Values], *, keys: Sequence[str]) -> None:
    """Insert rows, or replace those whose unique `keys` are there already."""
    if not rows:
        return
    statement = _insert(tx, table)
    rest = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    statement = statement.on_conflict_do_update(index_elements=list(keys), set_=rest)
    tx.execute(statement, [dict(row) for row in rows])


def upsert_rows(tx: Session, table: Table, rows: Sequence[tuple[object, ...]]) -> None:
    """Insert or replace rows of every column in the table's order, as the driver takes them.

    Made for what is written whole each second: no statement object a row, no value converted.
    """
    if rows:
        tx.connection().exec_driver_sql(_upsert_text(table, dialect(tx)), list(rows))


@cache
def _upsert_text(table: Table, name: str) -> str:
    keys = {column.name for column in table.primary_key}
    names = [column.name for column in table.columns]
    marks = ", ".join(["?" if name == "sqlite" else "%s"] * len(names))
    rest = ", ".join(f"{one} = excluded.{one}" for one in names if one not in keys)
    return (
        f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks}) "
        f"ON CONFLICT ({', '.join(sorted(keys))}) DO UPDATE SET {rest}"
    )


def driver_times(tx: Session) -> Callable[[datetime], object]:
    """How a moment goes to the driver, as `UTCDateTime` writes it; each is converted once."""
    if dialect(tx) == "sqlite":
        return cache(lambda at: _utc(at).replace(tzinfo=None).isoformat(" ", "microseconds"))
    return _utc


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise TypeError(f"{at.isoformat()} has no time zone; the store keeps aware times")
    return at.astimezone(UTC)


def changed(tx: Session, statement: Any) -> int:
    """Run one INSERT, UPDATE or DELETE and say how many rows it touched."""
    result = tx.execute(statement, execution_options={"preserve_rowcount": True})
    assert isinstance(result, CursorResult)
    return int(result.rowcount)


def values_of(tx: Session, cls: type[T], statement: Select[Any]) -> list[T]:
    """Domain values from a statement that selects their JSON bodies."""
    return [from_json(cls, text) for text in tx.execute(statement).scalars()]


def value_of(tx: Session, cls: type[T], statement: Select[Any]) -> T | None:
    """The one domain value of a statement that selects its JSON body, or None."""
    text = tx.execute(statement.limit(1)).scalar()
    return None if text is None else from_json(cls, text)


def save_next(
    tx: Session,
    table: Table,
    key: ColumnElement[bool],
    values: Values,
    *,
    what: str,
    following: Mapping[Any, frozenset[Any]],
    value: Versioned,
) -> None:
    """Replace a current row by its next version.

    Raises:
        IllegalTransition: the row is gone, has moved on since it was read, or its status
            does not lead to the new one.
    """
    found = tx.execute(select(table.c.version, table.c.status).where(key)).one_or_none()
    if found is None:
        raise IllegalTransition(f"{what} is not in the store; put it before saving it")
    if found.version != value.version - 1:
        raise IllegalTransition(
            f"{what} is at version {found.version} and version {value.version} cannot follow; "
            "read it again"
        )
    stored = type(value.status)(found.status)
    if stored is not value.status and value.status not in following[stored]:
        raise IllegalTransition(f"{what} is {stored} and cannot become {value.status}")
    statement = update(table).where(key, table.c.version == found.version).values(**values)
    if changed(tx, statement) != 1:
        raise IllegalTransition(
            f"{what} moved past version {found.version} while it was saved; read it again"
        )


def flat(value: Any, *names: str) -> dict[str, object]:
    """The fields of a flat dataclass as column values; all of them, or only those named."""
    chosen: Iterable[str] = names or (field.name for field in fields(value))
    return {name: _column(getattr(value, name)) for name in chosen}


def parts(ids: Sequence[T], size: int = 500) -> list[Sequence[T]]:
    """Ids or moments in lots that one statement may bind as variables."""
    return [ids[start : start + size] for start in range(0, len(ids), size)]


def money(paise: int | None) -> Money | None:
    """Money from a column that may be empty."""
    return None if paise is None else Money(paise)


def near(text: str, names: Iterable[str], *, limit: int = 5) -> str:
    """The stored names most like a mistyped one, worded for the end of a sentence."""
    known = {name.lower(): name for name in names}
    if not known:
        return "there are none yet"
    like = get_close_matches(text.lower(), known, n=limit, cutoff=0.4)
    chosen = [known[name] for name in like] or sorted(known.values())[:limit]
    return ("near ones are " if like else "known are ") + ", ".join(chosen)


def _column(value: object) -> object:
    if isinstance(value, Money):
        return value.paise
    if isinstance(value, Enum):
        return value.value
    return value


def _insert(tx: Session, table: Table) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if dialect(tx) == "sqlite" else postgresql.insert(table)
