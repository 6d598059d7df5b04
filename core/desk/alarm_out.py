"""Carry the desk's alarms to a person who is not looking at it.

Outbound only. An alarm is safe to repeat, so it is tried again at growing pauses until a channel
took it; what took it, and its answer, is kept as proof. No transaction is open while a message
is on its way. What leaves names a share and its quantity, never rupees.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from core.desk.alarm import raise_alarm
from core.desk.desk import Desk
from core.domain.clock import Clock, WallClock
from core.domain.watch import Alert, AlertKind
from core.domain.words import ist_time
from core.errors import SourceFailed
from core.providers.alarm_channels import Channel
from core.store import alarm_sends, alerts, settings
from core.store.alarm_sends import AlarmSend

WALL: Final = WallClock()
FIRST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(minutes=10)
TRIES_MAX: Final = 12
A_MINUTE: Final = 6  # messages one channel sends in a minute; more become one that counts them
LOOKED_AT: Final = 200  # newest alarms
SINCE: Final = "alarm out:since"
MONEY: Final = re.compile(r"[-+−]?₹\s?[-+−]?[\d,]+(?:\.\d+)?(?:\s?(?:L|Cr|lakh|crore)\b)?")
TEST: Final = "test:"


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one pass did: messages taken, tries that failed, and each failure's sentence."""

    taken: int
    failed: tuple[str, ...]


def carry_alarms(desk: Desk, ways: Sequence[Channel], *, clock: Clock = WALL) -> Delivered:
    """Send what waits on every channel; a channel that fails holds up no other."""
    taken, failed = 0, []
    for way in ways:
        now = clock.now()
        waiting, rows = _waiting(desk, way.name, now)
        room = A_MINUTE - _lately(desk, way.name, now)
        if waiting and room > 0:
            alone, together = waiting[: room - 1], waiting[room - 1 :]
            groups = [[one] for one in alone] + ([together] if together else [])
            for group in groups:
                try:
                    said = way.send(*_message(desk, group))
                except SourceFailed as no:
                    failed.append(str(no))
                    _keep(desk, way.name, group, rows, said=str(no), at=clock.now(), ok=False)
                    break  # the rest would fail alike; they wait for the next pass
                taken += 1
                _keep(desk, way.name, group, rows, said=said, at=clock.now(), ok=True)
    return Delivered(taken, tuple(failed))


def ask_test(desk: Desk, *, by: str) -> str:
    """Raise a test alarm, which the worker carries out like any other; returns its id."""
    at = desk.clock.now()
    name = f"{TEST}{WALL.now().isoformat(timespec='milliseconds')}"
    with desk.store.write() as tx:
        raise_alarm(
            tx,
            id=name,
            isin="",
            symbol="Test",
            at=at,
            sentence=f"Test alarm asked for by the {by}; nothing is wrong",
        )
    return name


def try_channels(desk: Desk, ways: Sequence[Channel], *, by: str) -> list[tuple[str, bool, str]]:
    """Send one test message through every channel now; each with whether it was taken."""
    name = ask_test(desk, by=by)
    with desk.store.read() as tx:
        alarm = alerts.by_id(tx, name)
    found = []
    for way in ways:
        ok = True
        try:
            said = way.send(*_message(desk, [alarm]))
        except SourceFailed as no:
            ok, said = False, str(no)
        _keep(desk, way.name, [alarm], {}, said=said, at=WALL.now(), ok=ok)
        found.append((way.name, ok, said))
    return found


def outward(sentence: str) -> str:
    """A sentence without rupees, for a channel that others may read."""
    return MONEY.sub("₹…", sentence)


def last_delivered(desk: Desk) -> AlarmSend | None:
    """The newest delivery on any channel, None before the first."""
    with desk.store.read() as tx:
        found = alarm_sends.newest(tx)
    return found[0] if found else None


def _waiting(desk: Desk, channel: str, now: datetime) -> tuple[list[Alert], dict[str, AlarmSend]]:
    """Alarms not taken yet and due by now, oldest first; those before the first look stay."""
    with desk.store.read() as tx:
        since = settings.get(tx, SINCE)
        fired = [one for one in alerts.recent(tx, LOOKED_AT) if one.kind is AlertKind.ALARM]
        rows = alarm_sends.of_channel(tx, channel)
    if since is None:
        since = [one.id for one in fired if not one.id.startswith(TEST)]
        with desk.store.write() as tx:
            settings.put(tx, SINCE, since)
    told_before = set(since)
    due = []
    for one in reversed(fired):
        row = rows.get(one.id)
        if one.id in told_before:
            continue
        if row is None or (
            row.delivered_at is None and row.tries < TRIES_MAX and row.next_at <= now
        ):
            due.append(one)
    return due, rows


def _lately(desk: Desk, channel: str, now: datetime) -> int:
    with desk.store.read() as tx:
        return alarm_sends.delivered_since(tx, channel, now - timedelta(minutes=1))


def _keep(
    desk: Desk,
    channel: str,
    group: Sequence[Alert],
    rows: dict[str, AlarmSend],
    *,
    said: str,
    at: datetime,
    ok: bool,
) -> None:
    with desk.store.write() as tx:
        for one in group:
            before = rows.get(one.id)
            tries = (before.tries if before else 0) + 1
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (tries - 1))
            row = AlarmSend(one.id, channel, tries, at + pause, at if ok else None, said)
            alarm_sends.put(tx, row)


def _message(desk: Desk, group: Sequence[Alert]) -> tuple[str, str]:
    """Title and text of one alarm, or of several that wait together."""
    first = group[0]
    at = first.fired_at or first.created_at
    title = f"Munim {desk.market.value}: {first.symbol or 'desk'}"
    if len(group) > 1:
        title = f"Munim {desk.market.value}: {len(group)} alarms"
        lines = [f"{ist_time(one.fired_at or one.created_at)} {outward(one.sentence)}"
                 for one in group[-3:]]  # fmt: skip
        return title, "\n".join([f"{len(group)} alarms wait on the desk; the newest:", *lines])
    return title, f"{ist_time(at)} {outward(first.sentence)}"


def why_not_delivered(desk: Desk, *, within: timedelta, clock: Clock = WALL) -> tuple[bool, str]:
    """Whether an alarm reached somebody outside lately, and the sentence that says so."""
    last = last_delivered(desk)
    if last is None or last.delivered_at is None:
        return False, (
            "no alarm was ever delivered outside; set MUNIM_ALARM_WEBHOOK, "
            "MUNIM_ALARM_TELEGRAM_TOKEN or MUNIM_ALARM_MAIL and run munim alarms test"
        )
    hours = (clock.now() - last.delivered_at).total_seconds() / 3600
    words = f"{last.channel} took one {hours:.1f} h ago ({last.said})"
    most = within.total_seconds() / 3600
    if hours > most:
        return False, f"{words}, at most {most:.0f} h is allowed; run munim alarms test"
    return True, words
