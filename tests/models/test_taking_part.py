"""Who takes part on a session, by bars up to its close alone; turnovers worked by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.features.compute import compute
from core.models.taking_part import TRADED_MIN, taking_part
from core.panel import FIELDS, Panel
from tests.models.made import noise, panel_of


def trading(turnover: list[float], *, sessions: int = 80) -> Panel:
    """Shares at 100 rupees, each with a turnover in rupees on every session."""
    close = np.full((sessions, len(turnover)), 100.0)
    volume = np.repeat(np.array([turnover]) / 100.0, sessions, axis=0)
    return panel_of(open=close, high=close, low=close, close=close, volume=volume)


def without(panel: Panel, rows: slice | list[int], column: int) -> Panel:
    parts = {name: getattr(panel, name).copy() for name in FIELDS}
    for values in parts.values():
        values[rows, column] = np.nan
    return replace(panel, **parts)


def test_a_crore_a_session_takes_part_and_a_rupee_less_does_not():
    found = taking_part(trading([1e7, 1e7 - 1.0]))
    assert found[TRADED_MIN - 1 :, 0].all() and not found[:, 1].any()


def test_nobody_takes_part_before_54_sessions_have_traded():
    assert taking_part(trading([5e7]))[:, 0].tolist() == [False] * 53 + [True] * 27


def test_a_share_suspended_for_seven_of_sixty_sessions_waits_until_one_is_forgotten():
    # sessions 60 to 66 have no bar; the last 60 of session 119 still hold all, of 120 only six
    found = taking_part(without(trading([5e7], sessions=140), slice(60, 67), 0))[:, 0]
    assert found[59] and not found[60:120].any() and found[120:].all()


def test_a_share_that_left_takes_part_until_its_last_session():
    found = taking_part(without(trading([5e7, 5e7]), slice(70, None), 1))
    assert found[69].tolist() == [True, True] and found[70].tolist() == [True, False]


def test_of_more_shares_than_asked_those_of_the_highest_turnover_take_part():
    found = taking_part(trading([3e7, 9e7, 2e7, 5e7]), most=2)
    assert found[-1].tolist() == [False, True, False, True]
    assert taking_part(trading([3e7, 9e7, 1e6]), most=9)[-1].tolist() == [True, True, False]


def test_equal_turnovers_never_make_more_than_asked():
    assert taking_part(trading([2e7] * 5), most=3)[-1].sum() == 3


@pytest.mark.parametrize("cut", [100, 217])
def test_later_sessions_change_nobodys_past(cut: int):
    panel = noise(seed=4, shares=9, sessions=300)
    panel = replace(panel, volume=panel.volume * np.linspace(0.2, 3.0, 300)[:, None])
    whole, then = (
        taking_part(panel, most=5),
        taking_part(panel.until(panel.sessions[cut - 1]), most=5),
    )
    np.testing.assert_array_equal(whole[:cut], then)
    assert 0 < whole.sum() < whole.size


def test_ranks_count_only_those_that_take_part():
    panel = noise(seed=6, shares=3, sessions=80)
    members = np.ones(panel.close.shape, dtype=np.bool_)
    members[-1, 2] = False
    names = ["ret_20", "rank_ret_20"]
    all_three, two = compute(panel, names=names), compute(panel, names=names, members=members)
    first, second = all_three.column("ret_20")[-1, :2]
    assert two.column("rank_ret_20")[-1, :2].tolist() == [
        float(first > second),
        float(second > first),
    ]
    assert np.isnan(two.values[-1, 2]).all() and not np.isnan(all_three.values[-1, 2]).any()
    np.testing.assert_array_equal(two.values[:-1], all_three.values[:-1])
