"""Login and stream of the adapter against the sandbox, as a trader's day goes."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from core.brokers.guard import Rejected
from core.brokers.kite.client import Client
from core.brokers.kite.login import Keys, log_in, login_url
from core.brokers.kite.shares import KiteShare, Shares
from core.brokers.kite.stream import KiteStream
from core.brokers.stream import Hint, Listeners
from core.brokers.vault import Kept, Vault
from core.domain.calendar import Phase
from core.domain.clock import SteppedClock
from core.domain.money import Money
from core.domain.quote import Quote
from core.errors import Refused
from core.sandbox.faults import Fault, FaultKind
from core.sandbox.house import User
from core.sandbox.kite.sandbox import KiteSandbox
from core.sandbox.kite.session import App
from core.sandbox.serve import Served, serving
from tests.brokers.contract import order
from tests.made import LISTED, MIDCO, RELIANCE, T0, quote, rs

USERS = (User("AB1234", "Asha Rao"), User("CD5678", "Dev Shah"))


@dataclass
class Day:
    """One sandbox with everything the adapter needs of it."""

    sandbox: KiteSandbox
    served: Served
    clock: SteppedClock
    quotes: list[Quote] = field(default_factory=list)
    hints: list[Hint] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    token: str = ""

    @property
    def keys(self) -> Keys:
        app = self.sandbox.registered
        return Keys(app.api_key, app.api_secret)

    @property
    def shares(self) -> Shares:
        tokens = self.sandbox.house.tokens
        return Shares(
            KiteShare(one.isin, one.symbol, "NSE", one.symbol, tokens[one.isin], Money(5))
            for one in LISTED.values()
        )

    def price(self, ltp: str, **changes: object) -> None:
        self.clock.pass_seconds(1)
        self.sandbox.house.on_quotes([quote(ltp, at=self.clock.now(), **changes)])

    def code(self, user: str = "AB1234") -> tuple[str, str]:
        """Log in on the sandbox's page as a person does; the code and the state come back."""
        state = "one-state"
        page = login_url(self.keys.api_key, state, root=self.served.base)
        hidden = dict(parse_qsl(urlsplit(page).query))
        typed = {"user_id": user, "password": "anything"}
        found = requests.post(page, data=hidden | typed, allow_redirects=False, timeout=5)
        back = found.headers["Location"]
        assert f"state={state}" in back
        return re.search(r"request_token=([^&]+)", back).group(1), state

    @contextmanager
    def stream(self) -> Iterator[KiteStream]:
        stream = KiteStream(
            self.shares,
            api_key=self.keys.api_key,
            token=lambda: self.token,
            clock=self.clock,
            to=Listeners(self.quotes.extend, self.hints.append, self.rejected.append),
            root=self.served.socket_base,
            backoff=(0.02,),
        )
        stream.watch([MIDCO.isin])
        stream.start()
        try:
            until(lambda: stream.state.subscribed == 1)
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
    sandbox = KiteSandbox(
        LISTED,
        clock=clock,
        phase_of=lambda share, at: Phase.CONTINUOUS,
        users=USERS,
        limits=False,
        registered=App(redirect_url="http://127.0.0.1:8501/back"),
    )
    with serving(sandbox.app) as served:
        made = Day(sandbox, served, clock, token=sandbox.log_in("AB1234"))
        made.price("501")
        yield made
    sandbox.close()


def test_a_person_logs_in_and_the_worker_keeps_the_session(day, tmp_path):
    code, _ = day.code()
    found = log_in(day.keys, code, user_id="AB1234", clock=day.clock, root=day.served.base)
    assert (found.user_id, found.name) == ("AB1234", "Asha Rao")
    vault = Vault(tmp_path / "sessions", "a long enough passphrase")
    vault.put(Kept("zerodha-1", found.user_id, found.token, found.expires_at))
    kept = vault.get("zerodha-1")
    client = Client(
        user_id=kept.user_id,
        api_key=day.keys.api_key,
        token=kept.token,
        clock=day.clock,
        root=day.served.base,
    )
    assert client.is_sandbox
    assert client.read("read the profile", "profile")["user_id"] == "AB1234"


def test_a_code_serves_once(day):
    code, _ = day.code()
    log_in(day.keys, code, user_id="AB1234", clock=day.clock, root=day.served.base)
    with pytest.raises(Refused, match="used or too old"):
        log_in(day.keys, code, user_id="AB1234", clock=day.clock, root=day.served.base)


def test_another_persons_login_is_refused_and_its_session_is_ended(day):
    code, _ = day.code("CD5678")
    with pytest.raises(Refused, match="CD5678 logged in where AB1234 was expected"):
        log_in(day.keys, code, user_id="AB1234", clock=day.clock, root=day.served.base)
    assert [one.verb for one in day.sandbox.faults.requests][-1] == "logout"


def test_ticks_of_the_sandbox_are_its_quotes(day):
    with day.stream():
        day.price("502")
        until(lambda: any(one.ltp == rs("502") for one in day.quotes))
    told = day.quotes[-1]
    assert (told.isin, told.bid, told.ask) == (MIDCO.isin, rs("501.95"), rs("502.05"))
    assert (told.prev_close, told.at) == (rs("500"), day.clock.now())


def test_an_order_of_mine_wakes_a_read_and_changes_nothing_itself(day):
    with day.stream():
        paper = day.sandbox.house.client("AB1234").paper
        paper.place(replace(order(), login_id="AB1234"))
        day.sandbox.house.tell()
        until(lambda: day.hints)
    assert day.hints[-1].order_id


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
