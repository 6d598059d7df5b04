"""An Upstox sandbox on loopback with the official client pointed at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import upstox_client
from upstox_client import ApiClient, GttRule

from core.domain.calendar import Phase
from core.domain.clock import SteppedClock
from core.domain.instrument import Instrument
from core.domain.square_off import SquaresOff
from core.exchange.values import Rules
from core.sandbox.house import User
from core.sandbox.kite.state import Candles, Charging
from core.sandbox.serve import Served, serving
from core.sandbox.upstox.sandbox import UpstoxSandbox
from core.sandbox.upstox.session import App
from tests.made import LISTED, MIDCO, T0, quote

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
def bench(
    *,
    home: Path | None = None,
    limits: bool = False,
    rules: Rules | None = None,
    registered: App | None = None,
    phase_of: Callable[[Instrument, datetime], Phase] | None = None,
    users: Sequence[User] = USERS,
    clock: SteppedClock | None = None,
    charging: Charging | None = None,
    candles: Candles | None = None,
    rejects_in_book: bool = False,
    squares_off: SquaresOff | None = None,
    forgets_ended_gtts: bool = False,
) -> Iterator[Bench]:
    """Serve a sandbox whose market trades all day, with one price of MIDCO at ₹501."""
    clock = clock or SteppedClock(T0)
    sandbox = UpstoxSandbox(
        LISTED,
        clock=clock,
        phase_of=phase_of or (lambda instrument, at: Phase.CONTINUOUS),
        users=users,
        registered=registered,
        home=home,
        rules=rules,
        limits=limits,
        charging=charging,
        candles=candles,
        rejects_in_book=rejects_in_book,
        squares_off=squares_off,
        forgets_ended_gtts=forgets_ended_gtts,
    )
    with serving(sandbox.app) as served:
        client = client_at(served.base, sandbox.log_in("7AB123"))
        made = Bench(sandbox, served, clock, client)
        made.price("501")
        yield made
        client.rest_client.pool_manager.clear()
    sandbox.close()
