"""Health, settings and what is not there yet, in words."""

from __future__ import annotations

import json
from pathlib import Path

from core.desk.access import set_password
from core.desk.jobs import ask
from core.views.settings import (
    health_figures,
    install_view,
    settings_signature,
    settings_view,
)
from tests.views.shelf import empty_desk, filled_desk


def test_ages_of_worker_and_feed_stand_beside_the_lease(tmp_path: Path):
    figures = {f.label: f for f in health_figures(filled_desk(tmp_path))}
    assert figures["Worker heard"].value == "1 s ago"
    assert figures["Prices"].value == "1 s"
    lease = figures["May send orders"]
    assert (lease.value, lease.detail) == ("worker", "holds the lease dealer, fence 3")
    market = figures["Market time"]
    assert (market.value, market.detail) == ("10:42:07", "20 Nov 2026 · 1 × real time")


def test_a_worker_that_never_started_is_said_so(tmp_path: Path):
    (only,) = health_figures(empty_desk(tmp_path))
    assert (only.value, only.detail, only.tone) == ("not started", "make run starts it", "warn")


def test_the_doctor_counts_what_is_well_and_marks_what_is_not(tmp_path: Path):
    view = settings_view(empty_desk(tmp_path))
    bad = [row for row in view.checks if row.mark == "red"]
    unused = [row for row in view.checks if row.ok.text == "○"]
    used = len(view.checks) - len(unused)
    assert all(" is not set up" in row.sentence for row in unused)
    assert view.checks_note == (f"{used - len(bad)} of {used} are well · {len(unused)} not set up")
    assert "Worker" in [row.name for row in bad]
    assert dict(view.settings)["Seed"] == "42"
    assert dict(view.settings)["Database"] == "sqlite · munim.db"


def test_runs_and_requests_show_what_each_did(tmp_path: Path):
    desk = filled_desk(tmp_path)
    before = settings_signature(desk)
    ask(desk, "train")
    view = settings_view(desk)
    assert [(r.job, r.took, r.sentence) for r in view.runs] == [
        ("Scan", "1.40 s", "174 scanned, 1 card")
    ]
    assert [(r.kind, r.state.text) for r in view.requests] == [("Train", "waiting")]
    assert settings_signature(desk) != before


def test_the_later_packages_show_how_far_they_are(tmp_path: Path):
    desk = empty_desk(tmp_path)
    assert install_view(desk) is None
    told = {"state": "installing", "done": 3, "of": 12, "now": "torch", "sentence": "Installing."}
    (desk.home / "install.json").write_text(json.dumps(told))
    view = install_view(desk)
    assert (view.note, view.used.used, view.going) == ("3 of 12 packages", 0.25, True)
    (desk.home / "install.json").write_text("half a fi")
    assert "cannot be read" in install_view(desk).sentence


def test_a_set_password_is_said_and_never_shown(tmp_path: Path):
    desk = empty_desk(tmp_path)
    assert settings_view(desk).password.startswith("No password is set")
    set_password(desk.home, "a short sentence")
    view = settings_view(desk)
    assert view.has_password and "a short sentence" not in repr(view)
