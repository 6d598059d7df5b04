"""What a tax adviser takes along as files: sold lots, open lots, and schedule 112A of the return.

Everything is plain rupees and ISO days; the schedule has its own headings, in their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass

from core.desk.tax import OpenLot
from core.treasury.lots import Sold
from core.treasury.tax_forms import schedule_112a
from core.views.shown import in_rupees

HEADINGS = (
    "Share/Unit transferred",
    "Share/Unit acquired",
    "ISIN Code",
    "Name of the Share/Unit",
    "No. of Shares/Units",
    "Sale-price per Share/Unit",
    "Full Value of Consideration",
    "Cost of acquisition without indexation",
    "Cost of acquisition",
    "Fair Market Value as on 31st January 2018",
    "Expenditure in connection with transfer",
    "Total deductions",
    "Balance",
    "Acquired on",
    "Sold on",
)


@dataclass(frozen=True, slots=True)
class SoldLine:
    """One sold lot for a file: rupees and ISO days."""

    symbol: str
    isin: str
    shares: int
    acquired: str
    how: str
    sold: str
    term: str
    proceeds: str
    cost: str
    counted_cost: str
    charges: str
    stt: str
    gain: str


@dataclass(frozen=True, slots=True)
class LotLine:
    """One open lot for a file: rupees and ISO days."""

    login: str
    symbol: str
    isin: str
    shares: int
    acquired: str
    how: str
    cost: str
    mark: str
    unrealised: str
    term: str
    days_until_long: int


@dataclass(frozen=True, slots=True)
class ScheduleLine:
    """One line under HEADINGS."""

    transferred: str
    acquired: str
    isin: str
    name: str
    shares: int
    sale_price: str
    sale_value: str
    cost_counted: str
    cost: str
    fair_value: str
    expenses: str
    deductions: str
    balance: str
    acquired_on: str
    sold_on: str


def sold_lines(sold: Iterable[Sold]) -> tuple[SoldLine, ...]:
    """Every sold lot with all that its gain is made of."""
    return tuple(
        SoldLine(
            symbol=one.symbol,
            isin=one.isin,
            shares=one.qty,
            acquired=one.acquired_on.isoformat(),
            how=one.how,
            sold=one.sold_on.isoformat(),
            term=one.term.value,
            proceeds=in_rupees(one.proceeds),
            cost=in_rupees(one.cost),
            counted_cost=in_rupees(one.counted_cost),
            charges=in_rupees(one.expenses),
            stt=in_rupees(one.stt),
            gain=in_rupees(one.taxable),
        )
        for one in sold
    )


def lot_lines(lots: Iterable[OpenLot]) -> tuple[LotLine, ...]:
    """Every open lot at its mark."""
    return tuple(
        LotLine(
            login=one.login,
            symbol=one.lot.symbol,
            isin=one.lot.isin,
            shares=one.lot.qty,
            acquired=one.lot.acquired_on.isoformat(),
            how=one.lot.how,
            cost=in_rupees(one.lot.cost),
            mark=in_rupees(one.mark),
            unrealised=in_rupees(one.gain),
            term=one.term.value,
            days_until_long=one.days,
        )
        for one in lots
    )


def schedule_lines(sold: Iterable[Sold]) -> tuple[ScheduleLine, ...]:
    """The long-term sales among some sold lots."""
    return tuple(
        ScheduleLine(
            transferred=one.transferred,
            acquired=one.acquired,
            isin=one.isin,
            name=one.name,
            shares=one.shares,
            sale_price=in_rupees(one.sale_price),
            sale_value=in_rupees(one.sale_value),
            cost_counted=in_rupees(one.cost_counted),
            cost=in_rupees(one.cost),
            fair_value=in_rupees(one.fair_value),
            expenses=in_rupees(one.expenses),
            deductions=in_rupees(one.deductions),
            balance=in_rupees(one.balance),
            acquired_on=one.acquired_on.isoformat(),
            sold_on=one.sold_on.isoformat(),
        )
        for one in schedule_112a(sold)
    )


def schedule_rows(sold: Iterable[Sold]) -> list[Mapping[str, object]]:
    """The same by heading."""
    return [dict(zip(HEADINGS, astuple(one), strict=True)) for one in schedule_lines(sold)]
