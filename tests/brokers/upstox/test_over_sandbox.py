"""Login and stream of the adapter against the sandbox, as a trader's day goes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from core.brokers.guard import Rejected
from core.brokers.stream import Hint, Listeners
from core.brokers.upstox.client import Client
from core.brokers.upstox.login import Keys, expires_at, log_in, login_url
from core.brokers.upstox.shares import Shares, UpstoxShare
from core.brokers.upstox.stream import UpstoxStream
from core.brokers.vault import Kept, Vault
from core.domain.calendar import Phase
from core.domain.clock import SteppedClock
from core.domain.money import Money
from core.domain.quote import Quote
from core.errors import Refused, SourceWrong
from core.sandbox.faults import Fault, FaultKind
from core.sandbox.house import User
from core.sandbox.serve import Served, serving
from core.sandbox.upstox.sandbox import UpstoxSandbox
from core.sandbox.upstox.state import key_of
from tests.brokers.contract import order
from tests.made import LISTED, MIDCO, RELIANCE, T0, quote, rs

USERS = (User("7AB123", "Asha Rao"), User("7CD567", "Dev Shah"))
SHARES = Shares(
    UpstoxShare(one.isin, one.symbol, "NSE", key_of(one), Money(5)) for one in LISTED.values()
)


@dataclass
class Day:
    """One sandbox with everything the adapter needs of it."""

    sandbox: UpstoxSandbox
    served: Served
    clock: SteppedClock
    client: Client
    quotes: list[Quote] = field(default_factory=list)
    hints: list[Hint] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)

    @property
    def keys(self) -> Keys:
        app = self.sandbox.registered
        return Keys(app.client_id, app.client_secret, app.redirect_uri)

    def price(self, ltp: str, **changes: object) -> None:
        self.clock.pass_seconds(1)
        self.sandbox.house.on_quotes([quote(ltp, at=self.clock.now(), **changes)])

    def code(self, user: str = "7AB123") -> str:
        """Log in on the sandbox's dialog as a person does; the code and the state come back."""
        state = "one-state"
        page = login_url(self.keys, state, root=self.served.base)
        hidden = dict(parse_qsl(urlsplit(page).query))
        found = requests.post(
            page.partition("?")[0],
            data=hidden | {"user_id": user, "pin": "anything"},
            allow_redirects=False,
            timeout=5,
        )
        back = dict(parse_qsl(urlsplit(found.headers["Location"]).query))
        assert back["state"] == state
        return back["code"]

    def log_in(self, code: str):
        return log_in(self.keys, code, user_id="7AB123", clock=self.clock, root=self.served.base)

    @contextmanager
    def stream(self) -> Iterator[UpstoxStream]:
        stream = UpstoxStream(
            self.client,
            SHARES,
            clock=self.clock,
            to=Listeners(self.quotes.extend, self.hints.append, self.rejected.append),
            backoff=(0.02,),
        )
        stream.watch([MIDCO.isin])
        stream.start()
        try:
            until(lambda: stream.state.subscribed == 1 and stream.state.connected)
            yield stream
        finally:
            stream.stop()


def until(holds) -> None:
    ends = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.005)


@pytest.fixture
def day() -> Iterator[Day]:
    clock = SteppedClock(T0)
    sandbox = UpstoxSandbox(
        LISTED,
        clock=clock,
        phase_of=lambda share, at: Phase.CONTINUOUS,
        users=USERS,
        limits=False,
    )
    with serving(sandbox.app) as served:
        client = Client(
            user_id="7AB123", token=sandbox.log_in("7AB123"), clock=clock, root=served.base
        )
        made = Day(sandbox, served, clock, client)
        made.price("501")
        yield made
    sandbox.close()


def test_a_person_logs_in_and_the_worker_keeps_the_session(day, tmp_path):
    found = day.log_in(day.code())
    assert (found.user_id, found.name) == ("7AB123", "Asha Rao")
    # 23 Nov 2026, 10:30 IST; the token dies on the 24th at 03:30 IST, 22:00 UTC on the 23rd
    assert found.expires_at == datetime(2026, 11, 23, 22, tzinfo=UTC)
    vault = Vault(tmp_path / "sessions", "a long enough passphrase")
    vault.put(Kept("upstox-1", found.user_id, found.token, found.expires_at))
    kept = vault.get("upstox-1")
    client = Client(user_id=kept.user_id, token=kept.token, clock=day.clock, root=day.served.base)
    assert client.is_sandbox
    assert client.read("read the profile", "get_profile", "2.0")["user_id"] == "7AB123"


def test_a_token_made_after_midnight_dies_the_same_morning():
    at = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)  # 00:30 IST on the 24th
    assert expires_at(at) == datetime(2026, 11, 23, 22, tzinfo=UTC)


def test_a_code_serves_once(day):
    code = day.code()
    day.log_in(code)
    with pytest.raises(Refused, match="used or too old") as told:
        day.log_in(code)
    assert code not in str(told.value) and day.keys.client_secret not in str(told.value)


def test_another_apps_secret_is_refused_and_shown_nowhere(day):
    keys = replace(day.keys, client_secret="canary-secret-8812")
    with pytest.raises(Refused) as told:
        log_in(keys, day.code(), user_id="7AB123", clock=day.clock, root=day.served.base)
    assert "canary-secret-8812" not in str(told.value) + repr(keys)


def test_another_persons_login_is_refused_and_its_session_is_ended(day):
    with pytest.raises(Refused, match="7CD567 logged in where 7AB123 was expected"):
        day.log_in(day.code("7CD567"))
    assert [one.verb for one in day.sandbox.faults.requests][-1] == "logout"


def test_ticks_of_the_sandbox_are_its_quotes(day):
    with day.stream():
        day.price("502")
        until(lambda: any(one.ltp == rs("502") for one in day.quotes))
    told = day.quotes[-1]
    assert (told.isin, told.bid, told.ask) == (MIDCO.isin, rs("501.95"), rs("502.05"))
    assert (told.prev_close, told.source) == (rs("500"), "upstox")
    assert abs((told.at - day.clock.now()).total_seconds()) < 0.001


def test_an_order_of_mine_wakes_a_read_and_changes_nothing_itself(day):
    with day.stream():
        paper = day.sandbox.house.client("7AB123").paper
        paper.place(replace(order(), login_id="7AB123"))
        day.sandbox.house.tell()
        until(lambda: day.hints)
    assert day.hints[-1].order_id and day.hints[-1].status == "open"


def test_a_swapped_instrument_is_kept_out(day):
    with day.stream():
        day.price("502")
        until(lambda: day.quotes)
        before = len(day.quotes)
        day.sandbox.house.on_quotes(
            [quote("1300", of=RELIANCE, prev_close="1310", at=day.clock.now())]
        )
        day.sandbox.faults.script(Fault(FaultKind.SWAP_INSTRUMENT))
        day.price("503")
        until(lambda: day.rejected)
    assert all(one.ltp < rs("600") for one in day.quotes[before:])


def test_frozen_ticks_are_a_stall_though_the_socket_lives(day):
    with day.stream() as stream:
        day.price("502")
        until(lambda: day.quotes)
        day.sandbox.faults.script(Fault(FaultKind.FREEZE_TICKS))
        day.clock.pass_seconds(16)
        assert stream.is_stalled and stream.state.connected


def test_a_dead_session_is_not_tried_again_until_somebody_logs_in(day):
    with day.stream() as stream:
        assert stream.take_snapshot_flag() and not stream.take_snapshot_flag()
        day.sandbox.end_session("7AB123")
        until(lambda: stream.state.refused and not stream.state.connected)
        asked = len(day.sandbox.faults.sends("authorize"))
        time.sleep(0.15)
        assert len(day.sandbox.faults.sends("authorize")) <= asked + 1
        day.client.replace_token(day.sandbox.log_in("7AB123"))
        until(lambda: stream.state.connected)
        assert stream.take_snapshot_flag()


def test_a_socket_at_another_house_is_not_opened(day):
    with day.stream() as stream, pytest.raises(SourceWrong, match="not its own"):
        stream._checked({"authorized_redirect_uri": "wss://elsewhere.example/feed?code=1"})
