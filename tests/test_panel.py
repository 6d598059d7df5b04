from datetime import date

import numpy as np
import pytest

from core.errors import NoData, NotFound
from core.panel import Panel, append

DAYS = (date(2026, 4, 6), date(2026, 4, 7), date(2026, 4, 8))


def panel_of(close: list[list[float]], *, days=DAYS, isins=("A", "B"), factor=None) -> Panel:
    prices = np.array(close, dtype=float)
    return Panel(
        sessions=tuple(days),
        isins=isins,
        open=prices,
        high=prices + 1,
        low=prices - 1,
        close=prices,
        volume=np.full(prices.shape, 10.0),
        factor=np.ones(prices.shape) if factor is None else np.array(factor, dtype=float),
    )


THREE = panel_of([[100, 10], [101, 11], [102, 12]])


def test_arrays_must_have_a_row_a_session_and_a_column_an_instrument():
    with pytest.raises(ValueError, match=r"open has shape \(2, 2\).*say \(3, 2\)"):
        panel_of([[1, 2], [3, 4]])


def test_turnover_is_close_times_volume():
    assert THREE.turnover[2].tolist() == [1020, 120]


def test_instruments_come_in_the_order_asked():
    turned = THREE.only(["B", "A"])
    assert turned.isins == ("B", "A")
    assert turned.close[0].tolist() == [10, 100]
    with pytest.raises(NotFound, match="C is not among the panel's 2 ISINs"):
        THREE.only(["C"])


def test_until_and_since_include_their_day():
    assert THREE.until(DAYS[1]).sessions == DAYS[:2]
    assert THREE.since(DAYS[1]).sessions == DAYS[1:]
    assert THREE.until(date(2026, 4, 1)).sessions == ()
    assert THREE.since(date(2026, 4, 9)).close.shape == (0, 2)


def test_a_factor_divides_prices_and_multiplies_volume():
    # a 2:1 split before the last session: 200 then is 100 today, 10 shares then are 20
    split = panel_of([[200, 1], [202, 1], [102, 1]], factor=[[2, 1], [2, 1], [1, 1]]).adjusted()
    assert split.close[:, 0].tolist() == [100, 101, 102]
    assert split.volume[:, 0].tolist() == [20, 20, 10]
    assert (split.factor == 1).all()
    assert (split.turnover[0] == [2000, 10]).all()


def test_later_bars_follow_and_are_put_in_the_same_order():
    later = panel_of([[13, 103]], days=[date(2026, 4, 9)], isins=("B", "A"))
    whole = append(THREE, later)
    assert whole.sessions[-1] == date(2026, 4, 9) and whole.isins == ("A", "B")
    assert whole.close[-1].tolist() == [103, 13]


def test_bars_that_do_not_come_later_are_refused():
    with pytest.raises(NoData, match="2026-04-08 cannot follow bars up to 2026-04-08"):
        append(THREE, THREE.since(DAYS[2]))
