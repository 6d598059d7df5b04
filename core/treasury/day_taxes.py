"""STT and stamp duty of one share's day, which go by the day and not by the product.

Shares of one kind that a login both bought and sold bear the intraday rates, the rest the delivery
rates, each at its side's average price. Orders are charged by their product as they fill, so a
delivery purchase that is sold the same day was charged too much.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from core.domain.charges import NOTHING, Item, Schedule
from core.domain.money import Money, total
from core.domain.order import Product, Side


class Traded(Protocol):
    """A trade, as far as the tax on it goes; shares sold are below zero."""

    @property
    def account_id(self) -> str: ...
    @property
    def symbol(self) -> str: ...
    @property
    def isin(self) -> str: ...
    @property
    def exchange(self) -> str: ...
    @property
    def qty(self) -> int: ...
    @property
    def value(self) -> Money: ...


@dataclass(frozen=True, slots=True)
class _Side:
    """All purchases or all sales of a share's day; `matched` shares count as intraday."""

    value: Decimal
    shares: int
    matched: int
    intraday_rate: Decimal
    delivery_rate: Decimal

    @property
    def tax(self) -> Decimal:
        """What the side bears, divided once so that a half rupee stays one."""
        rest = self.shares - self.matched
        weight = self.matched * self.intraday_rate + rest * self.delivery_rate
        return self.value * weight / self.shares

    @property
    def delivery(self) -> Decimal:
        """The part of it that is not intraday."""
        return self.value * (self.shares - self.matched) * self.delivery_rate / self.shares


def share_tax(schedule: Schedule, item: Item, trades: Sequence[Traded], *, on: date) -> Decimal:
    """STT or stamp duty of one share's trades of a day at one exchange, in unrounded rupees."""
    return sum((one.tax for one in _sides(schedule, item, trades, on=on)), NOTHING)


def tax_by_account(
    schedule: Schedule, item: Item, trades: Sequence[Traded], *, on: date
) -> dict[str, Decimal]:
    """Each account's part of the same, in unrounded rupees that sum to it.

    An account first bears what its own trades come to by themselves. What one account's sales save
    another's purchases goes to those whose shares count as delivery by themselves, by their tax.
    """
    whole = share_tax(schedule, item, trades, on=on)
    names = sorted({one.account_id for one in trades})
    alone = {name: _sides(schedule, item, _of(trades, name), on=on) for name in names}
    own = {name: sum((side.tax for side in sides), NOTHING) for name, sides in alone.items()}
    delivery = {
        name: sum((side.delivery for side in sides), NOTHING) for name, sides in alone.items()
    }
    by = delivery if any(delivery.values()) else own
    if not any(by.values()):
        by = {name: total(one.value for one in _of(trades, name)).in_rupees for name in names}
    rest, weights = whole - sum(own.values(), NOTHING), sum(by.values(), NOTHING)
    found = {name: own[name] + rest * by[name] / weights for name in names}
    return _scaled(own, whole) if any(part < 0 for part in found.values()) else found


def _scaled(own: Mapping[str, Decimal], whole: Decimal) -> dict[str, Decimal]:
    """The whole by what each account comes to by itself, where a saving would exceed its tax."""
    weights = sum(own.values(), NOTHING)
    return {name: whole * amount / weights for name, amount in own.items()}


def _of(trades: Sequence[Traded], account_id: str) -> list[Traded]:
    return [one for one in trades if one.account_id == account_id]


def _sides(schedule: Schedule, item: Item, trades: Sequence[Traded], *, on: date) -> list[_Side]:
    """The purchases and the sales, whichever there are."""
    first = trades[0]
    security = schedule.security_of(first.isin, first.symbol)

    def rate(product: Product, side: Side) -> Decimal:
        return schedule.rate(
            item,
            exchange=first.exchange,
            product=product,
            side=side,
            on=on,
            security=security,
        )

    traded = {side: [one for one in trades if one.qty * side.sign > 0] for side in Side}
    shares = {side: sum(abs(one.qty) for one in traded[side]) for side in Side}
    return [
        _Side(
            value=total(one.value for one in traded[side]).in_rupees,
            shares=shares[side],
            matched=min(shares.values()),
            intraday_rate=rate(Product.MIS, side),
            delivery_rate=rate(Product.CNC, side),
        )
        for side in Side
        if shares[side]
    ]
