"""A stretch's profit and loss by share, trade, strategy, event, sector, and model or plain rule.

The rows sum to the stretch's own figure to the paisa. What no card of the desk brought about,
such as a correction, an annual charge or a transfer of shares, is the row `unattributed`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Session

from core.desk.books import standing
from core.desk.closes import close_table
from core.desk.desk import Desk
from core.desk.pnl import Whose, check_stretch, last_session, told_by
from core.desk.pnl_at import above_cost, end_of, in_book_terms, session_before
from core.domain.clock import ist_day
from core.domain.ledger import Transaction, TransactionKind, positions
from core.domain.money import ZERO, Money
from core.domain.quote import Quote
from core.domain.succession import newest
from core.domain.words import day as on_day
from core.store import accounts, actions, instruments, ledger, quotes, successions
from core.store.trade_causes import Cause, causes
from core.treasury.attribution import UNATTRIBUTED, attribute
from core.treasury.pnl import NOTHING, Pnl

POSITION = "position:"


class By(StrEnum):
    """What a row stands for."""

    SYMBOL = "symbol"
    TRADE = "trade"
    STRATEGY = "strategy"
    EVENT = "event"
    SECTOR = "sector"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Row:
    """One owner's part; `key` is a symbol, a plan's id or the word of what it stands for."""

    key: str
    label: str
    earned: Pnl


@dataclass(frozen=True, slots=True)
class Known:
    """What names the owner of a transaction: orders with their causes, shares, actions."""

    causes: Mapping[str, Cause]
    links: Mapping[str, str]
    symbols: Mapping[str, str]
    sectors: Mapping[str, str]
    actions: Mapping[str, str]
    names: Mapping[str, str]

    def share_of(self, move: Transaction) -> str:
        """The ISIN that a transaction is about, empty where it is about none."""
        for line in move.postings:
            if line.ledger.startswith(POSITION):
                return line.ledger.removeprefix(POSITION)
        if move.reference in self.actions:
            return self.actions[move.reference]
        words = move.reference.split(":")
        return next((word for word in words if word in self.symbols or word in self.links), "")

    def order_of(self, move: Transaction) -> str:
        """The order that a trade fills; the reverse of a trade is of the same order."""
        wrong = move.reference.split(":")
        if move.kind is TransactionKind.CORRECTION and wrong[0] == "trade" and len(wrong) > 3:
            return ":".join(wrong[2:-1])  # an order that its broker sent has colons in its id
        return move.reference

    def symbol(self, isin: str) -> str:
        """A share by the name it trades under today."""
        last = newest(isin, self.links)
        return self.symbols.get(last, self.symbols.get(isin, isin))


def rows_by(desk: Desk, tx: Session, of: Whose, first: date, last: date, by: By) -> list[Row]:
    """What each owner earned from `first` to `last`, the best first, unattributed at the end."""
    check_stretch(desk, first, last)
    known = _known(tx, of.account_ids)
    prices = quotes.all_quotes(tx)
    before = session_before(desk.calendar, first)
    found: dict[str, Pnl] = {}
    for name in of.account_ids:
        moves = ledger.transactions(tx, name)
        ends = _end(desk, tx, name, moves, known, last, prices, by)
        starts = _until(desk, tx, name, moves, known, before, prices, by)
        for key in {*ends, *starts}:
            part = ends.get(key, NOTHING) - starts.get(key, NOTHING)
            found[key] = found.get(key, NOTHING) + part
    rows = [Row(key, _label(key, known, by), one) for key, one in found.items() if one]
    return sorted(rows, key=lambda row: (row.key == UNATTRIBUTED, -row.earned.net.paise, row.label))


def _end(
    desk: Desk,
    tx: Session,
    account_id: str,
    moves: Sequence[Transaction],
    known: Known,
    last: date,
    prices: Mapping[str, Quote],
    by: By,
) -> dict[str, Pnl]:
    if last < ist_day(desk.clock.now()):
        return _until(desk, tx, account_id, moves, known, last_session(desk, last), prices, by)
    now = standing(tx, account_id, prices)
    return _attributed(moves, now.marks, known, by, now.earned)


def _until(
    desk: Desk,
    tx: Session,
    account_id: str,
    moves: Sequence[Transaction],
    known: Known,
    day: date,
    prices: Mapping[str, Quote],
    by: By,
) -> dict[str, Pnl]:
    """Every owner's part at the end of a session, marked as `pnl_until` marks it."""
    end: datetime = end_of(day)
    past = [move for move in moves if move.at < end]
    lines = [line for move in past for line in move.postings]
    held = positions(account_id, lines)
    table = close_table(tx, held, day, day, told_by(desk, day, prices))
    marks = in_book_terms(tx, account_id, table.marks(held, day), day)
    balances: dict[str, Money] = {}
    for line in lines:
        balances[line.ledger] = balances.get(line.ledger, ZERO) + line.amount
    beyond = above_cost(tx, account_id, balances)
    return attribute(
        past, marks=marks, owner_of=_owner(known, by), share_of=known.share_of, beyond=beyond
    )


def _attributed(
    moves: Sequence[Transaction], marks: Mapping[str, Money], known: Known, by: By, whole: Pnl
) -> dict[str, Pnl]:
    """The same now; what is worth above cost without being a position is in the whole alone."""
    found = attribute(moves, marks=marks, owner_of=_owner(known, by), share_of=known.share_of)
    rest = whole.unrealised
    for one in found.values():
        rest -= one.unrealised
    extra = found.get(UNATTRIBUTED, NOTHING) + Pnl(unrealised=rest)
    return {**found, UNATTRIBUTED: extra} if rest else found


def _owner(known: Known, by: By) -> Callable[[Transaction], str | None]:
    def of_share(move: Transaction) -> str | None:
        isin = known.share_of(move)
        if move.kind is TransactionKind.ACTION or not isin:
            return None
        symbol = known.symbol(isin)
        return symbol if by is By.SYMBOL else known.sectors.get(symbol, UNATTRIBUTED)

    def of_cause(move: Transaction) -> str | None:
        cause = known.causes.get(known.order_of(move))
        if cause is not None:
            return _key(cause, by)
        has_shares = any(line.ledger.startswith(POSITION) for line in move.postings)
        return UNATTRIBUTED if has_shares and move.kind is not TransactionKind.ACTION else None

    return of_share if by in (By.SYMBOL, By.SECTOR) else of_cause


def _key(cause: Cause, by: By) -> str:
    if by is By.TRADE:
        return cause.plan_id
    if by is By.STRATEGY:
        return cause.strategy
    if by is By.EVENT:
        return cause.event_type or "no event"
    return "model" if cause.by_model else "plain rule"


def _label(key: str, known: Known, by: By) -> str:
    if by is not By.TRADE:
        return key
    trade = next((one for one in known.causes.values() if one.plan_id == key), None)
    if trade is None:
        return key
    return f"{trade.symbol}, {known.names[trade.account_id]}, {on_day(trade.opened_at)}"


def _known(tx: Session, account_ids: Sequence[str]) -> Known:
    listed = instruments.all_instruments(tx)
    symbols = {item.isin: item.symbol for item in listed}
    return Known(
        causes=causes(tx, account_ids),
        links=successions.links(tx),
        symbols=symbols,
        sectors={item.symbol: item.sector for item in listed},
        actions={one.id: one.isin for one in actions.all_actions(tx)},
        names={one.id: one.name for one in accounts.accounts(tx)},
    )
