"""What every route of the Kite sandbox works on, and the numbers Kite gives its things.

Kite's order id is a string of digits that begins with the day; a GTT's is a number. Both are
made from the exchange's own names and lead back to them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from core.domain.money import Money
from core.domain.order import Product, Side
from core.exchange.trading_floor import broker_day
from core.sandbox.faults import Faults
from core.sandbox.house import Client, House
from core.sandbox.kite.answers import KiteError
from core.sandbox.kite.session import App, Sessions
from core.sandbox.limits import Window, Windows
from core.sandbox.record import OrderStep

# Kite Connect's published limits, per user and app.
CAPS: Final = {
    "write": (Window(10, 1.0), Window(400, 60.0), Window(5_000, None)),
    "quote": (Window(1, 1.0),),
    "historical": (Window(3, 1.0),),
    "other": (Window(10, 1.0),),
}
NAME: Final = re.compile(r".+-(?:[gt])?(\d+)$")
GTT_ROOM: Final = 10_000_000
Candle = tuple[datetime, Money, Money, Money, Money, int]
Candles = Callable[[str, str, datetime, datetime], Sequence[Candle]]  # isin, interval, from, to


@dataclass(frozen=True, slots=True)
class Bill:
    """Charges of one order in unrounded rupees."""

    stt: float
    exchange: float
    sebi: float
    brokerage: float
    stamp: float
    gst: float

    @property
    def total(self) -> float:
        """The sum."""
        return self.stt + self.exchange + self.sebi + self.brokerage + self.stamp + self.gst


# (product, side, qty, price, day) to charges
Charging = Callable[[Product, Side, int, Money, date], Bill]


@dataclass(slots=True)
class Kite:
    """The sandbox behind the routes; `rejects_in_book` answers 200 to what the exchange rejects."""

    house: House
    app: App
    sessions: Sessions
    faults: Faults
    windows: Windows
    charging: Charging | None = None
    candles: Candles | None = None
    rejects_in_book: bool = False
    reused: dict[str, str] = field(default_factory=dict)  # exchange name to the number it shows
    parents: dict[str, str] = field(default_factory=dict)  # parent number of a slice, by name


def order_number(kite: Kite, client: Client, step: OrderStep) -> str:
    """Kite's id of an order."""
    if step.order_id in kite.reused:
        return kite.reused[step.order_id]
    return _numbered(client, step.order_id, broker_day(step.placed_at))


def order_name(kite: Kite, client: Client, number: str) -> str:
    """The exchange's name of an order of the day; raises OrderException."""
    for step in reversed(client.record.orders()):
        if order_number(kite, client, step) == number and kite.faults.shows(step.order_id):
            return step.order_id
    raise KiteError("OrderException", "Couldn't find that `order_id`.")


def _numbered(client: Client, name: str, day: date) -> str:
    return f"{day:%y%m%d}{client.place:03d}{sequence(name):06d}"


def exchange_number(client: Client, name: str) -> str:
    """The exchange's order number as a client sees it."""
    return str(1_000_000_000_000_000 + client.place * 1_000_000 + sequence(name))


def trade_number(client: Client, name: str) -> str:
    """The exchange's trade number."""
    return str(client.place * GTT_ROOM + sequence(name))


def gtt_number(client: Client, name: str) -> int:
    """Kite's id of a GTT."""
    return client.place * GTT_ROOM + sequence(name)


def gtt_name(client: Client, number: str) -> str:
    """The exchange's name of a GTT; raises InputException for one that is not this client's."""
    for name in client.record.gtts:
        if str(gtt_number(client, name)) == number:
            return name
    raise KiteError("InputException", "Trigger not found.", status=404)


def sequence(name: str) -> int:
    """The count at the end of an exchange name."""
    found = NAME.fullmatch(name)
    return int(found.group(1)) if found else 0


def symbols(house: House) -> Mapping[int, str]:
    """Symbols by token."""
    return {token: house.instruments[isin].symbol for isin, token in house.tokens.items()}
