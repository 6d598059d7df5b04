"""The one profit-and-loss function: every page, report and command reads its figures here.

`pnl` says what an account earned since it opened, at one moment. What a day, a month or any other
stretch brought is the difference of two such figures, so parts always add up to the whole.

The day's P&L is `pnl` now less `pnl` at the official close of the session before. That gives the
rule of brokers by itself: shares held overnight count against the previous close, shares bought
today against the price paid, shares sold today from the previous close to the sale, and a short
sale of today from its sale to the price now; less the charges booked since.

Sources: Kite Connect documentation, "Portfolio", fields `pnl` and `m2m` of positions and
`day_change` of holdings; Kite's own formula pnl = (sell value - buy value) + net quantity x last
price x multiplier.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.domain.ledger import REALISED, Position, Transaction
from core.domain.money import ZERO, Money, total
from core.errors import NoData
from core.treasury.post import CHARGES, DIVIDENDS

Items = tuple[tuple[str, Money], ...]


@dataclass(frozen=True, slots=True)
class Pnl:
    """What was earned, in parts that add and subtract.

    `realised` and `unrealised` are before charges; `charges` are what was paid by item, above
    zero, sorted by name, none at zero.
    """

    realised: Money = ZERO
    unrealised: Money = ZERO
    dividends: Money = ZERO
    charges: Items = ()

    @property
    def cost(self) -> Money:
        """All charges together."""
        return total(amount for _, amount in self.charges)

    @property
    def gross(self) -> Money:
        """Realised, unrealised and dividends, before charges."""
        return self.realised + self.unrealised + self.dividends

    @property
    def net(self) -> Money:
        """Gross less charges."""
        return self.gross - self.cost

    def __add__(self, other: Pnl) -> Pnl:
        return Pnl(
            self.realised + other.realised,
            self.unrealised + other.unrealised,
            self.dividends + other.dividends,
            _items([*self.charges, *other.charges]),
        )

    def __neg__(self) -> Pnl:
        paid = tuple((name, -amount) for name, amount in self.charges)
        return Pnl(-self.realised, -self.unrealised, -self.dividends, paid)

    def __sub__(self, other: Pnl) -> Pnl:
        return self + -other

    def __bool__(self) -> bool:
        return self != NOTHING


NOTHING = Pnl()


def pnl(
    balances: Mapping[str, Money],
    held: Iterable[Position],
    marks: Mapping[str, Money],
    *,
    beyond: Money = ZERO,
) -> Pnl:
    """What an account earned since it opened, at the moment its books and marks are of.

    Args:
        balances: what stands on each ledger account.
        held: open positions, short ones below zero.
        marks: price of each ISIN, in the terms in which the books count the shares; a position
            without one counts at its cost.
        beyond: worth above cost of what the books hold as no position, such as a demerged
            business.
    """
    gains = (unrealised_of(one, marks) for one in held if one.isin in marks)
    return Pnl(
        realised=-balances.get(REALISED, ZERO),
        unrealised=total(gains) + beyond,
        dividends=-balances.get(DIVIDENDS, ZERO),
        charges=_items(
            (name.removeprefix(CHARGES), amount)
            for name, amount in balances.items()
            if name.startswith(CHARGES)
        ),
    )


def sum_pnl(parts: Iterable[Pnl]) -> Pnl:
    """Several accounts, shares or days together."""
    whole = NOTHING
    for part in parts:
        whole = whole + part
    return whole


def unrealised_of(held: Position, marks: Mapping[str, Money]) -> Money:
    """What an open position would earn at its mark, before charges; NoData without a mark."""
    mark = marks.get(held.isin)
    if mark is None:
        raise NoData(f"{held.account_id} holds {held.qty} of {held.isin} and it has no mark")
    return mark * held.qty - held.cost


def charges_by_item(transactions: Iterable[Transaction]) -> dict[str, Money]:
    """Charges paid by item, sorted by name; an item never paid is left out."""
    return dict(
        _items(
            (posting.ledger.removeprefix(CHARGES), posting.amount)
            for entry in transactions
            for posting in entry.postings
            if posting.ledger.startswith(CHARGES)
        )
    )


def _items(paid: Iterable[tuple[str, Money]]) -> Items:
    items: dict[str, Money] = {}
    for name, amount in paid:
        items[name] = items.get(name, ZERO) + amount
    return tuple(sorted((name, amount) for name, amount in items.items() if amount))
