"""Domain values as canonical JSON text and back, without loss.

Writing is a plain walk, so that equal values give equal text: keys sorted, sets sorted, money
as paise, times in ISO 8601 with their offset. Reading checks every field against the dataclass.
NaN is kept as the token `NaN`, which Python reads and strict JSON does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from core.domain.audit import canonical
from core.errors import Tampered

T = TypeVar("T")


def to_json(value: object) -> str:
    """One domain value as canonical JSON.

    Raises:
        TypeError: something in it is no domain value, or a time has no zone.
    """
    return canonical(_plain(value))


def from_json(cls: type[T], text: str) -> T:
    """The value that `to_json` wrote; raises Tampered when the text is no such value."""
    try:
        value: T = _adapter(cast(Any, cls)).validate_json(text)
    except ValidationError as wrong:
        first = wrong.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the whole text"
        raise Tampered(
            f"a stored {cls.__name__} cannot be read: {where}: {first['msg']}; restore a backup"
        ) from wrong
    return value


@cache
def _adapter(cls: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(cls)


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, frozenset | set):
        return sorted(_plain(item) for item in value)  # type: ignore[type-var]
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"{value!r} is no domain value and cannot be stored")


def _moment(at: datetime) -> str:
    if at.tzinfo is None:
        raise TypeError(f"{at.isoformat()} has no time zone; the store keeps aware times only")
    return at.isoformat()
