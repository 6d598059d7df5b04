"""The list of reports and the one that is open."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from core.store import reports
from core.views.reports import reports_signature, reports_view
from tests.views.shelf import ago, empty_desk


def test_the_latest_report_is_open_and_another_can_be_chosen(tmp_path: Path):
    desk = empty_desk(tmp_path)
    before = reports_signature(desk)
    with desk.store.write() as tx:
        for day in (18, 19):
            reports.put(tx, "eod", date(2026, 11, day), ago(days=20 - day), f"# Day {day}")
    view = reports_view(desk)
    assert [row.label for row in view.rows] == [
        "End of day · 19 Nov 2026", "End of day · 18 Nov 2026",
    ]  # fmt: skip
    assert (view.markdown, view.file) == ("# Day 19", "munim-eod-2026-11-19")
    assert view.written == "written 19 Nov 2026 10:42:07 · 1 day old"
    assert reports_view(desk, chosen="eod:2026-11-18").markdown == "# Day 18"
    assert reports_view(desk, chosen="eod:2020-01-01").chosen == "eod:2026-11-19"
    assert reports_signature(desk) != before


def test_a_month_is_named_by_its_month(tmp_path: Path):
    desk = empty_desk(tmp_path)
    with desk.store.write() as tx:
        reports.put(tx, "month", date(2026, 11, 1), ago(minutes=5), "# November 2026")
    view = reports_view(desk)
    assert [row.label for row in view.rows] == ["Month · November 2026"]
    assert (view.title, view.file) == ("Month, November 2026", "munim-month-2026-11")
    assert view.month == "2026-11-01"


def test_without_a_report_it_says_when_the_first_comes(tmp_path: Path):
    view = reports_view(empty_desk(tmp_path))
    assert view.rows == () and view.markdown == ""
    assert "16:15" in view.empty
