"""What going in and coming out of a trade costs an account at its own broker, as sizing asks it."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from core.desk.books import schedule
from core.domain.account import Broker
from core.domain.charges import Security
from core.domain.mandate import Holding, Mandate
from core.domain.money import ZERO, Money
from core.domain.order import Product, Side
from core.mandates.worth import ChargesFor
from core.treasury.charges import Terms, dp_charge, terms_of

NSE = "NSE"


def ticket_costs(
    broker: Broker, mandate: Mandate, *, side: Side, on: date, security: Security
) -> tuple[ChargesFor, ChargesFor]:
    """What an entry and its way out cost; a delivery sale also pays the depository.

    `security` is what `books.kind_of` says of the share; a fund's tax is not a share's.
    Each remembers its last answers, because sizing, guardrails and cash ask about the same shares.
    """
    product = Product.MIS if mandate.holding is Holding.DAY else Product.CNC
    back = Side.SELL if side is Side.BUY else Side.BUY
    fee = ZERO
    if product is Product.CNC:
        fee = dp_charge(schedule(), broker=broker, on=on)
    return (
        _costs(_terms(broker, product, side, on, security), ZERO),
        _costs(_terms(broker, product, back, on, security), fee),
    )


def _costs(terms: Terms, fee: Money) -> ChargesFor:
    known: dict[tuple[int, Money], Money] = {}

    def cost(qty: int, price: Money) -> Money:
        asked = (qty, price)
        if asked not in known:
            known[asked] = terms.on(price * qty).rounded().total + fee
        return known[asked]

    return cost


@lru_cache(maxsize=64)
def _terms(broker: Broker, product: Product, side: Side, on: date, security: Security) -> Terms:
    return terms_of(
        schedule(),
        broker=broker,
        product=product,
        exchange=NSE,
        side=side,
        on=on,
        security=security,
    )
