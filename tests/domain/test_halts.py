from datetime import datetime
from pathlib import Path

import pytest

from core.domain.clock import IST
from core.domain.halts import market_halt
from core.errors import OutsideCalendar
from core.providers.calendar_file import load_halts

HALTS = load_halts(Path(__file__).resolve().parents[2] / "data" / "calendar.json")


def ist(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=IST)


@pytest.mark.parametrize(
    ("move", "clock", "pct", "until"),
    [
        (-0.0999, "11:00", None, None),
        (-0.10, "11:00", 10, "11:45"),
        (0.12, "12:59:59", 10, "13:44:59"),  # up counts as down does
        (-0.10, "13:00", 10, "13:15"),
        (-0.10, "14:30", None, None),
        (-0.15, "12:00", 15, "13:45"),
        (-0.15, "13:30", 15, "14:15"),
        (-0.15, "14:00", 15, "rest of the day"),
        (-0.20, "10:00", 20, "rest of the day"),
    ],
)
def test_a_halt_lasts_by_the_size_of_the_move_and_the_hour(
    move: float, clock: str, pct: int | None, until: str | None
):
    halt = market_halt(HALTS, move=move, at=ist(f"2026-11-20 {clock}"))
    if pct is None:
        assert halt is None
        return
    assert halt is not None and halt.move_pct == pct
    ends = None if until == "rest of the day" else ist(f"2026-11-20 {until}")
    assert halt.ends_at == ends


def test_a_day_whose_rule_is_not_loaded_is_refused():
    with pytest.raises(OutsideCalendar, match="2020-03-23 are not loaded, only from 2026-01-01"):
        market_halt(HALTS, move=-0.1, at=ist("2020-03-23 10:00"))
    with pytest.raises(OutsideCalendar, match="only from no day"):
        market_halt((), move=-0.1, at=ist("2026-03-23 10:00"))
