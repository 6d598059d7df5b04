"""A login's cash beside its broker's, line by line: each number worked by hand."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlmodel import Session

from core.domain.account import Account
from core.domain.ledger import CASH, FUNDING, RESERVED, Posting, Transaction, TransactionKind
from core.domain.money import Money
from core.store import ledger
from core.treasury import post
from core.views.cash_lines import books_of, cash_note, cash_rows
from tests.views.shelf import NOW, empty_desk
from tests.views.test_positions import words

MINE = (Account("event", "Event tactical", "k", NOW - timedelta(days=30)),)
K = TransactionKind


def move(id: str, kind: TransactionKind, *lines: tuple[str, str], days: int = 0) -> Transaction:
    """Rupees moved between ledgers, so many days ago."""
    postings = tuple(Posting(name, Money.rupees(amount)) for name, amount in lines)
    return Transaction(id, "event", kind, NOW - timedelta(days=days), id, postings)


def a_day(tx: Session) -> None:
    """₹1,00,000 came before today; today ₹5,000 came, ₹20,000 bought with ₹23.60, ₹3,000 waits."""
    ledger.post(tx, move("d0", K.DEPOSIT, (CASH, "100000"), (FUNDING, "-100000"), days=3))
    ledger.post(tx, move("d1", K.DEPOSIT, (CASH, "5000"), (FUNDING, "-5000")))
    ledger.post(
        tx, move("t1", K.TRADE, (CASH, "-20023.60"), ("position:INE1", "20000"),
                 ("charges:stt", "20"), ("charges:gst", "3.60")),
    )  # fmt: skip
    ledger.post(tx, move("r1", K.RESERVE, (CASH, "-3000"), (RESERVED, "3000")))


def paise(**rupees: str) -> dict[str, object]:
    return {name: Money.rupees(amount).paise for name, amount in rupees.items()}


def test_each_line_of_the_books_stands_beside_the_brokers_and_the_sum_is_what_is_free(
    tmp_path: Path,
) -> None:
    desk = empty_desk(tmp_path)
    with desk.store.write() as tx:
        a_day(tx)
        told = paise(available="82000", opening="100000", paid_in="5000")
        rows = {row.line: row for row in cash_rows(books_of(tx, "k", MINE, now=NOW), told)}
    assert {name: (row.books, row.broker, words(row.differs)) for name, row in rows.items()} == {
        "Opening, today": ("₹1,00,000.00", "₹1,00,000.00", "₹0.00"),
        "Paid in today": ("₹5,000.00", "₹5,000.00", "₹0.00"),
        # 82,000 - 1,00,000 - 5,000; the books: -20,000 bought, -3,000 set aside
        "Bought, sold, set aside": ("−₹23,000.00", "−₹23,000.00", "₹0.00"),
        "Charges today": ("−₹23.60", "–", ""),
        # 1,00,000 + 5,000 - 23,000 - 23.60
        "Free now": ("₹81,976.40", "₹82,000.00", "+₹23.60"),
    }
    assert rows["Charges today"].why == "the broker takes them later"


def test_a_line_that_differs_says_what_that_comes_from(tmp_path: Path) -> None:
    desk = empty_desk(tmp_path)
    with desk.store.write() as tx:
        a_day(tx)
        told = paise(available="2477000", opening="2500000", paid_in="0")
        rows = {row.line: row for row in cash_rows(books_of(tx, "k", MINE, now=NOW), told)}
    assert words(rows["Opening, today"].differs) == "+₹24,00,000.00"
    assert rows["Opening, today"].why == "in no account here"
    assert (words(rows["Paid in today"].differs), rows["Paid in today"].why) == (
        "−₹5,000.00", "not at this broker",
    )  # fmt: skip
    assert rows["Bought, sold, set aside"].why == ""


def test_trades_done_elsewhere_have_a_line_of_their_own(tmp_path: Path) -> None:
    desk = empty_desk(tmp_path)
    with desk.store.write() as tx:
        lines = (Posting("position:INE1", Money.rupees("410"), 1),
                 Posting("outside", Money.rupees("-410")))  # fmt: skip
        ledger.post(tx, Transaction("x", "external:k", K.EXTERNAL, NOW, "x", lines))
        told = paise(available="590", opening="1000", paid_in="0")
        rows = {row.line: row for row in cash_rows(books_of(tx, "k", (), now=NOW), told)}
    assert rows["Done elsewhere"].books == "−₹410.00"
    # the broker's 590 against nothing in the books less 410
    assert words(rows["Free now"].differs) == "+₹1,000.00"


def test_the_owners_trades_of_earlier_days_are_in_the_opening_and_accepted_shares_are_not(
    tmp_path: Path,
) -> None:
    # ₹1,00,000 of accounts; by phone 410 went yesterday; 9,000 of shares were accepted as there
    desk = empty_desk(tmp_path)
    with desk.store.write() as tx:
        a_day(tx)
        for name, amount, days in (("NSE:2026:o1:t1", "410", 1), ("accepted:INE1:x", "9000", 1),
                                   ("accepted:INE2:x", "50", 0)):  # fmt: skip
            lines = (Posting("position:INE1", Money.rupees(amount), 1),
                     Posting("outside", Money.rupees(f"-{amount}")))  # fmt: skip
            at = NOW - timedelta(days=days)
            made = Transaction(f"external:k:{name}", "external:k", K.EXTERNAL, at, name, lines)
            ledger.post(tx, made)
        back = post.correction(made, at=NOW, reason="it was not there")
        ledger.post(tx, back)
        told = paise(available="81566.40", opening="99590", paid_in="5000")
        rows = {row.line: row for row in cash_rows(books_of(tx, "k", MINE, now=NOW), told)}
    assert words(rows["Opening, today"].differs) == "₹0.00"
    assert "Done elsewhere" not in rows
    assert words(rows["Free now"].differs) == "₹0.00"


def test_before_the_broker_told_its_funds_its_column_is_a_dash_and_no_zero(
    tmp_path: Path,
) -> None:
    desk = empty_desk(tmp_path)
    with desk.store.write() as tx:
        a_day(tx)
        rows = cash_rows(books_of(tx, "k", MINE, now=NOW), {})
    assert {row.broker for row in rows} == {"–"}
    assert [row.line for row in rows if row.why] == ["Charges today"]
    assert cash_note({}, now=NOW) == ("the broker's column comes with a session")
    at = (NOW - timedelta(seconds=40)).isoformat()
    assert cash_note({"funds": {"available": 1}, "reads": {"funds": at}}, now=NOW) == (
        "funds read 40 s ago"
    )
