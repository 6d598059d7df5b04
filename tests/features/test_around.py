"""Columns of ranks, dates, events, flows and options, worked by hand."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from core.desk.desk import calendar_now
from core.domain.clock import IST
from core.domain.event import EventType, Stance, TaggedEvent
from core.features import dates
from core.features.beside import Beside, carried
from core.features.compute import FeaturePanel, compute
from core.features.cross import middle, rank, spread
from core.features.filed import filings, since, to_results
from core.panel import Panel
from tests.models.made import isins, noise, panel_of

CALENDAR = calendar_now()


def columns(panel: Panel, beside: Beside, *names: str) -> FeaturePanel:
    return compute(panel, beside=beside, names=names)


def flat(sessions: int, shares: int = 2, price: float = 100.0) -> Panel:
    grid = np.full((sessions, shares), price)
    return panel_of(open=grid, high=grid * 1.01, low=grid * 0.99, close=grid)


def test_ranks_means_and_spreads_leave_out_what_is_missing():
    values = np.array([[3.0, math.nan, 1.0, 2.0], [math.nan, math.nan, 5.0, math.nan]])
    np.testing.assert_array_equal(
        rank(values), [[1.0, math.nan, 0.0, 0.5], [math.nan] * 4]
    )  # one share alone has no rank
    assert middle(values)[0, 0] == pytest.approx(2.0)
    assert spread(values)[0, 0] == pytest.approx(math.sqrt(2 / 3))
    assert np.isnan(middle(values)[1]).all()


def test_shares_of_one_value_share_the_mean_of_their_places():
    # places 0, 1 and 2, 3 of four; whichever column a share stands in
    values = np.array([[5.0, 1.0, 5.0, 9.0, math.nan], [2.0, 2.0, 2.0, math.nan, 2.0]])
    np.testing.assert_allclose(
        rank(values), [[0.5, 0.0, 0.5, 1.0, math.nan], [0.5, 0.5, 0.5, math.nan, 0.5]]
    )
    np.testing.assert_array_equal(rank(values[:, ::-1]), rank(values)[:, ::-1])


def test_a_sector_is_ranked_within_itself_and_shares_without_one_are_left_out():
    # five shares gain 1, 2, 3, 4 and 5 % a session
    close = 100 * (1 + np.array([0.01, 0.02, 0.03, 0.04, 0.05])) ** np.arange(30.0)[:, None]
    panel = panel_of(open=close, high=close, low=close, close=close)
    beside = Beside(sectors=("Banks", "Software", "Banks", "", "Banks"))
    found = columns(panel, beside, "sector_rank_ret_20", "over_sector_5", "sector_ret_20")
    np.testing.assert_array_equal(
        found.column("sector_rank_ret_20")[-1], [0.0, math.nan, 0.5, math.nan, 1.0]
    )
    five = [1.01**5 - 1, 1.03**5 - 1, 1.05**5 - 1]
    assert found.column("over_sector_5")[-1, 0] == pytest.approx(five[0] - sum(five) / 3, rel=1e-4)
    assert np.isnan(columns(panel, Beside(), "sector_rank_ret_20").values).all()


def test_breadth_is_the_share_of_those_that_have_the_value():
    close = 100 + np.outer(np.arange(60.0), [1.0, 1.0, -1.0, 1.0])
    close[:-3, 3] = np.nan  # too young for an average of 50
    panel = panel_of(open=close, high=close, low=close, close=close)
    found = columns(panel, Beside(), "breadth_50", "breadth_1")
    assert found.column("breadth_50")[-1, 0] == pytest.approx(2 / 3)
    assert found.column("breadth_1")[-1, 0] == pytest.approx(3 / 4)


def test_expiries_moved_from_thursday_to_tuesday_and_before_a_holiday():
    assert dates.expiry(CALENDAR, 2025, 7) == date(2025, 7, 31)  # a Thursday
    assert dates.expiry(CALENDAR, 2025, 9) == date(2025, 9, 30)  # a Tuesday
    assert dates.expiry(CALENDAR, 2023, 3) == date(2023, 3, 29)  # Thursday the 30th was shut
    assert dates.to_expiry(CALENDAR, date(2025, 9, 30)) == 0
    assert dates.to_expiry(CALENDAR, date(2025, 9, 29)) == 1
    # after September's comes October's, on Tuesday the 28th
    after = CALENDAR.next_session(date(2025, 9, 30))
    assert dates.to_expiry(CALENDAR, after) == CALENDAR.count(after, date(2025, 10, 28)) - 1


def test_holidays_and_month_ends_are_counted_from_the_calendar():
    # Republic Day 2026 is Monday 26 January; Friday the 23rd is the session before
    friday = date(2026, 1, 23)
    assert dates.to_holiday(CALENDAR, friday) == 3
    assert dates.to_next_session(CALENDAR, friday) == 4
    assert dates.from_holiday(CALENDAR, date(2026, 1, 27)) == 1
    assert dates.to_month_end(CALENDAR, date(2026, 1, 29)) == 1
    assert dates.from_month_start(CALENDAR, CALENDAR.next_session(date(2025, 12, 31))) == 0


def test_a_day_that_the_calendar_does_not_reach_has_no_dates():
    last = CALENDAR.previous_session(CALENDAR.last)
    assert math.isnan(dates.or_missing(dates.to_expiry, CALENDAR, CALENDAR.last))
    assert dates.or_missing(dates.to_next_session, CALENDAR, last) >= 1
    assert np.isnan(columns(flat(5), Beside(), "to_expiry").values).all()


def test_a_weekday_is_a_point_on_a_circle():
    found = columns(flat(7), Beside(), "weekday_sin", "weekday_cos")  # from a Monday on
    np.testing.assert_allclose(found.values[0, 0], [0.0, 1.0], atol=1e-7)
    np.testing.assert_allclose(found.values[5, 0], [0.0, 1.0], atol=1e-7)
    assert found.values[1, 0, 0] == pytest.approx(math.sin(2 * math.pi / 5))


def test_vix_flows_and_options_by_hand():
    sessions, shape = 130, (130, 2)
    rising = np.arange(130.0)
    beside = Beside(
        vix=20.0 + np.arange(130.0) / 10,
        fii=np.where(rising < 125, 0.0, 100.0),
        implied_vol=np.repeat((0.2 + rising / 1000)[:, None], 2, axis=1),
        open_interest=np.repeat((1000.0 + rising)[:, None], 2, axis=1),
        put_call=np.full(shape, 0.8),
        basis=np.full(shape, 0.004),
        delivery=np.where(rising[:, None] < 129, 0.5, 0.75) * np.ones(shape),
        trades=np.full(shape, 10.0),
        vwap=np.full(shape, 80.0),
    )
    found = columns(
        flat(sessions), beside, "vix", "vix_change_5", "vix_place", "fii_z", "iv_place",
        "oi_change_5", "put_call", "put_call_change_5", "basis", "delivery_ratio",
        "trade_size", "vwap_gap",
    )  # fmt: skip
    last = dict(zip(found.names, found.values[-1, 0].tolist(), strict=True))
    assert last["vix"] == pytest.approx(0.329)
    assert last["vix_change_5"] == pytest.approx(32.9 / 32.4 - 1, rel=1e-4)
    assert last["vix_place"] == last["iv_place"] == 1.0
    # 5 of 130 sessions at 100: mean 3.846, deviation sqrt(100 * 3.846 - 3.846**2)
    mean = 500 / 130
    assert last["fii_z"] == pytest.approx((100 - mean) / math.sqrt(100 * mean - mean**2), rel=1e-5)
    assert last["oi_change_5"] == pytest.approx(1129 / 1124 - 1, rel=1e-3)
    assert (last["put_call"], last["put_call_change_5"]) == (pytest.approx(0.8), 0.0)
    assert last["basis"] == pytest.approx(0.004)
    assert last["delivery_ratio"] == pytest.approx(0.75 / ((19 * 0.5 + 0.75) / 20))
    assert last["trade_size"] == pytest.approx(1.0)
    assert last["vwap_gap"] == pytest.approx(0.25)


def test_a_column_waits_until_half_of_its_window_is_known():
    vix = np.full(300, 15.0) + np.arange(300) % 7
    found = columns(flat(300, shares=1), Beside(vix=vix), "vix_place").column("vix_place")[:, 0]
    assert np.isnan(found[:125]).all() and not np.isnan(found[125:]).any()


def test_the_index_is_carried_over_sessions_without_a_level():
    assert carried(np.array([math.nan, 1.0, math.nan, 3.0]))[1:].tolist() == [1.0, 1.0, 3.0]
    panel = noise(seed=1, shares=2, sessions=90)
    itself = columns(panel, Beside(index=panel.close[:, 0]), "beta_60", "index_corr_60",
                     "apart_vol_60", "over_index_20")  # fmt: skip
    np.testing.assert_allclose(itself.values[-1, 0], [1.0, 1.0, 0.0, 0.0], atol=2e-3)
    twice = panel_of(**dict.fromkeys(("open", "high", "low", "close"),
                                     np.cumprod(1 + 2 * _moves(panel), axis=0)))  # fmt: skip
    double = columns(twice, Beside(index=panel.close[:, 0]), "beta_60")
    assert double.column("beta_60")[-1, 0] == pytest.approx(2.0, rel=1e-4)


def _moves(panel: Panel) -> np.ndarray:
    return np.vstack([np.zeros((1, 2)), panel.close[1:] / panel.close[:-1] - 1])


def tag(isin: str, at: datetime, kind: EventType) -> TaggedEvent:
    return TaggedEvent("e", isin, "X", kind, Stance.POSITIVE, 0.5, 0.5, ("said",), at)


def test_filings_are_counted_by_session_and_kind():
    sessions = CALENDAR.sessions(date(2026, 3, 2), date(2026, 3, 20))
    close = CALENDAR.session(sessions[3]).closes_at
    tags = [
        tag(isins(2)[0], close, EventType.RESULTS),
        tag(isins(2)[0], close + timedelta(minutes=1), EventType.LITIGATION),
        tag(isins(2)[1], datetime(2026, 3, 1, tzinfo=IST), EventType.RESULTS),  # before all
        tag("INE999A01011", close, EventType.RESULTS),  # not among these
        tag(isins(2)[1], datetime(2026, 4, 1, tzinfo=IST), EventType.RESULTS),  # after all
    ]
    found = filings(sessions, isins(2), tags, CALENDAR)
    assert found["results"][3].tolist() == [1, 0] and found["results"].sum() == 1
    assert found["legal"][4].tolist() == [1, 0] and found["all"].sum() == 2
    gone = since(found["results"])
    assert np.isnan(gone[:3]).all() and gone[3:6, 0].tolist() == [0, 1, 2]
    assert np.isnan(gone[:, 1]).all()
    assert all(counts.shape == (0, 2) for counts in filings((), isins(2), tags, CALENDAR).values())


def test_results_ahead_are_counted_in_sessions():
    sessions = CALENDAR.sessions(date(2026, 3, 2), date(2026, 3, 13))
    ahead = {isins(2)[0]: [sessions[4], date(2030, 1, 1)]}
    found = to_results(sessions, isins(2), ahead, CALENDAR)
    assert found[:6, 0].tolist()[:5] == [4, 3, 2, 1, 0] and np.isnan(found[5:, 0]).all()
    assert np.isnan(found[:, 1]).all()


def test_what_stands_beside_must_fit_the_panel():
    with pytest.raises(ValueError, match=r"beside vix has shape \(4,\), the panel says \(5,\)"):
        columns(flat(5), Beside(vix=np.ones(4)), "vix")
    with pytest.raises(ValueError, match="3 sectors for 2 shares"):
        columns(flat(5), Beside(sectors=("a", "b", "c")), "vix")
    with pytest.raises(ValueError, match="filings of all have shape"):
        columns(flat(5), Beside(filings={"all": np.ones((5, 3))}), "vix")
    assert Beside(vix=np.ones(5), calendar=CALENDAR).parts == ("vix", "calendar")
