"""What Upstox answers and what the desk makes of it; secrets stay where they are."""

from __future__ import annotations

import json
import logging

import pytest
import upstox_client

from core.brokers.upstox.client import Client, settings_for
from core.brokers.upstox.wire import check_host
from core.brokers.wire import Patience
from core.domain.clock import SteppedClock
from core.errors import (
    BadSetting,
    BrokerRefused,
    OutcomeUnknown,
    SessionDead,
    SourceFailed,
    SourceWrong,
    Throttled,
)
from tests.brokers.kite.wire_server import Reply, Server, serving
from tests.made import T0

CANARY = "eyJcanary.token.55129"
PLACE = "POST /v3/order/place"
BOOK = "GET /v2/order/retrieve-all"


@pytest.fixture
def server():
    with serving() as made:
        yield made


@pytest.fixture
def client(server: Server) -> Client:
    patience = Patience(connect_seconds=1, read_seconds=0.3, total_seconds=1)
    return Client(
        user_id="7AB123", token=CANARY, clock=SteppedClock(T0), root=server.root, patience=patience
    )


def place(client: Client) -> str:
    body = upstox_client.PlaceOrderV3Request(
        quantity=1, product="D", validity="DAY", price=1.0, instrument_token="NSE_EQ|X",
        order_type="LIMIT", transaction_type="BUY", disclosed_quantity=0, trigger_price=0.0,
        is_amo=False,
    )  # fmt: skip
    return client.write("buy 1 X", "place_order", body, ids="order_ids")


def book(client: Client) -> object:
    return client.read("read the orders", "get_order_book", "2.0")


def no(status: int, code: str, message: str = "because", **headers: str) -> Reply:
    problem = {"errorCode": code, "message": message, "propertyPath": None, "invalidValue": None}
    body = {"status": "error", "errors": [problem]}
    return Reply(json.dumps(body).encode(), status=status, headers=headers)


def yes(data: object, status: int = 200, word: str = "success") -> Reply:
    return Reply(json.dumps({"status": word, "data": data}).encode(), status=status)


WRITES = [
    (no(400, "UDAPI1052"), BrokerRefused),
    (no(404, "UDAPI100010"), BrokerRefused),
    (no(423, "UDAPI1000"), BrokerRefused),
    (no(429, "UDAPI10005"), Throttled),
    (no(429, ""), Throttled),
    (no(401, "UDAPI100050"), SessionDead),
    (no(401, ""), SessionDead),
    (no(403, "UDAPI1154", "blocked due to static IP restrictions"), SessionDead),
    (no(400, ""), OutcomeUnknown),
    (no(400, "UDAPI100500"), OutcomeUnknown),
    (no(408, "UDAPI1000"), OutcomeUnknown),
    (no(500, "UDAPI1052"), OutcomeUnknown),
    (no(503, "UDAPI100500"), OutcomeUnknown),
    (Reply(b"<html>502</html>", 502, "text/html"), OutcomeUnknown),
    (Reply(b'{"status":"succ', 200), OutcomeUnknown),
    (Reply(b"[]", 200), OutcomeUnknown),
    (Reply(b"{}", 302, headers={"Location": "/elsewhere"}), OutcomeUnknown),
    (Reply(b'{"status":"success","data":{"order_ids":["1"]}}', claims=900), OutcomeUnknown),
    (Reply(reset=True), OutcomeUnknown),
    (Reply(seconds=0.6), OutcomeUnknown),
    (yes({}), OutcomeUnknown),
    (yes({"order_ids": []}), OutcomeUnknown),
    (yes(None), OutcomeUnknown),
    (yes({"order_ids": ["1"]}, word="error"), OutcomeUnknown),
]


@pytest.mark.parametrize(("reply", "kind"), WRITES, ids=lambda one: str(one)[:60])
def test_every_answer_to_a_write_is_one_of_four_outcomes_and_sent_once(server, client, reply, kind):
    server.say(PLACE, reply)
    with pytest.raises(kind) as told:
        place(client)
    assert type(told.value) is kind
    assert len(server.writes()) == 1
    assert told.value.__cause__ is None and told.value.__context__ is None


READS = [
    (no(400, "UDAPI1052"), SourceWrong),
    (no(429, "UDAPI10005"), Throttled),
    (no(401, "UDAPI100050"), SessionDead),
    (no(503, "UDAPI100500"), SourceFailed),
    (Reply(b"<html>502</html>", 502, "text/html"), SourceFailed),
    (Reply(b'{"status":"succ', 200), SourceFailed),
    (Reply(reset=True), SourceFailed),
    (Reply(seconds=0.6), SourceFailed),
]


@pytest.mark.parametrize(("reply", "kind"), READS, ids=lambda one: str(one)[:60])
def test_a_read_that_fails_can_be_asked_again(server, client, reply, kind):
    server.say(BOOK, reply)
    with pytest.raises(kind):
        book(client)
    assert len(server.got) == 1


def test_a_part_of_a_slice_that_failed_leaves_the_ids_that_were_given(server, client):
    server.say(PLACE, yes({"order_ids": ["7", "8"]}, 207, "partial_success"))
    assert place(client) == "7"


def test_an_answer_that_the_clients_model_cannot_hold_still_counts(server, client):
    # the client's model refuses a status word it does not list; the order is there all the same
    server.say(BOOK, yes([{"order_id": "1", "quantity": "a word"}]))
    assert book(client) == [{"order_id": "1", "quantity": "a word"}]


def test_what_the_client_itself_refuses_was_not_sent(server, client):
    with pytest.raises(BrokerRefused, match="nothing was sent"):
        client.write("cancel nothing", "cancel_order", None, ids="order_id")
    assert server.got == []


def test_nobody_there_is_unknown_for_a_write_and_a_failure_for_a_read():
    client = Client(
        user_id="7AB123", token=CANARY, clock=SteppedClock(T0), root="http://127.0.0.1:9"
    )
    with pytest.raises(OutcomeUnknown, match="ConnectionError"):
        place(client)
    with pytest.raises(SourceFailed):
        book(client)


def test_a_session_that_ended_asks_nothing_more_until_a_login(server, client):
    server.say(BOOK, no(401, "UDAPI100050"), yes([]))
    for _ in range(3):
        with pytest.raises(SessionDead, match="log in again"):
            book(client)
    assert len(server.got) == 1
    client.replace_token("another")
    assert book(client) == []


def test_an_address_that_is_refused_leaves_reads(server, client):
    server.say(PLACE, no(403, "UDAPI1154", "static IP restrictions"))
    server.say(BOOK, yes([]))
    with pytest.raises(SessionDead, match="register the fixed IP"):
        place(client)
    assert book(client) == []


@pytest.mark.parametrize("status", [400, 401, 429, 500, 503])
def test_no_sentence_and_no_log_line_holds_a_secret(server, client, caplog, status):
    told = f"access_token={CANARY} at https://api.upstox.com/x?code=abc Bearer {CANARY}"
    server.say(PLACE, no(status, "UDAPI1000", told))
    with caplog.at_level(logging.DEBUG), pytest.raises(Exception) as error:
        place(client)
    shown = str(error.value) + repr(client) + caplog.text
    assert CANARY not in shown and "api.upstox.com" not in shown


def test_the_token_travels_in_the_header_alone(server, client):
    server.say(BOOK, yes([]))
    book(client)
    (got,) = server.got
    assert got.headers["Authorization"] == f"Bearer {CANARY}"
    assert CANARY not in got.path + got.body


# the guard on the hosts


def test_settings_made_earlier_are_not_copied():
    upstox_client.Configuration.set_default(None)
    upstox_client.Configuration(sandbox=True)  # what anybody may have made first
    settings = settings_for("http://127.0.0.1:1", "http://127.0.0.1:1", "t")
    assert (settings.sandbox, settings.host) == (False, "http://127.0.0.1:1")
    assert settings.order_host == "http://127.0.0.1:1"
    upstox_client.Configuration.set_default(None)


def test_two_clients_keep_their_own_tokens_and_hosts(server, client):
    Client(user_id="7CD567", token="other", clock=SteppedClock(T0), root="http://127.0.0.1:9")
    server.say(BOOK, yes([]))
    book(client)
    assert server.got[0].headers["Authorization"] == f"Bearer {CANARY}"


def test_a_request_for_another_host_stops_before_a_byte_leaves(server, client):
    client._settings.order_host = "http://127.0.0.1:9"
    with pytest.raises(BadSetting, match="was stopped"):
        place(client)
    assert server.got == []


def test_without_a_root_it_speaks_to_upstoxs_two_hosts_alone():
    real = Client(user_id="7AB123", token="t", clock=SteppedClock(T0))
    assert not real.is_sandbox
    hosts = real._api.rest_client.pool_manager._hosts
    assert hosts == {"https://api.upstox.com", "https://api-hft.upstox.com"}
    for url in ("http://api.upstox.com/v2", "https://api.upstox.com.evil.example/v2"):
        with pytest.raises(BadSetting):
            check_host(url, hosts)
