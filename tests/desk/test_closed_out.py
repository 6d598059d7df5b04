"""A short sale that the exchange bought in: its charges, its tax and what waits for a person."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from core.desk.accept_statement import accept
from core.desk.closed_out import book_close_out, undelivered
from core.desk.day_costs import settle_days
from core.desk.demat import bucket_lots, demat_lots
from core.desk.notes import compare, generate_note
from core.desk.tax import tax_sheet, unsure_words
from core.domain.charges import Charges
from core.domain.ledger import REALISED
from core.domain.money import ZERO
from core.domain.order import Fill, Product
from core.domain.tax import Head
from core.errors import BadInput
from core.store import audit, fills, ledger
from core.treasury.lots import BOUGHT_IN, Term
from core.treasury.match_trades import Finding
from core.views.closed_out import closed_out_view
from core.views.tax import tax_view
from tests.desk.made_trades import second_account, traded
from tests.desk.morning import Morning
from tests.desk.test_notes import a_note, stated
from tests.made import RELIANCE, rs

SOLD_ON = date(2026, 11, 19)  # a Thursday; the morning is the Monday after
MIS = Product.MIS


def a_short(morning: Morning) -> Fill:
    """100 MIDCO sold short at 499.95 that the day did not buy back."""
    return traded(morning.desk, SOLD_ON.isoformat(), -100, "499.95", product=MIS, stays=True)


def plan_of(fill: Fill) -> str:
    return f"pl-{fill.order_id}"


def close_out(morning: Morning, fill: Fill, price: str = "600", charges: str = "0") -> None:
    book_close_out(
        morning.desk, plan_id=plan_of(fill), price=rs(price), charges=rs(charges),
        because="contract note", by="me",
    )  # fmt: skip


def test_what_the_broker_took_is_booked_as_brokerage_and_kept_in_the_record(morning: Morning):
    fill = a_short(morning)
    before = morning.cash("charges:brokerage")
    close_out(morning, fill, charges="1180.50")
    assert morning.cash("charges:brokerage") - before == rs("1180.50")
    assert morning.cash(REALISED) == rs("10005")  # bought in at 60,000, sold at 49,995
    morning.books_are_clean()
    with morning.desk.store.read() as tx:
        [entry] = [one for one in audit.entries(tx) if one.verb == "close out"]
    body = json.loads(entry.body)
    assert (body["price_paise"], body["charges_paise"]) == (60_000, 118_050)


def test_a_close_out_without_charges_costs_its_price_alone(morning: Morning):
    fill = a_short(morning)
    before = morning.cash("charges:brokerage")
    close_out(morning, fill)
    assert morning.cash("charges:brokerage") == before


@pytest.mark.parametrize(("price", "charges"), [("0", "0"), ("600", "-1")])
def test_no_price_or_charges_below_zero_book_nothing(morning: Morning, price: str, charges: str):
    fill = a_short(morning)
    with pytest.raises(BadInput, match=r"cannot be booked; give the price above ₹0\.00 that"):
        close_out(morning, fill, price, charges)
    with morning.desk.store.read() as tx:
        assert ledger.positions(tx)[0].qty == -100


def test_the_short_is_a_speculative_loss_of_its_sale_s_day(morning: Morning):
    fill = a_short(morning)
    with morning.desk.store.read() as tx:
        assert "100 sold on 2026-11-19 and 0 bought before" in demat_lots(tx, "paper").left_out[0]
    close_out(morning, fill, charges="1180")
    with morning.desk.store.read() as tx:
        lots, bucket = demat_lots(tx, "paper"), bucket_lots(tx, "event")
    assert (lots.left_out, lots.lots) == ((), ())
    [sold] = lots.sold
    assert (sold.term, sold.how, sold.sold_on) == (Term.INTRADAY, BOUGHT_IN, SOLD_ON)
    assert sold.gain == rs("-10005")
    # the sale's brokerage 15.00, fees 1.53 and 0.05, GST 2.99 (18 % of 16.5834), its tax 12.50,
    # and what the broker took
    assert sold.taxable == rs("-10005") - rs("1180") - rs("19.57") - rs("12.50")
    assert bucket.sold == lots.sold
    sheet = tax_sheet(morning.desk, 2026)
    assert dict(sheet.tax.gains)[Head.SPECULATIVE] == sold.taxable
    [said] = unsure_words(sheet)
    assert said.startswith("MIDCO: 100 shares sold short on 19 Nov 2026 were bought in by the")
    assert said in tax_view(morning.desk, 2026).warnings


def test_shares_held_for_delivery_keep_their_lot_beside_it(morning: Morning):
    second_account(morning.desk)
    traded(morning.desk, "2026-11-02", 100, "450", account="second")
    close_out(morning, a_short(morning))
    with morning.desk.store.read() as tx:
        lots = demat_lots(tx, "paper")
    assert [(lot.qty, lot.cost) for lot in lots.lots] == [(100, rs("45000"))]
    assert [one.term for one in lots.sold] == [Term.INTRADAY]


def test_what_was_bought_back_that_day_is_matched_before_what_was_bought_in(morning: Morning):
    fill = a_short(morning)
    traded(morning.desk, SOLD_ON.isoformat(), 100, "501", product=MIS, clock=6)
    traded(morning.desk, SOLD_ON.isoformat(), -100, "502", product=MIS, clock=7)
    close_out(morning, fill)
    with morning.desk.store.read() as tx:
        lots = demat_lots(tx, "paper")
    assert sorted((one.how, one.qty) for one in lots.sold) == [("bought", 100), (BOUGHT_IN, 100)]


def test_an_auction_stands_on_no_day_s_note_and_bears_no_tax_of_the_day(morning: Morning):
    fill = a_short(morning)
    settle_days(morning.desk, by="worker")  # the sale is delivery now: 0.1 % of 49,995
    assert generate_note(morning.desk, "paper", SOLD_ON).booked.stt == rs("50")
    close_out(morning, fill, charges="1180")
    today = morning.clock.now().date()
    with pytest.raises(BadInput, match="traded nothing on"):
        generate_note(morning.desk, "paper", today)
    assert settle_days(morning.desk, by="worker") == []
    assert generate_note(morning.desk, "paper", SOLD_ON).booked.stt == rs("50")


def test_a_tradebook_that_lists_the_auction_finds_it_in_the_books(morning: Morning):
    fill = a_short(morning)
    close_out(morning, fill)
    with morning.desk.store.read() as tx:
        [bought] = fills.of_order(tx, f"orC{plan_of(fill)}")
    found = compare(morning.desk, "paper", stated(fill, bought))
    assert found.count(Finding.SAME) == 2 and found.value_off == ZERO


def test_a_short_waits_on_positions_until_it_is_booked(morning: Morning):
    fill = a_short(morning)
    [one] = closed_out_view(morning.desk)
    assert one.label == "MIDCO short in Event tactical"
    assert one.sentence == (
        "100 shares sold short on 19 Nov 2026 were not bought back: the exchange bought them in or "
        "closed them out on 20 Nov 2026. Price and charges stand on the contract note."
    )
    assert one.button == "Book 100 MIDCO as bought in"
    close_out(morning, fill)
    assert closed_out_view(morning.desk) == ()


def test_a_short_of_today_and_a_purchase_held_wait_for_nobody(morning: Morning):
    today = morning.clock.now().date().isoformat()
    traded(morning.desk, today, -100, "499.95", product=MIS, stays=True)
    traded(morning.desk, "2026-11-19", 10, "500", clock=8, stays=True)
    with morning.desk.store.read() as tx:
        assert undelivered(tx, today=morning.clock.now().date()) == []
    assert closed_out_view(morning.desk) == ()


def test_a_note_of_the_day_that_an_auction_bought_in_misses_nothing(morning: Morning):
    fill = a_short(morning)
    close_out(morning, fill)
    on = morning.clock.now().date()
    bought = traded(morning.desk, on.isoformat(), 5, "500", of=RELIANCE)
    note = replace(a_note(Charges(stt=rs("3")), bought), on=on)
    assert [one.finding for one in compare(morning.desk, "paper", note).pairs] == [Finding.SAME]


def test_a_note_of_the_sale_s_day_adds_nothing_to_what_was_bought_in(morning: Morning):
    fill = a_short(morning)
    other = traded(morning.desk, SOLD_ON.isoformat(), 100, "499.95", of=RELIANCE, clock=6)
    close_out(morning, fill, charges="1180")
    settle_days(morning.desk, by="worker")
    with morning.desk.store.read() as tx:
        [before] = [lot.expenses for lot in demat_lots(tx, "paper").lots]
    booked = generate_note(morning.desk, "paper", SOLD_ON).booked
    theirs = replace(booked, brokerage=booked.brokerage + rs("40"))
    accept(morning.desk, "paper", replace(a_note(theirs, fill, other), on=SOLD_ON), by="me")
    with morning.desk.store.read() as tx:
        [after] = [lot.expenses for lot in demat_lots(tx, "paper").lots]
    assert after - before > rs("10")  # its part of 40, the short sale's the rest
