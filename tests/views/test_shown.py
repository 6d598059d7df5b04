from __future__ import annotations

from datetime import timedelta

from core.views.shown import when
from tests.views.shelf import NOW


def test_a_time_of_today_is_a_time_and_another_days_has_its_day() -> None:
    assert when(NOW, NOW) == "10:42:07"
    assert when(NOW - timedelta(days=18), NOW) == "2 Nov 10:42"
    midnight = NOW - timedelta(hours=10, minutes=42, seconds=8)  # 23:59:59 in India
    assert when(midnight, NOW) == "19 Nov 23:59"
