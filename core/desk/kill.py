"""Stop the desk or one account, and let it go again; works with the web page dead.

The level stands in the store and, for the desk, in a file outside it; the stricter wins.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from core.desk.alarm import raise_alarm
from core.desk.desk import Desk
from core.desk.kill_file import HELD, kill_file, level_in_file, note_level, told_in_file
from core.desk.supersede import supersede_cards, why_stopped
from core.domain.account import Market
from core.domain.risk import DESK, KillLevel, KillSwitch
from core.errors import BadInput
from core.store import alerts, audit, kills

__all__ = [
    "WATCHDOG", "effective_level", "kill_file", "level_in_file", "resume", "set_level", "take_in",
]  # fmt: skip

WATCHDOG = "risk: watchdog"
PAUSED = "paused:"  # begins the id of an alarm that the desk paused itself
ALARMS = 50


def effective_level(desk: Desk, scope: str = DESK) -> KillLevel:
    """The stricter of store and file, for the desk or one account."""
    with desk.store.read() as tx:
        stored = kills.level(tx, scope)
    return max(stored, level_in_file(desk.home))


def set_level(
    desk: Desk, level: KillLevel, *, scope: str = DESK, reason: str, by: str
) -> KillSwitch:
    """Make the desk or an account stricter at once; a softer level goes through `resume`.

    An account's waiting cards end with it. The desk's stay and are refused until it is resumed,
    for it may be paused for a moment only. FLATTEN closes every position, so a person types it;
    nothing automatic may set it.

    Raises:
        BadInput: no reason, FLATTEN by the risk loop, or a stricter level stands already.
    """
    if not reason.strip():
        raise BadInput(f"{level.name} needs a reason, so that the record says why")
    if level is KillLevel.FLATTEN and by.startswith("risk"):
        raise BadInput("FLATTEN is typed by a person; the risk loop goes as far as HALT")
    stands = _own_level(desk, scope)
    if level < stands:
        raise BadInput(
            f"{scope} stands at {stands.name}, which is stricter than {level.name}; "
            f"resume it first, then set {level.name}"
        )
    return _write(desk, level, scope=scope, reason=reason, by=by)


def _own_level(desk: Desk, scope: str) -> KillLevel:
    """What was set for this scope itself; the desk's file counts as the desk's."""
    with desk.store.read() as tx:
        stored = {switch.scope: switch.level for switch in kills.current(tx)}
    own = stored.get(scope, KillLevel.NORMAL)
    return max(own, level_in_file(desk.home)) if scope == DESK else own


def resume(desk: Desk, *, scope: str = DESK, reason: str, by: str) -> KillSwitch:
    """Let entries through again; only a person does this."""
    if by.startswith("risk"):
        raise BadInput("the risk loop never lifts a level; a person resumes the desk")
    return _write(desk, KillLevel.NORMAL, scope=scope, reason=reason or "resumed", by=by)


def take_in(desk: Desk) -> str:
    """Record a level that was set past the store, and alarm; returns why it was set, or empty."""
    sentence = told_in_file(desk.home)
    if not sentence:
        return ""
    level, at = effective_level(desk), desk.clock.now()
    with desk.store.write() as tx:
        raise_alarm(tx, id=f"{PAUSED}{sentence}", isin="", symbol="", at=at, sentence=sentence)
    _write(desk, level, scope=DESK, reason=sentence, by=WATCHDOG)
    return sentence


def _answer_alarms(tx: Session, at: datetime) -> None:
    """Whoever resumes the desk has seen why it paused itself."""
    for alarm in alerts.recent(tx, ALARMS):
        if alarm.id.startswith(PAUSED):
            alerts.seen(tx, alarm.id, at)


def _write(desk: Desk, level: KillLevel, *, scope: str, reason: str, by: str) -> KillSwitch:
    at = desk.clock.now()
    switch = KillSwitch(scope=scope, level=level, reason=reason, set_by=by, set_at=at)
    if scope == DESK and level > KillLevel.NORMAL:
        note_level(desk.home, level)
    with desk.store.write() as tx:
        before = kills.level(tx, scope)
        kills.set_level(tx, switch)
        stops = scope != DESK and not level.allows_entries
        ended = supersede_cards(tx, scope, reason=why_stopped(switch)) if stops else 0
        if scope == DESK and level is KillLevel.NORMAL:
            _answer_alarms(tx, at)
        audit.append(
            tx,
            at=at,
            actor=by,
            verb="kill level",
            subject=scope,
            body={"from": before.name, "to": level.name, "reason": reason,
                  **({"cards_ended": ended} if ended else {})},
        )  # fmt: skip
    if scope == DESK and level is KillLevel.NORMAL:
        _note_normal(desk)
    return switch


def _note_normal(desk: Desk) -> None:
    """A live desk keeps the file and says NORMAL, so that a missing one shows; others drop it."""
    if desk.market is Market.LIVE:
        note_level(desk.home, KillLevel.NORMAL)
    else:
        HELD.pop(desk.home, None)
        kill_file(desk.home).unlink(missing_ok=True)
