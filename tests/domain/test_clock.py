from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.domain import clock
from core.domain.clock import AnchoredClock, SteppedClock, WallClock, ist_day

AT = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)


def test_a_stepped_clock_moves_both_clocks_together():
    stepped = SteppedClock(AT)
    stepped.pass_seconds(90)
    assert stepped.now() == AT + timedelta(seconds=90)
    assert stepped.monotonic() == 90.0


@given(st.lists(st.integers(-10_000, 10_000), max_size=10))
def test_a_stepped_clock_never_goes_back(moves: list[int]):
    stepped = SteppedClock(AT)
    seen = [(stepped.now(), stepped.monotonic())]
    for seconds in moves:
        stepped.move_to(AT + timedelta(seconds=seconds))
        seen.append((stepped.now(), stepped.monotonic()))
    assert seen == sorted(seen)
    assert stepped.monotonic() == (stepped.now() - AT).total_seconds()


def test_an_anchored_clock_runs_at_its_speed_from_its_anchor(monkeypatch):
    monkeypatch.setattr(clock.time, "monotonic", lambda: 130.0)
    fast = AnchoredClock(market_at=AT, anchor=100.0, speed=60.0)
    # 30 real seconds at 60 times: 30 minutes of market
    assert fast.now() == AT + timedelta(minutes=30)
    assert fast.monotonic() == 130.0
    assert WallClock().monotonic() == 130.0


def test_the_wall_clock_is_in_utc():
    assert WallClock().now().tzinfo is UTC


def test_the_day_in_india_begins_at_half_past_six_in_the_evening_utc():
    assert ist_day(datetime(2026, 11, 20, 18, 29, tzinfo=UTC)) == date(2026, 11, 20)
    assert ist_day(datetime(2026, 11, 20, 18, 30, tzinfo=UTC)) == date(2026, 11, 21)
