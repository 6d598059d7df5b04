"""The tape, its filters, and one event opened with its decisions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import NotFound
from core.store import decisions, events
from core.views.decided import decisions_of
from core.views.events import kind_of, opened_event, tape, tape_signature
from tests.views.shelf import EVENT, HEADLINE, decision, empty_desk, event_card, filled_desk


def test_a_row_says_when_it_was_known_how_it_was_read_and_what_it_led_to(tmp_path: Path):
    row = tape(filled_desk(tmp_path)).rows[0]
    assert (row.known_at, row.symbol, row.headline) == ("10:36:12", "RELIANCE", HEADLINE)
    assert (row.tag, row.tilt, row.impact, row.led_to) == (
        "expansion", "▲ positive", 0.7, "card",
    )  # fmt: skip


def test_an_event_without_an_outcome_waits(tmp_path: Path):
    desk = filled_desk(tmp_path)
    assert [row.led_to for row in tape(desk, led="waiting").rows] == ["waits for its turn"]


def test_filters_find_by_symbol_words_source_and_tag(tmp_path: Path):
    desk = filled_desk(tmp_path)
    assert [row.symbol for row in tape(desk, text="bel").rows] == ["BEL"]
    assert [row.symbol for row in tape(desk, text="jamnagar").rows] == ["RELIANCE"]
    assert len(tape(desk, source="SIM newswire", tag="expansion").rows) == 2
    none = tape(desk, tag="rating")
    assert none.rows == () and none.empty == "Nothing matches; loosen a filter."


def test_an_event_that_names_no_share_still_stands_on_the_tape(tmp_path: Path):
    desk = filled_desk(tmp_path)
    with desk.store.write() as tx:
        events.put(tx, replace(EVENT, id="ev-none", source_id="9", headline="Monsoon arrives"))
    row = tape(desk, text="monsoon").rows[0]
    assert (row.symbol, row.tag, row.tilt) == ("–", "no share", "–")


def test_an_empty_tape_says_why(tmp_path: Path):
    view = tape(empty_desk(tmp_path))
    assert view.note == "nothing yet"
    assert view.empty.startswith("No event has come yet.")


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("3 cards", "card"),
        ("card", "card"),
        ("0 cards", "refused"),
        ("signal: no edge", "refused"),
        ("before the desk opened", "archive"),
        ("waits for its turn", "waiting"),
    ],
)
def test_outcomes_fall_into_four_kinds(words: str, kind: str):
    assert kind_of(words) == kind


def test_an_opened_event_tells_times_source_and_readings(tmp_path: Path):
    event = opened_event(filled_desk(tmp_path), EVENT.id)
    facts = dict(event.facts)
    assert facts["Known at"] == "20 Nov 2026 10:36:12, 7 s later"
    assert facts["Made by"] == "the simulated market"
    assert event.read[0].words == "capacity addition"
    with pytest.raises(NotFound, match="no event has the id nothing"):
        opened_event(filled_desk(tmp_path / "other"), "nothing")


def test_a_written_card_shows_every_stage_that_said_yes(tmp_path: Path):
    (row,) = decisions_of(filled_desk(tmp_path), EVENT.id)
    said = {stage.stage: (stage.said.text, stage.why) for stage in row.stages}
    assert row.answer.text == "card written, version 1"
    assert said["Signal"] == (
        "yes",
        "event drift; target first 58 % in 142 cases, edge +1.20 % after costs",
    )
    assert said["Allocation"][1] == "120 shares, ₹3,42,240.00, at risk ₹10,080.00"
    assert said["Card"][1] == "entry 2,836.00 – 2,852.00, stop 2,768.00, target 2,985.00"
    assert said["Meta-label"][1] == "right: 61 %; bull market, liquidity 0.90 of 1"


def test_a_refusal_names_its_stage_and_those_not_reached(tmp_path: Path):
    desk = filled_desk(tmp_path)
    refused = replace(
        decision(event_card()), id="dc-no", card=None, verdict=None,
        refused_by="allocation", reason="RELIANCE: weight 12 % is over 10 %",
    )  # fmt: skip
    unmeasured = replace(
        refused,
        id="dc-un",
        signal=replace(refused.signal, has_vote=False),
        allocation=None,
        refused_by="kill level",
        reason="the desk is at HALT",
    )
    with desk.store.write() as tx:
        decisions.put(tx, refused)
        decisions.put(tx, unmeasured)
    rows = {row.id: row for row in decisions_of(desk, EVENT.id)}
    said = {stage.stage: (stage.said.text, stage.why) for stage in rows["dc-no"].stages}
    assert rows["dc-no"].answer.text == "Allocation said no"
    assert said["Allocation"] == ("no", "RELIANCE: weight 12 % is over 10 %")
    assert said["Verdict"][0] == said["Card"][0] == "not reached"
    last = rows["dc-un"].stages[-1]
    assert (last.stage, last.why) == ("kill level", "the desk is at HALT")
    assert "edge not measured" in next(s.why for s in rows["dc-un"].stages if s.stage == "Signal")


def test_the_signature_changes_with_an_outcome(tmp_path: Path):
    desk = filled_desk(tmp_path)
    before = tape_signature(desk)
    with desk.store.write() as tx:
        events.mark(tx, "ev-bel", "3 cards")
    assert tape_signature(desk) != before
