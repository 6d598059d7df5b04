"""The P&L page's charts: what they hold, and that nothing is cut."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest

from core.domain.money import Money
from core.views.heat_map import Cell, HeatMap
from core.views.pnl import Step
from tests.made import rs
from ui.palette import LIGHT
from ui.pnl_charts import heat_figure, waterfall_figure
from ui.pnl_filters import HEAT, show_day


def test_colours_reach_as_far_to_red_as_to_green_and_holidays_stay_blank() -> None:
    day = Cell(date(2026, 11, 20), rs(-250), "20 Nov 2026: −₹250.00 net · 1 trade")
    view = HeatMap(("Nov 2026",), (rs(-250),), ((None, day, *(None for _ in range(29))),))
    figure = heat_figure(view, LIGHT)
    heat, unseen = figure.data
    assert (heat.zmin, heat.zmax) == (-250, 250)
    assert list(heat.z[0][:3]) == [None, -250.0, None]
    assert list(figure.layout.yaxis.ticktext) == ["Nov 2026  −₹250  "]
    assert list(unseen.text) == ["20 Nov 2026: −₹250.00 net · 1 trade"]
    assert list(unseen.customdata) == ["2026-11-20"] and unseen.marker.opacity == 0
    assert heat.colorscale[0][1] == LIGHT.loss and heat.colorscale[-1][1] == LIGHT.gain


def test_the_steps_hang_from_one_another_and_small_charges_keep_their_paise() -> None:
    steps = (Step("Realised", rs(1000)), Step("Gross", rs(1000), whole=True),
             Step("SEBI fee", Money(-42)), Step("Net", Money(99_958), whole=True))  # fmt: skip
    figure = waterfall_figure(steps, LIGHT)
    [bars] = figure.data
    assert list(bars.measure) == ["relative", "total", "relative", "total"]
    assert list(bars.text) == ["+₹1,000", "₹1,000", "−₹0.42", "₹1,000"]
    low, high = figure.layout.xaxis.range
    assert low < 0 and high > 1000


def test_a_click_in_the_calendar_asks_for_that_day_and_taking_it_back_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    state: dict[str, object] = {"pnl_period": "Month"}
    monkeypatch.setattr("streamlit.session_state", state)
    for points, period in (([], "Month"), ([{"customdata": "2026-11-20"}], "Other days")):
        state[HEAT] = SimpleNamespace(selection=SimpleNamespace(points=points))
        show_day()
        assert state["pnl_period"] == period
    assert state["pnl_from"] == state["pnl_to"] == date(2026, 11, 20)
