"""The desk's own features and models on the real panel of shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.desk.desk import calendar_now
from core.desk.imports import import_files
from core.desk.leaks import LONGER, SESSIONS, SHARES, find_leaks
from core.domain.account import Market
from core.domain.leak_record import Verdict
from core.features.compute import compute
from core.features.table import NAMES
from core.models.leaks import Columns, Subject
from core.models.taking_part import taking_part
from core.panel import Panel
from tests.bench.real_then import real_then
from tests.bench.show_actions import FACTORS, RAW
from tests.models.test_leaks import OWN
from tests.views.shelf import empty_desk

pytestmark = [pytest.mark.realdata, pytest.mark.slow]


def test_no_leak_is_found_on_real_prices(real_files: Path):
    panel, _ = real_then(real_files)
    panel = panel.since(panel.sessions[-SESSIONS])
    there = np.flatnonzero((~np.isnan(panel.close)).mean(axis=0) > 0.5)
    chosen = there[np.unique(np.linspace(0, len(there) - 1, SHARES).astype(int))]
    panel = panel.only([panel.isins[column] for column in chosen])

    def make(some: Panel, names: Sequence[str] = NAMES) -> Columns:
        found = compute(some, names=names, members=taking_part(some))
        return {name: found.column(name) for name in names}

    subject = Subject("ours", panel, make, calendar_now(), own=True,
                      longer=lambda some: make(some, LONGER))  # fmt: skip
    found = [check(subject) for check in OWN.values()]
    assert [one.sentence for one in found if one.verdict is Verdict.LEAK] == []
    assert sum(one.verdict is Verdict.PASS for one in found) == len(OWN) - 1  # names of shares


def test_a_store_of_real_prices_learns_from_who_left(real_files: Path, tmp_path: Path):
    # HDFC, MINDTREE and DHFL are on no list of today, and left by 13 Jul 2023
    desk = replace(empty_desk(tmp_path), market=Market.REPLAY)
    import_files(desk, [real_files / RAW[1]], fmt="auto", factors=real_files / FACTORS, by="me")
    report = find_leaks(desk, only=["taking_part", "survivors"])
    assert [one.verdict for one in report.findings] == [Verdict.PASS, Verdict.PASS]
    assert "3 of 106 shares left" in report.findings[1].sentence
