"""What an order became while nobody looked: decided from the broker's order book alone.

One call moves an order by one state at most. A tag finds its order; parameters alone only
suggest one to a person, and nothing is ever sent again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from core.domain.order import NEXT, TERMINAL, Fill, Order, OrderStatus, advance
from core.domain.ports import BrokerOrder
from core.domain.reconciliation import Lookup

READS_BEFORE_ABSENT = 3
SECONDS_BEFORE_ABSENT = 120.0
SECONDS_BETWEEN_READS = 10.0  # a look that follows sooner proves nothing new
TAG_CHARS_MIN = 12  # a broker may cut a tag; ten base32 characters of hash still name one intent

S = OrderStatus


class Finding(StrEnum):
    """What recovery made of an order."""

    MOVED = "moved"
    ADOPTED = "adopted"
    WAITS = "waits"
    CONFLICT = "conflict"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Recovered:
    """The order as it should stand now, and why; save it when the finding moved or adopted it.

    `suggestions` are broker orders with the same terms and no tag, for a person to judge.
    """

    finding: Finding
    order: Order
    reason: str
    suggestions: tuple[BrokerOrder, ...] = ()


def on_restart(order: Order, broker_orders: Sequence[BrokerOrder]) -> Recovered:
    """What to make of an order found in the store at start-up, or of one that is UNKNOWN."""
    if order.status is S.PREPARED:
        reason = "never sent: the desk stopped before the send; approve again"
        return Recovered(Finding.MOVED, advance(order, S.CANCELLED, reason=reason), reason)
    if order.status is S.SENT:
        reason = "the desk stopped before the answer; looking it up"
        return Recovered(Finding.MOVED, advance(order, S.UNKNOWN, reason=reason), reason)
    if order.status in (S.UNKNOWN, S.ABSENT):
        return _look_up(order, broker_orders)
    return Recovered(Finding.UNCHANGED, order, f"order {order.id} is {order.status}")


def _look_up(order: Order, broker_orders: Sequence[BrokerOrder]) -> Recovered:
    found = [known for known in broker_orders if same_tag(known.tag, order.tag)]
    if len(found) > 1:
        ids = ", ".join(known.broker_order_id for known in found)
        reason = f"{order.symbol}: the broker shows {len(found)} orders of one tag ({ids})"
        return Recovered(Finding.CONFLICT, order, reason, tuple(found))
    if found and not same_terms(order, found[0]):
        reason = (
            f"{order.symbol}: broker order {found[0].broker_order_id} has our tag and other terms: "
            f"{found[0].side} {found[0].qty} {found[0].symbol} instead of "
            f"{order.side} {order.qty} {order.symbol}"
        )
        return Recovered(Finding.CONFLICT, order, reason, tuple(found))
    if found:
        late = " after it was called absent" if order.status is S.ABSENT else ""
        reason = f"found at the broker as {found[0].broker_order_id}{late}"
        return Recovered(Finding.ADOPTED, adopt(order, found[0]), reason)
    alike = tuple(k for k in broker_orders if not tag_chars(k.tag) and same_terms(order, k))
    return Recovered(Finding.WAITS, order, "not in the order book yet", alike)


def follow(order: Order, known: BrokerOrder) -> Order | None:
    """The order as the broker tells it now, or None when nothing is new.

    A finished order stays finished, whatever the broker says next; its late fills still count.
    """
    moves = _status_here(order, known) is not order.status
    news = (known.broker_order_id, known.broker_status)
    if order.status in TERMINAL or order.status is S.PREPARED:
        return None
    if not moves and news == (order.broker_order_id, order.broker_status):
        return None if _as_told(order, known) == order else adopt(order, known)
    return adopt(order, known)


def adopt(order: Order, known: BrokerOrder) -> Order:
    """The order as the broker's own order tells it; it carries that order's id from now on."""
    to = _status_here(order, known)
    if to is order.status:
        moved = replace(order, version=order.version + 1)
    else:
        moved = advance(order, to, reason=known.reason)
    named = replace(moved, broker_order_id=known.broker_order_id)
    return _as_told(replace(named, broker_status=known.broker_status), known)


def _as_told(order: Order, known: BrokerOrder) -> Order:
    """A stop order with the size and prices the broker tells, which changes in place moved."""
    if not order.is_stop_order or known.qty <= 0:
        return order
    limit, trigger = known.limit or order.limit_price, known.trigger or order.trigger_price
    return replace(order, qty=known.qty, limit_price=limit, trigger_price=trigger)


def _status_here(order: Order, known: BrokerOrder) -> OrderStatus:
    """The broker's status as our table allows it from where the order stands."""
    if known.status in NEXT[order.status] or known.status is order.status:
        return known.status
    if known.status is S.EXPIRED and S.CANCELLED in NEXT[order.status]:
        return S.CANCELLED  # ABSENT knows no expiry: the order is as dead
    return order.status


def tag_chars(tag: str | None) -> str:
    """A tag as brokers give it back, bare: `1:TAG`, spaces, case and null taken off."""
    return "".join(ch for ch in (tag or "").rsplit(":", 1)[-1] if ch.isalnum()).upper()


def same_tag(theirs: str | None, ours: str) -> bool:
    """Whether a broker's tag is ours, cut short or not."""
    bare = tag_chars(theirs)
    return len(bare) >= TAG_CHARS_MIN and tag_chars(ours).startswith(bare)


def same_terms(order: Order, known: BrokerOrder) -> bool:
    """Whether a broker's order is for the same share, side and quantity."""
    return (known.isin, known.side, known.qty) == (order.isin, order.side, order.qty)


def absent_after(reads: int, seconds: float, *, explained: bool = False) -> bool:
    """Whether an unknown order may be called absent.

    Args:
        reads: clean reads of the same day's order book that did not show it.
        seconds: monotonic seconds from the first of them to the last.
        explained: trades, positions or holdings show something the books do not, or the
            order book was wiped since the send; then emptiness proves nothing.
    """
    return reads >= READS_BEFORE_ABSENT and seconds >= SECONDS_BEFORE_ABSENT and not explained


def unclear(
    order: Order,
    *,
    alike: Sequence[BrokerOrder],
    trades: Sequence[Fill],
    desk_qty: int,
    broker_qty: int,
    wiped: bool,
) -> str:
    """Why an order book without our order does not prove that it is absent; empty when it does.

    Args:
        alike: broker orders of the same terms that belong to no order of ours.
        trades: of broker orders that belong to no order of ours.
        desk_qty: signed shares of the instrument in all books of the login, EXTERNAL included.
        broker_qty: signed shares the broker counts.
        wiped: the order book was wiped since the send.
    """
    if wiped:
        return f"{order.symbol}: the broker's order book was wiped before this order showed in it"
    if alike:
        name = alike[0].broker_order_id
        return f"{order.symbol}: broker order {name} has the same terms and no tag of ours"
    for trade in trades:
        if trade.isin == order.isin and trade.qty * order.side.sign > 0:
            return (
                f"{order.symbol}: trade {trade.trade_id} of broker order {trade.order_id} belongs "
                "to no order of ours"
            )
    if desk_qty != broker_qty:
        return f"{order.symbol}: the broker holds {broker_qty} and the desk's books {desk_qty}"
    return ""


def counted(before: Lookup, *, seconds: float, unclear: str) -> Lookup:
    """The lookup after one more read that did not show the order, at `seconds` monotonic.

    A read that leaves something unclear starts the count anew, and so does a clock that went
    back, because the machine was started again.
    """
    if seconds < before.began:
        before = replace(before, began=seconds, reads=0)
    if unclear:
        return replace(before, reads=0, first=0.0, last=0.0, unclear=unclear)
    if before.reads == 0:
        return replace(before, reads=1, first=seconds, last=seconds, unclear="")
    if seconds - before.last < SECONDS_BETWEEN_READS:
        return before
    return replace(before, reads=before.reads + 1, last=seconds)


def is_for_a_person(lookup: Lookup, *, seconds: float) -> bool:
    """Whether what is unclear has stayed so for as long as an absence takes to prove."""
    return bool(lookup.unclear) and seconds - lookup.began >= SECONDS_BEFORE_ABSENT


def may_be_absent(lookup: Lookup) -> bool:
    """Whether what was read so far proves that the order never reached the broker."""
    return absent_after(lookup.reads, lookup.last - lookup.first, explained=bool(lookup.unclear))
