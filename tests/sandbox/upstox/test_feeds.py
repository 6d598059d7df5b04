"""Both sockets as Upstox's own streamers read them, changed only in the address."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
import upstox_client
import websocket
from upstox_client.feeder.proto import MarketDataFeedV3_pb2 as feed
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from core.sandbox.faults import Fault, FaultKind
from tests.made import RELIANCE, quote
from tests.sandbox.upstox.bench import KEY, Bench, bench


@pytest.fixture
def at() -> Iterator[Bench]:
    with bench() as made:
        yield made


@pytest.fixture
def local(at: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The official streamers know one address; point it at the sandbox."""
    real = websocket.WebSocketApp

    def here(url: str, **more: object) -> object:
        parts = urlsplit(url)
        assert parts.hostname == "api.upstox.com"
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return real(at.served.socket_base + path, **more)

    monkeypatch.setattr(websocket, "WebSocketApp", here)


def until(holds: Callable[[], object]) -> None:
    ends = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.005)


def test_the_official_market_streamer_decodes_every_quote(at: Bench, local: None) -> None:
    told: list[dict] = []
    opened = threading.Event()
    streamer = upstox_client.MarketDataStreamerV3(at.client, [KEY], "full")
    streamer.on("message", told.append)
    streamer.on("open", opened.set)
    streamer.connect()
    try:
        assert opened.wait(5)
        until(lambda: any(one.get("feeds") for one in told))
        at.price("503", bid_qty=120, ask_qty=80)
        until(lambda: told[-1].get("type") == "live_feed")
    finally:
        streamer.auto_reconnect(False)
        streamer.disconnect()
    assert told[0]["marketInfo"]["segmentStatus"] == {"NSE_EQ": "NORMAL_OPEN"}
    full = told[-1]["feeds"][KEY]["fullFeed"]["marketFF"]
    assert (full["ltpc"]["ltp"], full["ltpc"]["cp"]) == (503.0, 500.0)
    top = full["marketLevel"]["bidAskQuote"][0]
    assert (top["bidQ"], top["bidP"], top["askQ"], top["askP"]) == ("120", 502.95, "80", 503.05)
    assert told[-1]["feeds"][KEY]["requestMode"] == "full_d5"


def test_the_official_portfolio_streamer_hears_of_an_order_and_a_gtt(
    at: Bench, local: None
) -> None:
    told: list[dict] = []
    opened = threading.Event()
    streamer = upstox_client.PortfolioDataStreamer(
        at.client, order_update=True, position_update=True, gtt_update=True
    )
    streamer.on("message", lambda text: told.append(json.loads(text)))
    streamer.on("open", opened.set)
    streamer.connect()
    try:
        assert opened.wait(5)
        time.sleep(0.05)
        order_id = at.place()
        at.price("499")
        from tests.sandbox.upstox.bench import rule

        gtt_id = at.gtt(rule("ENTRY", "BELOW", 480.0))
        until(lambda: any(one["update_type"] == "gtt_order" for one in told))
    finally:
        streamer.auto_reconnect(False)
        streamer.disconnect()
    orders = [one for one in told if one["update_type"] == "order"]
    assert [one["status"] for one in orders] == ["open", "complete"]
    assert {one["order_id"] for one in orders} == {order_id}
    assert [one["quantity"] for one in told if one["update_type"] == "position"] == [100]
    assert told[-1]["gtt_order_id"] == gtt_id


def authorized(at: Bench) -> str:
    found = upstox_client.WebsocketApi(at.client).get_market_data_feed_authorize_v3()
    return str(found.data.authorized_redirect_uri)


def ask(socket: object, method: str, mode: str = "ltpc") -> None:
    body = {"guid": "1", "method": method, "data": {"mode": mode, "instrumentKeys": [KEY]}}
    socket.send(json.dumps(body).encode())


def heard(socket: object) -> feed.FeedResponse:
    return feed.FeedResponse.FromString(socket.recv(timeout=5))


def test_an_authorized_address_opens_one_socket(at: Bench) -> None:
    where = authorized(at)
    with connect(where) as socket:
        assert heard(socket).type == feed.Type.market_info
    with pytest.raises(InvalidStatus), connect(where):
        pass


def test_nobody_without_a_token_is_let_in(at: Bench) -> None:
    base = f"{at.served.socket_base}/v3/feed/market-data-feed"
    with pytest.raises(InvalidStatus), connect(base):
        pass
    header = {"Authorization": "Bearer wrong"}
    with pytest.raises(InvalidStatus), connect(base, additional_headers=header):
        pass


@pytest.mark.parametrize(
    ("mode", "which"),
    [("ltpc", "ltpc"), ("full", "fullFeed"), ("option_greeks", "firstLevelWithGreeks")],
)
def test_each_mode_has_its_own_part(at: Bench, mode: str, which: str) -> None:
    with connect(authorized(at)) as socket:
        heard(socket)
        ask(socket, "sub", mode)
        first = heard(socket)
        assert first.type == feed.Type.initial_feed
        assert first.feeds[KEY].WhichOneof("FeedUnion") == which
        ask(socket, "unsub")
        time.sleep(0.1)
        at.price("505")
        with pytest.raises(TimeoutError):
            socket.recv(timeout=0.2)


def test_frozen_and_swapped_ticks(at: Bench) -> None:
    at.sandbox.house.on_quotes([quote("1300", of=RELIANCE, prev_close="1310", at=at.clock.now())])
    with connect(authorized(at)) as socket:
        heard(socket)
        ask(socket, "sub")
        heard(socket)
        at.sandbox.faults.script(Fault(FaultKind.SWAP_INSTRUMENT))
        at.price("505")
        assert heard(socket).feeds[KEY].ltpc.cp == 1310.0
        at.sandbox.faults.script(Fault(FaultKind.FREEZE_TICKS))
        at.price("506")
        with pytest.raises(TimeoutError):
            socket.recv(timeout=0.2)


def test_a_session_that_ends_takes_its_sockets_with_it(at: Bench) -> None:
    with connect(authorized(at)) as socket:
        heard(socket)
        at.sandbox.end_session("7AB123")
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=5)
