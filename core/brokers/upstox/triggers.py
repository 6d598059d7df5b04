"""Upstox's GTTs: a SINGLE is our stop, or our target, alone; no shape ties the two to held shares.

A MULTIPLE begins with an ENTRY that trades, so it cannot cover what is held already. One that
somebody placed by hand shows as a pair once its entry has traded, for it can sell then. Which
side a SINGLE's trigger is on tells what it is: below for a sale, above for a purchase is a stop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from core.brokers.plain import Row, as_float, rows_of
from core.brokers.rows import Taken, side_of
from core.brokers.upstox import NAME
from core.brokers.upstox.shares import Shares, UpstoxShare
from core.brokers.upstox.words import LETTERS, called, key_in, product_of, set_aside
from core.domain.money import ZERO, Money
from core.domain.order import Product, Side
from core.domain.ports import GttOrder, NotTaken
from core.errors import SourceWrong
from core.exchange.rules import Rules

CALL: Final = "GTTs"
SINGLE, MULTIPLE = "SINGLE", "MULTIPLE"
ENTRY, TARGET, STOPLOSS = "ENTRY", "TARGET", "STOPLOSS"
BELOW, ABOVE = "BELOW", "ABOVE"
MICROS: Final = 1_000_000
COMPLETED: Final = "COMPLETED"
FIRED: Final = frozenset({"TRIGGERED", COMPLETED, "FAILED"})
OVER: Final = FIRED | {"CANCELLED", "EXPIRED"}  # another word leaves it able to fire


@dataclass(frozen=True, slots=True)
class UpstoxGtt:
    """A GTT as Upstox tells it, with its times in UTC."""

    told: GttOrder
    shape: str
    exchange: str
    trailing_gap: Money | None
    placed_at: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Cover:
    """What to rest at Upstox: closing `qty` shares at one price, a stop or a target."""

    share: UpstoxShare
    side: Side
    qty: int
    product: Product
    trigger: Money
    is_stop: bool

    @property
    def trigger_type(self) -> str:
        """From which side the price comes."""
        return BELOW if self.is_stop is (self.side is Side.SELL) else ABOVE


def read_gtts(found: Any, shares: Shares) -> Taken[UpstoxGtt]:
    """Every GTT on shares the desk knows that holds, or held, an order which closes."""
    kept, aside = [], []
    for row in rows_of(found, NAME, CALL):
        share, product = shares.by_key(key_in(row)), product_of(row)
        if share is None or product is None:
            aside.append(set_aside(row))
        elif row.word("type") == MULTIPLE and not _has_entered(row):
            name = f"{row.word('exchange')}:{called(row)}"
            aside.append(NotTaken(CALL, name, "its entry has not traded, so it covers nothing yet"))
        else:
            kept.append(_gtt(row, share, product))
    return Taken(tuple(kept), tuple(aside))


def rule_fields(cover: Cover, *, rules: Rules) -> list[dict[str, Any]]:
    """The one rule of a SINGLE; its order goes 3 % through a stop and 1 % through a target."""
    bps = rules.stop_through_bps if cover.is_stop else rules.target_through_bps
    return [
        {
            "strategy": ENTRY,
            "trigger_type": cover.trigger_type,
            "trigger_price": as_float(cover.trigger),
            "market_protection": bps / 100,
        }
    ]


def place_fields(cover: Cover, rules: Sequence[Any]) -> dict[str, Any]:
    """The fields of Upstox's GttPlaceOrderRequest."""
    return {
        "type": SINGLE,
        "quantity": cover.qty,
        "product": LETTERS[cover.product],
        "rules": list(rules),
        "instrument_token": cover.share.key,
        "transaction_type": cover.side.value,
    }


def _has_entered(row: Row) -> bool:
    rules = row.rows("rules")
    return any(one.word("strategy") == ENTRY and one.word("status") == COMPLETED for one in rules)


def _gtt(row: Row, share: UpstoxShare, product: Product) -> UpstoxGtt:
    rules = {one.word("strategy"): one for one in row.rows("rules")}
    shape, gtt_id = row.word("type"), row.word("gtt_order_id")
    legs = _legs(rules, shape)
    if not gtt_id or not legs:
        raise SourceWrong(
            f"Upstox's GTTs: {gtt_id or 'one without an id'} is a {shape!r} with the rules "
            f"{', '.join(sorted(rules)) or 'none'}; look at it in Upstox"
        )
    side = side_of(next(iter(legs.values())))
    fired = next((one for one in legs.values() if one.word("order_id")), None)
    stop, target = legs.get(STOPLOSS), legs.get(TARGET)
    told = GttOrder(
        gtt_id=gtt_id,
        symbol=share.symbol,
        isin=share.isin,
        side=side,
        qty=row.whole("quantity"),
        stop=stop.rupees("trigger_price") if stop else ZERO,
        target=target.rupees("trigger_price") if target else ZERO,
        product=product,
        active=fired is None and not all(one.word("status") in OVER for one in legs.values()),
        fired_order_id=fired.word("order_id") if fired else "",
        reason=next((text for one in legs.values() if (text := one.word("message"))), ""),
        broker_status="/".join(one.word("status") for one in legs.values()),
        stop_alone=shape == SINGLE,
    )
    return UpstoxGtt(
        told=told,
        shape=shape,
        exchange=share.exchange,
        trailing_gap=stop.price("trailing_gap") if stop else None,
        placed_at=row.epoch("created_at", per_second=MICROS),
        expires_at=row.epoch("expires_at", per_second=MICROS),
    )


def _legs(rules: dict[str, Row], shape: str) -> dict[str, Row]:
    """The rules that close, by whether they are the stop or the target."""
    if shape == MULTIPLE:
        return {name: rules[name] for name in (STOPLOSS, TARGET) if name in rules}
    entry = rules.get(ENTRY)
    if shape != SINGLE or entry is None:
        return {}
    sells = side_of(entry) is Side.SELL
    above = entry.word("trigger_type") == ABOVE
    return {TARGET if above is sells else STOPLOSS: entry}
