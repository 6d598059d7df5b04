from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.desk.month_report import make_month
from core.store import jobs
from tests.made.books import TODAY, random_books
from tests.pages.desk_page import click, open_page, words


def test_a_months_report_is_read_downloaded_and_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = random_books(tmp_path, 4).desk
    make_month(desk, TODAY, by="me")
    app = open_page(monkeypatch, desk, "reports")
    assert "Month, November 2026" in words(app)
    assert any("# November 2026, so far" in one.value for one in app.markdown)
    assert next(one.proto.label for one in app.get("download_button")) == "Download .md"
    click(app, "make_month")
    with desk.store.read() as tx:
        [asked] = jobs.recent(tx)
    assert (asked.kind, json.loads(asked.arguments)) == ("report", {"month": "2026-11-01"})
