"""Reads single fields of a broker's JSON: rupees, whole numbers, words and Indian times.

Brokers write prices as floats. The shortest text of a float is the number that was sent, so paise
come from that text and never from arithmetic on the float. What cannot be read raises
SourceWrong naming the broker, the call and the field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from core.domain.clock import IST
from core.domain.money import Money
from core.errors import SourceWrong

NO_TIME_BEFORE: Final = 1990  # brokers write the year 1 or 1970 where there is no time


@dataclass(frozen=True, slots=True)
class Row:
    """One object of an answer; it knows whose answer to which call, for its sentences."""

    broker: str
    call: str
    fields: Mapping[str, Any]

    def get(self, key: str) -> Any:
        """A field as it came; None where it is missing."""
        return self.fields.get(key)

    def has(self, key: str) -> bool:
        """Whether a field is there and is not null."""
        return self.fields.get(key) is not None

    def within(self, key: str) -> Row:
        """The object that stands in a field."""
        found = row_of(self.get(key), self.broker, f"{self.call}, field {key}")
        return Row(self.broker, self.call, found.fields)

    def rows(self, key: str) -> tuple[Row, ...]:
        """The list of objects that stands in a field; none where it is missing or null."""
        return rows_of(self.get(key), self.broker, self.call)

    def word(self, key: str) -> str:
        """A field as text; None and a missing field are empty."""
        value = self.get(key)
        return "" if value is None else str(value)

    def words(self, key: str) -> tuple[str, ...]:
        """A list of texts; a missing one is empty."""
        return tuple(str(one) for one in self.get(key) or ())

    def decimal(self, key: str) -> Decimal:
        """A field as an exact number."""
        value = self.get(key)
        if value is None or isinstance(value, (bool, list, dict)):
            raise self.unreadable(key, "a number")
        try:
            found = Decimal(str(value))
        except InvalidOperation:
            raise self.unreadable(key, "a number") from None
        if not found.is_finite():
            raise self.unreadable(key, "a finite number")
        return found

    def rupees(self, key: str) -> Money:
        """A field in rupees, rounded half up to the paisa."""
        return Money.rupees(self.decimal(key))

    def price(self, key: str) -> Money | None:
        """A price above zero; None where the broker writes 0, null or nothing at all."""
        if not self.has(key):
            return None
        found = self.rupees(key)
        return found if found.paise > 0 else None

    def whole(self, key: str) -> int:
        """A whole number; brokers write some quantities as floats."""
        found = self.decimal(key)
        if found != found.to_integral_value():
            raise self.unreadable(key, "a whole number")
        return int(found)

    def whole_or(self, key: str, default: int) -> int:
        """As `whole`, and `default` where the field is missing or null."""
        return self.whole(key) if self.has(key) else default

    def moment(self, key: str) -> datetime | None:
        """A time in UTC from Indian wall time, with or without an offset; None for none."""
        value = self.get(key)
        if value is None or value == "":
            return None
        try:
            found = value if isinstance(value, datetime) else _time(str(value))
        except ValueError:
            raise self.unreadable(key, "a time") from None
        if found.year < NO_TIME_BEFORE:
            return None
        return (found if found.tzinfo else found.replace(tzinfo=IST)).astimezone(UTC)

    def epoch(self, key: str, *, per_second: int) -> datetime | None:
        """A time in UTC from so many ticks a second since 1970; None where there is none."""
        if self.get(key) in (None, ""):
            return None
        ticks = self.whole(key)
        return datetime.fromtimestamp(ticks / per_second, UTC) if ticks > 0 else None

    def unreadable(self, key: str, wanted: str) -> SourceWrong:
        """The error for a field that is not what it should be."""
        shown = str(self.get(key))[:40]
        return SourceWrong(
            f"{self.broker}'s {self.call}: field {key} is {shown!r}, expected {wanted}"
        )


def row_of(found: Any, broker: str, call: str) -> Row:
    """One object."""
    if not isinstance(found, Mapping):
        raise SourceWrong(f"{broker}'s {call}: an object was expected, {_kind(found)} came")
    return Row(broker, call, found)


def rows_of(found: Any, broker: str, call: str) -> tuple[Row, ...]:
    """A list of objects; None is an empty list, as brokers send on a fresh morning."""
    if found is None:
        return ()
    if not isinstance(found, list) or not all(isinstance(row, Mapping) for row in found):
        raise SourceWrong(f"{broker}'s {call}: a list of rows was expected, {_kind(found)} came")
    return tuple(Row(broker, call, row) for row in found)


def as_float(amount: Money) -> float:
    """Paise as the float that a broker's JSON wants; its shortest text is exact to the paisa."""
    return float(amount.in_rupees)


def _time(text: str) -> datetime:
    """ISO, or with the month in letters, as Upstox's trade book once had it."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return datetime.strptime(text, "%d-%b-%Y %H:%M:%S").replace(tzinfo=IST)


def _kind(found: object) -> str:
    return "nothing" if found is None else f"a {type(found).__name__}"
