"""Notes generated and compared, files taken in and taken back, over real books."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from core.desk.accept_statement import accept, undo
from core.desk.annul import annul_fill
from core.desk.demat import demat_lots
from core.desk.elsewhere import ACCEPTED, book_elsewhere
from core.desk.notes import compare, generate_note
from core.desk.taken_in import imports
from core.domain.charges import Charges
from core.domain.ledger import external_account
from core.domain.money import ZERO, Money, total
from core.domain.order import Fill, Product
from core.domain.statement import StatedTrade, Statement, StatementKind
from core.errors import BadInput, NotFound
from core.store import ledger
from core.treasury import post
from core.treasury.match_trades import Finding
from tests.desk.made_trades import second_account, traded
from tests.desk.morning import Morning
from tests.made import MIDCO, RELIANCE, rs

DAY = date(2026, 11, 20)
ON = "2026-11-20"
MIS = Product.MIS


def stated(*fills: Fill, **changes) -> Statement:
    """A tradebook that lists these fills."""
    trades = tuple(
        StatedTrade(n, f.traded_at.date(), f.symbol, f.isin, f.exchange, f.qty, f.price, f.trade_id)
        for n, f in enumerate(fills, start=2)
    )
    base = Statement("book.csv", StatementKind.TRADEBOOK, "Zerodha tradebook", trades, "d1")
    return replace(base, **changes)


def a_note(charges: Charges, *fills: Fill, **changes) -> Statement:
    return stated(
        *fills, kind=StatementKind.NOTE, charges=charges, on=DAY, name="note.csv", **changes
    )


def paid(morning: Morning, account: str = "event") -> Money:
    with morning.desk.store.read() as tx:
        found = ledger.balances(tx, account)
    return total(amount for name, amount in found.items() if name.startswith("charges:"))


def day_of_two(morning: Morning) -> list[Fill]:
    """100 MIDCO bought for delivery, and an intraday pair of RELIANCE in another account."""
    second_account(morning.desk)
    return [
        traded(morning.desk, ON, 100, "500"),
        traded(morning.desk, ON, 100, "1500", of=RELIANCE, account="second", product=MIS, clock=6),
        traded(morning.desk, ON, -100, "1510", of=RELIANCE, account="second", product=MIS, clock=7),
    ]


def test_the_note_of_a_day_is_generated_and_is_a_rupee_from_the_books(morning: Morning):
    day_of_two(morning)
    sheet = generate_note(morning.desk, "paper", DAY)
    # STT 50 + 37.75 = 87.75, billed 88; stamp 7.50 + 4.50
    assert (sheet.note.charges.stt, sheet.booked.stt) == (rs("88"), rs("87.75"))
    assert sheet.note.charges.stamp == sheet.booked.stamp == rs("12")
    assert abs(sheet.note.charges.total - sheet.booked.total) <= rs("1")
    assert set(sheet.by_account) == {"event", "second"}
    assert sheet.note.obligation == rs("-49000")


def test_a_day_without_trades_has_no_note(morning: Morning):
    with pytest.raises(BadInput, match="traded nothing on 2026-11-20"):
        generate_note(morning.desk, "paper", DAY)
    with pytest.raises(NotFound, match="no login has the id moon"):
        generate_note(morning.desk, "moon", DAY)


def test_a_file_that_agrees_is_told_so_and_books_nothing(morning: Morning):
    fills = day_of_two(morning)
    found = compare(morning.desk, "paper", stated(*fills))
    assert (found.count(Finding.SAME), found.value_off, found.agrees) == (3, ZERO, True)
    with pytest.raises(BadInput, match=r"book\.csv agrees with the books"):
        accept(morning.desk, "paper", stated(*fills), by="me")


def test_a_note_of_the_books_themselves_agrees(morning: Morning):
    fills = day_of_two(morning)
    sheet = generate_note(morning.desk, "paper", DAY)
    found = compare(morning.desk, "paper", a_note(sheet.note.charges, *fills, net=sheet.note.net))
    assert found.agrees and found.net_off == ZERO
    assert all(line.off == ZERO for line in found.sheet.lines)


def test_a_price_is_booked_anew_and_taken_back(morning: Morning):
    bought, *_ = day_of_two(morning)
    before = paid(morning)
    told = stated(replace(bought, price=rs("500.05")))
    (pair,) = [p for p in compare(morning.desk, "paper", told).pairs if p.stated]
    assert (pair.finding, pair.price_off, pair.value_off) == (Finding.PRICE, rs("0.05"), rs("5"))
    done = accept(morning.desk, "paper", told, by="me")
    assert done.sentence.startswith("1 price booked anew")
    morning.books_are_clean()
    with morning.desk.store.read() as tx:
        (held,) = ledger.positions(tx, "event")
        assert (held.qty, held.cost) == (100, rs("50005"))
    assert compare(morning.desk, "paper", told).count(Finding.PRICE) == 0
    undo(morning.desk, done.id, by="me")
    morning.books_are_clean()
    with morning.desk.store.read() as tx:
        (held,) = ledger.positions(tx, "event")
        assert held.cost == rs("50000")
        assert imports(tx)[0].undone
    assert paid(morning) == before
    with pytest.raises(BadInput, match="taken back already"):
        undo(morning.desk, done.id, by="me")
    # and once more
    assert accept(morning.desk, "paper", told, by="me").id != done.id
    morning.books_are_clean()


def test_a_trade_that_the_books_lack_goes_beside_the_accounts(morning: Morning):
    bought, *_ = day_of_two(morning)
    more = replace(bought, qty=7, trade_id="T99", order_id="")
    told = stated(more)
    done = accept(morning.desk, "paper", told, by="me")
    with morning.desk.store.read() as tx:
        (outside,) = ledger.elsewhere(tx)
        assert (outside.account_id, outside.qty) == (external_account("paper"), 7)
        lots = demat_lots(tx, "paper").lots
    assert sum(lot.qty for lot in lots) == 107
    assert compare(morning.desk, "paper", told).count(Finding.SAME) == 1
    with pytest.raises(BadInput, match="was taken in at"):
        accept(morning.desk, "paper", told, by="me")
    undo(morning.desk, done.id, by="me")
    with morning.desk.store.read() as tx:
        assert ledger.elsewhere(tx) == []
        assert sum(lot.qty for lot in demat_lots(tx, "paper").lots) == 100
    accept(morning.desk, "paper", told, by="me")
    with morning.desk.store.read() as tx:
        assert [one.qty for one in ledger.elsewhere(tx)] == [7]
    morning.books_are_clean()


def test_the_price_of_an_owner_s_own_trade_is_booked_anew_and_taken_back(morning: Morning):
    at = datetime(2026, 11, 20, 6, tzinfo=UTC)
    own = Fill("B9", "T9", "NSE", "", MIDCO.isin, "MIDCO", 4, rs("500"), Product.CNC, at)
    with morning.desk.store.write() as tx:
        book_elsewhere(tx, "paper", own, at=at)
    told = stated(replace(own, price=rs("501")))

    def worth() -> Money:
        with morning.desk.store.read() as tx:
            (held,) = ledger.elsewhere(tx)
            (lot,) = demat_lots(tx, "paper").lots
        assert lot.cost == held.cost
        return held.cost

    done = accept(morning.desk, "paper", told, by="me")
    assert worth() == rs("2004")
    assert compare(morning.desk, "paper", told).agrees
    undo(morning.desk, done.id, by="me")
    assert worth() == rs("2000")
    accept(morning.desk, "paper", told, by="me")
    assert worth() == rs("2004")
    morning.books_are_clean()


def test_a_note_corrects_the_charges_account_by_account_to_the_paisa(morning: Morning):
    fills = day_of_two(morning)
    sheet = generate_note(morning.desk, "paper", DAY)
    before = {name: paid(morning, name) for name in ("event", "second")}
    theirs = replace(sheet.note.charges, brokerage=rs("47"), gst=rs("10.46"))
    note = a_note(theirs, *fills, net=sheet.note.net - rs("8.26"))
    found = compare(morning.desk, "paper", note)
    assert not found.agrees and found.net_off == rs("-8.26")
    assert {line.item: line.off for line in found.sheet.lines if line.off} == {
        "brokerage": rs("7"),
        "gst": rs("1.26"),
    }
    done = accept(morning.desk, "paper", note, by="me")
    assert done.sentence == "charges corrected in 2 accounts"
    whole = paid(morning, "event") + paid(morning, "second")
    assert whole == theirs.total
    # brokerage was the intraday orders' alone, so their account bears it all
    with morning.desk.store.read() as tx:
        assert ledger.balance(tx, "second", "charges:brokerage") == rs("47")
        assert ledger.balance(tx, "event", "charges:brokerage") == ZERO
    morning.books_are_clean()
    assert generate_note(morning.desk, "paper", DAY).booked == theirs
    with pytest.raises(BadInput, match="was taken in at"):
        accept(morning.desk, "paper", note, by="me")
    with pytest.raises(BadInput, match="agrees with the books"):
        accept(morning.desk, "paper", replace(note, digest="d2"), by="me")
    undo(morning.desk, done.id, by="me")
    assert {name: paid(morning, name) for name in before} == before
    morning.books_are_clean()


def test_an_owner_s_own_trade_bears_its_part_of_a_note(morning: Morning):
    bought = traded(morning.desk, ON, 100, "500")
    own = replace(bought, qty=100, trade_id="T99")
    sheet = generate_note(morning.desk, "paper", DAY)
    charges = sheet.note.charges
    twice = Charges(**{name: amount + amount for name, amount in charges.items})
    accept(morning.desk, "paper", a_note(twice, bought, own), by="me")
    assert paid(morning) == charges.total  # half of it, and the owner's half nowhere
    morning.books_are_clean()


def test_shares_that_differ_wait_for_the_person_and_nothing_is_half_written(morning: Morning):
    bought, first, second = day_of_two(morning)
    theirs = generate_note(morning.desk, "paper", DAY).note.charges
    note = a_note(theirs, replace(bought, qty=90, price=rs("501")), first, second)
    with pytest.raises(BadInput, match="quantity differs, 90 at the broker and 100 in the books"):
        accept(morning.desk, "paper", note, by="me")
    book = stated(replace(bought, qty=90), replace(first, price=rs("1501")), second)
    done = accept(morning.desk, "paper", book, by="me")
    assert done.sentence == ("1 price booked anew; 1 line with other shares left as they are")
    annul_fill(morning.desk, bought.order_id, bought.trade_id, because="exchange", by="me")
    found = compare(morning.desk, "paper", book)
    assert found.count(Finding.QTY) == 0 and found.count(Finding.ONLY_BROKER) == 1


def test_a_difference_that_was_accepted_before_is_not_booked_twice(morning: Morning):
    bought = traded(morning.desk, ON, 100, "500")
    with morning.desk.store.write() as tx:
        ledger.post(
            tx,
            post.elsewhere(login_id="paper", isin=MIDCO.isin, qty=5, worth=rs("2500"),
                           at=morning.clock.now(), reference=f"{ACCEPTED}:1", words="MIDCO: 5"),
        )  # fmt: skip
    told = stated(replace(bought, qty=5, trade_id="T99"))
    with pytest.raises(BadInput, match="a difference in this share was accepted on"):
        accept(morning.desk, "paper", told, by="me")


def test_what_cannot_be_compared_is_one_sentence(morning: Morning):
    bought = traded(morning.desk, ON, 100, "500")
    late = stated(replace(bought, traded_at=datetime(2026, 12, 1, tzinfo=UTC)))
    with pytest.raises(BadInput, match="has trades of 2026-12-01 and it is 2026-11-23"):
        compare(morning.desk, "paper", late)
    new = stated(replace(bought, isin="", symbol="NEWLIST"))
    found = compare(morning.desk, "paper", new)
    assert found.unknown == ("line 2: NEWLIST has no ISIN in the file and is not known here",)
    with pytest.raises(BadInput, match="NEWLIST has no ISIN"):
        accept(morning.desk, "paper", new, by="me")
    by_symbol = compare(morning.desk, "paper", stated(replace(bought, isin="")))
    assert by_symbol.agrees
    with pytest.raises(NotFound, match="nothing was taken in as x"):
        undo(morning.desk, "x", by="me")


def test_what_was_given_to_a_plan_since_is_not_taken_back(morning: Morning):
    bought = traded(morning.desk, ON, 100, "500")
    done = accept(morning.desk, "paper", stated(replace(bought, qty=5, trade_id="T9")), by="me")
    with morning.desk.store.write() as tx:
        wrong = ledger.transaction(tx, done.entries[0])
        ledger.post(tx, post.correction(wrong, at=morning.clock.now(), reason="given"))
    with pytest.raises(BadInput, match="was reversed since, or given to a plan"):
        undo(morning.desk, done.id, by="me")
    with morning.desk.store.read() as tx:
        assert imports(tx)[0].undone == ""


def test_a_revised_note_is_taken_back_before_the_one_it_revised(morning: Morning):
    fill = traded(morning.desk, ON, 100, "500")
    before = paid(morning)
    asked = generate_note(morning.desk, "paper", DAY).note.charges
    first = accept(morning.desk, "paper",
                   a_note(asked + Charges(stt=rs("1")), fill, digest="n1"), by="me")  # fmt: skip
    morning.clock.pass_seconds(60)
    second = accept(morning.desk, "paper",
                    a_note(asked + Charges(stt=rs("3")), fill, digest="n2"), by="me")  # fmt: skip
    with pytest.raises(BadInput, match=f"take back {second.id} first"):
        undo(morning.desk, first.id, by="me")
    undo(morning.desk, second.id, by="me")
    undo(morning.desk, first.id, by="me")
    assert paid(morning) == before
