from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from core.domain.allocation import Clamp
from core.store import decisions, fills
from core.views.audit import audit_view, check_chain
from core.views.shown import Text
from core.views.trace import decision_steps
from tests.views.shelf import (
    EVENT_CARD,
    ago,
    decision,
    empty_desk,
    event_card,
    filled_desk,
    scan_card,
)


def test_a_position_leads_to_its_headline(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    first = audit_view(desk)  # 1 the page opens on the newest position
    assert (first.choices[0].symbol, first.chosen) == ("BEL", "plan:pl-bel")
    assert [step.name for step in first.steps] == [
        "Event", "Tag", "Features", "Signal", "Meta-label", "Playbook", "Allocation", "Judge",
        "Card", "Approval", "Order, entry", "Fill", "Protection",
    ]  # fmt: skip
    assert first.record is not None
    assert first.record.quote == "Order worth ₹1,640 Cr from the Ministry of Defence"


def test_a_position_sold_in_part_says_what_is_left(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    (whole, *_) = audit_view(desk).choices
    assert whole.words == "320 holding"
    with desk.store.write() as tx:
        fills.put(tx, replace(fills.of_plan(tx, "pl-bel")[0], trade_id="sold", qty=-100))
    (part, *_) = audit_view(desk).choices
    assert part.words == "220 of 320 holding"


def test_a_record_is_checked_against_its_hash(tmp_path: Path) -> None:
    view = audit_view(filled_desk(tmp_path), chosen="plan:pl-bel", step="approval")
    assert view.record is not None
    sealed = dict(view.record.sealed)
    assert sealed["Record 2: approve"] == "person at the desk, 20 Nov 2026 10:22:07"
    assert sealed["Check"] == Text("✓ matches", "gain")


def test_a_changed_record_is_named(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    assert check_chain(desk) == Text("unbroken, 5 records, checked 10:42:07", "gain")
    with desk.store.write() as tx:
        triggers = tx.execute(text("SELECT name FROM sqlite_master WHERE type='trigger'")).scalars()
        for name in list(triggers):
            tx.execute(text(f'DROP TRIGGER "{name}"'))
        tx.execute(text("UPDATE audit SET body='{}' WHERE seq=2"))
    found = check_chain(desk)
    assert found.tone == "loss" and "entry 2 was changed" in found.text
    view = audit_view(desk, chosen="plan:pl-bel", step="approval")
    assert view.record is not None
    check = dict(view.record.sealed)["Check"]
    assert isinstance(check, Text) and check.tone == "loss"


def test_a_rewritten_card_stands_once_in_the_list(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    with desk.store.write() as tx:
        first = decision(event_card())
        decisions.put(tx, replace(first, id="dc-again", as_of=ago(minutes=1)))
    view = audit_view(desk)
    keys = [choice.key for choice in view.choices]
    assert keys.count(f"card:{EVENT_CARD}") == 1
    (one,) = [choice for choice in view.choices if choice.key == f"card:{EVENT_CARD}"]
    assert one.time == "10:41:07"  # the newest decision's


def test_a_card_and_a_refusal_can_be_followed(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    waiting = audit_view(desk, chosen=f"card:{EVENT_CARD}")
    assert waiting.steps[-1].name == "Card"
    base = decision(scan_card())
    no = replace(base, id="dcno", card=None, verdict=None, allocation=None,
                 refused_by="allocation", reason="already holds BEL")  # fmt: skip
    with desk.store.write() as tx:
        decisions.put(tx, no)
    refused = audit_view(desk, chosen="decision:dcno")
    assert (refused.steps[-1].name, refused.steps[-1].refused) == ("Refused", True)
    assert refused.steps[0].name == "Features"


@pytest.mark.parametrize("asked", ["plan:nothing", "card:nothing", "decision:nothing"])
def test_something_unknown_shows_the_newest_instead(tmp_path: Path, asked: str) -> None:
    assert audit_view(filled_desk(tmp_path), chosen=asked).chosen == "plan:pl-bel"


def test_an_empty_desk_has_nothing_to_explain(tmp_path: Path) -> None:
    view = audit_view(empty_desk(tmp_path))
    assert (view.choices, view.steps, view.record) == ((), (), None)
    assert "Nothing was decided yet" in view.empty


def test_clamps_and_small_samples_are_told() -> None:
    card = event_card()
    clamp = Clamp("weight", 410, 120, "weight in this account")
    allocation = replace(card.allocation, qty=120, clamps=(clamp,))
    few = replace(card.signal.target_first, n=12)
    made = replace(
        decision(card), allocation=allocation, signal=replace(card.signal, target_first=few)
    )
    steps = {step.name: step for step in decision_steps(made)}
    assert steps["Allocation"].words == "120 of 410 asked"
    assert "too few cases, n 12" in steps["Signal"].words
    unvoted = replace(made, signal=scan_card().signal)
    said = {step.name: step.words for step in decision_steps(unvoted)}
    assert said["Signal"] == "Long by rule event drift; edge not measured"
