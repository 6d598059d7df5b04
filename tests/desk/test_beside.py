"""What the store has beside prices, as it was known by each close."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from core.desk.beside import VIX, beside
from core.desk.desk import Desk
from core.desk.index_levels import INDEX
from core.domain.account import Market
from core.domain.event import Event, EventType, Stance, TaggedEvent
from core.features.chain import summary
from core.features.compute import compute
from core.features.table import MODEL_NAMES, NAMES
from core.panel import Panel
from core.store import (
    bar_extras,
    bars,
    events,
    flows,
    index_bars,
    instruments,
    option_chain,
    settings,
)
from tests.views.history import ISINS, days, with_bars
from tests.views.shelf import filled_desk

COUNT = 40


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return with_bars(filled_desk(tmp_path), count=COUNT)


def panel_of(desk: Desk) -> Panel:
    with desk.store.read() as tx:
        return bars.read_panel(tx, ISINS)


def put_levels(desk: Desk, name: str, levels: np.ndarray, sessions: object) -> None:
    day = np.array(sessions, dtype="datetime64[D]")
    with desk.store.write() as tx:
        index_bars.put(
            tx, [name] * len(day), day, [levels] * 4 + [levels * 0], np.ones(len(day)), "test"
        )


def put_flow(desk: Desk, who: str, net: np.ndarray, sessions: object) -> None:
    day = np.array(sessions, dtype="datetime64[D]")
    with desk.store.write() as tx:
        flows.put(tx, day, [who] * len(day), ["CASH"] * len(day), {"net": net}, "test")


def heard(desk: Desk, isin: str, at: object, kind: EventType) -> None:
    event = Event(f"ev-{at:%j%H%M}", "test", f"{at:%j%H%M}", f"said at {at:%d %b %H:%M}", at, at)
    tag = TaggedEvent(event.id, isin, "X", kind, Stance.POSITIVE, 0.5, 0.5, ("said",), at)
    with desk.store.write() as tx:
        events.put(tx, event)
        events.put_tags(tx, [tag])


def test_columns_of_prices_alone_read_nothing(desk: Desk):
    with desk.store.read() as tx:
        assert beside(desk, tx, panel_of(desk), MODEL_NAMES).parts == ()


def test_what_is_not_stored_is_not_there(desk: Desk):
    live = replace(desk, market=Market.LIVE)
    with desk.store.read() as tx:
        found = beside(live, tx, panel_of(desk), NAMES)
    assert set(found.parts) == {"sectors", "calendar"} | (
        {"filings", "since_results"} & set(found.parts)
    )
    for missing in ("index", "vix", "fii", "dii", "to_results", "delivery", "implied_vol"):
        assert getattr(found, missing) is None, missing


def test_index_and_vix_stand_on_their_own_sessions(desk: Desk):
    sessions = panel_of(desk).sessions
    put_levels(desk, INDEX, 100.0 + np.arange(COUNT - 1), sessions[1:])
    put_levels(desk, VIX, 15.0 + np.arange(COUNT), sessions)
    live = replace(desk, market=Market.LIVE)
    with desk.store.read() as tx:
        found = beside(live, tx, panel_of(desk), ["beta_60", "vix"])
    assert np.isnan(found.index[0]) and found.index[1:].tolist() == list(range(100, 99 + COUNT))
    assert found.vix[[0, -1]].tolist() == [15.0, 14.0 + COUNT]
    assert found.fii is None and found.sectors is None  # nobody asked


def test_the_simulated_market_is_its_own_index(desk: Desk):
    panel = panel_of(desk)
    with desk.store.read() as tx:
        found = beside(desk, tx, panel, ["beta_60"])
    mean = np.nanmean(panel.close[-1] / panel.close[-2] - 1)
    assert found.index[-1] / found.index[-2] - 1 == pytest.approx(mean)


def test_flows_of_an_evening_are_known_by_the_next_close(desk: Desk):
    sessions = panel_of(desk).sessions
    put_flow(desk, "FII", 10.0 * np.arange(COUNT), sessions)
    with desk.store.read() as tx:
        found = beside(desk, tx, panel_of(desk), ["fii_z", "dii_z"])
    assert np.isnan(found.fii[0])
    assert found.fii[1:].tolist() == [10.0 * place for place in range(COUNT - 1)]
    assert found.dii is None


def test_delivery_is_known_by_the_next_close_and_vwap_by_its_own(desk: Desk):
    panel = panel_of(desk)
    said = {"vwap": panel.close, "trades": panel.close * 0 + 9, "delivery": panel.volume / 4}
    said["delivery"][-1] = np.nan
    with desk.store.write() as tx:
        bar_extras.put(tx, panel, said, "test", rank=lambda _source: 0)
        found = beside(desk, tx, panel, ["delivery_ratio", "vwap_gap", "trade_size"])
        assert beside(desk, tx, panel, ["vix"]).delivery is None  # nobody asked
    assert found.vwap.tolist() == panel.close.tolist() and (found.trades == 9).all()
    assert np.isnan(found.delivery[0]).all()
    assert found.delivery[1:] == pytest.approx(0.25)
    columns = compute(panel, beside=found, names=["delivery", "vwap_gap"])
    assert columns.column("vwap_gap")[-1].tolist() == [0.0] * len(ISINS)
    assert columns.column("delivery")[-1] == pytest.approx(0.25)


def test_an_event_after_the_close_belongs_to_the_next_session(desk: Desk):
    panel = panel_of(desk)
    close = desk.calendar.session(panel.sessions[20]).closes_at
    heard(desk, ISINS[0], close, EventType.RESULTS)
    heard(desk, ISINS[0], close + timedelta(minutes=1), EventType.ORDER_WIN)
    with desk.store.read() as tx:
        found = beside(desk, tx, panel, ["filed_all", "since_results"])
    assert found.filings["results"][20:22, 0].tolist() == [1, 0]
    assert found.filings["growth"][20:22, 0].tolist() == [0, 1]
    assert np.nansum(found.filings["all"][:, 0]) == 2
    # the first stored event is the one of session 20; what came before was not read
    assert np.isnan(found.filings["all"][:20]).all()
    assert (found.filings["all"][20:, 1] == 0).all()
    assert np.isnan(found.since_results[19, 0]) and np.isnan(found.since_results[:, 1]).all()
    assert found.since_results[20:23, 0].tolist() == [0, 1, 2]


def test_results_dates_are_known_ahead_in_the_simulated_market_alone(desk: Desk):
    panel = panel_of(desk)
    with desk.store.write() as tx:
        settings.put(tx, f"results:{ISINS[0]}", [panel.sessions[10].isoformat()])
    with desk.store.read() as tx:
        found = beside(desk, tx, panel, ["to_results"])
        live = beside(replace(desk, market=Market.LIVE), tx, panel, ["to_results"])
    assert found.to_results[[0, 9, 10], 0].tolist() == [10, 1, 0]
    assert np.isnan(found.to_results[11:, 0]).all()
    assert live.to_results is None


def put_chain(desk: Desk, symbol: str, at: datetime, *, oi: float, vol: float) -> None:
    """One expiry with strikes 90, 100 and 110 around a share at 101, and a future at 102.01."""
    kinds = ["CE", "CE", "CE", "PE", "PE", "PE", "FUT"]
    count = len(kinds)
    values = {
        "implied_vol": np.array([vol + 9, vol - 1, vol + 9, vol + 9, vol + 1, 0.0, np.nan]),
        "open_interest": np.array([oi, oi, oi, oi, oi / 2, 0.0, 7.0]),
        "underlying_price": np.full(count, 101.0),
        "last": np.array([1.0] * 6 + [102.01]),
    }
    with desk.store.write() as tx:
        option_chain.put(
            tx, [symbol] * count, at, kinds, np.full(count, np.datetime64("2026-12-29")),
            np.array([90.0, 100.0, 110.0, 90.0, 100.0, 110.0, 0.0]), values, "test",
        )  # fmt: skip


def test_a_chain_taken_by_the_close_becomes_four_numbers(desk: Desk):
    panel = panel_of(desk)
    with desk.store.read() as tx:
        symbol = instruments.of(tx, ISINS)[ISINS[0]].symbol
    close = desk.calendar.session(panel.sessions[20]).closes_at
    put_chain(desk, symbol, close - timedelta(hours=3), oi=50.0, vol=40.0)  # overtaken
    put_chain(desk, symbol, close, oi=100.0, vol=24.0)
    put_chain(desk, symbol, close + timedelta(hours=1), oi=900.0, vol=90.0)  # in no session
    put_chain(desk, "NOBODY", close, oi=1.0, vol=1.0)
    with desk.store.read() as tx:
        found = beside(desk, tx, panel, ["iv_place", "basis"])
    assert found.implied_vol[20, 0] == pytest.approx(0.24)
    assert found.put_call[20, 0] == pytest.approx(150 / 300)
    assert found.open_interest[20, 0] == pytest.approx(457)
    assert found.basis[20, 0] == pytest.approx(0.01)
    for part in (found.implied_vol, found.put_call, found.open_interest, found.basis):
        assert (~np.isnan(part)).sum() == 1


def test_an_expired_or_silent_chain_says_nothing():
    values = dict.fromkeys(("open_interest", "underlying_price", "last", "settle"), np.zeros(1))
    said = summary(
        day=date(2026, 11, 20), kind=["CE"], expiry=[date(2026, 11, 19)], strike=np.array([1.0]),
        values={**values, "implied_vol": np.array([20.0])},
    )  # fmt: skip
    assert all(np.isnan(getattr(said, one)) for one in said.__slots__)


def test_what_stands_beside_becomes_columns(desk: Desk):
    panel = panel_of(desk)
    put_levels(desk, VIX, np.full(COUNT, 20.0), panel.sessions)
    with desk.store.read() as tx:
        around = beside(desk, tx, panel, NAMES)
    found = compute(panel, beside=around, names=["vix", "to_month_end", "delivery", "rsi_14"])
    assert found.column("vix")[-1, 0] == pytest.approx(0.2)
    assert np.isnan(found.column("delivery")).all()
    last = panel.sessions[-1]
    assert days(desk, COUNT)[-1] == last
    wanted = desk.calendar.count(last, last.replace(day=30)) - 1
    assert found.column("to_month_end")[-1, 0] == wanted
