"""What brokers hold while the store cannot be used: one table a login, without a desk."""

from __future__ import annotations

from dataclasses import dataclass

from core.desk.seen import GUIDE, Seen, Sight
from core.domain.order import WORKING, Side
from core.domain.ports import BrokerOrder, GttOrder
from core.domain.words import ist_time, price, qty
from core.views.shown import Text

STANDS = (
    f"Nothing is sent and nothing is kept until the store is whole; {GUIDE} says how to restore it."
)


@dataclass(frozen=True, slots=True)
class SeenRow:
    """One line at a broker: shares, a trigger or an order that works."""

    what: str
    symbol: str
    shares: str
    terms: str
    state: Text

    @property
    def line(self) -> str:
        """The same in a terminal."""
        parts = (self.what, self.shares, self.symbol, self.terms, self.state.text)
        return " · ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class SeenLogin:
    """One login; `trouble` is empty when it was read at `age`."""

    label: str
    age: str
    trouble: str
    rows: tuple[SeenRow, ...]
    empty: str


@dataclass(frozen=True, slots=True)
class SeenView:
    """The whole page."""

    sentence: str
    stands: str
    logins: tuple[SeenLogin, ...]


def seen_view(seen: Seen) -> SeenView:
    """The page of a desk without its store."""
    return SeenView(seen.sentence, STANDS, tuple(_login(one) for one in seen.sights))


def _login(sight: Sight) -> SeenLogin:
    resting = {gtt.isin: gtt.qty for gtt in sight.gtts if gtt.side is Side.SELL}
    rows = (
        *(
            SeenRow(
                "Shares",
                held.symbol,
                qty(held.qty),
                "",
                _covered(held.qty, resting.get(held.isin, 0)),
            )
            for held in sight.held
        ),
        *(_gtt(one) for one in sight.gtts),
        *(_order(one) for one in sight.orders if one.status in WORKING),
    )
    read = f"read at {ist_time(sight.read_at)}" if sight.read_at else "not read yet"
    empty = "The broker shows no share, no trigger and no working order." if sight.read_at else ""
    return SeenLogin(sight.label, read, sight.trouble, rows, empty)


def _covered(held: int, resting: int) -> Text:
    if resting >= held > 0:
        return Text("under a trigger of its broker", "gain")
    if held > 0:
        return Text(f"{qty(held - resting)} under no trigger", "loss")
    return Text("")


def _gtt(gtt: GttOrder) -> SeenRow:
    target = "" if gtt.stop_alone else f", target {price(gtt.target)}"
    terms = f"stop {price(gtt.stop)}{target}"
    return SeenRow("GTT", gtt.symbol, f"{gtt.side} {qty(gtt.qty)}", terms, Text("rests"))


def _order(order: BrokerOrder) -> SeenRow:
    filled = f"{qty(order.filled_qty)} filled"
    limit = f"limit {price(order.limit)}" if order.limit is not None else "at the market"
    return SeenRow(
        "Order", order.symbol, f"{order.side} {qty(order.qty)}", f"{limit}, {filled}",
        Text(order.broker_status or order.status.value),
    )  # fmt: skip
