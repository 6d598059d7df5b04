"""Placing, changing and cancelling orders, and the day's books.

A market order must carry a protection; it goes to the exchange as a limit order so far from the
last price, and what does not trade stays open.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from core.domain.instrument import Instrument
from core.domain.order import OrderType, Validity
from core.errors import BadInput, BrokerRefused, OutcomeUnknown
from core.exchange.refusals import OPEN_PHASES
from core.exchange.values import Ticket
from core.sandbox.faults import Fault, FaultKind
from core.sandbox.house import Client
from core.sandbox.protection import (
    KEPT,
    NoProtection,
    Prices,
    after_change,
    percent,
    protected,
)
from core.sandbox.record import OrderStep
from core.sandbox.upstox.answers import FAILED, INVALID, TURNED_DOWN, UpstoxError, price, whole
from core.sandbox.upstox.state import Upstox, listed, order_name, order_number
from core.sandbox.upstox.words import (
    PRODUCTS,
    history_rows,
    note_of,
    order_row,
    side_of,
    trade_row,
)

TAG_MAX: Final = 40
SLICES_MOST: Final = 25
UNPROTECTED: Final = (
    "A market order needs a 'market_protection': -1, or a percentage above 0 up to 100"
)
Fields = Mapping[str, Any]


def place(upstox: Upstox, client: Client, fields: Fields, fault: Fault | None) -> list[str]:
    """Accept one order, in parts where it is sliced; answers with their ids."""
    ticket = _ticket(upstox, fields)
    slices = fault.count if fault and fault.kind is FaultKind.SLICE else 1
    if fields.get("slice") is True or slices > 1:
        return _sliced(upstox, client, ticket, slices=slices)
    return [_send(upstox, client, ticket, fault)]


def modify(upstox: Upstox, client: Client, fields: Fields) -> str:
    """Change an open order in place; raises UpstoxError."""
    number = str(fields.get("order_id") or "")
    with upstox.house.lock:
        name = order_name(upstox, client, number)
        ticket = client.record.steps[name][-1].ticket
        kind, validity = _kind(fields.get("order_type")), _validity(fields.get("validity"))
        prices = Prices(
            kind,
            limit=price(fields.get("price"), name="price"),
            trigger=price(fields.get("trigger_price"), name="trigger_price"),
            protection=percent(fields.get("market_protection")),
        )
        try:
            after, note = after_change(upstox.house, ticket, note_of(ticket), prices)
        except NoProtection:
            raise UpstoxError(INVALID, UNPROTECTED) from None
        except BadInput as error:
            raise UpstoxError(TURNED_DOWN, str(error)) from error
        qty = fields.get("quantity")
        _done(
            lambda: client.paper.modify(
                name,
                qty=whole(qty, name="quantity") if qty else None,
                limit=after.limit,
                trigger=after.trigger,
                order_type=after.order_type,
                validity=validity,
                note=json.dumps(note),
            ),
            name=name,
            number=number,
        )
    return number


def _kind(asked: object) -> OrderType:
    if not asked:
        raise UpstoxError("UDAPI1004", "Valid order type is required")
    if asked not in {one.value for one in OrderType}:
        raise UpstoxError("UDAPI1056", "The 'order_type' is invalid")
    return OrderType(asked)


def _validity(asked: object) -> Validity:
    if not asked:
        raise UpstoxError("UDAPI1007", "Validity is required")
    if asked not in {one.value for one in Validity}:
        raise UpstoxError("UDAPI1055", "The 'validity' is invalid")
    return Validity(asked)


def cancel(upstox: Upstox, client: Client, number: str) -> str:
    """Take the rest of an order away; raises UpstoxError."""
    with upstox.house.lock:
        name = order_name(upstox, client, number)
        _done(lambda: client.paper.cancel(name), name=name, number=number)
    return number


def book(upstox: Upstox, client: Client) -> list[dict[str, Any]]:
    """Every order of the day that shows."""
    return [order_row(upstox, client, step) for step in shown(upstox, client)]


def details(upstox: Upstox, client: Client, number: str) -> dict[str, Any]:
    """One order as it stands."""
    name = order_name(upstox, client, number)
    return order_row(upstox, client, client.record.steps[name][-1])


def history(upstox: Upstox, client: Client, *, number: str, tag: str) -> list[dict[str, Any]]:
    """The statuses of one order, or of every order with a tag."""
    names = [order_name(upstox, client, number)] if number else []
    if not number and tag:
        names = [step.order_id for step in shown(upstox, client) if step.ticket.tag == tag]
    if not names:
        raise UpstoxError("UDAPI1010", "The 'order_id' or the 'tag' is required")
    return [
        row for name in names for row in history_rows(upstox, client, client.record.steps[name])
    ]


def trades(upstox: Upstox, client: Client, number: str = "") -> list[dict[str, Any]]:
    """The day's trades, or those of one order."""
    of = order_name(upstox, client, number) if number else ""
    names = {step.order_id for step in shown(upstox, client)}
    return [
        trade_row(upstox, client, trade)
        for trade in client.record.trades
        if trade.order_id in names and of in ("", trade.order_id)
    ]


def shown(upstox: Upstox, client: Client) -> list[OrderStep]:
    """Orders of the day that reads show already and still."""
    return [
        step
        for step in client.record.orders()
        if upstox.faults.shows(step.order_id) and not upstox.faults.wiped(step.placed_at)
    ]


def _ticket(upstox: Upstox, fields: Fields) -> Ticket:
    """A ticket from the fields of a JSON body; what Upstox itself checks is checked here."""
    side, product = (
        side_of(fields.get("transaction_type")),
        PRODUCTS.get(str(fields.get("product"))),
    )
    kind, validity = str(fields.get("order_type")), str(fields.get("validity"))
    tag = str(fields.get("tag") or "")
    if side is None:
        raise UpstoxError("UDAPI1054", "The 'transaction_type' is invalid")
    if product is None:
        raise UpstoxError("UDAPI1057", "The 'product' is invalid; the sandbox takes D and I")
    if kind not in {one.value for one in OrderType}:
        raise UpstoxError("UDAPI1056", "The 'order_type' is invalid")
    if validity not in {one.value for one in Validity}:
        raise UpstoxError("UDAPI1055", "The 'validity' is invalid")
    if len(tag) > TAG_MAX:
        raise UpstoxError(INVALID, f"The 'tag' has {len(tag)} characters; {TAG_MAX} is the most")
    instrument = listed(upstox, str(fields.get("instrument_token")))
    ticket = Ticket(
        tag=tag,
        isin=instrument.isin,
        symbol=instrument.symbol,
        side=side,
        qty=whole(fields.get("quantity"), name="quantity"),
        order_type=OrderType(kind),
        product=product,
        validity=Validity(validity),
        amo=_waits(upstox, instrument),
        limit=price(fields.get("price"), name="price") if kind in ("LIMIT", "SL") else None,
        trigger=price(fields.get("trigger_price"), name="trigger_price")
        if kind in ("SL", "SL-M")
        else None,
    )
    if ticket.qty <= 0:
        raise UpstoxError("UDAPI1052", "The order quantity cannot be zero")
    if ticket.order_type in (OrderType.LIMIT, OrderType.SL) and ticket.limit is None:
        raise UpstoxError(INVALID, "The 'price' is required for a LIMIT or SL order")
    if ticket.is_stop and ticket.trigger is None:
        raise UpstoxError("UDAPI1061", "The 'trigger_price' is required for an SL or SL-M order")
    disclosed = whole(fields.get("disclosed_quantity") or 0, name="disclosed_quantity")
    return _protected(upstox, ticket, fields, {"disclosed_quantity": disclosed})


def _protected(upstox: Upstox, ticket: Ticket, fields: Fields, note: dict[str, Any]) -> Ticket:
    """A market order as the limit order its protection makes of it."""
    if ticket.order_type not in (OrderType.MARKET, OrderType.SL_M):
        return replace(ticket, note=json.dumps(note))
    pct = percent(fields.get("market_protection"))
    if pct is None:
        raise UpstoxError(INVALID, UNPROTECTED)
    try:
        found = protected(upstox.house, ticket, pct)
    except BadInput as error:
        raise UpstoxError(TURNED_DOWN, str(error)) from error
    return replace(found, note=json.dumps({**note, KEPT: str(pct)}))


def _waits(upstox: Upstox, instrument: Instrument) -> bool:
    """Whether an order given now is one for the next open; Upstox goes by the hour alone."""
    phase = upstox.house.phase_of(instrument, upstox.house.clock.now())
    return phase not in OPEN_PHASES


def _send(upstox: Upstox, client: Client, ticket: Ticket, fault: Fault | None) -> str:
    """Place one ticket and do what a fault asks of it."""
    with upstox.house.lock:
        try:
            name = client.paper.place_ticket(ticket)
        except OutcomeUnknown as error:
            raise UpstoxError(FAILED, str(error)) from error
        except BrokerRefused as error:
            if upstox.rejects_in_book:
                return order_number(upstox, client, client.record.orders()[-1])
            raise UpstoxError(TURNED_DOWN, str(error)) from error
        upstox.faults.hide(name)
        if fault is not None and fault.kind is FaultKind.REJECT_ASYNC:
            upstox.house.after(fault.seconds, lambda: _turn_down(client, name, fault.text))
        if fault is not None and fault.kind is FaultKind.ORDER_ID_REUSE:
            first = order_number(upstox, client, client.record.orders()[0])
            upstox.reused[name] = fault.text or first
        return order_number(upstox, client, client.record.steps[name][-1])


def _turn_down(client: Client, name: str, reason: str) -> None:
    """Reject an order late, unless it has ended meanwhile."""
    step = client.record.order(name)
    if step is not None and step.is_open:
        client.paper.turn_down(name, reason or "rejected by the exchange")


def _sliced(upstox: Upstox, client: Client, ticket: Ticket, *, slices: int) -> list[str]:
    """Place one order in parts no larger than the freeze quantity, or in so many parts.

    Parts after a refused one are sent all the same; the ids are those that were accepted.
    """
    size = min(upstox.house.rules.qty_freeze, -(-ticket.qty // slices))
    if -(-ticket.qty // size) > SLICES_MOST:
        raise UpstoxError("UDAPI1111", f"more than {SLICES_MOST} slices of {size} shares")
    ids: list[str] = []
    why = ""
    left = ticket.qty
    while left:
        part = min(size, left)
        left -= part
        try:
            ids.append(_send(upstox, client, replace(ticket, qty=part), None))
        except UpstoxError as error:
            why = str(error)
    if not ids:
        raise UpstoxError(TURNED_DOWN, why)
    return ids


def _done(do: Callable[[], object], *, name: str, number: str) -> None:
    """Do it; a refusal names the order by the number that the client knows."""
    try:
        do()
    except BrokerRefused as error:
        raise UpstoxError(TURNED_DOWN, str(error).replace(name, number)) from error
    except OutcomeUnknown as error:
        raise UpstoxError(FAILED, str(error)) from error
