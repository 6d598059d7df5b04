"""A company's figures in words: units, source, age, and what is said where there are none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.config import Settings
from core.desk.desk import Desk, desk_over
from core.domain.account import Market
from core.domain.clock import SteppedClock
from core.store import fundamentals, instruments
from core.store.engine import open_store
from core.store.fundamentals import Figure, Snapshot
from core.views.company import CompanyFigures, company_figures
from tests.made import MIDCO, TCS

NOW = datetime(2026, 8, 22, 6, 0, tzinfo=UTC)
FIGURES = (
    Figure("market_cap", 1.25e13, "INR"),
    Figure("trailing_pe", 24.5, "times"),
    Figure("return_on_equity", 0.465, "fraction"),
    Figure("eps", 132.4, "INR"),
    Figure("revenue", 6.3437e11, "INR", "2026-06-30"),
    Figure("profit", 1.276e11, "INR", "2026-06-30"),
    Figure("revenue", 6.4479e11, "INR", "2026-03-31"),
)


@pytest.fixture
def desk(sqlite_url: str, tmp_path: Path) -> Iterator[Desk]:
    store = open_store(sqlite_url, Market.REPLAY, scratch=True)
    with store.write() as tx:
        instruments.put(tx, [TCS, replace(MIDCO, is_traded=False)])
    yield desk_over(Settings(home=tmp_path), store, SteppedClock(NOW))
    store.close()


def shown(desk: Desk, *figures: Figure, at: datetime = NOW, later: int = 3) -> CompanyFigures:
    with desk.store.write() as tx:
        fundamentals.put(tx, Snapshot(TCS.isin, "yfinance", at, figures))
    return company_figures(desk, TCS.isin, clock=SteppedClock(at + timedelta(days=later)))


def test_figures_are_in_the_units_a_person_reads_with_source_and_age(desk: Desk):
    view = shown(desk, *FIGURES)
    found = dict(view.figures)
    assert found["Market cap"] == "₹12,50,000.00 Cr"
    assert (found["P/E, trailing"], found["ROE"], found["EPS, trailing"]) == (
        "24.50", "46.50 %", "₹132.40",
    )  # fmt: skip
    assert found["P/B"] == "–"
    assert view.source == "Yahoo · fetched 3 days ago"
    assert view.wire.text == "not verified on the wire"
    # 6.3437e11 rupees are 63,437 crore
    assert [(q.quarter, q.revenue, q.profit) for q in view.quarters] == [
        ("to 30 Jun 2026", "63,437.00", "12,760.00"),
        ("to 31 Mar 2026", "64,479.00", "–"),
    ]
    assert view.unit == "₹ Cr" and view.note.startswith("As told on")


def test_accounts_in_dollars_say_so(desk: Desk):
    view = shown(desk, Figure("eps", 0.79, "USD"), Figure("revenue", 4.7e9, "USD", "2026-06-30"))
    assert dict(view.figures)["EPS, trailing"] == "USD 0.79"
    assert (view.unit, view.quarters[0].revenue) == ("USD million", "4,700.00")


def test_figures_later_than_the_market_say_that_no_decision_may_use_them(desk: Desk):
    view = shown(desk, *FIGURES, at=NOW + timedelta(days=30))
    assert "This market stands before that" in view.note and "no decision" in view.note


def test_without_figures_the_way_to_them_is_said(desk: Desk):
    view = company_figures(desk, TCS.isin, clock=SteppedClock(NOW))
    assert "munim data fetch TCS --fundamentals" in view.empty and view.looked_at == ""


def test_a_share_outside_says_that_it_is_only_looked_at(desk: Desk):
    view = company_figures(desk, MIDCO.isin, clock=SteppedClock(NOW))
    assert "in no traded universe" in view.looked_at
