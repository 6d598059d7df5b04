"""The contract note of one login's day, generated from its trades as a broker would print it.

Brokerage is counted order by order; exchange, SEBI and GST lines are computed on the day's totals;
STT and stamp duty are rounded half up to the whole rupee. What was both bought and sold on the day
is intraday whatever the product of its orders says: STT and stamp duty for the shares of it
(`day_taxes`), brokerage for every order in that share.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date

from core.domain.account import Broker
from core.domain.charges import NOTHING, Charges, Exact, Item, Schedule, sum_exact
from core.domain.money import Money, total
from core.domain.order import Product, Side
from core.errors import BadInput
from core.treasury.charges import charges_on
from core.treasury.day_taxes import share_tax, tax_by_account
from core.treasury.note import whole_rupees
from core.treasury.parts import parted

TOLERANCE = Money.rupees(1)
ITEMS = ("brokerage", "stt", "exchange", "sebi", "stamp", "gst")
TAXES = (Item.STT, Item.STAMP)  # what goes by the shares of a day


@dataclass(frozen=True, slots=True)
class NoteTrade:
    """One trade of a login's day; `account_id` says whose, `order_id` is the broker's."""

    account_id: str
    order_id: str
    trade_id: str
    symbol: str
    isin: str
    exchange: str
    qty: int
    price: Money
    product: Product

    @property
    def value(self) -> Money:
        """Price times shares, above zero."""
        return self.price * abs(self.qty)


@dataclass(frozen=True, slots=True)
class DayNote:
    """A day's note; money to the client is above zero.

    `exact` are the charges before any rounding, `by_account` what each account's orders add to
    them in unrounded rupees.
    """

    broker: Broker
    on: date
    trades: tuple[NoteTrade, ...]
    bought: Money
    sold: Money
    exact: Exact
    charges: Charges
    by_account: Mapping[str, Exact]

    @property
    def obligation(self) -> Money:
        """What the trades alone come to."""
        return self.sold - self.bought

    @property
    def net(self) -> Money:
        """What is paid or received after charges."""
        return self.obligation - self.charges.total


def day_note(
    schedule: Schedule, trades: Iterable[NoteTrade], *, broker: Broker, on: date
) -> DayNote:
    """The note of some trades of one day.

    Raises:
        BadInput: no trade, or a day the schedule does not reach back to.
    """
    given = tuple(sorted(trades, key=lambda one: (one.symbol, one.order_id, one.trade_id)))
    if not given:
        raise BadInput(f"there was no trade on {on}, so there is no note")
    shares = shares_in(given)
    orders = _by_order(schedule, given, broker=broker, on=on, intraday=_both_ways(shares))
    exact = replace(
        sum_exact(one for _, one in orders),
        **{
            item.value: sum((share_tax(schedule, item, of, on=on) for of in shares), NOTHING)
            for item in TAXES
        },
    )
    rounded = exact.rounded()
    return DayNote(
        broker=broker,
        on=on,
        trades=given,
        bought=total(one.value for one in given if one.qty > 0),
        sold=total(one.value for one in given if one.qty < 0),
        exact=exact,
        charges=replace(rounded, stt=whole_rupees(exact.stt), stamp=whole_rupees(exact.stamp)),
        by_account=by_the_day(schedule, given, broker=broker, on=on),
    )


def by_the_day(
    schedule: Schedule, trades: Sequence[NoteTrade], *, broker: Broker, on: date
) -> dict[str, Exact]:
    """Each account's part of a day's charges as the note has them, in unrounded rupees."""
    shares = shares_in(trades)
    orders = _by_order(schedule, trades, broker=broker, on=on, intraday=_both_ways(shares))
    taxes = {item: [tax_by_account(schedule, item, of, on=on) for of in shares] for item in TAXES}
    return {
        name: replace(
            exact,
            **{
                item.value: sum((of.get(name, NOTHING) for of in parts), NOTHING)
                for item, parts in taxes.items()
            },
        )
        for name, exact in _by_account(orders).items()
    }


def by_product(
    schedule: Schedule, trades: Sequence[NoteTrade], *, broker: Broker, on: date
) -> dict[str, Exact]:
    """The same by the products of the orders, as the books charge them while they fill."""
    return _by_account(_by_order(schedule, trades, broker=broker, on=on, intraday=()))


def shares_of(charges: Charges, note: DayNote) -> dict[str, Charges]:
    """A note's charges parted over the accounts that traded, item by item, to the paisa.

    Each item goes by what each account's orders add to it, and by turnover where they add none.
    """
    turnover: dict[str, int] = {}
    for one in note.trades:
        turnover[one.account_id] = turnover.get(one.account_id, 0) + one.value.paise
    found: dict[str, dict[str, Money]] = {name: {} for name in turnover}
    for item in ITEMS:
        by = {name: _weight(note.by_account[name], item) for name in turnover}
        whole: Money = getattr(charges, item)
        parts = parted(abs(whole).paise, by if any(by.values()) else turnover)
        for name, paise in parts.items():
            found[name][item] = Money(paise if whole.paise >= 0 else -paise)
    return {name: Charges(**items) for name, items in found.items()}


def _weight(exact: Exact, item: str) -> int:
    amount = getattr(exact, item) + (exact.ipft if item == "exchange" else 0)
    return int(amount * 1_000_000)


Orders = list[tuple[list[NoteTrade], Exact]]


def _by_order(
    schedule: Schedule,
    trades: Sequence[NoteTrade],
    *,
    broker: Broker,
    on: date,
    intraday: Collection[tuple[str, str]],
) -> Orders:
    """Trades of each order with its charges; those in an `intraday` share are intraday ones.

    A broker's own square-off is one order that may be shared out over accounts.
    """
    found: dict[tuple[str, str, str], list[NoteTrade]] = {}
    for one in trades:
        found.setdefault((one.exchange, one.order_id, one.isin), []).append(one)
    return [
        (
            of,
            charges_on(
                schedule,
                broker=broker,
                product=Product.MIS if (isin, exchange) in intraday else of[0].product,
                exchange=exchange,
                side=Side.BUY if of[0].qty > 0 else Side.SELL,
                turnover=total(one.value for one in of),
                on=on,
                security=schedule.security_of(isin, of[0].symbol),
            ),
        )
        for (exchange, _, isin), of in found.items()
    ]


def _by_account(orders: Orders) -> dict[str, Exact]:
    names = sorted({one.account_id for of, _ in orders for one in of})
    return {name: sum_exact(_part(exact, of, name) for of, exact in orders) for name in names}


def _part(exact: Exact, trades: Sequence[NoteTrade], account_id: str) -> Exact:
    """What one account bears of an order, by its turnover."""
    mine = total(one.value for one in trades if one.account_id == account_id).in_rupees
    share = mine / total(one.value for one in trades).in_rupees
    return Exact(**{one.name: getattr(exact, one.name) * share for one in fields(exact)})


def _both_ways(shares: Iterable[Sequence[NoteTrade]]) -> set[tuple[str, str]]:
    """ISIN and exchange of what was both bought and sold."""
    return {
        (of[0].isin, of[0].exchange)
        for of in shares
        if any(one.qty > 0 for one in of) and any(one.qty < 0 for one in of)
    }


def shares_in(trades: Iterable[NoteTrade]) -> list[list[NoteTrade]]:
    """Trades of each share at each exchange."""
    found: dict[tuple[str, str], list[NoteTrade]] = {}
    for one in trades:
        found.setdefault((one.isin, one.exchange), []).append(one)
    return list(found.values())


def agrees(ours: Money, theirs: Money) -> bool:
    """Whether two totals of one note are at most ₹1 apart."""
    return abs(ours - theirs) <= TOLERANCE
