from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from core.desk.account import pause_account, resume_account
from core.desk.approve import approve_card, reject_card
from core.desk.kill import set_level
from core.domain.account import Broker, BrokerLogin, LoginMode
from core.domain.card import CardStatus
from core.domain.job import Heartbeat
from core.domain.money import Money
from core.domain.order import OrderStatus
from core.domain.risk import KillLevel
from core.domain.verdict import Evidence, EvidenceKind
from core.store import accounts, cards, heartbeat, orders, quotes
from core.views.card import card_view
from core.views.card_live import live_card
from core.views.card_words import drift_words, rule_rows, sourced_spans
from core.views.cards import cards_signature, cards_view
from tests.views.shelf import (
    BRACKET,
    EVENT_CARD,
    HELD_CARD,
    NOW,
    RAILS,
    RELIANCE,
    SCAN_CARD,
    SECONDS,
    ago,
    empty_desk,
    event_card,
    filled_desk,
    quote,
)


def test_the_queue_starts_with_what_expires_first(tmp_path: Path) -> None:
    view = cards_view(filled_desk(tmp_path))
    assert [row.symbol for row in view.queue] == ["RELIANCE", "TATAPOWER"]
    assert view.selected == EVENT_CARD
    assert [row.time_left.text for row in view.queue] == ["6 min", "1 h 52"]
    assert (view.beside(1), view.beside(-1)) == (SCAN_CARD, SCAN_CARD)
    (decided,) = view.decided
    assert (decided.word.text, view.decided_note) == ("Protected", "1")
    assert (decided.card.text, decided.card.note) == ("BEL", "Event tactical")


def test_cards_of_one_signal_stand_together_whichever_account_they_are_for(
    tmp_path: Path,
) -> None:
    """The last to expire stands under the first, one line, and the keys go in that order."""
    desk = filled_desk(tmp_path)
    late = event_card().expires_at + timedelta(hours=4)
    twin = replace(event_card(), id="cd-twin", account_name="SIP aggressive", expires_at=late)
    with desk.store.write() as tx:
        cards.put(tx, twin)
    view = cards_view(desk)
    assert [(row.symbol, row.account, row.goes_on) for row in view.queue] == [
        ("RELIANCE", "Event tactical", False), ("RELIANCE", "SIP aggressive", True),
        ("TATAPOWER", "Event tactical", False),
    ]  # fmt: skip
    assert (view.selected, view.beside(1)) == (EVENT_CARD, "cd-twin")


def test_an_empty_queue_says_why(tmp_path: Path) -> None:
    view = cards_view(empty_desk(tmp_path))
    assert (view.queue, view.selected) == ((), "")
    assert "No scan has run yet" in view.empty


def test_a_paused_account_has_no_card_and_the_queue_says_why(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    before, shown = cards_view(desk), cards_signature(desk, "")
    assert before.stand_still == ()
    with desk.store.read() as tx:
        account = accounts.by_id(tx, cards.by_id(tx, EVENT_CARD).account_id)
        mine = sum(card.account_id == account.id for card in cards.with_status(tx, CardStatus.OPEN))
    pause_account(desk, account.id, why="on holiday", by="me")
    view = cards_view(desk)
    assert len(view.queue) == len(before.queue) - mine
    assert view.stand_still == (
        f"{account.name} is paused: on holiday. Its cards ended; new ones are written once it is "
        "resumed.",
    )
    assert cards_signature(desk, "") != shown
    resume_account(desk, account.id, why="back", by="me")
    assert cards_view(desk).stand_still == ()


def test_the_signature_changes_with_a_status_and_not_without(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    before = cards_signature(desk, "")
    assert cards_signature(desk, "") == before
    reject_card(desk, EVENT_CARD, reason="no", by="person at the desk")
    assert cards_signature(desk, "") != before


def test_a_number_without_a_stored_fact_is_struck(tmp_path: Path) -> None:
    view = card_view(filled_desk(tmp_path), EVENT_CARD)
    numbers = {span.text: span.kind for span in view.thesis if span.kind != "words"}
    assert numbers == {
        "14": "sourced", "142": "sourced", "58": "sourced", "2.3": "sourced", "400": "struck",
    }  # fmt: skip
    assert view.thesis_note == "judge agrees · 4 of 5 numbers sourced, 1 struck"


def test_grouping_and_trailing_zeros_do_not_hide_a_source() -> None:
    fact = Evidence("e", EvidenceKind.PRICE, "closed at 1,234.50", "bars", NOW)
    assert [span.kind for span in sourced_spans("at 1234.5 now", [fact])] == [
        "words", "sourced", "words",
    ]  # fmt: skip


def test_a_card_shows_its_figures_charges_and_exposure(tmp_path: Path) -> None:
    view = card_view(filled_desk(tmp_path), EVENT_CARD)
    shown = {figure.label: figure.value for figure in view.figures}
    assert shown["Entry band"] == "2,836.00 – 2,852.00"
    # (2985 - 2852) / (2852 - 2768) = 133 / 84
    assert shown["Reward : risk"] == "1.58"
    # notional 3,42,240.00 and charges 405.03
    assert shown["Cash needed"] == "₹3,42,645.03"
    # STT 0.1 % of 342240
    assert dict(view.charges)["STT"] == "342.24"
    # out at 2985: STT 358.20, fees 11.00 and 0.36, GST 2.04; 15.34 at the depository; sold at
    # break-even the way out costs 355.85, and 777.57 over 120 shares are ₹6.48 each
    assert view.charges[-5:] == (
        ("Buy side", "₹406.38"),
        ("Sell side", "₹371.60"),
        ("DP charge", "₹15.34"),
        ("Both sides", "₹793.32"),
        ("Breaks even after", "₹6.48, 0.23 %"),
    )
    assert [row.limit for row in view.exposure] == ["10 %", "25 %", "95 %"]
    assert view.bound_hash == event_card().bound_hash
    assert view.rules_rest == "price band, banned sector, kill level"


def test_a_card_says_what_an_opening_beyond_the_stop_costs_after_charges(tmp_path: Path) -> None:
    view = card_view(filled_desk(tmp_path), EVENT_CARD)
    # 5 % under 2768 is 2629.60; (2852 - 2629.60) x 120 = 26,688, charges 405.03 to buy,
    # 327.64 to sell (STT 315.55 of it) and the depository's 15.34
    assert [(row.opens.text, row.opens.note, row.loss.text) for row in view.gaps] == [
        ("2,629.60", "−5 %", "−₹27,437"),
        ("2,491.20", "−10 %", "−₹44,028"),
        ("2,214.40", "−20 %", "−₹77,209"),
    ]
    assert view.gaps[0].in_r == "−2.7"  # of the 10,080 that the stop plans to risk
    assert "asks ₹2,684.90, 3 % through its trigger of ₹2,768.00" in view.gaps_rule


def test_without_a_vote_no_percentage_is_shown(tmp_path: Path) -> None:
    view = card_view(filled_desk(tmp_path), SCAN_CARD)
    assert {row.p.text for row in view.odds} == {"not measured"}
    assert view.odds_note == "edge not measured"
    assert "on paper only" in view.odds_line


def test_a_failed_rule_stands_first_and_says_its_sentence() -> None:
    bad = replace(RAILS[-1], passed=False, sentence="The desk stands at HALT.")
    rows, rest = rule_rows([*RAILS[:-1], bad])
    assert (rows[0].name, rows[0].mark) == ("Kill level", "red")
    assert "Kill level" not in rest


def test_a_new_version_says_what_changed(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    moved = replace(BRACKET, stop=Money.rupees("2770"))
    with desk.store.write() as tx:
        cards.put(tx, replace(event_card(), version=2, bracket=moved))
    assert card_view(desk, EVENT_CARD).changes == ("v1 → v2", "Stop 2,768.00 → 2,770.00")


def test_the_live_card_is_in_its_band_and_free_to_approve(tmp_path: Path) -> None:
    live = live_card(filled_desk(tmp_path), EVENT_CARD)
    assert (live.ltp.text, live.change.text, live.quote_age) == ("2,845.30", "+1.12 %", "1 s")
    assert (live.drift.text, live.time_left.value, live.blocked_by) == ("in band", "6:12", "")
    assert [rung.name for rung in live.ladder.rungs] == [
        "Stop", "Close", "Band foot", "Now", "Band top", "Trail", "Target",
    ]  # fmt: skip


def test_a_card_names_the_login_its_order_goes_to_where_that_is_no_paper(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    assert live_card(desk, EVENT_CARD).account == "Event tactical"
    kite = BrokerLogin("k", Broker.ZERODHA, LoginMode.PAPER, "Kite practice", "AB1234")
    with desk.store.write() as tx:
        accounts.put_login(tx, kite)
        accounts.put_account(tx, replace(accounts.by_name(tx, "Event tactical"), login_id="k"))
    assert live_card(desk, EVENT_CARD).account == "Event tactical · Kite practice"


def test_drift_is_measured_from_the_nearer_edge() -> None:
    # 2880.52 is 1 % above 2852; 2821.82 is 0.5 % below 2836
    assert drift_words(BRACKET, Money.rupees("2880.52")) == "1.00 % above the band"
    assert drift_words(BRACKET, Money.rupees("2821.82")) == "0.50 % below the band"


def test_each_thing_that_would_refuse_a_click_is_said(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    with desk.store.write() as tx:
        quotes.put(tx, [quote(RELIANCE, "2900", "2813.80")])
    assert "Price left the band" in live_card(desk, EVENT_CARD).blocked_by
    with desk.store.write() as tx:
        old = replace(quote(RELIANCE, "2845", "2813.80"), received_at=ago(seconds=9))
        quotes.put(tx, [old])
    assert "9 s old" in live_card(desk, EVENT_CARD).blocked_by
    set_level(desk, KillLevel.PAUSE, reason="test", by="person at the desk")
    assert "Pause lets no entry through" in live_card(desk, EVENT_CARD).blocked_by
    with desk.store.write() as tx:
        heartbeat.beat(tx, Heartbeat("worker", 3, NOW, SECONDS - 60, 1.0, None))
    assert "worker is silent" in live_card(desk, EVENT_CARD).blocked_by
    desk.clock.pass_seconds(400)  # type: ignore[attr-defined]
    assert "Expired at 10:48:19" in live_card(desk, EVENT_CARD).blocked_by


def test_a_share_without_a_price_blocks_its_card(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    with desk.store.write() as tx:
        cards.put(tx, replace(event_card(), id="cd0000000000000000", isin="INE000A01000"))
    live = live_card(desk, "cd0000000000000000")
    assert (live.ltp.text, live.blocked_by) == ("no price", "There is no price yet.")


def test_progress_says_only_what_was_read_back(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    seen = card_view(desk, EVENT_CARD).bound_hash
    order = approve_card(desk, EVENT_CARD, seen_hash=seen, nonce="n1", approver="person")
    progress = live_card(desk, EVENT_CARD).progress
    assert progress is not None and progress.word == "prepared"
    assert [(step.word, step.done) for step in progress.steps] == [
        ("approved", True), ("prepared", True), ("sent", False), ("accepted", False),
        ("filled", False), ("Protected", False),
    ]  # fmt: skip
    with desk.store.write() as tx:
        sent = replace(order, status=OrderStatus.SENT, sent_at=NOW, version=2)
        orders.save(tx, sent)
        orders.save(tx, replace(sent, status=OrderStatus.UNKNOWN, version=3, reason="timeout"))
    progress = live_card(desk, EVENT_CARD).progress
    assert progress is not None and progress.word == "unknown, being looked up"
    with desk.store.write() as tx:
        orders.save(tx, replace(sent, status=OrderStatus.REJECTED, version=4, reason="RMS"))
    progress = live_card(desk, EVENT_CARD).progress
    assert progress is not None and (progress.word, progress.over) == ("rejected", True)


def test_a_filled_and_covered_card_is_protected_and_a_refused_one_says_why(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    held = live_card(desk, HELD_CARD).progress
    assert held is not None and (held.word, held.over) == ("Protected", True)
    with desk.store.write() as tx:
        card = replace(cards.by_id(tx, EVENT_CARD), status=CardStatus.APPROVED)
        cards.save(tx, card)
        cards.save(tx, replace(card, status=CardStatus.REFUSED, status_reason="spread widened"))
    refused = live_card(desk, EVENT_CARD).progress
    assert refused is not None and (refused.word, refused.over) == ("refused", True)


def test_a_rejected_card_keeps_its_reason(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    reject_card(desk, EVENT_CARD, reason="Liquidity", by="person at the desk")
    said = live_card(desk, EVENT_CARD).progress
    assert said is not None and said.steps[0].note == "Liquidity"
