"""Logging in, as the worker does it: links, one-time codes, kept sessions, and what is said.

`tend` runs beside the floor and may wait for a broker; the floor itself takes a session over in
`core.desk.join`, so that no order is ever written from two threads. A token is only in the vault
and in the session that uses it.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from threading import Event
from typing import Any, Final

from core.brokers.vault import Kept, Vault, open_vault
from core.desk.answers import take_notes
from core.desk.charge_drift import compare_charges
from core.desk.counted import asked_of, listen
from core.desk.desk import Desk
from core.desk.doors import DOORS, Door, Heard, Opened, door_of, plain_uses
from core.desk.feed import look_at_prices, plays_another, watched
from core.desk.live_rows import note_wire
from core.desk.logins import CLOSE, hashed
from core.desk.one_time import take_code
from core.desk.sandbox_clock import tell_time
from core.desk.seen import Outside, keep_outside
from core.domain.account import Broker, BrokerLogin, Market
from core.domain.evidence import Evidence
from core.domain.login import ASK_SECONDS, AskStatus, LoginAsk, LoginState, SessionStatus
from core.domain.ports import Funds
from core.domain.quote import Quote
from core.errors import MunimError, NotFound, SessionDead
from core.store import accounts, audit, instruments, logins, settings

S = SessionStatus
RETRY_SECONDS: Final = 5.0  # between two tries to open a kept session
LOOK_SECONDS: Final = 15.0  # between two looks at what a stream watches, and at prices
FUNDS_SECONDS: Final = 60.0  # between two reads of the money at a broker
SAY_SECONDS: Final = 1.0  # between two looks that a page can see
LOGGED_OUT: Final = "nobody is logged in"


@dataclass(slots=True)
class LogIns:
    """The worker's logins: `opened` are in use or about to be, `coming` wait for the floor.

    `leaving` names logins whose session the floor must let go.
    """

    desk: Desk
    vault: Callable[[], Vault]
    doors: Mapping[Broker, Door] = field(default_factory=lambda: DOORS)
    opened: dict[str, Opened] = field(default_factory=dict)
    coming: deque[Opened] = field(default_factory=deque)
    leaving: set[str] = field(default_factory=set)
    said: dict[str, LoginState] = field(default_factory=dict)
    hints: Event = field(default_factory=Event)
    tried: dict[str, float] = field(default_factory=dict)
    gone: deque[tuple[Opened, str]] = field(default_factory=deque)  # out of the loop, and why
    jump_to: Callable[[datetime], object] | None = None  # moves the desk's own market
    priced: Callable[[BrokerLogin, Sequence[Quote]], object] = lambda _login, _quotes: None

    def tend(self) -> list[str]:
        """One look at every wish and every login; returns a sentence for each that ended."""
        while self.gone:
            self._ends(*self.gone.popleft())
        done = [*self._hear_wishes(), *self._hear_logouts()]
        with self.desk.store.read() as tx:
            known = [one for one in accounts.logins(tx) if one.broker is not Broker.PAPER]
        for login in known:
            opened = self.opened.get(login.id)
            if opened is None:
                done += self._try_kept(login)
            else:
                self._look(opened)
        return done

    def opens(self, login: BrokerLogin, kept: Kept) -> Opened:
        """Open a session and put it before the floor; raises what the broker says."""
        with self.desk.store.read() as tx:
            universe = {one.isin: one for one in instruments.all_instruments(tx)}
            known = [one for one in accounts.logins(tx) if one.broker is not Broker.PAPER]
        with suppress(OSError):  # said by the full disk itself; it serves a spoiled store alone
            keep_outside(self.desk.home, Outside(tuple(known), tuple(universe.values())))
        opened = door_of(self.doors, login.broker).open(
            login,
            kept,
            universe=universe,
            clock=self.desk.clock,
            heard=Heard(quotes=partial(self.priced, login), hint=partial(self._hear, login.id)),
        )
        listen(self.desk, opened)
        note_wire(self.desk, login.broker, {call: ok for call, (ok, _) in opened.verified.items()})
        self.opened[login.id] = opened
        self.coming.append(opened)
        self.say(login, S.OPENING, "logged in; the books are compared before it trades", opened)
        return opened

    def _hear(self, login_id: str) -> None:
        """A stream tells that an order of a login moved; from the stream's own thread."""
        opened = self.opened.get(login_id)
        if opened is not None:
            opened.session.looks.heard()
        self.hints.set()

    def say(
        self, login: BrokerLogin, status: SessionStatus, sentence: str, opened: Opened | None
    ) -> None:
        """Keep what is known of a login; a change of status is recorded."""
        before = self.said.get(login.id)
        facts = facts_of(opened, beat=self.desk.clock.monotonic()) if opened else {}
        now = LoginState(
            login_id=login.id,
            status=status,
            sentence=sentence,
            user=opened.user if opened else "",
            since=before.since if before and before.status is status else self.desk.clock.now(),
            expires_at=opened.kept.expires_at if opened else None,
            read_at=_read_at(opened),
            beat=self.desk.clock.monotonic(),
            facts=facts,
        )
        with self.desk.store.write() as tx:
            if login.id not in {one.id for one in accounts.logins(tx)}:
                return
            logins.put_state(tx, now)
            if before is None or before.status is not status:
                body = {"to": status, "why": sentence}
                at = self.desk.clock.now()
                audit.append(tx, at=at, actor="worker", verb="login", subject=login.id, body=body)
        self.said[login.id] = now

    def _ends(self, opened: Opened, why: str) -> None:
        """Close what a session held and forget its token; `why` is empty for a logout."""
        login = opened.login
        opened.stream.stop()
        if not why:
            with suppress(MunimError):
                opened.close()
        if login.id not in self.opened:  # nobody logged in again meanwhile
            self.vault().drop(login.id)
            self.say(login, S.DEAD if why else S.CLOSED, why or LOGGED_OUT, None)

    # Wishes

    def _hear_wishes(self) -> list[str]:
        with self.desk.store.read() as tx:
            asks = logins.asks_with(tx, AskStatus.ASKED, AskStatus.READY, AskStatus.RETURNED)
            known = {one.id: one for one in accounts.logins(tx)}
        done: list[str] = []
        for ask in asks:
            login = known.get(ask.login_id)
            if login is None:
                self._end(ask, AskStatus.REFUSED, f"login {ask.login_id} is gone")
            elif not 0 <= self.desk.clock.monotonic() - ask.asked <= ASK_SECONDS:
                self._end(ask, AskStatus.REFUSED, "nobody logged in within 10 minutes; ask again")
            elif ask.status is AskStatus.ASKED:
                self._make_link(ask, login)
            elif ask.status is AskStatus.RETURNED:
                done.append(self._exchange(ask, login))
        return done

    def _make_link(self, ask: LoginAsk, login: BrokerLogin) -> None:
        state = secrets.token_urlsafe(24)
        try:
            self._tell_day(login)
            link = door_of(self.doors, login.broker).link(login, state)
            self.vault()  # a session that could not be kept must not be asked for
        except MunimError as refusal:
            self._end(ask, AskStatus.REFUSED, str(refusal))
            return
        ready = replace(ask, status=AskStatus.READY, link=link, state_hash=hashed(state))
        with self.desk.store.write() as tx:
            current = logins.ask(tx, ask.id)
            if current is not None and current.status is AskStatus.ASKED:
                logins.put_ask(tx, ready)

    def _tell_day(self, login: BrokerLogin) -> None:
        """Bring a sandbox to the live market's second, or its token would end with another day.

        Raises SourceFailed where its control port does not answer.
        """
        if login.control and self.desk.market is Market.LIVE:
            tell_time(login.control, at=self.desk.clock.now(), speed=1.0)

    def _exchange(self, ask: LoginAsk, login: BrokerLogin) -> str:
        """The code is taken away before it is used, for it serves once."""
        code = take_code(self.desk.home, ask.id)
        if not code:
            stopped = "the worker stopped while it logged in; ask again"
            self._end(ask, AskStatus.REFUSED, stopped)
            return f"{login.label}: {stopped}"
        try:
            self._tell_day(login)
            kept = door_of(self.doors, login.broker).exchange(login, code, self.desk.clock)
            self._forget_old(login)
            self.vault().put(kept)
            opened = self.opens(login, kept)
        except MunimError as refusal:
            self._end(ask, AskStatus.REFUSED, str(refusal))
            return f"{login.label}: {refusal}"
        self._end(ask, AskStatus.DONE, f"logged in as {opened.user}")
        return f"{login.label}: logged in as {opened.user}"

    def _forget_old(self, login: BrokerLogin) -> None:
        """A second login ends the first: the floor gets the new session in its place."""
        old = self.opened.pop(login.id, None)
        if old is not None:
            old.stream.stop()
            self.coming = deque(one for one in self.coming if one.login.id != login.id)

    def _end(self, ask: LoginAsk, to: AskStatus, sentence: str) -> None:
        with self.desk.store.write() as tx:
            logins.end_ask(tx, ask, to, sentence)
            audit.append(
                tx,
                at=self.desk.clock.now(),
                actor="worker",
                verb="login asked",
                subject=ask.login_id,
                body={"ask": ask.id, "to": to, "why": sentence},
            )

    def _hear_logouts(self) -> list[str]:
        with self.desk.store.read() as tx:
            wanted = settings.starting(tx, CLOSE)
        for key in wanted:
            login_id = key.removeprefix(CLOSE)
            if login_id in self.opened:
                self.leaving.add(login_id)
            else:
                self.vault().drop(login_id)
                self.said.pop(login_id, None)
            with self.desk.store.write() as tx:
                settings.drop(tx, key)
        return [f"{key.removeprefix(CLOSE)}: logging out" for key in wanted]

    # Sessions

    def _try_kept(self, login: BrokerLogin) -> list[str]:
        """Open the session that is kept of a login, if there is one that may still serve."""
        now = self.desk.clock.monotonic()
        if now - self.tried.get(login.id, float("-inf")) < RETRY_SECONDS:
            return []
        self.tried[login.id] = now
        before = self.said.get(login.id)
        try:
            kept = self.vault().get(login.id)
            if kept is None:
                if before is None or before.status not in (S.DEAD, S.CLOSED):
                    self._nobody(login)
                return []
            if kept.expires_at <= self.desk.clock.now():
                raise SessionDead("the last session ended with the day; log in again")
            self.opens(login, kept)
        except SessionDead as dead:
            self.vault().drop(login.id)
            self.say(login, S.DEAD, str(dead), None)
        except MunimError as trouble:
            self.say(login, S.OPENING, f"not open yet: {trouble}", None)
        else:
            return [f"{login.label}: the kept session is used"]
        return []

    def _nobody(self, login: BrokerLogin) -> None:
        """Say that nobody is logged in, or how the last session ended before a restart."""
        with self.desk.store.read() as tx:
            last = logins.state(tx, login.id)
        if last is not None and last.status is S.DEAD:
            self.said[login.id] = last
        else:
            self.say(login, S.CLOSED, LOGGED_OUT, None)

    def _look(self, opened: Opened) -> None:
        """Probe a silent broker, and say how an open session is."""
        session, login = opened.session, opened.login
        if session.silent and not session.died:
            session.probe()
        before = self.said.get(login.id)
        waits = any(one is opened for one in self.coming)
        if waits or session.died or login.id in self.leaving:
            return
        if opened.stream.take_snapshot_flag():
            self._hear(login.id)  # what moved while the socket was away was not told
        self._watch(opened)
        take_notes(self.desk, opened)
        status = S.SILENT if session.silent else S.OPEN
        old = self.desk.clock.monotonic() - before.beat if before else SAY_SECONDS
        if before is None or before.status is not status or old >= SAY_SECONDS:
            good = opened.notes.get("prices", "logged in")
            trouble = session.silent or opened.notes.get("clock", "")
            self.say(login, status, trouble or good, opened)

    def _watch(self, opened: Opened) -> None:
        """What a stream watches, and whether a sandbox plays the desk's prices, now and then."""
        now = self.desk.clock.monotonic()
        if now < opened.looks.get("next", now):
            return
        opened.looks["next"] = now + LOOK_SECONDS
        with suppress(NotFound):  # the login was removed meanwhile
            wanted = watched(self.desk, opened.login.id)
            opened.stream.watch([isin for isin in wanted if opened.lists(isin)])
        if opened.login.is_sandbox and not opened.session.silent:
            opened.notes["prices"] = look_at_prices(self.desk, opened)
        if now < opened.looks.get("funds", now):
            return
        opened.looks["funds"] = now + FUNDS_SECONDS
        compare_charges(self.desk, opened.login, opened.known)
        with suppress(MunimError):  # shown as it was; the next look tells it anew
            funds = opened.known.funds()
            opened.funds.update(plain_funds(funds))


def log_ins(desk: Desk, doors: Mapping[Broker, Door] = DOORS) -> LogIns:
    """The worker's logins with the vault in the desk's home, opened when it is first needed."""
    kept: list[Vault] = []

    def vault() -> Vault:
        if not kept:
            kept.append(open_vault(desk.home / "sessions"))
        return kept[0]

    return LogIns(desk, vault, doors)


def plain_funds(funds: Funds) -> dict[str, int]:
    """What a broker says of its money, in paise, as a login's facts keep it."""
    return {
        "available": funds.available.paise,
        "used": funds.used.paise,
        "opening": funds.opening.paise,
        "paid_in": funds.paid_in.paise,
        "paid_out": funds.paid_out.paise,
    }


def facts_of(opened: Opened, *, beat: float) -> dict[str, Any]:
    """Plain values of an open session for the broker page; ages in seconds."""
    state = opened.stream.state
    seen: Mapping[str, Evidence] = getattr(opened.known, "evidence", {})
    own = {call: (one.proves, one.sentence) for call, one in seen.items()}
    return {
        "uses": plain_uses(opened),
        "skew": opened.skew(),
        "stream": {
            "connected": state.connected,
            "connects": state.connects,
            "subscribed": state.subscribed,
            "tick_age": None if state.last_tick is None else beat - state.last_tick,
            "rejected": state.rejected,
            "cut": state.cut_frames,
            "trouble": state.trouble,
            "stalled": state.is_stalled(beat),
        },
        "calls": [[call, ok, why] for call, (ok, why) in {**opened.verified, **own}.items()],
        "reads": {call: at.isoformat() for call, at in opened.read_at.items()},
        "funds": dict(opened.funds),
        "asked": asked_of(opened),
        "blocked": prices if plays_another(prices := opened.notes.get("prices", "")) else "",
    }


def _read_at(opened: Opened | None) -> datetime | None:
    return max(opened.read_at.values(), default=None) if opened else None
