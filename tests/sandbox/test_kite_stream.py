"""Frames on the socket are what the official ticker unpacks."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from kiteconnect import KiteTicker
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from core.sandbox.faults import Fault, FaultKind
from tests.made import MIDCO, RELIANCE, quote
from tests.sandbox.kite_client import Bench, bench

INDEX = 256265
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def at() -> Iterator[Bench]:
    with bench() as made:
        yield made


def opened(at: Bench, token: str = "") -> ClientConnection:
    key, token = at.kite.api_key, token or at.kite.access_token
    return connect(f"{at.served.socket_base}?api_key={key}&access_token={token}")


def ask(socket: ClientConnection, action: str, value: object) -> None:
    socket.send(json.dumps({"a": action, "v": value}))


def ticks(socket: ClientConnection) -> list[dict[str, Any]]:
    """The next ticks, as the official client reads them."""
    while True:
        message = socket.recv(timeout=5)
        if isinstance(message, bytes) and len(message) > 4:
            return KiteTicker("", "")._parse_binary(message)


def told(socket: ClientConnection) -> dict[str, Any]:
    """The next text frame."""
    while True:
        message = socket.recv(timeout=5)
        if isinstance(message, str):
            return dict(json.loads(message))


def test_each_mode_unpacks_to_the_last_quote(at: Bench) -> None:
    token = at.sandbox.house.tokens[MIDCO.isin]
    at.price("503", bid_qty=120, ask_qty=80)
    with opened(at) as socket:
        ask(socket, "subscribe", [token])
        (row,) = ticks(socket)
        assert (row["mode"], row["last_price"], row["volume_traded"]) == ("quote", 503, 1_000)
        assert row["ohlc"] == {"open": 503, "high": 503, "low": 503, "close": 500}
        assert row["change"] == pytest.approx(0.6)
        ask(socket, "mode", ["ltp", [token]])
        (row,) = ticks(socket)
        assert row == {
            "tradable": True,
            "mode": "ltp",
            "instrument_token": token,
            "last_price": 503,
        }
        ask(socket, "mode", ["full", [token]])
        (row,) = ticks(socket)
        assert row["depth"]["buy"][0] == {"quantity": 120, "price": 502.95, "orders": 1}
        assert row["depth"]["sell"][0] == {"quantity": 80, "price": 503.05, "orders": 1}
        assert row["depth"]["sell"][4]["quantity"] == 0
        now = row["exchange_timestamp"].astimezone(UTC)
        assert now == at.clock.now().replace(microsecond=0)
        at.price("504")
        assert ticks(socket)[0]["last_price"] == 504


def test_an_index_comes_in_its_own_packets_and_cannot_be_traded(at: Bench) -> None:
    with opened(at) as socket:
        ask(socket, "mode", ["full", [INDEX]])
        (row,) = ticks(socket)
        assert (row["tradable"], row["mode"]) == (False, "full")
        assert row["ohlc"]["close"] == 25_000
        ask(socket, "mode", ["quote", [INDEX]])
        assert "exchange_timestamp" not in ticks(socket)[0]


def test_what_is_unsubscribed_or_unknown_is_not_sent(at: Bench) -> None:
    tokens = at.sandbox.house.tokens
    both = [tokens[MIDCO.isin], tokens[RELIANCE.isin], 77]
    with opened(at) as socket:
        ask(socket, "subscribe", both)
        ticks(socket)
        ask(socket, "unsubscribe", [tokens[MIDCO.isin]])
        ask(socket, "mode", ["ltp", [INDEX]])
        ticks(socket)
        at.clock.pass_seconds(1)
        now = at.clock.now()
        prices = [quote("501", at=now), quote("1400", of=RELIANCE, prev_close="1400", at=now)]
        at.sandbox.house.on_quotes(prices)
        assert {row["instrument_token"] for row in ticks(socket)} == {
            tokens[RELIANCE.isin],
            INDEX,
        }


def test_a_silent_socket_beats_with_one_byte_and_nonsense_is_answered(at: Bench) -> None:
    with opened(at) as socket:
        assert socket.recv(timeout=5) == b"\x00"
        socket.send("what?")
        assert told(socket) == {"type": "error", "data": "Invalid message"}


def test_orders_reach_every_connection_of_the_user_and_no_other(at: Bench) -> None:
    other = at.sandbox.log_in("CD5678")
    with opened(at) as one, opened(at) as two, opened(at, other) as foreign:
        number = at.place(price=505, quantity=150)
        for socket in (one, two):
            first = told(socket)
            assert (first["type"], first["data"]["order_id"]) == ("order", number)
            assert first["data"]["status"] == "OPEN"
            part = told(socket)["data"]  # a quarter of the 400 shown
            assert (part["status"], part["filled_quantity"]) == ("UPDATE", 100)
            assert len(part["checksum"]) == 64
        at.price("501")
        assert told(one)["data"]["status"] == "COMPLETE"
        assert foreign.recv(timeout=5) == b"\x00"


def test_a_bad_token_and_a_fourth_connection_are_turned_away(at: Bench) -> None:
    with pytest.raises(InvalidStatus) as caught:
        opened(at, "wrong")
    assert caught.value.response.status_code == 403
    with opened(at), opened(at), opened(at), pytest.raises(InvalidStatus):
        opened(at)


def test_stream_faults_double_drop_swap_and_freeze(at: Bench) -> None:
    tokens = at.sandbox.house.tokens
    at.clock.pass_seconds(1)
    at.sandbox.house.on_quotes([quote("1400", of=RELIANCE, prev_close="1400", at=at.clock.now())])
    with opened(at) as socket:
        ask(socket, "mode", ["ltp", [tokens[MIDCO.isin]]])
        ticks(socket)
        at.sandbox.faults.script(Fault(FaultKind.DUP_EVENT))
        number = at.place(price=460)
        assert [told(socket)["data"]["order_id"] for _ in range(2)] == [number, number]
        at.sandbox.faults.clear()
        at.sandbox.faults.script(Fault(FaultKind.SWAP_INSTRUMENT))
        at.price("502")
        (row,) = ticks(socket)
        assert (row["instrument_token"], row["last_price"]) == (tokens[MIDCO.isin], 1400)
        at.sandbox.faults.clear()
        at.sandbox.faults.script(Fault(FaultKind.FREEZE_TICKS), Fault(FaultKind.DROP_EVENTS))
        at.price("503")
        at.kite.cancel_order("regular", number)
        assert socket.recv(timeout=5) == b"\x00"  # it beats and says nothing else
        at.sandbox.faults.clear()


def test_a_half_open_socket_says_nothing_at_all(at: Bench) -> None:
    at.sandbox.faults.script(Fault(FaultKind.HALF_OPEN_SOCKET))
    with opened(at) as socket:
        with pytest.raises(TimeoutError):
            socket.recv(timeout=1.5)
        at.sandbox.faults.clear()
        assert socket.recv(timeout=5) == b"\x00"


def test_the_end_of_a_session_closes_its_sockets(at: Bench) -> None:
    token = at.sandbox.log_in("CD5678")
    with opened(at, token) as socket:
        at.sandbox.sessions.kill("CD5678")
        with pytest.raises(ConnectionClosed):
            told(socket)


TICKER = """
import json, sys
from kiteconnect import KiteTicker
root, key, token, share = sys.argv[1:]
ticker = KiteTicker(key, token, root=root)
def on_connect(ws, response):
    ws.subscribe([int(share)])
    ws.set_mode(ws.MODE_FULL, [int(share)])
    print("connected", flush=True)
def on_ticks(ws, ticks):
    print(json.dumps(["tick", ticks[0]["mode"], ticks[0]["last_price"]]), flush=True)
def on_order(ws, order):
    print(json.dumps(["order", order["status"]]), flush=True)
ticker.on_connect, ticker.on_ticks, ticker.on_order_update = on_connect, on_ticks, on_order
ticker.connect()
"""


def lines_of(child: subprocess.Popen[str]) -> queue.Queue[str]:
    """What a process prints, so that a line that never comes is not waited for without end."""
    said: queue.Queue[str] = queue.Queue()

    def read() -> None:
        assert child.stdout is not None
        for line in child.stdout:
            said.put(line)

    threading.Thread(target=read, daemon=True).start()
    return said


def test_the_official_ticker_connects_and_hears_ticks_and_orders(at: Bench) -> None:
    share = str(at.sandbox.house.tokens[MIDCO.isin])
    child = subprocess.Popen(
        [sys.executable, "-c", TICKER, at.served.socket_base, at.kite.api_key,
         at.kite.access_token, share],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        said = lines_of(child)
        assert said.get(timeout=60).strip() == "connected"
        seen = [json.loads(said.get(timeout=20))]
        while seen[-1][1] != "full":
            seen.append(json.loads(said.get(timeout=20)))
        assert seen[-1] == [
            "tick",
            "full",
            float(at.sandbox.house.quotes[MIDCO.isin].ltp.in_rupees),
        ]
        at.place(price=460)
        assert json.loads(said.get(timeout=20)) == ["order", "OPEN"]
    finally:
        child.kill()
        child.wait()


def test_a_tick_says_when_the_exchange_traded(at: Bench) -> None:
    token = at.sandbox.house.tokens[MIDCO.isin]
    at.price("505")
    with opened(at) as socket:
        ask(socket, "mode", ["full", [token]])
        traded = ticks(socket)[0]["last_trade_time"]
    assert isinstance(traded, datetime)
    assert traded.astimezone(UTC) == at.clock.now().replace(microsecond=0)
