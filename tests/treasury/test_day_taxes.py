"""The tax of a share's day by hand: intraday for what was both bought and sold, parted exactly."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.charges import Item
from core.domain.money import Money
from core.domain.order import Product
from core.providers.charges_file import load_charges
from core.treasury.day_note import NoteTrade
from core.treasury.day_taxes import share_tax, tax_by_account

SCHEDULE = load_charges(Path(__file__).resolve().parents[2] / "data" / "charges.json")
NOW = date(2026, 11, 20)


def a_trade(account: str, qty: int, price: str, *, isin: str = "INE000A01016", symbol: str = "A"):
    return NoteTrade(
        account, f"{account}{qty}", "t", symbol, isin, "NSE", qty, Money.rupees(price), Product.CNC
    )


def parts(*trades: NoteTrade, item: Item = Item.STT) -> dict[str, Decimal]:
    return tax_by_account(SCHEDULE, item, trades, on=NOW)


def test_a_purchase_sold_the_same_day_bears_the_intraday_rate_of_its_sale():
    # 100 at 510 sold: 51,000 x 0.025 % = 12.75
    assert parts(a_trade("a", 100, "500"), a_trade("a", -100, "510")) == {"a": Decimal("12.75")}


def test_what_is_left_of_a_purchase_bears_the_delivery_rate():
    # 300 bought at 500, 100 sold at 510: 200/300 of 1,50,000 x 0.1 % = 100, and 12.75
    assert parts(a_trade("a", 300, "500"), a_trade("a", -100, "510")) == {"a": Decimal("112.75")}


def test_one_account_s_round_trip_lowers_no_other_account_s_delivery():
    # a's pair by itself 12.75, b's purchase 50; the prices are the same, so nothing is left over
    found = parts(a_trade("a", 100, "500"), a_trade("a", -100, "510"), a_trade("b", 100, "500"))
    assert found == {"a": Decimal("12.75"), "b": Decimal("50")}


def test_what_one_account_s_sale_saves_another_s_purchase_goes_to_both_by_their_tax():
    # by themselves 50 and 51, together 12.75: 88.25 saved, 50/101 of it for a
    found = parts(a_trade("a", 100, "500"), a_trade("b", -100, "510"))
    assert sum(found.values()) == pytest.approx(Decimal("12.75"))
    assert found["a"] == pytest.approx(Decimal("12.75") * 50 / 101)


def test_a_fund_s_day_goes_by_the_fund_s_rates():
    # an equity fund's units: nothing for buying, 0.001 % for selling, 0.025 % within the day
    fund = {"isin": "INF204KB14I2", "symbol": "NIFTYBEES"}
    assert parts(a_trade("a", -100, "510", **fund)) == {"a": Decimal("0.51")}
    pair = (a_trade("a", 100, "500", **fund), a_trade("a", -100, "510", **fund))
    assert parts(*pair) == {"a": Decimal("12.75")}
    gold = {"isin": "INF204KB17I5", "symbol": "GOLDBEES"}
    pair = (a_trade("a", 100, "500", **gold), a_trade("b", -100, "510", **gold))
    assert parts(*pair) == {"a": Decimal(0), "b": Decimal(0)}


def test_stamp_duty_goes_by_the_day_as_well():
    # 300 bought at 500, 100 sold: 50,000 x 0.003 % = 1.50 and 1,00,000 x 0.015 % = 15; the seller
    # bears none
    found = parts(a_trade("a", 300, "500"), a_trade("a", -100, "510"), item=Item.STAMP)
    assert found == {"a": Decimal("16.50")}
    pair = (a_trade("a", 100, "500"), a_trade("b", -100, "510"))
    assert parts(*pair, item=Item.STAMP) == {"a": Decimal("1.50"), "b": Decimal(0)}


TRADES = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.integers(-300, 300).filter(bool),
        st.integers(1_000, 900_000),
    ),
    min_size=1,
    max_size=8,
)


@given(TRADES, st.sampled_from(["INE000A01016", "INF204KB14I2"]))
def test_parts_are_never_below_zero_and_sum_to_the_day_s_tax(drawn, isin: str):
    trades = [
        a_trade(name, qty, f"{Decimal(paise) / 100}", isin=isin) for name, qty, paise in drawn
    ]
    found = parts(*trades)
    assert all(part >= 0 for part in found.values())
    assert abs(sum(found.values()) - share_tax(SCHEDULE, Item.STT, trades, on=NOW)) < Decimal(
        "1e-9"
    )
