"""Splits, bonuses and dividends of the simulated market."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from core.domain.action import ActionKind
from core.domain.event import EventType
from core.market.adjust import factor_of
from core.market.infer import infer
from core.panel import factor_grid
from core.providers.action_subject import read_subject
from core.providers.calendar_file import load_calendar
from core.providers.sim import SimMarket
from core.providers.sim.payouts import QUIET_SESSIONS
from core.providers.universe_file import load_universe
from core.tagging.kinds import kind_of

FILES = Path(__file__).resolve().parents[3] / "data"


@pytest.fixture(scope="module")
def market() -> SimMarket:
    universe = load_universe(FILES / "universe.csv")[::3]
    return SimMarket(universe, load_calendar(FILES / "calendar.json"), seed=42)


def whole_list(market: SimMarket):
    last = market.opens(market.world.sessions[-1])
    return market.actions(last)


def test_the_listed_divisors_are_the_ones_in_the_panel(market):
    panel = market.history()
    columns = {isin: place for place, isin in enumerate(panel.isins)}
    made = [factor for one in whole_list(market) if (factor := factor_of(one)) is not None]
    grid = factor_grid(panel.sessions, columns, made, as_of=panel.sessions[-1])
    assert (grid > 1).any()
    np.testing.assert_allclose(grid, panel.factor)


def test_a_split_moves_raw_prices_and_volume_and_no_adjusted_ones(market):
    panel = market.history()
    splits = [
        one
        for one in market.world.payouts
        if one.divisor >= 2.0 and 0 < one.row < market.world.first_live
    ]
    assert len(splits) >= 3
    for one in splits:
        row, column = one.row, one.column
        raw = panel.close[row, column] / panel.close[row - 1, column]
        assert raw == pytest.approx(1 / one.divisor, rel=0.2)
        adjusted = panel.adjusted()
        assert adjusted.close[row, column] / adjusted.close[row - 1, column] == pytest.approx(
            raw * one.divisor
        )
        base = market.world.daily.prev_close[row, column] / 100
        assert base == pytest.approx(panel.close[row - 1, column] / one.divisor, rel=0.005)
        days = slice(row - 40, row), slice(row, row + 40)
        before, after = (np.median(panel.volume[part, column]) for part in days)
        assert after / before == pytest.approx(one.divisor, rel=0.8)


def test_prices_alone_would_suggest_the_large_ones(market):
    raw = market.history()
    flat = type(raw)(
        raw.sessions, raw.isins, raw.open, raw.high, raw.low, raw.close, raw.volume,
        np.ones_like(raw.close),
    )  # fmt: skip
    found = {(one.isin, one.ex_date) for one in infer(flat)}
    large = [
        (one.isin, one.ex_date)
        for one in whole_list(market)
        if (made := factor_of(one)) and made.divisor >= 5 and one.ex_date in raw.sessions[30:]
    ]
    assert large and set(large) <= found


def test_every_action_is_told_on_the_wire_before_its_ex_date_in_words_that_are_read(market):
    sessions = market.world.sessions
    live = [one for one in whole_list(market) if one.ex_date > market.first_session]
    assert {one.kind for one in live} >= {ActionKind.DIVIDEND}
    for one in live:
        [event] = [
            event
            for event in market.events(one.known_at - timedelta(seconds=1), one.known_at)
            if f"Symbol: {one.symbol};" in event.body and "ex-date" in event.headline
        ]
        assert event.known_at == one.known_at and event.simulated
        gap = sessions.index(one.ex_date) - sum(day <= one.known_at.date() for day in sessions)
        assert gap >= 5
        kind, _ = kind_of(event.headline)
        wanted = EventType.DIVIDEND if one.kind is ActionKind.DIVIDEND else EventType.BONUS_SPLIT
        assert kind.event_type is wanted
    for one in whole_list(market):
        [reading] = read_subject(one.subject, face_value=Decimal(10))
        assert (reading.kind, reading.new, reading.old) == (one.kind, one.new, one.old)
        assert reading.amount == one.amount


def test_a_dividend_comes_off_the_price_and_leaves_share_terms_alone(market):
    paid = [one for one in market.world.payouts if one.kind is ActionKind.DIVIDEND]
    assert all(0.003 <= one.part <= 0.014 for one in paid)
    fell = [market.world.terms.paid[one.row, one.column] for one in paid]
    assert fell == pytest.approx([-np.log1p(-one.part) for one in paid])


def test_no_share_splits_in_a_newcomer_s_first_weeks(market):
    first = market.world.first_live
    soon = [one for one in market.world.payouts if first <= one.row < first + QUIET_SESSIONS]
    assert all(one.kind is ActionKind.DIVIDEND for one in soon)


def test_nothing_is_listed_before_it_is_announced(market):
    for one in whole_list(market)[::25]:
        early = market.actions(one.known_at - timedelta(seconds=1))
        assert one not in early and one in market.actions(one.known_at)
