"""The oracle itself: quiet on a sound day, and loud on each planted breach."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.domain.account import Market
from core.store.engine import open_store
from tests.torture.evidence import Evidence
from tests.torture.oracle import Asked, violations
from tests.torture.oracle_time import naked_share_seconds, oversold_shares
from tests.torture.stage import LOGIN, stage_on
from tests.torture.test_shorts import is_flat, shorted

Plant = Callable[[Evidence], Evidence]


@dataclass(frozen=True, slots=True)
class Day:
    """What a sound day left behind."""

    found: Evidence
    asked: Asked


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path) -> Day:
    """A position bought, protected and sold by its stop."""
    folder = tmp_path_factory.mktemp("sound")
    shutil.copyfile(empty_sqlite, folder / "munim.db")
    store = open_store(f"sqlite:///{folder / 'munim.db'}", Market.SIM, scratch=True)
    stage = stage_on(store, folder / "home")
    stage.bought()
    stage.beat(times=36)
    stage.beat("478", times=6)
    assert stage.shares() == {}
    day = Day(stage.evidence(), stage.asked())
    store.close()
    return day


def row(found: Evidence, table: str, changes: dict[str, Any], *, which: int = 0) -> Evidence:
    """One stored row told otherwise."""
    rows = [dict(one) for one in found.tables[table]]
    rows[which] |= changes
    return replace(found, tables={**found.tables, table: rows})


def told(found: Evidence, kind: str, changes: dict[str, Any]) -> Evidence:
    """The first journal event of one kind told otherwise."""
    events = [dict(one) for one in found.journals[LOGIN]]
    next(one for one in events if one["kind"] == kind).update(changes)
    return replace(found, journals={LOGIN: events})


def without(found: Evidence, *kinds: str) -> Evidence:
    """A journal in which nothing of these kinds happened."""
    events = [one for one in found.journals[LOGIN] if one["kind"] not in kinds]
    return replace(found, journals={LOGIN: events})


def again(found: Evidence, kind: str, *, after: float = 5.0, **changes: Any) -> Evidence:
    """The first event of one kind once more, seconds after the last one."""
    events = list(found.journals[LOGIN])
    first = next(one for one in events if one["kind"] == kind)
    at = events[-1]["at"] + timedelta(seconds=after)
    return replace(found, journals={LOGIN: [*events, {**first, "at": at, **changes}]})


def ticket(found: Evidence, **changes: Any) -> Evidence:
    """The entry as it reached the exchange, told otherwise."""
    first = next(one for one in found.journals[LOGIN] if one["kind"] == "Accepted")
    return told(found, "Accepted", {"ticket": {**first["ticket"], **changes}})


def record(found: Evidence, verb: str, *, last: bool = False, **body: Any) -> Evidence:
    """An entry of the record told otherwise, its hash left alone."""
    numbers = [n for n, one in enumerate(found.tables["audit"]) if one["verb"] == verb]
    which = numbers[-1 if last else 0]
    old = json.loads(found.tables["audit"][which]["body"])
    return row(found, "audit", {"body": json.dumps(old | body)}, which=which)


def late_click(found: Evidence) -> Evidence:
    return row(found, "approvals", {"clicked_at": "2026-11-23 04:00:00.000000"})


def double_fill(found: Evidence) -> Evidence:
    rows = [*found.tables["fills"], found.tables["fills"][0]]
    return replace(found, tables={**found.tables, "fills": rows})


def paused_before(found: Evidence) -> Evidence:
    level = {"id": 1, "scope": "desk", "level": 1, "set_at": "2026-11-23 04:59:00.000000"}
    return replace(found, tables={**found.tables, "kills": [level]})


def sent_while_unknown(found: Evidence) -> Evidence:
    """Another entry of the share leaves ten seconds after the first one's answer was lost."""
    first = dict(found.tables["orders"][0])
    second = first | {"id": "or2", "tag": "AAXXXXXXXXXXXXXXXX"}
    lost = next(dict(one) for one in found.tables["audit"] if one["verb"] == "order")
    lost["body"] = json.dumps({"to": "UNKNOWN"})
    sent = next(dict(one) for one in found.tables["audit"] if one["verb"] == "send")
    sent |= {"subject": "or2", "at": "2026-11-23 05:00:40.000000"}
    tables = {**found.tables, "orders": [first, second], "audit": [lost, sent]}
    return replace(found, tables=tables)


def older_worker(found: Evidence) -> Evidence:
    sent = next(dict(one) for one in found.tables["audit"] if one["verb"] == "send")
    later = {**sent, "seq": 999, "body": json.dumps(json.loads(sent["body"]) | {"fence": 0})}
    return replace(found, tables={**found.tables, "audit": [*found.tables["audit"], later]})


@pytest.fixture(scope="module")
def sound_short(tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path) -> Day:
    """A short sold, kept under a buy stop and bought back by it."""
    folder = tmp_path_factory.mktemp("short")
    shutil.copyfile(empty_sqlite, folder / "munim.db")
    store = open_store(f"sqlite:///{folder / 'munim.db'}", Market.SIM, scratch=True)
    stage = stage_on(store, folder / "home")
    shorted(stage)
    stage.beat(times=36)
    stage.beat("521", times=6)
    assert is_flat(stage)
    day = Day(stage.evidence(), stage.asked())
    store.close()
    return day


def nth(found: Evidence, kind: str, number: int, changes: dict[str, Any]) -> Evidence:
    """One journal event of a kind, by its number, told otherwise."""
    events = [dict(one) for one in found.journals[LOGIN]]
    [one for one in events if one["kind"] == kind][number].update(changes)
    return replace(found, journals={LOGIN: events})


def stop_of(found: Evidence, **changes: Any) -> Evidence:
    """The buy stop as it reached the exchange, told otherwise."""
    asked = [one for one in found.journals[LOGIN] if one["kind"] == "Accepted"][1]["ticket"]
    return nth(found, "Accepted", 1, {"ticket": {**asked, **changes}})


PAIR = {"gtt_id": "g", "side": "SELL", "isin": "INE111A01011"}
BREACHES: dict[str, list[Plant]] = {
    "I1": [lambda f: ticket(f, qty=150), lambda f: again(f, "Accepted", order_id="x-9")],
    "I2": [
        lambda f: ticket(f, qty=99),
        lambda f: ticket(f, isin="INE002A01018"),
        lambda f: ticket(f, side="SELL"),
        lambda f: ticket(f, product="MIS"),
        lambda f: ticket(f, limit=50_600),
        lambda f: ticket(f, tag="AAZZZZZZZZZZZZZZZZ"),
        lambda f: row(f, "approvals", {"id": "another"}),
        lambda f: row(f, "approvals", {"bound_hash": "0" * 64}),
        lambda f: row(f, "orders", {"sent_at": "2026-11-23 06:00:00.000000"}, which=0),
        late_click,
    ],
    "I3": [
        lambda f: row(f, "fills", {"trade_id": "nobody's"}),
        lambda f: row(f, "fills", {"price": 1}),
        lambda f: told(f, "Traded", {"qty": 90}),
        lambda f: told(f, "Traded", {"trade_id": "t-other"}),
    ],
    "I4": [
        lambda f: without(f, "GttPlaced", "GttFired"),
        lambda f: told(f, "GttPlaced", {"gtt": {**PAIR, "qty": 40}}),
    ],
    "I5": [
        lambda f: told(f, "Traded", {"qty": 60}),
        lambda f: told(f, "GttPlaced", {"gtt": {**PAIR, "qty": 140}}),
    ],
    "I6": [
        double_fill,
        lambda f: record(f, "order", to="REJECTED"),
        lambda f: row(f, "fills", {"order_id": "or9"}),
    ],
    "I7": [sent_while_unknown],
    "I8": [paused_before],
    "I9": [
        lambda f: row(f, "postings", {"amount": 1}),
        lambda f: row(f, "fills", {"price": 50_006}),
    ],
    "I10": [
        lambda f: record(f, "send", qty=7),
        lambda f: replace(f, tables={**f.tables, "audit": f.tables["audit"][:-1]}),
        lambda f: replace(f, tables={**f.tables, "audit": f.tables["audit"][1:]}),
        lambda f: row(f, "orders", {"status": "OPEN"}),
        lambda f: row(f, "protections", {"status": "VERIFIED"}),
    ],
    "I13": [older_worker, lambda f: record(f, "send", fence=-1)],
    "I14": [
        lambda f: told(f, "Accepted", {"kind": "Rejected", "reason": "CLOSED and takes no orders"})
    ],
}  # fmt: skip


def test_a_sound_day_breaks_nothing(sound: Day):
    assert violations(sound.found, sound.asked) == []
    assert naked_share_seconds(sound.found, sound.asked) == 0
    assert oversold_shares(sound.found) == 0


@pytest.mark.parametrize(
    ("name", "number"), [(name, n) for name, plants in BREACHES.items() for n in range(len(plants))]
)
def test_each_planted_breach_is_named(sound: Day, name: str, number: int):
    spoiled = BREACHES[name][number](sound.found)
    found = {one.partition(":")[0] for one in violations(spoiled, sound.asked)}
    assert name in found


SHORT_BREACHES: dict[str, list[Plant]] = {
    "I4": [lambda f: stop_of(f, qty=40), lambda f: stop_of(f, side="SELL")],
    "I5": [
        lambda f: nth(f, "Traded", 1, {"qty": 160}),  # turned long
        lambda f: nth(f, "Traded", 0, {"qty": 60}),  # more bought back than was sold
        lambda f: stop_of(f, qty=140),
        # an order of the owner's that sold what nobody held
        lambda f: nth(f, "Accepted", 0, {"ticket": {**ENTRY, "tag": ""}}),
    ],
}
ENTRY = {
    "tag": "", "isin": "INE111A01011", "symbol": "MIDCO", "side": "SELL", "qty": 100,
    "product": "MIS", "limit": 49_500,
}  # fmt: skip


def test_a_sound_day_of_a_short_breaks_nothing(sound_short: Day):
    assert violations(sound_short.found, sound_short.asked) == []
    assert naked_share_seconds(sound_short.found, sound_short.asked) == 0
    assert oversold_shares(sound_short.found) == 0


@pytest.mark.parametrize(
    ("name", "number"),
    [(name, n) for name, plants in SHORT_BREACHES.items() for n in range(len(plants))],
)
def test_each_planted_breach_of_a_short_is_named(sound_short: Day, name: str, number: int):
    spoiled = SHORT_BREACHES[name][number](sound_short.found)
    found = {one.partition(":")[0] for one in violations(spoiled, sound_short.asked)}
    assert name in found


def test_shares_bought_back_that_were_not_short_count_as_oversold(sound_short: Day):
    over = nth(sound_short.found, "Traded", 1, {"qty": 160})
    assert oversold_shares(over) == 60


def test_more_sends_in_a_second_than_the_cap_are_named(sound: Day):
    [one] = [v for v in violations(sound.found, Asked(cap=0)) if v.startswith("I11")]
    assert "1 orders at 05:00:05, over 0" in one


def test_a_secret_in_a_file_is_named(sound: Day, tmp_path: Path):
    (tmp_path / "log.txt").write_text("token=canary-8f1c")
    asked = Asked(canaries=("canary-8f1c",), folders=(tmp_path,))
    assert "I12: log.txt holds a secret" in violations(sound.found, asked)


def test_naked_seconds_count_shares_times_time_and_leave_out_what_nobody_could_help(sound: Day):
    bare = without(sound.found, "GttPlaced", "GttFired")
    seconds = naked_share_seconds(bare, sound.asked)
    assert seconds >= 100 * 15
    began = next(one["at"] for one in bare.journals[LOGIN] if one["kind"] == "Traded")
    away = replace(sound.asked, away=((began, began + timedelta(seconds=15)),))
    assert naked_share_seconds(bare, away) == pytest.approx(seconds - 1_500, abs=100)
