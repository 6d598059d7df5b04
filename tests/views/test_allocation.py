"""Who was left out of the last scan and why, as the page and the card show it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.desk.desk import Desk
from core.desk.last_scan import keep_scan
from core.domain.allocation import Clamp
from core.domain.scanned import AccountScan, Placed, RiskShare, ScanRecord, TurnedDown
from core.store import cards, decisions
from core.views.allocation import allocation_signature, allocation_view
from core.views.card import card_view
from core.views.card_size import cut_rows, size_note
from tests.views.shelf import NOW, decision, empty_desk, event_card, filled_desk, scan_card

MANY = tuple(f"S{at:02d}" for at in range(11))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return filled_desk(tmp_path)


def scanned(decision_id: str = "") -> ScanRecord:
    """One account that kept three of fourteen shares and asked for one."""
    core = AccountScan(
        account_id="core",
        account_name="Core",
        objective="balanced",
        looked_at=14,
        kept=3,
        filters=(TurnedDown("Turnover", MANY, "A median day of S00 trades ₹4 Cr."),),
        placed=(
            Placed(1, "BEL", "₹0.50 expected", asked=True, decision_id=decision_id),
            Placed(2, "TATAPOWER", "₹0.40 expected", asked=False),
        ),
        risks=(RiskShare("BEL", 0.10, 0.03), RiskShare("HEDGE", -0.05, -0.01)),
        volatility="12.0 % a year of a target of 18.0 %; places are still free.",
    )
    return ScanRecord(NOW, 174, 1, (("not rising", 120),), (core,))


def test_before_the_first_scan_the_page_says_what_brings_one(tmp_path: Path):
    view = allocation_view(empty_desk(tmp_path))
    assert view.accounts == () and "No scan has run yet" in view.empty


def test_each_filter_says_how_many_which_and_why(desk: Desk):
    keep_scan(desk, scanned())
    view = allocation_view(desk)
    [block] = view.accounts
    assert block.title == "Core, balanced: 14 candidates, 3 kept, 1 asked for"
    [row] = block.filters
    assert (row.name, row.shares) == ("Turnover", "11")
    assert row.which.endswith("S07 and 3 more") and row.why.startswith("A median day of S00")
    assert view.refused == (("not rising", "120"),)
    assert "places are still free" in block.volatility
    # 3 % of 2 % in all is more than the whole, because the hedge takes 1 % away; the bar is full
    bel, hedge = block.risks
    assert (bel.weight, bel.adds, bel.part.used) == ("10.0 %", "3.00 %", 1.0)
    assert (hedge.adds, hedge.part.used) == ("−1.00 %", 0.0)
    assert allocation_signature(desk) == NOW


def test_what_was_asked_for_shows_the_card_or_the_refusal(desk: Desk):
    card = scan_card()
    made = replace(decision(card), id="dcscan")
    refused = replace(
        made, id="dcno", card=None, refused_by="allocation", reason="Too little cash."
    )
    with desk.store.write() as tx:
        decisions.put(tx, made)
        decisions.put(tx, refused)
    keep_scan(desk, scanned("dcscan"))
    first, second = allocation_view(desk).accounts[0].placed
    assert first.answer.text == f"card for {abs(card.qty)} shares" and first.card_id == card.id
    assert (second.answer.text, second.card_id) == ("not among its picks", "")
    keep_scan(desk, scanned("dcno"))
    [no, _] = allocation_view(desk).accounts[0].placed
    assert no.answer.text == "allocation: Too little cash."


def test_a_card_shows_each_cut_of_its_size_and_the_other_accounts(desk: Desk):
    card = event_card()
    with desk.store.write() as tx:
        mine = decisions.by_card(tx, card.id)
        other = replace(mine, id="dcother", account_id="elsewhere", card=None,
                        refused_by="allocation", reason="It already holds 5 %.")  # fmt: skip
        decisions.put(tx, other)
    view = card_view(desk, card.id)
    assert [(row.account, row.answer.text) for row in view.beside] == [
        ("elsewhere", "allocation: It already holds 5 %.")
    ]
    assert view.cuts[0].name == "Largest position"


def test_cuts_run_from_the_largest_position_to_the_cards_shares(desk: Desk):
    card = event_card()
    cut = Clamp("Cash", 97, 40, "₹50,000 is free.")
    sized = replace(card, allocation=replace(card.allocation, clamps=(cut,), vol_after=0.123))
    assert [(row.name, row.shares) for row in cut_rows(sized)] == [
        ("Largest position", "97"), ("Cash", "40"),
    ]  # fmt: skip
    assert size_note(sized) == "book at 12.3 % a year after it"
    assert size_note(card) == ""


def test_a_card_without_a_kept_decision_has_nothing_beside_it(desk: Desk):
    card = replace(scan_card(), id="cdalone")
    with desk.store.write() as tx:
        cards.put(tx, card)
    assert card_view(desk, "cdalone").beside == ()
