"""The login: state bound, code exchanged by checksum, another user's session thrown away."""

import hashlib
import json
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from core.brokers.kite.client import Client
from core.brokers.kite.login import (
    Keys,
    expires_at,
    log_in,
    login_url,
)
from core.domain.clock import SteppedClock
from core.errors import Refused, SourceFailed
from tests.brokers.kite.wire_server import MOCKS, Reply, error, ok, serving
from tests.made import T0

KEYS = Keys("canarykey7781", "canarysecret3390")
CODE = "canarycode1204"


@pytest.fixture
def server():
    with serving() as running:
        yield running


def logged_in(user_id="AB1234", **more):
    fields = {"user_id": user_id, "access_token": "canarytoken5512", "user_name": "A B"}
    return ok(fields | {"login_time": "2026-11-23 08:15:00"} | more)


def enter(server, user_id="AB1234"):
    return log_in(KEYS, CODE, user_id=user_id, clock=SteppedClock(T0), root=server.root)


def test_the_address_carries_the_state_back():
    url = urlsplit(login_url("key1", "one/state"))
    assert (url.scheme, url.netloc, url.path) == ("https", "kite.zerodha.com", "/connect/login")
    words = parse_qs(url.query)
    assert (words["api_key"], words["v"]) == (["key1"], ["3"])
    assert parse_qs(words["redirect_params"][0]) == {"state": ["one/state"]}


def test_a_sandbox_has_its_own_page_and_nothing_else_does():
    assert login_url("k", "s", root="http://127.0.0.1:9/").startswith(
        "http://127.0.0.1:9/connect/login?v=3&api_key=k"
    )
    assert login_url("k", "s", root="https://evil.in").startswith("https://kite.zerodha.com/")


def test_the_code_is_exchanged_once_by_checksum(server):
    server.say("POST /session/token", logged_in())
    found = enter(server)
    (got,) = server.got
    mixed = (KEYS.api_key + CODE + KEYS.api_secret).encode()
    assert got.fields == {
        "api_key": KEYS.api_key,
        "request_token": CODE,
        "checksum": hashlib.sha256(mixed).hexdigest(),
    }
    assert (found.user_id, found.name, found.token) == ("AB1234", "A B", "canarytoken5512")
    # 08:15 in India; it dies at 06:00 of the next day, 00:30 UTC
    assert found.logged_in_at == datetime(2026, 11, 23, 2, 45, tzinfo=UTC)
    assert found.expires_at == datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
    assert "canary" not in repr(found) + repr(KEYS)


@pytest.mark.realdata
def test_the_recorded_session(server):
    server.say_mock("POST /session/token", "generate_session.json")
    found = enter(server, user_id="XX0000")
    assert (found.user_id, found.name, found.token) == ("XX0000", "Kite Connect", "XXXXXX")
    assert found.logged_in_at == datetime(2021, 1, 1, 10, 45, 14, tzinfo=UTC)
    assert json.loads((MOCKS / "session_logout.json").read_text())["data"] is True


def test_a_login_before_six_dies_the_same_morning():
    at = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)  # 04:30 in India on the 23rd
    assert expires_at(at) == datetime(2026, 11, 23, 0, 30, tzinfo=UTC)


def test_another_users_session_is_ended_and_kept_nowhere(server):
    server.say("POST /session/token", logged_in("ZZ9999"))
    server.say("DELETE /session/token", ok(True))
    with pytest.raises(Refused, match="ZZ9999 logged in where AB1234 was expected") as no:
        enter(server)
    assert "its session was ended" in str(no.value)
    ended = server.got[-1]
    assert (ended.method, ended.fields["access_token"]) == ("DELETE", "canarytoken5512")
    assert "canary" not in str(no.value)


def test_that_kite_could_not_be_told_is_said(server):
    server.say("POST /session/token", logged_in("ZZ9999"))
    server.say("DELETE /session/token", error(500, "GeneralException", "no"))
    with pytest.raises(Refused, match="Kite could not be told to end it"):
        enter(server)


@pytest.mark.parametrize(
    ("reply", "kind", "text"),
    [
        (error(403, "TokenException", "Token is invalid"), Refused, "used or too old"),
        (Reply(b"<html/>", 502, "text/html"), SourceFailed, "ask again"),
        (ok({"user_id": "AB1234"}), SourceFailed, "lacks"),
        (logged_in(access_token=""), SourceFailed, "lacks its token"),
        (
            error(400, "InputException", f"bad {KEYS.api_secret} {CODE}"),
            SourceFailed,
            "exchange the login code: bad … …",
        ),
    ],
)
def test_a_login_that_fails_says_so_without_secrets(server, reply, kind, text):
    server.say("POST /session/token", reply)
    with pytest.raises(kind, match=text) as no:
        enter(server)
    assert "canary" not in str(no.value)
    assert no.value.__cause__ is None and no.value.__context__ is None


def test_a_logout_ends_the_session(server):
    server.say("DELETE /session/token", ok(True))
    client = Client(
        user_id="AB1234", api_key="k", token="t1", clock=SteppedClock(T0), root=server.root
    )
    client.log_out()
    assert server.got[0].fields == {"api_key": "k", "access_token": "t1"}
