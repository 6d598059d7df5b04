"""What a trade would cost: every item of each side, both rounding rules, and where it breaks even.

`paisa` rounds each item of each order to the paisa, as the books do; `note` has STT and stamp duty
in whole rupees instead, rounded on their sums. The DP charge stands in neither: it is no line of a
note, and it is asked for once an ISIN and sell day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.domain.account import Broker
from core.domain.charges import Charges, Exact, Item, Schedule, Security, sum_charges
from core.domain.money import ZERO, Money
from core.domain.order import Product, Side
from core.errors import BadInput
from core.treasury.charges import dp_charge, exact_charges
from core.treasury.note import contract_note

TRIES = 60  # each try adds the charges of the rise before, so a few are enough


@dataclass(frozen=True, slots=True)
class Terms:
    """What decides the rates of an order."""

    broker: Broker
    product: Product
    on: date
    exchange: str = "NSE"
    group: str = ""
    security: Security = Security.SHARE


@dataclass(frozen=True, slots=True)
class RateUsed:
    """One row of the schedule that a quote used, with the day it began and its source.

    `fraction` is None for an amount in rupees, which `cap` then is.
    """

    item: str
    side: str
    fraction: Decimal | None
    cap: Money | None
    valid_from: date
    source: str


@dataclass(frozen=True, slots=True)
class Leg:
    """One order of a quote."""

    side: Side
    qty: int
    price: Money
    paisa: Charges


@dataclass(frozen=True, slots=True)
class ChargeQuote:
    """A purchase, a sale or both; `break_even` is the other side's price at no gain and no loss.

    `dp` is due where shares leave the demat account; `net` is what a round trip earns after all
    charges, None for one side alone.
    """

    terms: Terms
    legs: tuple[Leg, ...]
    paisa: Charges
    note: Charges
    dp: Money
    break_even: Money
    move: Money
    net: Money | None
    rates: tuple[RateUsed, ...]

    @property
    def total(self) -> Money:
        """Every item to the paisa, with the DP charge."""
        return self.paisa.total + self.dp

    @property
    def note_total(self) -> Money:
        """As a contract note shows it, without the DP charge."""
        return self.note.total


def charge_quote(
    schedule: Schedule,
    terms: Terms,
    *,
    qty: int,
    buy: Money | None = None,
    sell: Money | None = None,
) -> ChargeQuote:
    """Charges of a purchase, a sale or a round trip of `qty` shares.

    Raises:
        BadInput: neither price, no shares, an exchange the schedule does not know, or a day
            before it begins.
    """
    known = sorted({row.exchange for row in schedule.rates if row.exchange})
    if terms.exchange not in known:
        raise BadInput(f"no charges of {terms.exchange!r} are known; use {' or '.join(known)}")
    named = schedule.groups(terms.exchange)
    if terms.group and terms.group not in named:
        of = f"{terms.exchange}'s are {', '.join(named)}" if named else f"{terms.exchange} has none"
        raise BadInput(f"no group {terms.group!r} is known; {of}")
    prices = [(side, price) for side, price in ((Side.BUY, buy), (Side.SELL, sell)) if price]
    if not prices:
        raise BadInput("give a buy price, a sell price or both")
    exact = [_exact(schedule, terms, side, qty, price) for side, price in prices]
    legs = tuple(
        Leg(side, qty, price, one.rounded())
        for (side, price), one in zip(prices, exact, strict=True)
    )
    paisa = sum_charges(leg.paisa for leg in legs)
    dp = _dp(schedule, terms) if buy is None or sell is not None else ZERO
    even = _break_even(schedule, terms, qty, buy=buy, sell=sell)
    net = None
    if buy is not None and sell is not None:
        net = (sell - buy) * qty - paisa.total - dp
    return ChargeQuote(
        terms=terms,
        legs=legs,
        paisa=paisa,
        note=contract_note(exact),
        dp=dp,
        break_even=even,
        move=abs(even - (buy if buy is not None else sell or ZERO)),
        net=net,
        rates=rates_used(schedule, terms),
    )


def rates_used(schedule: Schedule, terms: Terms) -> tuple[RateUsed, ...]:
    """Every row that decides a round trip, an item that both sides share once."""
    brokerage = schedule.brokerage(broker=terms.broker, product=terms.product, on=terms.on)
    found = [
        RateUsed(
            "brokerage",
            "",
            brokerage.fraction,
            brokerage.cap,
            brokerage.valid_from,
            brokerage.source,
        )
    ]
    for item in Item:
        rows = {
            side: schedule.row(
                item,
                exchange=terms.exchange,
                product=terms.product,
                side=side,
                on=terms.on,
                group=terms.group,
                security=terms.security,
            )
            for side in Side
        }
        same = rows[Side.BUY] == rows[Side.SELL]
        for side in (Side.BUY,) if same else tuple(Side):
            row = rows[side]
            name = "" if same else side.value
            found.append(RateUsed(item.value, name, row.fraction, None, row.valid_from, row.source))
    if terms.product is Product.CNC:
        fee = schedule.depository_fee(broker=terms.broker, on=terms.on)
        found.append(RateUsed("dp", Side.SELL.value, None, fee.amount, fee.valid_from, fee.source))
    return tuple(found)


def _exact(schedule: Schedule, terms: Terms, side: Side, qty: int, price: Money) -> Exact:
    return exact_charges(
        schedule,
        broker=terms.broker,
        product=terms.product,
        exchange=terms.exchange,
        side=side,
        qty=qty,
        price=price,
        on=terms.on,
        group=terms.group,
        security=terms.security,
    )


def _dp(schedule: Schedule, terms: Terms) -> Money:
    if terms.product is not Product.CNC:
        return ZERO
    return dp_charge(schedule, broker=terms.broker, on=terms.on)


def _break_even(
    schedule: Schedule, terms: Terms, qty: int, *, buy: Money | None, sell: Money | None
) -> Money:
    """The price of the other side, to the paisa, at which a round trip neither earns nor loses."""
    first = buy if buy is not None else sell or ZERO
    up = 1 if buy is not None else -1
    dp = _dp(schedule, terms)
    fixed = _exact(schedule, terms, Side.BUY if up > 0 else Side.SELL, qty, first).rounded().total
    closing = Side.SELL if up > 0 else Side.BUY
    other = first
    for _ in range(TRIES):
        cost = fixed + dp + _exact(schedule, terms, closing, qty, other).rounded().total
        following = first + Money(up * -(-cost.paise // qty))
        if following == other:
            return other
        if following.paise <= 0:
            raise BadInput(f"{qty} sold at {first} never earn their charges of {cost}; sell more")
        other = following
    return other
