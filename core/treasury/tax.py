"""Tax on a year's sold lots: gains by head, set-off, exemption, tax, cess and what is carried on.

An estimate for a resident individual whose shares are investments. Speculative gains are taxed at
the person's own slab, so they bear tax here only where a slab is given. This is not tax advice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.domain.money import ZERO, Money, total
from core.domain.tax import Head, Loss, TaxLaw, last_day, year_of, year_words
from core.domain.words import rupees
from core.errors import BadInput
from core.treasury.lots import Sold
from core.treasury.set_off import HEADS, Pot, Sheet, Step, bring_in, exempt, gains_of, rate_words
from core.treasury.set_off import within_the_year as set_off_the_year


@dataclass(frozen=True, slots=True)
class TaxLine:
    """What is taxed at one rate; `tax` is None where the rate is a slab nobody gave."""

    head: Head
    rate: Decimal | None
    taxable: Money
    tax: Money | None
    words: str


@dataclass(frozen=True, slots=True)
class YearTax:
    """One financial year of one person's demat accounts.

    `gains` are by head before any set-off, `brought` the losses of earlier years that it may use,
    `carried` what later years may still use, `lapsed` what no year may.
    """

    year: int
    gains: tuple[tuple[Head, Money], ...]
    steps: tuple[Step, ...]
    lines: tuple[TaxLine, ...]
    tax: Money
    surcharge: Money
    cess: Money
    brought: tuple[Loss, ...]
    carried: tuple[Loss, ...]
    lapsed: tuple[Loss, ...]
    sold: tuple[Sold, ...]
    law: str

    @property
    def total(self) -> Money:
        """Tax, surcharge and cess."""
        return self.tax + self.surcharge + self.cess


def year_tax(
    law: TaxLaw,
    year: int,
    sold: Iterable[Sold],
    *,
    brought: Sequence[Loss] = (),
    surcharge: Decimal = Decimal(0),
    slab: Decimal | None = None,
) -> YearTax:
    """The tax of one year; lots sold in other years are left out.

    Args:
        brought: losses of earlier years that are still unused.
        surcharge: fraction of the tax, which the whole income decides; capped by the law.
        slab: fraction at which speculative gains are taxed, None where it is not known.

    Raises:
        BadInput: a surcharge or slab outside 0 to 1, or a sale before the first rate.
    """
    for name, value in (("surcharge", surcharge), ("slab", slab or Decimal(0))):
        if not 0 <= value < 1:
            raise BadInput(f"a {name} of {value} is refused; give a fraction such as 0.10")
    mine = tuple(one for one in sold if year_of(one.sold_on) == year)
    usable = [one for one in brought if one.year < year <= one.year + law.carries_for(one.head)]
    sheet = gains_of(law, mine)
    gains = tuple(
        (head, total(amount for pot, amount in sheet.left.items() if pot.head is head))
        for head in Head
    )
    set_off_the_year(sheet)
    left = bring_in(sheet, usable)
    freed = law.exemption(year)
    if freed is not None:
        exempt(sheet, freed.amount)
    lines = tuple(_line(pot, sheet.left[pot], slab) for pot in sorted(sheet.left))
    tax = total(line.tax for line in lines if line.tax is not None)
    over = tax.times(min(surcharge, law.surcharge_max))
    carried, lapsed = _carried(law, year, sheet, left)
    return YearTax(
        year=year,
        gains=gains,
        steps=tuple(sheet.steps),
        lines=lines,
        tax=tax,
        surcharge=over,
        cess=(tax + over).times(law.cess),
        brought=tuple(usable),
        carried=carried,
        lapsed=lapsed,
        sold=mine,
        law=law.section_words(last_day(year)),
    )


def years_until(
    law: TaxLaw,
    year: int,
    sold: Sequence[Sold],
    *,
    brought: Sequence[Loss] = (),
    surcharge: Decimal = Decimal(0),
    slab: Decimal | None = None,
) -> dict[int, YearTax]:
    """Every year from the first sale to `year`, each with the losses that the one before left.

    Args:
        brought: losses of years before, as a person said them; a year that is worked out here
            takes those of its own into its set-off once.
    """
    first = min((year_of(one.sold_on) for one in sold), default=year)
    found: dict[int, YearTax] = {}
    carried: list[Loss] = []
    for each in range(min(first, year), year + 1):
        before = [*carried, *(one for one in brought if _joins(one, each, first))]
        found[each] = year_tax(
            law,
            each,
            sold,
            brought=before,
            surcharge=surcharge if each == year else Decimal(0),
            slab=slab,
        )
        carried = list(found[each].carried)
    return found


def unrealised_tax_words(law: TaxLaw, year: int) -> str:
    """What an open gain would bear, in one sentence."""
    on = last_day(year)
    short, long = (law.rate(head, on=on) for head in (Head.SHORT, Head.LONG))
    freed = law.exemption(year)
    above = f" above {rupees(freed.amount)} a year" if freed else ""
    return (
        f"Held up to 12 months {rate_words(short.fraction)}; longer "
        f"{rate_words(long.fraction)}{above}; "
        f"plus {rate_words(law.cess)} cess and any surcharge."
    )


def _joins(loss: Loss, year: int, first: int) -> bool:
    """A loss that a person said joins with the first year after its own that is worked out."""
    return year == max(first, loss.year + 1)


def _line(pot: Pot, amount: Money, slab: Decimal | None) -> TaxLine:
    taxable = max(amount, ZERO)
    if pot.head is Head.SPECULATIVE:
        tax = ZERO if not taxable else None if slab is None else taxable.times(slab)
        words = (
            "taxed with other income at your slab"
            if tax is None
            else f"{rupees(taxable)} × {rate_words(slab or Decimal(0))} = {rupees(tax)}"
        )
        return TaxLine(pot.head, slab, taxable, tax, words)
    tax = taxable.times(pot.rate)
    words = f"{rupees(taxable)} × {rate_words(pot.rate)} = {rupees(tax)}"
    return TaxLine(pot.head, pot.rate, taxable, tax, words)


def _carried(
    law: TaxLaw, year: int, sheet: Sheet, left: Sequence[Loss]
) -> tuple[tuple[Loss, ...], tuple[Loss, ...]]:
    """Losses that the next year may use, and those whose last year this was."""
    own = [
        Loss(head, year, Money(-sum(sheet.left[pot].paise for pot in sheet.losses(head))))
        for head in Head
        if sheet.losses(head)
    ]
    still = [one for one in left if year < one.year + law.carries_for(one.head)]
    gone = [one for one in left if one not in still]
    return (*still, *own), tuple(gone)


def by_head(sold: Iterable[Sold]) -> dict[Head, tuple[Sold, ...]]:
    """Sold lots under the head that taxes them."""
    given = tuple(sold)
    return {head: tuple(one for one in given if HEADS[one.term] is head) for head in Head}


def carry_words(law: TaxLaw, loss: Loss) -> str:
    """`₹1,200.00 short-term loss of 2025-26, until 2033-34`."""
    until = year_words(loss.year + law.carries_for(loss.head))
    return f"{rupees(loss.amount)} {loss.head} loss of {year_words(loss.year)}, until {until}"
