"""How far a market order may go: the limit price a broker makes of it.

A protected order stays one: its percentage is kept in the note, and a stop whose trigger moves
alone has its limit move with it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from core.domain.instrument import snap, trading_range
from core.domain.money import Money
from core.domain.order import OrderType, Side
from core.domain.ticks import tick_now
from core.errors import BadInput, MunimError
from core.exchange.values import Ticket
from core.sandbox.house import House

AUTO: Final = Decimal(2)  # percent that `-1` stands for in Kite's official mocks
KEPT: Final = "protection"  # the note's name for the percentage
Note = dict[str, Any]


class NoProtection(MunimError):
    """A market order without a percentage, which no broker takes from a program."""


@dataclass(frozen=True, slots=True)
class Prices:
    """What a request says of an order's prices; None where it says nothing.

    `protection` is the percentage it asks for.
    """

    kind: OrderType
    limit: Money | None
    trigger: Money | None
    protection: Decimal | None


def percent(asked: object) -> Decimal | None:
    """Percent that a market order may go through its price; None for none or no such number."""
    try:
        pct = Decimal(str(asked or 0))
    except ArithmeticError:
        return None
    if pct == -1:
        return AUTO
    return pct if 0 < pct <= 100 else None


def protected(house: House, ticket: Ticket, pct: Decimal) -> Ticket:
    """A market order as the limit order its protection makes of it; raises BadInput."""
    quote = house.quote(ticket.isin)
    if quote is None:
        raise BadInput(f"{ticket.symbol}: no last price to protect from yet")
    start, tick = (ticket.trigger if ticket.is_stop else None) or quote.ltp, tick_now(quote)
    band = trading_range(
        house.instruments[ticket.isin], prev_close=quote.prev_close, ltp=quote.ltp, tick=tick
    )
    through = start.times(1 + ticket.side.sign * pct / 100)
    limit = min(max(snap(through, tick, up=ticket.side is Side.BUY), band.low), band.high)
    becomes = OrderType.SL if ticket.is_stop else OrderType.LIMIT
    return replace(ticket, order_type=becomes, limit=limit)


def after_change(house: House, ticket: Ticket, note: Note, asked: Prices) -> tuple[Ticket, Note]:
    """A working order's ticket and note with the type and prices asked.

    Raises NoProtection or BadInput where a market order cannot be made of it.
    """
    kept = Decimal(note[KEPT]) if KEPT in note else None
    new = replace(
        ticket,
        order_type=asked.kind,
        limit=asked.limit or ticket.limit,
        trigger=asked.trigger or ticket.trigger,
    )
    follows = asked.kind is OrderType.SL and asked.limit is None and kept is not None
    if asked.kind not in (OrderType.MARKET, OrderType.SL_M) and not follows:
        without = {name: value for name, value in note.items() if name not in (KEPT, "tags")}
        return new, without if asked.limit else note
    pct = asked.protection or kept
    if pct is None:
        raise NoProtection("a market order needs a protection")
    return protected(house, new, pct), {**note, KEPT: str(pct)}
