"""Upstox names a share by segment and ISIN, whatever list is at hand."""

from dataclasses import replace

import pytest

from core.brokers.upstox.shares import parted, shares_from, shares_of
from core.domain.listed import Kind, Listed
from core.errors import NotFound
from tests.made import LISTED, MIDCO, RELIANCE

LINE = Listed(
    broker="upstox", exchange="NSE", called=f"NSE_EQ|{MIDCO.isin}", symbol="MIDCO", name="Midco",
    isin=MIDCO.isin, token="1", series="EQ", kind=Kind.SHARE, tick_paise=5, lot=1,
)  # fmt: skip


def test_the_list_of_the_morning_is_joined_by_isin():
    other = [replace(LINE, broker="kite"), replace(LINE, exchange="BSE", called="BSE_EQ|X")]
    shares = shares_from([*other, LINE], LISTED)
    assert shares.by_isin(MIDCO.isin).key == LINE.called
    with pytest.raises(NotFound, match="load this morning's list"):
        shares.by_isin(RELIANCE.isin)


def test_without_a_list_the_universe_names_its_own_keys():
    shares = shares_of(LISTED)
    for key in (f"NSE_EQ|{RELIANCE.isin}", f"BSE_EQ|{RELIANCE.isin}"):
        assert shares.by_key(key) == shares.by_isin(RELIANCE.isin)
    assert shares.by_key(f"NSE_FO|{RELIANCE.isin}") is None


@pytest.mark.parametrize(
    ("key", "found"),
    [("NSE_EQ|INE1", ("NSE_EQ", "INE1")), ("NSE_FO|52567", ("NSE_FO", "")), ("", ("", ""))],
)
def test_only_the_cash_segments_have_an_isin(key, found):
    assert parted(key) == found
