"""Kite's GTTs: a two-leg is our stop and target, a single is a stop (or a target) alone.

The order a fired leg sends is a LIMIT order whose price is fixed when the GTT is placed. It
stands 3 % through a stop and 1 % through a target, on the tick, as the embedded exchange does it;
today's band holds it back only when the trigger itself lies inside, for a GTT outlives the band.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from core.brokers.kite import NAME
from core.brokers.kite.shares import KiteShare, Shares
from core.brokers.kite.words import product_of, set_aside, share_of
from core.brokers.plain import Row, as_float, row_of, rows_of
from core.brokers.rows import Taken, side_of
from core.domain.instrument import PriceBand
from core.domain.money import ZERO, Money
from core.domain.order import Product, Side
from core.domain.ports import GttOrder
from core.errors import SourceWrong
from core.exchange.matching import child_of
from core.exchange.rules import Rules
from core.exchange.values import Gtt, GttLeg

CALL: Final = "GTTs"
PAIR: Final = "two-leg"
SINGLE: Final = "single"
ACTIVE: Final = "active"
NO_BAND: Final = PriceBand(Money(1), Money(10**15))
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class KiteGtt:
    """A GTT as Kite tells it, with its times in UTC and the last price it was placed at."""

    told: GttOrder
    shape: str
    exchange: str
    placed_at: datetime | None
    changed_at: datetime | None
    expires_at: datetime | None
    last_price: Money | None
    triggered_at: Money | None


@dataclass(frozen=True, slots=True)
class Cover:
    """What to rest at Kite: closing `qty` shares at a stop, at a target, or at either."""

    share: KiteShare
    side: Side
    qty: int
    product: Product
    stop: Money | None
    target: Money | None

    @property
    def shape(self) -> str:
        """Kite's word for it."""
        return PAIR if self.stop is not None and self.target is not None else SINGLE


def read_gtts(found: Any, shares: Shares) -> Taken[KiteGtt]:
    """Every GTT on shares the desk knows; others are set aside by name."""
    kept, aside = [], []
    for row in rows_of(found, NAME, CALL):
        named = _named(row)
        share, product = share_of(named, shares), product_of(named)
        if share is None or product is None:
            aside.append(set_aside(named))
        else:
            kept.append(_gtt(row, share, product))
    return Taken(tuple(kept), tuple(aside))


def read_gtt(found: Any, shares: Shares) -> KiteGtt | None:
    """One GTT; None when it is on something that the desk does not trade."""
    rows = read_gtts([row_of(found, NAME, CALL).fields], shares).rows
    return rows[0] if rows else None


def gtt_fields(
    cover: Cover, *, last: Money, band: PriceBand | None, rules: Rules
) -> dict[str, Any]:
    """The arguments of Kite's place_gtt and modify_gtt; the lower trigger goes first."""
    legs = sorted(
        (trigger, leg)
        for leg, trigger in ((GttLeg.STOP, cover.stop), (GttLeg.TARGET, cover.target))
        if trigger is not None
    )
    return {
        "trigger_type": cover.shape,
        "tradingsymbol": cover.share.called,
        "exchange": cover.share.exchange,
        "trigger_values": [as_float(trigger) for trigger, _ in legs],
        "last_price": as_float(last),
        "orders": [
            {
                "transaction_type": cover.side.value,
                "quantity": cover.qty,
                "order_type": "LIMIT",
                "product": cover.product.value,
                "price": as_float(child_limit(cover, leg, band=band, rules=rules)),
            }
            for _, leg in legs
        ],
    }


def child_limit(cover: Cover, leg: GttLeg, *, band: PriceBand | None, rules: Rules) -> Money:
    """The price of the order that a fired leg sends."""
    trigger = cover.stop if leg is GttLeg.STOP else cover.target
    assert trigger is not None  # only legs that exist are asked for
    share = cover.share
    resting = Gtt(
        "", share.isin, share.symbol, cover.side, cover.qty, cover.product,
        cover.stop, cover.target, placed_at=EPOCH,
    )  # fmt: skip
    today = band if band is not None and band.holds(trigger) else NO_BAND
    child = child_of(resting, leg, band=today, tick=share.tick, rules=rules)
    assert child.limit is not None  # a child is always a LIMIT order
    return child.limit


def _gtt(row: Row, share: KiteShare, product: Product) -> KiteGtt:
    condition = row.within("condition")
    legs = row.rows("orders")
    triggers = [
        row_of({"trigger_values": one}, NAME, CALL).rupees("trigger_values")
        for one in condition.get("trigger_values") or ()
    ]
    shape, status = row.word("type"), row.word("status")
    if not legs or len(legs) != len(triggers) or len(legs) != {PAIR: 2, SINGLE: 1}.get(shape):
        raise SourceWrong(
            f"Kite's GTTs: {row.word('id')} is a {shape!r} of {len(triggers)} triggers and "
            f"{len(legs)} orders; look at it in Kite"
        )
    last = condition.price("last_price")
    stop, target = _which(side_of(legs[0]), triggers, last)
    results = [leg.within("result") for leg in legs if leg.get("result")]
    fired = [row_of(one.get("order_result") or {}, NAME, CALL) for one in results]
    told = GttOrder(
        gtt_id=row.word("id"),
        symbol=share.symbol,
        isin=share.isin,
        side=side_of(legs[0]),
        qty=legs[stop if stop is not None else 0].whole("quantity"),
        stop=ZERO if stop is None else triggers[stop],
        target=ZERO if target is None else triggers[target],
        product=product,
        active=status == ACTIVE,
        fired_order_id=next((one.word("order_id") for one in fired if one.word("order_id")), ""),
        reason=_reason(row, legs, fired),
        stop_limit=None if stop is None else legs[stop].price("price"),
        target_limit=None if target is None else legs[target].price("price"),
        broker_status=status,
    )
    return KiteGtt(
        told=told,
        shape=shape,
        exchange=share.exchange,
        placed_at=row.moment("created_at"),
        changed_at=row.moment("updated_at"),
        expires_at=row.moment("expires_at"),
        last_price=last,
        triggered_at=next((one.price("triggered_at") for one in results), None),
    )


def _which(
    side: Side, triggers: Sequence[Money], last: Money | None
) -> tuple[int | None, int | None]:
    """Positions of stop and target: a sale stops below and takes its profit above."""
    if len(triggers) == 2:
        low, high = sorted((0, 1), key=lambda at: triggers[at])
        return (low, high) if side is Side.SELL else (high, low)
    above = last is not None and triggers[0] > last
    is_stop = not above if side is Side.SELL else above or last is None
    return (0, None) if is_stop else (None, 0)


def _reason(row: Row, legs: Sequence[Row], fired: Sequence[Row]) -> str:
    """Why it failed, or that its legs differ, which makes it no cover for one quantity."""
    told = [one.word("rejection_reason") for one in fired]
    if isinstance(row.get("meta"), dict):
        told.append(row.within("meta").word("rejection_reason"))
    sizes = sorted({leg.decimal("quantity") for leg in legs})
    if len(sizes) > 1:
        told.append(f"its legs are for {sizes[0]} and {sizes[1]} shares")
    return next((text for text in told if text), "")


def _named(row: Row) -> Row:
    """What a GTT is on: its condition, with the product of its orders."""
    legs, condition = row.rows("orders"), row.within("condition")
    product = legs[0].word("product") if legs else ""
    return replace(condition, fields={**condition.fields, "product": product})
