"""Which sessions are asked for, and when a close is settled."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from core.desk.desk import calendar_now
from core.desk.gaps import gaps, is_exact, last_closed
from core.domain.action import ActionKind, Factor

DAYS = [date(2026, 7, day) for day in range(1, 31)]


def test_a_gap_brings_three_stored_sessions_with_it():
    assert gaps(DAYS[:10], DAYS[:8]) == [(DAYS[5], DAYS[9])]
    assert gaps(DAYS[:10], DAYS[:8], overlap=0) == [(DAYS[8], DAYS[9])]


def test_gaps_close_to_each_other_are_asked_together_and_far_ones_apart():
    near = [day for day in DAYS if day not in (DAYS[4], DAYS[9])]
    assert gaps(DAYS, near) == [(DAYS[1], DAYS[9])]
    far = [day for day in DAYS if day not in (DAYS[4], DAYS[25])]
    assert gaps(DAYS, far) == [(DAYS[1], DAYS[4]), (DAYS[22], DAYS[25])]


def test_an_empty_store_is_one_gap_and_a_full_one_none():
    assert gaps(DAYS, []) == [(DAYS[0], DAYS[-1])]
    assert gaps(DAYS, DAYS) == []


@pytest.mark.parametrize(
    ("at", "settled"),
    [
        ("2026-08-21T10:29:00", date(2026, 8, 20)),  # 15:59 in India: the close is a minute short
        ("2026-08-21T10:31:00", date(2026, 8, 21)),
        ("2026-08-23T06:00:00", date(2026, 8, 21)),  # a Sunday
    ],
)
def test_a_close_is_settled_half_an_hour_after_the_session(at: str, settled: date):
    now = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert last_closed(calendar_now(), now) == settled


@pytest.mark.parametrize(
    ("divisor", "kind", "exact"),
    [
        (2.0, ActionKind.BONUS, True),
        (1.1015, ActionKind.SPLIT, True),
        (1.5, ActionKind.OTHER, True),
        (1.25, ActionKind.OTHER, True),
        (1.1015, ActionKind.OTHER, False),
        (2.0, ActionKind.DEMERGER, False),
        (1.02, ActionKind.RIGHTS, False),
    ],
)
def test_only_ratios_of_shares_are_reckoned_alike_by_everyone(
    divisor: float, kind: ActionKind, exact: bool
):
    at = datetime(2026, 1, 1, tzinfo=UTC)
    assert is_exact(Factor("INE002A01018", date(2026, 1, 2), divisor, kind, "x", at)) is exact
