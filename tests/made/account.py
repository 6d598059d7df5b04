"""An account, its rules and its book."""

from __future__ import annotations

from dataclasses import replace

from core.domain.account import Account, Broker, BrokerLogin, LoginMode
from core.domain.candidate import Book, Held
from core.domain.mandate import Mandate, Objective
from core.domain.money import ZERO, Money
from core.domain.risk import KillLevel
from core.mandates.defaults import default_mandate
from tests.made.market import T0, rs

LOGIN = BrokerLogin(id="paper-1", broker=Broker.PAPER, mode=LoginMode.PAPER, label="Paper")
ACCOUNT = Account(id="tactical", name="Event tactical", login_id=LOGIN.id, opened_at=T0)


def a_mandate(**changes: object) -> Mandate:
    """The balanced mandate: 0.75 % a trade, 10 % a position, 25 % a sector, ₹50,000 floor.

    Its volatility target of 18 % is above what its positions come to, so that they show alone.
    """
    rules = default_mandate("tactical", Objective.BALANCED, signed_at=T0)
    return replace(rules, **{"vol_target": 0.18, **changes})


def free(qty: int, price: Money) -> Money:
    """No charges."""
    return ZERO


def a_held(isin: str = "INE009A01021", sector: str = "IT", value: int = 50_000) -> Held:
    """Ten shares whose stop would lose a fiftieth of their value."""
    return Held(
        isin=isin,
        sector=sector,
        qty=10,
        mark=rs(value // 10),
        value=rs(value),
        at_risk=rs(value // 50),
    )


def a_book(**changes: object) -> Book:
    """₹10 lakh, all of it cash."""
    fields = {
        "account_id": "tactical",
        "equity": rs(1_000_000),
        "cash_free": rs(1_000_000),
        "positions": (),
        "day_pnl": ZERO,
        "at_risk_total": ZERO,
        "kill_level": KillLevel.NORMAL,
        "gross": 0.0,
    }
    return Book(**(fields | changes))
