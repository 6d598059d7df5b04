"""A stretch's profit and loss by share, trade, strategy, event, sector, and model or plain rule.

The rows sum to the stretch's own figure to the paisa. What no card of the desk brought about,
such as a correction, an annual charge or a transfer of shares, is the row `unattributed`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Session

from core.desk.books import standing
from core.desk.closes import CloseTable, close_table
from core.desk.desk import Desk
from core.desk.moves import MOVES, traded
from core.desk.pnl import Whose, check_stretch, last_session, told_by
from core.desk.pnl_at import above_cost, end_of, in_book_terms, session_before
from core.domain.clock import ist_day
from core.domain.ledger import SPUN_OFF, Move, TransactionKind
from core.domain.money import ZERO, Money, total
from core.domain.quote import Quote
from core.domain.succession import newest
from core.domain.words import day as on_day
from core.store import accounts, actions, instruments, ledger, quotes, successions
from core.store.trade_causes import Cause, causes
from core.treasury.attribution import UNATTRIBUTED, Sums, Walk, in_order, pnl_of
from core.treasury.pnl import Pnl

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
    trades: Mapping[str, str]

    def share_of(self, move: Move) -> str:
        """The ISIN that a transaction is about, empty where it is about none."""
        for name, _, _ in move.lines:
            if name.startswith(POSITION):
                return name.removeprefix(POSITION)
        if move.reference in self.actions:
            return self.actions[move.reference]
        words = move.reference.split(":")
        return next((word for word in words if word in self.symbols or word in self.links), "")

    def order_of(self, move: Move) -> str:
        """The order that a trade fills; the reverse of a trade is of the same order."""
        wrong = move.reference.split(":")
        if move.kind is TransactionKind.CORRECTION and wrong[0] == "trade" and len(wrong) > 3:
            return ":".join(wrong[2:-1])  # an order that its broker sent has colons in its id
        return move.reference

    def symbol(self, isin: str) -> str:
        """A share by the name it trades under today."""
        last = newest(isin, self.links)
        return self.symbols.get(last, self.symbols.get(isin, isin))


@dataclass(frozen=True, slots=True)
class Moment:
    """Up to when books are walked, the end of a session or now, and closes and prices then."""

    day: date
    before: datetime | None
    closes: CloseTable | None
    prices: Mapping[str, Quote]


def rows_by(desk: Desk, tx: Session, of: Whose, first: date, last: date, by: By) -> list[Row]:
    """What each owner earned from `first` to `last`, the best first, unattributed at the end."""
    check_stretch(desk, first, last)
    known, prices = _known(tx, of.account_ids, by), quotes.all_quotes(tx)
    books = MOVES.of(tx, of.account_ids)
    shares = traded(books.values())
    start = _end_of(desk, tx, shares, session_before(desk.calendar, first), prices)
    if last >= ist_day(desk.clock.now()):
        ledger.read_ahead(tx, of.account_ids)
        end = Moment(last, None, None, prices)
    else:
        end = _end_of(desk, tx, shares, last_session(desk, last), prices)
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for name, moves in books.items():
        starts, ends = _earned(tx, name, moves, known, by, (start, end))
        for key, sums in ends.items():
            found[key].update(sums)
            found[key].subtract(starts.get(key, {}))
    earned = {key: pnl_of(sums) for key, sums in found.items()}
    rows = [Row(key, known.trades.get(key, key), one) for key, one in earned.items() if one]
    return sorted(rows, key=lambda row: (row.key == UNATTRIBUTED, -row.earned.net.paise, row.label))


def _end_of(
    desk: Desk, tx: Session, shares: Iterable[str], day: date, prices: Mapping[str, Quote]
) -> Moment:
    """The end of a session, marked as `pnl_until` marks it."""
    table = close_table(tx, shares, day, day, told_by(desk, day, prices))
    return Moment(day, end_of(day), table, prices)


def _earned(
    tx: Session, account_id: str, moves: Sequence[Move], known: Known, by: By,
    moments: Sequence[Moment],
) -> list[Sums]:  # fmt: skip
    """Every owner's part at each of these moments, the earlier first; the books walked once."""
    walk, found, at = Walk(_owner(known, by), known.share_of), [], 0
    ordered = in_order(moves)
    for moment in moments:
        while at < len(ordered) and (moment.before is None or ordered[at].at < moment.before):
            walk.add(ordered[at])
            at += 1
        found.append(_parts(tx, account_id, walk, ordered[:at], moment))
    return found


def _parts(tx: Session, account_id: str, walk: Walk, past: Sequence[Move], moment: Moment) -> Sums:
    if moment.closes is None:
        now = standing(tx, account_id, moment.prices)
        held = total(now.gain(one) for one in now.positions)
        return walk.parts(now.marks, beyond=now.earned.unrealised - held)
    marks = moment.closes.marks(walk.held, moment.day)
    spun: dict[str, Money] = {}
    for move in past:
        for name, paise, _ in move.lines:
            if name.startswith(SPUN_OFF):
                spun[name] = spun.get(name, ZERO) + Money(paise)
    marks = in_book_terms(tx, account_id, marks, moment.day)
    return walk.parts(marks, beyond=above_cost(tx, account_id, spun))


def _owner(known: Known, by: By) -> Callable[[Move], str | None]:
    def of_share(move: Move) -> str | None:
        isin = known.share_of(move)
        if move.kind is TransactionKind.ACTION or not isin:
            return None
        symbol = known.symbol(isin)
        return symbol if by is By.SYMBOL else known.sectors.get(symbol, UNATTRIBUTED)

    def of_cause(move: Move) -> str | None:
        cause = known.causes.get(known.order_of(move))
        if cause is not None:
            return _key(cause, by)
        has_shares = any(name.startswith(POSITION) for name, _, _ in move.lines)
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


def _known(tx: Session, account_ids: Sequence[str], by: By) -> Known:
    listed = instruments.all_instruments(tx)
    names = {one.id: one.name for one in accounts.accounts(tx)}
    found = {} if by in (By.SYMBOL, By.SECTOR) else causes(tx, account_ids)
    return Known(
        causes=found,
        links=successions.links(tx),
        symbols={item.isin: item.symbol for item in listed},
        sectors={item.symbol: item.sector for item in listed},
        actions={one.id: one.isin for one in actions.all_actions(tx)},
        trades={
            one.plan_id: f"{one.symbol}, {names[one.account_id]}, {on_day(one.opened_at)}"
            for one in found.values()
        },
    )
