"""The strip above every page: which market, what time there, and whether the desk is alive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from core.desk.booked import filled_qty
from core.desk.desk import SILENT_AFTER, Desk
from core.desk.desk_stop import why_unproven
from core.desk.halts import why_halted
from core.desk.kill import WATCHDOG, level_in_file
from core.desk.kill_file import told_in_file
from core.desk.price_gate import feed_seen
from core.domain.account import LoginMode, Market
from core.domain.calendar import Phase
from core.domain.clock import IST, ist_day
from core.domain.job import Heartbeat
from core.domain.order import WORKING
from core.domain.risk import DESK, KillLevel
from core.domain.words import age, day, ist_time
from core.errors import OutsideCalendar
from core.store import accounts, heartbeat, kills, orders, plans, protections, stamp
from core.views.ages import real_age
from core.views.protected import OPEN_PLANS, protected, sold_plans
from core.views.shown import Tag, Tone

MODES = {
    Market.SIM: "#6D3FD1",
    Market.REPLAY: "#7A8492",
    Market.LIVE: "#B7791F",  # paper on live prices
}
LIVE_FRAME = "#D32F2F"
PHASES = {
    Phase.CLOSED: "closed",
    Phase.PRE_OPEN: "pre-open",
    Phase.CONTINUOUS: "open",
    Phase.CLOSING_AUCTION: "closing auction",
    Phase.POST_CLOSE: "post-close",
}


@dataclass(frozen=True, slots=True)
class FrameView:
    """The status strip; `silent` means buttons that write must be disabled."""

    mode: Tag
    frame_colour: str
    seed: str
    clock: str
    day: str
    session: str
    feed_age: str
    worker_age: str
    kill: str
    kill_tone: Tone
    unprotected: str
    unprotected_tone: Tone
    silent: bool
    alarm: str
    halt: str = ""
    paused: str = ""


def frame_view(desk: Desk) -> FrameView:
    """One look at the desk, cheap enough for every second."""
    now, silent_for = desk.clock.now(), desk.worker_age()
    silent = silent_for is None or silent_for > SILENT_AFTER
    with desk.store.read() as tx:
        beat, stamped = heartbeat.last(tx), stamp.stamp(tx)
        level = max(kills.level(tx, DESK), level_in_file(desk.home))
        live = [one for one in accounts.logins(tx) if one.mode is LoginMode.LIVE]
        why_not = why_halted(tx, at=now)
        naked = _naked(desk, tx, now=now)
        paused = _why_paused(desk, tx)
        feed_words = _feed_age(desk, tx, beat)
    return FrameView(
        mode=_mode(desk.market, len(live), now),
        frame_colour=LIVE_FRAME if live else MODES[desk.market],
        seed=f"seed {stamped.seed}" if desk.market is Market.SIM else "",
        clock=ist_time(now),
        day=f"{now.astimezone(IST):%a} {day(now)}",
        session="halted market-wide" if why_not else _session(desk, now),
        feed_age=feed_words,
        worker_age="not started" if silent_for is None else age(silent_for),
        kill=level.name.capitalize(),
        kill_tone="" if level is KillLevel.NORMAL else "loss",
        unprotected=str(naked),
        unprotected_tone="loss" if naked else "",
        silent=silent,
        alarm=_alarm(silent_for) if silent else "",
        halt=why_not,
        paused=paused,
    )


def _why_paused(desk: Desk, tx: Session) -> str:
    """What the desk itself stopped for, until a person resumes it; empty where a person did."""
    stands = (one for one in kills.current(tx) if one.scope == DESK and one.set_by == WATCHDOG)
    by_itself = next((one for one in stands if one.level > KillLevel.NORMAL), None)
    return told_in_file(desk.home) or (by_itself.reason if by_itself else "")


def _naked(desk: Desk, tx: Session, *, now: datetime) -> int:
    """Open plans with shares that nothing covers in full."""
    shields = {shield.plan_id: shield for shield in protections.live(tx)}
    live = {plan.id: plan for plan in plans.with_status(tx, *OPEN_PLANS)}
    selling = sold_plans(orders.with_status(tx, *WORKING))
    return sum(
        protected(
            filled_qty(tx, plan_id),
            shields.get(plan_id),
            now=now,
            unproven=why_unproven(desk, tx, plan, shields.get(plan_id)),
            selling=plan_id in selling,
        ).naked
        for plan_id, plan in live.items()
    )


def _feed_age(desk: Desk, tx: Session, beat: Heartbeat | None) -> str:
    """How old the newest price is; in the live market also when it is slow or a sandbox's."""
    old = "none yet" if beat is None or beat.feed_at is None else age(real_age(desk, beat.feed_at))
    if desk.market is not Market.LIVE:
        return old
    feed = feed_seen(tx)
    if feed is None or not feed.login:
        return "no login"
    return old + (", sandbox" if feed.is_sandbox else "") + (", slow" if feed.slow else "")


def worker_is_silent(desk: Desk) -> bool:
    """Whether the last heartbeat is too old for a button to write."""
    silent_for = desk.worker_age()
    return silent_for is None or silent_for > SILENT_AFTER


def _alarm(silent_for: float | None) -> str:
    if silent_for is None:
        return "The worker has not started; nothing is sent until it does. Stop from a terminal:"
    return (
        f"The worker has been silent for {age(silent_for)}. Broker stops stand; nothing new is "
        "sent. Stop from a terminal:"
    )


def _mode(market: Market, live_logins: int, now: datetime) -> Tag:
    if market is Market.SIM:
        return Tag("SIMULATED MARKET", "sim")
    if market is Market.REPLAY:
        return Tag(f"REPLAY {ist_day(now).day} {now.astimezone(IST):%b}")
    if live_logins:
        return Tag(f"LIVE · {live_logins} login{'s' if live_logins > 1 else ''}", "bad")
    return Tag("PAPER", "warn")


def _session(desk: Desk, now: datetime) -> str:
    said = ", as a person set it" if ist_day(now) in desk.calendar.by_a_person else ""
    return _phase_words(desk, now) + said


def _phase_words(desk: Desk, now: datetime) -> str:
    try:
        today = ist_day(now)
        phase = desk.calendar.phase(now, has_derivatives=True)
        if desk.calendar.is_session(today):
            session = desk.calendar.session(today)
            if phase is Phase.CONTINUOUS:
                left = age((session.closes_at - now).total_seconds())
                return f"{PHASES[phase]}, closes in {left}"
            if now < session.opens_at:
                return f"{PHASES[phase]}, opens {ist_time(session.opens_at, seconds=False)}"
        if phase is not Phase.CLOSED:
            return PHASES[phase]
        return f"closed, opens {day(desk.calendar.next_session(today))}"
    except OutsideCalendar:
        return "outside the loaded calendar"
