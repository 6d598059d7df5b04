"""Login and stream of both adapters against their sandboxes, as a trader's day goes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from core.brokers.vault import Kept, Vault
from core.errors import Refused
from core.sandbox.faults import Fault, FaultKind
from tests.brokers.a_day import a_day, until
from tests.brokers.contract import order
from tests.brokers.kite.day import KiteDay
from tests.brokers.upstox.day import UpstoxDay
from tests.made import MIDCO, RELIANCE, quote, rs


@pytest.fixture(params=[KiteDay, UpstoxDay], ids=["kite", "upstox"])
def day(request) -> Iterator[Any]:
    with a_day(request.param) as made:
        yield made


def test_a_person_logs_in_and_the_worker_keeps_the_session(day, tmp_path):
    found = day.log_in(day.code(day.user))
    assert (found.user_id, found.name) == (day.user, "Asha Rao")
    vault = Vault(tmp_path / "sessions", "a long enough passphrase")
    vault.put(Kept("login-1", found.user_id, found.token, found.expires_at))
    client = day.client_with(vault.get("login-1").token)
    assert client.is_sandbox
    assert day.profile(client) == day.user


def test_a_code_serves_once_and_is_shown_nowhere(day):
    code = day.code(day.user)
    day.log_in(code)
    with pytest.raises(Refused, match="used or too old") as told:
        day.log_in(code)
    assert code not in str(told.value)


def test_another_persons_login_is_refused_and_its_session_is_ended(day):
    other = day.users[1].user_id
    with pytest.raises(Refused, match=f"{other} logged in where {day.user} was expected"):
        day.log_in(day.code(other))
    assert [one.verb for one in day.sandbox.faults.requests][-1] == "logout"


def test_ticks_of_the_sandbox_are_its_quotes(day):
    with day.stream():
        day.price("502")
        until(lambda: any(one.ltp == rs("502") for one in day.quotes))
    told = day.quotes[-1]
    assert (told.isin, told.bid, told.ask) == (MIDCO.isin, rs("501.95"), rs("502.05"))
    assert told.prev_close == rs("500")
    assert abs((told.at - day.clock.now()).total_seconds()) < 0.001


def test_an_order_of_mine_wakes_a_read_and_changes_nothing_itself(day):
    with day.stream():
        paper = day.sandbox.house.client(day.user).paper
        paper.place(replace(order(), login_id=day.user))
        day.sandbox.house.tell()
        until(lambda: day.hints)
    assert day.hints[-1].order_id and day.hints[-1].status.upper() == "OPEN"


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
        day.sandbox.end_session(day.user)
        until(lambda: stream.state.refused and not stream.state.connected)
        asked = len(day.sandbox.faults.sends("authorize"))
        time.sleep(0.15)
        assert len(day.sandbox.faults.sends("authorize")) <= asked + 1
        day.client.replace_token(day.sandbox.log_in(day.user))
        until(lambda: stream.state.connected)
        assert stream.take_snapshot_flag()
