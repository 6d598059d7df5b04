"""A year's gains set off against losses, step by step, so that a pencil can follow.

Losses of the year go first, then those of earlier years, the oldest first. Inside each, a loss is
taken from the gain that is taxed highest. A short-term loss meets short-term and then long-term
gains; a long-term loss only long-term ones; a speculative loss only speculative gains.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from core.domain.money import ZERO, Money
from core.domain.tax import Head, Loss, TaxLaw, year_words
from core.domain.words import pct, rupees
from core.treasury.lots import Sold, Term

HEADS = {Term.INTRADAY: Head.SPECULATIVE, Term.SHORT: Head.SHORT, Term.LONG: Head.LONG}
# which gains a loss may meet, in this order
MEETS = {
    Head.SPECULATIVE: (Head.SPECULATIVE,),
    Head.SHORT: (Head.SHORT, Head.LONG),
    Head.LONG: (Head.LONG,),
}


@dataclass(frozen=True, slots=True, order=True)
class Pot:
    """Gains that are taxed alike: one head at one rate; a speculative gain has the rate 0."""

    head: Head
    rate: Decimal

    @property
    def words(self) -> str:
        """`short term at 20 %`."""
        if self.head is Head.SPECULATIVE:
            return self.head.value
        return f"{self.head} at {rate_words(self.rate)}"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the sheet: what stood, what is added or taken away, what stands then."""

    words: str
    of: str
    before: Money
    change: Money
    after: Money


@dataclass(slots=True)
class Sheet:
    """What is left in each pot, and how it came to that."""

    left: dict[Pot, Money] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)

    def add(self, pot: Pot, change: Money, words: str) -> None:
        """Write one line."""
        before = self.left.get(pot, ZERO)
        self.left[pot] = before + change
        self.steps.append(Step(words, pot.words, before, change, before + change))

    def gains(self, head: Head) -> list[Pot]:
        """Pots of a head with a gain, the highest rate first."""
        found = [pot for pot, amount in self.left.items() if pot.head is head and amount > ZERO]
        return sorted(found, key=lambda pot: -pot.rate)

    def losses(self, head: Head) -> list[Pot]:
        """Pots of a head with a loss."""
        return sorted(
            pot for pot, amount in self.left.items() if pot.head is head and amount < ZERO
        )


def gains_of(law: TaxLaw, sales: Iterable[Sold]) -> Sheet:
    """The year's gains and losses by head and rate, each with the number of its sales."""
    found: dict[Pot, list[Money]] = {}
    for sold in sales:
        head = HEADS[sold.term]
        capital = head is not Head.SPECULATIVE
        rate = law.rate(head, on=sold.sold_on).fraction if capital else Decimal(0)
        found.setdefault(Pot(head, rate), []).append(sold.taxable)
    sheet = Sheet()
    for pot in sorted(found):
        up = Money(sum(one.paise for one in found[pot] if one > ZERO))
        down = Money(sum(one.paise for one in found[pot] if one < ZERO))
        if up or not down:
            sheet.add(pot, up, f"gains of {_lots(sum(one >= ZERO for one in found[pot]))}")
        if down:
            sheet.add(pot, down, f"losses of {_lots(sum(one < ZERO for one in found[pot]))}")
    return sheet


def within_the_year(sheet: Sheet) -> None:
    """Set the year's own losses off; what is left of one stays below zero in its pot."""
    pairs = [(head, to) for head in MEETS for to in MEETS[head]]
    # long-term losses before short-term ones, which could also go elsewhere
    for head, to in sorted(pairs, key=lambda pair: pair[0] is not pair[1]):
        for loss in sheet.losses(head):
            for gain in sheet.gains(to):
                taken = min(-sheet.left[loss], sheet.left[gain])
                if taken:
                    sheet.add(gain, -taken, f"less the year's loss, {loss.words}")
                    sheet.add(loss, taken, f"set off against {gain.words}")


def bring_in(sheet: Sheet, brought: Sequence[Loss]) -> list[Loss]:
    """Set losses of earlier years off, long-term and oldest first; returns what is left."""
    order = {Head.SPECULATIVE: 0, Head.LONG: 1, Head.SHORT: 2}
    left = []
    for loss in sorted(brought, key=lambda one: (order[one.head], one.year)):
        rest = loss.amount
        for head in MEETS[loss.head]:
            for gain in sheet.gains(head):
                taken = min(rest, sheet.left[gain])
                if taken:
                    sheet.add(gain, -taken, f"less the {loss.head} loss of {year_words(loss.year)}")
                    rest -= taken
        if rest:
            left.append(Loss(loss.head, loss.year, rest))
    return left


def exempt(sheet: Sheet, amount: Money) -> None:
    """Free long-term gains up to an amount, the highest rate first."""
    left = amount
    for pot in sheet.gains(Head.LONG):
        taken = min(left, sheet.left[pot])
        if taken:
            sheet.add(pot, -taken, f"less what the year frees, of {rupees(amount)}")
            left -= taken


def rate_words(rate: Decimal) -> str:
    """`20 %` or `12.5 %`."""
    return pct(float(rate), digits=0 if rate * 100 == int(rate * 100) else 1)


def _lots(count: int) -> str:
    return "1 lot sold" if count == 1 else f"{count} lots sold"
