"""The Broker page: each login's session, limits, streams and calls, as the worker saw them last.

Nothing here asks a broker. A state older than the worker's silence is shown as silent.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlmodel import Session

from core.desk.desk import SILENT_AFTER, Desk
from core.desk.live import kept_rows
from core.desk.logins import RETURN_PATH, is_under_way
from core.domain.account import Account, Broker, BrokerLogin, LoginMode, Market
from core.domain.clock import IST, ist_day
from core.domain.login import AskStatus, LoginAsk, LoginState, SessionStatus
from core.store import accounts, logins, orders, reconciliations
from core.views.broker_parts import (
    CheckRow,
    UseRow,
    calls_note,
    check_row,
    figures_of,
    use_rows,
    uses_note,
)
from core.views.capability import CanRow, can_rows
from core.views.cash_lines import CashRow, books_of, cash_note, cash_rows
from core.views.reconcile import DifferenceRow, compared_ago, difference_rows
from core.views.shown import Figure, Tag, TagTone

S = SessionStatus
ABOUT = {
    Market.SIM: "The desk trades on its own simulated exchange. To practise Zerodha's or Upstox's "
    "login, orders and stops on this machine, start a sandbox in one terminal and add its login "
    "in another:",
    Market.REPLAY: "A replay plays imported history and has no broker. Logins belong to a "
    "simulated or a live store.",
    Market.LIVE: "Add a login below, log in at the broker, then move an account to it. Nothing is "
    "sent before that.",
}
STATUS: dict[SessionStatus, tuple[str, TagTone]] = {
    S.CLOSED: ("logged out", ""),
    S.OPENING: ("opening", "warn"),
    S.OPEN: ("open", "ok"),
    S.SILENT: ("silent", "bad"),
    S.DEAD: ("log in again", "bad"),
}


@dataclass(frozen=True, slots=True)
class BrokerView:
    """One login as the page draws it."""

    id: str
    label: str
    status: tuple[Tag, ...]
    sentence: str
    alarm: str
    note: str
    figures: tuple[Figure, ...]
    uses: tuple[UseRow, ...]
    uses_note: str
    calls: tuple[CheckRow, ...]
    calls_note: str
    doctor: tuple[CheckRow, ...]
    doctor_note: str
    can: tuple[CanRow, ...]
    accounts: str
    cash: tuple[CashRow, ...]
    cash_note: str
    agrees: str
    differences: tuple[DifferenceRow, ...]
    differs_note: str
    link: str
    asked: str
    asking: bool
    can_log_in: bool
    can_log_out: bool


@dataclass(frozen=True, slots=True)
class Seat:
    """An account and the login it trades through."""

    account_id: str
    account: str
    login: str
    login_id: str


@dataclass(frozen=True, slots=True)
class BrokersView:
    """Every login at a broker, who trades where, and how to practise when there is none."""

    logins: tuple[BrokerView, ...]
    seats: tuple[Seat, ...]
    names: dict[str, str]
    about: str
    practise: tuple[str, ...]


def brokers_view(desk: Desk) -> BrokersView:
    """Logins at real brokers and sandboxes, in the order of their ids."""
    with desk.store.read() as tx:
        known = accounts.logins(tx)
        running = [one for one in accounts.accounts(tx) if one.closed_at is None]
        views = tuple(
            _view(desk, tx, one, running) for one in known if one.broker is not Broker.PAPER
        )
    names = {one.id: one.label for one in known}
    return BrokersView(
        logins=views,
        seats=tuple(
            Seat(one.id, one.name, names.get(one.login_id, one.login_id), one.login_id)
            for one in running
        ),
        names=names,
        about=ABOUT[desk.market],
        practise=practise(desk) if desk.market is Market.SIM else (),
    )


def practise(desk: Desk) -> tuple[str, ...]:
    """What to type to practise on this machine."""
    back = f"http://{desk.settings.bind}:{desk.settings.port}{RETURN_PATH}"
    return (
        f"munim sandbox kite --seed {desk.settings.seed} --redirect {back}",
        "munim login add practice --user AB1234 --address http://127.0.0.1:8770",
        f"munim sandbox upstox --seed {desk.settings.seed} --redirect {back}",
        "munim login add practice-u --broker upstox --user 7AB123 --address http://127.0.0.1:8772",
    )


def brokers_signature(desk: Desk) -> Hashable:
    """Changes when a login, its session's status, a wish or an account's place does."""
    with desk.store.read() as tx:
        known = accounts.logins(tx)
        states = logins.states(tx)
        asks = [next(iter(logins.asks_of(tx, one.id)), None) for one in known]
        return (
            tuple((one.id, one.label, one.mode) for one in known),
            tuple((name, one.status) for name, one in sorted(states.items())),
            tuple((one.id, one.status) for one in asks if one is not None),
            tuple((one.id, one.login_id) for one in accounts.accounts(tx)),
        )


def _view(desk: Desk, tx: Session, login: BrokerLogin, running: Sequence[Account]) -> BrokerView:
    state, ask = logins.state(tx, login.id), next(iter(logins.asks_of(tx, login.id)), None)
    status = _status(desk, state)
    facts: dict[str, Any] = state.facts if state else {}
    mine = [one for one in running if one.login_id == login.id]
    _, rows = kept_rows(tx, login.id)
    seen = reconciliations.of_login(tx, login.id)
    midnight = datetime.combine(ist_day(desk.clock.now()), time(), IST)
    differ = difference_rows(seen, login.label, desk.clock.now())
    word, tone = STATUS[status]
    place = Tag("sandbox", "sim") if login.is_sandbox else Tag(login.mode.value, _mode_tone(login))
    return BrokerView(
        id=login.id,
        label=login.label,
        status=(Tag(word, tone), place),
        sentence=_sentence(desk, state),
        alarm=_alarm(status, login),
        note=f"{login.broker.value} · user {login.user_id} · "
        + (login.address or "the broker's own address"),
        figures=figures_of(desk, login, state, status, facts, seen.at if seen else None),
        uses=use_rows(login, facts, sent_today=orders.sends_since(tx, login.id, midnight)),
        uses_note=uses_note(facts),
        calls=tuple(check_row(call, ok, why) for call, ok, why in facts.get("calls", [])),
        calls_note=calls_note(facts),
        doctor=tuple(check_row(one.name, one.passed, one.sentence) for one in rows),
        doctor_note=f"{sum(one.passed for one in rows)} of {len(rows)} pass",
        can=can_rows(login.broker),
        accounts=", ".join(one.name for one in mine) or "none; move one below",
        cash=cash_rows(
            books_of(tx, login.id, mine, now=desk.clock.now()), facts.get("funds") or {}
        ),
        cash_note=cash_note(facts, now=desk.clock.now()),
        agrees="Shares and trades agree." if seen and not (differ or seen.trades) else "",
        differences=differ,
        differs_note=compared_ago(seen, desk.clock.now()),
        link=ask.link if ask and ask.status is AskStatus.READY else "",
        asked=_asked(ask, status),
        asking=is_under_way(ask),
        can_log_in=status in (S.CLOSED, S.DEAD, S.SILENT, S.OPENING),
        can_log_out=status in (S.OPEN, S.SILENT, S.OPENING),
    )


def _status(desk: Desk, state: LoginState | None) -> SessionStatus:
    """What the worker said; an open session of a silent worker is silent too."""
    if state is None:
        return S.CLOSED
    silent = desk.worker_age()
    if state.status is S.OPEN and (silent is None or silent > SILENT_AFTER):
        return S.SILENT
    return state.status


def _sentence(desk: Desk, state: LoginState | None) -> str:
    if state is None:
        return "The worker has not looked at this login yet; make run starts it."
    silent = desk.worker_age()
    if silent is None or silent > SILENT_AFTER:
        return f"The worker is silent; it said last: {state.sentence}"
    return state.sentence


def _alarm(status: SessionStatus, login: BrokerLogin) -> str:
    if status is S.DEAD:
        return (
            f"{login.label} is logged out. Broker stops only: what rests there stands, nothing new "
            "is sent, and no stop is moved until you log in again."
        )
    if status is S.SILENT:
        return (
            f"{login.label} does not answer. Broker stops only until it does; the other logins "
            "go on."
        )
    return ""


def _mode_tone(login: BrokerLogin) -> TagTone:
    return "bad" if login.mode is LoginMode.LIVE else "warn"


def _asked(ask: LoginAsk | None, status: SessionStatus) -> str:
    if ask is None:
        return ""
    if ask.status is AskStatus.ASKED:
        return "The worker makes a link."
    if ask.status is AskStatus.READY:
        return "Log in at the broker; it leads back here. The link serves once, for 10 minutes."
    if ask.status is AskStatus.RETURNED:
        return "The worker exchanges the code."
    if ask.status is AskStatus.REFUSED and status is not S.OPEN:
        return f"The last try ended: {ask.sentence}."
    return ""
