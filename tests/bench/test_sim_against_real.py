"""The figures `python -m tests.bench.sim_against_real` prints, held to its tolerances."""

from __future__ import annotations

import pytest

from tests.bench.sim_against_real import ROWS, beside, far, flat, typical

pytestmark = [pytest.mark.realdata, pytest.mark.slow]


def test_simulated_returns_behave_as_the_real_panel_s_do(real_files):
    there, made = beside(real_files)
    assert (there.shares, there.returns) == (103, 172_161)
    assert far(flat(there), typical(made)) == []


def test_a_market_of_plain_noise_would_fall_through():
    real = {row.field: 1.0 for row in ROWS} | {"kurtosis": 7.8, "clustering_1": 0.15}
    noise = real | {"kurtosis": 0.0, "clustering_1": 0.0}
    assert [one.split(":")[0] for one in far(real, noise)] == [
        "excess kurtosis, median share",
        "squares' memory, 1 sessions",
    ]
