"""Caps and slips in numbers worked by hand."""

from __future__ import annotations

import pytest

from core.domain.card import Leg
from core.domain.instrument import PriceBand
from core.domain.live import Capped, Caps, LiveRow, cost_of, first_failed, typed_words, why_slip
from core.domain.money import Money
from core.domain.order import OrderType, Product, Side
from core.errors import BadInput
from tests.made import a_card, an_order, rs

BAND = PriceBand(low=rs("450"), high=rs("550"))


def slip(**changes: object) -> str:
    order = an_order(qty=100, limit_price=rs("505"), **changes)
    return why_slip(order, sized=100, ltp=rs("500"), band=BAND, tick=rs("0.05"), cash=rs("50500"))


def test_an_ordinary_entry_is_no_slip():
    assert slip() == ""


def test_a_price_past_the_band_is_named_with_both_ends():
    order = an_order(qty=1, limit_price=rs("549.95"))
    narrow = PriceBand(low=rs("475"), high=rs("525"))
    why = why_slip(order, sized=1, ltp=rs("520"), band=narrow, tick=rs("0.05"), cash=rs("9999"))
    assert why == "price band: the limit ₹549.95 is outside today's ₹475.00 to ₹525.00"


def test_a_tenth_away_is_still_meant_and_a_paisa_more_is_not():
    edge = an_order(qty=1, limit_price=rs("550"))
    assert why_slip(edge, sized=1, ltp=rs("500"), band=BAND, tick=rs("0.05"), cash=rs("999")) == ""
    over = an_order(qty=1, limit_price=rs("550.05"))
    why = why_slip(over, sized=1, ltp=rs("500"), band=BAND, tick=rs("0.05"), cash=rs("999"))
    assert why.startswith("price: the limit ₹550.05")


def test_a_market_order_is_never_an_entry():
    order = an_order(order_type=OrderType.MARKET, limit_price=None)
    why = why_slip(order, sized=100, ltp=rs("500"), band=BAND, tick=rs("0.05"), cash=rs("99999"))
    assert "has no limit price" in why
    with pytest.raises(BadInput, match="cannot be capped"):
        cost_of(order)


def test_what_is_left_is_the_smaller_of_both_caps_and_never_negative():
    caps = Caps(rs("25000"), rs("100000"))
    assert Capped("login x", caps, Money(0)).left == rs("25000")
    assert Capped("login x", caps, rs("90000")).left == rs("10000")
    assert Capped("login x", caps, rs("120000")).left == Money(0)


def test_the_first_row_that_fails_speaks():
    rows = [LiveRow("a", True, "well"), LiveRow("b", False, "ill"), LiveRow("c", False, "worse")]
    assert first_failed(rows) == rows[1]
    assert first_failed(rows[:1]) is None


def test_the_words_to_type_are_symbol_and_shares():
    assert typed_words(a_card()) == "MIDCO 100"
    short = (Leg(Side.SELL, 100, Product.MIS),)
    assert typed_words(a_card(legs=short)) == "MIDCO 100 SHORT"
