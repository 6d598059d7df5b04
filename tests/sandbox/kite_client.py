"""A Kite sandbox on loopback with the official client pointed at it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from kiteconnect import KiteConnect

from core.domain.clock import SteppedClock
from core.sandbox.house import User
from core.sandbox.kite.sandbox import KiteSandbox
from core.sandbox.serve import Served
from tests.made import quote
from tests.sandbox.served import sandbox_served

USERS = (User("AB1234", "Asha Rao"), User("CD5678", "Dev Shah"))


@dataclass
class Bench:
    """One running sandbox and a logged-in client."""

    sandbox: KiteSandbox
    served: Served
    clock: SteppedClock
    kite: KiteConnect

    def price(self, ltp: str, **changes: object) -> None:
        """A second passes and MIDCO is quoted."""
        self.clock.pass_seconds(1)
        self.sandbox.house.on_quotes([quote(ltp, at=self.clock.now(), **changes)])

    def place(self, **changes: object) -> str:
        """Buy 100 MIDCO at ₹500 or better, or what is changed."""
        fields = {
            "variety": "regular",
            "exchange": "NSE",
            "tradingsymbol": "MIDCO",
            "transaction_type": "BUY",
            "quantity": 100,
            "product": "CNC",
            "order_type": "LIMIT",
            "price": 500.0,
        }
        return str(self.kite.place_order(**{**fields, **changes}))

    def gtt(self, *, stop: float = 480.0, target: float = 530.0, qty: int = 100) -> int:
        """Rest a pair that sells MIDCO."""
        order = {"transaction_type": "SELL", "quantity": qty, "order_type": "LIMIT",
                 "product": "CNC"}  # fmt: skip
        legs = [{**order, "price": stop - 10}, {**order, "price": target - 1}]
        made = self.kite.place_gtt("two-leg", "MIDCO", "NSE", [stop, target], 500.0, legs)
        return int(made["trigger_id"])


@contextmanager
def bench(*, users: Sequence[User] = USERS, **more: Any) -> Iterator[Bench]:
    """Serve a sandbox whose market trades all day, with one price of MIDCO at ₹501."""
    with sandbox_served(KiteSandbox, users=users, **more) as (sandbox, served, clock):
        kite = KiteConnect(sandbox.registered.api_key, root=served.base, timeout=5)
        kite.set_access_token(sandbox.log_in("AB1234"))
        made = Bench(sandbox, served, clock, kite)
        made.price("501")
        yield made
