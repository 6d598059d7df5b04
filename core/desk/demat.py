"""Tax lots of a demat account as the books have them, and bucket lots of one account beside them.

A trade counts on the day it was made, at the price that stands after corrections and with the
charges that were booked; what was done past the desk comes from the login's EXTERNAL bucket. A
share whose trades do not add up is left out with a sentence, and the others stand.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from sqlmodel import Session

from core.desk.allotted import ALLOTTED
from core.desk.annulled import ANNULLED
from core.desk.closed_out import short_since
from core.desk.noted_costs import with_notes
from core.domain.action import ActionKind, CorporateAction
from core.domain.clock import ist_day
from core.domain.ledger import (
    REALISED,
    SPUN_OFF,
    Transaction,
    TransactionKind,
    external_account,
)
from core.domain.money import ZERO, Money, total
from core.errors import BadInput, NotFound
from core.store import accounts, actions, bars, instruments, ledger
from core.treasury.fifo import LotBook, families, fifo
from core.treasury.lots import (
    BOUGHT_IN,
    STEP_UP_DAY,
    Change,
    ChangeKind,
    Event,
    Lot,
    Sold,
    Trade,
    Valued,
)
from core.treasury.post import CHARGES

POSITION = "position:"
REBOOKED = "@"  # stands before the price in the id of a trade that was booked anew
KINDS = {
    ActionKind.SPLIT: ChangeKind.SPLIT,
    ActionKind.CONSOLIDATION: ChangeKind.SPLIT,
    ActionKind.BONUS: ChangeKind.BONUS,
    ActionKind.DEMERGER: ChangeKind.DEMERGER,
}


@dataclass(frozen=True, slots=True)
class Lots:
    """Open and sold lots, and a sentence for each share that is not counted, or not in full."""

    lots: tuple[Lot, ...]
    sold: tuple[Sold, ...]
    left_out: tuple[str, ...]


def demat_lots(tx: Session, login_id: str) -> Lots:
    """Lots of everything that traded on a login, EXTERNAL bucket included."""
    mine = [one.id for one in accounts.accounts(tx) if one.login_id == login_id]
    return _lots(tx, [*mine, external_account(login_id)], allotted=True)


def bucket_lots(tx: Session, account_id: str) -> Lots:
    """Lots of one logical account alone, which are not what the tax law counts."""
    return _lots(tx, [account_id])


def _lots(tx: Session, account_ids: Sequence[str], *, allotted: bool = False) -> Lots:
    """Lots of some accounts together; `allotted` shares of a demerger carry their parent's lots.

    In a bucket they are a purchase of the owner at what they cost.
    """
    made = {one.id: one for name in account_ids for one in ledger.transactions(tx, name)}
    brought = _allotted(made) if allotted else {}
    changes = _changes(tx, made.values(), brought)
    isins = {_isin(one) for one in made.values() if one.kind is TransactionKind.TRADE}
    symbols = {isin: one.symbol for isin, one in instruments.of(tx, isins).items()}
    outside = _elsewhere(made, {one.id for one in brought.values()})
    trades = [*with_notes(_booked(tx, made, symbols), made), *outside]
    events: list[Event] = [*changes, *(_under_its_new_isin(one, changes) for one in trades)]
    valued, missing = _valued(tx, trades)
    found = count([*events, *valued])
    return replace(found, left_out=(*found.left_out, *missing))


def count(events: Iterable[Event]) -> Lots:
    """First in, first out for each share; one that does not add up is named instead."""
    books: list[LotBook] = []
    wrong = []
    for family in families(events):
        try:
            books.append(fifo(family))
        except BadInput as why:
            wrong.append(f"{why}; the share is left out")
    return Lots(
        lots=tuple(lot for book in books for lot in book.lots),
        sold=tuple(one for book in books for one in book.sold),
        left_out=tuple(wrong),
    )


def _booked(
    tx: Session, made: Mapping[str, Transaction], symbols: Mapping[str, str]
) -> list[tuple[str, Trade]]:
    """Each trade as it stands with its account, on the day of its first booking.

    What the exchange bought in for a short sale counts on the sale's day. What the broker took for
    an order beside its trades, such as its fee for squaring off, stands with the first of them.
    """
    found = []
    fees = _fees(made)
    for one in made.values():
        if one.kind is TransactionKind.TRADE and REBOOKED not in one.id:
            stands = standing(one.id, made)
            if stands is not None:
                trade = _trade(stands, symbols, on=ist_day(one.at))
                fee = fees.pop((one.account_id, one.reference), ZERO)
                trade = replace(trade, expenses=trade.expenses + fee)
                sold_on = short_since(tx, one.reference)
                if sold_on is not None:
                    trade = replace(trade, on=sold_on, how=BOUGHT_IN)
                found.append((one.account_id, trade))
    return found


def _fees(made: Mapping[str, Transaction]) -> dict[tuple[str, str], Money]:
    """Charges posted for an order as a whole, by account and order."""
    found: dict[tuple[str, str], Money] = {}
    for one in made.values():
        if one.kind is TransactionKind.CHARGES and f"correction:{one.id}" not in made:
            key = (one.account_id, one.reference)
            found[key] = found.get(key, ZERO) + total(
                line.amount for line in one.postings if line.ledger.startswith(CHARGES)
            )
    return found


def standing(name: str, made: Mapping[str, Transaction]) -> Transaction | None:
    """The booking of a trade that no later one reversed; None where it was annulled or never made.

    Args:
        name: the id of its first booking.
        made: transactions of its account by id.
    """
    stands = made.get(name)
    while stands is not None and (reversal := made.get(f"correction:{stands.id}")) is not None:
        if ANNULLED in reversal.words:
            return None
        stands = made.get(f"{stands.id}@{reversal.words.rpartition('@')[2]}")
    return stands


def _trade(stands: Transaction, symbols: Mapping[str, str], *, on: date) -> Trade:
    paid = {line.ledger: line.amount for line in stands.postings if line.ledger.startswith(CHARGES)}
    stt = paid.pop(CHARGES + "stt", ZERO)
    isin = _isin(stands)
    return Trade(
        isin=isin,
        symbol=symbols.get(isin, isin),
        on=on,
        qty=sum(line.qty for line in stands.postings),
        value=_value(stands),
        expenses=total(paid.values()),
        stt=stt,
        name=stands.id,
    )


def _allotted(made: Mapping[str, Transaction]) -> dict[str, Transaction]:
    """Entries that book the shares of a demerger, by its action."""
    return {
        one.reference.removeprefix(ALLOTTED): one
        for one in made.values()
        if one.kind is TransactionKind.EXTERNAL and one.reference.startswith(ALLOTTED)
    }


def _elsewhere(made: Mapping[str, Transaction], but: Collection[str]) -> list[Trade]:
    """What was traded past the desk, `but` some entries."""
    found = []
    for one in made.values():
        if one.kind is not TransactionKind.EXTERNAL or f"correction:{one.id}" in made:
            continue
        if one.id in but:
            continue
        found.append(
            Trade(
                isin=_isin(one),
                symbol=one.words.partition(":")[0],
                on=ist_day(one.at),
                qty=sum(line.qty for line in one.postings),
                value=_value(one),
                name=one.id,
            )
        )
    return [one for one in found if one.qty]


def _isin(made: Transaction) -> str:
    line = next(line for line in made.postings if line.ledger.startswith(POSITION))
    return line.ledger.removeprefix(POSITION)


def _value(made: Transaction) -> Money:
    """Price times shares, from what went to the position and to profit."""
    moved = (
        line.amount
        for line in made.postings
        if line.ledger.startswith(POSITION) or line.ledger == REALISED
    )
    return abs(total(moved))


def _changes(
    tx: Session, made: Iterable[Transaction], brought: Mapping[str, Transaction]
) -> list[Change]:
    """What corporate actions did to all accounts together, as the books have it.

    `brought` are the entries that book a demerger's shares, by action.
    """
    by_action: dict[str, list[Transaction]] = {}
    for one in made:
        if one.kind is TransactionKind.ACTION and one.id.startswith("action:"):
            by_action.setdefault(one.reference, []).append(one)
    found = []
    for name, entries in by_action.items():
        change = _change(actions.by_id(tx, name), entries, brought.get(name))
        if change is not None:
            found.append(change)
    return sorted(found, key=lambda one: one.on)


def _change(
    action: CorporateAction, entries: Sequence[Transaction], brought: Transaction | None
) -> Change | None:
    kind = KINDS.get(action.kind)
    if kind is None:
        return None
    before = entries[0].postings[0].ledger.removeprefix(POSITION)
    after, new, leaves = before, 0, ZERO
    for one in entries:
        new += one.postings[1].qty
        if one.postings[1].qty:
            after = one.postings[1].ledger.removeprefix(POSITION)
        leaves += total(line.amount for line in one.postings if line.ledger.startswith(SPUN_OFF))
    old = -sum(one.postings[0].qty for one in entries)
    cost = Money(-sum(one.postings[0].amount.paise for one in entries))
    if kind is ChangeKind.BONUS:
        new -= old
    if kind is ChangeKind.DEMERGER:
        came = old * action.new // action.old if action.has_ratio else old
        part = Fraction(leaves.paise, cost.paise) if cost else Fraction(0)
        gone, symbol = SPUN_OFF + before, f"out of {action.symbol}"
        if brought is not None:
            gone, symbol = _isin(brought), brought.words.partition(":")[0]
            came = brought.postings[0].qty
        return Change(kind, before, gone, symbol, action.ex_date, came, leaves=part)
    return Change(kind, before, after, action.symbol, action.ex_date, new)


def _under_its_new_isin(trade: Trade, changes: Sequence[Change]) -> Trade:
    """A trade from an ex-date on that the books still had under the old ISIN."""
    for change in changes:
        if change.kind is ChangeKind.SPLIT and change.isin == trade.isin and trade.on >= change.on:
            trade = replace(trade, isin=change.successor)
    return trade


def _valued(tx: Session, trades: Sequence[Trade]) -> tuple[list[Valued], list[str]]:
    """The highest price of 31 January 2018 of what was bought by then; sentences where none is.

    A bar is in the share's terms of that day, and so are the lots then.
    """
    old = {one.isin: one.symbol for one in trades if one.qty > 0 and one.on <= STEP_UP_DAY}
    found, missing = [], []
    for isin, symbol in sorted(old.items()):
        high = _high_of(tx, isin)
        if high is None:
            missing.append(
                f"{symbol}: no price of 31 Jan 2018 is stored, so its true cost counts; import "
                "that day's bars"
            )
        else:
            found.append(Valued(isin, high))
    return found, missing


def _high_of(tx: Session, isin: str) -> Money | None:
    try:
        panel = bars.read_raw(tx, [isin], start=STEP_UP_DAY, end=STEP_UP_DAY)
    except NotFound:
        return None
    highs = [float(one) for one in panel.high.ravel() if one == one]
    return Money(round(highs[0] * 100)) if highs else None
