"""The broker's own square-off of intraday positions, as events over one client's book.

From the dated minute on no fresh MIS order is taken, what still works in MIS is cancelled, and a
market order of the broker's own, without the client's tag, closes the position. The broker takes
its fee with the first share that trades. What finds nobody stays: a long one becomes delivery,
a short one is delivered from the client's shares or goes to the exchange's auction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from core.domain.calendar import Phase
from core.domain.instrument import Instrument
from core.domain.money import Money
from core.domain.order import OrderType, Product, Side, Validity
from core.exchange.book import Book
from core.exchange.values import Accepted, BookOrder, Cancelled, Charged, ExchangeEvent, Ticket

TRADING = frozenset({Phase.CONTINUOUS, Phase.CLOSING_AUCTION})
BROKERS_OWN = "is the broker's own square-off and not yours to change"


def intraday_shares(book: Book) -> list[str]:
    """Shares with an MIS position, or with an MIS order that still works."""
    orders = (one for one in book.all_open() if not one.queued)
    working = {one.ticket.isin for one in orders if one.ticket.product is Product.MIS}
    return sorted(working | {isin for isin, qty in book.intraday.items() if qty})


def squaring(
    book: Book,
    instrument: Instrument,
    *,
    fee: Money,
    most: int,
    at: datetime,
    next_id: Callable[[], str],
) -> Iterator[ExchangeEvent]:
    """End a share's MIS: cancel what works, then one order against what is open.

    Args:
        most: shares one order may have; what is left over follows once it has traded.
    """
    working = [o for o in book.at_exchange(instrument.isin) if o.ticket.product is Product.MIS]
    for order in working:
        if not order.ticket.by_broker:
            yield Cancelled(at, order.order_id, "intraday orders end with the square-off")
    open_qty = book.intraday.get(instrument.isin, 0)
    if open_qty and not any(order.ticket.by_broker for order in working):
        yield Accepted(at, next_id(), _ticket(instrument, open_qty, fee=fee, most=most))


def _ticket(instrument: Instrument, open_qty: int, *, fee: Money, most: int) -> Ticket:
    return Ticket(
        tag="",
        isin=instrument.isin,
        symbol=instrument.symbol,
        side=Side.SELL if open_qty > 0 else Side.BUY,
        qty=min(abs(open_qty), most),
        order_type=OrderType.MARKET,
        product=Product.MIS,
        validity=Validity.DAY,
        limit=None,
        trigger=None,
        fee=fee,
    )


def fee_of(order: BookOrder, *, at: datetime) -> Charged | None:
    """What the broker takes with the first trade of its own order, or None."""
    ticket = order.ticket
    if ticket.fee is None or order.filled:
        return None
    words = f"{ticket.symbol}: the broker squared off {ticket.qty} intraday shares"
    return Charged(at, order.order_id, ticket.isin, ticket.fee, words)


def left_over(order: BookOrder) -> str:
    """Why an order ends with its share's trading, and what becomes of shares not squared off."""
    if not order.ticket.by_broker:
        return "trading in this share is over for the day"
    kept = f"{order.remaining} of {order.ticket.qty} shares could not be squared off"
    if order.ticket.side is Side.SELL:
        return f"{kept} and become delivery"
    return f"{kept}; those not held go to the exchange's auction"
