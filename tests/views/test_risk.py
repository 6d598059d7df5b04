from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.desk.kill import set_level
from core.domain.protection import ProtectionStatus
from core.domain.risk import KillLevel
from core.domain.watch import Alert, AlertKind
from core.store import alerts, protections, risk
from core.views.levels import levels_view
from core.views.risk import risk_view
from core.views.shown import Text
from tests.views.shelf import BEL, NOW, SHIELD, empty_desk, filled_desk, snapshot


def test_limits_are_ordered_by_how_much_is_used(tmp_path: Path) -> None:
    view = risk_view(filled_desk(tmp_path))
    first = view.limits[0]
    # 3.1 % of 10 %
    assert (first.name, first.share) == ("Drawdown, Event tactical", "31 %")
    assert [row.fraction for row in view.limits] == sorted(
        (row.fraction for row in view.limits), reverse=True
    )
    assert view.limits_note == "value against limit · 1 s"


def test_a_crossed_limit_is_red_and_its_sentence_is_listed(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    with desk.store.write() as tx:
        risk.put(tx, replace(snapshot("event"), day_return=-0.02, unprotected=1))
        risk.put(tx, replace(snapshot("desk"), unprotected=1))
    view = risk_view(desk)
    row = next(row for row in view.limits if row.name == "Day's loss, Event tactical")
    # 2 % lost of 1.5 % allowed
    assert (row.used.state, row.share) == ("over", "133 %")
    assert view.limits[0].name == "Positions without a stop for every share"


def test_sectors_and_scenarios_follow_the_book(tmp_path: Path) -> None:
    view = risk_view(filled_desk(tmp_path))
    assert [(row.name, row.weight) for row in view.sectors] == [("Capital Goods", "6.6 %")]
    # 320 shares from 412.20 to 391.59, through the stop at 396.50: 320 * 20.61
    assert view.scenarios[0].pnl == Text("−₹6,595.20", "loss")
    assert view.scenarios[0].stops == "1"


def test_breaches_levels_and_alarms_stand_together_newest_first(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    set_level(desk, KillLevel.PAUSE, scope="event", reason="lunch", by="person at the desk")
    with desk.store.write() as tx:
        alarm = Alert("a", AlertKind.ALARM, BEL, "BEL", None, "BEL: naked", NOW, fired_at=NOW)
        alerts.put(tx, alarm)
    found = risk_view(desk).breaches
    assert found[0].what == "Event tactical: Pause. lunch"
    assert found[1].what == Text("BEL: naked", "warn")
    assert found[2].who == "Event tactical"


def test_an_empty_desk_says_that_no_look_was_taken(tmp_path: Path) -> None:
    view = risk_view(empty_desk(tmp_path))
    assert (view.limits, view.scenarios, view.limits_note) == ((), (), "no look yet")


def test_a_stop_that_failed_covers_nothing_in_a_scenario(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    with desk.store.write() as tx:
        protections.save(tx, replace(SHIELD, status=ProtectionStatus.STOP_FAILED, version=2))
    assert risk_view(desk).scenarios[0].name.startswith("Market")


def test_a_level_offers_only_what_is_stricter_and_resume(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    assert [box.button for box in levels_view(desk).boxes] == [
        "", "Pause", "Reduce", "Halt now", "Flatten…",
    ]  # fmt: skip
    set_level(desk, KillLevel.REDUCE, reason="test", by="person at the desk")
    view = levels_view(desk)
    assert [box.button for box in view.boxes] == ["Resume", "", "", "Halt now", "Flatten…"]
    assert view.boxes[2].now is not None and "person at the desk: test" in view.boxes[2].since


def test_an_account_stricter_than_the_desk_is_named(tmp_path: Path) -> None:
    desk = filled_desk(tmp_path)
    set_level(desk, KillLevel.PAUSE, scope="event", reason="lunch", by="person at the desk")
    (account,) = levels_view(desk).accounts
    assert (account.scope, account.name) == ("event", "Event tactical")
