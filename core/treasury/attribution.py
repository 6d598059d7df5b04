"""Who earned what: one account's profit and loss by owner, a share, a trade or a strategy.

A trade belongs to the owner that its order names. What a share brings without an order, such as a
dividend or what a split changed, goes to the owners in proportion to the shares they hold then,
and a charge that comes after a sale to the one who sold last. Where nobody can be named the row
is UNATTRIBUTED. Books hold one average cost for a share, so two owners of it share that too.
The parts sum to `core.treasury.pnl.pnl` of the same books, to the paisa.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from core.domain.ledger import REALISED, Move, TransactionKind
from core.domain.money import ZERO, Money
from core.treasury.parts import parted
from core.treasury.pnl import Pnl
from core.treasury.post import CHARGES, DIVIDENDS

UNATTRIBUTED = "unattributed"
POSITION = "position:"
UNREALISED = "unrealised"  # beside the ledger accounts, what is open would earn at its mark
EARNED = (REALISED, DIVIDENDS, CHARGES)  # how ledger accounts of P&L begin
Sums = dict[str, dict[str, int]]  # paise by owner and ledger account
OwnerOf = Callable[[Move], str | None]
Line = tuple[str, int, int]
NOBODY: Mapping[str, int] = {UNATTRIBUTED: 1}


@dataclass(slots=True)
class Owned:
    """Shares of one instrument by owner, their cost together in paise, and who traded and sold
    last.
    """

    shares: dict[str, int] = field(default_factory=dict)
    cost: int = 0
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

    def trade(self, owner: str, qty: int, paise: int) -> None:
        """Shares come or go for an owner."""
        self.shares[owner] = self.shares.get(owner, 0) + qty
        self.cost += paise
        self.last = owner
        if qty < 0:
            self.seller = owner

    def recount(self, qty: int) -> None:
        """The same owners hold another number of shares, as a split leaves them."""
        parts = parted(abs(qty), self.weights())
        self.shares = {name: part if qty > 0 else -part for name, part in parts.items()}


class Walk:
    """One account's books walked from its first transaction on; asked on the way who earned what.

    `owner_of` says who a transaction belongs to, None where it names nobody; `share_of` the ISIN
    that a transaction without shares is about, empty where none is.
    """

    def __init__(self, owner_of: OwnerOf, share_of: Callable[[Move], str]) -> None:
        self._owner_of, self._share_of = owner_of, share_of
        self._books: dict[str, Owned] = {}
        self._earned: Sums = defaultdict(dict)

    @property
    def held(self) -> list[str]:
        """Shares that are open now."""
        return [isin for isin, owned in self._books.items() if owned.qty]

    def add(self, move: Move) -> None:
        """The next transaction, in the order of `in_order`."""
        lines = [line for line in move.lines if line[0].startswith(POSITION)]
        owner = self._owner_of(move)
        isin = lines[0][0].removeprefix(POSITION) if lines else self._share_of(move)
        owned = self._books.setdefault(isin, Owned()) if isin else None
        owners = {owner: 1} if owner is not None else _owners(move, owned)
        for ledger, paise, _ in move.lines:
            if ledger.startswith(EARNED):
                _give(self._earned, ledger, paise, owners)
        if move.kind is TransactionKind.ACTION and owner is None:
            _act(self._books, lines)
            return
        for ledger, paise, qty in lines:
            one = self._books.setdefault(ledger.removeprefix(POSITION), Owned())
            one.trade(owner or UNATTRIBUTED, qty, paise)

    def parts(self, marks: Mapping[str, Money], *, beyond: Money = ZERO) -> Sums:
        """What stands for each owner after what was added so far; `pnl_of` reads it.

        Args:
            marks: price of each ISIN; a position without one counts at its cost.
            beyond: what is worth above cost without being a position, see `pnl`.
        """
        found: Sums = defaultdict(dict)
        for name, earned in self._earned.items():
            found[name] = earned.copy()
        for isin in self.held:
            if isin in marks:
                owned = self._books[isin]
                gain = marks[isin].paise * owned.qty - owned.cost
                _give(found, UNREALISED, gain, owned.weights())
        _give(found, UNREALISED, beyond.paise, NOBODY)
        return found


def in_order(moves: Iterable[Move]) -> list[Move]:
    """By time; what an action did before trades of that moment, a charge after them."""
    rank = {TransactionKind.ACTION: 0, TransactionKind.CHARGES: 2}
    return sorted(moves, key=lambda move: (move.at, rank.get(move.kind, 1), move.id))


def _owners(move: Move, owned: Owned | None) -> Mapping[str, int]:
    if owned is None:
        return NOBODY
    if move.kind is TransactionKind.CHARGES:
        return {owned.seller: 1}
    return owned.weights()


def _act(books: dict[str, Owned], lines: list[Line]) -> None:
    """What a corporate action leaves: as many shares for each owner as it makes of theirs."""
    isins = list(dict.fromkeys(ledger.removeprefix(POSITION) for ledger, _, _ in lines))
    before = {isin: books.setdefault(isin, Owned()) for isin in isins}
    qty = {isin: owned.qty for isin, owned in before.items()}
    for ledger, paise, shares in lines:
        isin = ledger.removeprefix(POSITION)
        qty[isin] += shares
        before[isin].cost += paise
    source = before[isins[0]] if isins else Owned()
    for isin in isins[1:]:  # a new ISIN takes the owners of the old one over
        if not before[isin].qty:
            before[isin].shares = dict(source.shares)
            before[isin].last, before[isin].seller = source.last, source.seller
    for isin in isins:
        before[isin].recount(qty[isin])


def earned_by(move: Move) -> Pnl:
    """What one transaction realised, brought in dividends and cost in charges."""
    sums: dict[str, int] = {}
    for ledger, paise, _ in move.lines:
        sums[ledger] = sums.get(ledger, 0) + paise
    return pnl_of(sums)


def pnl_of(sums: Mapping[str, int]) -> Pnl:
    """One owner's sums as profit and loss; ledger accounts stand negative for what was earned."""
    charges = tuple(
        (name.removeprefix(CHARGES), Money(paise))
        for name, paise in sorted(sums.items())
        if name.startswith(CHARGES) and paise
    )
    return Pnl(
        realised=Money(-sums.get(REALISED, 0)),
        unrealised=Money(sums.get(UNREALISED, 0)),
        dividends=Money(-sums.get(DIVIDENDS, 0)),
        charges=charges,
    )


def _give(earned: Sums, what: str, paise: int, owners: Mapping[str, int]) -> None:
    """Add an amount to owners in proportion, exact to the paisa."""
    if len(owners) == 1:
        (name,) = owners
        sums = earned[name]
        sums[what] = sums.get(what, 0) + paise
        return
    sign = 1 if paise >= 0 else -1
    for name, part in parted(abs(paise), owners).items():
        earned[name][what] = earned[name].get(what, 0) + sign * part
