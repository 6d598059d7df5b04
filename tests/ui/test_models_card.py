"""The reliability plot: what it holds."""

from __future__ import annotations

import pytest

from core.views.models_card import Point
from ui.models_card import reliability_figure
from ui.palette import LIGHT


def test_bins_stand_in_percent_with_their_intervals_against_the_diagonal() -> None:
    bins = (Point(0.10, 0.12, 0.08, 0.18, 90), Point(0.30, 0.28, 0.24, 0.33, 80))
    figure = reliability_figure(bins, LIGHT)
    diagonal, points, counts = figure.data
    assert list(counts.y) == [90, 80] and counts.yaxis == "y2"
    assert list(diagonal.x) == list(diagonal.y) == list(figure.layout.xaxis.range)
    assert list(points.x) == [10.0, 30.0] and list(points.y) == pytest.approx([12.0, 28.0])
    assert list(points.error_y.array) == pytest.approx([6.0, 5.0])
    assert list(points.error_y.arrayminus) == pytest.approx([4.0, 4.0])
    assert [row[0] for row in points.customdata] == [90, 80]


def test_the_axes_hold_every_interval_and_stay_between_nothing_and_all() -> None:
    figure = reliability_figure(
        (Point(0.01, 0.0, 0.0, 0.2, 9), Point(0.99, 1.0, 0.8, 1.0, 9)), LIGHT
    )
    assert list(figure.layout.yaxis.range) == [0.0, 100.0]
