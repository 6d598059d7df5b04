"""Figures are dated snapshots, read as they were known; shares outside are told apart."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.store import fundamentals, instruments
from core.store.fundamentals import Figure, Snapshot
from tests.made import MIDCO, T0, TCS

OLD = Snapshot(TCS.isin, "yfinance", T0, (Figure("trailing_pe", 28.0, "times"),))
NEW = Snapshot(
    TCS.isin,
    "yfinance",
    T0 + timedelta(days=3),
    (
        Figure("trailing_pe", 25.5, "times"),
        Figure("revenue", 6.1e11, "INR", "2026-06-30"),
        Figure("revenue", 6.3e11, "INR", "2026-09-30"),
    ),
)


def test_a_read_sees_only_what_had_been_fetched_by_then(any_store):
    with any_store.write() as tx:
        fundamentals.put(tx, OLD)
        fundamentals.put(tx, NEW)
    with any_store.read() as tx:
        assert fundamentals.newest(tx, [TCS.isin], as_of=T0 - timedelta(seconds=1)) is None
        assert fundamentals.first_after(tx, [TCS.isin], after=T0 - timedelta(seconds=1)) == T0
        then = fundamentals.newest(tx, [TCS.isin], as_of=T0 + timedelta(days=2))
        now = fundamentals.newest(tx, [TCS.isin], as_of=T0 + timedelta(days=9))
    assert then == OLD and then.periods() == ()
    assert now is not None and now.fetched_at == NEW.fetched_at
    pe, quarter = now.value("trailing_pe"), now.of_period("revenue", "2026-06-30")
    assert pe is not None and pe.value == 25.5
    assert now.periods() == ("2026-09-30", "2026-06-30")
    assert quarter is not None and quarter.value == 6.1e11
    assert now.value("eps") is None and now.of_period("profit", "2026-06-30") is None


def test_a_snapshot_kept_already_is_kept_once(any_store):
    with any_store.write() as tx:
        assert fundamentals.put(tx, NEW) == 3
        assert fundamentals.put(tx, NEW) == 0


def test_a_snapshot_under_an_older_isin_is_the_same_companys(any_store):
    old = replace(OLD, isin="INE467B01011")
    with any_store.write() as tx:
        fundamentals.put(tx, old)
        assert fundamentals.newest(tx, [TCS.isin], as_of=T0) is None
        assert fundamentals.newest(tx, ["INE467B01011", TCS.isin], as_of=T0) == old


def test_a_share_outside_is_known_and_not_traded_until_it_is_marked(any_store):
    outside = replace(MIDCO, is_traded=False)
    with any_store.write() as tx:
        instruments.put(tx, [TCS, outside])
        instruments.put(tx, [outside])
        assert instruments.by_isin(tx, MIDCO.isin) == outside
        assert instruments.by_symbol(tx, "MIDCO") == outside
        assert instruments.search(tx, "mid") == [outside]
        assert [one.is_traded for one in instruments.all_instruments(tx)] == [False, True]
        instruments.mark_traded(tx, [MIDCO.isin, TCS.isin], traded=True)
        assert instruments.by_isin(tx, MIDCO.isin) == MIDCO
        instruments.mark_traded(tx, [], traded=False)
        instruments.put(tx, [outside])
        instruments.put(tx, [MIDCO])
        assert instruments.by_isin(tx, MIDCO.isin) == MIDCO
