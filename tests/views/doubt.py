"""The morning of `shelf` with a BEL order nobody can tell about and shares that differ.

Order or-2 asked for 320 more BEL; the order book shows B77 with the same terms and no tag, and
B78 of another share. The broker holds 12 RELIANCE that the books do not know of, worth
12 x 2,845.30 = 34,143.60, and the owner sold 20 BEL by phone.
"""

from __future__ import annotations

from dataclasses import replace

from core.desk.desk import Desk
from core.domain.order import Fill, Order, OrderStatus, Product, Side
from core.domain.ports import BrokerOrder
from core.domain.reconciliation import Lookup, Mismatch, Reconciliation
from core.store import ledger, lookups, orders, reconciliations
from core.treasury import post
from tests.views.shelf import BEL, BEL_ORDER, RELIANCE, ago, rs

LOST: Order = replace(
    BEL_ORDER, id="or-2", tag="MNXXXXXXXXXXXXXXXX", status=OrderStatus.UNKNOWN,
    broker_order_id="", broker_status="", version=1,
)  # fmt: skip
B77 = BrokerOrder("B77", "", "BEL", BEL, Side.BUY, 320, 320, OrderStatus.FILLED, "COMPLETE", "")
B78 = replace(B77, broker_order_id="B78", symbol="RELIANCE", isin=RELIANCE, qty=7)
TRADE = Fill("B77", "t9", "NSE", "", BEL, "BEL", 320, rs("402"), Product.CNC, ago(minutes=5))
SAID = "RELIANCE: the broker holds 12 and the desk's books 0; 12 more than we know of, ₹34,143.60"
DIFFERS = Mismatch(RELIANCE, "RELIANCE", 0, 12, rs("34143.60"), SAID, ago(minutes=3))
SOLD = post.elsewhere(
    login_id="paper", isin=BEL, qty=-20, worth=-rs("8200"), at=ago(hours=1),
    reference="NSE:2026-11-20:B70:t70", words="BEL: -20 at ₹410.00 was traded outside the desk",
)  # fmt: skip
UNCLEAR = "BEL: broker order B77 has the same terms and no tag of ours"


def in_doubt(desk: Desk, *, unclear: str = UNCLEAR) -> Desk:
    """The filled desk with all of the above."""
    with desk.store.write() as tx:
        orders.put(tx, LOST)
        lookups.put(
            tx,
            Lookup("or-2", ago(seconds=4), 900.0, 0 if unclear else 2, unclear=unclear,
                   book=(B77, B78), trades=(TRADE,)),
        )  # fmt: skip
        reconciliations.put(tx, Reconciliation("paper", ago(seconds=9), (DIFFERS,)))
        ledger.post(tx, SOLD)
    return desk
