"""What trading costs: dated rates, and the charges of an order item by item.

`Exact` holds unrounded rupees and `Charges` what is booked: each item of each order to the paisa.
On a contract note STT and stamp duty are rounded to the whole rupee instead, on their sums.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from core.domain.account import Broker
from core.domain.instrument import is_fund
from core.domain.money import ZERO, Money, total
from core.domain.order import Product, Side
from core.errors import BadInput

T = TypeVar("T")
NOTHING = Decimal(0)
# Paper fills cost what they would have cost at Zerodha.
PRICED_AS = {Broker.PAPER: Broker.ZERODHA}


class Security(StrEnum):
    """What is traded, as far as the securities transaction tax tells apart."""

    SHARE = "share"
    EQUITY_FUND = "equity fund"  # units of an exchange-traded fund of Indian shares
    OTHER_FUND = "other fund"  # gold, silver, debt, liquid and overseas funds


class Item(StrEnum):
    """What is charged as a fraction of turnover, and GST on some of it."""

    STT = "stt"
    EXCHANGE = "exchange"
    IPFT = "ipft"
    SEBI = "sebi"
    STAMP = "stamp"
    GST = "gst"


@dataclass(frozen=True, slots=True)
class Rate:
    """A fraction of turnover from a day on; an empty or None column means any.

    `groups` are the exchange's own (BSE's A, T, X); an order without one counts as the first.
    """

    item: Item
    valid_from: date
    fraction: Decimal
    exchange: str = ""
    product: Product | None = None
    side: Side | None = None
    source: str = ""
    groups: tuple[str, ...] = ()
    security: Security | None = None

    def fits(
        self, *, exchange: str, product: Product, side: Side, group: str, security: Security
    ) -> bool:
        """Whether the row is about such an order."""
        return (
            self.exchange in ("", exchange)
            and self.product in (None, product)
            and self.side in (None, side)
            and (not self.groups or group in self.groups)
            and self.security in (None, security)
        )


@dataclass(frozen=True, slots=True)
class Brokerage:
    """What a broker takes for an executed order: a fraction up to `cap`, or `cap` flat if None."""

    broker: Broker
    product: Product
    valid_from: date
    fraction: Decimal | None
    cap: Money
    source: str = ""

    def of(self, turnover: Decimal) -> Decimal:
        """Rupees for an order of so many rupees."""
        cap = self.cap.in_rupees
        return cap if self.fraction is None else min(cap, turnover * self.fraction)


@dataclass(frozen=True, slots=True)
class DepositoryFee:
    """What leaves the ledger for each ISIN sold from the demat account on a day, before GST."""

    broker: Broker
    valid_from: date
    amount: Money
    source: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Every rate with the day it began; the newest one begun by a day is the one that holds."""

    rates: tuple[Rate, ...]
    brokerages: tuple[Brokerage, ...]
    depository_fees: tuple[DepositoryFee, ...]
    untaxed_funds: tuple[str, ...] = ()

    def rate(
        self,
        item: Item,
        *,
        exchange: str,
        product: Product,
        side: Side,
        on: date,
        group: str = "",
        security: Security = Security.SHARE,
    ) -> Decimal:
        """The fraction of an item on a day; raises BadInput where no row reaches back to it."""
        return self.row(
            item,
            exchange=exchange,
            product=product,
            side=side,
            on=on,
            group=group,
            security=security,
        ).fraction

    def row(
        self,
        item: Item,
        *,
        exchange: str,
        product: Product,
        side: Side,
        on: date,
        group: str = "",
        security: Security = Security.SHARE,
    ) -> Rate:
        """The row that holds on a day, with its source; one about a kind of fund comes first."""
        named = group or next(iter(self.groups(exchange)), "")
        fitting = [
            row
            for row in self.rates
            if row.item is item
            and row.fits(
                exchange=exchange, product=product, side=side, group=named, security=security
            )
        ]
        special = [row for row in fitting if row.security is not None and row.valid_from <= on]
        of = f"{exchange} group {group}" if group else exchange
        rows = [(row.valid_from, row) for row in special or fitting]
        return _newest(rows, f"{item} rate of a {of} {product} {side}", on=on)

    def groups(self, exchange: str) -> tuple[str, ...]:
        """The groups whose fees an exchange tells apart, the common one first."""
        rows = [row for row in self.rates if row.exchange == exchange]
        return tuple(dict.fromkeys(group for row in rows for group in row.groups))

    def security_of(self, isin: str, symbol: str) -> Security:
        """What an ISIN is for the tax on transactions; a fund's kind is read off its symbol."""
        if not is_fund(isin):
            return Security.SHARE
        other = any(word in symbol.upper() for word in self.untaxed_funds)
        return Security.OTHER_FUND if other else Security.EQUITY_FUND

    def brokerage(self, *, broker: Broker, product: Product, on: date) -> Brokerage:
        """A broker's terms on a day."""
        priced_as = PRICED_AS.get(broker, broker)
        rows = [
            (row.valid_from, row)
            for row in self.brokerages
            if row.broker is priced_as and row.product is product
        ]
        return _newest(rows, f"{broker} {product} brokerage", on=on)

    def depository_fee(self, *, broker: Broker, on: date) -> DepositoryFee:
        """A broker's DP charge for one ISIN and sell day, before GST."""
        priced_as = PRICED_AS.get(broker, broker)
        rows = [(row.valid_from, row) for row in self.depository_fees if row.broker is priced_as]
        return _newest(rows, f"{broker} DP charge", on=on)


@dataclass(frozen=True, slots=True)
class Exact:
    """Charges in unrounded rupees; `dp` is the DP charge with its own GST."""

    brokerage: Decimal = NOTHING
    stt: Decimal = NOTHING
    exchange: Decimal = NOTHING
    ipft: Decimal = NOTHING
    sebi: Decimal = NOTHING
    stamp: Decimal = NOTHING
    gst: Decimal = NOTHING
    dp: Decimal = NOTHING

    @property
    def total(self) -> Decimal:
        """The sum of all items."""
        return sum((getattr(self, item.name) for item in fields(self)), NOTHING)

    def rounded(self) -> Charges:
        """Each item half up to the paisa; the investor protection fund goes with the exchange."""
        return Charges(
            brokerage=Money.rupees(self.brokerage),
            stt=Money.rupees(self.stt),
            exchange=Money.rupees(self.exchange) + Money.rupees(self.ipft),
            sebi=Money.rupees(self.sebi),
            stamp=Money.rupees(self.stamp),
            gst=Money.rupees(self.gst),
            dp=Money.rupees(self.dp),
        )


@dataclass(frozen=True, slots=True)
class Charges:
    """What is booked for an order, a round trip or a note, each item in whole paise."""

    brokerage: Money = ZERO
    stt: Money = ZERO
    exchange: Money = ZERO
    sebi: Money = ZERO
    stamp: Money = ZERO
    gst: Money = ZERO
    dp: Money = ZERO

    @property
    def total(self) -> Money:
        """The sum of all items."""
        return total(amount for _, amount in self.items)

    @property
    def items(self) -> tuple[tuple[str, Money], ...]:
        """Each item's name and amount, zero ones too, in the order of a contract note."""
        return tuple((item.name, getattr(self, item.name)) for item in fields(self))

    def __add__(self, other: Charges) -> Charges:
        return replace(self, **{name: amount + getattr(other, name) for name, amount in self.items})

    def __sub__(self, other: Charges) -> Charges:
        return replace(self, **{name: amount - getattr(other, name) for name, amount in self.items})


def sum_exact(orders: Iterable[Exact]) -> Exact:
    """Unrounded charges of several orders together."""
    given = tuple(orders)
    names = [item.name for item in fields(Exact)]
    return Exact(**{n: sum((getattr(order, n) for order in given), NOTHING) for n in names})


def sum_charges(orders: Iterable[Charges]) -> Charges:
    """Booked charges of several orders together."""
    return sum(orders, Charges())


def _newest(rows: list[tuple[date, T]], what: str, *, on: date) -> T:
    held = [(valid_from, value) for valid_from, value in rows if valid_from <= on]
    if not held:
        begins = min((valid_from for valid_from, _ in rows), default=None)
        since = f"it begins on {begins}" if begins else "no day has one"
        raise BadInput(f"the charge schedule has no {what} for {on}; {since}")
    return max(held, key=lambda row: row[0])[1]
