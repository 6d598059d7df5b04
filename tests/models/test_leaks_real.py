"""The desk's own features and models on the real panel of shares."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from core.desk.desk import calendar_now
from core.desk.leaks import LONGER, SESSIONS, SHARES
from core.domain.leak_record import Verdict
from core.features.compute import compute
from core.features.table import NAMES
from core.models.leaks import Columns, Subject
from core.panel import Panel
from tests.bench.sim_against_real import real
from tests.models.test_leaks import OWN

pytestmark = [pytest.mark.realdata, pytest.mark.slow]


def test_no_leak_is_found_on_real_prices(real_files: Path):
    panel, _ = real(real_files)
    panel = panel.since(panel.sessions[-SESSIONS])
    there = np.flatnonzero((~np.isnan(panel.close)).mean(axis=0) > 0.5)
    chosen = there[np.unique(np.linspace(0, len(there) - 1, SHARES).astype(int))]
    panel = panel.only([panel.isins[column] for column in chosen])

    def make(some: Panel, names: Sequence[str] = NAMES) -> Columns:
        found = compute(some, names=names)
        return {name: found.column(name) for name in names}

    subject = Subject("ours", panel, make, calendar_now(), own=True,
                      longer=lambda some: make(some, LONGER))  # fmt: skip
    found = [check(subject) for check in OWN.values()]
    assert [one.sentence for one in found if one.verdict is Verdict.LEAK] == []
    assert sum(one.verdict is Verdict.PASS for one in found) == len(OWN) - 1  # names of shares
