"""The five kill levels as boxes: what each does, what sets it by itself, and its button."""

from __future__ import annotations

from dataclasses import dataclass

from core.desk.desk import Desk
from core.desk.kill import level_in_file
from core.domain.risk import DESK, KillLevel, KillSwitch
from core.domain.words import age_of, ist_stamp, pct
from core.risk.levels import DESK_LIMITS, DRAWDOWN_EARLY, EARLY, VOL_SPIKE
from core.store import accounts, kills
from core.views.shown import Tag

LIMITS = DESK_LIMITS
DOES = {
    KillLevel.NORMAL: "Everything runs",
    KillLevel.PAUSE: "No new entries",
    KillLevel.REDUCE: "Only orders that lower risk",
    KillLevel.HALT: "Working entries cancelled; stops stay",
    KillLevel.FLATTEN: "Close everything, long and short, then stay shut",
}
BY_ITSELF = {
    KillLevel.NORMAL: "Only by you",
    KillLevel.PAUSE: (
        f"By itself: desk at {pct(-EARLY * LIMITS.daily_loss_max)} day or "
        f"{pct(-DRAWDOWN_EARLY * LIMITS.drawdown_max, digits=1)} under its peak, volatility "
        f"{VOL_SPIKE:.0f} times usual"
    ),
    KillLevel.REDUCE: f"By itself: desk at {pct(-LIMITS.daily_loss_max)} day",
    KillLevel.HALT: f"By itself: desk {pct(-LIMITS.drawdown_max, digits=0)} under its peak",
    KillLevel.FLATTEN: "Only by you: type the word",
}
BUTTONS = {
    KillLevel.NORMAL: "Resume",
    KillLevel.PAUSE: "Pause",
    KillLevel.REDUCE: "Reduce",
    KillLevel.HALT: "Halt now",
    KillLevel.FLATTEN: "Flatten…",
}


@dataclass(frozen=True, slots=True)
class LevelBox:
    """One level; `button` is empty where pressing it would change nothing."""

    level: KillLevel
    name: str
    now: Tag | None
    does: str
    by_itself: str
    since: str
    button: str
    severe: bool


@dataclass(frozen=True, slots=True)
class AccountLevel:
    """An account that is paused or stopped by itself; `scope` is its id."""

    scope: str
    name: str
    words: str


@dataclass(frozen=True, slots=True)
class LevelsView:
    """The desk's five boxes, and accounts that are paused or stopped by themselves."""

    boxes: tuple[LevelBox, ...]
    note: str
    accounts: tuple[AccountLevel, ...]


def levels_view(desk: Desk) -> LevelsView:
    """Where the desk stands, and how it got there."""
    now = desk.clock.now()
    with desk.store.read() as tx:
        switches = {switch.scope: switch for switch in kills.current(tx)}
        level = max(kills.level(tx, DESK), level_in_file(desk.home))
        names = {one.id: one.name for one in accounts.accounts(tx)}
    standing = switches.get(DESK)
    since = ""
    if standing is not None:
        since = (
            f"Since {ist_stamp(standing.set_at)}, {age_of(standing.set_at, now)}, by "
            f"{standing.set_by}: {standing.reason}"
        )
    return LevelsView(
        boxes=tuple(_box(one, level, since) for one in KillLevel),
        note="works from a terminal when this page is dead: munim halt",
        accounts=tuple(
            AccountLevel(scope, names.get(scope, scope), _account_words(switch))
            for scope, switch in sorted(switches.items())
            if scope != DESK and switch.level > KillLevel.NORMAL
        ),
    )


def _box(one: KillLevel, level: KillLevel, since: str) -> LevelBox:
    stands = one is level
    softer = one < level and one is not KillLevel.NORMAL
    return LevelBox(
        level=one,
        name=one.name.capitalize(),
        now=Tag("now", "ok" if one is KillLevel.NORMAL else "bad") if stands else None,
        does=DOES[one],
        by_itself=BY_ITSELF[one],
        since=since if stands else "",
        button="" if stands or softer else BUTTONS[one],
        severe=one >= KillLevel.HALT,
    )


def _account_words(switch: KillSwitch) -> str:
    return f"{switch.level.name.capitalize()} since {ist_stamp(switch.set_at)}: {switch.reason}"
