"""The gap losses of a card at its account's broker, with the rule of the order a stop sends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from core.desk.books import broker_of, kind_of, order_charges, schedule
from core.domain.account import Broker
from core.domain.card import Card
from core.domain.money import ZERO, Money
from core.domain.order import Product, Side
from core.domain.ticks import tick_now, tick_on
from core.domain.words import pct, rupees
from core.exchange.rules import Rules
from core.execution.gap import GapLoss, gap_losses, stop_limit
from core.store import quotes
from core.treasury.charges import dp_charge


@dataclass(frozen=True, slots=True)
class CardGaps:
    """What opens beyond the stop would cost; `rule` says what the fired stop asks."""

    rows: tuple[GapLoss, ...]
    rule: str


def card_gaps(tx: Session, card: Card, *, on: date) -> CardGaps:
    """The losses of a card's only leg, charged as its broker charges on a day."""
    leg, broker = card.legs[0], broker_of(tx, card.account_id)
    quote = quotes.last(tx, card.isin)
    tick = tick_on(on, month_close=card.bracket.stop) if quote is None else tick_now(quote)

    def costs(side: Side, price: Money) -> Money:
        paid = order_charges(
            broker,
            product=leg.product,
            side=side,
            qty=leg.qty,
            price=price,
            on=on,
            security=kind_of(card.isin, card.symbol),
        )
        return paid.total + _depository(broker, leg.product, side, on=on)

    rows = gap_losses(card.bracket, side=leg.side, qty=leg.qty, tick=tick, costs=costs)
    closing = Side.SELL if leg.side is Side.BUY else Side.BUY
    limit = stop_limit(card.bracket.stop, closing, tick=tick)
    return CardGaps(rows, _rule(card, limit, closing))


def _depository(broker: Broker, product: Product, side: Side, *, on: date) -> Money:
    if side is not Side.SELL or product is not Product.CNC:
        return ZERO
    return dp_charge(schedule(), broker=broker, on=on)


def _rule(card: Card, limit: Money, closing: Side) -> str:
    through = pct(Rules().stop_through_bps / 10_000, digits=0)
    takers = "bids" if closing is Side.SELL else "offers"
    return (
        f"A fired stop asks {rupees(limit)}, {through} through its trigger of "
        f"{rupees(card.bracket.stop)} and inside that day's band. Beyond it the order rests and "
        f"the desk follows the {takers}; at a circuit without {takers} it cannot be filled."
    )
