"""The Broker page: each login's session, limits, streams and calls, as the worker saw them last.

Nothing here asks a broker. A state older than the worker's silence is shown as silent.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from core.desk.desk import SILENT_AFTER, Desk
from core.desk.live import kept_rows
from core.desk.logins import RETURN_PATH, is_under_way
from core.domain.account import Account, Broker, BrokerLogin, LoginMode
from core.domain.capability import CAPABILITIES
from core.domain.ledger import CASH, RESERVED
from core.domain.login import AskStatus, LoginAsk, LoginState, SessionStatus
from core.domain.money import Money, total
from core.domain.words import age, counted, group, ist_time, rupees
from core.store import accounts, ledger, logins
from core.views.ages import real_age
from core.views.capability import CanRow, can_rows
from core.views.reconcile import DifferenceRow, reconcile_view
from core.views.shown import Cells, Figure, Meter, RowMark, Tag, TagTone, Text

S = SessionStatus
STATUS: dict[SessionStatus, tuple[str, TagTone]] = {
    S.CLOSED: ("logged out", ""),
    S.OPENING: ("opening", "warn"),
    S.OPEN: ("open", "ok"),
    S.SILENT: ("silent", "bad"),
    S.DEAD: ("log in again", "bad"),
}
SOON = 1800.0  # seconds of a token's life under which it is amber
KINDS = {"order writes": "Order writes", "quotes": "Quotes", "history": "Candles", "other": "Reads"}


@dataclass(frozen=True, slots=True)
class UseRow:
    """Requests of one kind in the last second, minute and day, and how near the tightest limit."""

    kind: str
    second: str
    minute: str
    day: str
    meter: Cells
    mark: RowMark = ""


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A call that was or was not seen with a real answer, or a row of the doctor."""

    ok: Text
    name: str
    sentence: str
    mark: RowMark = ""


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
    calls: tuple[CheckRow, ...]
    calls_note: str
    doctor: tuple[CheckRow, ...]
    doctor_note: str
    can: tuple[CanRow, ...]
    money: tuple[tuple[str, Cells], ...]
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
        practise=practise(desk),
    )


def practise(desk: Desk) -> tuple[str, ...]:
    """What to type to practise on this machine."""
    back = f"http://{desk.settings.bind}:{desk.settings.port}{RETURN_PATH}"
    return (
        f"munim sandbox kite --seed {desk.settings.seed} --redirect {back}",
        "munim login add practice --user AB1234 --address http://127.0.0.1:8770",
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
    compared = reconcile_view(desk)
    differ = tuple(one for one in compared.differences if one.login_id == login.id)
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
        figures=_figures(desk, login, state, status, facts),
        uses=tuple(_use(login, row) for row in facts.get("uses", [])),
        calls=tuple(_check(call, ok, why) for call, ok, why in facts.get("calls", [])),
        calls_note=_calls_note(facts),
        doctor=tuple(_check(one.name, one.passed, one.sentence) for one in rows),
        doctor_note=f"{sum(one.passed for one in rows)} of {len(rows)} pass",
        can=can_rows(login.broker),
        money=_money(tx, mine, facts),
        differences=differ,
        differs_note=compared.note,
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


def _figures(
    desk: Desk,
    login: BrokerLogin,
    state: LoginState | None,
    status: SessionStatus,
    facts: dict[str, Any],
) -> tuple[Figure, ...]:
    user = state.user if state and state.user else "nobody"
    return (
        Figure("Logged in as", user, f"expected {login.user_id}"),
        _token(desk, state),
        _last_read(desk, state),
        _clock(login, facts),
        _stream(facts, open_=status is S.OPEN),
    )


def _token(desk: Desk, state: LoginState | None) -> Figure:
    if state is None or state.expires_at is None:
        return Figure("Token", "none", "a person logs in")
    left = (state.expires_at - desk.clock.now()).total_seconds()
    if left <= 0:
        return Figure("Token", "ended", f"at {ist_time(state.expires_at, seconds=False)}", "loss")
    ends = f"ends {ist_time(state.expires_at, seconds=False)}"
    return Figure("Token life left", age(left), ends, "warn" if left < SOON else "")


def _last_read(desk: Desk, state: LoginState | None) -> Figure:
    if state is None or state.read_at is None:
        return Figure("Last read", "never", "of the order book")
    old = real_age(desk, state.read_at)
    return Figure("Last read", age(old), f"at {ist_time(state.read_at)}", "warn" if old > 5 else "")


def _clock(login: BrokerLogin, facts: dict[str, Any]) -> Figure:
    skew = facts.get("skew")
    if login.is_sandbox:
        told = "told each second" if login.control else "its own, no control address"
        return Figure("Clock", "shared" if login.control else "apart", told)
    if skew is None:
        return Figure("Clock", "–", "not told yet")
    return Figure(
        "Clock skew", f"{skew:+.1f} s", "theirs less ours", "loss" if abs(skew) > 2 else ""
    )


def _stream(facts: dict[str, Any], *, open_: bool) -> Figure:
    stream = facts.get("stream")
    if not stream or not open_:
        return Figure("Stream", "closed", "")
    if not stream["connected"]:
        return Figure("Stream", "down", stream["trouble"] or "connecting; reads go on", "warn")
    old = stream["tick_age"]
    shares = counted(stream["subscribed"], "share")
    last = f"tick {age(old)} ago" if old is not None else "no tick yet"
    refused = f", {stream['rejected']} refused" if stream["rejected"] else ""
    return Figure("Stream", "stalled" if stream["stalled"] else "up", f"{shares}, {last}{refused}",
                  "warn" if stream["stalled"] else "")  # fmt: skip


def _use(login: BrokerLogin, row: Sequence[Any]) -> UseRow:
    kind, *counts = row
    limits = CAPABILITIES[login.broker].writes
    if kind != "order writes":
        second, minute, today = (group(str(count)) for count in counts)
        return UseRow(KINDS.get(kind, kind), second, minute, today, "–")
    pairs = list(zip(counts, (limits.second, limits.minute, limits.day), strict=True))
    shares = [count / limit for count, limit in pairs if limit]
    second, minute, today = (
        f"{group(str(count))} / {group(str(limit))}" if limit else group(str(count))
        for count, limit in pairs
    )
    return UseRow(KINDS[kind], second, minute, today, Meter(max(shares, default=0.0)))


def _check(name: str, ok: bool, why: str) -> CheckRow:
    mark = Text("✓", "gain") if ok else Text("✕", "loss", bold=True)
    return CheckRow(mark, name, why)


def _calls_note(facts: dict[str, Any]) -> str:
    calls = facts.get("calls", [])
    if not calls:
        return "after the first login"
    return f"{sum(bool(ok) for _, ok, _ in calls)} of {len(calls)} read from a recorded real answer"


def _money(
    tx: Session, mine: Sequence[Account], facts: dict[str, Any]
) -> tuple[tuple[str, Cells], ...]:
    """Cash at the broker beside the cash of the accounts that trade there, to the paisa."""
    books = total(ledger.balance(tx, one.id, name) for one in mine for name in (CASH, RESERVED))
    rows: list[tuple[str, Cells]] = [
        ("Accounts here", ", ".join(one.name for one in mine) or "none; move one below"),
        ("Cash in their books", rupees(books)),
    ]
    funds = facts.get("funds")
    if funds:
        there = Money(int(funds["available"]))
        rows += [
            ("Available at the broker", rupees(there)),
            ("Used there", rupees(Money(int(funds["used"])))),
            ("Difference", Text(rupees(there - books, signed=True), "mute")),
        ]
    return tuple(rows)


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
