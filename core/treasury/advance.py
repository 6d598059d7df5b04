"""Advance tax of a year: what is to be paid by each day, on the gains made until then.

Nobody has to foresee a gain: what is sold after an instalment's day is paid for with the next one.
The year's own gains alone are reckoned; a salary, tax deducted at source or dividends change what
is due, and a person or an adviser adds them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.domain.money import ZERO, Money
from core.domain.tax import TaxLaw, last_day


@dataclass(frozen=True, slots=True)
class Instalment:
    """What a year's tax makes of one day; `in_all` is paid by then, `now` of it with this one.

    `tax` is the whole tax on the gains made until then.
    """

    by: date
    part: Decimal
    tax: Money
    in_all: Money
    now: Money


def instalments(
    law: TaxLaw, year: int, tax_until: Callable[[date], Money]
) -> tuple[Instalment, ...]:
    """Every instalment of a year; none where the year's tax is below the law's threshold.

    The year's last day stands only where gains after the one before it ask for more.

    Args:
        tax_until: the year's tax on what was sold up to a day.
    """
    if tax_until(last_day(year)) < law.advance_from:
        return ()
    found: list[Instalment] = []
    paid = ZERO
    for part in law.advance:
        by = part.by(year)
        tax = tax_until(by)
        in_all = max(paid, tax.times(part.part))
        if in_all > paid or by != last_day(year):
            found.append(Instalment(by, part.part, tax, in_all, in_all - paid))
        paid = in_all
    return tuple(found)
