"""First-in-first-out lots of one demat account, for the tax view.

The tax office counts per demat account: a logical account's lots are not the tax lots, so give
every fill of the demat account. Shares bought and sold on one day are matched first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from core.domain.clock import ist_day
from core.domain.money import Money
from core.domain.order import Fill
from core.errors import BadInput


class Term(StrEnum):
    """How a gain is taxed: within the day, up to 12 months, or longer."""

    INTRADAY = "intraday"
    SHORT = "short term"
    LONG = "long term"


@dataclass(frozen=True, slots=True)
class Lot:
    """Shares bought at one price on one day and still held; `qty` is above 0."""

    isin: str
    symbol: str
    qty: int
    price: Money
    bought_on: date


@dataclass(frozen=True, slots=True)
class ClosedLot:
    """Shares bought and sold; prices are per share, before charges."""

    isin: str
    symbol: str
    qty: int
    bought_on: date
    bought_at: Money
    sold_on: date
    sold_at: Money

    @property
    def gain(self) -> Money:
        """Sale less purchase, before charges."""
        return (self.sold_at - self.bought_at) * self.qty

    @property
    def term(self) -> Term:
        """Long means more than 12 months: sold after the purchase day's anniversary."""
        if self.sold_on == self.bought_on:
            return Term.INTRADAY
        return Term.LONG if self.sold_on > _anniversary(self.bought_on) else Term.SHORT


def fifo(fills: Iterable[Fill]) -> tuple[tuple[Lot, ...], tuple[ClosedLot, ...]]:
    """Open lots and closed lots, each by ISIN and then oldest purchase first.

    Raises:
        BadInput: more shares of an ISIN were sold than bought before.
    """
    lots: dict[str, list[Lot]] = {}
    closed: list[ClosedLot] = []
    # within a day purchases come first, so that the day's own sales can match them
    for fill in sorted(fills, key=lambda one: (ist_day(one.traded_at), one.qty < 0, one.traded_at)):
        held = lots.setdefault(fill.isin, [])
        if fill.qty > 0:
            held.append(Lot(fill.isin, fill.symbol, fill.qty, fill.price, ist_day(fill.traded_at)))
        else:
            closed += _sell(held, fill)
    open_lots = tuple(lot for isin in sorted(lots) for lot in lots[isin])
    return open_lots, tuple(sorted(closed, key=lambda lot: (lot.isin, lot.sold_on, lot.bought_on)))


def _sell(held: list[Lot], fill: Fill) -> list[ClosedLot]:
    day = ist_day(fill.traded_at)
    left = -fill.qty
    if left > sum(lot.qty for lot in held):
        raise BadInput(
            f"{fill.symbol}: {left} sold on {day} and {sum(lot.qty for lot in held)} bought "
            "before; give every purchase"
        )
    closed = []
    for lot in sorted(held, key=lambda lot: (lot.bought_on != day, lot.bought_on)):
        qty = min(left, lot.qty)
        if not qty:
            break
        left -= qty
        closed.append(
            ClosedLot(
                isin=lot.isin,
                symbol=lot.symbol,
                qty=qty,
                bought_on=lot.bought_on,
                bought_at=lot.price,
                sold_on=day,
                sold_at=fill.price,
            )
        )
        at = next(index for index, one in enumerate(held) if one is lot)
        if qty == lot.qty:
            del held[at]
        else:
            held[at] = replace(lot, qty=lot.qty - qty)
    return closed


def _anniversary(day: date) -> date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return date(day.year + 1, 2, 28)
