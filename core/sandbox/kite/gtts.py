"""Kite's GTTs: a condition and one or two LIMIT orders, the lower trigger first.

The pair of one share must sell or buy the same quantity with both legs here, because that is
what the exchange behind can hold.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from core.domain.instrument import Instrument
from core.domain.money import Money
from core.domain.order import OrderStatus, Product, Side
from core.errors import BrokerRefused, OutcomeUnknown
from core.exchange.values import GttLeg
from core.sandbox.house import Client
from core.sandbox.kite.answers import KiteError, money, number, stamp, whole
from core.sandbox.kite.orders import listed
from core.sandbox.kite.state import Kite, gtt_name, gtt_number, order_number
from core.sandbox.kite.words import product_of, side_of
from core.sandbox.record import GttState

LIVES = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Asked:
    """A GTT as a client asks for it; a single one has a stop or a target."""

    instrument: Instrument
    side: Side
    qty: int
    product: Product
    stop: Money | None
    target: Money | None
    stop_limit: Money | None
    target_limit: Money | None


def place(kite: Kite, client: Client, fields: Mapping[str, str]) -> Any:
    """Rest a trigger or a pair; raises KiteError."""
    asked = _asked(kite, fields)
    with kite.house.lock:
        try:
            name = client.paper.place_gtt(
                isin=asked.instrument.isin,
                symbol=asked.instrument.symbol,
                qty=asked.qty,
                side=asked.side,
                product=asked.product,
                stop=asked.stop,
                target=asked.target,
                stop_limit=asked.stop_limit,
                target_limit=asked.target_limit,
            )
        except (BrokerRefused, OutcomeUnknown) as error:
            raise _no(error) from error
        kite.faults.hide(name)
    return {"trigger_id": gtt_number(client, name)}


def modify(kite: Kite, client: Client, trigger_id: str, fields: Mapping[str, str]) -> Any:
    """Change a resting trigger or pair in place; raises KiteError."""
    asked = _asked(kite, fields)
    with kite.house.lock:
        name = gtt_name(client, trigger_id)
        was = client.record.gtts[name].gtt
        if was.isin != asked.instrument.isin or was.side is not asked.side:
            raise KiteError("InputException", "A trigger cannot change its instrument or side.")
        try:
            client.paper.modify_gtt(
                name,
                qty=asked.qty,
                stop=asked.stop,
                target=asked.target,
                stop_limit=asked.stop_limit,
                target_limit=asked.target_limit,
            )
        except (BrokerRefused, OutcomeUnknown) as error:
            raise _no(error) from error
    return {"trigger_id": int(trigger_id)}


def delete(kite: Kite, client: Client, trigger_id: str) -> Any:
    """Take a resting trigger away; raises KiteError."""
    with kite.house.lock:
        name = gtt_name(client, trigger_id)
        try:
            client.paper.cancel_gtt(name)
        except (BrokerRefused, OutcomeUnknown) as error:
            raise _no(error) from error
    return {"trigger_id": int(trigger_id)}


def all_of(kite: Kite, client: Client) -> list[dict[str, Any]]:
    """Active triggers and those of the last days."""
    since = kite.house.clock.now() - timedelta(days=kite.house.rules.gtt_days_shown)
    return [
        row(kite, client, state)
        for state in client.record.gtts.values()
        if kite.faults.shows(state.gtt.gtt_id) and (state.is_active or state.updated_at >= since)
    ]


def one(kite: Kite, client: Client, trigger_id: str) -> dict[str, Any]:
    """One trigger; raises KiteError."""
    return row(kite, client, client.record.gtts[gtt_name(client, trigger_id)])


def row(kite: Kite, client: Client, state: GttState) -> dict[str, Any]:
    """A trigger as Kite shows it."""
    gtt = state.gtt
    legs = _legs(state)
    quote = kite.house.quote(gtt.isin)
    exchange = kite.house.instruments[gtt.isin].exchange
    common = {"exchange": exchange, "tradingsymbol": gtt.symbol}
    orders = [
        {
            **common,
            "product": gtt.product.value,
            "order_type": "LIMIT",
            "transaction_type": gtt.side.value,
            "quantity": gtt.qty,
            "price": number(limit or trigger),
            "result": _result(kite, client, state, leg, trigger),
        }
        for leg, trigger, limit in legs
    ]
    return {
        "id": gtt_number(client, gtt.gtt_id),
        "user_id": client.user.user_id,
        "parent_trigger": None,
        "type": "two-leg" if len(legs) == 2 else "single",
        "created_at": stamp(state.created_at),
        "updated_at": stamp(state.updated_at),
        "expires_at": stamp(state.created_at + LIVES),
        "status": _status(state),
        "condition": {
            **common,
            "last_price": number(quote.ltp if quote else None),
            "trigger_values": [number(trigger) for _, trigger, _ in legs],
            "instrument_token": kite.house.tokens[gtt.isin],
        },
        "orders": orders,
        "meta": {"rejection_reason": gtt.reason} if gtt.reason and not state.is_active else None,
    }


def _status(state: GttState) -> str:
    if state.cancelled:
        return "deleted"
    return "active" if state.is_active else "triggered"


def _legs(state: GttState) -> list[tuple[GttLeg, Money, Money | None]]:
    """Leg, trigger and limit of each leg, the lower trigger first."""
    gtt = state.gtt
    legs = [
        (GttLeg.STOP, gtt.stop, gtt.stop_limit),
        (GttLeg.TARGET, gtt.target, gtt.target_limit),
    ]
    kept = [(leg, trigger, limit) for leg, trigger, limit in legs if trigger is not None]
    return sorted(kept, key=lambda one: one[1])


def _result(
    kite: Kite, client: Client, state: GttState, leg: GttLeg, trigger: Money
) -> dict[str, Any] | None:
    """What became of the leg that fired; None for one that did not."""
    if state.leg is not leg:
        return None
    gtt = state.gtt
    step = client.record.order(state.order_id)
    rejected = step is not None and step.status is OrderStatus.REJECTED
    return {
        "account_id": client.user.user_id,
        "exchange": kite.house.instruments[gtt.isin].exchange,
        "tradingsymbol": gtt.symbol,
        "validity": "DAY",
        "product": gtt.product.value,
        "order_type": "LIMIT",
        "transaction_type": gtt.side.value,
        "quantity": gtt.qty,
        "price": number(step.ticket.limit if step else trigger),
        "meta": json.dumps({"app_id": kite.app.app_id, "gtt": gtt_number(client, gtt.gtt_id)}),
        "timestamp": stamp(state.updated_at),
        "triggered_at": number(trigger),
        "order_result": {
            "status": "failed" if rejected else "success",
            "order_id": "" if rejected or step is None else order_number(kite, client, step),
            "rejection_reason": step.reason if step is not None and rejected else "",
        },
    }


def _asked(kite: Kite, fields: Mapping[str, str]) -> Asked:
    """What the two JSON fields say; raises InputException."""
    try:
        condition = json.loads(fields.get("condition", ""))
        orders = json.loads(fields.get("orders", ""))
        triggers = [money(one, name="trigger_values") for one in condition["trigger_values"]]
        last_price = money(condition["last_price"], name="last_price")
        instrument = listed(kite, condition["exchange"], condition["tradingsymbol"])
        legs = [
            (
                side_of(order["transaction_type"]),
                whole(order["quantity"], name="quantity"),
                product_of(order["product"]),
                money(order["price"], name="price"),
                order["order_type"],
            )
            for order in orders
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise KiteError(
            "InputException", f"Invalid GTT `condition` or `orders`: {error}."
        ) from None
    wanted = {"single": 1, "two-leg": 2}.get(fields.get("type", ""), 0)
    if not wanted or len(triggers) != wanted or len(legs) != wanted:
        raise KiteError("InputException", "Invalid `type`, or its triggers and orders do not fit.")
    side, qty, product, _, _ = legs[0]
    if side is None or product is not Product.CNC or any(leg[4] != "LIMIT" for leg in legs):
        raise KiteError("InputException", "A GTT takes LIMIT orders in CNC.")
    if any(leg[:3] != legs[0][:3] for leg in legs):
        raise KiteError("InputException", "Both legs must have one side, quantity and product.")
    quote = kite.house.quote(instrument.isin)
    price = quote.ltp if quote else last_price
    stop, target = _as_legs(side, list(zip(triggers, [leg[3] for leg in legs], strict=True)), price)
    return Asked(
        instrument=instrument,
        side=side,
        qty=qty,
        product=product,
        stop=stop[0] if stop else None,
        target=target[0] if target else None,
        stop_limit=stop[1] if stop else None,
        target_limit=target[1] if target else None,
    )


Leg = tuple[Money, Money]  # trigger, limit


def _as_legs(side: Side, legs: list[Leg], price: Money) -> tuple[Leg | None, Leg | None]:
    """Which trigger is the stop and which the target; a single one by where the price stands."""
    if len(legs) == 2:
        low, high = sorted(legs)
        return (low, high) if side is Side.SELL else (high, low)
    (leg,) = legs
    below = leg[0] <= price
    is_stop = below if side is Side.SELL else not below
    return (leg, None) if is_stop else (None, leg)


def _no(error: Exception) -> KiteError:
    if isinstance(error, OutcomeUnknown):
        return KiteError("GeneralException", str(error))
    return KiteError("InputException", str(error))
