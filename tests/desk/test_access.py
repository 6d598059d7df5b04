"""Links work once and for a while, sessions outlive a restart, and only hashes are kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.desk import access
from core.domain.clock import SteppedClock
from core.errors import BadInput, Refused


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(datetime(2026, 11, 20, 4, 0, tzinfo=UTC))


def token_of(link: str) -> str:
    return link.split("token=")[1]


def kept_in(home: Path) -> str:
    return "".join(f"{f.name} {f.read_text()}" for f in home.rglob("*") if f.is_file())


def test_a_link_opens_once_and_gives_a_session(tmp_path, clock):
    link = access.fresh_link(tmp_path, 8501, clock=clock)
    assert link.startswith("http://127.0.0.1:8501/enter?token=")
    session = access.redeem(tmp_path, token_of(link), clock=clock)
    assert access.is_session(tmp_path, session, clock=clock)
    with pytest.raises(Refused, match="used already"):
        access.redeem(tmp_path, token_of(link), clock=clock)


def test_a_fresh_link_ends_the_one_before(tmp_path, clock):
    first = access.fresh_link(tmp_path, 8501, clock=clock)
    second = access.fresh_link(tmp_path, 8501, clock=clock)
    with pytest.raises(Refused, match="not the latest"):
        access.redeem(tmp_path, token_of(first), clock=clock)
    assert access.redeem(tmp_path, token_of(second), clock=clock)


def test_twenty_that_arrive_together_get_one_session(tmp_path, clock):
    token = token_of(access.fresh_link(tmp_path, 8501, clock=clock))

    def attempt(_: int) -> bool:
        try:
            return bool(access.redeem(tmp_path, token, clock=clock))
        except Refused:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(20))) == 1


def test_a_link_dies_after_half_an_hour(tmp_path, clock):
    link = access.fresh_link(tmp_path, 8501, clock=clock)
    clock.pass_seconds(30 * 60 + 1)
    with pytest.raises(Refused, match="older than 30 minutes"):
        access.redeem(tmp_path, token_of(link), clock=clock)


def test_a_session_lasts_a_day_and_is_then_swept_away(tmp_path, clock):
    session = access.open_session(tmp_path, clock=clock)
    clock.pass_seconds(24 * 3600 - 1)
    assert access.is_session(tmp_path, session, clock=clock)
    clock.pass_seconds(2)
    assert not access.is_session(tmp_path, session, clock=clock)
    access.open_session(tmp_path, clock=clock)
    assert len(list((tmp_path / "web_sessions").iterdir())) == 1


@pytest.mark.parametrize("guess", ["", "x", "../web_token", "a" * 64])
def test_a_guess_is_not_a_session(tmp_path, clock, guess):
    access.open_session(tmp_path, clock=clock)
    assert not access.is_session(tmp_path, guess, clock=clock)


def test_a_damaged_session_file_is_no_session(tmp_path, clock):
    session = access.open_session(tmp_path, clock=clock)
    next((tmp_path / "web_sessions").iterdir()).write_text("rubbish")
    assert not access.is_session(tmp_path, session, clock=clock)


def test_only_hashes_are_kept_and_only_the_owner_reads_them(tmp_path, clock):
    home = tmp_path / "desk"
    token = token_of(access.fresh_link(home, 8501, clock=clock))
    session = access.open_session(home, clock=clock)
    access.set_password(home, "canary in the mine")
    kept = kept_in(home)
    assert not any(secret in kept for secret in (token, session, "canary"))
    assert "$argon2id$" in kept
    assert {f.stat().st_mode & 0o777 for f in home.rglob("*") if f.is_file()} == {0o600}


def test_the_password_is_checked_and_setting_it_ends_sessions(tmp_path, clock):
    assert not access.has_password(tmp_path)
    assert not access.check_password(tmp_path, "correct horse")
    session = access.open_session(tmp_path, clock=clock)
    access.set_password(tmp_path, "correct horse")
    assert access.has_password(tmp_path)
    assert access.check_password(tmp_path, "correct horse")
    assert not access.check_password(tmp_path, "Correct horse")
    assert not access.is_session(tmp_path, session, clock=clock)


def test_a_short_password_says_how_short(tmp_path):
    with pytest.raises(BadInput, match="has 5 characters and needs 10"):
        access.set_password(tmp_path, "short")


def test_a_damaged_password_file_says_the_way_out(tmp_path):
    (tmp_path / "password").write_text("not a hash\n")
    with pytest.raises(Refused, match="password in the desk's home is damaged"):
        access.check_password(tmp_path, "correct horse")


def test_an_ipv6_link_is_bracketed(tmp_path, clock):
    assert access.fresh_link(tmp_path, 1, host="::1", clock=clock).startswith("http://[::1]:1/")
