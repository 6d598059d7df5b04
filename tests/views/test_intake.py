"""The talk beside its draft: nothing is a mandate before a yes."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.desk.talk import answer, sign_talk, start_again, talk_of
from core.errors import BadInput, NotFound
from core.store import audit, funding, mandates
from core.views.intake import intake_view
from tests.views.history import with_bars
from tests.views.shelf import filled_desk

SAID = (
    "balanced", "in two years", "5 lakh", "8%", "1.5%", "0.75% a trade", "10%", "25%", "12",
    "no energy", "large and mid", "₹50,000",
)  # fmt: skip


def test_a_new_talk_asks_and_has_saved_nothing(tmp_path: Path):
    view = intake_view(filled_desk(tmp_path), "event")
    assert view.turns[0].text.startswith("What is this account for")
    assert (view.note, view.can_sign, view.started) == ("0 of 12 answered", False, False)
    assert view.title == "Mandate version 2, draft"
    assert view.before_note == "1 left"


def test_an_answer_is_read_marked_and_kept_as_a_draft(tmp_path: Path):
    desk = filled_desk(tmp_path)
    answer(desk, "event", "balanced")
    view = intake_view(desk, "event")
    assert view.note == "draft saved 10:42:07 · 1 of 12 answered"
    first = view.rules[0]
    assert (first.rule, first.value.text, first.source.text, first.mark) == (
        "Aim", "balanced", "you said", "on",
    )  # fmt: skip
    with desk.store.read() as tx:
        assert len(mandates.versions(tx, "event")) == 1


def test_answers_that_disagree_block_the_signature(tmp_path: Path):
    desk = filled_desk(tmp_path)
    for words in ("balanced", "in two years", "5 lakh", "8%", "9%"):
        answer(desk, "event", words)
    view = intake_view(desk, "event")
    wrong = [row for row in view.before if not row.holds]
    assert "8.0%" in str(wrong[0].words) and not view.can_sign


def test_a_whole_talk_is_signed_once_with_its_funding_plan_and_log(tmp_path: Path):
    desk = with_bars(filled_desk(tmp_path))
    for words in SAID:
        answer(desk, "event", words)
    view = intake_view(desk, "event")
    assert view.can_sign and view.before_note == "ready"
    assert "₹5.00 L" in view.summary
    signed = sign_talk(desk, "event", by="person")
    assert (signed.version, signed.risk_per_trade_max, signed.sectors_banned) == (
        2, 0.0075, frozenset({"Energy"}),
    )  # fmt: skip
    with desk.store.read() as tx:
        assert funding.current(tx, "event").version == 1
        assert audit.newest(tx, 1)[0].verb == "intake"
    assert talk_of(desk, "event").saved_at is None
    with pytest.raises(BadInput, match="questions are open"):
        sign_talk(desk, "event", by="person")


def test_starting_again_forgets_the_draft_only(tmp_path: Path):
    desk = filled_desk(tmp_path)
    answer(desk, "event", "balanced")
    start_again(desk, "event")
    assert len(talk_of(desk, "event").turns) == 1


def test_what_cannot_be_taken_is_refused(tmp_path: Path):
    desk = filled_desk(tmp_path)
    with pytest.raises(BadInput, match="501 characters; say it in 500"):
        answer(desk, "event", "x" * 501)
    with pytest.raises(NotFound, match="no account has the id nobody"):
        talk_of(desk, "nobody")
