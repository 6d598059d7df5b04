"""What a card's trade costs: the entry item by item, the way out at the target, and break-even."""

from __future__ import annotations

from datetime import date

from core.desk.books import schedule
from core.domain.account import Broker
from core.domain.card import Card
from core.domain.charges import Charges
from core.domain.order import Side
from core.domain.words import number, pct, rupees
from core.treasury.quote import Terms, charge_quote

Lines = tuple[tuple[str, str], ...]


def card_charges(broker: Broker, card: Card, *, on: date) -> Lines:
    """Names and amounts in the order they are read; the last two are the sums that matter.

    A delivery sale bears the depository's charge, an intraday trade none. Break-even is counted
    from the worst entry of the band.
    """
    leg, entry = card.legs[0], card.bracket.worst_entry
    terms = Terms(broker, leg.product, on, security=schedule().security_of(card.isin, card.symbol))
    is_buy = leg.side is Side.BUY
    buy, sell = (entry, card.bracket.target) if is_buy else (card.bracket.target, entry)
    both = charge_quote(schedule(), terms, qty=leg.qty, buy=buy, sell=sell)
    one = charge_quote(
        schedule(),
        terms,
        qty=leg.qty,
        buy=entry if is_buy else None,
        sell=None if is_buy else entry,
    )
    sides = {each.side: each.paisa for each in both.legs}
    out = Side.SELL if is_buy else Side.BUY
    return (
        *_items(sides[leg.side]),
        (_side(leg.side), rupees(sides[leg.side].total)),
        (_side(out), rupees(sides[out].total)),
        *((("DP charge", rupees(both.dp)),) if both.dp else ()),
        ("Both sides", rupees(both.total)),
        ("Breaks even after", f"{rupees(one.move)}, {pct(one.move.share_of(entry))}"),
    )


def _side(side: Side) -> str:
    return "Buy side" if side is Side.BUY else "Sell side"


def _items(cost: Charges) -> Lines:
    named = (
        ("STT", cost.stt),
        ("Exchange", cost.exchange),
        ("Stamp duty", cost.stamp),
        ("SEBI, GST", cost.sebi + cost.gst),
        ("Brokerage", cost.brokerage),
    )
    return tuple((name, number(amount.in_rupees)) for name, amount in named)
