"""Kite's GTTs: a two-leg is our stop and target, a single is a stop (or a target) alone.

The order a fired leg sends is a LIMIT order whose price is fixed when the GTT is placed. It
stands 3 % through a stop and 1 % through a target, on the tick, as the embedded exchange does it;
today's band holds it back only when the trigger itself lies inside, for a GTT outlives the band.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from core.brokers.kite.plain import (
    Row,
    decimal,
    in_kite,
    moment,
    price,
    row_of,
    rows_of,
    rupees,
    whole,
    within,
    word,
)
from core.brokers.kite.shares import KiteShare, Shares
from core.brokers.kite.words import product_of, set_aside, side_of
from core.domain.instrument import PriceBand
from core.domain.money import ZERO, Money
from core.domain.order import Product, Side
from core.domain.ports import GttOrder, NotTaken
from core.errors import SourceWrong
from core.exchange.matching import child_of
from core.exchange.values import Gtt, GttLeg, Rules

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
class Gtts:
    """One read of the GTT list."""

    rows: tuple[KiteGtt, ...]
    not_taken: tuple[NotTaken, ...]


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


def read_gtts(found: Any, shares: Shares) -> Gtts:
    """Every GTT on shares the desk knows; others are set aside by name."""
    kept, aside = [], []
    for row in rows_of(found, CALL):
        condition = within(row, "condition", CALL)
        product = product_of(_product(row))
        name = (word(condition, "exchange"), word(condition, "tradingsymbol"))
        share = shares.named(*name)
        if share is None or product is None:
            aside.append(set_aside(CALL, {**condition, "product": _product(row)}))
        else:
            kept.append(_gtt(row, share, product))
    return Gtts(tuple(kept), tuple(aside))


def read_gtt(found: Any, shares: Shares) -> KiteGtt | None:
    """One GTT; None when it is on something that the desk does not trade."""
    rows = read_gtts([row_of(found, CALL)], shares).rows
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
        "trigger_values": [in_kite(trigger) for trigger, _ in legs],
        "last_price": in_kite(last),
        "orders": [
            {
                "transaction_type": cover.side.value,
                "quantity": cover.qty,
                "order_type": "LIMIT",
                "product": cover.product.value,
                "price": in_kite(child_limit(cover, leg, band=band, rules=rules)),
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
    condition = within(row, "condition", CALL)
    legs = rows_of(row.get("orders"), CALL)
    triggers = [
        rupees({"trigger": value}, "trigger", CALL)
        for value in condition.get("trigger_values") or ()
    ]
    shape, status = word(row, "type"), word(row, "status")
    if not legs or len(legs) != len(triggers) or len(legs) != {PAIR: 2, SINGLE: 1}.get(shape):
        raise SourceWrong(
            f"Kite's GTTs: {word(row, 'id')} is a {shape!r} of {len(triggers)} triggers and "
            f"{len(legs)} orders; look at it in Kite"
        )
    last = price(condition, "last_price", CALL)
    stop, target = _which(side_of(legs[0], CALL), triggers, last)
    results = [within(leg, "result", CALL) for leg in legs if leg.get("result")]
    fired = [row_of(one.get("order_result") or {}, CALL) for one in results]
    told = GttOrder(
        gtt_id=word(row, "id"),
        symbol=share.symbol,
        isin=share.isin,
        side=side_of(legs[0], CALL),
        qty=whole(legs[stop if stop is not None else 0], "quantity", CALL),
        stop=ZERO if stop is None else triggers[stop],
        target=ZERO if target is None else triggers[target],
        product=product,
        active=status == ACTIVE,
        fired_order_id=next((word(one, "order_id") for one in fired if word(one, "order_id")), ""),
        reason=_reason(row, legs, fired),
        stop_limit=None if stop is None else price(legs[stop], "price", CALL),
        target_limit=None if target is None else price(legs[target], "price", CALL),
        broker_status=status,
    )
    return KiteGtt(
        told=told,
        shape=shape,
        exchange=share.exchange,
        placed_at=moment(row, "created_at", CALL),
        changed_at=moment(row, "updated_at", CALL),
        expires_at=moment(row, "expires_at", CALL),
        last_price=last,
        triggered_at=next((price(one, "triggered_at", CALL) for one in results), None),
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
    meta = row.get("meta")
    told = [word(one, "rejection_reason") for one in fired]
    told.append(word(meta, "rejection_reason") if isinstance(meta, dict) else "")
    sizes = sorted({decimal(leg, "quantity", CALL) for leg in legs})
    if len(sizes) > 1:
        told.append(f"its legs are for {sizes[0]} and {sizes[1]} shares")
    return next((text for text in told if text), "")


def _product(row: Row) -> str:
    legs = rows_of(row.get("orders"), CALL)
    return word(legs[0], "product") if legs else ""
