"""The leak tests on the Models page: what the newest run found, and a button for another."""

from __future__ import annotations

from core.desk.desk import Desk
from core.views.job import job_view
from core.views.models_leaks import leaks_view
from ui.job import ask_button, job_panel
from ui.parts import Column, draw, note, panel, rule, table

TESTS = (
    Column("Test", "words", wraps=True), Column("", "says"),
    Column("What it found", "sentence", wraps=True),
)  # fmt: skip


def leaks_panel(desk: Desk) -> None:
    """Every test, leaks first, with the age of the run."""
    view = leaks_view(desk)
    stale = [rule(view.stale, tone="warn")] if view.stale else []
    rows = [table(TESTS, view.rows, tall=True)] if view.rows else []
    draw(panel("Leak tests", *stale, note(view.empty), note(view.said), note(view.file), *rows,
               note=view.note))  # fmt: skip
    ask_button(desk, "leaks", "Run the leak tests", key="leaks")
    if job_view(desk, "leaks") is not None:
        job_panel(desk, "leaks", title="Running the leak tests", never="")
