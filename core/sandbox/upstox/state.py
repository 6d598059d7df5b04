"""What every route of the Upstox sandbox works on, and the names Upstox gives its things.

An order id is a string of digits that begins with the day, a GTT's begins with GTT-C. Both are
made from the exchange's own names and lead back to them. A share is named by its segment and
ISIN, so an instrument key needs no table.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from core.domain.instrument import Instrument
from core.exchange.trading_floor import broker_day
from core.sandbox.faults import Faults
from core.sandbox.house import Client, House
from core.sandbox.kite.state import Candles, Charging, sequence
from core.sandbox.limits import Window, Windows
from core.sandbox.record import OrderStep
from core.sandbox.upstox.answers import BAD_INSTRUMENT, NOT_FOUND, UpstoxError
from core.sandbox.upstox.session import App, Sessions

HALF_HOUR: Final = 1_800.0
# Upstox's published limits: for order writes, and for every other call.
CAPS: Final = {
    "write": (Window(10, 1.0), Window(500, 60.0), Window(2_000, HALF_HOUR)),
    "other": (Window(50, 1.0), Window(500, 60.0), Window(2_000, HALF_HOUR)),
    "public": (Window(50, 1.0), Window(500, 60.0), Window(2_000, HALF_HOUR)),
}


@dataclass(slots=True)
class Upstox:
    """The sandbox behind the routes.

    `rejects_in_book` answers with an id to what the exchange rejects, as Upstox does for checks
    of margin and holdings. `forgets_ended_gtts` leaves a GTT out of reads once it fired or was
    cancelled, which Upstox's text says and its examples do not show.
    """

    house: House
    app: App
    sessions: Sessions
    faults: Faults
    windows: Windows
    charging: Charging | None = None
    candles: Candles | None = None
    rejects_in_book: bool = False
    forgets_ended_gtts: bool = False
    reused: dict[str, str] = field(default_factory=dict)  # exchange name to the id it shows
    parents: dict[str, str] = field(default_factory=dict)  # parent id of a slice, by name


def order_number(upstox: Upstox, client: Client, step: OrderStep) -> str:
    """Upstox's id of an order."""
    if step.order_id in upstox.reused:
        return upstox.reused[step.order_id]
    day = broker_day(step.placed_at)
    return f"{day:%y%m%d}{client.place:03d}{sequence(step.order_id):06d}"


def order_name(upstox: Upstox, client: Client, number: str) -> str:
    """The exchange's name of an order of the day; raises UpstoxError."""
    for step in reversed(client.record.orders()):
        if order_number(upstox, client, step) == number and upstox.faults.shows(step.order_id):
            return step.order_id
    raise UpstoxError(NOT_FOUND, "Order not found")


def gtt_number(client: Client, name: str) -> str:
    """Upstox's id of a GTT."""
    made = client.record.gtts[name].created_at
    return f"GTT-C{broker_day(made):%y%m%d}{client.place:03d}{sequence(name):05d}"


def gtt_name(client: Client, number: str) -> str:
    """The exchange's name of a GTT; raises UpstoxError."""
    for name in client.record.gtts:
        if gtt_number(client, name) == number:
            return name
    raise UpstoxError(NOT_FOUND, "GTT order not found")


def key_of(instrument: Instrument) -> str:
    """How Upstox names a share."""
    return f"{instrument.exchange}_EQ|{instrument.isin}"


def listed(upstox: Upstox, key: str) -> Instrument:
    """A share by its instrument key; raises UpstoxError."""
    segment, _, isin = key.partition("|")
    found = upstox.house.instruments.get(isin)
    if found is not None and segment == "BSE_EQ":
        words = f"{found.symbol}: the sandbox trades on NSE alone, not on BSE"
        raise UpstoxError(BAD_INSTRUMENT, words)
    if found is None or segment != f"{found.exchange}_EQ":
        raise UpstoxError(BAD_INSTRUMENT, f"Invalid Instrument key: {key!r}")
    return found
