from __future__ import annotations

from datetime import date, timedelta

from core.views.chart import Candles, Chart, FillMark, Level, Line, Mark, Pane
from ui.palette import DARK, LIGHT
from ui.price_chart import price_figure, price_ticks

DAYS = [date(2026, 11, 2) + timedelta(days=n) for n in range(5)]
CANDLES = Candles(
    DAYS, [10, 11, 12, 11, 12], [11, 12, 13, 12, 14], [9, 10, 11, 10, 11], [11, 12, 11, 12, 13],
    [100, 200, 400, 100, 300],
)  # fmt: skip
CHART = Chart(
    CANDLES, "O 12", "13.00", overlays=(Line("EMA <b>", [1, 2, 3, 4, 5]),),
    panes=(Pane("RSI", (Line("RSI", [50] * 5),), guides=(30.0, 70.0)), Pane("M", bars=[1] * 5)),
    levels=(Level("SL", 9.5, "stop", 3),), fills=(FillMark(3, 11, True, "BUY 60"),),
)  # fmt: skip


def test_volume_fills_the_bottom_fifth_of_the_prices() -> None:
    figure = price_figure(CHART, LIGHT, height=500)
    volume = next(trace for trace in figure.data if trace.type == "bar" and trace.base is not None)
    low, high = figure.layout.yaxis.range
    assert volume.base == low
    assert max(volume.y) == (high - low) * 0.2
    # no bar of price reaches into it: the lowest low is 9
    assert low + max(volume.y) < 9.01 + (high - low) * 0.02


def test_bars_stand_side_by_side_without_gaps() -> None:
    figure = price_figure(CHART, DARK, height=500)
    assert figure.data[0].x is None and len(figure.data[0].open) == 5
    assert tuple(figure.layout.xaxis.range) == (-1, 6)
    assert figure.data[0].increasing.line.color == DARK.gain


def test_levels_fills_and_names_are_drawn_escaped() -> None:
    figure = price_figure(CHART, LIGHT, height=500)
    words = [note.text for note in figure.layout.annotations]
    assert "SL 9.50" in words and "13.00" in words
    assert words[-1].startswith("O 12<br><span") and "EMA &lt;b&gt; 5.00" in words[-1]
    names = [trace.name for trace in figure.data]
    assert "EMA &lt;b&gt;" in names
    assert figure.layout.shapes[0].y0 == 9.5


def test_a_chart_without_bars_can_be_drawn() -> None:
    empty = Chart(Candles([], [], [], [], [], []), "", "")
    assert len(price_figure(empty, LIGHT, height=300).data) == 2


def test_ticks_are_round_and_clear_of_tags() -> None:
    # 9 steps over 90 rupees: 10 each; 3.5 % of 90 is 3.15
    assert price_ticks(100, 190, under=[142]) == [100, 110, 120, 130, 150, 160, 170, 180, 190]


def test_marks_stand_by_their_bar_with_escaped_words_and_many_bars_become_areas() -> None:
    many = 500
    days = [date(2025, 1, 1) + timedelta(days=n) for n in range(many)]
    candles = Candles(days, *([[10.0] * many] * 4), [5.0] * many)
    marks = (Mark(3, 10.0, "▲", "gain", "<b>up</b>"), Mark(4, 10.0, "S", "action", "split"))
    figure = price_figure(Chart(candles, "", "", marks=marks), DARK, height=500)
    assert [trace.type for trace in figure.data].count("bar") == 0
    news, befell = figure.data[-2:]
    assert news.hovertext == ("&lt;b&gt;up&lt;/b&gt;",) and news.marker.symbol == ("triangle-up",)
    assert befell.text == ("S",) and befell.x == (4,)
    assert figure.data[2].fill == "tonexty"
