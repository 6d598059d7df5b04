"""A post about an order is a hint when Kite signed it, and nothing otherwise."""

import hashlib
import json

import pytest

from core.brokers.kite.postback import read_postback
from core.brokers.stream import Hint
from core.errors import Refused
from tests.brokers.kite.wire_server import MOCKS

SECRET = "canarysecret3390"
BODY = {
    "user_id": "AB1234",
    "order_id": "220303000308932",
    "order_timestamp": "2022-03-03 09:24:25",
    "status": "COMPLETE",
}


def signed(body, secret=SECRET):
    text = body["order_id"] + body["order_timestamp"] + secret
    return body | {"checksum": hashlib.sha256(text.encode()).hexdigest()}


def read(body, user_id="AB1234"):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_postback(raw, api_secret=SECRET, user_id=user_id)


def test_a_signed_post_is_a_hint():
    assert read(signed(BODY)) == Hint("220303000308932", "COMPLETE")


@pytest.mark.realdata
def test_the_recorded_post_reads_when_it_is_signed_with_our_secret():
    body = json.loads((MOCKS / "postback.json").read_text())
    assert read(signed(body)) == Hint("220303000308932", "COMPLETE")
    with pytest.raises(Refused, match="is not signed by Kite"):
        read(body)  # signed with somebody else's secret


@pytest.mark.parametrize(
    "body",
    [
        BODY,
        signed(BODY, "another secret"),
        signed(BODY) | {"order_id": "1"},
        BODY | {"checksum": "é"},
        BODY | {"checksum": None},
    ],
)
def test_a_forged_post_is_ignored(body):
    with pytest.raises(Refused, match="is not signed by Kite") as no:
        read(body)
    assert SECRET not in str(no.value)


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b"\xff", b"1" * 70_000])
def test_what_is_no_post_is_ignored(raw):
    with pytest.raises(Refused, match=f"a post of {len(raw)} bytes is no order"):
        read(raw)


def test_a_post_for_another_user_is_ignored():
    with pytest.raises(Refused, match="came to CD5678"):
        read(signed(BODY), user_id="CD5678")
