"""The same state machine within the day: intraday plans, long and short, each under a stop order.

Two accounts trade two shares on one login, so that both ways are asked for at once and one of
them is refused. The owner buys back by phone only while nothing of the desk is buying.
"""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from core.domain.card import Leg
from core.domain.instrument import Instrument
from core.domain.order import OrderStatus, OrderType, Product, Purpose, Side, Validity
from core.exchange.values import Ticket
from tests.desk.morning import lets_short
from tests.made import BRACKET, MIDCO, SHORT
from tests.torture.model import ACCOUNTS, CARDS_MAX, SECTORS, SHARES, Model


class DayModel(Model):
    """One desk on paper that holds nothing over night."""

    def __init__(self, empty: Path) -> None:
        super().__init__(empty)
        self.second_day = True  # a night would turn what is left into delivery
        self.versions = {name: lets_short(self.stage.desk, name) for name in ACCOUNTS}

    @initialize(side=st.sampled_from([None, Side.BUY, Side.SELL]))
    def begin(self, side: Side | None) -> None:
        """Two thirds of the scripts begin with a position under its stop."""
        if side is not None:
            self._card(MIDCO, "event", 100, side)
            self._beat(4_000)

    @precondition(lambda self: self.cards < CARDS_MAX)
    @rule(
        of=SHARES,
        account=st.sampled_from(sorted(ACCOUNTS)),
        qty=st.sampled_from([1, 10, 100]),
        price=st.sampled_from([500.0, 502.0, 498.0]),
        side=st.sampled_from(Side),
    )
    def approve(
        self, of: Instrument, account: str, qty: int, price: float, side: Side = Side.BUY
    ) -> None:
        """A card for the day at a price inside its entry band; any rule may refuse it."""
        self.prices[of.isin] = price
        self._beat(0)
        self._card(of, account, qty, side)

    @rule(of=SHARES, qty=st.sampled_from([1, 30, 100]))
    def buy_back_by_phone(self, of: Instrument, qty: int) -> None:
        """The owner closes a part of a short, or all of it, past the desk."""
        short = -self.stage.paper.holdings().get(of.isin, 0)
        price = self.prices[of.isin]
        working = [one for one in self.stage.paper.orders() if one.status is OrderStatus.OPEN]
        buying = [
            one
            for one in working
            if one.side is Side.BUY
            and one.isin == of.isin
            and (one.broker_status == "OPEN" or one.trigger.in_rupees <= price + 1)
        ]
        if short > 0 and not buying:
            ticket = Ticket("", of.isin, of.symbol, Side.BUY, min(qty, short), OrderType.MARKET,
                            Product.MIS, Validity.IOC, None, None)  # fmt: skip
            self._asks(lambda: self.stage.paper.place_ticket(ticket))
        self._beat(4_000)

    @invariant()
    def nothing_is_oversold(self) -> None:
        """No share is deeper below zero at the broker than entries of the desk sold short."""
        self.restless += 1
        sold = dict.fromkeys(self.prices, 0)
        for one in self.stage.orders():
            if one.purpose is Purpose.ENTRY and one.side is Side.SELL:
                sold[one.isin] += one.qty
        deep = {k: v for k, v in self.stage.paper.holdings().items() if v < -sold[k]}
        assert deep == {}, deep

    def _card(self, of: Instrument, account: str, qty: int, side: Side) -> None:
        self.cards += 1
        terms: dict[str, object] = {
            "isin": of.isin,
            "symbol": of.symbol,
            "account_id": account,
            "account_name": ACCOUNTS[account],
            "legs": (Leg(side, qty, Product.MIS),),
            "bracket": BRACKET if side is Side.BUY else SHORT,
            "horizon_sessions": 0,
            "mandate_version": self.versions[account],
            **SECTORS[of.isin],
        }
        self._asks(lambda: self.stage.another(f"cd{self.cards}", **terms))
