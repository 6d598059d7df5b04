"""Who was left out of the last scan and why, as the page and the card show it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.desk.desk import Desk
from core.desk.last_scan import keep_scan
from core.domain.allocation import Clamp
from core.domain.card import CardStatus, advance
from core.domain.scanned import AccountScan, Placed, RiskShare, ScanRecord, TurnedDown
from core.domain.words import qty
from core.store import cards, decisions
from core.views.allocation import AccountBlock, allocation_signature, allocation_view
from core.views.card import card_view
from core.views.card_size import cut_rows, size_note
from core.views.why_not import why_view
from tests.views.shelf import NOW, decision, empty_desk, event_card, filled_desk, scan_card

MANY = tuple(f"S{at:02d}" for at in range(11))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return filled_desk(tmp_path)


def scanned(decision_id: str = "", *more: AccountScan) -> ScanRecord:
    """One account that kept three of fourteen shares and was asked about one."""
    core = AccountScan(
        account_id="core",
        account_name="Core",
        objective="balanced",
        looked_at=14,
        kept=3,
        filters=(
            TurnedDown("Turnover", MANY, tuple(f"A median day of {s} trades ₹4 Cr." for s in MANY)),
        ),
        placed=(
            Placed(1, "BEL", "₹0.50 expected", asked=True, decision_id=decision_id),
            Placed(2, "TATAPOWER", "₹0.40 expected", asked=False),
        ),
        beyond=("TCS",),
        risks=(RiskShare("BEL", 0.10, 0.03), RiskShare("HEDGE", -0.05, -0.01)),
        volatility="12.0 % a year of a target of 18.0 %; places are still free.",
    )
    return ScanRecord(NOW, 174, 1, (("not rising", ("ITC", "WIPRO")),), (core, *more))


def shown(desk: Desk) -> AccountBlock:
    block = allocation_view(desk).shown
    assert block is not None
    return block


def test_before_the_first_scan_the_page_says_what_brings_one(tmp_path: Path):
    view = allocation_view(empty_desk(tmp_path))
    assert view.accounts == () and "No scan has run yet" in view.empty


def test_each_filter_says_how_many_which_and_why(desk: Desk):
    keep_scan(desk, scanned())
    view = allocation_view(desk)
    [line] = view.accounts
    assert (line.account, line.candidates, line.kept, line.asked) == ("Core", "14", "3", "1")
    block = view.shown
    assert block is not None
    assert (block.name, block.title) == ("Core", "balanced, 14 candidates, 3 kept, asked about 1")
    [row] = block.filters
    assert (row.name, row.shares) == ("Turnover", "11")
    assert row.which.endswith("S07 and 3 more") and row.why.startswith("A median day of S00")
    assert view.refused == (("not rising", "2"),)
    assert "places are still free" in block.volatility
    # 3 % of 2 % in all is more than the whole, because the hedge takes 1 % away; the bar is full
    bel, hedge = block.risks
    assert (bel.weight, bel.adds, bel.part.used) == ("10.0 %", "3.00 %", 1.0)
    assert (hedge.adds, hedge.part.used) == ("−1.00 %", 0.0)
    before = allocation_signature(desk)
    with desk.store.write() as tx:
        cards.save(tx, advance(event_card(), CardStatus.REJECTED, reason="late"))
    assert allocation_signature(desk) != before


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
    first, second = shown(desk).placed
    assert first.answer.text == f"its card for {qty(abs(card.qty))} shares waits for a yes or a no"
    assert first.card_id == card.id
    assert (second.answer.text, second.card_id) == ("not among its picks", "")
    with desk.store.write() as tx:
        cards.save(tx, advance(card, CardStatus.REJECTED, reason="too dear"))
    assert shown(desk).placed[0].answer.text.endswith("was rejected: too dear")
    keep_scan(desk, scanned("dcno"))
    [no, _] = shown(desk).placed
    assert no.answer.text == "allocation: Too little cash."


def test_the_account_that_is_picked_is_shown_by_itself(desk: Desk):
    other = AccountScan("tiny", "Tiny", "balanced", 14, 0, (), (), waiting=2)
    keep_scan(desk, scanned("", other))
    assert [row.account for row in allocation_view(desk).accounts] == ["Core", "Tiny"]
    view = allocation_view(desk, account="tiny")
    assert view.shown is not None and view.shown.title.endswith("2 waiting from before")
    assert view.accounts[1].waiting == "2"
    gone = allocation_view(desk, account="gone")
    assert gone.shown is not None and gone.shown.id == "core"


def rows(desk: Desk, symbol: str) -> list[tuple[str, str, str]]:
    return [(row.account, row.came.text, row.why) for row in why_view(desk, symbol).rows]


def test_one_share_is_answered_for_every_account_in_its_own_sentence(desk: Desk):
    asked = Placed(1, "S05", "₹0.50 expected", asked=True, decision_id="dcno")
    waits = Placed(1, "S07", "₹0.50 expected", asked=False)
    others = (
        AccountScan("bold", "Bold", "max profit", 14, 14, (), (asked,), beyond=("TCS", "S07")),
        AccountScan("full", "Full", "balanced", 14, 14, (), (waits,), beyond=("S05",), waiting=2),
    )
    refused = replace(
        decision(scan_card()), id="dcno", card=None, refused_by="allocation",
        reason="Too little cash.",
    )  # fmt: skip
    with desk.store.write() as tx:
        decisions.put(tx, refused)
    keep_scan(desk, scanned("", *others))
    full = "2 cards of earlier scans wait here already; answer them."
    assert rows(desk, "s05") == [
        ("Bold", "allocation", "Too little cash."),
        ("Core", "filter: Turnover", "A median day of S05 trades ₹4 Cr."),
        ("Full", "place 2 of 14", full),
    ]
    assert rows(desk, "S07")[0] == (
        "Bold", "place 3 of 14", "Not among its picks; it was asked about S05."
    )  # fmt: skip
    assert {"S05", "TCS", "ITC", "BEL"} <= set(allocation_view(desk).symbols)


def test_a_share_without_a_signal_is_one_row_for_all_and_an_unknown_one_a_sentence(desk: Desk):
    keep_scan(desk, scanned("", AccountScan("tiny", "Tiny", "balanced", 14, 0, (), ())))
    assert rows(desk, "ITC") == [("all 2 accounts", "no signal", "No signal to buy: not rising.")]
    none = why_view(desk, "NOSUCH")
    assert none.rows == () and none.empty.startswith("NOSUCH was not looked at by the scan of")


def test_news_of_the_day_is_answered_beside_the_scan(desk: Desk):
    keep_scan(desk, scanned())
    card = event_card()
    with desk.store.write() as tx:
        cards.save(tx, advance(card, CardStatus.EXPIRED, reason="its time ran out"))
    [row] = why_view(desk, card.symbol).rows
    assert row.asked.startswith("news ") and row.card_id == card.id
    assert row.came.text.endswith("shares ended unanswered: its time ran out")


def test_before_a_scan_no_share_was_looked_at(tmp_path: Path):
    assert why_view(empty_desk(tmp_path), "TCS").empty.startswith("No scan has run yet")


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
