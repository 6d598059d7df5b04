"""The simulated market behind the sandbox: candles, limits of their span, and the feed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from kiteconnect import exceptions as said

from core.domain.calendar import Phase
from core.domain.clock import IST, SteppedClock
from core.providers.calendar_file import load_calendar
from core.providers.sim import SimMarket
from core.sandbox.simulated import Feed, Simulation
from tests.made import MIDCO, RELIANCE
from tests.sandbox.kite_client import Bench, bench

DATA = Path(__file__).resolve().parents[2] / "data"
OPENS = datetime(2026, 4, 6, 9, 15, tzinfo=IST)


@dataclass
class Played:
    at: Bench
    simulation: Simulation
    token: int

    def candles(self, start: str, end: str, interval: str) -> list[dict[str, object]]:
        return list(self.at.kite.historical_data(self.token, start, end, interval))


@pytest.fixture(scope="module")
def played() -> Iterator[Played]:
    clock = SteppedClock(OPENS + timedelta(minutes=10, seconds=30))
    market = SimMarket((RELIANCE, MIDCO), load_calendar(DATA / "calendar.json"), seed=1)
    simulation = Simulation(market, clock)
    with bench(clock=clock, candles=simulation.candles, phase_of=simulation.phase_of) as at:
        Feed(simulation, at.sandbox.house).pulse()
        yield Played(at, simulation, at.sandbox.house.tokens[RELIANCE.isin])


def test_minutes_end_with_the_one_that_is_running(played: Played) -> None:
    bars = played.candles("2026-04-06 09:15:00", "2026-04-06 15:30:00", "minute")
    assert len(bars) == 11
    assert f"{bars[0]['date']}" == "2026-04-06 09:15:00+05:30"
    (quote,) = [one for one in played.simulation.quotes() if one.isin == RELIANCE.isin]
    assert bars[-1]["close"] == float(quote.ltp.in_rupees)
    assert sum(int(str(bar["volume"])) for bar in bars) == quote.volume


def test_five_minutes_hold_the_range_of_their_minutes(played: Played) -> None:
    ones = played.candles("2026-04-06 09:15:00", "2026-04-06 09:19:59", "minute")
    (five,) = played.candles("2026-04-06 09:15:00", "2026-04-06 09:19:59", "5minute")
    assert five["high"] == max(bar["high"] for bar in ones)
    assert five["low"] == min(bar["low"] for bar in ones)
    assert (five["open"], five["close"]) == (ones[0]["open"], ones[-1]["close"])


def test_days_stand_at_midnight_and_todays_is_what_traded_so_far(played: Played) -> None:
    bars = played.candles("2026-04-01", "2026-04-10", "day")
    assert f"{bars[-1]['date']}" == "2026-04-06 00:00:00+05:30"
    (quote,) = [one for one in played.simulation.quotes() if one.isin == RELIANCE.isin]
    assert bars[-1]["volume"] == quote.volume
    assert bars[-2]["close"] == float(quote.prev_close.in_rupees)


@pytest.mark.parametrize(
    ("start", "end", "interval", "words"),
    [
        ("2026-01-01", "2026-04-06", "minute", "60 days for minute"),
        ("2025-01-01", "2026-04-06", "60minute", "400 days for 60minute"),
        ("2026-04-06", "2026-04-01", "day", "after"),
        ("yesterday", "2026-04-01", "day", "from"),
        ("2026-04-01", "2026-04-06", "week", "interval"),
        ("2026-03-25", "2026-04-06", "minute", "ask for daily bars"),
    ],
)
def test_a_span_kite_does_not_give_is_refused(
    played: Played, start: str, end: str, interval: str, words: str
) -> None:
    with pytest.raises(said.InputException, match=words):
        played.candles(start, end, interval)


def test_an_unknown_token_has_no_candles(played: Played) -> None:
    with pytest.raises(said.InputException, match="instrument_token"):
        played.at.kite.historical_data(5, "2026-04-01", "2026-04-06", "day")


def test_phases_come_from_the_calendar_and_a_day_outside_it_is_closed(played: Played) -> None:
    assert played.simulation.phase_of(RELIANCE, OPENS) is Phase.CONTINUOUS
    assert played.simulation.phase_of(RELIANCE, OPENS.replace(year=1990)) is Phase.CLOSED


def test_the_feed_keeps_the_markets_time_and_can_be_stopped(played: Played) -> None:
    house = played.at.sandbox.house
    feed = Feed(played.simulation, house)
    feed.start()
    feed.stop()
    assert not feed.is_alive()
    assert house.saved_clock() == played.at.clock.now()


def test_past_the_calendar_prices_stand_still(played: Played) -> None:
    house = played.at.sandbox.house
    before = dict(house.quotes)
    kept = played.at.clock.at
    played.at.clock.at = datetime(2090, 1, 3, tzinfo=IST)
    Feed(played.simulation, house).pulse()
    played.at.clock.at = kept
    assert house.quotes == before
