"""Ranges on real prices hold what they promise, at every horizon."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.features.compute import compute
from core.models.conformal import LEVEL, fit_ranges, swings
from tests.bench.return_ranges import judged_of, year_starts
from tests.bench.sim_against_real import real

pytestmark = pytest.mark.realdata


def test_real_ranges_of_one_to_thirty_sessions_hold_what_they_promise(real_files: Path):
    panel = real(real_files)[0]
    features = compute(panel, names=["atr_pct", "vol_60"])
    swing = swings(features.column("atr_pct"), features.column("vol_60"))
    found = fit_ranges(judged_of(panel, year_starts(panel)), panel, swing)
    for one in found.coverage:
        assert one.honest and one.inside == pytest.approx(LEVEL, abs=0.03), one
        assert one.n > 300
    assert all(one.inside > 0.75 for one in found.parts.values())
