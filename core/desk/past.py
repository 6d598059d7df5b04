"""What a mandate that is being talked through would have meant on the store's past prices.

A plain basket is carried, not the desk's strategies: playing those trains a model and walks every
session, which takes minutes and is what Backtests does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from sqlmodel import Session

from core.desk.books import broker_of, kind_of, order_charges
from core.desk.desk import Desk
from core.desk.quality_now import standings
from core.desk.talk import Talk
from core.domain.account import Broker, Market
from core.domain.clock import ist_day
from core.domain.instrument import Instrument
from core.domain.mandate import Holding, Mandate
from core.domain.money import Money
from core.domain.order import Product, Side
from core.domain.words import day
from core.errors import NoData
from core.mandates.from_answers import settled
from core.mandates.intake_words import capital_of
from core.mandates.past import TURNOVER_SESSIONS, PastBasket, Prices, carry
from core.panel import Panel
from core.store import accounts, instruments
from core.store.panel_cache import read_panel

DAYS_MAX: Final = timedelta(days=395)  # a year, and a month to know turnover by
SESSIONS_MIN: Final = 60


@dataclass(frozen=True, slots=True)
class Past:
    """The basket, the rules and the money it was carried with; `invented` in a simulated market."""

    basket: PastBasket
    rules: Mandate
    capital: Money
    invented: bool


def past_of(desk: Desk, talk: Talk) -> Past:
    """Carry a basket under the draft as it stands, with what is usual where nothing was said.

    Raises:
        NoData: no money is named, answers disagree, positions are closed within the day, or too
            few prices are stored.
    """
    capital = capital_of(talk.draft)
    if capital is None:
        raise NoData("name the money, and the draft is laid over the store's past prices")
    rules = settled(talk.draft)
    if rules is None:
        raise NoData("answers disagree; settle them, and the draft is laid over past prices")
    if rules.holding is Holding.DAY:
        raise NoData("positions are closed within the day, and daily prices cannot show that")
    today = ist_day(desk.clock.now())
    with desk.store.read() as tx:
        broker = _broker(tx, talk)
        panel = _panel(tx, desk, today)
        listed = {one.isin: one for one in instruments.all_instruments(tx)}
        poor = {isin for isin, one in standings(tx, desk.calendar, today=today).items()
                if one.blocks}  # fmt: skip
    prices = _prices(panel, listed, rules, poor)
    kinds = [kind_of(isin, listed[isin].symbol) if isin in listed else None for isin in panel.isins]

    def charge(column: int, side: Side, rupees: float, price: float) -> float:
        kind = kinds[column]
        assert kind is not None  # a share of no list is never let in
        paid = Money(max(1, round(price * 100)))
        shares = max(1, round(rupees * 100 / paid.paise))
        costs = order_charges(broker, product=Product.CNC, side=side, qty=shares, price=paid,
                              on=today, security=kind)  # fmt: skip
        return costs.total.paise / 100

    basket = carry(prices, rules, capital=capital, charge=charge)
    return Past(basket, rules, capital, desk.market is Market.SIM)


def _panel(tx: Session, desk: Desk, today: date) -> Panel:
    start, end = today - DAYS_MAX, today - timedelta(days=1)
    panel = read_panel(tx, desk.home, start=start, end=end, as_of=today)
    need = SESSIONS_MIN + TURNOVER_SESSIONS
    if len(panel.sessions) < need:
        way = "open the simulated market" if desk.market is Market.SIM else "import or fetch prices"
        raise NoData(
            f"{len(panel.sessions)} sessions of prices are stored from {day(start)} on and {need} "
            f"are needed; {way}"
        )
    return panel


def _prices(panel: Panel, listed: dict[str, Instrument], rules: Mandate, poor: set[str]) -> Prices:
    shares = [listed.get(isin) for isin in panel.isins]
    return Prices(
        sessions=panel.sessions,
        close=panel.close / panel.factor,
        turnover=panel.turnover,
        sectors=tuple(one.sector if one else "" for one in shares),
        allowed=np.array([one is not None and one.isin not in poor and _let_in(one, rules)
                          for one in shares], dtype=bool),
    )  # fmt: skip


def _let_in(share: Instrument, rules: Mandate) -> bool:
    return (
        share.is_traded
        and share.isin not in rules.isins_banned
        and share.sector not in rules.sectors_banned
        and share.cap_class in rules.cap_classes
    )


def _broker(tx: Session, talk: Talk) -> Broker:
    if talk.is_new:
        return accounts.login(tx, talk.login_id).broker
    return broker_of(tx, talk.account_id)
