"""Sold lots in the columns of a return's schedule, for whoever files it.

Schedule 112A asks for each long-term sale of listed shares on its own line. Its codes: BE is on or
before the day that a rule changed, AE after it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from core.domain.money import Money
from core.treasury.lots import STEP_UP_DAY, Sold, Term

RATES_CHANGED = date(2024, 7, 22)  # Finance (No. 2) Act 2024: other rates from the day after
BEFORE, AFTER = "BE", "AE"


@dataclass(frozen=True, slots=True)
class Line112A:
    """One line of schedule 112A; its columns in their order, money of the whole lot.

    `cost_counted` is the higher of cost and, for shares of before February 2018, the lower of
    their worth then and the sale; `balance` is what is taxed.
    """

    transferred: str
    acquired: str
    isin: str
    name: str
    shares: int
    sale_price: Money
    sale_value: Money
    cost_counted: Money
    cost: Money
    fair_value: Money | None
    expenses: Money
    deductions: Money
    balance: Money
    acquired_on: date
    sold_on: date


def schedule_112a(sold: Iterable[Sold]) -> tuple[Line112A, ...]:
    """The long-term sales among some sold lots."""
    return tuple(
        Line112A(
            transferred=AFTER if one.sold_on > RATES_CHANGED else BEFORE,
            acquired=AFTER if one.acquired_on > STEP_UP_DAY else BEFORE,
            isin=one.isin,
            name=one.symbol,
            shares=one.qty,
            sale_price=Money((2 * one.proceeds.paise + one.qty) // (2 * one.qty)),
            sale_value=one.proceeds,
            cost_counted=one.counted_cost,
            cost=one.cost,
            fair_value=one.fair,
            expenses=one.expenses,
            deductions=one.counted_cost + one.expenses,
            balance=one.taxable,
            acquired_on=one.acquired_on,
            sold_on=one.sold_on,
        )
        for one in sold
        if one.term is Term.LONG
    )
