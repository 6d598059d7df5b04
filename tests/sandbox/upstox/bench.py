"""An Upstox sandbox on loopback with the official client pointed at it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import upstox_client
from upstox_client import ApiClient, GttRule

from core.domain.clock import SteppedClock
from core.sandbox.house import User
from core.sandbox.serve import Served
from core.sandbox.upstox.sandbox import UpstoxSandbox
from tests.made import MIDCO, quote
from tests.sandbox.served import sandbox_served

USERS = (User("7AB123", "Asha Rao"), User("7CD567", "Dev Shah"))
KEY = f"NSE_EQ|{MIDCO.isin}"
VERSION = "2.0"


@dataclass
class Bench:
    """One running sandbox and a logged-in client."""

    sandbox: UpstoxSandbox
    served: Served
    clock: SteppedClock
    client: ApiClient

    @property
    def v3(self) -> upstox_client.OrderApiV3:
        return upstox_client.OrderApiV3(self.client)

    @property
    def v2(self) -> upstox_client.OrderApi:
        return upstox_client.OrderApi(self.client)

    def price(self, ltp: str, **changes: object) -> None:
        """A second passes and MIDCO is quoted."""
        self.clock.pass_seconds(1)
        self.sandbox.house.on_quotes([quote(ltp, at=self.clock.now(), **changes)])

    def asked(self, **changes: object) -> upstox_client.PlaceOrderV3Request:
        fields: dict[str, Any] = {
            "quantity": 100,
            "product": "D",
            "validity": "DAY",
            "price": 500.0,
            "tag": "AAtag",
            "instrument_token": KEY,
            "order_type": "LIMIT",
            "transaction_type": "BUY",
            "disclosed_quantity": 0,
            "trigger_price": 0.0,
            "is_amo": False,
        }
        return upstox_client.PlaceOrderV3Request(**{**fields, **changes})

    def place(self, **changes: object) -> str:
        """Buy 100 MIDCO at ₹500 or better, or what is changed."""
        found = self.v3.place_order(self.asked(**changes))
        return str(found.data.order_ids[0])

    def book(self) -> list[Any]:
        return list(self.v2.get_order_book(VERSION).data)

    def gtt(self, *rules: GttRule, side: str = "SELL", qty: int = 100) -> str:
        kind = "SINGLE" if len(rules) == 1 else "MULTIPLE"
        body = upstox_client.GttPlaceOrderRequest(
            type=kind,
            quantity=qty,
            product="D",
            rules=list(rules),
            instrument_token=KEY,
            transaction_type=side,
        )
        return str(self.v3.place_gtt_order(body).data.gtt_order_ids[0])

    def gtts(self, **asked: str) -> list[Any]:
        return list(self.v3.get_gtt_order_details(**asked).data)


def rule(strategy: str, trigger_type: str, price: float, **more: float) -> GttRule:
    return GttRule(strategy=strategy, trigger_type=trigger_type, trigger_price=price, **more)


def client_at(root: str, token: str) -> ApiClient:
    """The official client, changed only in its two hosts."""
    upstox_client.Configuration.set_default(None)
    settings = upstox_client.Configuration()
    settings.host = settings.order_host = root
    settings.access_token = token
    return ApiClient(settings)


@contextmanager
def bench(*, users: Sequence[User] = USERS, **more: Any) -> Iterator[Bench]:
    """Serve a sandbox whose market trades all day, with one price of MIDCO at ₹501."""
    with sandbox_served(UpstoxSandbox, users=users, **more) as (sandbox, served, clock):
        client = client_at(served.base, sandbox.log_in("7AB123"))
        made = Bench(sandbox, served, clock, client)
        made.price("501")
        yield made
        client.rest_client.pool_manager.clear()
