"""What Upstox's login and sockets do unlike Kite's, over its sandbox."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.brokers.upstox.login import expires_at, log_in
from core.errors import Refused, SourceWrong
from tests.brokers.a_day import a_day
from tests.brokers.upstox.day import UpstoxDay


@pytest.fixture
def day():
    with a_day(UpstoxDay) as made:
        yield made


def test_a_token_dies_at_half_past_three_the_next_morning(day):
    # 23 Nov 2026, 10:30 IST; the token dies on the 24th at 03:30 IST, 22:00 UTC on the 23rd
    assert day.log_in(day.code(day.user)).expires_at == datetime(2026, 11, 23, 22, tzinfo=UTC)


def test_a_token_made_after_midnight_dies_the_same_morning():
    at = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)  # 00:30 IST on the 24th
    assert expires_at(at) == datetime(2026, 11, 23, 22, tzinfo=UTC)


def test_another_apps_secret_is_refused_and_shown_nowhere(day):
    keys = replace(day.keys, client_secret="canary-secret-8812")
    with pytest.raises(Refused) as told:
        log_in(keys, day.code(day.user), user_id=day.user, clock=day.clock, root=day.served.base)
    assert "canary-secret-8812" not in str(told.value) + repr(keys)


def test_a_socket_at_another_house_is_not_opened(day):
    with day.stream() as stream, pytest.raises(SourceWrong, match="not its own"):
        stream._checked({"authorized_redirect_uri": "wss://elsewhere.example/feed?code=1"})
