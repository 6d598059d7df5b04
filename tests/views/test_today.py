from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.desk.kill import set_level
from core.domain.account import Broker, BrokerLogin, LoginMode
from core.domain.job import Heartbeat, JobStatus
from core.domain.login import LoginState, SessionStatus
from core.domain.protection import ProtectionStatus
from core.domain.risk import KillLevel
from core.panel import Panel
from core.store import (
    accounts,
    bars,
    decisions,
    events,
    heartbeat,
    instruments,
    jobs,
    logins,
    protections,
)
from core.views.first_start import first_start
from core.views.shown import Meter, Tag, Text
from core.views.today import today_signature, today_view
from tests.views.shelf import (
    EVENT,
    EVENT_CARD,
    LISTED,
    NOW,
    SECONDS,
    SHIELD,
    ago,
    decision,
    empty_desk,
    event_card,
    filled_desk,
)
from tests.views.versions import trained


def test_an_empty_desk_waits_step_by_step(tmp_path: Path) -> None:
    start = first_start(empty_desk(tmp_path))
    assert [row.state for row in start.rows] == ["waiting"] * 5
    assert (start.note, start.first_card, start.over) == ("0 of 5", "", False)


def test_a_running_request_shows_how_far_it_is(tmp_path: Path) -> None:
    desk = empty_desk(tmp_path)
    with desk.store.write() as tx:
        asked = jobs.ask(tx, "open market", {}, asked_by="first start", at=NOW)
        jobs.claim(tx, ["open market"], NOW)
        jobs.progress(tx, asked.id, 0.2, "making 1250 sessions of simulated bars")
    row = first_start(desk).rows[0]
    assert (row.state, row.meter) == ("running", Meter(0.2, plain=True))
    assert row.words == "20 %, making 1250 sessions of simulated bars"


def test_a_failed_request_says_why_and_a_waiting_one_is_asked_for(tmp_path: Path) -> None:
    desk = empty_desk(tmp_path)
    with desk.store.write() as tx:
        asked = jobs.ask(tx, "open market", {}, asked_by="first start", at=NOW)
        jobs.finish(tx, asked.id, JobStatus.FAILED, "no universe file", "{}", NOW)
        jobs.ask(tx, "train", {}, asked_by="first start", at=NOW)
    rows = {row.name: row for row in first_start(desk).rows}
    assert (rows["Market created"].state, rows["Market created"].words) == (
        "failed", "no universe file",
    )  # fmt: skip
    assert "asked for" in rows["Model trained"].words


def test_a_trained_model_shows_what_it_measured_out_of_sample(tmp_path: Path) -> None:
    desk = empty_desk(tmp_path)
    one = np.ones((2, 3))
    with desk.store.write() as tx:
        instruments.put(tx, list(LISTED))
        isins = tuple(item.isin for item in LISTED)
        days = (ago(days=2).date(), ago(days=1).date())
        bars.put_panel(tx, Panel(days, isins, one, one, one, one, one, one), "SIM")
        asked = jobs.ask(tx, "scan", {}, asked_by="first start", at=NOW)
        jobs.finish(tx, asked.id, JobStatus.DONE, "3 scanned, 0 cards", "{}", NOW)
    trained(desk, "a", whole={"no_vote": "its odds do not come as told"})
    rows = {row.name: row for row in first_start(desk).rows}
    assert rows["Bars loaded"].words == "2 sessions, 18 Nov 2026 to 19 Nov 2026"
    assert rows["Model trained"].words == (
        "skill +11.20 % over the base rate out of sample, 95 % interval +8.00 % to +14.00 %, "
        "n 96,000; it has no vote: its odds do not come as told"
    )
    assert rows["First scan"].words == "3 scanned, 0 cards"


def test_the_rest_of_the_install_is_shown_until_it_is_done(tmp_path: Path) -> None:
    desk = empty_desk(tmp_path)
    told = {"state": "installing", "done": 3, "of": 12, "now": "torch", "sentence": "Installing"}
    (desk.home / "install.json").write_text(json.dumps(told))
    assert first_start(desk).rows[-1].meter == Meter(0.25, plain=True)
    (desk.home / "install.json").write_text(json.dumps(told | {"state": "done"}))
    assert len(first_start(desk).rows) == 5


def test_today_shows_value_cards_events_lines_and_readiness(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    view = today_view(desk)
    shown = {figure.label: figure.value for figure in view.figures}
    assert shown["Current value, 1 account"] == "₹20.03 L"
    assert shown["Waiting for you"] == "2 cards"
    assert view.first_card == EVENT_CARD
    assert [row.odds for row in view.waiting] == ["58 %", Text("not measured", "mute")]
    # what one holds stands before what is newer
    assert [row.yours for row in view.changes] == ["held", ""]
    assert view.changes[1].led_to == Tag("card", "buy")
    assert [(row.line, row.away) for row in view.nearest] == [("stop 396.50", "−3.8 %")]
    assert (view.ready_note, view.to_fix) == ("1 of 1 ready", ())
    # 1.12 %, 0.95 % and 2.32 % rise: their mean is 1.46 %
    assert view.market.rows[0].change == Text("+1.46 %", "gain")
    assert first_start(desk).over


def test_a_red_row_names_what_to_fix(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    with desk.store.write() as tx:
        failed = replace(SHIELD, status=ProtectionStatus.STOP_FAILED, reason="RMS said no")
        protections.save(tx, replace(failed, version=2))
        heartbeat.beat(tx, Heartbeat("worker", 3, NOW, SECONDS - 60, 1.0, None))
    view = today_view(desk)
    assert view.ready[0].mark == "red"
    assert view.to_fix[0].startswith("BEL, Event tactical: RMS said no")
    assert "make run" in view.to_fix[1]


def test_an_account_whose_login_ended_is_not_ready_though_the_worker_lives(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    kite = BrokerLogin("k", Broker.ZERODHA, LoginMode.PAPER, "Kite practice", "AB1234")
    with desk.store.write() as tx:
        accounts.put_login(tx, kite)
        accounts.put_account(tx, replace(accounts.by_name(tx, "Event tactical"), login_id="k"))
        dead = LoginState("k", SessionStatus.DEAD, "ended", "", None, None, None, SECONDS, {})
        logins.put_state(tx, dead)
    (row,) = today_view(desk).ready
    assert (row.mark, [one.text for one in row.login]) == ("red", ["✕", "Kite practice: log in"])
    with desk.store.write() as tx:
        logins.put_state(tx, replace(dead, status=SessionStatus.OPEN))
    (row,) = today_view(desk).ready
    assert (row.mark, [one.text for one in row.login]) == ("", ["✓", "Kite practice"])


def test_an_account_under_a_kill_level_is_not_ready(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    before = today_signature(desk)
    set_level(desk, KillLevel.PAUSE, scope="event", reason="test", by="person at the desk")
    assert today_view(desk).ready_note == "0 of 1 ready"
    assert today_signature(desk) != before  # its waiting cards ended


def test_an_empty_desk_has_an_empty_today(tmp_path: Path) -> None:
    view = today_view(empty_desk(tmp_path))
    assert (view.waiting_note, "No scan has run yet" in view.empty) == ("none", True)
    assert (view.waiting, view.changes, view.nearest, view.ready) == ((), (), (), ())
    assert view.figures[-1].value == "0 cards"
    assert view.market.rows == ()


def test_an_event_of_the_evening_before_shows_its_day(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    evening = replace(
        EVENT, id="ev-old", source_id="1", headline="Transcript", known_at=ago(hours=18)
    )
    with desk.store.write() as tx:
        events.put(tx, evening)
    # 10:42:07 less 18 h
    assert today_view(desk).changes[-1].known == "19 Nov 16:42"


def test_waiting_for_the_first_card_is_not_silence(tmp_path: Path) -> None:
    desk = empty_desk(tmp_path)
    no = replace(
        decision(event_card()), card=None, refused_by="meta_label", reason="P(signal) is 42%"
    )
    with desk.store.write() as tx:
        decisions.put(tx, no)
        asked = jobs.ask(tx, "scan", {}, asked_by="first start", at=NOW)
        jobs.finish(tx, asked.id, JobStatus.DONE, "3 scanned", "{}", NOW)
    assert first_start(desk).rows[-1].words == (
        "1 considered and none good enough; mostly the meta-label said no, 1 time: P(signal) is 42%"
    )
    assert "Last scan 10:42:07" in today_view(desk).empty
