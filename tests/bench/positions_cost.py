"""What the Positions page asks for each second: `python -m tests.bench.positions_cost`.

Two hundred positions with ten years of actions behind them; first nothing waits, then one split.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from core.desk.books import standing
from core.desk.dividends import accrue
from core.desk.share_terms import unbooked
from core.domain.account import Market
from core.domain.action import ActionKind, CorporateAction, known_by_ex_date
from core.domain.ledger import CASH, Posting, Transaction, TransactionKind, position_ledger
from core.domain.money import Money
from core.store import actions, instruments, ledger, quotes
from core.store.engine import open_store
from core.views.ex_dates import ex_dates_signature
from core.views.positions import positions_signature
from tests.desk.morning import ACCOUNT, Morning, morning_on
from tests.made import MIDCO, T0, quote

HELD, ACTIONS, TIMES = 200, 30, 30
EX = date(2026, 11, 25)


def main() -> None:
    """Print milliseconds a call, median of thirty."""
    with TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/munim.db", Market.SIM, seed=42)
        try:
            morning = morning_on(store, Path(folder))
            _fill(morning)
            morning.clock.move_to(datetime(2026, 11, 25, 5, 0, tzinfo=UTC))
            _print(morning, "nothing waits")
            with store.write() as tx:
                actions.put(tx, _action(0, EX, ActionKind.SPLIT))
            _print(morning, "one split waits")
        finally:
            store.close()


def _print(morning: Morning, words: str) -> None:
    desk = morning.desk

    def marked() -> None:
        with desk.store.read() as tx:
            standing(tx, ACCOUNT.id, quotes.all_quotes(tx))

    def waiting() -> None:
        with desk.store.read() as tx:
            unbooked(tx, None, until=EX)

    print(f"{HELD} positions, {HELD * ACTIONS} actions, {words}:")
    named: list[tuple[str, Callable[[], object]]] = [
        ("what waits", waiting),
        ("ex_dates_signature", lambda: ex_dates_signature(desk)),
        ("positions_signature", lambda: positions_signature(desk)),
        ("accrue", lambda: accrue(desk)),
        ("standing of the account", marked),
    ]
    for name, ask in named:
        ask()
        taken = sorted(_seconds(ask) for _ in range(TIMES))
        print(f"  {name:<24} {taken[TIMES // 2] * 1000:7.2f} ms, slowest {taken[-1] * 1000:.2f}")


def _seconds(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return time.perf_counter() - began


def _isin(number: int) -> str:
    return f"INE{number:03d}B01018"


def _fill(morning: Morning) -> None:
    with morning.desk.store.write() as tx:
        shares = [replace(MIDCO, isin=_isin(n), symbol=f"S{n:03d}") for n in range(HELD)]
        instruments.put(tx, shares)
        quotes.put(tx, [replace(quote("500"), isin=one.isin) for one in shares])
        for n in range(HELD):
            ledger.post(tx, _bought(n))
            for step in range(ACTIONS):
                kind = ActionKind.BONUS if step % 10 == 0 else ActionKind.DIVIDEND
                actions.put(tx, _action(n, date(2016, 1, 4) + timedelta(days=120 * step), kind))


def _bought(number: int) -> Transaction:
    worth = Money(5_000_000)
    return Transaction(
        id=f"trade:{number}",
        account_id=ACCOUNT.id,
        kind=TransactionKind.TRADE,
        at=T0,
        reference=f"or{number}",
        postings=(Posting(CASH, -worth), Posting(position_ledger(_isin(number)), worth, 100)),
    )


def _action(number: int, on: date, kind: ActionKind) -> CorporateAction:
    dividend = kind is ActionKind.DIVIDEND
    return CorporateAction(
        id=f"ca-{number}-{on}-{kind.value}",
        isin=_isin(number),
        symbol=f"S{number:03d}",
        ex_date=on,
        kind=kind,
        new=0 if dividend else 2,
        old=0 if dividend else 1,
        amount=Money(500) if dividend else None,
        subject="",
        source="BENCH",
        known_at=known_by_ex_date(on),
        status="CONFIRMED",
    )


if __name__ == "__main__":
    main()
