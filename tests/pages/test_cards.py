from __future__ import annotations

from pathlib import Path

import pytest

from core.domain.card import CardStatus
from core.domain.job import Heartbeat
from core.domain.order import OrderStatus
from core.store import cards, heartbeat, orders, quotes
from tests.pages.desk_page import clean, click, open_page, words
from tests.views.shelf import (
    EVENT_CARD,
    NOW,
    RELIANCE,
    SCAN_CARD,
    SECONDS,
    empty_desk,
    filled_desk,
    quote,
)


def test_approve_takes_two_presses_and_sends_one_intent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = filled_desk(tmp_path)
    app = click(open_page(monkeypatch, desk, "cards"), "approve")
    assert app.button(key="confirm").label == "Confirm BUY 120 · ₹3\\.42 L"
    desk.clock.pass_seconds(0.5)  # type: ignore[attr-defined]
    click(app, "confirm")
    with desk.store.read() as tx:
        assert cards.by_id(tx, EVENT_CARD).status is CardStatus.APPROVED
        assert len(orders.with_status(tx, OrderStatus.PREPARED)) == 1
    shown = words(app)
    assert "✓ prepared" in shown and "○ sent" in shown and "○ Protected" in shown


def test_a_confirm_within_0_4_seconds_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = filled_desk(tmp_path)
    app = click(open_page(monkeypatch, desk, "cards"), "approve")
    desk.clock.pass_seconds(0.3)  # type: ignore[attr-defined]
    click(app, "confirm")
    assert "within 0.4 s" in words(app)
    with desk.store.read() as tx:
        assert cards.by_id(tx, EVENT_CARD).status is CardStatus.OPEN


def test_back_disarms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = click(open_page(monkeypatch, filled_desk(tmp_path), "cards"), "approve")
    click(app, "back")
    assert not app.button(key="approve").disabled


def test_moving_to_another_card_disarms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = click(open_page(monkeypatch, filled_desk(tmp_path), "cards"), "approve")
    click(app, "key_J")
    assert app.button(key="approve").label.startswith("Approve BUY 610")


def test_reject_keeps_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = filled_desk(tmp_path)
    app = click(open_page(monkeypatch, desk, "cards"), "reject")
    app.selectbox(key=f"reason_{EVENT_CARD}").set_value("Liquidity")
    app.text_input(key=f"reason_more_{EVENT_CARD}").set_value("too thin").run()
    click(app, "reject_now")
    with desk.store.read() as tx:
        card = cards.by_id(tx, EVENT_CARD)
    assert (card.status, card.status_reason) == (CardStatus.REJECTED, "Liquidity: too thin")
    click(app, "next_card")
    assert app.button(key="approve").label.startswith("Approve BUY 610")


def test_a_row_opens_its_card_and_previous_goes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page(monkeypatch, filled_desk(tmp_path), "cards")
    click(app, f"hit-{SCAN_CARD}")
    assert "edge not measured" in words(app)
    click(app, "key_K")
    assert app.button(key="approve").label.startswith("Approve BUY 120")


def test_reject_can_be_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = click(open_page(monkeypatch, filled_desk(tmp_path), "cards"), "reject")
    click(app, "reject_back")
    assert not app.button(key="approve").disabled


def test_a_click_that_the_desk_refuses_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = filled_desk(tmp_path)
    app = click(open_page(monkeypatch, desk, "cards"), "approve")
    desk.clock.pass_seconds(1)  # type: ignore[attr-defined]
    with desk.store.write() as tx:
        quotes.put(tx, [quote(RELIANCE, "2900", "2813.80")])
    click(app, "confirm")
    assert "outside the card" in words(app)
    with desk.store.read() as tx:
        assert not orders.with_status(tx, OrderStatus.PREPARED)


def test_a_silent_worker_puts_approve_to_sleep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = filled_desk(tmp_path)
    with desk.store.write() as tx:
        heartbeat.beat(tx, Heartbeat("worker", 3, NOW, SECONDS - 20, 1.0, None))
    app = open_page(monkeypatch, desk, "cards")
    assert app.button(key="approve").disabled
    assert "m-silent" in words(app) and "munim halt" in words(app)


def test_explain_leads_to_the_causing_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = click(open_page(monkeypatch, filled_desk(tmp_path), "cards"), "explain")
    assert "Capacity addition at Jamnagar" in words(app)


def test_no_card_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = clean(open_page(monkeypatch, empty_desk(tmp_path), "cards"))
    assert "No cards are waiting" in words(app)


def test_a_card_shows_what_an_opening_beyond_its_stop_costs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = words(open_page(monkeypatch, filled_desk(tmp_path), "cards"))
    assert "If it opens beyond the stop" in shown and "−₹77,209" in shown
