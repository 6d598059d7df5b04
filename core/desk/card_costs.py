"""What a card's trade costs at its account's broker: in, out at the target, and break-even."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from core.desk.books import broker_of, kind_of, schedule
from core.domain.card import Card
from core.domain.charges import Charges
from core.domain.money import Money
from core.domain.order import Side
from core.treasury.quote import Terms, charge_quote


@dataclass(frozen=True, slots=True)
class CardCosts:
    """Charges of both sides to the paisa; `dp` is due where delivery shares are sold.

    `move` is how far the price must go from the worst entry of the band before all of it is
    earned, and `break_even` the price there.
    """

    entry: Charges
    way_out: Charges
    dp: Money
    total: Money
    move: Money
    break_even: Money


def card_costs(tx: Session, card: Card, *, on: date) -> CardCosts:
    """The costs of a card's only leg on a day."""
    leg, entry = card.legs[0], card.bracket.worst_entry
    terms = Terms(
        broker_of(tx, card.account_id),
        leg.product,
        on,
        security=kind_of(card.isin, card.symbol),
    )
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
    return CardCosts(
        entry=sides[leg.side],
        way_out=sides[Side.SELL if is_buy else Side.BUY],
        dp=both.dp,
        total=both.total,
        move=one.move,
        break_even=one.break_even,
    )
