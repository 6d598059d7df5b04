"""Indicators against numbers worked by hand; TA-Lib's own are only asked for their length."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import BadInput
from core.market.indicators import GAUGES, LINES, Prices, average_price, line, supertrend


def prices(close: list[float], *, volume: list[float] | None = None, days: object = None) -> Prices:
    values = np.array(close, dtype=float)
    shares = np.ones_like(values) if volume is None else np.array(volume, dtype=float)
    return Prices(values + 1, values - 1, values, shares, None if days is None else np.array(days))


def test_the_average_price_is_weighted_by_volume_over_the_last_bars():
    # (10x1 + 20x3) / 4 = 17.5; then (20x3 + 40x1) / 4 = 25
    found = average_price(prices([10, 20, 40], volume=[1, 3, 1]), span=2)
    assert np.isnan(found[0])
    assert found[1:].tolist() == [17.5, 25.0]


def test_the_average_price_begins_anew_with_each_session():
    found = average_price(prices([10, 20, 40, 60], volume=[1, 1, 2, 2], days=[1, 1, 2, 2]))
    assert found.tolist() == [10.0, 15.0, 40.0, 50.0]


def test_bars_without_volume_have_no_average_price():
    assert np.isnan(average_price(prices([10, 20], volume=[0, 0]), span=1)).all()


def test_supertrend_lies_under_a_rise_and_turns_over_a_fall():
    rising = [100.0 + step for step in range(30)]
    falling = [129.0 - 4 * step for step in range(1, 20)]
    under, over = supertrend(prices(rising + falling), span=10, times=3.0)
    assert np.isfinite(under[20]) and np.isnan(over[20])
    assert under[29] < 129.0
    assert np.isnan(under[-1]) and over[-1] > falling[-1]
    tightening = under[11:30]
    assert (np.diff(tightening) >= 0).all()


def test_every_line_and_gauge_is_as_long_as_its_bars():
    bars = prices([100.0 + np.sin(step) for step in range(80)], volume=[5.0] * 80)
    for name in (*LINES, *GAUGES):
        assert {len(values) for _, values in line(name, bars)} == {80}, name


def test_an_unknown_indicator_is_named():
    with pytest.raises(BadInput, match="no indicator is called TEMA"):
        line("TEMA", prices([1.0]))
