"""What the end of a day books, so that the books charge what its contract note will."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from core.desk.accept_statement import accept, undo
from core.desk.correct import correct_fill
from core.desk.day_costs import settle_days
from core.desk.demat import demat_lots
from core.desk.elsewhere import book_elsewhere
from core.desk.notes import generate_note
from core.domain.charges import Charges
from core.domain.money import Money, total
from core.domain.order import Fill, Product
from core.store import audit, ledger
from core.treasury.lots import Term
from tests.desk.made_trades import second_account, traded
from tests.desk.morning import Morning
from tests.desk.test_notes import DAY, ON, a_note, paid, stated
from tests.made import MIDCO, RELIANCE, rs

CNC, MIS = Product.CNC, Product.MIS


@pytest.fixture
def evening(morning: Morning) -> Morning:
    """The evening of the day that the trades are made on."""
    morning.clock.pass_seconds((datetime(2026, 11, 20, 11, tzinfo=UTC)
                                - morning.clock.now()).total_seconds())  # fmt: skip
    return morning


def booked(morning: Morning) -> Charges:
    return generate_note(morning.desk, "paper", DAY).booked


def settle(morning: Morning) -> list[tuple[str, Money]]:
    """What was booked now, account by account."""
    made = settle_days(morning.desk, by="worker")
    return [(one.account_id, -one.postings[0].amount) for one in made]


def test_a_delivery_purchase_sold_the_same_day_is_charged_as_intraday_once_the_day_is_over(
    evening: Morning,
):
    traded(evening.desk, ON, 100, "500")
    traded(evening.desk, ON, -100, "510", clock=6)
    assert booked(evening).stt == rs("101")  # 0.1 % of 50,000 and of 51,000
    before = paid(evening)
    assert settle(evening) == [("event", rs("-88.25"))]  # 0.025 % of 51,000 is 12.75
    assert paid(evening) == before - rs("88.25")
    sheet = generate_note(evening.desk, "paper", DAY)
    assert (sheet.booked.stt, sheet.note.charges.stt) == (rs("12.75"), rs("13"))
    assert abs(sheet.note.charges.total - sheet.booked.total) <= rs("1")
    evening.books_are_clean()


def test_a_second_evening_books_nothing(evening: Morning):
    traded(evening.desk, ON, 100, "500")
    traded(evening.desk, ON, -100, "510", clock=6)
    settle(evening)
    with evening.desk.store.read() as tx:
        before = audit.head(tx)
    assert settle(evening) == []
    with evening.desk.store.read() as tx:
        assert audit.head(tx) == before


def test_a_day_without_such_a_pair_is_left_as_it_is(evening: Morning):
    traded(evening.desk, ON, 100, "333.35")
    traded(evening.desk, ON, 77, "1500.05", of=RELIANCE, product=MIS, clock=6)
    traded(evening.desk, ON, -77, "1510.15", of=RELIANCE, product=MIS, clock=7)
    assert settle(evening) == []


def test_what_is_saved_between_accounts_is_parted_to_the_paisa(evening: Morning):
    second_account(evening.desk)
    traded(evening.desk, "2026-11-19", 100, "490", account="second")
    traded(evening.desk, ON, 100, "500")
    traded(evening.desk, ON, -100, "510", account="second", clock=6)
    # 12.75 by 50 : 51 is 6.3119 and 6.4381
    assert settle(evening) == [("event", rs("-43.69")), ("second", rs("-44.56"))]
    assert booked(evening).stt == rs("12.75")


def test_the_owner_s_own_sale_counts_and_bears_its_own_part(evening: Morning):
    mine = traded(evening.desk, ON, 100, "500")
    own = replace(mine, qty=-100, price=rs("510"), trade_id="own", order_id="owner", account_id="")
    with evening.desk.store.write() as tx:
        book_elsewhere(tx, "paper", own, at=own.traded_at)
    assert settle(evening) == [("event", rs("-43.69"))]


def test_a_price_corrected_later_moves_the_day_again(evening: Morning):
    traded(evening.desk, ON, 100, "500")
    sold = traded(evening.desk, ON, -100, "510", clock=6)
    settle(evening)
    correct_fill(evening.desk, sold.order_id, sold.trade_id, price=rs("520"), because="x", by="me")
    # the sale is booked at 52,000 x 0.1 % = 52 and the day comes to 13.00
    assert booked(evening).stt == rs("13.75")
    assert settle(evening) == [("event", rs("-0.75"))]
    assert booked(evening).stt == rs("13")


def test_a_note_taken_in_after_the_evening_has_the_last_word_and_its_undoing_gives_it_back(
    evening: Morning,
):
    fills = [traded(evening.desk, ON, 100, "500"), traded(evening.desk, ON, -100, "510", clock=6)]
    settle(evening)
    theirs = generate_note(evening.desk, "paper", DAY).note.charges
    done = accept(evening.desk, "paper", a_note(theirs, *fills), by="me")
    assert booked(evening) == theirs
    assert settle(evening) == []
    assert booked(evening) == theirs
    undo(evening.desk, done.id, by="me")
    assert booked(evening).stt == rs("12.75")
    assert settle(evening) == []


def test_a_note_taken_in_before_the_evening_is_not_charged_again(evening: Morning):
    fills = [traded(evening.desk, ON, 100, "500"), traded(evening.desk, ON, -100, "510", clock=6)]
    theirs = generate_note(evening.desk, "paper", DAY).note.charges
    done = accept(evening.desk, "paper", a_note(theirs, *fills), by="me")
    assert settle(evening) == []
    assert booked(evening) == theirs
    undo(evening.desk, done.id, by="me")
    assert settle(evening) == [("event", rs("-88.25"))]  # the day is as if no note had come


def test_a_tradebook_says_nothing_of_charges_and_holds_nothing_up(evening: Morning):
    bought = traded(evening.desk, ON, 100, "500")
    traded(evening.desk, ON, -100, "510", clock=6)
    accept(evening.desk, "paper", stated(replace(bought, price=rs("499"))), by="me")
    settle(evening)
    assert booked(evening).stt == rs("12.75")


def test_the_tax_view_counts_what_the_day_gave_back_and_nothing_else_of_it(evening: Morning):
    traded(evening.desk, ON, 50, "1000", of=RELIANCE)
    traded(evening.desk, ON, 100, "500", clock=6)
    traded(evening.desk, ON, -100, "510", clock=7)
    settle(evening)
    with evening.desk.store.read() as tx:
        lots = demat_lots(tx, "paper")
    [sold], [held] = lots.sold, lots.lots
    assert (sold.term, sold.stt) == (Term.INTRADAY, rs("12.75"))
    assert held.stt == rs("50")


def a_day(morning: Morning, rng: random.Random) -> list[Fill]:
    """Delivery and intraday orders of two shares in two accounts, some both ways."""
    made = []
    for clock in range(4, 10):
        share, account = rng.choice([MIDCO, RELIANCE]), rng.choice(["event", "second"])
        product, qty = rng.choice([CNC, CNC, MIS]), rng.randint(1, 300)
        price = f"{rng.randint(2_000, 200_000) * 5 / 100:.2f}"
        made.append(traded(morning.desk, ON, qty, price, of=share, account=account,
                           product=product, clock=clock))  # fmt: skip
        if product is MIS or rng.random() < 0.6:
            sold = qty if product is MIS else rng.randint(1, qty)
            near = f"{float(price) + rng.randint(-20, 20) * 0.05:.2f}"
            made.append(traded(morning.desk, ON, -sold, near, of=share, account=account,
                               product=product, clock=clock + 6))  # fmt: skip
    return made


@pytest.mark.parametrize("seed", range(12))
def test_after_the_evening_any_day_s_note_is_at_most_a_rupee_from_the_books(
    evening: Morning, seed: int
):
    second_account(evening.desk)
    fills = a_day(evening, random.Random(seed))
    settle(evening)
    sheet = generate_note(evening.desk, "paper", DAY)
    exact = sheet.note.exact.stt * 100
    # to the paisa, but for the rounding of orders of shares that the day leaves as they are
    assert abs(sheet.booked.stt.paise - exact) <= 1 + len(fills) / 2
    assert abs(sheet.note.charges.total - sheet.booked.total) <= rs("1") + Money(2 * len(fills))
    assert settle(evening) == []
    with evening.desk.store.read() as tx:
        lots = demat_lots(tx, "paper")
        assert ledger.trial_balance(tx) == Money(0)
    counted = total(one.expenses + one.stt for one in (*lots.lots, *lots.sold))
    assert counted == sheet.booked.total


def test_days_before_the_last_ten_are_left_alone(evening: Morning):
    traded(evening.desk, "2026-11-05", 100, "500")
    traded(evening.desk, "2026-11-05", -100, "510", clock=6)
    assert settle(evening) == []
    assert generate_note(evening.desk, "paper", date(2026, 11, 5)).booked.stt == rs("101")
