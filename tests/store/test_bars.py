from datetime import date, timedelta

import numpy as np
import pytest

from core.errors import NotFound
from core.panel import FIELDS, Panel
from core.store import bars

DAYS = (date(2026, 11, 18), date(2026, 11, 19), date(2026, 11, 20))


def panel(sessions=DAYS, isins=("INE000000002", "INE000000001"), *, start=100.0) -> Panel:
    size = (len(sessions), len(isins))
    values = start + np.arange(size[0] * size[1], dtype=np.float64).reshape(size) / 7
    parts = {name: values + place for place, name in enumerate(FIELDS)}
    return Panel(sessions=sessions, isins=isins, factor=np.ones(size), **parts)


def same(one: Panel, two: Panel) -> bool:
    arrays = (*FIELDS, "factor")
    return (one.sessions, one.isins) == (two.sessions, two.isins) and all(
        np.array_equal(getattr(one, name), getattr(two, name), equal_nan=True) for name in arrays
    )


def test_a_panel_comes_back_to_the_last_bit(any_store):
    with any_store.write() as tx:
        assert bars.put_panel(tx, panel(), "sim") == 6
    with any_store.read() as tx:
        assert same(bars.read_panel(tx, panel().isins), panel())
        assert bars.read_panel(tx).isins == ("INE000000001", "INE000000002")
        assert bars.sessions(tx) == DAYS
        assert bars.any_stored(tx)


def test_a_missing_bar_has_no_row_and_a_missing_part_stays_missing(any_store):
    given = panel()
    for name in FIELDS:
        getattr(given, name)[1, 0] = np.nan  # no bar that day
    given.volume[2, 1] = np.nan  # a bar without a volume
    with any_store.write() as tx:
        assert bars.put_panel(tx, given, "sim") == 5
        back = bars.read_panel(tx, given.isins)
        assert same(back, given)
        assert back.factor[1, 0] == 1.0


def test_the_most_sessions_are_those_of_the_share_with_most_bars(any_store):
    with any_store.write() as tx:
        assert bars.most_sessions(tx) == 0
        given = panel()
        for name in FIELDS:
            getattr(given, name)[1, 0] = np.nan
        bars.put_panel(tx, given, "sim")
        assert bars.most_sessions(tx) == 3


def test_writing_again_replaces(any_store):
    with any_store.write() as tx:
        bars.put_panel(tx, panel(), "sim")
        later = panel(sessions=DAYS[2:], start=500.0)
        assert bars.put_panel(tx, later, "file") == 2
        back = bars.read_panel(tx, panel().isins)
        assert back.open[2, 0] == 500.0
        assert back.open[1, 0] == panel().open[1, 0]


def test_bounds_are_included(any_store):
    with any_store.write() as tx:
        bars.put_panel(tx, panel(), "sim")
        assert bars.read_panel(tx, start=DAYS[1]).sessions == DAYS[1:]
        assert bars.read_panel(tx, end=DAYS[1]).sessions == DAYS[:2]
        assert bars.read_panel(tx, start=DAYS[1], end=DAYS[1]).sessions == DAYS[1:2]


def test_an_instrument_without_bars_is_named(any_store):
    with any_store.write() as tx:
        bars.put_panel(tx, panel(), "sim")
        with pytest.raises(NotFound, match="no bars for INE000000009"):
            bars.read_panel(tx, ["INE000000001", "INE000000009"])


def test_no_bars_at_all_is_an_empty_panel(any_store):
    with any_store.write() as tx:
        assert bars.put_panel(tx, panel(sessions=()), "sim") == 0
        empty = bars.read_panel(tx)
        assert (empty.sessions, empty.isins) == ((), ())
        assert bars.read_panel(tx, []).open.shape == (0, 0)
        assert bars.sessions(tx) == ()
        assert not bars.any_stored(tx)


def test_provenance_says_where_bars_came_from(any_store):
    with any_store.write() as tx:
        bars.put_panel(tx, panel(), "sim")
        bars.put_panel(tx, panel(sessions=(DAYS[2] + timedelta(days=3),)), "file")
        found = bars.provenance(tx, "INE000000001")
        assert (found.rows, found.first, found.last) == (4, DAYS[0], date(2026, 11, 23))
        assert found.sources == ("file", "sim")
        with pytest.raises(NotFound, match="X has no bars"):
            bars.provenance(tx, "X")
