"""Any file taken in and taken back leaves every balance as it was, and half of one never stands."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from core.desk import accept_statement
from core.desk.accept_statement import accept, undo
from core.desk.demat import demat_lots
from core.desk.notes import compare, generate_note
from core.domain.charges import Charges
from core.domain.money import Money, total
from core.domain.order import Product
from core.store import ledger
from core.store.engine import Store
from core.treasury.day_note import ITEMS
from core.treasury.match_trades import Finding
from tests.desk.made_trades import second_account, traded
from tests.desk.morning import Morning
from tests.desk.test_notes import DAY, ON, a_note, stated
from tests.made import MIDCO, RELIANCE, rs


def books(store: Store) -> tuple[object, ...]:
    """Every balance, every share and the lots of the demat account."""
    with store.read() as tx:
        names = ("event", "second", "external:paper")
        balances = [
            {name: amount for name, amount in ledger.balances(tx, one).items() if amount}
            for one in names
        ]
        shares = [ledger.shares_of(tx, share.isin) for share in (MIDCO, RELIANCE)]
        lots = sorted((lot.isin, lot.qty, lot.cost.paise) for lot in demat_lots(tx, "paper").lots)
        assert ledger.trial_balance(tx) == Money(0)
    return balances, shares, lots


def charged_on_lots(store: Store) -> Money:
    """All charges that the tax view counts, of lots held and sold."""
    with store.read() as tx:
        book = demat_lots(tx, "paper")
    return total(one.expenses + one.stt for one in (*book.lots, *book.sold))


def a_day(morning: Morning, rng: random.Random) -> list:
    """Purchases of MIDCO for delivery and intraday pairs of RELIANCE, in two accounts."""
    second_account(morning.desk)
    made = []
    for clock in range(4, 4 + 2 * rng.randint(1, 2), 2):
        qty, price = rng.randint(1, 300), rng.randint(100, 2000)
        for account, share, product, signed, at in (
            ("event", MIDCO, Product.CNC, qty, clock),
            ("second", RELIANCE, Product.MIS, qty, clock),
            ("second", RELIANCE, Product.MIS, -qty, clock + 1),
        ):
            made.append(traded(morning.desk, ON, signed, str(price + at), account=account, of=share,
                               product=product, clock=at))  # fmt: skip
    return made


@pytest.mark.parametrize("seed", range(4))
def test_a_file_taken_in_and_taken_back_leaves_no_trace_in_any_balance(morning: Morning, seed: int):
    rng = random.Random(seed)
    fills = a_day(morning, rng)
    told = [replace(one, price=one.price + Money(rng.choice([0, 5, -5, 500]))) for one in fills]
    told += [replace(fills[0], trade_id=f"more{n}", qty=rng.randint(1, 9)) for n in range(seed % 3)]
    book = stated(*told)
    before = books(morning.desk.store)
    if compare(morning.desk, "paper", book).agrees:
        return
    done = accept(morning.desk, "paper", book, by="me")
    assert compare(morning.desk, "paper", book).agrees
    undo(morning.desk, done.id, by="me")
    assert books(morning.desk.store) == before
    morning.books_are_clean()


@pytest.mark.parametrize("seed", range(4))
def test_after_a_note_the_books_charge_what_it_says_to_the_paisa(morning: Morning, seed: int):
    rng = random.Random(seed)
    fills = a_day(morning, rng)
    sheet = generate_note(morning.desk, "paper", DAY)
    assert abs(sheet.note.charges.total - sheet.booked.total) <= rs("1") + Money(2 * len(fills))
    theirs = Charges(
        **{item: getattr(sheet.note.charges, item) + Money(rng.randint(0, 900)) for item in ITEMS}
    )
    note = a_note(theirs, *fills)
    before = books(morning.desk.store)
    done = accept(morning.desk, "paper", note, by="me")
    assert generate_note(morning.desk, "paper", DAY).booked == theirs
    assert charged_on_lots(morning.desk.store) == theirs.total
    undo(morning.desk, done.id, by="me")
    assert books(morning.desk.store) == before


def test_what_fails_halfway_writes_nothing(morning: Morning, monkeypatch: pytest.MonkeyPatch):
    fill = traded(morning.desk, ON, 100, "500")
    more = replace(fill, trade_id="T9", qty=5)
    book = stated(replace(fill, price=rs("501")), more)
    before = books(morning.desk.store)

    def broken(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(accept_statement, "keep", broken)
    with pytest.raises(OSError, match="the disk is full"):
        accept(morning.desk, "paper", book, by="me")
    assert books(morning.desk.store) == before
    found = compare(morning.desk, "paper", book)
    assert (found.count(Finding.PRICE), found.count(Finding.ONLY_BROKER)) == (1, 1)
    morning.books_are_clean()
