"""The tax sheet over real books: demat lots, bucket lots beside them, actions and corrections."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pytest

from core.desk.annul import annul_fill
from core.desk.apply_action import apply_action
from core.desk.correct import correct_fill
from core.desk.demat import demat_lots
from core.desk.dividends import accrue, mark_paid
from core.desk.elsewhere import book_elsewhere
from core.desk.tax import (
    advance_words,
    bring_loss,
    difference_words,
    law,
    tax_sheet,
    years_with_sales,
)
from core.domain.action import ActionKind
from core.domain.charges import Charges
from core.domain.money import ZERO, Money
from core.domain.order import Fill, Product
from core.domain.tax import Head, Loss
from core.errors import BadInput, NotFound
from core.panel import Panel
from core.store import actions, audit, bars, instruments, ledger
from core.treasury import post
from core.treasury.lots import Term
from tests.desk.made_trades import paid, second_account, traded
from tests.desk.morning import Morning
from tests.desk.test_apply_action import EX, agrees, an_action, ex_day, held
from tests.made import MIDCO, RELIANCE, rs

SHORT, LONG, SPEC = Head.SHORT, Head.LONG, Head.SPECULATIVE


def of(sheet, head: Head) -> Money:
    return dict(sheet.tax.gains)[head]


def test_an_empty_desk_has_an_empty_sheet(morning: Morning):
    sheet = tax_sheet(morning.desk, 2026)
    assert (sheet.sold, sheet.open_lots, sheet.dividends, sheet.left_out) == ((), (), (), ())
    assert sheet.tax.total == ZERO
    assert years_with_sales(morning.desk) == [2026]


def test_a_sale_across_two_lots_is_taxed_by_each_lot_s_term(morning: Morning):
    desk = morning.desk
    one = traded(desk, "2025-06-02", 10, "400")
    two = traded(desk, "2026-05-04", 10, "450")
    out = traded(desk, "2026-06-05", -15, "500")
    sheet = tax_sheet(desk, 2026)
    # long: 10 x 100 less its charges and two thirds of the sale's; short: 5 x 50 less half of
    # the second purchase's and a third of the sale's
    sale, half = paid(out).paise, (paid(two).paise + 1) // 2
    long_part = next(
        n for n in (sale * 2 // 3, sale * 2 // 3 + 1)
        if of(sheet, LONG) == Money(100_000 - paid(one).paise - n)
    )  # fmt: skip
    assert of(sheet, SHORT) == Money(25_000 - half - (sale - long_part))
    assert [(lot.lot.qty, lot.term, lot.days) for lot in sheet.open_lots] == [
        (5, Term.SHORT, (date(2027, 5, 5) - date(2026, 11, 23)).days)
    ]
    # at 500 the five left are 5 x 50 above their cost
    assert sheet.open_lots[0].gain == rs("250")
    assert years_with_sales(desk) == [2026, 2025]


def test_a_short_within_the_day_is_speculative_whichever_came_first(morning: Morning):
    sold = traded(morning.desk, "2026-06-05", -10, "500", product=Product.MIS, clock=5)
    back = traded(morning.desk, "2026-06-05", 10, "490", product=Product.MIS, clock=6)
    sheet = tax_sheet(morning.desk, 2026)
    # 10 x 10 less every charge of both sides, the tax on transactions (₹1.25) too
    assert of(sheet, SPEC) == rs("100") - paid(sold) - paid(back) - rs("1.25")
    assert tax_sheet(morning.desk, 2026, slab=Decimal("0.3")).tax.tax > ZERO


def test_the_law_sells_another_account_s_older_shares_and_the_sheet_says_so(morning: Morning):
    desk = morning.desk
    second_account(desk)
    traded(desk, "2025-01-06", 10, "300")
    traded(desk, "2026-05-04", 10, "480", account="second")
    traded(desk, "2026-06-05", -10, "500", account="second")
    sheet = tax_sheet(desk, 2026)
    assert of(sheet, LONG) > rs("1900") and of(sheet, SHORT) == ZERO
    buckets = {one.account: dict(one.gains) for one in sheet.buckets}
    assert buckets["Event tactical"] == {SPEC: ZERO, SHORT: ZERO, LONG: ZERO}
    assert rs("100") < buckets["Long term"][SHORT] < rs("200")
    words = difference_words(sheet)
    assert "short term −₹1" in words and "long term +₹1,9" in words
    assert "the demat account's oldest shares" in words


def test_figures_that_agree_are_said_to_agree(morning: Morning):
    traded(morning.desk, "2026-05-04", 10, "480")
    traded(morning.desk, "2026-06-05", -10, "500")
    assert difference_words(tax_sheet(morning.desk, 2026)).startswith("Demat and bucket figures")


def test_what_was_sold_past_the_desk_takes_from_the_demat_s_lots(morning: Morning):
    traded(morning.desk, "2026-05-04", 10, "480")
    at = datetime(2026, 6, 5, 6, tzinfo=UTC)
    sale = Fill("B9", "T9", "NSE", "", MIDCO.isin, "MIDCO", -4, rs("500"), Product.CNC, at)
    with morning.desk.store.write() as tx:
        book_elsewhere(tx, "paper", sale, at=at)
    sheet = tax_sheet(morning.desk, 2026)
    assert [(one.qty, one.gain) for one in sheet.sold] == [(4, rs("80"))]
    assert [lot.lot.qty for lot in sheet.open_lots] == [6]
    assert sheet.left_out[0].startswith("1 lot sold past the desk: charges of such sales")
    assert len(sheet.unmatched) == 1 and "past the desk" in sheet.unmatched[0]


def test_a_sale_without_a_purchase_names_the_share_and_the_others_stand(morning: Morning):
    desk = morning.desk
    traded(desk, "2026-05-04", 10, "480", of=RELIANCE)
    traded(desk, "2026-06-05", -10, "500", of=RELIANCE)
    at = datetime(2026, 6, 5, 6, tzinfo=UTC)
    sale = Fill("B9", "T9", "NSE", "", MIDCO.isin, "MIDCO", -4, rs("500"), Product.CNC, at)
    with desk.store.write() as tx:
        book_elsewhere(tx, "paper", sale, at=at)
    sheet = tax_sheet(desk, 2026)
    assert [one.symbol for one in sheet.sold] == ["RELIANCE"]
    assert sheet.left_out == (
        "MIDCO: 4 sold on 2026-06-05 and 0 bought before; give every purchase; the share is left "
        "out",
    )


def test_a_corrected_price_counts_and_an_annulled_trade_does_not(morning: Morning):
    desk = morning.desk
    one = traded(desk, "2026-05-04", 10, "480")
    traded(desk, "2026-05-05", 7, "490")
    gone = traded(desk, "2026-05-06", 3, "495")
    correct_fill(desk, one.order_id, one.trade_id, price=rs("470"), because="exchange", by="me")
    annul_fill(desk, gone.order_id, gone.trade_id, because="exchange", by="me")
    with desk.store.read() as tx:
        lots = demat_lots(tx, "paper").lots
    assert [(lot.qty, lot.cost, lot.acquired_on) for lot in lots] == [
        (10, rs("4700"), date(2026, 5, 4)),
        (7, rs("3430"), date(2026, 5, 5)),
    ]


@pytest.mark.parametrize(
    ("kind", "new", "lots"),
    [
        (ActionKind.SPLIT, 2, [(200, date(2026, 11, 23), "bought")]),
        (ActionKind.BONUS, 1, [(100, date(2026, 11, 23), "bought"), (100, EX, "bonus")]),
    ],
)
def test_a_confirmed_action_makes_the_lots_that_the_law_counts(
    morning: Morning, kind: ActionKind, new: int, lots
):
    held(morning)
    ex_day(morning, an_action(kind, new, 1), "251", "250")
    sheet = tax_sheet(morning.desk, 2026)
    assert sheet.waits == (f"MIDCO {kind.value.lower()} of 2026-11-25",)
    apply_action(morning.desk, f"ca-{kind.value.lower()}", by="me")
    sheet = tax_sheet(morning.desk, 2026)
    assert sheet.waits == ()
    assert [(one.lot.qty, one.lot.acquired_on, one.lot.how) for one in sheet.open_lots] == lots
    agrees(morning)


def test_a_demerger_parts_the_cost_as_the_person_said(morning: Morning):
    held(morning)
    ex_day(morning, an_action(ActionKind.DEMERGER, 1, 1), "400", "500")
    apply_action(morning.desk, "ca-demerger", by="me", keeps=Decimal("80"), leaves=Decimal("20"))
    lots = [one.lot for one in tax_sheet(morning.desk, 2026).open_lots]
    whole = sum(lot.cost.paise for lot in lots)
    parts = {lot.isin.partition(":")[0]: lot for lot in lots}
    assert parts["spun off"].cost.paise * 5 == pytest.approx(whole, abs=3)
    assert parts["spun off"].acquired_on == parts[MIDCO.isin].acquired_on == date(2026, 11, 23)


def test_dividends_are_listed_gross_with_the_tax_that_was_kept(morning: Morning):
    held(morning)
    action = an_action(ActionKind.DIVIDEND, 0, 0)
    action = replace(action, amount=rs("5"))
    with morning.desk.store.write() as tx:
        actions.put(tx, action)
    morning.clock.move_to(datetime(2026, 11, 25, 5, 0, tzinfo=UTC))
    morning.tick("495")
    assert accrue(morning.desk) == 1
    mark_paid(morning.desk, action.id, received=rs("450"), by="me")
    (line,) = tax_sheet(morning.desk, 2026).dividends
    assert (line.gross, line.deducted, line.account) == (rs("500"), rs("50"), "Event tactical")
    assert tax_sheet(morning.desk, 2025).dividends == ()


def test_a_loss_from_before_the_books_is_brought_and_replaced(morning: Morning):
    desk = morning.desk
    traded(desk, "2026-05-04", 100, "480")
    traded(desk, "2026-06-05", -100, "500")
    before = tax_sheet(desk, 2026).tax.tax
    bring_loss(desk, "paper", Loss(SHORT, 2024, rs("500")), by="me")
    kept = bring_loss(desk, "paper", Loss(SHORT, 2024, rs("1000")), by="me")
    assert kept == (Loss(SHORT, 2024, rs("1000")),)
    sheet = tax_sheet(desk, 2026)
    assert before - sheet.tax.tax == rs("200")  # 20 % of ₹1,000
    assert sheet.tax.brought == kept
    with desk.store.read() as tx:
        audit.verify(tx)
    with pytest.raises(BadInput, match="the year 2026-27 is not over"):
        bring_loss(desk, "paper", Loss(SHORT, 2026, rs("1")), by="me")
    with pytest.raises(NotFound, match="no login has the id nobody"):
        tax_sheet(desk, 2026, logins=["nobody"])


def test_a_loss_of_last_year_is_brought_by_the_desk_itself(morning: Morning):
    desk = morning.desk
    traded(desk, "2025-05-05", 100, "500")
    traded(desk, "2025-06-05", -100, "480")
    sheet = tax_sheet(desk, 2026)
    assert [(one.head, one.year) for one in sheet.tax.brought] == [(SHORT, 2025)]
    assert sheet.tax.carried == sheet.tax.brought
    assert law().carries_for(SHORT) == 8


def test_a_person_s_own_reference_that_begins_like_a_note_harms_nothing(morning: Morning):
    with morning.desk.store.write() as tx:
        ledger.post(
            tx,
            post.deposit(account_id="event", amount=rs("5"), at=morning.clock.now(),
                         reference="note: from mother"),
        )  # fmt: skip
    assert tax_sheet(morning.desk, 2026).left_out == ()


def test_shares_from_before_february_2018_count_at_that_day_s_high_where_it_is_stored(
    morning: Morning,
):
    desk, day = morning.desk, date(2018, 1, 31)
    traded(desk, "2017-08-07", 10, "100")
    traded(desk, "2026-06-05", -10, "500")
    (words,) = tax_sheet(desk, 2026).left_out
    assert words.startswith("MIDCO: no price of 31 Jan 2018 is stored, so its true cost counts")
    one = np.array([[300.0]])
    with desk.store.write() as tx:
        bars.put_panel(
            tx,
            Panel((day,), (MIDCO.isin,), one, one + 20, one - 5, one, one, one / one),
            source="TEST",
        )
    sheet = tax_sheet(desk, 2026)
    assert sheet.left_out == ()
    (sold,) = sheet.sold
    assert (sold.cost, sold.counted_cost) == (rs("1000"), rs("3200"))


GOLD = replace(MIDCO, isin="INF204KB17I5", symbol="GOLDBEES")


def test_a_gold_fund_is_named_and_not_taxed_as_a_share(morning: Morning):
    with morning.desk.store.write() as tx:
        instruments.put(tx, [GOLD])
    traded(morning.desk, "2025-06-02", 10, "50", of=GOLD)
    traded(morning.desk, "2026-08-03", -10, "60", of=GOLD)
    sheet = tax_sheet(morning.desk, 2026)
    assert (sheet.sold, of(sheet, LONG)) == ((), ZERO)
    assert all(amount == ZERO for _, amount in sheet.difference)
    [words] = sheet.left_out
    assert words.startswith("GOLDBEES: a gold, debt or overseas fund is not taxed as shares are")


def test_advance_tax_goes_by_the_gains_made_until_each_day(morning: Morning):
    # gains of ₹1,00,000 in May and ₹2,00,000 in October, charges aside: 20 % and 4 % cess
    traded(morning.desk, "2026-05-04", 1000, "400")
    traded(morning.desk, "2026-05-06", -500, "600", clock=6)
    traded(morning.desk, "2026-10-05", -500, "800", clock=6)
    june, september, december, march = tax_sheet(morning.desk, 2026).instalments
    assert [one.by.isoformat() for one in (june, september, december, march)] == [
        "2026-06-15", "2026-09-15", "2026-12-15", "2027-03-15",
    ]  # fmt: skip
    assert june.tax == september.tax and abs(june.tax - rs("20800")) < rs("150")
    assert december.tax == march.tax and abs(march.tax - rs("62400")) < rs("400")
    assert june.now == june.tax.times(Decimal("0.15"))
    assert september.in_all == june.tax.times(Decimal("0.45"))
    assert december.now == march.tax.times(Decimal("0.75")) - september.in_all
    assert march.in_all == march.tax


def test_less_than_ten_thousand_of_tax_asks_for_no_advance(morning: Morning):
    traded(morning.desk, "2026-05-04", 10, "400")
    traded(morning.desk, "2026-05-06", -10, "600", clock=6)
    sheet = tax_sheet(morning.desk, 2026)
    assert sheet.instalments == ()
    assert "below ₹10,000.00 none is paid in advance" in advance_words(sheet)


def test_the_broker_s_fee_for_squaring_off_lowers_the_day_s_gain(morning: Morning):
    fills = [
        traded(morning.desk, "2026-06-05", -10, "500", product=Product.MIS),
        traded(morning.desk, "2026-06-05", 10, "490", product=Product.MIS, clock=6),
    ]
    before = of(tax_sheet(morning.desk, 2026), SPEC)
    fee = post.charge(
        account_id="event", charges=Charges(brokerage=rs("50"), gst=rs("9")),
        at=fills[1].traded_at, reference=fills[1].order_id, words="squared off",
    )  # fmt: skip
    with morning.desk.store.write() as tx:
        ledger.post(tx, fee)
    assert of(tax_sheet(morning.desk, 2026), SPEC) == before - rs("59")
