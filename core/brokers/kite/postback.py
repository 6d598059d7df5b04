"""Kite's posts about orders: checked against the app's secret, and then only a hint to look.

Anybody can post to an address. A body that is not signed is refused, and one that is signed
still changes nothing: the order book says what happened.
"""

from __future__ import annotations

import hashlib
import hmac
import json

from core.brokers.kite import NAME
from core.brokers.plain import row_of
from core.brokers.stream import Hint
from core.errors import Refused

BYTES_MAX = 65_536


def read_postback(body: bytes, *, api_secret: str, user_id: str) -> Hint:
    """The hint in a post; raises Refused for one that Kite did not sign or is for another user."""
    try:
        found = json.loads(body) if len(body) <= BYTES_MAX else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Refused(f"a post of {len(body)} bytes is no order of Kite's; it is ignored")
    post = row_of(found, NAME, "post")
    signed = post.word("order_id") + post.word("order_timestamp") + api_secret
    wanted = hashlib.sha256(signed.encode()).hexdigest()
    if not hmac.compare_digest(post.word("checksum").encode(), wanted.encode()):
        raise Refused(
            f"Zerodha {user_id}: a post about an order is not signed by Kite; it is ignored"
        )
    if post.word("user_id") != user_id:
        raise Refused(f"a post for another user came to {user_id}; it is ignored")
    return Hint(post.word("order_id"), post.word("status"))
