"""Books of 200,000 postings: a balance, all balances, a day's and a year's P&L of 50 accounts.

No balance is stored: each is summed over an index that holds all it reads, so that none can drift
from its postings. Beside it the same sum is asked of plain sqlite3 on the same file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
from sqlalchemy import insert
from sqlmodel import Session

from core.backtest.bench_cards import PRICE, Stand, open_account, stand
from core.backtest.bench_orders import settings_in
from core.backtest.bench_rows import Row, median, row, spread, timed
from core.desk.moves import MOVES, Kept
from core.desk.pnl import account_pnls, days_of, whose
from core.desk.pnl_at import BOOKS
from core.desk.pnl_by import By, rows_by
from core.domain.charges import Charges
from core.domain.clock import ist_day
from core.domain.ledger import CASH, Position, Transaction
from core.domain.money import Money
from core.domain.order import Fill, Product
from core.store import ledger, quotes
from core.store.tables_books import postings, transactions
from core.treasury import post

POSTINGS, ACCOUNTS, SHARES = 200_000, 50, 174
LARGEST = "bench0"  # it has half of all postings
TIMES = 9
DAYS = 700  # over which the trades are spread, the last ones today
COSTS = Charges(brokerage=Money(2000), stt=Money(500), exchange=Money(15), stamp=Money(75))
PEER = "SELECT SUM(amount) FROM postings WHERE account_id = ? AND ledger = ?"


@dataclass(slots=True)
class Shelf:
    """What an account holds while its trades are made."""

    held: dict[tuple[str, str], Position]

    def trade(self, account_id: str, isin: str, *, qty: int, price: Money, at: datetime,
              number: int) -> Transaction:  # fmt: skip
        """A purchase, or a sale of what is there."""
        key = (account_id, isin)
        before = self.held.get(key, Position(account_id, isin, 0, Money(0)))
        fill = Fill(f"o{number}", f"t{number}", "NSE", account_id, isin, isin,
                    qty if qty > 0 else max(qty, -before.qty) or 5, price, Product.CNC,
                    at)  # fmt: skip
        made = post.trade(fill, before, COSTS)
        lines = [line for line in made.postings if line.ledger.startswith("position:")]
        cost = Money(before.cost.paise + sum(line.amount.paise for line in lines))
        self.held[key] = Position(account_id, isin, before.qty + fill.qty, cost)
        return made


def books(folder: Path) -> list[Row]:
    """Medians over a store that pages would read, each in a reading transaction of its own."""
    with stand(settings_in(folder), shares=SHARES) as made:
        for number in range(ACCOUNTS):
            open_account(made.desk, f"bench{number}", at=made.clock.now() - timedelta(days=DAYS))
        lines = _fill(made)
        made.tick()
        return [
            *_balances(made, lines),
            *_folds(made, lines),
            *_day(made),
            *_year(made),
        ]


def _balances(made: Stand, lines: int) -> list[Row]:
    names = [f"bench{number}" for number in range(ACCOUNTS)]
    each = [_read(made, partial(_cash, name)) for name in names]
    whole = _median(made, lambda tx: ledger.balances(tx, LARGEST))
    path = made.desk.settings.home / "munim.db"
    with sqlite3.connect(path) as plain:
        peer = median(lambda: plain.execute(PEER, (LARGEST, CASH)).fetchone(), times=TIMES)
    note = f"{lines} postings of {ACCOUNTS} accounts, no balance stored"
    return [
        *spread("books balance of an account", each, note=note),
        row("books balances of the largest account", whole * 1e3, "ms", n=TIMES,
            note=f"every ledger account of one with half of all postings; plain sqlite3 sums one "
            f"of them in {peer * 1e3:.2f} ms"),
    ]  # fmt: skip


def _folds(made: Stand, lines: int) -> list[Row]:
    midnight = made.clock.now() - timedelta(hours=10)
    now = _median(made, lambda tx: ledger.folds(tx))
    before = _median(made, lambda tx: ledger.folds(tx, before=midnight))
    return [
        row("books all balances", now * 1e3, "ms", n=TIMES, note=f"{lines} postings folded"),
        row("books all balances before today", before * 1e3, "ms", n=TIMES,
            note="what came since is taken off"),
    ]  # fmt: skip


def _day(made: Stand) -> list[Row]:
    with made.desk.store.read() as tx:
        prices = quotes.all_quotes(tx)

    def cold() -> None:
        BOOKS.held = (None, {})
        warm()

    def warm() -> None:
        with made.desk.store.read() as tx:
            account_pnls(made.desk, tx, prices)

    note = f"{ACCOUNTS} accounts, {SHARES} shares"
    return [
        row("books day's P&L, first look", median(cold, times=TIMES) * 1e3, "ms", n=TIMES,
            note=note),
        row("books day's P&L, next look", median(warm, times=TIMES) * 1e3, "ms", n=TIMES,
            note=f"{note}; nothing was posted since"),
    ]  # fmt: skip


def _year(made: Stand) -> list[Row]:
    """What the P&L page asks of all accounts for a year: each session, and who earned it."""
    last = ist_day(made.clock.now())
    first = last - timedelta(days=365)

    def days(tx: Session) -> object:
        return days_of(made.desk, tx, whose(tx), first, last)

    def owners(tx: Session, by: By = By.SYMBOL) -> object:
        return rows_by(made.desk, tx, whose(tx), first, last, by)

    MOVES.kept = Kept()
    cold = _read(made, days)
    note = f"all {ACCOUNTS} accounts over a year"
    return [
        row("books sessions of a year, first look", cold * 1e3, "ms", n=1,
            note=f"{note}; everything posted is read"),
        row("books sessions of a year, next look", _median(made, days) * 1e3, "ms", n=TIMES,
            note=note),
        row("books who earned it, by share", _median(made, owners) * 1e3, "ms", n=TIMES,
            note=note),
        row("books who earned it, by strategy",
            _median(made, partial(owners, by=By.STRATEGY)) * 1e3, "ms", n=TIMES, note=note),
    ]  # fmt: skip


def _fill(made: Stand) -> int:
    """Post the trades as the driver takes them, for a bench need not wait for 40,000 commits."""
    entries, lines = [], []
    for one in _trades(made):
        key = {"transaction_id": one.id, "account_id": one.account_id}
        entries.append({"id": one.id, "account_id": one.account_id, "kind": one.kind.value,
                        "at": one.at, "reference": one.reference, "words": one.words})  # fmt: skip
        for line in one.postings:
            isin = line.ledger.removeprefix("position:") if line.qty else None
            lines.append({**key, "ledger": line.ledger, "isin": isin,
                          "amount": line.amount.paise, "qty": line.qty})  # fmt: skip
    with made.desk.store.write() as tx:
        tx.execute(insert(transactions), entries)
        tx.execute(insert(postings), lines)
    return len(lines)


def _trades(made: Stand) -> Iterator[Transaction]:
    draws, shelf = np.random.default_rng(42), Shelf({})
    begun, count, number = made.clock.now() - timedelta(days=DAYS), 0, 0
    while count < POSTINGS:
        account = LARGEST if number % 2 else f"bench{int(draws.integers(1, ACCOUNTS))}"
        share = made.shares[int(draws.integers(SHARES))]
        qty = 10 if draws.random() < 0.6 else -5
        price = Money(PRICE.paise + int(draws.integers(-2_000, 2_000)))
        at = begun + timedelta(days=DAYS * min(1.0, count / POSTINGS)) - timedelta(minutes=10)
        one = shelf.trade(account, share.isin, qty=qty, price=price, at=at, number=number)
        yield one
        count, number = count + len(one.postings), number + 1


def _cash(account_id: str, tx: Session) -> Money:
    return ledger.balance(tx, account_id, CASH)


def _read(made: Stand, ask: Callable[[Session], object]) -> float:
    with made.desk.store.read() as tx:
        return timed(lambda: ask(tx))


def _median(made: Stand, ask: Callable[[Session], object]) -> float:
    return float(np.median([_read(made, ask) for _ in range(TIMES)]))


BENCHES: dict[str, Callable[[Path], list[Row]]] = {"books": books}
