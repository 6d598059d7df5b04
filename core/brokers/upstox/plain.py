"""Reads single fields of Upstox's JSON: rupees, whole numbers, words and Indian times.

Upstox writes prices as floats. The shortest text of a float is the number that was sent, so paise
come from that text and never from arithmetic on the float. What cannot be read raises
SourceWrong naming the call and the field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from core.domain.clock import IST
from core.domain.money import Money
from core.errors import SourceWrong

Row = Mapping[str, Any]
NO_TIME_BEFORE: Final = 1990  # Upstox writes the year 1 or 1970 where there is no time


def rows_of(found: Any, call: str) -> Sequence[Row]:
    """A list of objects; None is an empty list, as Upstox sends on a fresh morning."""
    if found is None:
        return ()
    if not isinstance(found, list) or not all(isinstance(row, Mapping) for row in found):
        raise SourceWrong(f"Upstox's {call}: a list of rows was expected, {_kind(found)} came")
    return found


def row_of(found: Any, call: str) -> Row:
    """One object."""
    if not isinstance(found, Mapping):
        raise SourceWrong(f"Upstox's {call}: an object was expected, {_kind(found)} came")
    return found


def within(row: Row, key: str, call: str) -> Row:
    """The object that stands in a field."""
    return row_of(row.get(key), f"{call}, field {key}")


def word(row: Row, key: str) -> str:
    """A field as text; None and a missing field are empty."""
    value = row.get(key)
    return "" if value is None else str(value)


def decimal(row: Row, key: str, call: str) -> Decimal:
    """A field as an exact number."""
    value = row.get(key)
    if value is None or isinstance(value, (bool, list, dict)):
        raise _unreadable(call, key, value, "a number")
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        raise _unreadable(call, key, value, "a number") from None
    if not found.is_finite():
        raise _unreadable(call, key, value, "a finite number")
    return found


def rupees(row: Row, key: str, call: str) -> Money:
    """A field in rupees, rounded half up to the paisa."""
    return Money.rupees(decimal(row, key, call))


def price(row: Row, key: str, call: str) -> Money | None:
    """A price above zero; None where Upstox writes 0, null or nothing at all."""
    if row.get(key) is None:
        return None
    found = rupees(row, key, call)
    return found if found.paise > 0 else None


def whole(row: Row, key: str, call: str) -> int:
    """A whole number; Upstox writes some quantities as floats."""
    found = decimal(row, key, call)
    if found != found.to_integral_value():
        raise _unreadable(call, key, row.get(key), "a whole number")
    return int(found)


def whole_or(row: Row, key: str, call: str, default: int) -> int:
    """As `whole`, and `default` where the field is missing or null."""
    return default if row.get(key) is None else whole(row, key, call)


def moment(row: Row, key: str, call: str) -> datetime | None:
    """A time in UTC from Upstox's Indian wall time, with or without an offset; None for none."""
    value = row.get(key)
    if value is None or value == "":
        return None
    for read in (datetime.fromisoformat, _spelled):
        try:
            found = read(str(value))
        except ValueError:
            continue
        if found.year < NO_TIME_BEFORE:
            return None
        return (found if found.tzinfo else found.replace(tzinfo=IST)).astimezone(UTC)
    raise _unreadable(call, key, value, "a time")


def epoch(row: Row, key: str, call: str, *, per_second: int) -> datetime | None:
    """A time in UTC from so many ticks a second since 1970; None where there is none."""
    if row.get(key) in (None, ""):
        return None
    ticks = whole(row, key, call)
    return datetime.fromtimestamp(ticks / per_second, UTC) if ticks > 0 else None


def in_upstox(amount: Money) -> float:
    """Paise as the float that Upstox's JSON wants; its shortest text is exact to the paisa."""
    return float(amount.in_rupees)


def _unreadable(call: str, key: str, value: object, wanted: str) -> SourceWrong:
    return SourceWrong(f"Upstox's {call}: field {key} is {str(value)[:40]!r}, expected {wanted}")


def _spelled(text: str) -> datetime:
    """A time with its month in letters, which the trade book once had."""
    return datetime.strptime(text, "%d-%b-%Y %H:%M:%S").replace(tzinfo=IST)


def _kind(found: object) -> str:
    return "nothing" if found is None else f"a {type(found).__name__}"
