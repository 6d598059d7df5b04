"""The optimizer's form and answer as they read."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from core.desk.desk import Desk
from core.desk.jobs import ask
from core.desk.optimize import run_optimize
from core.desk.watchlist import save_watchlist
from core.domain.job import JobStatus
from core.store import jobs
from core.store.codec import to_json
from core.views.optimizer import optimizer_form, optimizer_view
from tests.desk.test_optimize import WISH
from tests.views.history import with_bars
from tests.views.shelf import empty_desk, filled_desk


def answered(desk: Desk) -> Desk:
    made = run_optimize(desk, replace(WISH, method="equal", invested=0.80))
    request = ask(desk, "optimize")
    with desk.store.write() as tx:
        jobs.claim(tx, ["optimize"], desk.clock.now())
        jobs.finish(
            tx, request.id, JobStatus.DONE, "", json.dumps(json.loads(to_json(made))),
            desk.clock.now(),
        )  # fmt: skip
    return desk


def test_the_form_starts_at_what_the_mandate_allows(tmp_path: Path):
    desk = with_bars(filled_desk(tmp_path))
    save_watchlist(desk, "Mine", ["TCS", "BEL"], by="t")
    form = optimizer_form(desk)
    assert form.accounts == (("event", "Event tactical"),)
    assert (form.weight_max, form.sector_max, form.invested) == (0.10, 0.25, 0.95)
    assert form.symbols == "TCS, BEL"


def test_without_an_account_the_form_says_why(tmp_path: Path):
    assert optimizer_form(empty_desk(tmp_path)).not_ready.startswith("No account is open yet")
    assert optimizer_view(empty_desk(tmp_path / "b")) is None


def test_an_answer_shows_weights_trades_and_what_they_cost(tmp_path: Path):
    view = optimizer_view(answered(with_bars(filled_desk(tmp_path))))
    assert view.title == "Equal weights, Event tactical"
    assert view.note.startswith("120 sessions, ")
    weights = {row.symbol.text: (row.before, row.after.text) for row in view.weights}
    assert weights["TCS"] == ("0.0 %", "20.0 %")
    assert weights["BEL"] == ("6.6 %", "0.0 %")
    first = view.steps[0]
    assert (first.side.text, first.side.tone, first.symbol.text, first.qty) == (
        "SELL", "sell", "BEL", "320",
    )  # fmt: skip
    assert view.weights_note == "4 shares of 5 · of equity"
    figures = {f.label: f for f in view.figures}
    assert figures["Mean return, past"].detail == "per year, shrunk; not a forecast"
    assert len(view.shares) == 4
