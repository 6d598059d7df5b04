"""Curves and figures of a backtest, worked by hand, and what may not be claimed from few cases."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from core.desk.backtest import BacktestResult, TrialTrade
from core.desk.desk import Desk
from core.desk.jobs import ask
from core.domain.job import JobStatus
from core.domain.money import Money
from core.store import jobs
from core.store.codec import to_json
from core.views.backtests import INVENTED, backtest_view, drawdowns, form_view, returns
from tests.views.history import days, with_bars
from tests.views.shelf import ago, empty_desk, filled_desk, rs

EQUITY = tuple(rs(amount) for amount in ("100000", "104000", "98800", "101000"))


def trade(pnl: str | None) -> TrialTrade:
    closed = pnl is not None
    return TrialTrade(
        "BEL", "event", 10, ago(days=2), rs("400"), ago(days=1) if closed else None,
        rs("410") if closed else None, rs("12.34"), rs(pnl) if pnl else None,
        "target" if closed else "still open",
    )  # fmt: skip


def result(**changes: object) -> BacktestResult:
    values = {
        "strategy": "both", "days": (date(2026, 11, 17), date(2026, 11, 18), date(2026, 11, 19)),
        "equity": EQUITY, "market": (1.0, 1.01, 1.0, 1.02), "exposure": (0.0, 0.3, 0.3, 0.6),
        "trades": (trade("87.66"), trade(None)), "shares": 20, "charges": rs("250"),
        "books_off": Money(0), "events_read": 40, "events_mapped": 38, "decided": 90, "cards": 5,
        "approved": 4, "model_version": "m-1", "model_votes": False, "invented_prices": True,
    }  # fmt: skip
    return BacktestResult(**{**values, **changes})  # type: ignore[arg-type]


def finished(desk: Desk, made: BacktestResult) -> Desk:
    request = ask(desk, "backtest")
    with desk.store.write() as tx:
        jobs.claim(tx, ["backtest"], desk.clock.now())
        text = json.dumps(json.loads(to_json(made)))
        jobs.finish(tx, request.id, JobStatus.DONE, "done", text, desk.clock.now())
    return desk


def test_drawdown_is_measured_from_the_highest_point_so_far():
    # 98800 under 104000 is -5 %, 101000 is -2.88 %
    assert drawdowns(EQUITY) == pytest.approx((0, 0, -0.05, -0.02885), abs=1e-5)
    assert returns(EQUITY) == pytest.approx([0.04, -0.05, 0.02227], abs=1e-5)


def test_figures_are_after_charges_and_few_cases_claim_nothing(tmp_path: Path):
    view = backtest_view(finished(filled_desk(tmp_path), result()))
    figures = {f.label: (f.value, f.detail) for f in view.figures}
    assert figures["Return, after charges"] == ("+1.00 %", "+₹1,000 on ₹1.00 L")
    assert figures["All shares, equal parts"][0] == "+2.00 %"
    assert figures["Worst drawdown"][0] == "−5.00 %"
    assert figures["Volatility"][0] == "too few, n 3"
    assert figures["Trades that earned"] == ("too few, n 1", "n 1 closed")
    assert figures["Mean exposure"][0] == "40.0 %"
    assert view.warning == INVENTED
    assert view.equity[0].values == pytest.approx((0, 4, -1.2, 1))
    assert view.days[0] == view.days[1] == date(2026, 11, 17)


def test_thirty_cases_are_enough_for_a_share_of_wins(tmp_path: Path):
    trades = tuple(trade("10") for _ in range(24)) + tuple(trade("-10") for _ in range(6))
    made = result(
        trades=trades,
        days=tuple(date(2026, 10, 1 + n) for n in range(30)),
        equity=tuple(rs(str(100000 + 100 * (n % 2))) for n in range(31)),
        market=(1.0,) * 31,
        exposure=(0.5,) * 31,
        invented_prices=False,
    )
    view = backtest_view(finished(filled_desk(tmp_path), made))
    figures = {f.label: f.value for f in view.figures}
    assert figures["Trades that earned"] == "80 %"
    # moves of +0.1 % and -0.0999 % in turn: 0.1 % a session is 1.6 % a year
    assert figures["Volatility"] == "1.6 %"
    assert view.warning == ""


def test_trades_show_the_open_ones_greyed(tmp_path: Path):
    view = backtest_view(finished(filled_desk(tmp_path), result()))
    assert [(row.pnl.text, row.how, row.mark) for row in view.trades] == [
        ("open", "still open", "off"), ("+₹87.66", "target", ""),
    ]  # fmt: skip
    counts = dict(view.counts)
    assert counts["News read"] == "40, 38 name a share"
    assert counts["Model"] == "m-1, no vote, edge not measured"
    assert counts["Books sum to"] == "₹0.00"


def test_the_form_offers_the_last_twenty_sessions_with_enough_before(tmp_path: Path):
    desk = with_bars(filled_desk(tmp_path))
    form, stored = form_view(desk), days(desk)
    assert (form.start, form.end, form.first) == (stored[400], stored[419], stored[300])
    assert form.not_ready == ""


def test_before_any_run_nothing_is_shown_and_a_bare_store_says_why(tmp_path: Path):
    assert backtest_view(filled_desk(tmp_path)) is None
    assert form_view(empty_desk(tmp_path / "bare")).not_ready.startswith("0 sessions are stored")
