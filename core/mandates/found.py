"""What one turn of the talk was found to say: values with their words, and what is unclear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from core.domain.instrument import Instrument
from core.domain.money import Money
from core.domain.words import pct, short
from core.mandates.fields import BY_KEY, Field, within


@dataclass(frozen=True, slots=True)
class Found:
    """A value and the words it stands in.

    `of_capital` is set where it was said as rupees of the account, or as a share of it: the
    draft turns it when the money is known.
    """

    key: str
    value: Any
    words: str
    note: str = ""
    until: str = ""  # the ISO day a span was said to end on
    of_capital: str = ""  # "", "rupees" (value is paise of a percentage) or "share" (a fraction)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the reading leans on: the open question, what stands, and the universe."""

    question: str
    answers: Mapping[str, Any]
    last: tuple[str, ...] = ()
    universe: Sequence[Instrument] = ()
    parts: int = 0
    wanted: str = ""  # a field that was asked back
    named: tuple[str, ...] = ()  # parts that were named, of which one was asked back
    today: date | None = None  # dates are read from it; without it none is
    cash: int | None = None  # paise that lie free in the account
    held: int = 0  # paise that all else in the account is worth


@dataclass(slots=True)
class Reading:
    """What one turn says; `left` are numbers that could not be placed."""

    found: dict[str, Found] = field(default_factory=dict)
    unclear: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    parts: int = 0
    corrects: bool = False
    number: str = ""  # a number whose unit is asked for
    wanted: str = ""  # the field whose value is asked back
    doubted: set[str] = field(default_factory=set)  # fields with a number of unknown unit
    disputed: set[str] = field(default_factory=set)  # fields with two values in one turn
    offers: dict[str, Any] = field(default_factory=dict)  # to be taken after a yes
    offer_words: str = ""
    named: tuple[str, ...] = ()  # parts named one by one that are not clear yet
    more_than_cash: bool = False  # the sum named comes beside what lies there

    def take(self, one: Found) -> None:
        """Add a value; a second one for the same field is asked back, unless it corrects."""
        before = self.found.get(one.key)
        if before and BY_KEY[one.key].kind == "names":  # it holds the names before it already
            one = Found(one.key, one.value, f"{before.words}, {one.words}")
        elif before and before.value != one.value and not self.corrects:
            label = BY_KEY[one.key].label
            self.unclear.append(
                f"I read “{before.words}” and “{one.words}” for {label.lower()}; which one?"
            )
            self.found.pop(one.key)
            self.disputed.add(one.key)
            return
        if one.key in self.disputed:  # a third one settles nothing
            return
        self.found[one.key] = one

    def take_bounded(self, one: Found) -> None:
        """Add a number if it lies inside its bounds; otherwise say both numbers."""
        wanted = BY_KEY[one.key]
        if within(wanted, one.value):
            self.take(one)
        else:
            self.unclear.append(outside(wanted, one.value))


def outside(wanted: Field, value: float) -> str:
    """The sentence for a value beyond its bounds, with the three numbers."""
    name = wanted.label
    if wanted.kind == "percent":
        return f"{name}: {pct(value)} is outside {pct(wanted.low)} to {pct(wanted.high)}."
    if wanted.kind == "money":
        if value <= 0:
            return f"{name}: {Money(int(value))} is not money to invest; name an amount above ₹0."
        return f"{name}: {short(Money(int(value)))} is above {short(Money(int(wanted.high)))}."
    unit = {"months": " months", "atr": " ATR", "sessions": " sessions"}.get(wanted.kind, "")
    return f"{name}: {value:g}{unit} is outside {wanted.low:g} to {wanted.high:g}."
