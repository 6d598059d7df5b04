"""An account's figures, rules by version, and money promised and moved."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from core.desk.fund import add_money, plan_funding
from core.desk.mandate import sign
from core.domain.account import FundingKind, FundingPlan
from core.domain.instrument import CapClass
from core.domain.mandate import Objective
from core.domain.money import Money
from core.errors import BadInput
from core.views.accounts import account_names, account_view
from core.views.mandate_form import form_fields, mandate_from, worded_rule
from tests.views.shelf import filled_desk


def test_figures_stand_beside_their_limits(tmp_path: Path):
    view = account_view(filled_desk(tmp_path), "event")
    figures = {f.label: (f.value, f.detail) for f in view.figures}
    # 2000000 - 320 x 401.88 = 1871398.40 cash; 320 x 412.20 = 131904 invested
    assert figures["Cash"] == ("₹18,71,398", "reserved ₹0")
    assert figures["Invested"] == ("₹1,31,904", "6.6 % of equity")
    assert figures["Day's P&L"] == ("+₹3,302", "limit −1.50 %")
    assert figures["Drawdown"] == ("−3.10 %", "limit −10.00 %")
    assert figures["Free for cards"] == ("₹18,21,398", "above the floor of ₹50,000")
    assert view.about == "Paper broker, paper money · opened 21 Oct 2026"
    assert account_names(filled_desk(tmp_path / "b")) == (("event", "Event tactical"),)


def test_each_rule_has_its_worth_and_a_signed_change_is_marked(tmp_path: Path):
    desk = filled_desk(tmp_path)
    first = account_view(desk, "event")
    one = {row.rule: row for row in first.rules}["One trade may lose, % of equity"]
    assert (one.value.text, one.worth, one.mark) == ("0.75 %", "₹15,025", "")
    sign(desk, mandate_from(first.mandate, {"risk_per_trade_max": 0.5}), by="t")
    view = account_view(desk, "event")
    changed = [row for row in view.rules if row.mark]
    assert [(row.rule, row.value.text, row.before) for row in changed] == [
        ("One trade may lose, % of equity", "0.50 %", "0.75 %")
    ]
    assert [(row.version, row.changed) for row in view.versions] == [
        ("v2", "One trade may lose"), ("v1", "first version"),
    ]  # fmt: skip
    assert "changes since version 1 are marked" in view.rules_note


def test_a_form_gives_back_the_mandate_it_was_made_from(tmp_path: Path):
    mandate = account_view(filled_desk(tmp_path), "event").mandate
    fields = form_fields(mandate, sectors=["Energy"], shares=[("INE002A01018", "RELIANCE")])
    assert mandate_from(mandate, {field.name: field.value for field in fields}) == mandate
    shown = {field.name: field.value for field in fields}
    assert (shown["position_weight_max"], shown["cash_floor"]) == (10.0, 50000.0)
    assert shown["cap_classes"] == ["large", "mid"]


def test_a_form_that_contradicts_itself_is_refused_with_both_numbers(tmp_path: Path):
    mandate = account_view(filled_desk(tmp_path), "event").mandate
    with pytest.raises(BadInput, match=r"one position may be 30.0% but its sector only 25.0%"):
        mandate_from(mandate, {"position_weight_max": 30.0})
    with pytest.raises(BadInput, match="horizon months is empty"):
        mandate_from(mandate, {"horizon_months": None})


def test_lists_and_aims_come_back_as_what_they_are(tmp_path: Path):
    mandate = account_view(filled_desk(tmp_path), "event").mandate
    made = mandate_from(
        mandate,
        {
            "objective": "max profit",
            "cap_classes": ["small"],
            "sectors_banned": ["Energy"],
            "isins_banned": ["INE002A01018"],
            "stop_atr": 1.5,
            "cash_floor": 75000.5,
        },
    )
    assert made.objective is Objective.MAX_PROFIT
    assert made.cap_classes == frozenset({CapClass.SMALL})
    assert made.cash_floor == Money(7500050)
    names = {"INE002A01018": "RELIANCE"}
    assert worded_rule(made, "isins_banned", "many", names) == "RELIANCE"
    assert worded_rule(made, "stop_atr", "number", names) == "1.5 ATR"
    assert worded_rule(made, "sectors_preferred", "many", names) == "none"


def test_money_in_and_the_plan_behind_it(tmp_path: Path):
    desk = filled_desk(tmp_path)
    assert account_view(desk, "event").plan_words.startswith("No funding plan yet")
    plan_funding(
        desk,
        FundingPlan(
            "event", 1, FundingKind.HYBRID, Money.rupees(500000), Money.rupees(25000), 5,
            date(2026, 11, 1), 24, Money.rupees(10000),
        ),
        by="t",
        counts_cash=False,
    )  # fmt: skip
    add_money(desk, "event", Money.rupees(525000), reference="NEFT 1", by="t")
    view = account_view(desk, "event")
    assert view.plan_words == (
        "Version 1, hybrid: ₹5.00 L at once and ₹25,000 on day 5 of 24 months from 1 Nov 2026; "
        "₹10,000 is kept as a buffer."
    )
    # 5 Nov 2026 is a session; the first instalment came with the lump sum, the next is in December
    assert [(one.due, one.status.text) for one in view.instalments][:2] == [
        ("5 Nov 2026", "paid"), ("7 Dec 2026", "upcoming"),
    ]  # fmt: skip
    assert (view.moves[0].amount.text, view.moves[0].words) == ("+₹5,25,000.00", "NEFT 1")


def test_a_cash_floor_that_is_not_met_is_said(tmp_path: Path):
    desk = filled_desk(tmp_path)
    mandate = account_view(desk, "event").mandate
    sign(desk, replace(mandate, cash_floor=Money.rupees(1900000)), by="t")
    free = {f.label: f for f in account_view(desk, "event").figures}["Free for cards"]
    # 1900000 - 1871398.40 = 28601.60 short
    assert (free.value, free.detail, free.detail_tone) == (
        "₹0", "₹28,602 short of the floor", "warn",
    )  # fmt: skip
