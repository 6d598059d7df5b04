"""What the end of a day books, so that the books charge what its contract note will."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from core.desk.accept_statement import accept, undo
from core.desk.annulled import ANNULLED
from core.desk.books import depository_fee
from core.desk.correct import correct_fill
from core.desk.day_costs import settle_days
from core.desk.demat import demat_lots
from core.desk.elsewhere import book_elsewhere
from core.desk.notes import generate_note
from core.desk.trade_costs import trade_costs
from core.domain.account import Broker
from core.domain.charges import Charges
from core.domain.money import Money, total
from core.domain.order import Fill, Product
from core.store import audit, ledger
from core.treasury import post
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
    # STT 0.025 % of 51,000 = 12.75 in place of 101, stamp duty 1.50 in place of 7.50, brokerage
    # 15 and 15.30, GST 18 % of it 5.45: -88.25 - 6.00 + 30.30 + 5.45
    assert settle(evening) == [("event", rs("-58.50"))]
    assert paid(evening) == before - rs("58.50")
    sheet = generate_note(evening.desk, "paper", DAY)
    assert (sheet.booked.stt, sheet.note.charges.stt) == (rs("12.75"), rs("13"))
    assert (sheet.booked.brokerage, sheet.booked.stamp) == (rs("30.30"), rs("1.50"))
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
    # STT 12.75 by 50 : 51 is 6.3119 and 6.4381, so -43.69 and -44.56; brokerage 15 and 15.30 with
    # GST 2.70 and 2.75; the buyer's stamp duty -6.00
    assert settle(evening) == [("event", rs("-31.99")), ("second", rs("-26.51"))]
    assert booked(evening).stt == rs("12.75")


def test_the_owner_s_own_sale_counts_and_bears_its_own_part(evening: Morning):
    mine = traded(evening.desk, ON, 100, "500")
    own = replace(mine, qty=-100, price=rs("510"), trade_id="own", order_id="owner", account_id="")
    with evening.desk.store.write() as tx:
        book_elsewhere(tx, "paper", own, at=own.traded_at)
    assert settle(evening) == [("event", rs("-31.99"))]


def test_a_price_corrected_later_moves_the_day_again(evening: Morning):
    traded(evening.desk, ON, 100, "500")
    sold = traded(evening.desk, ON, -100, "510", clock=6)
    settle(evening)
    correct_fill(evening.desk, sold.order_id, sold.trade_id, price=rs("520"), because="x", by="me")
    # the sale is booked at 52,000 x 0.1 % = 52 and the day comes to 13.00; brokerage 15.60 in
    # place of 15.30 with 5 paise of GST
    assert booked(evening).stt == rs("13.75")
    assert settle(evening) == [("event", rs("-0.40"))]
    assert (booked(evening).stt, booked(evening).brokerage) == (rs("13"), rs("30.60"))


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
    assert settle(evening) == [("event", rs("-58.50"))]  # the day is as if no note had come


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


def with_fee(morning: Morning, fill: Fill) -> Fill:
    """Book the DP charge that the desk books as a delivery sale fills."""
    fee = depository_fee(Broker.PAPER, fill)
    assert fee is not None
    with morning.desk.store.write() as tx:
        ledger.post(tx, fee)
    return fill


def fees(morning: Morning, account: str) -> Money:
    with morning.desk.store.read() as tx:
        return ledger.balance(tx, account, "charges:dp")


def test_no_dp_charge_stands_for_what_was_bought_and_sold_on_one_day(evening: Morning):
    fills = [traded(evening.desk, ON, 100, "500")]
    fills.append(with_fee(evening, traded(evening.desk, ON, -100, "510", clock=6)))
    assert fees(evening, "event") == rs("15.34")
    assert settle(evening) == [("event", rs("-58.50")), ("event", rs("-15.34"))]
    assert fees(evening, "event") == Money(0)
    assert settle(evening) == []
    with evening.desk.store.read() as tx:
        costs = trade_costs({"day": fills}, ledger.transactions(tx, "event"))
        [sold] = demat_lots(tx, "paper").sold
    # the table of trades and the tax view count the same charges, and no DP charge
    assert costs["day"] == sold.expenses + sold.stt == paid(evening)


def test_shares_sold_the_day_after_leave_the_account_and_their_dp_charge_stands(evening: Morning):
    traded(evening.desk, "2026-11-19", 100, "500")
    with_fee(evening, traded(evening.desk, ON, -100, "510"))
    assert settle(evening) == []
    assert fees(evening, "event") == rs("15.34")


def test_some_sold_of_the_day_s_own_and_some_of_before_bear_one_dp_charge(evening: Morning):
    traded(evening.desk, "2026-11-19", 100, "500")
    traded(evening.desk, ON, 50, "505")
    with_fee(evening, traded(evening.desk, ON, -60, "510", clock=6))
    settle(evening)
    assert fees(evening, "event") == rs("15.34")


def test_two_accounts_of_a_login_share_the_one_dp_charge_by_the_shares_they_gave(evening: Morning):
    second_account(evening.desk)
    for name, qty, clock in (("event", 10, 5), ("second", 30, 6)):
        traded(evening.desk, "2026-11-19", qty, "500", account=name)
        with_fee(evening, traded(evening.desk, ON, -qty, "510", account=name, clock=clock))
    # 15.34 x 10/40 = 3.835 and 11.505; the half paisa goes by name
    settle(evening)
    assert (fees(evening, "event"), fees(evening, "second")) == (rs("3.84"), rs("11.50"))
    assert settle(evening) == []


def test_a_note_says_nothing_of_dp_charges_and_holds_them_not_up(evening: Morning):
    fills = [traded(evening.desk, ON, 100, "500")]
    fills.append(with_fee(evening, traded(evening.desk, ON, -100, "510", clock=6)))
    theirs = generate_note(evening.desk, "paper", DAY).note.charges
    accept(evening.desk, "paper", a_note(theirs, *fills), by="me")
    assert settle(evening) == [("event", rs("-15.34"))]
    assert booked(evening) == theirs


def test_a_sale_taken_back_by_the_exchange_gives_its_dp_charge_back(evening: Morning):
    traded(evening.desk, "2026-11-19", 100, "500", stays=True)
    sold = with_fee(evening, traded(evening.desk, ON, -100, "510", stays=True))
    with evening.desk.store.write() as tx:
        entry = ledger.transaction(tx, f"trade:NSE:{sold.order_id}:{sold.trade_id}")
        assert entry is not None
        ledger.post(tx, post.correction(entry, at=sold.traded_at, reason=ANNULLED))
    settle(evening)
    assert fees(evening, "event") == Money(0)


def a_day(morning: Morning, rng: random.Random) -> list[Fill]:
    """Delivery and intraday orders of two shares in two accounts, some both ways."""
    made = []
    for share in (MIDCO, RELIANCE):
        for account in ("event", "second"):
            if rng.random() < 0.5:
                traded(morning.desk, "2026-11-19", 40, "500", of=share, account=account)
                made.append(with_fee(morning, traded(morning.desk, ON, -rng.randint(1, 40), "505",
                                                     of=share, account=account)))  # fmt: skip
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


def entry_charges(morning: Morning, day: str) -> list[Money]:
    """What the books charged for trades of a day, entry by entry."""
    with morning.desk.store.read() as tx:
        made = [one for name in ("event", "second") for one in ledger.transactions(tx, name)]
    return [
        line.amount
        for one in made
        for line in one.postings
        if line.ledger.startswith("charges:") and one.at.date().isoformat() == day
    ]


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
    before = total(entry_charges(evening, "2026-11-19"))
    assert counted == sheet.booked.total + before
    left = [isin for isin in (MIDCO.isin, RELIANCE.isin)
            if sum(one.qty for one in fills if one.isin == isin) < 0]  # fmt: skip
    assert fees(evening, "event") + fees(evening, "second") == rs("15.34") * len(left)


def test_days_before_the_last_ten_are_left_alone(evening: Morning):
    traded(evening.desk, "2026-11-05", 100, "500")
    traded(evening.desk, "2026-11-05", -100, "510", clock=6)
    assert settle(evening) == []
    assert generate_note(evening.desk, "paper", date(2026, 11, 5)).booked.stt == rs("101")
