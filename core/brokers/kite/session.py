"""One Zerodha login as a BrokerSession: every write is one request, sent once.

Kite gives no idempotent placement, so nothing here is tried again. Before a GTT is placed the
last price and the band are read (Kite wants the price, the legs' limits want the band); when
that read fails nothing was sent, and the error says so by being Throttled.
"""

from __future__ import annotations

from typing import Any, Final

from core.brokers.kite import triggers, words
from core.brokers.kite.reads import KiteReads
from core.brokers.kite.triggers import Cover
from core.brokers.session import said
from core.domain.money import Money
from core.domain.order import Order, Product, Side
from core.domain.ports import GttOrder
from core.errors import BrokerRefused


class KiteSession(KiteReads):
    """A BrokerSession and BrokerMore over Kite; safe for several threads."""

    asks_together: Final = True  # a network lies between, and the client takes several threads

    # Writes

    def place(self, order: Order) -> str:
        """Send one order and return Kite's order id."""
        self._check_login(order)
        fields = words.order_fields(order, self._shares.to_send(order.isin, order.symbol))
        return self.client.write(f"place {said(order)}", "place_order", **fields)

    def cancel(self, broker_order_id: str) -> None:
        """Ask for a cancel."""
        self.client.write(
            f"cancel order {broker_order_id}",
            "cancel_order",
            variety=self._variety_of(broker_order_id),
            order_id=broker_order_id,
        )

    def modify(
        self,
        broker_order_id: str,
        *,
        limit: Money | None = None,
        qty: int | None = None,
        trigger: Money | None = None,
    ) -> None:
        """Change an open order in place; what is left out stays."""
        wanted = {
            "price": words.as_text(limit) if limit else None,
            "quantity": qty,
            "trigger_price": words.as_text(trigger) if trigger else None,
        }
        changes = {name: value for name, value in wanted.items() if value is not None}
        shown = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in changes.items())
        self.client.write(
            f"change order {broker_order_id} to {shown}",
            "modify_order",
            variety=self._variety_of(broker_order_id),
            order_id=broker_order_id,
            **changes,
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
        """Rest a pair, or one leg alone where the other is None."""
        cover = Cover(self._shares.to_send(isin, symbol), side, qty, product, stop, target)
        fields = self._gtt_fields(cover)
        return self.client.write(f"rest {_shown(cover)}", "place_gtt", **fields)

    def modify_gtt(
        self, gtt_id: str, *, qty: int, stop: Money | None, target: Money | None
    ) -> None:
        """Change a resting GTT in place; its share and side are read first."""
        rests = self._resting(gtt_id)
        share = self._shares.to_send(rests.isin, rests.symbol)
        cover = Cover(share, rests.side, qty, rests.product, stop, target)
        fields = self._gtt_fields(cover)
        self.client.write(
            f"change GTT {gtt_id} to {_shown(cover)}", "modify_gtt", trigger_id=gtt_id, **fields
        )

    def cancel_gtt(self, gtt_id: str) -> None:
        """Take a resting GTT away."""
        self.client.write(f"cancel GTT {gtt_id}", "delete_gtt", trigger_id=gtt_id)

    # Inside

    def _gtt_fields(self, cover: Cover) -> dict[str, Any]:
        """What Kite wants of a GTT; reads a quote first unless a fresh one is known."""
        isin = cover.share.isin
        seen = self._seen.fresh(isin)
        if seen is None:
            self._before_write(cover.share.symbol, lambda: self.quotes([isin]))
            seen = self._seen.last(isin)
        return triggers.gtt_fields(cover, last=seen.ltp, band=seen.band, rules=self._rules)

    def _resting(self, gtt_id: str) -> GttOrder:
        found = self._before_write(
            f"GTT {gtt_id}", lambda: self._ask("gtt", f"read GTT {gtt_id}", "get_gtt", gtt_id)
        )
        known = triggers.read_gtt(found, self._shares)
        if known is None or not known.told.active:
            stands = known.told.broker_status if known else "on another instrument"
            raise BrokerRefused(f"GTT {gtt_id} is not active ({stands}) and cannot change")
        return known.told


def _shown(cover: Cover) -> str:
    legs = [
        f"{name} {leg}" for name, leg in (("stop", cover.stop), ("target", cover.target)) if leg
    ]
    return f"a GTT to {cover.side} {cover.qty} {cover.share.symbol}, {' and '.join(legs)}"
