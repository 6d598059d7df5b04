"""Two questions at once, and the desk stop that waits for no answer."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from core.desk.protect import protect
from core.desk.send import send_prepared
from core.desk.settle import settle
from core.desk.together import together
from core.domain.protection import ProtectionStatus
from core.errors import SourceFailed
from tests.desk.morning import Morning


class Counted:
    """A session that counts what it is asked, and whose GTT list may not come."""

    def __init__(self, session: Any, *, silent: bool = False) -> None:
        self._session, self._silent = session, silent
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._session, name)
        if name in ("orders", "trades", "gtts", "place_gtt"):
            self.asked.append(name)
            if self._silent and name == "gtts":
                raise SourceFailed("no answer")
        return found


def bought(morning: Morning) -> None:
    morning.approve()
    send_prepared(morning.dealer)
    settle(morning.dealer)


def test_the_desk_stop_is_armed_though_the_broker_answers_nothing(morning: Morning):
    bought(morning)
    silent: Any = Counted(morning.broker, silent=True)
    with pytest.raises(SourceFailed):
        protect(replace(morning.dealer, sessions={"paper": silent}))
    assert (morning.cover().status, morning.cover().qty) == (ProtectionStatus.ARMED_LOCAL, 100)


def test_a_fill_is_placed_and_read_back_with_three_looks_at_the_gtts_and_none_at_the_orders(
    morning: Morning,
):
    bought(morning)
    counted: Any = Counted(morning.broker)
    protect(replace(morning.dealer, sessions={"paper": counted}))
    assert morning.cover().status is ProtectionStatus.VERIFIED
    assert counted.asked == ["gtts", "place_gtt", "gtts", "gtts"]


class Network:
    asks_together = True


def test_only_a_session_that_says_so_is_asked_two_things_at_once():
    here = threading.get_ident()
    both: Any = Network()
    one, other = together(both, threading.get_ident, threading.get_ident)
    assert one == here != other
    alone: Any = object()
    assert together(alone, threading.get_ident, threading.get_ident) == (here, here)


def test_what_fails_beside_is_raised_once_both_have_ended():
    ended: list[str] = []

    def fails() -> None:
        raise SourceFailed("gone")

    session: Any = Network()
    with pytest.raises(SourceFailed, match="gone"):
        together(session, lambda: ended.append("one"), fails)
    with pytest.raises(SourceFailed, match="gone"):
        together(session, fails, lambda: ended.append("other"))
    assert ended == ["one", "other"]
