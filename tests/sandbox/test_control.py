"""The control port moves the clock, scripts faults and shows what happened."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from core.domain.calendar import Phase
from core.domain.clock import SteppedClock
from core.sandbox.clock import SandboxClock
from core.sandbox.control import control_app
from core.sandbox.faults import FaultKind
from core.sandbox.kite.sandbox import KiteSandbox
from tests.made import LISTED, MIDCO, T0, quote


class Ticking:
    """A monotonic clock a test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def sandbox() -> Iterator[KiteSandbox]:
    made = KiteSandbox(
        LISTED,
        clock=SandboxClock(T0, monotonic=Ticking()),
        phase_of=lambda instrument, at: Phase.CONTINUOUS,
    )
    made.house.on_quotes([quote("501")])
    yield made
    made.close()


@pytest.fixture
def control(sandbox: KiteSandbox) -> TestClient:
    return TestClient(control_app(sandbox))


def test_the_clock_is_set_moved_on_and_hurried(sandbox: KiteSandbox, control: TestClient) -> None:
    assert control.get("/clock").json() == {"now": T0.isoformat(), "speed": 1.0}
    control.post("/clock", json={"advance": 90})
    assert (sandbox.house.clock.now() - T0).total_seconds() == 90
    told = control.post("/clock", json={"set": "2026-11-24T09:20:00+05:30", "speed": 60}).json()
    assert told == {"now": "2026-11-24T03:50:00+00:00", "speed": 60.0} or told == {
        "now": "2026-11-24T09:20:00+05:30",
        "speed": 60.0,
    }
    answer = control.post("/clock", json={"set": "2026-11-24T09:20:00"})
    assert (answer.status_code, "has no zone" in answer.text) == (400, True)


def test_a_clock_of_a_test_is_not_moved_from_outside() -> None:
    made = KiteSandbox(
        LISTED, clock=SteppedClock(T0), phase_of=lambda instrument, at: Phase.CONTINUOUS
    )
    answer = TestClient(control_app(made)).post("/clock", json={"advance": 1})
    assert (answer.status_code, "its owner moves" in answer.text) == (400, True)


def test_faults_are_scripted_listed_and_cleared(sandbox: KiteSandbox, control: TestClient) -> None:
    rows = [{"kind": "delay", "seconds": 2}, {"kind": "partial", "count": 3}]
    told = control.post("/faults", json=rows).json()
    assert {row["kind"] for row in told} == {"delay", "partial"}
    assert sandbox.house.fill_at_most == 3
    assert control.delete("/faults", params={"kind": "partial"}).json()[0]["kind"] == "delay"
    assert sandbox.house.fill_at_most is None
    assert control.delete("/faults").json() == []
    assert control.post("/faults", json={"kind": "fire"}).status_code == 400
    assert sandbox.faults.standing(FaultKind.PARTIAL) is None


def test_a_session_ends_and_shares_and_prices_arrive(
    sandbox: KiteSandbox, control: TestClient
) -> None:
    token = sandbox.log_in()
    credited = control.post(
        "/credit", json={"user": "AB1234", "symbol": "MIDCO", "qty": 7, "price": "400"}
    )
    assert credited.json() == {"credited": 7}
    assert sandbox.house.client("AB1234").paper.settled() == {MIDCO.isin: 7}
    control.post("/clock", json={"advance": 1})
    control.post("/quotes", json={"symbol": "MIDCO", "ltp": 480, "bid_qty": 12})
    now = sandbox.house.quotes[MIDCO.isin]
    assert (now.ltp.paise, now.low.paise, now.bid_qty, now.ask_qty) == (48_000, 48_000, 12, 400)
    assert control.post("/quotes", json={"symbol": "RELIANCE", "ltp": 1}).status_code == 400
    control.post("/token_die", json={"user": "AB1234"})
    assert sandbox.sessions._logins.get(token) is None


def test_the_journal_and_the_requests_are_shown(sandbox: KiteSandbox, control: TestClient) -> None:
    control.post("/credit", json={"user": "AB1234", "symbol": "MIDCO", "qty": 7})
    kinds = [row["kind"] for row in control.get("/journal").json()]
    assert kinds == ["DayOpened", "Credited"]
    TestClient(sandbox.app).get("/orders")
    (request,) = control.get("/requests", params={"verb": "orders"}).json()
    assert (request["method"], request["path"], request["verdict"]) == ("GET", "/orders", "403")
    assert control.get("/requests", params={"verb": "place"}).json() == []
    assert control.get("/journal", params={"user": "ZZ"}).status_code == 400


def test_money_is_added_and_paid_out_as_far_as_it_is_free(
    sandbox: KiteSandbox, control: TestClient
) -> None:
    user = sandbox.house.users[0].user_id
    free = sandbox.house.client(user).paper.free_funds()
    told = control.post("/money", json={"user": user, "rupees": "-1500.50"}).json()
    assert told == {"moved_paise": -150050}
    assert free is not None
    now = sandbox.house.client(user).paper.free_funds()
    assert now is not None and (free - now).paise == 150050
    answer = control.post("/money", json={"user": user, "rupees": "-99999999"})
    assert (answer.status_code, "cannot be paid out" in answer.text) == (400, True)
