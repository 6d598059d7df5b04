from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.instrument import (
    CapClass,
    Instrument,
    price_band,
    snap,
    tick_for,
    trading_range,
)
from core.domain.money import Money
from core.errors import BadInput
from tests.made import rs

SBIN = Instrument(
    isin="INE062A01020",
    symbol="SBIN",
    name="State Bank of India",
    sector="Financial Services",
    cap_class=CapClass.LARGE,
)
FUTURES = replace(SBIN, band_pct=None, has_derivatives=True)


@pytest.mark.parametrize(
    ("price", "tick"),
    [
        ("0.05", "0.01"),
        ("250", "0.01"),
        ("250.01", "0.05"),
        ("1000", "0.05"),
        ("1000.05", "0.10"),
        ("5000", "0.10"),
        ("5000.10", "0.50"),
        ("10000", "0.50"),
        ("10000.50", "1"),
        ("20000", "1"),
        ("20001", "5"),
    ],
)
def test_the_tick_grows_with_the_price(price: str, tick: str):
    assert tick_for(rs(price)) == rs(tick)


@given(st.integers(1, 10**8), st.sampled_from([1, 5, 10, 50, 100, 500]))
def test_snapping_lands_on_a_tick_on_the_right_side(paise: int, tick: int):
    price = Money(paise)
    low, high = snap(price, Money(tick), up=False), snap(price, Money(tick), up=True)
    assert low <= price <= high
    assert low.paise % tick == high.paise % tick == 0
    assert high - low in (Money(0), Money(tick))


@pytest.mark.parametrize(
    ("pct", "low", "high"),
    # 2 % of 333.30 is 6.666, 5 % 16.665, 10 % 33.33, 20 % 66.66; snapped inward to 0.05
    [(2, "326.65", "339.95"), (5, "316.65", "349.95"), (10, "300.00", "366.60"),
     (20, "266.65", "399.95"), (None, "300.00", "366.60")],
)  # fmt: skip
def test_the_band_is_snapped_inward(pct: int | None, low: str, high: str):
    band = price_band(replace(SBIN, band_pct=pct), prev_close=rs("333.30"), tick=rs("0.05"))
    assert (band.low, band.high) == (rs(low), rs(high))
    assert band.holds(band.low) and band.holds(band.high)
    assert not band.holds(band.high + Money(1))


def test_a_fixed_band_does_not_follow_the_price():
    band = trading_range(SBIN, prev_close=rs(100), ltp=rs(150), tick=rs("0.05"))
    assert (band.low, band.high) == (rs(80), rs(120))


@pytest.mark.parametrize(
    ("ltp", "low", "high"),
    [("110", "90", "110"), ("110.05", "85", "115"), ("118", "80", "120"), ("70", "70", "130")],
)
def test_a_derivative_stock_s_range_flexes_in_steps(ltp: str, low: str, high: str):
    band = trading_range(FUTURES, prev_close=rs(100), ltp=rs(ltp), tick=rs("0.05"))
    assert (band.low, band.high) == (rs(low), rs(high))


def test_a_range_flexes_to_a_limit_and_never_to_nothing():
    band = trading_range(FUTURES, prev_close=rs(100), ltp=rs(400), tick=rs("0.05"))
    assert (band.low, band.high) == (rs(5), rs(195))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"isin": "INE062A0102"}, "SBIN: 'INE062A0102' is not a 12-character ISIN"),
        ({"isin": "INE062A0102-"}, "not a 12-character ISIN"),
        ({"symbol": ""}, "needs a symbol"),
        ({"band_pct": 15}, "band 15% is none of 2, 5, 10, 20"),
    ],
)
def test_an_instrument_cannot_hold_nonsense(change: dict[str, object], words: str):
    with pytest.raises(BadInput, match=words):
        replace(SBIN, **change)
