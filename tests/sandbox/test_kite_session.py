"""Logging in to the Kite sandbox, as a browser and as the official client do it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from kiteconnect import KiteConnect
from kiteconnect import exceptions as said

from core.sandbox.kite.session import App
from tests.sandbox.kite_client import Bench, bench

REDIRECTED = App(redirect_url="http://127.0.0.1:8501/login?desk=1")


def submitted(at: Bench, **fields: str) -> requests.Response:
    form = {"api_key": at.kite.api_key, "user_id": "AB1234", "password": "x", **fields}
    return requests.post(
        f"{at.served.base}/connect/login", data=form, allow_redirects=False, timeout=5
    )


def test_the_page_leads_to_a_token_that_opens_a_session() -> None:
    with bench(registered=REDIRECTED) as at:
        page = requests.get(
            f"{at.served.base}/connect/login",
            params={"v": "3", "api_key": at.kite.api_key, "state": '"><script>'},
            timeout=5,
        )
        assert "This is not Zerodha" in page.text
        assert "<script>" not in page.text
        answer = submitted(at, state="s1", redirect_params="account=ac1&x=2")
        assert answer.status_code == 302
        where = urlsplit(answer.headers["location"])
        told = {name: values[0] for name, values in parse_qs(where.query).items()}
        assert (where.port, where.path) == (8501, "/login")
        token = told.pop("request_token")
        assert told == {
            "desk": "1",
            "action": "login",
            "type": "login",
            "status": "success",
            "state": "s1",
            "account": "ac1",
            "x": "2",
        }
        kite = KiteConnect(at.kite.api_key, root=at.served.base)
        opened = kite.generate_session(token, at.sandbox.registered.api_secret)
        assert (opened["user_id"], opened["broker"]) == ("AB1234", "ZERODHA")
        assert f"{opened['login_time']}" == "2026-11-23 10:30:01"
        assert kite.profile()["user_id"] == "AB1234"
        with pytest.raises(said.TokenException, match="invalid or has expired"):
            kite.generate_session(token, at.sandbox.registered.api_secret)


def test_without_a_registered_address_the_page_shows_the_token() -> None:
    with bench() as at:
        assert "request_token" in submitted(at).text
        assert "Type any password" in submitted(at, password="").text
        assert "no account" in submitted(at, user_id="ZZ9999").text
        assert submitted(at, api_key="other").json()["error_type"] == "InputException"


def test_a_wrong_checksum_or_a_late_exchange_opens_nothing() -> None:
    with bench() as at:
        token = at.sandbox.sessions.request_token("AB1234")
        with pytest.raises(said.TokenException, match="checksum"):
            at.kite.generate_session(token, "wrong secret")
        at.clock.pass_seconds(301)
        with pytest.raises(said.TokenException, match="expired"):
            at.kite.generate_session(token, at.sandbox.registered.api_secret)


def test_a_second_login_ends_the_first_of_that_user_alone() -> None:
    with bench() as at:
        other = KiteConnect("sandboxkitekey01", at.sandbox.log_in("CD5678"), root=at.served.base)
        at.sandbox.log_in("AB1234")
        with pytest.raises(said.TokenException) as caught:
            at.kite.orders()
        assert caught.value.code == 403
        assert other.orders() == []


def test_logging_out_ends_the_session() -> None:
    with bench() as at:
        assert at.kite.invalidate_access_token() is True
        with pytest.raises(said.TokenException):
            at.kite.profile()


def test_a_token_dies_at_six_in_the_morning_in_india() -> None:
    with bench() as at:
        at.clock.move_to(datetime(2026, 11, 24, 0, 29, tzinfo=UTC))  # 05:59 IST
        assert at.kite.profile()["user_id"] == "AB1234"
        at.clock.move_to(datetime(2026, 11, 24, 0, 30, tzinfo=UTC))
        with pytest.raises(said.TokenException):
            at.kite.profile()


def test_a_token_survives_a_restart_of_the_sandbox(tmp_path: Path) -> None:
    with bench(home=tmp_path) as at:
        token = at.kite.access_token
    assert (tmp_path / "kite_sessions.json").stat().st_mode & 0o777 == 0o600
    with bench(home=tmp_path) as at:
        assert at.sandbox.sessions.user_of(at.kite.api_key, at.kite.access_token) == "AB1234"
        with pytest.raises(said.TokenException):  # the bench logged in anew, which ended it
            at.kite.set_access_token(token)
            at.kite.orders()


def test_what_opens_a_session_is_not_kept_in_the_request_list() -> None:
    with bench() as at:
        token = at.sandbox.sessions.request_token("AB1234")
        at.kite.generate_session(token, at.sandbox.registered.api_secret)
        (request,) = at.sandbox.faults.sends("login")
        text = f"{at.kite.api_key}{token}{at.sandbox.registered.api_secret}"
        assert hashlib.sha256(text.encode()).hexdigest() not in str(request)
        assert token not in str(request)
