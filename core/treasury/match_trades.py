"""A broker's trades beside the books', line by line: what agrees, what lacks, what differs.

A trade is known by its day and its number, and where a file has no numbers by share, side, shares
and price. The books may have one trade of the exchange in parts, over several plans; the parts
count together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.domain.money import ZERO, Money, total
from core.domain.statement import StatedTrade


class Finding(StrEnum):
    """What a comparison found of one trade."""

    SAME = "matched"
    PRICE = "price differs"
    QTY = "quantity differs"
    ONLY_BROKER = "only at the broker"
    ONLY_BOOKS = "only in the books"


@dataclass(frozen=True, slots=True)
class BookedTrade:
    """A trade as the books have it now; `entry` is the transaction that stands for it.

    `account_id` is an EXTERNAL bucket for what was done past the desk; `order_id` is our order's
    then empty.
    """

    entry: str
    account_id: str
    order_id: str
    trade_id: str
    on: date
    isin: str
    symbol: str
    exchange: str
    qty: int
    price: Money


@dataclass(frozen=True, slots=True)
class Pair:
    """One line: what the broker says, the books' parts of it, and the difference in paise.

    `price_off` and `value_off` are the broker's less the books'; value is signed as money paid.
    """

    finding: Finding
    stated: StatedTrade | None
    booked: tuple[BookedTrade, ...]

    @property
    def symbol(self) -> str:
        """The books' symbol, else the broker's."""
        return self.booked[0].symbol if self.booked else self.stated.symbol if self.stated else ""

    @property
    def on(self) -> date:
        """Its day."""
        if self.stated is not None:
            return self.stated.on
        return self.booked[0].on

    @property
    def stated_qty(self) -> int:
        """Signed shares at the broker."""
        return self.stated.qty if self.stated is not None else 0

    @property
    def booked_qty(self) -> int:
        """Signed shares in the books."""
        return sum(one.qty for one in self.booked)

    @property
    def price_off(self) -> Money:
        """The broker's price less the books', zero where one side has none."""
        if self.stated is None or not self.booked:
            return ZERO
        return self.stated.price - self.booked[0].price

    @property
    def value_off(self) -> Money:
        """What the broker's trade costs beyond the books'."""
        theirs = self.stated.price * self.stated.qty if self.stated is not None else ZERO
        return theirs - total(one.price * one.qty for one in self.booked)


def match_trades(booked: Iterable[BookedTrade], stated: Sequence[StatedTrade]) -> tuple[Pair, ...]:
    """Each of the broker's trades with the books' own, then those that only the books have.

    Every ISIN of `stated` must be known; both sides are of the same login and days.
    """
    left: dict[tuple[date, str, str], list[BookedTrade]] = {}
    for one in booked:
        left.setdefault((one.on, one.isin, one.trade_id), []).append(one)
    pairs: list[Pair] = []
    unnamed: list[StatedTrade] = []
    for told in sorted(stated, key=lambda one: (one.on, one.line)):
        parts = left.pop((told.on, told.isin, told.trade_id), None) if told.trade_id else None
        if parts is None:
            unnamed.append(told)
        else:
            pairs.append(Pair(_finding(told, parts), told, tuple(parts)))
    for told in unnamed:
        key = next((key for key, parts in left.items() if _alike(told, parts)), None)
        if key is not None and not (told.trade_id and key[2]):
            pairs.append(Pair(Finding.SAME, told, tuple(left.pop(key))))
        else:
            pairs.append(Pair(Finding.ONLY_BROKER, told, ()))
    pairs += [Pair(Finding.ONLY_BOOKS, None, tuple(parts)) for parts in left.values()]
    return tuple(sorted(pairs, key=lambda one: (one.on, one.symbol, one.finding)))


def _finding(told: StatedTrade, parts: Sequence[BookedTrade]) -> Finding:
    if sum(one.qty for one in parts) != told.qty:
        return Finding.QTY
    return Finding.SAME if all(one.price == told.price for one in parts) else Finding.PRICE


def _alike(told: StatedTrade, parts: Sequence[BookedTrade]) -> bool:
    """The same share, side, shares and price on the same day."""
    first = parts[0]
    same = (first.on, first.isin, first.price) == (told.on, told.isin, told.price)
    return same and sum(one.qty for one in parts) == told.qty
