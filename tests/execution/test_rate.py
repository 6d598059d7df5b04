"""The cap on sends, counted from what the store remembers."""

from datetime import timedelta

import pytest

from core.execution.rate import SendCap, Sends, why_wait, windows
from tests.made import T0

CAP = SendCap(per_second=3, per_minute=60, per_day=1_000)


def test_windows_end_now_and_reach_a_fifth_of_a_second_further_back():
    second, minute, day = windows(T0)
    late = timedelta(seconds=0.2)
    assert (T0 - second, T0 - minute, T0 - day) == (
        timedelta(seconds=1) + late,
        timedelta(minutes=1) + late,
        timedelta(days=1) + late,
    )


def test_under_every_cap_an_order_may_go():
    assert why_wait(Sends(2, 59, 999), CAP, login_id="p") == ""


@pytest.mark.parametrize(
    ("sends", "words"),
    [
        (Sends(3, 3, 3), "login p sent 3 orders in the last second and 3 is the most"),
        (Sends(0, 60, 60), "60 orders in the last minute"),
        (Sends(0, 0, 1_000), "1000 orders in the last day"),
    ],
)
def test_at_a_cap_the_next_order_waits(sends, words):
    assert words in why_wait(sends, CAP, login_id="p")
