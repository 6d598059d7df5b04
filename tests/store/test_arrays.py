from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from core.domain.action import ActionKind, ActionStatus, Factor
from core.domain.succession import Succession
from core.errors import NotFound
from core.panel import FIELDS, IntradayBars, Panel
from core.store import (
    adjusted_bars,
    array_versions,
    bar_extras,
    bar_merge,
    bars,
    factors,
    flows,
    index_bars,
    intraday,
    option_chain,
    panel_cache,
    successions,
)

DAYS = (date(2026, 11, 18), date(2026, 11, 19))
ISINS = ("INE000000001", "INE000000002")
EXCHANGE, FILE = "bhavcopy:cm.csv", "plain:mine.csv"


def rank(source: str) -> int:
    return 0 if source.startswith("bhavcopy") else 1


def panel(close: float = 100.0) -> Panel:
    grid = np.full((2, 2), close)
    return Panel(DAYS, ISINS, *[grid.copy() for _ in FIELDS], np.ones((2, 2)))


def ranging() -> Panel:
    return replace(panel(), low=np.full((2, 2), 90.0), high=np.full((2, 2), 110.0))


def extras(vwap: float, **more: float) -> dict[str, np.ndarray]:
    return {name: np.full((2, 2), value) for name, value in {"vwap": vwap, **more}.items()}


def test_what_stands_beside_a_bar_is_the_best_sources_and_its_last_word(any_store):
    with any_store.write() as tx:
        assert bar_extras.read(tx, ranging()) == {}
        assert bar_extras.put(tx, ranging(), {}, FILE, rank=rank) == 0
        assert bar_extras.put(tx, ranging(), extras(99.0, trades=7.0), FILE, rank=rank) == 4
        assert bar_extras.put(tx, ranging(), extras(98.0, trades=8.0), FILE, rank=rank) == 4
        found = bar_extras.read(tx, ranging())
        assert set(found) == {"vwap", "trades"}
        assert found["vwap"].tolist() == [[98.0, 98.0]] * 2
        one = ranging().only(ISINS[:1])
        said = {"delivery": np.array([[5.0], [np.nan]])}
        assert bar_extras.put(tx, one, said, EXCHANGE, rank=rank) == 1
        assert bar_extras.put(tx, ranging(), extras(97.0), FILE, rank=rank) == 3
        found = bar_extras.read(tx, ranging().only(ISINS[::-1]))
        np.testing.assert_equal(found["delivery"], [[np.nan, 5.0], [np.nan, np.nan]])
        np.testing.assert_equal(found["vwap"], [[97.0, np.nan], [97.0, 97.0]])


def test_nothing_stands_beside_a_bar_that_is_not_there_or_by_a_figure_that_cannot_be(any_store):
    bars_there = panel()
    bars_there.close[0, 0] = np.nan
    said = extras(100.4, trades=0.0, delivery=101.0)  # a volume of 100 between 100 and 100
    with any_store.write() as tx:
        assert bar_extras.put(tx, bars_there, extras(100.0), FILE, rank=rank) == 3
        assert bar_extras.put(tx, bars_there, said, EXCHANGE, rank=rank) == 0
        assert np.isnan(bar_extras.read(tx, panel())["vwap"][0, 0])


def test_what_was_said_under_an_older_isin_is_the_same_shares(any_store):
    with any_store.write() as tx:
        bar_extras.put(tx, panel(), extras(100.0), FILE, rank=rank)
        successions.put(tx, [Succession(ISINS[0], "INE000000099", DAYS[1], "x")])
        of = replace(panel().only(ISINS[:1]), isins=("INE000000099",))
        assert bar_extras.read(tx, of)["vwap"].tolist() == [[100.0], [100.0]]


def minute_bars(count: int = 3) -> IntradayBars:
    values = np.arange(count, dtype=np.float64) + 10.5
    start = 1_700_000_000 + 60 * np.arange(count, dtype=np.int64)
    return IntradayBars("INDIA VIX", 1, start, *[values + place for place in range(5)])


def test_the_same_bars_again_change_nothing(any_store):
    with any_store.write() as tx:
        assert bar_merge.merge_panel(tx, panel(), FILE, rank=rank).new == 4
        before = array_versions.version(tx)
        again = bar_merge.merge_panel(tx, panel(), FILE, rank=rank)
        assert (again.written, again.same) == (0, 4)
        assert array_versions.version(tx) == before


def test_the_exchange_outranks_a_file_and_both_bars_are_kept(any_store):
    with any_store.write() as tx:
        bar_merge.merge_panel(tx, panel(100.0), FILE, rank=rank)
        done = bar_merge.merge_panel(tx, panel(101.0), EXCHANGE, rank=rank)
        assert (done.replaced, done.not_taken) == (4, 0)
        assert bars.read_raw(tx, ISINS).close[0, 0] == 101.0
        lost = bar_merge.conflicts(tx, ISINS[0])
        assert [(one.session, one.source, one.close, one.kept_source) for one in lost] == [
            (day, FILE, 100.0, EXCHANGE) for day in DAYS
        ]
        back = bar_merge.merge_panel(tx, panel(100.0), FILE, rank=rank)
        assert (back.written, back.not_taken) == (0, 4)
        assert len(bar_merge.conflicts(tx)) == 4


def test_a_source_corrects_itself_and_its_earlier_bar_is_kept(any_store):
    with any_store.write() as tx:
        bar_merge.merge_panel(tx, panel(100.0), EXCHANGE, rank=rank)
        assert bar_merge.merge_panel(tx, panel(99.0), EXCHANGE, rank=rank).replaced == 4
        assert bars.read_raw(tx, ISINS).close[0, 0] == 99.0
        assert bar_merge.conflicts(tx)[0].source == f"earlier {EXCHANGE}"


def test_the_last_trade_is_kept_beside_the_official_close(any_store):
    last = np.array([[99.5, np.nan], [np.nan, np.nan]])
    with any_store.write() as tx:
        bar_merge.merge_panel(tx, panel(100.0), EXCHANGE, rank=rank, last=last)
        assert bar_merge.last_trades(tx, ISINS[0]) == {DAYS[0]: 99.5}
        assert bars.read_raw(tx, ISINS).close[0, 0] == 100.0


def test_bars_inside_the_day_come_back_and_only_what_differs_is_written(any_store):
    given = minute_bars()
    with any_store.write() as tx:
        assert intraday.put(tx, given, "file") == 3
        assert intraday.put(tx, given, "file") == 0
        changed = minute_bars(5)
        changed.close[1] = 99.0
        assert intraday.put(tx, changed, "file") == 3
        back = intraday.read(tx, "INDIA VIX", 1)
        assert np.array_equal(back.start, changed.start)
        assert np.array_equal(back.close, changed.close)
        late = datetime.fromtimestamp(1_700_000_120, UTC)
        assert len(intraday.read(tx, "INDIA VIX", 1, since=late)) == 3
        assert len(intraday.read(tx, "INDIA VIX", 1, until=late)) == 2
        (one,) = intraday.series(tx)
        assert (one.key, one.minutes, one.rows) == ("INDIA VIX", 1, 5)
        with pytest.raises(NotFound, match="no 5-minute bars"):
            intraday.read(tx, "INDIA VIX", 5)


def test_bars_inside_the_day_stand_once_each_and_oldest_first():
    with pytest.raises(ValueError, match="oldest first"):
        IntradayBars("X", 1, np.array([60, 60]), *[np.ones(2) for _ in range(5)])


def test_a_rebasing_is_no_return(any_store):
    close = np.array([1000.0, 1010.0, 102.0])
    days = np.array(["2004-05-26", "2004-05-27", "2004-05-28"], dtype="datetime64[D]")
    divisor = np.array([1.0, 1.0, 10.0])
    levels = [close, close, close, close, np.array([1.0, np.nan, 1.0])]
    with any_store.write() as tx:
        assert index_bars.put(tx, ["NIFTY IT"] * 3, days, levels, divisor, "file") == 3
        assert index_bars.put(tx, ["NIFTY IT"] * 3, days, levels, divisor, "file") == 0
        back = index_bars.read(tx, "NIFTY IT")
        assert (back.close / back.factor).tolist() == [100.0, 101.0, 102.0]
        assert np.isnan(back.volume[1])
        assert index_bars.names(tx) == {"NIFTY IT": 3}
        with pytest.raises(NotFound, match="NIFTY 50 has no daily levels"):
            index_bars.read(tx, "NIFTY 50")


def test_flows_and_positions_come_back_by_who(any_store):
    days = np.array(["2026-11-18", "2026-11-19"], dtype="datetime64[D]")
    amounts = {"buy": np.array([10.0, 20.0]), "sell": np.array([15.0, 5.0])}
    counts = {name: np.array([1.0, 2.0]) for name in flows.CONTRACTS}
    with any_store.write() as tx:
        for written in (2, 0):
            assert flows.put(tx, days, ["FII"] * 2, ["CASH"] * 2, amounts, "file") == written
            assert flows.put_positions(tx, days, "OI", ["Pro"] * 2, counts, "file") == written
        back = flows.read(tx, "FII", start=DAYS[1])
        assert (back.sessions, back.buy.tolist(), np.isnan(back.net[0])) == ((DAYS[1],), [20], True)
        assert flows.read(tx, "DII").sessions == ()
        assert flows.positions(tx, "Pro").counts["total_short"].tolist() == [1.0, 2.0]
        assert flows.positions(tx, "Client").sessions == ()


def test_an_option_chain_reads_by_expiry_strike_and_kind(any_store):
    at = datetime(2026, 11, 18, 10, 0, tzinfo=UTC)
    expiry = np.array(["2026-11-26"] * 2, dtype="datetime64[D]")
    last = {"last": np.array([12.5, np.nan])}
    with any_store.write() as tx:
        for written in (2, 0):
            done = option_chain.put(
                tx, ["NIFTY"] * 2, at, ["PE", "CE"], expiry, np.array([100.0, 100.0]), last, "f"
            )
            assert done == written
        back = option_chain.read(tx, "NIFTY")
        assert (back.kind, back.taken_at, back.expiry[0]) == (("CE", "PE"), at, date(2026, 11, 26))
        assert back.values["last"][1] == 12.5
        with pytest.raises(NotFound, match="BANKNIFTY has no option chain"):
            option_chain.read(tx, "BANKNIFTY")


def test_an_adjusted_file_is_written_once(any_store):
    days = np.array(["2026-11-18", "2026-11-19"], dtype="datetime64[D]")
    values = [np.array([1.0, 2.0])] * 5
    with any_store.write() as tx:
        assert adjusted_bars.put(tx, np.array(["SBIN"] * 2), days, values, "file") == 2
        assert adjusted_bars.put(tx, np.array(["SBIN"] * 2), days, values, "file") == 0
        assert adjusted_bars.read(tx, "SBIN").close.tolist() == [1.0, 2.0]
        assert adjusted_bars.read(tx, "TCS").sessions == ()


def test_a_cached_panel_is_the_stored_one_until_a_bar_or_factor_changes(any_store, tmp_path):
    with any_store.write() as tx:
        bars.put_panel(tx, panel(100.0), "x")
    with any_store.read() as tx:
        for _ in range(2):
            found = panel_cache.read_panel(tx, tmp_path, ISINS)
            assert found.close.tolist() == [[100.0, 100.0]] * 2
            assert (found.sessions, found.isins) == (DAYS, ISINS)
    (file,) = (tmp_path / panel_cache.FOLDER).glob("*.npy")
    at = datetime(2026, 11, 18, tzinfo=UTC)
    split = Factor(ISINS[0], DAYS[1], 2.0, ActionKind.SPLIT, "x", at, ActionStatus.CONFIRMED)
    with any_store.write() as tx:
        factors.put(tx, [split])
        found = panel_cache.read_panel(tx, tmp_path, ISINS)
        assert found.factor.tolist() == [[2.0, 1.0], [1.0, 1.0]]
    assert not file.exists()


def test_a_cache_cut_short_is_read_from_the_store_instead(store, tmp_path):
    with store.write() as tx:
        bars.put_panel(tx, panel(100.0), "x")
        panel_cache.read_panel(tx, tmp_path)
        (file,) = (tmp_path / panel_cache.FOLDER).glob("*.npy")
        file.write_bytes(file.read_bytes()[:-40])
        assert panel_cache.read_panel(tx, tmp_path).close[1, 1] == 100.0
