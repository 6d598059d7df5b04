"""An account's figures, rules by version, and money promised and moved."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from core.desk.account import clone_account, close_account, pause_account
from core.desk.fund import add_money, plan_funding, restore_plan, take_money
from core.desk.mandate import sign
from core.desk.tranches import INDICES
from core.domain.account import FundingKind, FundingPlan, Market, Tranche, TrancheTrigger
from core.domain.instrument import CapClass
from core.domain.mandate import Objective
from core.domain.money import Money
from core.domain.order import OrderStatus
from core.errors import BadInput, NotFound, Refused
from core.store import funding, index_bars, orders, risk
from core.views.account import account_view
from core.views.accounts import account_names, accounts_view
from core.views.card_live import live_card
from core.views.funding_form import plan_fields
from core.views.mandate_form import form_fields, mandate_from, worded_rule
from core.views.plan_diff import plan_preview
from core.views.today import today_view
from tests.made import an_order
from tests.views.shelf import EVENT_CARD, empty_desk, filled_desk, snapshot


def test_figures_stand_beside_their_limits(tmp_path: Path):
    view = account_view(filled_desk(tmp_path), "event")
    figures = {f.label: (f.value, f.detail) for f in view.figures}
    # 2000000 - 320 x 401.88 = 1871398.40 cash; 320 x 412.20 = 131904 invested
    assert figures["Cash"] == ("₹18,71,398", "reserved ₹0")
    assert figures["Invested"] == ("₹1,31,904", "6.6 % of equity")
    assert figures["Day's P&L"] == ("+₹3,302.40", "limit −1.50 %")
    assert figures["Drawdown"] == ("−3.10 %", "limit −10.00 %")
    assert figures["Deployable"] == ("₹18,21,398", "floor ₹50,000")
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
    assert account_view(desk, "event").funding.words.startswith("No funding plan yet")
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
    assert view.funding.words == (
        "Version 1, hybrid: ₹5.00 L at once and ₹25,000 on day 5 of 24 months from 1 Nov 2026; "
        "₹10,000 is kept as a buffer; up to 3 missed instalments carried on and let in at once."
    )
    # 5 Nov 2026 is a session; the first instalment came with the lump sum, the next is in December
    assert [(one.due, one.status.text) for one in view.funding.instalments][:2] == [
        ("5 Nov 2026", "paid"), ("7 Dec 2026", "upcoming"),
    ]  # fmt: skip
    assert (view.moves[0].amount.text, view.moves[0].words) == ("+₹5,25,000.00", "NEFT 1")


def test_a_cash_floor_that_is_not_met_is_said(tmp_path: Path):
    desk = filled_desk(tmp_path)
    mandate = account_view(desk, "event").mandate
    sign(desk, replace(mandate, cash_floor=Money.rupees(1900000)), by="t")
    free = {f.label: f for f in account_view(desk, "event").figures}["Deployable"]
    # 1900000 - 1871398.40 = 28601.60 short
    assert (free.value, free.detail, free.detail_tone) == (
        "₹0", "₹28,602 short of the floor", "warn",
    )  # fmt: skip


def test_the_overview_shows_every_account_with_its_state_and_why(tmp_path: Path):
    desk = filled_desk(tmp_path)
    twin = clone_account(desk, "event", name="Twin", by="me")
    gone = clone_account(desk, "event", name="Gone", by="me")
    pause_account(desk, twin.id, why="on holiday", by="me")
    close_account(desk, gone.id, why="a trial", by="me")
    view = accounts_view(desk)
    assert [(row.account.text, row.state.text if row.state else "") for row in view.rows] == [
        ("Event tactical", ""), ("Twin", "paused"), ("Gone", "closed"),
    ]  # fmt: skip
    rows = {row.account.text: row for row in view.rows}
    # 1871398.40 cash + 131904 in BEL; 1871398.40 - 50000 of it is deployable
    assert (rows["Event tactical"].equity, rows["Event tactical"].deployable.text) == (
        "₹20,03,302", "₹18,21,398",
    )  # fmt: skip
    assert rows["Event tactical"].rules == (
        "balanced, v1: 12 positions, 0.75 % a trade, 1.50 % a day, 12 months"
    )
    assert (rows["Twin"].note, rows["Twin"].deployable.note) == (
        "on holiday (me)", "under its floor",
    )  # fmt: skip
    assert rows["Gone"].note == "closed 20 Nov 2026"
    figures = {one.label: one.value for one in view.figures}
    assert (figures["Equity"], figures["Deployable"]) == ("₹20,03,302", "₹18,21,398")
    assert view.note.startswith("2 open accounts")


def test_no_account_is_no_row(tmp_path: Path):
    view = accounts_view(empty_desk(tmp_path))
    assert (view.rows, view.figures, view.note) == ((), (), "")


def test_holdings_versions_and_what_keeps_an_account_from_closing(tmp_path: Path):
    desk = filled_desk(tmp_path)
    before = account_view(desk, "event").mandate
    sign(desk, replace(before, positions_max=3), by="me", why="calmer")
    view = account_view(desk, "event")
    [held] = view.holdings
    # 320 x (412.20 - 401.88) = 3302.40; 131904 of 2003302.40
    assert (held.symbol.text, held.qty, held.value, held.weight) == (
        "BEL", "320", "₹1,31,904", "6.6 %",
    )  # fmt: skip
    assert (held.pnl.text, held.stop) == ("+₹3,302.40", "396.50")
    assert [(one.version, one.by, one.why) for one in view.versions] == [
        ("v2", "me", "calmer"), ("v1", "", ""),
    ]  # fmt: skip
    assert view.left[0] == ("320 BEL at a cost of ₹1,28,601.60: munim exit BEL --account event.")
    assert (view.may_pause, view.may_resume, view.paused) == (True, False, "")
    pause_account(desk, "event", why="on holiday", by="me")
    assert account_view(desk, "event").paused == (
        "Pause since 20 Nov 2026 10:42:07 by me: on holiday. "
        "No new entry goes out; stops and exits go on."
    )


def test_the_waterfall_ends_in_what_is_deployable(tmp_path: Path):
    desk = filled_desk(tmp_path)
    lakh = Money.rupees(100_000)
    plan_funding(
        desk,
        FundingPlan(
            "event", 1, FundingKind.LUMP_SUM, lakh * 9, Money(0), 0, date(2026, 11, 20), 0,
            lakh, (Tranche(lakh * 3), Tranche(lakh * 6, TrancheTrigger.INDEX_FALL, fall=0.05)),
        ),
        by="t",
    )  # fmt: skip
    view = account_view(desk, "event")
    assert [(row.step.text, row.amount.text) for row in view.cash] == [
        ("Cash at the broker", "₹18,71,398.40"),
        ("− Cash floor", "−₹50,000.00"),
        ("− Emergency buffer", "−₹1,00,000.00"),
        ("− Waiting tranches", "−₹6,00,000.00"),
        ("= Deployable", "₹11,21,398.40"),
    ]
    first, second = view.funding.tranches
    assert (first.status.text, first.why, first.waits) == (
        "released", "it is free from the plan's start; t, 20 Nov 2026 10:42:07", False,
    )  # fmt: skip
    assert (second.status.text, second.trigger, second.waits) == (
        "waiting", "Simulated index closes 5.00 % under its highest close", True,
    )  # fmt: skip
    assert view.funding.words.startswith("Version 1, lump sum: ₹9.00 L in 2 tranches")


def test_instalments_say_why_they_are_where_they_are(tmp_path: Path):
    desk = filled_desk(tmp_path)
    plan_funding(
        desk,
        FundingPlan(
            "event", 1, FundingKind.SIP, Money(0), Money.rupees(10_000), 2, date(2026, 8, 1), 12,
            carried_max=1,
        ),
        by="t",
    )  # fmt: skip
    add_money(desk, "event", Money.rupees(10_000), reference="NEFT 1", by="t")
    found = account_view(desk, "event").funding
    # August and September lapsed as one is carried, October was then paid late, November is missed
    assert [(one.due, one.status.text, one.why) for one in found.instalments[:5]] == [
        ("3 Aug 2026", "lapsed",
         "2 Aug 2026 is no session; at most 1 are carried; no longer asked for"),
        ("2 Sep 2026", "lapsed", "at most 1 are carried; no longer asked for"),
        ("5 Oct 2026", "lapsed",
         "2 Oct 2026 is no session; at most 1 are carried; no longer asked for"),
        ("2 Nov 2026", "paid", "came by 20 Nov 2026, 18 days late"),
        ("2 Dec 2026", "upcoming", ""),
    ]  # fmt: skip
    assert (found.asked, found.instalments_note.split(";")[0]) == ("", "1 of 12 came")


def test_money_that_is_due_stands_among_what_is_to_fix(tmp_path: Path):
    desk = filled_desk(tmp_path)
    sip = FundingPlan(
        "event", 1, FundingKind.SIP, Money(0), Money.rupees(25_000), 20, date(2026, 10, 1), 12
    )
    plan_funding(desk, sip, by="t")
    # 20 October was missed and 20 November is today
    assert today_view(desk).to_fix == (
        "Event tactical: an instalment of ₹25,000.00 is due today, "
        "₹50,000.00 with what was missed.",
    )
    assert accounts_view(desk).rows[0].note.startswith("Drawdown")  # a limit is nearer
    with desk.store.write() as tx:
        risk.put(tx, replace(snapshot("event"), breaches=(), at=desk.clock.now()))
    assert accounts_view(desk).rows[0].note.startswith("an instalment of ₹25,000.00 is due today")
    add_money(desk, "event", Money.rupees(25_000), reference="October", by="t")
    assert today_view(desk).to_fix == ("Event tactical: an instalment of ₹25,000.00 is due today.",)
    add_money(desk, "event", Money.rupees(25_000), reference="November", by="t")
    assert today_view(desk).to_fix == ()
    lump = FundingPlan(
        "event", 2, FundingKind.LUMP_SUM, Money.rupees(9), Money(0), 0, date(2026, 11, 20), 0,
        tranches=(Tranche(Money.rupees(9)),),
    )  # fmt: skip
    desk.clock.pass_seconds(60)
    plan_funding(desk, lump, by="t", counts_cash=False)
    said = "Event tactical: ₹9.00 of a tranche that was let go has not come."
    assert said in today_view(desk).to_fix


def test_a_fall_says_how_far_it_is_and_what_it_is_measured_on(tmp_path: Path):
    desk = filled_desk(tmp_path)
    fall = Tranche(Money.rupees(9), TrancheTrigger.INDEX_FALL, fall=0.05)
    plan_funding(
        desk,
        FundingPlan(
            "event", 1, FundingKind.LUMP_SUM, Money.rupees(9), Money(0), 0, date(2026, 11, 19), 0,
            tranches=(fall,),
        ),
        by="t",
    )  # fmt: skip
    [row] = account_view(desk, "event").funding.tranches
    assert row.why == "Simulated index: no close yet since the tranche was named"
    levels = np.array([20_000.0])
    with desk.store.write() as tx:
        index_bars.put(
            tx, ["NIFTY 50"], np.array(["2026-11-20"], dtype="datetime64[D]"),
            [levels, levels, levels, levels, levels * 0], np.ones(1), "TEST",
        )  # fmt: skip
    INDICES.forget()
    [row] = account_view(desk, "event").funding.tranches
    assert row.why == "NIFTY 50 20,000.00 on 20 Nov 2026, 0.00 % under 20,000.00"


def test_a_card_that_the_cash_does_not_reach_for_says_so_before_the_click(tmp_path: Path):
    desk = filled_desk(tmp_path)
    assert live_card(desk, EVENT_CARD).blocked_by == ""
    take_money(desk, "event", Money.rupees("1800000"), reference="a house", by="t")
    # 71398.40 is left and the floor keeps 50000 of it
    said = live_card(desk, EVENT_CARD).blocked_by
    assert "₹21,398.40 is deployable (₹50,000.00 is the cash floor)" in said


def test_the_plan_of_a_closed_account_stands_where_it_was_closed(tmp_path: Path):
    desk = filled_desk(tmp_path)
    twin = clone_account(desk, "event", name="Twin", by="me")
    sip = FundingPlan(
        twin.id, 1, FundingKind.SIP, Money(0), Money.rupees(25_000), 20, date(2026, 11, 1), 12
    )
    plan_funding(desk, sip, by="t")
    close_account(desk, twin.id, why="a trial", by="me")
    desk.clock.move_to(datetime(2026, 12, 22, 5, 0, tzinfo=UTC))
    view = account_view(desk, twin.id)
    # 20 November was due on the day it was closed; December's is asked of nobody
    assert [(one.due, one.status.text) for one in view.funding.instalments] == [
        ("20 Nov 2026", "due"),
    ]  # fmt: skip


def test_a_pause_says_that_an_entry_at_the_broker_may_still_fill(tmp_path: Path):
    desk = filled_desk(tmp_path)
    order = an_order(id="or-late", account_id="event", status=OrderStatus.OPEN)
    with desk.store.write() as tx:
        orders.put(tx, order)
    pause_account(desk, "event", why="on holiday", by="me")
    assert account_view(desk, "event").paused.endswith(
        "1 entry order at the broker may still fill; munim halt --account event takes it back."
    )


def test_holdings_have_their_total_and_are_a_file(tmp_path: Path):
    desk = filled_desk(tmp_path)
    view = account_view(desk, "event")
    [line] = view.lines
    assert (line.symbol, line.qty, line.average, line.cost, line.value, line.unrealised) == (
        "BEL", 320, "401.88", "128601.60", "131904.00", "3302.40",
    )  # fmt: skip
    # 3302.40 of 128601.60
    assert view.holdings[0].change.text == "+2.57 %"
    assert len(view.holdings) == 1  # one position is its own total


def test_a_plan_saved_before_versions_were_kept_says_so(tmp_path: Path):
    desk = filled_desk(tmp_path)
    old = FundingPlan(
        "event", 1, FundingKind.SIP, Money(0), Money.rupees(25_000), 20, date(2026, 11, 1), 12
    )
    with desk.store.write() as tx:
        funding.put(tx, old)  # as an older Munim wrote it, without a time
    (row,) = account_view(desk, "event").plan_versions
    assert row.saved == "before versions were kept"


def test_versions_of_a_plan_say_who_saved_them_and_what_stands_comes_back(tmp_path: Path):
    desk = filled_desk(tmp_path)
    sip = FundingPlan(
        "event", 1, FundingKind.SIP, Money(0), Money.rupees(25_000), 20, date(2026, 11, 1), 12
    )
    plan_funding(desk, sip, by="me", why="the salary")
    desk.clock.pass_seconds(60)
    plan_funding(desk, replace(sip, version=2, instalment=Money.rupees(2_500)), by="me")
    with pytest.raises(Refused, match="version 2 of the funding plan was saved since version 1"):
        plan_funding(desk, replace(sip, version=2), by="another tab")
    restore_plan(desk, "event", 1, by="me", why="a slip")
    found = account_view(desk, "event").plan_versions
    assert [(one.version, one.by, one.why) for one in found] == [
        ("v3", "me", "a slip"), ("v2", "me", ""), ("v1", "me", "the salary"),
    ]  # fmt: skip
    with desk.store.read() as tx:
        assert funding.current(tx, "event").instalment == Money.rupees(25_000)
    with pytest.raises(Refused, match="the terms of version 3 stand; nothing changed"):
        restore_plan(desk, "event", 3, by="me")
    with pytest.raises(NotFound, match="has no funding plan version 9; it has 1 to 3"):
        restore_plan(desk, "event", 9, by="me")
    view = plan_preview(desk, "event", plan_fields(sip, today=date(2026, 11, 20)),
                        counts_cash=True)  # fmt: skip
    assert (view.rows, view.can_save) == ((), False)
    moved = plan_fields(sip, today=date(2026, 11, 20)) | {"starts_on": date(2026, 11, 20)}
    view = plan_preview(desk, "event", moved, counts_cash=True)
    assert [row.rule for row in view.rows] == ["Starts on"]
    assert view.effects[0].startswith("Another start day begins the plan anew")


def test_a_fall_of_an_index_that_is_not_stored_names_the_command_before_it_is_saved(
    tmp_path: Path,
):
    desk = filled_desk(tmp_path)
    typed = plan_fields(None, today=date(2026, 11, 20)) | {"lump": 9.0, "tranches": "9 index 5%"}
    live = replace(desk, market=Market.LIVE)
    [said] = [
        one
        for one in plan_preview(live, "event", typed, counts_cash=False).effects
        if "NIFTY" in one
    ]
    rows = plan_preview(desk, "event", typed, counts_cash=False).rows
    assert [one.rule for one in rows] == [
        "Kind", "Lump sum", "Tranches", "Each month", "Starts on", "Kept as a buffer",
        "Carried at most",
    ]  # fmt: skip
    assert said.startswith("No close of the NIFTY 50 is stored") and "munim data import" in said


def test_the_last_note_names_the_account_and_not_its_id(tmp_path: Path):
    desk = filled_desk(tmp_path)
    clone_account(desk, "event", name="Twin two", by="me")
    (twin,) = [one for one in accounts_view(desk).rows if one.account.text == "Twin two"]
    assert "Twin two" in twin.note and "twin-two" not in twin.note
