"""One Upstox login as a BrokerSession: every write is one request, sent once.

Upstox holds a stop for shares that are held, or a target, and never both as one. `place_gtt`
rests the stop and leaves the target to the desk (`holds_pairs` says so), after it has seen that
nobody else could sell the same shares. When those reads fail nothing was sent, and the error says
so by being Throttled.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Final

from core.brokers.session import said
from core.brokers.upstox import triggers, words
from core.brokers.upstox.owners import other_owners, why_not
from core.brokers.upstox.reads import UpstoxReads
from core.brokers.upstox.shares import UpstoxShare
from core.brokers.upstox.triggers import Cover
from core.domain.money import ZERO, Money
from core.domain.order import Order, Product, Side
from core.domain.ports import (
    GttOrder,
)
from core.errors import BadInput, BrokerRefused


class UpstoxSession(UpstoxReads):
    """A BrokerSession and BrokerMore over Upstox; safe for several threads."""

    holds_pairs: Final = False
    asks_together: Final = True

    # Writes

    def place(self, order: Order) -> str:
        """Send one order and return Upstox's first order id for it."""
        import upstox_client

        self._check_login(order)
        fields = words.order_fields(order, self._shares.to_send(order.isin, order.symbol))
        body = upstox_client.PlaceOrderV3Request(**fields)
        return self.client.write(f"place {said(order)}", "place_order", body, ids="order_ids")

    def cancel(self, broker_order_id: str) -> None:
        """Ask for a cancel."""
        do = f"cancel order {broker_order_id}"
        self.client.write(do, "cancel_order", broker_order_id, ids="order_id")

    def modify(
        self,
        broker_order_id: str,
        *,
        limit: Money | None = None,
        qty: int | None = None,
        trigger: Money | None = None,
    ) -> None:
        """Change an open order in place; what is left out stays, and is read where unknown."""
        import upstox_client

        stands = self._standing(broker_order_id)
        fields = words.change_fields(stands, limit=limit, qty=qty, trigger=trigger)
        wanted = {"price": limit, "quantity": qty, "trigger price": trigger}
        shown = ", ".join(f"{name} {value}" for name, value in wanted.items() if value is not None)
        self.client.write(
            f"change order {broker_order_id} to {shown}",
            "modify_order",
            upstox_client.ModifyOrderRequest(**fields),
            ids="order_id",
        )

    def place_gtt(
        self,
        *,
        isin: str,
        symbol: str,
        qty: int,
        side: Side,
        stop: Money | None,
        target: Money | None,
        product: Product,
    ) -> str:
        """Rest the stop; the target stays with the desk, and rests only where there is no stop."""
        import upstox_client

        cover = self._cover(
            self._shares.to_send(isin, symbol), side, qty, product, stop=stop, target=target
        )
        self._alone(cover)
        rules = [
            upstox_client.GttRule(**one) for one in triggers.rule_fields(cover, rules=self._rules)
        ]
        body = upstox_client.GttPlaceOrderRequest(**triggers.place_fields(cover, rules))
        at = self._clock.now()
        do = f"rest {_shown(cover)}"
        gtt_id = self.client.write(do, "place_gtt_order", body, ids="gtt_order_ids")
        self.expect(_expected(cover, gtt_id), at)
        return gtt_id

    def modify_gtt(
        self, gtt_id: str, *, qty: int, stop: Money | None, target: Money | None
    ) -> None:
        """Change a resting trigger in place; its share and side are read first."""
        import upstox_client

        rests = self._resting(gtt_id)
        is_stop = rests.stop > ZERO
        share = self._shares.to_send(rests.isin, rests.symbol)
        level = stop if is_stop else target
        if level is None:
            level = rests.stop if is_stop else rests.target
        cover = Cover(share, rests.side, qty, rests.product, level, is_stop)
        if qty > rests.qty:
            self._alone(cover, but=gtt_id)
        rules = [
            upstox_client.GttRule(**one) for one in triggers.rule_fields(cover, rules=self._rules)
        ]
        body = upstox_client.GttModifyOrderRequest(
            type=triggers.SINGLE, quantity=qty, rules=rules, gtt_order_id=gtt_id
        )
        do = f"change GTT {gtt_id} to {_shown(cover)}"
        self.client.write(do, "modify_gtt_order", body, ids="gtt_order_ids")

    def cancel_gtt(self, gtt_id: str) -> None:
        """Take a resting GTT away."""
        import upstox_client

        body = upstox_client.GttCancelOrderRequest(gtt_order_id=gtt_id)
        self.client.write(f"cancel GTT {gtt_id}", "cancel_gtt_order", body, ids="gtt_order_ids")
        self._memory.drop(gtt_id)

    # Inside

    @staticmethod
    def _cover(
        share: UpstoxShare,
        side: Side,
        qty: int,
        product: Product,
        *,
        stop: Money | None,
        target: Money | None,
    ) -> Cover:
        level = target if stop is None else stop
        if level is None:
            raise BadInput(f"{share.symbol}: a GTT needs a stop or a target; give one")
        return Cover(share, side, qty, product, level, stop is not None)

    def _alone(self, cover: Cover, *, but: str = "") -> None:
        """Raise BrokerRefused where another owner could sell the same shares."""
        symbol = cover.share.symbol
        with ThreadPoolExecutor(max_workers=1) as beside:  # two answers in the time of one
            asked = beside.submit(self.order_details)
            gtts = self._before_write(symbol, self.gtts)
            orders = self._before_write(symbol, asked.result)
        others = other_owners(cover, gtts, orders, but=but)
        if others:
            held = self._before_write(symbol, self.holdings).get(cover.share.isin, 0)
            if why := why_not(cover, others, held=held):
                raise BrokerRefused(why)

    def _standing(self, broker_order_id: str) -> words.UpstoxOrder:
        """An order as it was last read; one that was not is read now."""
        with self._lock:
            known = self._book.get(broker_order_id)
        if known is None:
            rows = self._before_write(f"order {broker_order_id}", self.order_details)
            known = next((one for one in rows if one.told.broker_order_id == broker_order_id), None)
        if known is None:
            raise BrokerRefused(f"order {broker_order_id} is not in Upstox's book of the day")
        return known

    def _resting(self, gtt_id: str) -> GttOrder:
        rows = self._before_write(f"GTT {gtt_id}", self.gtt_details)
        known = next((one for one in rows if one.told.gtt_id == gtt_id), None)
        if known is None or not known.told.active:
            stands = known.told.broker_status if known else "not listed"
            raise BrokerRefused(f"GTT {gtt_id} is not active ({stands}) and cannot change")
        if known.shape != triggers.SINGLE:
            raise BrokerRefused(f"GTT {gtt_id} was made by hand with an entry; change it at Upstox")
        return known.told


def _shown(cover: Cover) -> str:
    leg = "stop" if cover.is_stop else "target"
    return f"a GTT to {cover.side} {cover.qty} {cover.share.symbol}, {leg} {cover.trigger}"


def _expected(cover: Cover, gtt_id: str) -> GttOrder:
    return GttOrder(
        gtt_id=gtt_id,
        symbol=cover.share.symbol,
        isin=cover.share.isin,
        side=cover.side,
        qty=cover.qty,
        stop=cover.trigger if cover.is_stop else ZERO,
        target=ZERO if cover.is_stop else cover.trigger,
        product=cover.product,
        active=True,
        stop_alone=True,
    )
