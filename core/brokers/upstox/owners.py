"""Who can sell the same shares: a GTT is refused where another owner could sell them too.

Upstox ties nothing together, so the desk does. Resting triggers and working orders of one side
and product are counted before a trigger is placed or enlarged; with any of them there, all
together may close no more than is held.

Upstox writes that it lists no GTT that has completed. One that was active and is not listed any
more is therefore looked for among the orders: it fired when an order without a tag, of its share,
side, product and size, came after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from core.brokers.upstox.triggers import Cover
from core.brokers.upstox.words import UpstoxOrder
from core.domain.order import OrderStatus
from core.domain.ports import GttOrder

CLOCKS_APART: Final = timedelta(seconds=5)
NOT_LISTED: Final = "not listed any more"


@dataclass(frozen=True, slots=True)
class Owner:
    """Something that can close shares: its name and how many."""

    name: str
    qty: int


def other_owners(
    cover: Cover, gtts: Iterable[GttOrder], orders: Iterable[UpstoxOrder], *, but: str = ""
) -> list[Owner]:
    """Active GTTs and working orders of the same share, side and product, without one GTT."""
    found = [
        Owner(f"GTT {gtt.gtt_id}", gtt.qty)
        for gtt in gtts
        if gtt.active
        and gtt.gtt_id != but
        and (gtt.isin, gtt.side, gtt.product) == (cover.share.isin, cover.side, cover.product)
    ]
    found += [
        Owner(f"order {one.told.broker_order_id}", one.told.qty - one.told.filled_qty)
        for one in orders
        if one.told.status is OrderStatus.OPEN
        and one.product is cover.product
        and (one.told.isin, one.told.side) == (cover.share.isin, cover.side)
    ]
    return found


def why_not(cover: Cover, others: Sequence[Owner], *, held: int) -> str:
    """Why a trigger would be one owner too many; empty where all together fit.

    Args:
        held: net shares of all products, signed.
    """
    closable = max(0, -held * cover.side.sign)
    taken = sum(one.qty for one in others)
    if not others or taken + cover.qty <= closable:
        return ""
    names = ", ".join(f"{one.name} ({one.qty})" for one in others)
    return (
        f"{cover.share.symbol}: {names} can {cover.side} {taken} already, and {cover.qty} more "
        f"are over the {closable} held; cancel one first"
    )


class Memory:
    """GTTs that were active when last seen; safe for several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._active: dict[str, tuple[GttOrder, datetime]] = {}
        self._fired: dict[str, GttOrder] = {}

    def expect(self, gtt: GttOrder, at: datetime) -> None:
        """Look out for a GTT from `at` on."""
        with self._lock:
            self._active.setdefault(gtt.gtt_id, (gtt, at))

    def drop(self, gtt_id: str) -> None:
        """Forget one that was cancelled."""
        with self._lock:
            self._active.pop(gtt_id, None)

    def see(self, listed: Sequence[GttOrder], at: datetime) -> list[GttOrder]:
        """Take a list in; returns those that were expected and are not in it."""
        with self._lock:
            for gtt in listed:
                if gtt.active:
                    since = self._active.get(gtt.gtt_id, (gtt, at))[1]
                    self._active[gtt.gtt_id] = (gtt, since)
                else:
                    self._active.pop(gtt.gtt_id, None)
            shown = {gtt.gtt_id for gtt in listed}
            return [gtt for gtt, _ in self._active.values() if gtt.gtt_id not in shown]

    def fired(self, orders: Sequence[UpstoxOrder], listed: Sequence[GttOrder]) -> list[GttOrder]:
        """Every GTT that fired and is not listed, each with the order that it sent."""
        shown = {gtt.gtt_id for gtt in listed}
        with self._lock:
            claimed = {gtt.fired_order_id for gtt in [*listed, *self._fired.values()]}
            for gtt_id, (gtt, since) in list(self._active.items()):
                child = None if gtt_id in shown else _child(gtt, since, orders, claimed)
                if child is not None:
                    claimed.add(child)
                    self._active.pop(gtt_id)
                    self._fired[gtt_id] = replace(
                        gtt, active=False, fired_order_id=child, broker_status=NOT_LISTED
                    )
            known = {one.told.broker_order_id for one in orders}
            self._fired = {
                name: gtt for name, gtt in self._fired.items() if gtt.fired_order_id in known
            }
            return [gtt for name, gtt in self._fired.items() if name not in shown]

    @property
    def recalls(self) -> bool:
        """Whether a GTT that fired unlisted is still told."""
        with self._lock:
            return bool(self._fired)


def _child(
    gtt: GttOrder, since: datetime, orders: Sequence[UpstoxOrder], claimed: set[str]
) -> str | None:
    """The first order that could be a GTT's own."""
    for one in orders:
        fits = (one.told.isin, one.told.side, one.told.qty) == (gtt.isin, gtt.side, gtt.qty)
        late = one.placed_at is not None and one.placed_at >= since - CLOCKS_APART
        ours = not one.told.tag and one.product is gtt.product
        if fits and late and ours and one.told.broker_order_id not in claimed:
            return one.told.broker_order_id
    return None
