"""Rupee amounts for the books: whole paise, never float.

Research may use float for returns and weights. Whatever reaches an order, the
ledger or a limit is Money, and `Money.rupees` is the only way in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from core.errors import BadInput

PAISE = Decimal(100)
MINUS = "\u2212"
ONE = Decimal(1)


def group(digits: str) -> str:
    """Whole digits in 3-2-2 groups: `1234567` becomes `12,34,567`."""
    head, tail = digits[:-3], digits[-3:]
    pairs = []
    while head:
        pairs.append(head[-2:])
        head = head[:-2]
    return ",".join([*reversed(pairs), tail])


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """Indian rupees as paise; negative is money paid or owed."""

    paise: int

    def __post_init__(self) -> None:
        if type(self.paise) is not int:
            raise TypeError(f"Money takes int paise, was {self.paise!r}; use Money.rupees")

    @classmethod
    def rupees(cls, amount: Decimal | str | int) -> Money:
        """Round half up to the paisa; raises BadInput for what is not a finite number."""
        if isinstance(amount, float):
            raise TypeError(f"Money.rupees takes Decimal, str or int, was {amount!r}")
        try:
            value = Decimal(amount)
        except InvalidOperation:
            raise BadInput(f"{amount!r} is not an amount in rupees") from None
        if not value.is_finite():
            raise BadInput(f"{amount!r} is not a finite amount in rupees")
        return cls(int((value * PAISE).to_integral_value(ROUND_HALF_UP)))

    def __add__(self, other: Money) -> Money:
        return Money(self.paise + other.paise)

    def __sub__(self, other: Money) -> Money:
        return Money(self.paise - other.paise)

    def __neg__(self) -> Money:
        return Money(-self.paise)

    def __abs__(self) -> Money:
        return Money(abs(self.paise))

    def __mul__(self, qty: int) -> Money:
        if type(qty) is not int:
            raise TypeError(f"Money times {qty!r}: use Money.times for a fraction")
        return Money(self.paise * qty)

    __rmul__ = __mul__

    def __bool__(self) -> bool:
        return self.paise != 0

    def times(self, fraction: Decimal) -> Money:
        """This amount times a fraction, rounded half up to the paisa."""
        return Money(int((self.paise * fraction).to_integral_value(ROUND_HALF_UP)))

    def share_of(self, whole: Money) -> float:
        """This amount as a fraction of another, for weights; zero of nothing is zero."""
        return self.paise / whole.paise if whole.paise else 0.0

    @property
    def in_rupees(self) -> Decimal:
        """The exact rupee value."""
        return Decimal(self.paise) / PAISE

    def __str__(self) -> str:
        """`−₹12,34,567.50`, as every sentence shows it."""
        whole, _, rest = f"{abs(self.in_rupees):.2f}".partition(".")
        return f"{MINUS if self.paise < 0 else ''}₹{group(whole)}.{rest}"


ZERO = Money(0)


def total(amounts: Iterable[Money]) -> Money:
    """The sum; nothing sums to zero rupees."""
    return Money(sum(amount.paise for amount in amounts))


def to_whole_rupee(amount: Money) -> Money:
    """Rounded half up to the rupee, as contract notes round STT and stamp duty."""
    return Money(int((amount.in_rupees).to_integral_value(ROUND_HALF_UP)) * 100)
