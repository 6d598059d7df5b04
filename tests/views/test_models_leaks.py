"""What the Models page says of the newest run of the leak tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from core.desk.desk import Desk
from core.desk.last_leaks import keep_leaks
from core.domain.leak_record import LeakRecord, LeakTest, Verdict
from core.features.table import VERSION
from core.views.models_leaks import leaks_view
from tests.views.shelf import NOW, empty_desk
from tests.views.versions import trained

CLEAN = LeakTest("truncated", "a history cut short gives the same past", Verdict.PASS, "kept")
FOUND = LeakTest("purged", "labels purged and embargoed", Verdict.LEAK, "ends -9 sessions before")
NOTHING = LeakTest("decided", "decisions came after", Verdict.NOT_ASKED, "nothing yet")
RUN = LeakRecord("ours", NOW - timedelta(hours=2), VERSION, date(2023, 3, 23), date(2026, 4, 2),
                 750, 40, 317, (CLEAN, NOTHING, FOUND))  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return empty_desk(tmp_path)


def test_a_desk_that_never_ran_them_says_so(desk: Desk):
    view = leaks_view(desk)
    assert "have not been run" in view.empty and not view.rows and not view.said


def test_leaks_come_first_with_the_age_of_the_run(desk: Desk):
    keep_leaks(desk, RUN)
    view = leaks_view(desk)
    assert [(row.words, row.says.text) for row in view.rows] == [
        ("Labels purged and embargoed", "leak"),
        ("A history cut short gives the same past", "clean"),
        ("Decisions came after", "not asked"),
    ]
    assert view.rows[0].mark == "red" and view.note.startswith("2 h old, ")
    assert view.said == (
        "1 leak found (purged) by 2 tests, over 317 columns of 40 shares, 750 sessions from "
        "23 Mar 2023 to 2 Apr 2026."
    )
    assert view.stale == "" and view.file == ""


def test_a_run_over_other_features_or_before_the_model_counts_no_more(desk: Desk):
    keep_leaks(desk, replace(RUN, features="f0"))
    assert leaks_view(desk).stale.startswith(f"Features have changed since, from f0 to {VERSION}")
    keep_leaks(desk, RUN)
    trained(desk, "a", trained_at=NOW - timedelta(hours=1))
    assert leaks_view(desk).stale.startswith("The model in use was trained after this run")


def test_a_run_over_a_file_stands_beside_and_replaces_nothing(desk: Desk):
    keep_leaks(desk, RUN)
    keep_leaks(desk, replace(RUN, subject="mine.py", features="", tests=(CLEAN,)))
    view = leaks_view(desk)
    assert "1 leak found (purged)" in view.said
    assert view.file.startswith("Newest file, mine.py: 0 leaks found by 1 test, over")
