from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.account import Broker
from core.domain.money import ZERO, Money
from core.domain.order import Product, Side
from core.errors import BadInput
from core.providers.charges_file import load_charges
from core.treasury.quote import Terms, charge_quote

SCHEDULE = load_charges(Path(__file__).resolve().parents[2] / "data" / "charges.json")
NOW = date(2026, 11, 20)
Z, CNC, MIS = Broker.ZERODHA, Product.CNC, Product.MIS


def rupees(text: str | int) -> Money:
    return Money.rupees(text)


def test_a_round_trip_shows_both_roundings_the_dp_charge_and_what_is_left():
    # golden case 1: 113.32 to the paisa, 113.82 on the note, 15.34 at the depository
    quote = charge_quote(SCHEDULE, Terms(Z, CNC, NOW), qty=100, buy=rupees(500), sell=rupees(520))
    assert (quote.paisa.total, quote.note_total, quote.dp, quote.total) == (
        rupees("113.32"),
        rupees("113.82"),
        rupees("15.34"),
        rupees("128.66"),
    )
    assert quote.net == rupees("1871.34")
    # sold at 501.27: 127 of gain against 126.68; a paisa less earns 126 against 126.68
    assert (quote.break_even, quote.move) == (rupees("501.27"), rupees("1.27"))


def test_a_thousand_rupees_of_delivery_need_almost_two_percent():
    quote = charge_quote(SCHEDULE, Terms(Z, CNC, NOW), qty=1, buy=rupees(1000))
    assert quote.move == rupees("17.59")
    assert (quote.dp, quote.net) == (ZERO, None)  # nothing is sold yet


def test_a_short_sale_breaks_even_below_its_price():
    quote = charge_quote(SCHEDULE, Terms(Z, MIS, NOW), qty=100, sell=rupees(1500))
    assert quote.break_even == rupees(1500) - quote.move
    assert (quote.dp, [leg.side for leg in quote.legs]) == (ZERO, [Side.SELL])


def test_every_rate_names_its_day_and_source():
    rates = charge_quote(SCHEDULE, Terms(Z, CNC, NOW), qty=1, buy=rupees(100)).rates
    assert [(one.item, one.side) for one in rates] == [
        ("brokerage", ""),
        ("stt", ""),
        ("exchange", ""),
        ("ipft", ""),
        ("sebi", ""),
        ("stamp", "BUY"),
        ("stamp", "SELL"),
        ("gst", ""),
        ("dp", "SELL"),
    ]
    assert all(one.source and one.valid_from <= NOW for one in rates)
    assert rates[2].fraction == Decimal("0.000030699")


def test_a_group_of_bse_sets_the_fee():
    def fee(group: str) -> Money:
        terms = Terms(Z, CNC, NOW, exchange="BSE", group=group)
        return charge_quote(SCHEDULE, terms, qty=1000, buy=rupees(1000)).paisa.exchange

    assert (fee("A"), fee("X")) == (rupees("37.50"), rupees(1000))


@pytest.mark.parametrize(
    ("terms", "prices", "words"),
    [
        (Terms(Z, CNC, NOW), {}, "give a buy price, a sell price or both"),
        (Terms(Z, CNC, NOW, exchange="MCX"), {"buy": 1}, "use BSE or NSE"),
        (Terms(Z, CNC, NOW, exchange="BSE", group="Q"), {"buy": 1}, "BSE's are A, B"),
        (Terms(Z, CNC, NOW, group="A"), {"buy": 1}, "NSE has none"),
        (Terms(Z, CNC, date(2017, 6, 30)), {"buy": 1}, "begins on 2017-07-01"),
        (Terms(Broker.UPSTOX, CNC, NOW), {"sell": 1}, "never earn their charges"),
    ],
)
def test_what_cannot_be_worked_out_is_refused(terms: Terms, prices, words: str):
    given_ = {name: rupees(price) for name, price in prices.items()}
    with pytest.raises(BadInput, match=words):
        charge_quote(SCHEDULE, terms, qty=1, **given_)


@given(
    broker=st.sampled_from(Broker),
    product=st.sampled_from(Product),
    qty=st.integers(1, 5_000),
    price=st.integers(1_000, 5_000_000),
)
def test_at_the_break_even_price_a_round_trip_earns_nothing_and_a_paisa_less_loses(
    broker, product, qty, price
):
    terms = Terms(broker, product, NOW)
    even = charge_quote(SCHEDULE, terms, qty=qty, buy=Money(price)).break_even
    at = charge_quote(SCHEDULE, terms, qty=qty, buy=Money(price), sell=even).net
    below = charge_quote(SCHEDULE, terms, qty=qty, buy=Money(price), sell=even - Money(1)).net
    assert at is not None and below is not None
    assert at >= ZERO > below
