"""What was posted is read once, and read anew where the books are not those that grew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.desk import moves as kept_moves
from core.desk.moves import MOVES, Kept, traded
from core.desk.pnl import days_of, stretch_pnl, whose
from core.domain.money import Money
from core.store import accounts, ledger, ledger_days
from core.store.engine import Store
from core.treasury import post
from core.treasury.pnl import sum_pnl
from tests.made import ACCOUNT, LOGIN, T0, later, rs
from tests.made.books import SHARES, TODAY, Bookkeeper


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The line after which each read of the store began."""
    seen: list[int] = []

    def told(tx: object, *, after: int = 0) -> object:
        seen.append(after)
        return ledger_days.moves(tx, after=after)  # type: ignore[arg-type]

    class Told:
        moves = staticmethod(told)

    monkeypatch.setattr(kept_moves, "ledger_days", Told)
    monkeypatch.setattr(MOVES, "kept", Kept())
    yield seen


def opened(store: Store) -> None:
    with store.write() as tx:
        accounts.put_login(tx, LOGIN)
        accounts.put_account(tx, ACCOUNT)


def add(store: Store, amount: str, *, minutes: int) -> None:
    with store.write() as tx:
        at = later(60 * minutes)
        made = post.deposit(account_id=ACCOUNT.id, amount=rs(amount), at=at, reference=amount)
        ledger.post(tx, made)


def cash(store: Store) -> list[int]:
    with store.read() as tx:
        [found] = MOVES.of(tx, [ACCOUNT.id]).values()
    return [paise for move in found for name, paise, _ in move.lines if name == "cash"]


def test_only_what_came_since_is_read_and_a_late_one_stands_in_its_place(
    any_store: Store, reads: list[int]
) -> None:
    opened(any_store)
    add(any_store, "2", minutes=9)
    assert cash(any_store) == cash(any_store) == [200]
    add(any_store, "1", minutes=3)
    assert cash(any_store) == [100, 200]
    assert len(reads) == 2 and reads[0] == 0 < reads[1]


def test_other_books_behind_the_same_name_are_read_from_the_start(
    any_store: Store, reads: list[int]
) -> None:
    opened(any_store)
    add(any_store, "2", minutes=1)
    add(any_store, "3", minutes=2)
    url = str(any_store.engine.url)
    for wrong in ((2, 2, "another"), (9, 4, "deposit:acc1:3"), (4, 99, "gone")):
        MOVES.kept = Kept(url, wrong, {})
        assert cash(any_store) == [200, 300]
    MOVES.kept = Kept("another store", (2, 2, "x"), {})
    assert cash(any_store) == [200, 300]


def test_what_a_writing_transaction_sees_is_not_kept(any_store: Store, reads: list[int]) -> None:
    opened(any_store)
    add(any_store, "2", minutes=1)
    with pytest.raises(ZeroDivisionError), any_store.write() as tx:
        made = post.deposit(account_id=ACCOUNT.id, amount=rs(7), at=T0, reference="7")
        ledger.post(tx, made)
        [found] = MOVES.of(tx, [ACCOUNT.id]).values()
        assert len(found) == 2
        raise ZeroDivisionError
    add(any_store, "5", minutes=2)
    assert cash(any_store) == [200, 500]


def test_a_trade_posted_late_changes_its_own_day_and_no_other(tmp_path: Path) -> None:
    made = Bookkeeper(tmp_path, sessions=5)
    days = made.sessions
    name = made.account("Alpha")
    made.money(name, rs(100_000), days[0])
    flat, aaa = ["100"] * 4, ["500", "500", "510", "515"]
    made.prices(
        {"AAA": aaa, "BBB": flat, "CCC": flat, "DDD": flat},
        {"AAA": "520", "BBB": "100", "CCC": "100", "DDD": "100"},
    )

    def gross() -> list[Money]:
        with made.desk.store.read() as tx:
            of = whose(tx)
            found = days_of(made.desk, tx, of, days[0], TODAY)
            assert sum_pnl(one.earned for one in found) == stretch_pnl(
                made.desk, tx, of, days[0], TODAY
            )
        return [one.earned.gross for one in found]

    assert gross() == [rs(0)] * 5
    made.trade(name, SHARES[0], 10, rs(505), days[3])
    assert gross() == [rs(0), rs(0), rs(0), rs(100), rs(50)]
    made.trade(name, SHARES[0], 10, rs(490), days[1])  # told two sessions later
    assert gross() == [rs(0), rs(100), rs(100), rs(150), rs(100)]
    with made.desk.store.read() as tx:
        assert traded(MOVES.of(tx, [name]).values()) == {SHARES[0].isin}
