"""A crash day: the index reaches a step of the rules and everybody stops."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from core.domain.clock import IST
from core.domain.instrument import trading_range
from core.providers.calendar_file import load_calendar, load_halts
from core.providers.sim import SimMarket
from core.providers.sim.climate import Jump
from core.providers.sim.halting import Stop, held, stops
from core.providers.sim.hours import Hours
from core.providers.universe_file import load_universe

FILES = Path(__file__).resolve().parents[3] / "data"
HALTS = load_halts(FILES / "calendar.json")
OPENS = datetime(2026, 4, 6, 9, 15, tzinfo=IST)
HOURS = Hours(OPENS, plain_end=22_500, auction_from=22_500, auction_end=22_500)
TWO_EQUAL = np.array([1.0, 1.0])


def a_day(*moves: tuple[int, float]) -> np.ndarray:
    """Two shares that stood at ₹100 and move together from given seconds on."""
    prices = np.full((22_501, 2), 10_000, dtype=np.int32)
    for second, fraction in moves:
        prices[second:] = round(10_000 * (1 + fraction))
    return prices


def found(prices: np.ndarray) -> tuple[Stop, ...]:
    return stops(prices, np.array([10_000, 10_000]), TWO_EQUAL, hours=HOURS, tables=HALTS)


def test_ten_percent_in_the_morning_stops_everybody_for_45_minutes():
    assert found(a_day((3_600, -0.099))) == ()
    assert found(a_day((3_600, -0.10))) == (Stop(3_600, 3_600 + 45 * 60, 10),)
    assert found(a_day((3_600, 0.11))) == (Stop(3_600, 3_600 + 45 * 60, 10),)


def test_after_half_past_two_ten_percent_stops_nobody():
    assert found(a_day((5 * 3_600 + 1_800, -0.11))) == ()


def test_a_second_step_stops_again_and_the_same_step_does_not():
    # 11:15: 10 %; 12:30: still 10 %, no second halt; 13:15: 15 %, which then lasts 45 minutes
    day = a_day((7_200, -0.10), (11_700, -0.11), (14_400, -0.15))
    assert found(day) == (Stop(7_200, 9_900, 10), Stop(14_400, 17_100, 15))


def test_fifteen_percent_after_two_ends_the_day():
    assert found(a_day((18_000, -0.15))) == (Stop(18_000, 22_500, 15),)


def test_prices_stand_through_a_halt_and_meet_their_path_after_it():
    prices = a_day((3_600, -0.10), (4_000, -0.12))
    held(prices, found(prices))
    assert set(prices[3_600:6_300, 0]) == {9_000}
    assert prices[6_300, 0] == 8_800


@pytest.fixture(scope="module")
def crash() -> SimMarket:
    """A market whose fourth live session falls by 12 % on news at half past ten."""
    universe = load_universe(FILES / "universe.csv")[::4]
    market = SimMarket(universe, load_calendar(FILES / "calendar.json"), seed=5, halts=HALTS)
    world = market.world
    row = world.first_live + 3
    jump = Jump(row, 37_800, -0.12, 11)
    daily = world.daily
    fallen = {
        name: np.maximum(getattr(daily, name)[row] * 88 // 100 // daily.tick[row], 1)
        * daily.tick[row]
        for name in ("last", "close")
    }
    changed = {name: getattr(daily, name).copy() for name in fallen}
    for name, values in fallen.items():
        changed[name][row] = np.maximum(values, daily.band_low[row])
    market.world = replace(
        world,
        daily=replace(daily, **changed),
        weather=replace(world.weather, jumps=(*world.weather.jumps, jump)),
    )
    return market


def day_of(market: SimMarket) -> date:
    return market.world.sessions[market.world.first_live + 3]


def test_in_a_halt_nobody_shows_anything_and_the_wire_says_why(crash: SimMarket):
    day = day_of(crash)
    [stop] = crash.halts_of(day)
    opens = crash.opens(day)
    assert (stop.move_pct, stop.ends - stop.starts) == (10, 2_700)
    inside = crash.quotes_at(opens + timedelta(seconds=stop.starts + 600))
    assert all(quote.bid_qty == quote.ask_qty == 0 for quote in inside)
    later = crash.quotes_at(opens + timedelta(seconds=stop.starts + 1_200))
    assert [quote.ltp for quote in inside] == [quote.ltp for quote in later]
    after = crash.quotes_at(opens + timedelta(seconds=stop.ends))
    assert any(quote.bid_qty > 0 for quote in after)
    news = crash.events(opens, opens + timedelta(hours=6))
    [why] = [one for one in news if one.headline.startswith("Markets ")]
    assert why.known_at == opens + timedelta(seconds=37_800 - 33_300)
    [said] = [one for one in news if "halts trading market-wide at a 10% move" in one.headline]
    assert said.known_at == opens + timedelta(seconds=stop.starts) >= why.known_at


def test_a_derivative_share_s_range_is_flexed_and_bids_stay_inside_it(crash: SimMarket):
    day = day_of(crash)
    far = 0
    for quote, one in zip(
        crash.quotes_at(crash.opens(day) + timedelta(hours=5)), crash.universe, strict=True
    ):
        tick = crash.tick_of(one.isin, day)
        band = trading_range(one, prev_close=quote.prev_close, ltp=quote.ltp, tick=tick)
        assert band.holds(quote.bid) and band.holds(quote.ask) and band.holds(quote.ltp)
        far += one.band_pct is None and quote.ltp < quote.prev_close.times(Decimal("0.9"))
        if one.band_pct is not None and quote.ltp == band.low:
            assert quote.bid_qty == 0  # at the lower circuit nobody buys
    assert far > 5


def test_spreads_are_wider_at_the_open_and_for_shares_that_trade_less(crash: SimMarket):
    opens = crash.opens(crash.first_session)
    spread = [
        np.array(
            [
                (quote.ask.paise - quote.bid.paise) / quote.ltp.paise
                for quote in crash.quotes_at(opens + timedelta(seconds=second))
            ]
        )
        for second in (5, 12_000)
    ]
    assert np.median(spread[0]) > 1.3 * np.median(spread[1])
    turnover = crash.world.traits.turnover
    liquid = turnover > np.median(turnover)
    assert np.median(spread[1][~liquid]) > 1.5 * np.median(spread[1][liquid])
