"""The figures `python -m tests.bench.sim_against_real` prints, held to its tolerances."""

from __future__ import annotations

import pytest

from tests.bench.sim_against_real import (
    ROWS,
    beside,
    far,
    flat,
    minutes_real,
    minutes_simulated,
    typical,
)

pytestmark = [pytest.mark.realdata, pytest.mark.slow]


def test_simulated_returns_behave_as_the_real_panel_s_do(real_files):
    there, made = beside(real_files)
    assert (there.shares, there.returns) == (103, 172_161)
    assert far(flat(there), typical(made)) == []


def test_the_simulated_day_has_the_shape_of_a_real_one(real_files):
    for real, made in zip(minutes_real(real_files), minutes_simulated(), strict=True):
        assert abs(made[0] - real[0]) < 0.04  # volume, of the day
        assert abs(made[1] - real[1]) < 0.09  # variance; few days of two shares


def test_a_market_of_plain_noise_would_fall_through():
    real = {row.field: 1.0 for row in ROWS} | {"kurtosis": 7.8, "clustering_1": 0.15}
    noise = real | {"kurtosis": 0.0, "clustering_1": 0.0}
    assert [one.split(":")[0] for one in far(real, noise)] == [
        "excess kurtosis, median share",
        "squares' memory, 1 sessions",
    ]
