"""Upstox's GTTs: SINGLE is one ENTRY rule, MULTIPLE an ENTRY that TARGET and STOPLOSS follow.

So a SINGLE sale below the market is a stop for shares that are held. Nothing ties two GTTs to
each other, and a MULTIPLE buys or sells before its two other rules come to life.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from core.domain.clock import IST
from core.domain.instrument import Instrument, snap
from core.domain.money import Money
from core.domain.order import OrderStatus, Product, Side
from core.domain.ticks import tick_now
from core.errors import BrokerRefused, OutcomeUnknown
from core.exchange.trading_floor import broker_day
from core.sandbox.house import Client
from core.sandbox.protection import percent
from core.sandbox.record import GttState
from core.sandbox.upstox.answers import (
    FAILED,
    INVALID,
    TURNED_DOWN,
    UpstoxError,
    money,
    number,
    price,
    whole,
)
from core.sandbox.upstox.state import Upstox, gtt_name, gtt_number, key_of, listed, order_number
from core.sandbox.upstox.words import LETTERS, PRODUCTS, side_of

LIVES: Final = timedelta(days=365)
ENTRY, TARGET, STOPLOSS = "ENTRY", "TARGET", "STOPLOSS"
BELOW, ABOVE, IMMEDIATE = "BELOW", "ABOVE", "IMMEDIATE"
RULES_MOST: Final = 3


@dataclass(frozen=True, slots=True)
class GttRule:
    """One rule as a client asks for it."""

    strategy: str
    trigger_type: str
    trigger: Money
    gap: Money | None
    protection: Decimal | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A whole GTT as a client asks for it."""

    instrument: Instrument
    side: Side
    qty: int
    product: Product
    rules: Mapping[str, GttRule]

    @property
    def entry(self) -> GttRule:
        """The rule that every GTT has."""
        return self.rules[ENTRY]


def asked_of(upstox: Upstox, fields: Mapping[str, Any]) -> Asked:
    """The body of a new GTT; raises UpstoxError."""
    side, product = (
        side_of(fields.get("transaction_type")),
        PRODUCTS.get(str(fields.get("product"))),
    )
    if side is None or product is None:
        raise UpstoxError(INVALID, "The 'transaction_type' or the 'product' is invalid")
    return Asked(
        instrument=listed(upstox, str(fields.get("instrument_token"))),
        side=side,
        qty=qty_of(fields),
        product=product,
        rules=rules_of(fields),
    )


def qty_of(fields: Mapping[str, Any]) -> int:
    """How many shares; raises UpstoxError."""
    qty = whole(fields.get("quantity"), name="quantity")
    if qty <= 0:
        raise UpstoxError("UDAPI1052", "The order quantity cannot be zero")
    return qty


def rules_of(fields: Mapping[str, Any]) -> dict[str, GttRule]:
    """The rules by strategy; raises UpstoxError for a set that Upstox does not hold."""
    rows = fields.get("rules")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UpstoxError(INVALID, "The 'rules' are invalid")
    rules = [_rule(row) for row in rows]
    names = [rule.strategy for rule in rules]
    if len(names) > RULES_MOST or len(set(names)) < len(names):
        raise UpstoxError("UDAPI1131", "At most three rules, and no strategy twice")
    if ENTRY not in names:
        raise UpstoxError("UDAPI1132", "A GTT order needs an ENTRY rule")
    kind = fields.get("type")
    if kind not in ("SINGLE", "MULTIPLE") or (kind == "SINGLE") != (len(names) == 1):
        raise UpstoxError("UDAPI1133", "SINGLE takes one rule, MULTIPLE two or three")
    return {rule.strategy: rule for rule in rules}


def place(upstox: Upstox, client: Client, asked: Asked) -> str:
    """Rest a SINGLE; returns its id."""
    entry = asked.entry
    limit = child_limit(upstox, asked.instrument, asked.side, entry)
    is_stop = stops(asked.side, entry.trigger_type)
    with upstox.house.lock:
        name = _done(
            lambda: client.paper.place_gtt(
                isin=asked.instrument.isin,
                symbol=asked.instrument.symbol,
                qty=asked.qty,
                side=asked.side,
                product=asked.product,
                stop=entry.trigger if is_stop else None,
                target=None if is_stop else entry.trigger,
                stop_limit=limit if is_stop else None,
                target_limit=None if is_stop else limit,
            )
        )
        upstox.faults.hide(str(name))
    return gtt_number(client, str(name))


def modify(upstox: Upstox, client: Client, fields: Mapping[str, Any]) -> str:
    """Change a resting SINGLE in place."""
    number_ = str(fields.get("gtt_order_id"))
    rules, qty = rules_of(fields), qty_of(fields)
    with upstox.house.lock:
        name = gtt_name(client, number_)
        was = client.record.gtts[name].gtt
        entry = rules[ENTRY]
        is_stop = was.stop is not None
        if len(rules) > 1 or stops(was.side, entry.trigger_type) is not is_stop:
            raise UpstoxError(INVALID, "A GTT order keeps its type and the side of its trigger")
        limit = child_limit(upstox, upstox.house.instruments[was.isin], was.side, entry)
        _done(
            lambda: client.paper.modify_gtt(
                name,
                qty=qty,
                stop=entry.trigger if is_stop else None,
                target=None if is_stop else entry.trigger,
                stop_limit=limit if is_stop else None,
                target_limit=None if is_stop else limit,
            )
        )
    return number_


def cancel(upstox: Upstox, client: Client, number_: str) -> str:
    """Take a resting SINGLE away."""
    with upstox.house.lock:
        name = gtt_name(client, number_)
        _done(lambda: client.paper.cancel_gtt(name))
    return number_


def all_of(upstox: Upstox, client: Client, *, but: Sequence[str]) -> list[dict[str, Any]]:
    """Active ones and, unless they are forgotten, those that ended today."""
    return [
        row(upstox, client, state)
        for name, state in client.record.gtts.items()
        if name not in but and upstox.faults.shows(name) and is_listed(upstox, state)
    ]


def is_listed(upstox: Upstox, state: GttState) -> bool:
    """Whether reads show a GTT."""
    if state.is_active:
        return True
    today = broker_day(state.updated_at) == upstox.house.today()
    return today and not upstox.forgets_ended_gtts


def row(upstox: Upstox, client: Client, state: GttState) -> dict[str, Any]:
    """A SINGLE as Upstox shows it."""
    gtt = state.gtt
    is_stop = gtt.stop is not None
    status, message, order_id = fate(upstox, client, state)
    trigger_type = BELOW if is_stop is (gtt.side is Side.SELL) else ABOVE
    rule = {
        "strategy": ENTRY,
        "status": status,
        "trigger_type": trigger_type,
        "trigger_price": number(gtt.stop if is_stop else gtt.target),
        "transaction_type": gtt.side.value,
        "message": message,
        "order_id": order_id,
    }
    return whole_row(
        upstox,
        upstox.house.instruments[gtt.isin],
        kind="SINGLE",
        qty=gtt.qty,
        product=gtt.product,
        rules=[rule],
        gtt_id=gtt_number(client, gtt.gtt_id),
        created_at=state.created_at,
    )


def whole_row(
    upstox: Upstox,
    instrument: Instrument,
    *,
    kind: str,
    qty: int,
    product: Product,
    rules: list[dict[str, Any]],
    gtt_id: str,
    created_at: datetime,
) -> dict[str, Any]:
    """A GTT of either kind; its times are microseconds of the epoch."""
    ends = created_at + LIVES
    if product is Product.MIS:
        ends = created_at.astimezone(IST).replace(hour=23, minute=59, second=59, microsecond=0)
    return {
        "type": kind,
        "exchange": f"{instrument.exchange}_EQ",
        "quantity": qty,
        "product": LETTERS[product],
        "rules": rules,
        "trading_symbol": instrument.symbol,
        "instrument_token": key_of(instrument),
        "gtt_order_id": gtt_id,
        "expires_at": round(ends.timestamp() * 1_000_000),
        "created_at": round(created_at.timestamp() * 1_000_000),
    }


def fate(upstox: Upstox, client: Client, state: GttState) -> tuple[str, str | None, str | None]:
    """Status, message and order id of the rule of a trigger."""
    if state.cancelled:
        return "CANCELLED", "", None
    if state.is_active:
        return "SCHEDULED", None, None
    step = client.record.order(state.order_id)
    if step is None:  # of an earlier day
        return "COMPLETED", None, None
    order_id = order_number(upstox, client, step)
    if step.status is OrderStatus.REJECTED:
        return "FAILED", step.reason, order_id
    return ("TRIGGERED" if step.is_open else "COMPLETED"), None, order_id


def stops(side: Side, trigger_type: str) -> bool:
    """Whether a trigger is the losing side's: below for a sale, above for a purchase."""
    return trigger_type == (BELOW if side is Side.SELL else ABOVE)


def child_limit(upstox: Upstox, share: Instrument, side: Side, rule: GttRule) -> Money | None:
    """Where the order that a rule sends stands; None leaves it to the house."""
    quote = upstox.house.quote(share.isin)
    if rule.protection is None or quote is None:
        return None
    through = rule.trigger.times(1 + side.sign * rule.protection / 100)
    return snap(through, tick_now(quote), up=side is Side.BUY)


def _rule(fields: Mapping[str, Any]) -> GttRule:
    strategy, trigger_type = fields.get("strategy"), fields.get("trigger_type")
    if strategy not in (ENTRY, TARGET, STOPLOSS):
        raise UpstoxError(INVALID, "The 'strategy' is invalid")
    allowed = (BELOW, ABOVE, IMMEDIATE) if strategy == ENTRY else (IMMEDIATE,)
    if trigger_type not in allowed:
        raise UpstoxError(INVALID, f"The 'trigger_type' of {strategy} is {' or '.join(allowed)}")
    gap = price(fields.get("trailing_gap"), name="trailing_gap")
    if gap is not None and strategy != STOPLOSS:
        raise UpstoxError(INVALID, "Only a STOPLOSS takes a 'trailing_gap'")
    trigger = money(fields.get("trigger_price"), name="trigger_price")
    if trigger.paise <= 0:
        raise UpstoxError("UDAPI1061", "The 'trigger_price' must be above zero")
    pct = percent(fields.get("market_protection"))
    return GttRule(str(strategy), str(trigger_type), trigger, gap, pct)


def _done(do: Any) -> object:
    try:
        return do()
    except BrokerRefused as error:
        raise UpstoxError(TURNED_DOWN, str(error)) from error
    except OutcomeUnknown as error:
        raise UpstoxError(FAILED, str(error)) from error
