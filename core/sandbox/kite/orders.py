"""Placing, changing and cancelling orders, and the day's books.

A market order must carry a protection; it goes to the exchange as a limit order so far from the
last price, and what does not trade stays open.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from core.domain.instrument import Instrument
from core.domain.money import Money
from core.domain.order import OrderType, Validity
from core.errors import BadInput, BrokerRefused, NotFound, OutcomeUnknown
from core.exchange.refusals import OPEN_PHASES
from core.exchange.values import Ticket
from core.sandbox.faults import Fault, FaultKind
from core.sandbox.house import Client
from core.sandbox.kite.answers import KiteError, money, whole
from core.sandbox.kite.state import Kite, order_name, order_number
from core.sandbox.kite.words import (
    history_rows,
    note_of,
    order_row,
    product_of,
    side_of,
    trade_row,
)
from core.sandbox.protection import (
    KEPT,
    NoProtection,
    Prices,
    after_change,
    percent,
    protected,
)
from core.sandbox.record import OrderStep

TAG_MAX: Final = 20
UNPROTECTED = (
    "Market orders without market protection are not allowed via API; set `market_protection` to "
    "-1 or to a percentage above 0 and up to 100."
)
NOT_LISTED = "The instrument you are placing an order for has either expired or does not exist."
Fields = Mapping[str, str]


def place(kite: Kite, client: Client, variety: str, fields: Fields, fault: Fault | None) -> Any:
    """Accept one order and answer with its number; raises KiteError."""
    ticket = _ticket(kite, variety, fields)
    most = kite.house.rules.qty_freeze
    slices = fault.count if fault and fault.kind is FaultKind.SLICE else 1
    if fields.get("autoslice") == "true" or slices > 1:
        return _sliced(kite, client, ticket, most=most, slices=slices)
    return {"order_id": _send(kite, client, ticket, fault)}


def modify(kite: Kite, client: Client, variety: str, number: str, fields: Fields) -> Any:
    """Change an open order in place, its type too; raises KiteError."""
    _known(variety)
    asked = fields.get("order_type") or ""
    if asked and asked not in {one.value for one in OrderType}:
        raise KiteError("InputException", "Invalid `order_type`.")
    validity = _validity(fields) if fields.get("validity") else None
    with kite.house.lock:
        name = order_name(kite, client, number)
        ticket = client.record.steps[name][-1].ticket
        prices = Prices(
            OrderType(asked) if asked else ticket.order_type,
            limit=_price(fields, "price"),
            trigger=_price(fields, "trigger_price"),
            protection=percent(fields.get("market_protection")),
        )
        after, note = _changed(kite, ticket, prices)
        if fields.get("disclosed_quantity"):
            shown = whole(fields["disclosed_quantity"], name="disclosed_quantity")
            note = {**note, "disclosed_quantity": shown}
        _done(
            lambda: client.paper.modify(
                name,
                qty=whole(fields["quantity"], name="quantity") if fields.get("quantity") else None,
                limit=after.limit,
                trigger=after.trigger,
                order_type=after.order_type,
                validity=validity,
                note=json.dumps(note),
            ),
            name=name,
            number=number,
        )
    return {"order_id": number}


def _changed(kite: Kite, ticket: Ticket, prices: Prices) -> tuple[Ticket, dict[str, Any]]:
    try:
        after, note = after_change(kite.house, ticket, note_of(ticket), prices)
    except NoProtection:
        raise KiteError("InputException", UNPROTECTED) from None
    except BadInput as error:
        raise KiteError("OrderException", str(error)) from error
    return after, _marked(note)


def cancel(kite: Kite, client: Client, variety: str, number: str) -> Any:
    """Take the rest of an order away; raises KiteError."""
    _known(variety)
    with kite.house.lock:
        name = order_name(kite, client, number)
        _done(lambda: client.paper.cancel(name), name=name, number=number)
    return {"order_id": number}


def book(kite: Kite, client: Client) -> list[dict[str, Any]]:
    """Every order of the day that shows."""
    return [order_row(kite, client, step) for step in _shown(kite, client)]


def history(kite: Kite, client: Client, number: str) -> list[dict[str, Any]]:
    """The statuses one order went through."""
    name = order_name(kite, client, number)
    return history_rows(kite, client, client.record.steps[name])


def trades(kite: Kite, client: Client, number: str = "") -> list[dict[str, Any]]:
    """The day's trades, or those of one order."""
    of = order_name(kite, client, number) if number else ""
    shown = {step.order_id for step in _shown(kite, client)}
    return [
        trade_row(kite, client, trade)
        for trade in client.record.trades
        if trade.order_id in shown and of in ("", trade.order_id)
    ]


def _shown(kite: Kite, client: Client) -> list[OrderStep]:
    return [
        step
        for step in client.record.orders()
        if kite.faults.shows(step.order_id) and not kite.faults.wiped(step.placed_at)
    ]


def _ticket(kite: Kite, variety: str, fields: Fields) -> Ticket:
    """A ticket from form fields; what Kite itself checks is checked here."""
    side = side_of(fields.get("transaction_type", ""))
    product = product_of(fields.get("product", ""))
    kind, validity = fields.get("order_type", ""), _validity(fields)
    tag = fields.get("tag", "")
    if side is None:
        raise KiteError("InputException", "Invalid `transaction_type`.")
    if product is None:
        raise KiteError("InputException", "Invalid `product`; the sandbox takes CNC and MIS.")
    if kind not in {one.value for one in OrderType}:
        raise KiteError("InputException", "Invalid `order_type`.")
    if len(tag) > TAG_MAX:
        raise KiteError("InputException", f"Invalid `tag`: {len(tag)} characters; 20 is the most.")
    instrument = listed(kite, fields.get("exchange", ""), fields.get("tradingsymbol", ""))
    is_amo = _open_for(kite, variety, instrument)
    ticket = Ticket(
        tag=tag,
        isin=instrument.isin,
        symbol=instrument.symbol,
        side=side,
        qty=whole(fields.get("quantity", ""), name="quantity"),
        order_type=OrderType(kind),
        product=product,
        validity=validity,
        amo=is_amo,
        limit=_price(fields, "price") if kind in ("LIMIT", "SL") else None,
        trigger=_price(fields, "trigger_price") if kind in ("SL", "SL-M") else None,
    )
    if ticket.qty <= 0:
        raise KiteError("InputException", "Invalid `quantity`; it must be 1 or more.")
    if ticket.order_type in (OrderType.LIMIT, OrderType.SL) and ticket.limit is None:
        raise KiteError("InputException", "Invalid `price`.")
    if ticket.is_stop and ticket.trigger is None:
        raise KiteError("InputException", "Trigger price cannot be 0 for a stoploss order.")
    disclosed = whole(fields.get("disclosed_quantity") or 0, name="disclosed_quantity")
    return _protected(kite, ticket, fields, {"variety": variety, "disclosed_quantity": disclosed})


def _protected(kite: Kite, ticket: Ticket, fields: Fields, note: dict[str, Any]) -> Ticket:
    """A market order as the limit order its protection makes of it."""
    if ticket.order_type not in (OrderType.MARKET, OrderType.SL_M):
        return replace(ticket, note=json.dumps(note))
    pct = percent(fields.get("market_protection"))
    if pct is None:
        raise KiteError("InputException", UNPROTECTED)
    try:
        found = protected(kite.house, ticket, pct)
    except BadInput as error:
        raise KiteError("OrderException", str(error)) from error
    return replace(found, note=json.dumps(_marked({**note, KEPT: str(pct)})))


def _marked(note: dict[str, Any]) -> dict[str, Any]:
    """A note with the tags that Kite gives a protected order."""
    if KEPT not in note:
        return note
    return {**note, "tags": ["mktp", f"mktp:{Decimal(note[KEPT]):.2f}"]}


def _validity(fields: Fields) -> Validity:
    asked = fields.get("validity") or "DAY"
    if asked not in {one.value for one in Validity}:
        raise KiteError("InputException", "Invalid `validity`; the sandbox takes DAY and IOC.")
    return Validity(asked)


def listed(kite: Kite, exchange: str, symbol: str) -> Instrument:
    """A share by exchange and symbol; raises InputException."""
    try:
        found = kite.house.instrument(symbol)
    except NotFound:
        raise KiteError("InputException", NOT_LISTED) from None
    if exchange == "BSE":
        raise KiteError("InputException", f"{symbol}: the sandbox trades on NSE alone, not on BSE.")
    if found.exchange != exchange:
        raise KiteError("InputException", NOT_LISTED)
    return found


def _open_for(kite: Kite, variety: str, instrument: Instrument) -> bool:
    """Whether the order waits for the open; raises KiteError for one that does not fit the hour."""
    _known(variety)
    phase = kite.house.phase_of(instrument, kite.house.clock.now())
    is_open = phase in OPEN_PHASES
    if variety == "regular" and not is_open:
        raise KiteError(
            "OrderException",
            f"Your order could not be placed: the market is {phase}. Place an After Market "
            "Order (AMO) instead.",
        )
    if variety == "amo" and is_open:
        raise KiteError(
            "OrderException",
            f"After Market Orders are not taken while the market is {phase}; place a regular one.",
        )
    return variety == "amo"


def _known(variety: str) -> None:
    """Refuse what the sandbox cannot hold: cover, iceberg and auction orders among it."""
    if variety in ("co", "iceberg", "auction"):
        raise KiteError(
            "InputException",
            f"Invalid `variety`: the sandbox takes no {variety} orders; use regular or amo.",
        )
    if variety not in ("regular", "amo"):
        raise KiteError("InputException", f"Invalid `variety` {variety!r}; use regular or amo.")


def _send(kite: Kite, client: Client, ticket: Ticket, fault: Fault | None) -> str:
    """Place one ticket and do what a fault asks of it."""
    with kite.house.lock:
        try:
            name = client.paper.place_ticket(ticket)
        except OutcomeUnknown as error:
            raise KiteError("GeneralException", str(error)) from error
        except BrokerRefused as error:
            step = client.record.orders()[-1]
            if kite.rejects_in_book:
                return order_number(kite, client, step)
            raise _no(str(error)) from error
        kite.faults.hide(name)
        if fault is not None and fault.kind is FaultKind.REJECT_ASYNC:
            kite.house.after(fault.seconds, lambda: _turn_down(client, name, fault.text))
        if fault is not None and fault.kind is FaultKind.ORDER_ID_REUSE:
            kite.reused[name] = fault.text or _first_number(kite, client)
        return order_number(kite, client, client.record.steps[name][-1])


def _turn_down(client: Client, name: str, reason: str) -> None:
    """Reject an order late, unless it has ended meanwhile."""
    step = client.record.order(name)
    if step is not None and step.is_open:
        client.paper.turn_down(name, reason or "rejected by the exchange")


def _first_number(kite: Kite, client: Client) -> str:
    """The number of the day's first order, for a broker that gives it out twice."""
    return order_number(kite, client, client.record.orders()[0])


def _sliced(kite: Kite, client: Client, ticket: Ticket, *, most: int, slices: int) -> Any:
    """Place one order in parts no larger than the freeze quantity, or in so many parts."""
    size = min(most, -(-ticket.qty // slices))
    children: list[dict[str, Any]] = []
    left, parent = ticket.qty, ""
    while left:
        part = min(size, left)
        left -= part
        try:
            number = _send(kite, client, replace(ticket, qty=part), None)
        except KiteError as error:
            body = {"code": error.status, "error_type": error.kind, "message": str(error)}
            children.append({"error": {**body, "data": None}})
            continue
        parent = parent or number
        children.append({"order_id": number})
    if not parent:
        raise KiteError("OrderException", children[0]["error"]["message"])
    return {"order_id": parent, "children": children} if len(children) > 1 else {"order_id": parent}


def _done(do: Callable[[], object], *, name: str, number: str) -> None:
    """Do it; a refusal names the order by the number that the client knows."""
    try:
        do()
    except BrokerRefused as error:
        raise KiteError("OrderException", str(error).replace(name, number)) from error
    except OutcomeUnknown as error:
        raise KiteError("GeneralException", str(error)) from error


def _no(reason: str) -> KiteError:
    """The kind of Kite error that a reason of the exchange belongs to."""
    if "insufficient funds" in reason:
        return KiteError("MarginException", reason)
    if "for delivery with" in reason:
        return KiteError("HoldingException", reason)
    if any(word in reason for word in ("multiple of the tick", "freeze quantity", "trigger")):
        return KiteError("InputException", reason)
    return KiteError("OrderException", reason)


def _price(fields: Fields, name: str) -> Money | None:
    """A price above zero of a field, or None where it is left out or 0."""
    text = fields.get(name)
    found = money(text, name=name) if text else None
    if found is not None and found.paise < 0:
        raise KiteError("InputException", f"Invalid `{name}`.")
    return found or None
