"""The address a broker returns to: open to a browser without a cookie, and closed to its code."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from core.config import Settings
from core.desk import access, logins
from core.desk.desk import desk_over
from core.desk.one_time import take_code
from core.domain.account import Broker, BrokerLogin, LoginMode
from core.domain.clock import SteppedClock
from core.domain.login import AskStatus
from core.store import logins as kept
from tests.made import T0
from ui.auth import Gate, access_routes, cookie_name
from ui.broker_return import return_routes

OWN = "http://127.0.0.1:8501"


@pytest.fixture
def desk(store, desk_home, monkeypatch):
    settings = Settings(_env_file=None, home=desk_home, database_url=store.url)
    desk_home.mkdir(parents=True, exist_ok=True)
    made = desk_over(settings, store, SteppedClock(T0))
    monkeypatch.setattr("ui.broker_return.open_desk", lambda _settings: made)
    login = BrokerLogin("kite", Broker.ZERODHA, LoginMode.PAPER, "Practice", "AB1234",
                        "http://127.0.0.1:8770")  # fmt: skip
    logins.add_login(made, login, by="me")
    return made


@pytest.fixture
def desk_home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def web(desk) -> TestClient:
    gate = Middleware(Gate, home=desk.home, port=8501, hosts=frozenset({"127.0.0.1"}))
    routes = [*access_routes(desk.home, 8501), *return_routes(desk.settings)]
    return TestClient(Starlette(routes=routes, middleware=[gate]), base_url=OWN)


def ready(desk, session: str) -> None:
    """A wish whose link is out, with the state `st`."""
    ask = logins.ask_to_log_in(desk, "kite", session=session, by="me")
    with desk.store.write() as tx:
        kept.put_ask(
            tx, replace(ask, status=AskStatus.READY, link="x", state_hash=logins.hashed("st"))
        )


def post(
    web: TestClient, session: str, *, state: str = "st", origin: str = OWN, code: str = "c0de"
):
    cookies = {cookie_name(8501): session} if session else {}
    return web.post(
        "/broker/code",
        content=urlencode({"state": state, "code": code}),
        headers={"Origin": origin, "Content-Type": "application/x-www-form-urlencoded",
                 "Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items())},
        follow_redirects=False,
    )  # fmt: skip


def test_the_first_step_needs_no_session_keeps_nothing_and_posts_from_here(desk, web):
    session = access.open_session(desk.home)
    ready(desk, session)
    answer = web.get('/broker/return?request_token=c0de&state=st"><script>')
    assert answer.status_code == 200
    assert (answer.headers["cache-control"], answer.headers["referrer-policy"]) == (
        "no-store",
        "same-origin",
    )
    assert 'action="/broker/code"' in answer.text and 'value="c0de"' in answer.text
    assert '"><script>' not in answer.text.split("</form>")[0].split('name="state"')[1][:40]
    ask = logins.latest_ask(desk, "kite")
    assert ask is not None and ask.status is AskStatus.READY


def test_the_code_is_kept_for_the_session_that_asked_and_once(desk, web, caplog):
    caplog.set_level(logging.DEBUG)
    session = access.open_session(desk.home)
    ready(desk, session)
    answer = post(web, session)
    assert (answer.status_code, answer.headers["location"]) == (303, "/broker?login=kite")
    assert answer.headers["referrer-policy"] == "no-referrer"
    ask = logins.latest_ask(desk, "kite")
    assert ask is not None and ask.status is AskStatus.RETURNED
    assert take_code(desk.home, ask.id) == "c0de"
    again = post(web, session)
    assert again.status_code == 400 and "serves once" in again.text
    assert "c0de" not in caplog.text


@pytest.mark.parametrize(
    ("change", "status"),
    [({"session": ""}, 401), ({"origin": "http://evil.test"}, 403), ({"state": "other"}, 400)],
)
def test_a_stranger_a_foreign_site_and_a_foreign_state_are_refused(desk, web, change, status):
    session = access.open_session(desk.home)
    ready(desk, session)
    answer = post(web, **{"session": session, **change})
    assert answer.status_code == status
    ask = logins.latest_ask(desk, "kite")
    assert ask is not None and ask.status is AskStatus.READY
    assert take_code(desk.home, ask.id) == ""


def test_another_session_of_the_desk_cannot_finish_it(desk, web):
    ready(desk, access.open_session(desk.home))
    answer = post(web, access.open_session(desk.home))
    assert answer.status_code == 400 and "asked for in another session" in answer.text


def test_a_form_too_long_is_no_login(desk, web):
    answer = post(web, access.open_session(desk.home), code="x" * 5000)
    assert answer.status_code == 413
