"""Upstox's door like Kite's: link, code, session and its way out, over an Upstox sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from core.desk.doors import DOORS, Heard, Opened, UpstoxDoor, door_of
from core.desk.logins import read_address
from core.domain.account import Broker, BrokerLogin, LoginMode
from core.domain.calendar import Phase
from core.domain.clock import SteppedClock
from core.errors import BadSetting, NotBuilt
from core.sandbox.faults import Fault, FaultKind
from core.sandbox.house import User
from core.sandbox.serve import serving
from core.sandbox.upstox.sandbox import UpstoxSandbox
from core.sandbox.upstox.session import App
from tests.made import LISTED, MIDCO, T0, an_order, quote, rs

BACK = "http://127.0.0.1:8501/broker/return"


@dataclass
class There:
    sandbox: UpstoxSandbox
    clock: SteppedClock
    login: BrokerLogin

    def code(self) -> tuple[str, str]:
        """State and code of the address that the sandbox's page leads back to."""
        link = UpstoxDoor().link(self.login, "st")
        fields = dict(parse_qsl(urlsplit(link).query)) | {"user_id": "UP1234", "pin": "123456"}
        page = link.partition("?")[0]
        answer = requests.post(page, data=fields, allow_redirects=False, timeout=5)
        return read_address(answer.headers["Location"])

    def open(self) -> Opened:
        door = UpstoxDoor()
        state, code = self.code()
        assert state == "st"
        kept = door.exchange(self.login, code, self.clock)
        heard = Heard(quotes=lambda _: None, hint=lambda: None)
        return door.open(self.login, kept, universe=LISTED, clock=self.clock, heard=heard)


@pytest.fixture
def there(own_home) -> Iterator[There]:
    clock = SteppedClock(T0)
    sandbox = UpstoxSandbox(
        LISTED,
        clock=clock,
        phase_of=lambda share, at: Phase.CONTINUOUS,
        users=(User("UP1234", "Asha Rao"),),
        registered=App(redirect_uri=BACK),
        limits=False,
    )
    with serving(sandbox.app) as served:
        sandbox.house.on_quotes([quote("501", at=clock.now())])
        login = BrokerLogin(
            "up", Broker.UPSTOX, LoginMode.PAPER, "Upstox practice", "UP1234", served.base
        )
        yield There(sandbox, clock, login)
    sandbox.close()


def test_a_person_logs_in_at_upstox_and_the_session_reads(there):
    opened = there.open()
    assert opened.user == "Asha Rao (UP1234)"
    assert list(opened.session.orders()) == [] and opened.session.holdings() == {}
    assert opened.known.quotes([MIDCO.isin])[0].ltp == rs("501")
    assert opened.session.holds_pairs is False  # what only Upstox has is asked of it
    assert not any(seen for seen, _ in opened.verified.values())
    opened.close()


def test_a_broker_without_a_door_and_one_without_keys_say_so(there):
    with pytest.raises(NotBuilt, match="logging in at fyers is not built"):
        door_of(DOORS, Broker.FYERS)
    real = BrokerLogin("up", Broker.UPSTOX, LoginMode.PAPER, "Upstox", "UP1234")
    with pytest.raises(BadSetting, match="put MUNIM_UPSTOX_CLIENT_ID and"):
        UpstoxDoor(find=lambda name: None).link(real, "st")


def test_a_word_that_upstox_alone_knows_reaches_the_desk(there):
    opened = there.open()
    opened.session.place(an_order("or1", isin=MIDCO.isin, symbol=MIDCO.symbol, login_id="up"))
    there.sandbox.faults.script(Fault(FaultKind.UNKNOWN_STATUS, text="in limbo"))
    assert [one.broker_status for one in opened.session.orders()] == ["in limbo"]
    assert opened.session.strange_words == ("in limbo",)
    assert list(opened.session.not_taken) == [] and opened.session.incomplete == ()
