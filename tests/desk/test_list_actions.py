"""The simulated exchange's actions in the store: a split is no crash to the desk."""

from __future__ import annotations

from datetime import UTC, timedelta
from pathlib import Path

import numpy as np
import pytest

from core.config import Settings
from core.desk.desk import Desk, calendar_now, desk_over
from core.desk.list_actions import list_announced
from core.desk.open_market import open_market, sim_market
from core.domain.account import Market
from core.domain.clock import SteppedClock
from core.providers.sim import SIM_STARTS_ON, SimMarket
from core.store import actions, bars, factors
from core.store.engine import open_store


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, SimMarket, SteppedClock]:
    home: Path = tmp_path_factory.mktemp("home")
    settings = Settings(home=home, database_url=f"sqlite:///{home / 'munim.db'}", seed=42)
    store = open_store(settings.database_url, Market.SIM, seed=42, scratch=True)
    clock = SteppedClock(calendar_now().session(SIM_STARTS_ON).opens_at.astimezone(UTC))
    desk = desk_over(settings, store, clock)
    open_market(desk)
    return desk, sim_market(desk), clock


def test_the_first_start_lists_what_is_announced_and_the_panel_has_its_divisors(opened):
    desk, market, clock = opened
    with desk.store.read() as tx:
        stored = actions.all_actions(tx)
        panel = bars.read_panel(tx)
    assert {one.id for one in stored} == {one.id for one in market.actions(clock.now())}
    made = market.history()
    places = [panel.column(isin) for isin in made.isins]
    np.testing.assert_allclose(panel.factor[:, places], made.factor)
    assert list_announced(desk, market) == []


def test_on_the_morning_of_a_live_split_the_panel_is_in_the_new_terms(opened):
    desk, market, clock = opened
    last = market.opens(market.world.sessions[-1])
    split = next(
        one
        for one in sorted(market.actions(last), key=lambda one: one.ex_date)
        if one.has_ratio and one.ex_date > SIM_STARTS_ON
    )
    clock.move_to(split.known_at - timedelta(seconds=1))
    list_announced(desk, market)
    with desk.store.read() as tx:
        assert split.id not in {one.id for one in actions.all_actions(tx)}
    clock.move_to(split.known_at)
    assert split in list_announced(desk, market)
    row = market.world.sessions.index(split.ex_date)
    with desk.store.write() as tx:
        for day in market.world.sessions[market.world.first_live : row]:
            bars.put_panel(tx, market.bars_of(day), source="SIM")
    [divisor] = [
        one.divisor for one in stored_factors(desk, split.isin) if one.ex_date == split.ex_date
    ]
    with desk.store.read() as tx:
        before = bars.read_panel(tx, [split.isin], as_of=market.world.sessions[row - 1])
        morning = bars.read_panel(tx, [split.isin], as_of=split.ex_date)
    quote = market.quotes_at(market.opens(split.ex_date))[
        market.world.traits.isins.index(split.isin)
    ]
    opened_at = quote.open.paise / 100
    assert abs(np.log(opened_at / before.adjusted().close[-1, 0])) > 0.3  # read so, a crash
    assert abs(np.log(opened_at / morning.adjusted().close[-1, 0])) < 0.12  # and so, a morning
    assert before.adjusted().close[-1, 0] / morning.adjusted().close[-1, 0] == pytest.approx(
        divisor
    )
    assert quote.prev_close.paise / 100 == pytest.approx(before.close[-1, 0] / divisor, rel=0.005)


def stored_factors(desk: Desk, isin: str):
    with desk.store.read() as tx:
        return factors.all_factors(tx, isins=[isin])
