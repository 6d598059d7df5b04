"""What a lot of shares is, what was sold out of one, and what happens to both.

A lot holds its whole cost, not a price, so that no split loses a paisa.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from core.domain.money import ZERO, Money

BOUGHT = "bought"
BOUGHT_IN = "bought in"  # by the exchange, for a short sale that nobody bought back
# Shares bought before 1 Feb 2018 may count at the highest price of the day before
# (Income-tax Act 1961, section 55(2)(ac)).
STEP_UP_DAY = date(2018, 1, 31)


class Term(StrEnum):
    """How a gain is taxed: within the day, up to 12 months, or longer."""

    INTRADAY = "intraday"
    SHORT = "short term"
    LONG = "long term"


class ChangeKind(StrEnum):
    """What a company did to the shares that are held."""

    SPLIT = "split"  # and its reverse, a consolidation
    BONUS = "bonus"
    RIGHTS = "rights"
    DEMERGER = "demerger"
    MERGER = "merger"


@dataclass(frozen=True, slots=True)
class Trade:
    """Shares bought (+) or sold (-) on a day in India; `value` is price times shares, above 0.

    `expenses` are charges without the tax on transactions, which stands in `stt`. `how` is
    `BOUGHT_IN` for what the exchange bought for a short sale; its day is the sale's.
    """

    isin: str
    symbol: str
    on: date
    qty: int
    value: Money
    expenses: Money = ZERO
    stt: Money = ZERO
    name: str = ""
    how: str = BOUGHT


@dataclass(frozen=True, slots=True)
class Change:
    """A corporate action as an ex-date begins.

    `new` is every share afterwards for a split or merger, and the shares that came beside the old
    ones otherwise. `paid` is what rights cost; `leaves` is the part of cost that a demerger moves.
    """

    kind: ChangeKind
    isin: str
    successor: str
    symbol: str
    on: date
    new: int
    paid: Money = ZERO
    leaves: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Valued:
    """The highest price of a share on 31 January 2018, for what was held through that day."""

    isin: str
    price: Money
    on: date = STEP_UP_DAY


Event = Trade | Change | Valued


@dataclass(frozen=True, slots=True)
class Lot:
    """Shares acquired on one day and still held; `qty` is above 0, `cost` is of all of them.

    `acquired_on` is the day the holding period counts from. `fair` is the worth of 31 January
    2018 where a sale may count with it. `how` is `bought`, `bought in` or what the company did.
    """

    isin: str
    symbol: str
    qty: int
    cost: Money
    acquired_on: date
    expenses: Money = ZERO
    stt: Money = ZERO
    fair: Money | None = None
    how: str = BOUGHT
    name: str = ""

    @property
    def long_from(self) -> date:
        """The first day on which a sale is long term: after the anniversary of the purchase."""
        return _anniversary(self.acquired_on) + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sold:
    """Shares of one lot that were sold; money is of all of them, charges of both sides."""

    isin: str
    symbol: str
    qty: int
    acquired_on: date
    cost: Money
    sold_on: date
    proceeds: Money
    expenses: Money = ZERO
    stt: Money = ZERO
    fair: Money | None = None
    how: str = BOUGHT
    name: str = ""

    @property
    def gain(self) -> Money:
        """Sale less purchase, before charges."""
        return self.proceeds - self.cost

    @property
    def term(self) -> Term:
        """Long means more than 12 months: sold after the purchase day's anniversary.

        A short sale that the exchange bought in counts as intraday: its seller delivered nothing.
        """
        if self.sold_on == self.acquired_on and self.how in (BOUGHT, BOUGHT_IN):
            return Term.INTRADAY
        return Term.LONG if self.sold_on > _anniversary(self.acquired_on) else Term.SHORT

    @property
    def counted_cost(self) -> Money:
        """Cost as the law counts it: stepped up to 31 January 2018, at most to what was got."""
        if self.fair is None or self.term is not Term.LONG:
            return self.cost
        return max(self.cost, min(self.fair, self.proceeds))

    @property
    def taxable(self) -> Money:
        """Gain after charges; the tax on transactions counts within the day only."""
        stt = self.stt if self.term is Term.INTRADAY else ZERO
        return self.proceeds - self.counted_cost - self.expenses - stt


def term_of(acquired_on: date, on: date) -> Term:
    """The term of shares held since a day, were they sold on another."""
    return Term.LONG if on > _anniversary(acquired_on) else Term.SHORT


def _anniversary(day: date) -> date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # from 29 February twelve months end with the 28th
        return date(day.year + 1, 3, 1)
