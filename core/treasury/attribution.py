"""Who earned what: one account's profit and loss by owner, a share, a trade or a strategy.

A trade belongs to the owner that its order names. What a share brings without an order, such as a
dividend or what a split changed, goes to the owners in proportion to the shares they hold then,
and a charge that comes after a sale to the one who sold last. Where nobody can be named the row
is UNATTRIBUTED. Books hold one average cost for a share, so two owners of it share that too.
The parts sum to `core.treasury.pnl.pnl` of the same books, to the paisa.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from core.domain.ledger import (
    REALISED,
    Posting,
    Transaction,
    TransactionKind,
)
from core.domain.money import ZERO, Money
from core.treasury.parts import parted
from core.treasury.pnl import NOTHING, Pnl
from core.treasury.post import CHARGES, DIVIDENDS

UNATTRIBUTED = "unattributed"
POSITION = "position:"
OwnerOf = Callable[[Transaction], str | None]


@dataclass(slots=True)
class Owned:
    """Shares of one instrument by owner, their cost together, and who traded and sold last."""

    shares: dict[str, int] = field(default_factory=dict)
    cost: Money = ZERO
    last: str = UNATTRIBUTED
    seller: str = UNATTRIBUTED

    @property
    def qty(self) -> int:
        """Shares of all owners."""
        return sum(self.shares.values())

    def weights(self) -> dict[str, int]:
        """Shares of each owner on the side the position is on; the last one's where none is."""
        qty = self.qty
        held = {name: abs(one) for name, one in sorted(self.shares.items()) if one * qty > 0}
        return held or {self.last: 1}

    def trade(self, owner: str, line: Posting) -> None:
        """Shares come or go for an owner."""
        self.shares[owner] = self.shares.get(owner, 0) + line.qty
        self.cost += line.amount
        self.last = owner
        if line.qty < 0:
            self.seller = owner

    def recount(self, qty: int) -> None:
        """The same owners hold another number of shares, as a split leaves them."""
        parts = parted(abs(qty), self.weights())
        self.shares = {name: part if qty > 0 else -part for name, part in parts.items()}


def attribute(
    moves: Iterable[Transaction],
    *,
    marks: Mapping[str, Money],
    owner_of: OwnerOf,
    share_of: Callable[[Transaction], str],
    beyond: Money = ZERO,
) -> dict[str, Pnl]:
    """Profit and loss of one account by owner, sorted by name.

    Args:
        moves: every transaction of the account so far, in any order.
        marks: price of each ISIN; a position without one counts at its cost.
        owner_of: who a transaction belongs to, None where it names nobody.
        share_of: the ISIN that a transaction without shares is about, empty where none is.
        beyond: what is worth above cost without being a position, see `pnl`.
    """
    books: dict[str, Owned] = {}
    found: dict[str, Pnl] = {}
    for move in sorted(moves, key=_in_order):
        lines = [line for line in move.postings if line.ledger.startswith(POSITION)]
        isins = list(dict.fromkeys(line.ledger.removeprefix(POSITION) for line in lines))
        owner = owner_of(move)
        isin = isins[0] if isins else share_of(move)
        owned = books.setdefault(isin, Owned()) if isin else None
        _give(found, earned_by(move), _owners(move, owner, owned))
        if move.kind is TransactionKind.ACTION and owner is None:
            _act(books, isins, lines)
        else:
            for line in lines:
                one = books.setdefault(line.ledger.removeprefix(POSITION), Owned())
                one.trade(owner or UNATTRIBUTED, line)
    for isin, owned in books.items():
        if owned.qty and isin in marks:
            gain = marks[isin] * owned.qty - owned.cost
            _give(found, Pnl(unrealised=gain), owned.weights())
    _give(found, Pnl(unrealised=beyond), {UNATTRIBUTED: 1})
    return dict(sorted((name, one) for name, one in found.items() if one))


def earned_by(move: Transaction) -> Pnl:
    """What one transaction realised, paid in dividends and cost in charges."""
    realised = dividends = ZERO
    paid: dict[str, Money] = {}
    for line in move.postings:
        if line.ledger == REALISED:
            realised -= line.amount
        elif line.ledger == DIVIDENDS:
            dividends -= line.amount
        elif line.ledger.startswith(CHARGES):
            name = line.ledger.removeprefix(CHARGES)
            paid[name] = paid.get(name, ZERO) + line.amount
    charges = tuple(sorted((name, amount) for name, amount in paid.items() if amount))
    return Pnl(realised, ZERO, dividends, charges)


def _owners(move: Transaction, owner: str | None, owned: Owned | None) -> dict[str, int]:
    if owner is not None:
        return {owner: 1}
    if owned is None:
        return {UNATTRIBUTED: 1}
    if move.kind is TransactionKind.CHARGES:
        return {owned.seller: 1}
    return owned.weights()


def _act(books: dict[str, Owned], isins: list[str], lines: list[Posting]) -> None:
    """What a corporate action leaves: as many shares for each owner as it makes of theirs."""
    before = {isin: books.setdefault(isin, Owned()) for isin in isins}
    qty = {isin: owned.qty for isin, owned in before.items()}
    for line in lines:
        isin = line.ledger.removeprefix(POSITION)
        qty[isin] += line.qty
        before[isin].cost += line.amount
    source = before[isins[0]] if isins else Owned()
    for isin in isins[1:]:  # a new ISIN takes the owners of the old one over
        if not before[isin].qty:
            before[isin].shares = dict(source.shares)
            before[isin].last, before[isin].seller = source.last, source.seller
    for isin in isins:
        before[isin].recount(qty[isin])


def _give(found: dict[str, Pnl], what: Pnl, owners: Mapping[str, int]) -> None:
    """Add a profit or loss to owners in proportion, each amount exact to the paisa."""
    if not what:
        return
    if len(owners) == 1:
        (name,) = owners
        found[name] = found.get(name, NOTHING) + what
        return
    realised, unrealised, dividends = (
        parted(amount.paise, owners) for amount in (what.realised, what.unrealised, what.dividends)
    )
    items = {item: parted(amount.paise, owners) for item, amount in what.charges}
    for name in owners:
        charges = tuple((item, Money(part[name])) for item, part in items.items() if part[name])
        part = Pnl(Money(realised[name]), Money(unrealised[name]), Money(dividends[name]), charges)
        found[name] = found.get(name, NOTHING) + part


def _in_order(move: Transaction) -> tuple[object, ...]:
    """By time; what an action did before trades of that moment, a charge after them."""
    rank = {TransactionKind.ACTION: 0, TransactionKind.CHARGES: 2}
    return (move.at, rank.get(move.kind, 1), move.id)
