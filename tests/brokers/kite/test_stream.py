"""The stream against a real socket on loopback: subscribes, reconnects, hints, never leaks."""

import json
import ssl
import threading
import time
from contextlib import contextmanager
from http import HTTPStatus

import pytest
from websockets.sync.server import serve

from core.brokers.kite.shares import Shares
from core.brokers.kite.stream import KiteStream
from core.brokers.stream import Listeners
from core.domain.clock import SteppedClock
from core.errors import BadInput
from tests.brokers.kite.test_ticks import MID, REL, frame_of, full_packet
from tests.made import MIDCO, RELIANCE, T0, rs

TOKEN = "canarytoken5512"


class Kite:
    """The broker's side of the socket."""

    def __init__(self):
        self.heard = []
        self.paths = []
        self.sockets = []
        self.refusals = 0
        self.tls = []

    def admit(self, socket, request):
        self.paths.append(request.path)
        if TOKEN not in request.path and "new" not in request.path:
            self.refusals += 1
            return socket.respond(HTTPStatus.FORBIDDEN, "no")
        return None

    def talk(self, socket):
        self.sockets.append(socket)
        socket.send(b"\x00")
        for message in socket:
            self.heard.append(json.loads(message))

    @contextmanager
    def open(self, **more):
        with serve(self.talk, "127.0.0.1", 0, process_request=self.admit, **more) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
            finally:
                for socket in self.sockets:
                    socket.close()
                server.shutdown()
                thread.join()


class Desk:
    def __init__(self, root, token=TOKEN):
        self.token = token
        self.quotes, self.hints, self.rejected = [], [], []
        self.clock = SteppedClock(T0)
        self.stream = KiteStream(
            Shares([MID, REL]),
            api_key="canarykey7781",
            token=lambda: self.token,
            clock=self.clock,
            to=Listeners(self.quotes.extend, self.hints.append, self.rejected.append),
            root=root,
            backoff=(0.01,),
        )


def until(holds):
    ends = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.005)


@pytest.fixture
def kite():
    return Kite()


@pytest.fixture
def desk(kite):
    with kite.open() as root:
        desk = Desk(root)
        yield desk
        desk.stream.stop()


def opened(desk, kite, *isins):
    desk.stream.watch(isins or (MIDCO.isin,))
    desk.stream.start()
    until(lambda: len(kite.heard) >= 2)


def test_shares_are_subscribed_in_full_and_ticks_become_quotes(desk, kite):
    opened(desk, kite)
    assert kite.heard == [
        {"a": "subscribe", "v": [MID.token]},
        {"a": "mode", "v": ["full", [MID.token]]},
    ]
    kite.sockets[0].send(frame_of(full_packet(50100)))
    until(lambda: desk.quotes)
    assert (desk.quotes[0].isin, desk.quotes[0].ltp) == (MIDCO.isin, rs("501"))
    state = desk.stream.state
    assert (state.connected, state.connects, state.subscribed) == (True, 1, 1)


def test_what_is_watched_may_change(desk, kite):
    opened(desk, kite)
    desk.stream.watch([RELIANCE.isin])
    until(lambda: len(kite.heard) == 5)
    assert kite.heard[2:] == [
        {"a": "unsubscribe", "v": [MID.token]},
        {"a": "subscribe", "v": [REL.token]},
        {"a": "mode", "v": ["full", [REL.token]]},
    ]


def test_a_lost_socket_comes_back_subscribed_and_asks_for_a_snapshot(desk, kite):
    opened(desk, kite)
    assert desk.stream.take_snapshot_flag()
    assert not desk.stream.take_snapshot_flag()
    kite.sockets[0].close()
    until(lambda: len(kite.heard) == 4)
    assert kite.heard[2:] == kite.heard[:2]
    assert desk.stream.state.connects == 2
    assert desk.stream.take_snapshot_flag()


def test_an_order_frame_is_only_a_hint(desk, kite):
    opened(desk, kite)
    kite.sockets[0].send(json.dumps({"type": "order", "data": {"order_id": "7", "status": "OPEN"}}))
    kite.sockets[0].send(json.dumps({"type": "order"}))
    until(lambda: len(desk.hints) == 2)
    assert [(one.order_id, one.status) for one in desk.hints] == [("7", "OPEN"), ("", "")]


def test_unreadable_frames_are_counted_and_the_socket_lives(desk, kite):
    opened(desk, kite)
    kite.sockets[0].send("{no json")
    kite.sockets[0].send(frame_of(full_packet())[:-3])
    kite.sockets[0].send(json.dumps({"type": "error", "data": TOKEN}))
    kite.sockets[0].send(json.dumps({"type": "message", "data": {}}))
    kite.sockets[0].send(frame_of(full_packet()))
    until(lambda: desk.quotes)
    state = desk.stream.state
    assert (state.cut_frames, state.connects) == (2, 1)
    assert TOKEN not in repr(state)


def test_a_wrong_tick_is_handed_back_with_its_reason(desk, kite):
    opened(desk, kite)
    kite.sockets[0].send(frame_of(full_packet(token=0x901)))
    until(lambda: desk.rejected)
    assert "no share has the number" in desk.rejected[0].why
    assert (desk.quotes, desk.stream.state.rejected) == ([], 1)


def test_fifteen_seconds_without_a_tick_are_a_stall_though_the_socket_lives(desk, kite):
    assert not desk.stream.is_stalled  # nothing is watched yet
    opened(desk, kite)
    desk.clock.pass_seconds(14.9)
    assert not desk.stream.is_stalled
    desk.clock.pass_seconds(0.1)
    assert desk.stream.is_stalled
    kite.sockets[0].send(frame_of(full_packet()))
    until(lambda: desk.quotes)
    until(lambda: not desk.stream.is_stalled)


def test_a_dead_token_waits_for_a_new_login(kite):
    with kite.open() as root:
        desk = Desk(root, token="dead")
        desk.stream.watch([MIDCO.isin])
        desk.stream.start()
        until(lambda: desk.stream.state.refused)
        assert desk.stream.state.trouble == "Kite took no socket (403)"
        time.sleep(0.1)
        assert kite.refusals == 1  # not tried again with the same token
        desk.token = "new"
        until(lambda: desk.stream.state.connected)
        assert not desk.stream.state.refused
        desk.stream.stop()


def test_a_server_that_is_not_there_is_tried_again():
    desk = Desk("ws://127.0.0.1:9")
    desk.stream.start()
    until(lambda: desk.stream.state.trouble)
    assert desk.stream.state.trouble == "the ticker socket ended (ConnectionRefusedError)"
    desk.stream.stop()


def test_the_token_stands_in_no_log(desk, kite, caplog):
    caplog.set_level("DEBUG")
    opened(desk, kite)
    kite.sockets[0].close()
    until(lambda: desk.stream.state.connects == 2)
    mine = [one for one in caplog.records if "server" not in one.name]
    assert TOKEN not in " ".join(one.getMessage() for one in mine)


def self_signed(folder):
    """A certificate for localhost that nobody vouches for."""
    from datetime import timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(T0 - timedelta(days=3650))
        .not_valid_after(T0 + timedelta(days=3650))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "self.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def test_a_certificate_that_nobody_vouches_for_is_refused(kite, tmp_path):
    with kite.open(ssl=self_signed(tmp_path)) as root:
        desk = Desk(root.replace("ws://127.0.0.1", "wss://localhost"))
        desk.stream.start()
        until(lambda: desk.stream.state.trouble)
        assert desk.stream.state.trouble == "the ticker socket ended (SSLCertVerificationError)"
        assert kite.paths == []  # the token never left
        desk.stream.stop()


def test_too_many_shares_are_refused():
    from core.brokers.kite.shares import KiteShare

    many = [KiteShare(f"INE{n:09d}", f"S{n}", "NSE", f"S{n}", n, rs("1")) for n in range(3001)]
    desk = Desk("ws://127.0.0.1:9")
    desk.stream._shares = Shares(many)
    with pytest.raises(BadInput, match="3000 shares on one socket and 3001 were asked"):
        desk.stream.watch([one.isin for one in many])
