"""The charts of predictions: where the fan begins, which way bars point, chances that stack."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from core.views.predictions_fan import Fan
from ui.grid import SCROLLBAR
from ui.palette import DARK, LIGHT
from ui.predictions import COLUMNS
from ui.predictions_charts import bars_figure, chances_figure, fan_figure

DAYS = tuple(date(2026, 3, 2) + timedelta(days=n) for n in range(5))
AHEAD = tuple(date(2026, 3, 6) + timedelta(days=n) for n in range(3))


def test_the_fan_opens_at_the_last_close_and_its_days_go_on_from_there():
    fan = Fan(DAYS, np.array([1.0, 2, 3, 4, 5]), AHEAD, (5, 4.5, 4), (5, 5, 5), (5, 5.5, 6))
    low, high, mid, close = fan_figure(fan, LIGHT).data
    assert list(low.x) == list(high.x) == list(mid.x) == [4, 5, 6]
    assert (low.y[0], high.y[0], close.y[-1]) == (5, 5, 5)
    assert high.fill == "tonexty" and high.fillcolor == "rgba(31,95,191,0.18)"
    assert low.text == ("6 Mar", "7 Mar", "8 Mar")
    assert low.customdata == ("0.0 %", "−10.0 %", "−20.0 %") and high.customdata[1] == "+10.0 %"
    assert fan_figure(fan, LIGHT).layout.yaxis.tickprefix == "₹"


def test_regime_and_reasons_have_room_in_the_table_of_a_wide_screen():
    room = 1070  # what the table's column has of 1440 pixels
    assert sum(column.width for column in COLUMNS) + SCROLLBAR <= room


def test_bars_that_raise_the_odds_are_blue_and_those_that_lower_them_orange():
    [bars] = bars_figure([("trend", 0.3), ("<b>volume", -0.2)], DARK).data
    assert list(bars.marker.color) == [DARK.buy, DARK.sell]
    assert list(bars.text) == ["+0.30", "−0.20"]
    assert bars.y[1] == "&lt;b&gt;volume"
    assert bars_figure([("trend", -0.004)], LIGHT).data[0].text == ("0.00",)
    assert bars_figure([], LIGHT).data[0].x == ()


def test_chances_stack_in_the_order_of_the_regimes():
    chances = np.array([[0.7, 0.1, 0.1, 0.1], [0.4, 0.3, 0.2, 0.1]])
    figure = chances_figure(("bull", "bear", "sideways", "volatile"), DAYS[:2], chances, LIGHT)
    assert [one.name for one in figure.data] == ["bull", "bear", "sideways", "volatile"]
    assert {one.stackgroup for one in figure.data} == {"all"}
    assert figure.data[1].line.color == LIGHT.loss
    assert figure.layout.yaxis.range == (0, 1)
