"""A card's costs in words: the entry item by item, both sides, and where the trade breaks even."""

from __future__ import annotations

from core.desk.card_costs import CardCosts
from core.domain.charges import Charges
from core.domain.money import Money
from core.domain.order import Side
from core.domain.words import number, pct, rupees

Lines = tuple[tuple[str, str], ...]
SIDES = {Side.BUY: ("Buy side", "Sell side"), Side.SELL: ("Sell side", "Buy side")}


def charge_lines(costs: CardCosts, *, side: Side, entry: Money) -> Lines:
    """Names and amounts in the order they are read; the last two are the sums that matter.

    Args:
        side: of the entry.
        entry: the worst price of the band, which break-even is counted from.
    """
    first, second = SIDES[side]
    return (
        *_items(costs.entry),
        (first, rupees(costs.entry.total)),
        (second, rupees(costs.way_out.total)),
        *((("DP charge", rupees(costs.dp)),) if costs.dp else ()),
        ("Both sides", rupees(costs.total)),
        ("Breaks even after", f"{rupees(costs.move)}, {pct(costs.move.share_of(entry))}"),
    )


def _items(cost: Charges) -> Lines:
    named = (
        ("STT", cost.stt),
        ("Exchange", cost.exchange),
        ("Stamp duty", cost.stamp),
        ("SEBI, GST", cost.sebi + cost.gst),
        ("Brokerage", cost.brokerage),
    )
    return tuple((name, number(amount.in_rupees)) for name, amount in named)
