"""How often a login's broker was asked: what a page shows of it, and what a restart takes over."""

from __future__ import annotations

from typing import Any, Final

from core.brokers.stream import StreamState
from core.desk.desk import Desk
from core.desk.doors import Opened
from core.execution.reads import said
from core.store import logins

FRAMES_WITHIN: Final = 15.0  # seconds; brokers send a frame each second or so, trade or none


def listen(desk: Desk, opened: Opened) -> None:
    """Let a new session's looks know its stream, and what an earlier worker asked.

    Requests of the last half hour are kept with the login's state, by minute. Where they are not
    known, or from before a reboot, the broker counts as asked as often as looking may ask it.
    """
    session = opened.session
    session.looks.is_alive = lambda: frames_come(opened.stream.state, desk.clock.monotonic())
    if session.used() is None:
        return
    with desk.store.read() as tx:
        last = logins.state(tx, opened.login.id)
    told = last.facts.get("asked") if last is not None else None
    now = session.seconds
    if last is None or not isinstance(told, dict) or not now - last.beat >= 0:
        session.counted.assume(now)
    else:
        session.counted.recall([int(count) for count in told["minutes"]], until=last.beat)


def frames_come(state: StreamState, now: float) -> bool:
    """Whether a stream is connected and sent something lately."""
    return (
        state.connected and state.last_frame is not None and now - state.last_frame < FRAMES_WITHIN
    )


def asked_of(opened: Opened) -> dict[str, Any]:
    """Plain values for the broker page; empty where the broker has no long window for reads."""
    session = opened.session
    found = session.used()
    if found is None:
        return {}
    used, window = found
    return {
        "used": used,
        "most": window.most,
        "window": said(window),
        "minutes": session.counted.by_minute(session.seconds),
        "every": session.looks.every(session.seconds),
        "told": session.looks.proven(session.seconds),
    }
