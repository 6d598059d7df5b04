"""A generated note by hand, and its distance from what the books say."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.account import Broker
from core.domain.charges import Charges, sum_charges
from core.domain.money import ZERO, Money, total
from core.domain.order import Product, Side
from core.errors import BadInput
from core.providers.charges_file import load_charges
from core.treasury.charges import charges_on
from core.treasury.day_note import ITEMS, NoteTrade, agrees, day_note, shares_of

SCHEDULE = load_charges(Path(__file__).resolve().parents[2] / "data" / "charges.json")
NOW = date(2026, 11, 20)
Z, CNC, MIS = Broker.ZERODHA, Product.CNC, Product.MIS


def rupees(text: str | int) -> Money:
    return Money.rupees(text)


def a_trade(qty: int, price: str, *, order: str = "", product=CNC, account="a", isin="INE000A01"):
    name = order or f"{qty}@{price}"
    return NoteTrade(account, name, f"t{name}{qty}", isin, isin, "NSE", qty, rupees(price), product)


def note(*trades: NoteTrade, broker: Broker = Z):
    return day_note(SCHEDULE, trades, broker=broker, on=NOW)


def test_a_delivery_purchase_and_an_intraday_round_trip_by_hand():
    # CNC 100 @ 500: STT 50; MIS 100 @ 1500 -> 1510: STT 37.75; together 87.75, billed 88
    # stamp 7.50 + 4.50 = 12; turnover 3,51,000 at 0.003070 % = 10.78; SEBI 0.35
    # brokerage 40; GST 18 % of 51.1267 = 9.20
    one = note(
        a_trade(100, "500", isin="INE000B01"),
        a_trade(100, "1500", product=MIS),
        a_trade(-100, "1510", product=MIS),
    )
    assert one.charges == Charges(
        brokerage=rupees(40),
        stt=rupees(88),
        exchange=rupees("10.78"),
        sebi=rupees("0.35"),
        stamp=rupees(12),
        gst=rupees("9.20"),
    )
    assert (one.bought, one.sold, one.obligation) == (
        rupees(200_000),
        rupees(151_000),
        rupees(-49_000),
    )
    assert one.net == rupees(-49_000) - rupees("160.33")


def test_brokerage_is_capped_by_the_order_not_by_the_trade():
    # three parts of one order of ₹1,50,000: one cap of ₹20
    parts = [a_trade(n, "1500", order="o1", product=MIS) for n in (50, 30, 20)]
    assert note(*parts).charges.brokerage == rupees(20)


def test_delivery_shares_sold_on_the_day_they_were_bought_bear_the_intraday_rate():
    # 100 bought, 40 sold: 60 x 500 x 0.1 % = 30 and 40 x 510 x 0.025 % = 5.10
    one = note(a_trade(100, "500"), a_trade(-40, "510"))
    assert one.exact.stt == rupees("35.10").in_rupees
    assert one.charges.stt == rupees(35)


def test_the_broker_s_own_mixed_day_comes_to_the_same_rupees():
    # 500 @ 100 and 200 @ 110 bought, 500 @ 105 sold: its article bills 13 intraday, 21 delivery
    one = note(a_trade(500, "100"), a_trade(-500, "105"), a_trade(200, "110"))
    assert one.charges.stt == rupees(13 + 21)


def test_delivery_bought_and_sold_on_one_day_is_charged_as_intraday_throughout():
    # 50,000 and 51,000: brokerage 15 and 15.30, stamp 50,000 x 0.003 % = 1.50, STT 12.75 on the
    # sale, turnover 1,01,000 at 0.003070 % = 3.10, SEBI 0.10, GST 18 % of 33.50 = 6.03
    day, asked = note(a_trade(100, "500"), a_trade(-100, "510")), rupees("0.10")
    assert day.charges == Charges(
        brokerage=rupees("30.30"), stt=rupees(13), exchange=rupees("3.10"), sebi=asked,
        stamp=rupees(2), gst=rupees("6.03"),
    )  # fmt: skip
    as_intraday = note(a_trade(100, "500", product=MIS), a_trade(-100, "510", product=MIS))
    assert as_intraday.charges == day.charges


def test_one_share_sold_back_makes_both_orders_bear_the_intraday_brokerage():
    # Zerodha: "for both orders, regardless of the quantity bought back"; each is above the cap
    one = note(a_trade(-500, "800"), a_trade(1, "800"), a_trade(100, "2000", isin="INE000B01"))
    assert one.charges.brokerage == rupees("20.24")  # 800 x 0.03 % = 0.24; the other share none
    # stamp duty goes by the shares: 800 x 0.003 % and 2,00,000 x 0.015 %
    assert one.exact.stamp == Decimal("30.024")


def test_a_flat_delivery_brokerage_becomes_the_intraday_one():
    # Upstox: ₹20 flat for delivery, 0.1 % up to ₹20 within the day: 1,000 and 1,010 bear 2.01
    one = note(a_trade(1, "1000"), a_trade(-1, "1010"), broker=Broker.UPSTOX)
    assert one.charges.brokerage == rupees("2.01")
    assert note(a_trade(1, "1000"), broker=Broker.UPSTOX).charges.brokerage == rupees(20)


def test_no_trade_makes_no_note():
    with pytest.raises(BadInput, match="no trade on 2026-11-20"):
        note()


def test_totals_a_rupee_apart_agree_and_a_paisa_more_does_not():
    assert agrees(rupees("113.32"), rupees("114.32"))
    assert not agrees(rupees("113.32"), rupees("114.33"))


ORDERS = st.lists(
    st.tuples(
        st.sampled_from([1, -1]), st.integers(1, 3_000), st.integers(1_000, 500_000),
        st.sampled_from("ab"), st.integers(1, 3),
    ),
    min_size=1,
    max_size=8,
)  # fmt: skip


def of_the_books(trades, broker: Broker) -> dict[str, Charges]:
    """What the desk books, order by order, to the paisa."""
    found: dict[str, Charges] = {}
    for key in {(one.account_id, one.order_id, one.isin) for one in trades}:
        mine = [one for one in trades if (one.account_id, one.order_id, one.isin) == key]
        cost = charges_on(
            SCHEDULE, broker=broker, product=mine[0].product, exchange="NSE",
            side=Side.BUY if mine[0].qty > 0 else Side.SELL,
            turnover=total(one.value for one in mine), on=NOW,
        ).rounded()  # fmt: skip
        found[key[0]] = found.get(key[0], Charges()) + cost
    return found


@given(orders=ORDERS, broker=st.sampled_from([Z, Broker.UPSTOX, Broker.FYERS]))
def test_a_generated_note_reconciles_with_the_books_to_a_rupee(orders, broker):
    # one order a share: delivery one way, or an intraday pair
    trades = []
    for n, (sign, qty, paise, account, parts) in enumerate(orders):
        isin, price = f"INE{n:04d}01", str(Money(paise).in_rupees)
        product = MIS if n % 2 else CNC
        for part in range(parts):
            trades.append(
                NoteTrade(account, f"o{n}", f"t{n}.{part}", isin, isin, "NSE", sign * qty,
                          rupees(price), product)
            )  # fmt: skip
        if product is MIS:
            trades.append(
                NoteTrade(account, f"c{n}", f"c{n}", isin, isin, "NSE", -sign * qty * parts,
                          rupees(price), product)
            )  # fmt: skip
    one = note(*trades, broker=broker)
    booked = of_the_books(trades, broker)
    whole = sum_charges(booked.values())
    paise = Money(2 * len({(t.account_id, t.order_id) for t in trades}))
    for name in ITEMS:
        apart = abs(getattr(one.charges, name) - getattr(whole, name))
        assert apart <= Money(50) + paise, name
    assert abs(one.charges.total - whole.total) <= rupees(1) + paise
    shared = shares_of(one.charges, one)
    assert sum_charges(shared.values()) == one.charges
    assert set(shared) == set(booked)


def test_an_item_that_no_order_explains_is_parted_by_turnover():
    # Zerodha charges no brokerage on delivery; a note that does is parted 3 to 1
    one = note(a_trade(30, "100"), a_trade(10, "100", account="b", order="b1"))
    shared = shares_of(Charges(brokerage=rupees(20)), one)
    assert {name: of.brokerage for name, of in shared.items()} == {"a": rupees(15), "b": rupees(5)}
    assert shared["a"].stt == ZERO
