"""The one profit-and-loss function: every page, report and command reads its figures here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from core.domain.clock import ist_day
from core.domain.ledger import REALISED, Position, Posting, Transaction, balance, positions
from core.domain.money import ZERO, Money, total
from core.errors import NoData
from core.treasury.post import CHARGES, DIVIDENDS


@dataclass(frozen=True, slots=True)
class Pnl:
    """What an account has earned since it opened, and today.

    `realised` and `unrealised` are before charges; `charges` is what was paid, positive. `day`
    is how far `net` moved since the end of the session before.
    """

    realised: Money
    unrealised: Money
    dividends: Money
    charges: Money
    day: Money
    value: Money

    @property
    def net(self) -> Money:
        """Realised, unrealised and dividends, less charges."""
        return self.realised + self.unrealised + self.dividends - self.charges


def pnl(
    transactions: Sequence[Transaction],
    *,
    marks: Mapping[str, Money],
    marks_before: Mapping[str, Money],
    today: date,
) -> Pnl:
    """Profit and loss of one account from its transactions and marks.

    Args:
        transactions: every transaction of the account, in any order.
        marks: price now of each ISIN held now.
        marks_before: official close of the session before `today` of each ISIN held then.
        today: the day in India that `day` is about.

    Raises:
        NoData: a held ISIN has no mark.
    """
    now = _postings(transactions)
    before = _postings(entry for entry in transactions if ist_day(entry.at) < today)
    realised, dividends, charges = _booked(now)
    open_now = _open(now)
    unrealised = total(unrealised_of(held, marks) for held in open_now)
    net = realised + unrealised + dividends - charges
    return Pnl(
        realised=realised,
        unrealised=unrealised,
        dividends=dividends,
        charges=charges,
        day=net - _net(before, marks_before),
        value=total(held.cost for held in open_now) + unrealised,
    )


def unrealised_of(held: Position, marks: Mapping[str, Money]) -> Money:
    """What an open position would earn at its mark, before charges; NoData without a mark."""
    mark = marks.get(held.isin)
    if mark is None:
        raise NoData(f"{held.account_id} holds {held.qty} of {held.isin} and it has no mark")
    return mark * held.qty - held.cost


def charges_by_item(transactions: Iterable[Transaction]) -> dict[str, Money]:
    """Charges paid by item, sorted by name; an item never paid is left out."""
    items: dict[str, Money] = {}
    for posting in _postings(transactions):
        if posting.ledger.startswith(CHARGES):
            name = posting.ledger.removeprefix(CHARGES)
            items[name] = items.get(name, ZERO) + posting.amount
    return dict(sorted(items.items()))


def _net(postings: Sequence[Posting], marks: Mapping[str, Money]) -> Money:
    realised, dividends, charges = _booked(postings)
    unrealised = total(unrealised_of(held, marks) for held in _open(postings))
    return realised + unrealised + dividends - charges


def _booked(postings: Sequence[Posting]) -> tuple[Money, Money, Money]:
    charges = total(p.amount for p in postings if p.ledger.startswith(CHARGES))
    return -balance(postings, REALISED), -balance(postings, DIVIDENDS), charges


def _open(postings: Sequence[Posting]) -> tuple[Position, ...]:
    return tuple(positions("the account", postings).values())


def _postings(transactions: Iterable[Transaction]) -> tuple[Posting, ...]:
    return tuple(posting for entry in transactions for posting in entry.postings)
