"""Indicators: TA-Lib's as TA-Lib says them, the others by published tables or by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import talib
from talib import abstract

from core.errors import BadInput
from core.features import longer, momentum, statistical, trend, volatility, volume
from core.features.indicator import ADDS_UP
from core.features.indicators import chosen, indicators, series
from core.features.indicators_own import OWN_INDICATORS, ease_of_movement
from core.features.indicators_talib import GROUPS, STARTS, UNITS, WANTS_MORE, from_talib
from core.market.indicators import Prices, supertrend
from core.market.vwap import anchored_vwap, first_of, rolling_vwap
from core.panel import Floats
from tests.features import published
from tests.features.made_bars import bars_of, of_panel, tail
from tests.models.made import noise

PANEL = noise(seed=11, shares=1, sessions=400)
FROM_TALIB = [name for group in GROUPS for name in talib.get_function_groups()[group]]


@pytest.mark.parametrize("group", GROUPS)
def test_each_function_taken_from_talib_equals_it(group: str):
    bars = of_panel(PANEL)
    inputs = {part: getattr(bars, part) for part in ("open", "high", "low", "close", "volume")}
    for name in sorted(set(talib.get_function_groups()[group]) - WANTS_MORE):
        function = abstract.Function(name)
        said = function(inputs)
        wanted = said if isinstance(said, list | tuple) else [said]
        found = series(bars, [indicators()[name]])
        assert len(found) == len(wanted), name
        for mine, its in zip(found.values(), wanted, strict=True):
            assert np.isnan(mine[: function.lookback]).all(), name
            known = slice(function.lookback, None)
            np.testing.assert_array_equal(mine[known], its[known], name)


def test_every_function_of_talib_over_bars_is_taken_with_a_unit():
    taken = {one.name for one in from_talib()}
    assert taken == set(FROM_TALIB) - WANTS_MORE
    assert len([one for one in from_talib() if one.group == "candles"]) == 61
    named = [name for names in UNITS.values() for name in names]
    assert len(named) == len(set(named)) and set(named) <= taken
    assert all(one.words and one.unit and one.source for one in indicators().values())
    assert {name for names in STARTS.values() for name in names} <= taken


def test_what_lies_before_shows_only_where_an_indicator_says_so():
    long = of_panel(noise(seed=12, shares=1, sessions=1300))
    whole = series(long, chosen())
    for one in chosen():
        bars = one.warm_up if one.per == "session" else 5 * one.warm_up + 5
        short = _apart(whole, series(tail(long, bars + 9), [one]))
        late = _apart(whole, series(tail(long, 1000), [one]))
        assert (short < 1e-6) == (one.start == "") or one.name in SELDOM, one.name
        assert (late > 1e-6) == (one.start == ADDS_UP), one.name


SELDOM = {"HT_TRENDMODE"}  # changes so seldom that its start may not show


def _apart(whole: dict[str, Floats], part: dict[str, Floats]) -> float:
    """How far the last ten values are apart at most, over the spread of all."""
    return max(
        float(np.abs(part[name][-10:] - whole[name][-10:]).max() / (np.nanstd(whole[name]) or 1.0))
        for name in part
    )


def test_without_volume_nothing_weighted_by_it_is_said():
    high, low, close = published.spy()
    bars = bars_of(close, high=high, low=low, volume=np.zeros(len(close)))
    names = ["VWAP", "MARKETFI", "MFI", "CMF", "VWMA", "RVOL", "VWAP_20", "VWAP_MONTH", "EOM",
             "AMIHUD"]  # fmt: skip
    for name, column in series(bars, chosen(names)).items():
        assert np.isnan(column).all(), name


def test_an_indicator_speaks_from_its_warm_up_on():
    found = series(of_panel(PANEL), chosen())
    for one in chosen():
        known = ~np.isnan(np.array([found[name] for name in one.columns])).any(axis=0)
        first = 70 if one.per == "week" else one.warm_up - 1  # the 15th week begins on day 71
        np.testing.assert_array_equal(known, np.arange(400) >= first, one.name)


@pytest.mark.parametrize("cut", [2, 60, 250])
def test_no_indicator_sees_what_came_after_its_bar(cut: int):
    whole = series(of_panel(PANEL), chosen())
    for name, column in series(of_panel(PANEL, upto=cut), chosen()).items():
        np.testing.assert_array_equal(whole[name][:cut], column, name)


def test_names_and_groups_choose_and_unknown_ones_are_refused():
    assert [one.name for one in chosen(["RSI", "VWAP_20"])] == ["RSI", "VWAP_20"]
    assert {one.group for one in chosen(["CANDLES"])} == {"candles"}
    assert len(chosen()) == len(indicators()) > 150
    with pytest.raises(BadInput, match="PARKINSEN is no indicator; near it are PARKINSON"):
        chosen(["PARKINSEN"])


def test_vwap_equals_the_published_table():
    high, low, close, shares, wanted = np.array(published.VWAP_14).T
    typical = (high + low + close) / 3
    since_first = anchored_vwap(typical, shares, np.zeros(len(close), np.int64))
    np.testing.assert_allclose(since_first[:14], wanted[:14], rtol=1e-6)
    rolling = rolling_vwap(typical, shares, 14)
    np.testing.assert_allclose(rolling[13:], wanted[13:], rtol=1e-6)


def test_the_ulcer_index_equals_the_published_table():
    # the table lets the highest close grow from its first bar on; low closes before do the same
    bars = bars_of([1.0] * 13 + list(published.ULCER_CLOSES))
    assert 100 * volatility.ulcer(bars, 14)[-1] == pytest.approx(published.ULCER_14, rel=1e-8)


def test_the_donchian_channel_equals_the_published_table():
    high, low = np.array(published.DONCHIAN_BARS).T
    top, middle, foot = talib.DONCHIAN(high, low, 20)
    wanted = np.array(published.DONCHIAN_20)
    np.testing.assert_allclose(top[19:], wanted[:, 0])
    np.testing.assert_allclose(foot[19:], wanted[:, 1])
    np.testing.assert_allclose(middle[19:], wanted[:, 2], atol=0.0051)  # the table has two places
    np.testing.assert_allclose(
        trend.middle(bars_of(high, high=high, low=low), 20)[19:], middle[19:]
    )


def test_ichimoku_equals_the_published_table():
    high, low, close = published.spy()
    drawn = _ichimoku(bars_of(close, high=high, low=low))
    for bar, wanted in published.ICHIMOKU.items():
        for line, value in zip(drawn, wanted, strict=True):
            assert np.isnan(line[bar]) if value is None else line[bar] == pytest.approx(value)


def test_choppiness_equals_the_published_table():
    high, low, close = published.spy()
    found = volatility.choppiness(bars_of(close, high=high, low=low))
    assert np.isnan(found[13])
    for bar, wanted in published.CHOPPINESS_14.items():
        assert found[bar] == pytest.approx(wanted, abs=5e-5)


def test_the_supertrend_equals_the_published_table():
    high, low, close = map(np.array, published.spy())
    shares = np.ones(len(close))
    under, over = supertrend(Prices(high, low, close, shares), span=14, times=3.0)
    line, side = talib.SUPERTREND(high, low, close, 14, 3.0)
    for bar, (wanted, below) in published.SUPERTREND_14.items():
        assert line[bar] == pytest.approx(wanted, abs=5e-4) and (side[bar] > 0) is np.bool_(below)
        assert (under if below else over)[bar] == pytest.approx(wanted, abs=5e-4)


def test_the_entropy_of_order_equals_the_published_example():
    found = statistical.order_entropy(np.array(published.ORDER_SERIES), 5)[-1]
    assert found * math.log2(6) == pytest.approx(published.ORDER_ENTROPY_BITS, abs=5e-4)


def test_the_supertrend_is_the_one_that_a_plain_loop_draws():
    bars = of_panel(PANEL)
    under, over = supertrend(Prices(bars.high, bars.low, bars.close, bars.volume))
    reach = 3 * talib.ATR(bars.high, bars.low, bars.close, 10)
    top, foot = (bars.high + bars.low) / 2 + reach, (bars.high + bars.low) / 2 - reach
    rising = True
    for at in range(11, 400):
        held = bars.close[at - 1]
        foot[at] = max(foot[at], foot[at - 1]) if held >= foot[at - 1] else foot[at]
        top[at] = min(top[at], top[at - 1]) if held <= top[at - 1] else top[at]
        rising = bars.close[at] >= foot[at] if rising else bars.close[at] > top[at]
        if at < 60:
            continue  # the two may choose their first side differently
        assert (np.isnan(over[at]), np.isnan(under[at])) == (rising, not rising)
        assert (under if rising else over)[at] == pytest.approx(foot[at] if rising else top[at])


def test_the_running_month_has_a_vwap_of_its_own():
    # January 2024 has 23 weekdays from Monday the 1st; 31 January is bar 22, 1 February bar 23
    bars = bars_of(np.r_[np.full(23, 100.0), 110.0, 130.0], volume=np.r_[np.ones(24), 3.0])
    found = anchored_vwap(bars.typical, bars.volume, first_of(bars.month))
    assert found[22:].tolist() == pytest.approx([100.0, 110.0, (110 + 3 * 130) / 4])


def steady(sessions: int, step: float = 1.0) -> Floats:
    return 100.0 + step * np.arange(sessions)


def test_the_cloud_over_today_was_drawn_26_bars_before():
    # highs and lows rise by 1: the middle of n bars lags the close by (n - 1) / 2
    bars = bars_of(steady(120))
    conversion, base, span_a, span_b = (column[-1] for column in _ichimoku(bars))
    assert conversion == pytest.approx(219 - 4)
    assert base == pytest.approx(219 - 12.5)
    assert span_a == pytest.approx(((219 - 26 - 4) + (219 - 26 - 12.5)) / 2)
    assert span_b == pytest.approx(219 - 26 - 25.5)


def _ichimoku(bars: object) -> list[Floats]:
    one = next(one for one in OWN_INDICATORS if one.name == "ICHIMOKU")
    return list(series(bars, [one]).values())


def test_range_volatilities_of_equal_bars_by_hand():
    # each bar opens and closes at 100, with 102 as its high and 100 as its low
    flat = np.full(60, 100.0)
    bars = bars_of(flat, high=flat * 1.02, low=flat)
    wide = math.log(1.02)
    year = math.sqrt(252)
    assert volatility.parkinson(bars, 20)[-1] == pytest.approx(
        year * wide / math.sqrt(4 * math.log(2))
    )
    assert volatility.garman_klass(bars, 20)[-1] == pytest.approx(year * wide * math.sqrt(0.5))
    # u (u - c) + d (d - c) with c = d = 0
    assert volatility.rogers_satchell(bars, 20)[-1] == pytest.approx(year * wide)
    # no gap and no body: what is left is (1 - k) of the last, k = 0.34 / (1.34 + 21 / 19)
    k = 0.34 / (1.34 + 21 / 19)
    assert volatility.yang_zhang(bars, 20)[-1] == pytest.approx(year * wide * math.sqrt(1 - k))


def test_a_body_lowers_garman_klass_and_leaves_rogers_satchell_at_none():
    # straight from the open to the close: high is the close, low the open
    close = 100 * 1.01 ** np.arange(60.0)
    bars = bars_of(close, open=close / 1.01, high=close, low=close / 1.01)
    move = math.log(1.01)
    assert volatility.rogers_satchell(bars, 20)[-1] == pytest.approx(0.0, abs=1e-9)
    wanted = math.sqrt(252 * (0.5 - (2 * math.log(2) - 1)) * move**2)
    assert volatility.garman_klass(bars, 20)[-1] == pytest.approx(wanted)
    # neither gaps nor bodies vary, and drift counts for nothing
    assert volatility.yang_zhang(bars, 20)[-1] == pytest.approx(0.0, abs=1e-6)


def test_a_fading_volatility_gives_yesterday_six_per_cent_less():
    # returns of 1 % for 60 sessions, then one of 3 %
    close = 100 * np.append(1.01 ** np.arange(60.0), 1.01**59 * 1.03)
    found = volatility.weighted(bars_of(close))
    assert np.isnan(found[:20]).all() and not np.isnan(found[20:]).any()
    assert found[-2] == pytest.approx(0.01 * math.sqrt(252))
    assert found[-1] == pytest.approx(math.sqrt(252 * (0.94 * 0.01**2 + 0.06 * 0.03**2)))


def test_a_straight_way_is_not_choppy_and_a_zigzag_is():
    # 14 true ranges of 1 within a span of 14: 100 log(14 / 13) / log(14)
    straight = bars_of(steady(40))
    assert volatility.choppiness(straight)[-1] == pytest.approx(
        100 * math.log10(14 / 13) / math.log10(14)
    )
    # up and down by 1: 14 ranges in a span of 1
    assert volatility.choppiness(bars_of(100.0 + np.arange(40) % 2))[-1] == pytest.approx(100)


def test_hurst_is_one_on_a_straight_way():
    # moves over g bars are g times those over one
    bars = bars_of(np.exp(0.01 * np.arange(200.0)))
    assert statistical.hurst(bars, 120)[-1] == pytest.approx(1.0)


def test_order_has_no_entropy_and_a_zigzag_that_of_two_orders():
    assert statistical.order_entropy(steady(100), 60)[-1] == pytest.approx(0.0, abs=1e-12)
    # 0 1 0 1 with a slow rise: half the orders are low-high-middle, half high-low-higher
    zigzag = np.arange(100.0) % 2 + 0.001 * np.arange(100.0)
    assert statistical.order_entropy(zigzag, 60)[-1] == pytest.approx(math.log(2) / math.log(6))


def test_of_equal_closes_the_earlier_counts_as_the_lower():
    # 1 1 2 2 3 3 ...: as steady a rise as 1 2 3
    assert statistical.order_entropy(np.repeat(steady(50), 2), 60)[-1] == pytest.approx(0.0)


def test_a_zigzag_goes_against_itself_and_a_straight_way_grows_with_its_length():
    zigzag = 100.0 * 1.01 ** (np.arange(100) % 2)
    bars = bars_of(zigzag)
    assert statistical.autocorrelation(bars.returns, 1, 60)[-1] == pytest.approx(-1.0)
    # moves over 5 bars are as large as those over one: 1 / 5
    assert statistical.variance_ratio(bars, 5, 60)[-1] == pytest.approx(0.2)
    straight = bars_of(1.01 ** np.arange(100.0))
    assert statistical.variance_ratio(straight, 5, 60)[-1] == pytest.approx(5.0)


def test_the_ease_of_movement_equals_the_published_table():
    high, low, shares = np.array(published.EASE_BARS).T
    found = ease_of_movement(bars_of(high, high=high, low=low, volume=shares), 14)
    np.testing.assert_allclose(found[14:], published.EASE_14, rtol=1e-6)


def test_a_still_series_goes_with_nothing():
    bars = bars_of(100.0 + np.arange(40.0) % 3)  # 1,000 shares each session
    assert np.isnan(indicators()["VOLUME_CORREL"].calc(bars)[0]).all()


def test_ease_of_movement_by_hand():
    # the middle rises by 1 a bar, ranges are 2, a million shares: 1 * 2 * 1e8 / 1e6 = 200
    close = steady(30)
    bars = bars_of(close, high=close + 1, low=close - 1, volume=np.full(30, 1e6))
    assert ease_of_movement(bars, 14)[-1] == pytest.approx(200.0)
    halted = bars_of(close, high=close + 1, low=close - 1, volume=np.r_[np.full(29, 1e6), 0.0])
    assert ease_of_movement(halted, 14)[-1] == pytest.approx(200.0 * 13 / 14)


def test_amihud_is_the_move_a_rupee():
    # 1 % a bar on 1,000 shares: mean of 0.01 / (1,000 close)
    close = 100 * 1.01 ** np.arange(40.0)
    wanted = np.mean(0.01 / (1000 * close[-20:]))
    assert volume.amihud(bars_of(close), 20)[-1] == pytest.approx(wanted)


def test_a_bar_without_turnover_has_no_price_of_moving():
    # half the bars of 1 % are not traded: the others still cost 0.01 / (1,000 close) a rupee
    close = 100 * 1.01 ** np.arange(40.0)
    shares = np.where(np.arange(40) % 2, 1000.0, 0.0)
    wanted = np.mean(0.01 / (1000 * close[21::2]))
    with np.errstate(invalid="ignore"):
        assert volume.amihud(bars_of(close, volume=shares), 20)[-1] == pytest.approx(wanted)
        assert np.isnan(volume.amihud(bars_of(close, volume=shares * 0), 20)).all()


def test_a_streak_counts_to_ten_and_a_still_close_ends_it():
    moves = [1.0] * 12 + [0.0] + [-1.0] * 3
    found = momentum.streak(bars_of(100 + np.cumsum(moves)))
    assert found[1:].tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 0, -1, -2, -3]


def test_the_running_week_counts_as_what_it_is_so_far():
    # Mondays to Fridays: 14 whole weeks rise by 5, then Monday of the 15th falls by 3
    close = np.append(steady(70), 166.0)
    bars = bars_of(close)
    # 13 whole moves of 5 and the running one of -3: 65 / 68
    assert longer.rsi(bars, "week", 14)[-1] == pytest.approx(100 * 65 / 68)
    assert np.isnan(longer.rsi(bars, "week", 14)[:-1]).all()
    assert longer.of_period(bars, "week").change(1)[-1] == pytest.approx(166 / 169 - 1)
    assert longer.rising(bars, "week", 14)[-1] == pytest.approx(13 / 14)
    # the mean of the running close and nine Fridays 169, 164, ... 129
    mean = (166 + sum(169 - 5 * back for back in range(9))) / 10
    assert longer.trend(bars, "week", 10)[-1] == pytest.approx(166 / mean - 1)
