"""Whether each account can trade now: login, stops, funds, feed, kill level, and the fix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from core.desk.desk import SILENT_AFTER, Desk
from core.desk.live_day import lacking
from core.domain.account import Account, Broker, BrokerLogin
from core.domain.login import LoginState
from core.domain.risk import KillLevel, RiskSnapshot
from core.domain.words import rupees
from core.store import accounts, alerts, kills
from core.store import logins as kept
from core.views.funding_due import due_lines
from core.views.position_rows import Open
from core.views.reconcile import to_answer
from core.views.shown import MODES, Cells, RowMark, Text
from core.views.transfer_rows import to_decide

ALARMS_MAX = 3


@dataclass(frozen=True, slots=True)
class ReadyRow:
    """One account's readiness."""

    account: str
    login: Cells
    stops: Cells
    funds: str
    level: Cells
    mark: RowMark = ""


@dataclass(frozen=True, slots=True)
class Readiness:
    """Every account, and a sentence for each thing a person has to fix."""

    rows: tuple[ReadyRow, ...]
    note: str
    to_fix: tuple[str, ...]


def readiness(
    desk: Desk,
    tx: Session,
    running: Sequence[Account],
    looks: Mapping[str, RiskSnapshot],
    held: Sequence[Open],
) -> Readiness:
    """Checks of this moment; an alarm no one has seen is something to fix too."""
    silent_for = desk.worker_age()
    alive = silent_for is not None and silent_for <= SILENT_AFTER
    logins = {login.id: login for login in accounts.logins(tx)}
    states = kept.states(tx)
    levels = {one.id: kills.level(tx, one.id) for one in running}
    unseen = [one for one in alerts.recent(tx, 20) if one.seen_at is None]
    rows, fixes = [], []
    for one in running:
        mine = [position for position in held if position.position.account_id == one.id]
        naked = [position for position in mine if position.cover.naked]
        level, look = levels[one.id], looks.get(one.id)
        logged_in, said = _login(logins[one.login_id], states.get(one.login_id))
        good = alive and logged_in and not naked and level is KillLevel.NORMAL
        rows.append(
            ReadyRow(
                account=one.name,
                login=_mark(alive and logged_in, said),
                stops=_mark(not naked, f"{len(mine) - len(naked)} of {len(mine)}"),
                funds=rupees(look.cash) if look else "–",
                level=_mark(level is KillLevel.NORMAL, level.name.capitalize()),
                mark="" if good else "red",
            )
        )
        fixes += [f"{p.symbol}, {one.name}: {p.cover.proof}. Exit it on Positions." for p in naked]
    if not alive:
        fixes.append("The worker is silent: start it with make run; stops at the broker stand.")
    fixes += [
        *lacking(desk),
        *to_answer(desk),
        *to_decide(tx, now=desk.clock.now()),
        *due_lines(desk, tx, running),
    ]
    fixes += [alarm.sentence for alarm in unseen[:ALARMS_MAX] if alarm.sentence]
    ready = sum(row.mark == "" for row in rows)
    return Readiness(tuple(rows), f"{ready} of {len(rows)} ready", tuple(fixes))


def _login(login: BrokerLogin, state: LoginState | None) -> tuple[bool, str]:
    """Whether a login's session can be used, and its name; the desk's own exchange needs none."""
    if login.broker is Broker.PAPER:
        return True, MODES[login.mode].capitalize()
    works = state is not None and state.works
    return works, login.label if works else f"{login.label}: log in"


def _mark(good: bool, words: str) -> tuple[Text, ...]:
    return (Text("✓", "gain") if good else Text("✕", "loss", bold=True), Text(words))
