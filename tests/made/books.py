"""Books over some sessions in a store: money, trades in parts, dividends, splits and transfers.

`Bookkeeper` posts what it is told; `random_books` draws it from a seed. Today is the last of the
sessions, Friday 20 Nov 2026 at 14:00 IST: bars end the session before, and quotes say the rest.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import numpy as np

from core.config import Settings
from core.desk.books import depository_fee, fill_costs
from core.desk.desk import Desk, calendar_now, desk_over
from core.desk.share_terms import ex_moment
from core.domain.account import Account, Broker, BrokerLogin, LoginMode, Market
from core.domain.action import ActionKind, ActionStatus, CorporateAction, Factor
from core.domain.clock import IST, SteppedClock
from core.domain.event import EventType
from core.domain.instrument import Instrument
from core.domain.job import Heartbeat
from core.domain.ledger import CASH, FUNDING, Position, clearing_ledger
from core.domain.mandate import Objective
from core.domain.money import Money
from core.domain.order import Fill, OrderStatus, Product, Side
from core.domain.plan import PlanStatus
from core.domain.quote import Quote
from core.mandates.defaults import default_mandate
from core.panel import Panel
from core.store import (
    accounts,
    actions,
    bars,
    cards,
    events,
    factors,
    fills,
    funding,
    heartbeat,
    instruments,
    ledger,
    mandates,
    orders,
    plans,
    quotes,
)
from core.store.engine import open_store
from core.treasury import post
from core.treasury.terms import Recount, action_entry, recount
from tests.made.account import ACCOUNT
from tests.made.card import a_card, a_signal
from tests.made.market import RELIANCE, a_tag, an_event, rs
from tests.made.trade import a_plan, an_order

TODAY = date(2026, 11, 20)
NOW = datetime.combine(TODAY, time(14), IST).astimezone(UTC)
SYMBOLS = (("AAA", "IT"), ("BBB", "Energy"), ("CCC", "Energy"), ("DDD", "Chemicals"))
SHARES = tuple(
    replace(RELIANCE, isin=f"INE00{at}A0101{at}", symbol=symbol, name=symbol, sector=sector)
    for at, (symbol, sector) in enumerate(SYMBOLS)
)
STRATEGIES = ("event", "scan")


class Bookkeeper:
    """A desk with accounts, prices and a ledger that grows by what it is told."""

    def __init__(self, home: Path, *, sessions: int = 25) -> None:
        home.mkdir(parents=True, exist_ok=True)
        settings = Settings(home=home, database_url=f"sqlite:///{home / 'munim.db'}")
        clock = SteppedClock(NOW, seconds=1000.0)
        store = open_store(settings.database_url, Market.SIM, seed=1, scratch=True, clock=clock)
        self.desk: Desk = desk_over(settings, store, clock)
        start = TODAY - timedelta(days=2 * sessions + 20)
        self.sessions = calendar_now().sessions(start, TODAY)[-sessions:]
        self.number = 0
        login = BrokerLogin("paper", Broker.PAPER, LoginMode.PAPER, "Paper broker")
        with self.desk.store.write() as tx:
            heartbeat.beat(tx, Heartbeat("worker", 3, NOW, 999.0, 1.0, NOW))
            accounts.put_login(tx, login)
            accounts.put_login(tx, replace(login, id="second", label="Second broker"))
            instruments.put(tx, list(SHARES))

    def at(self, day: date, hour: int = 10) -> datetime:
        """A moment of a day, each a second after the one before."""
        self.number += 1
        begin = datetime.combine(day, time(hour), IST)
        return (begin + timedelta(seconds=self.number)).astimezone(UTC)

    def account(self, name: str, *, login: str = "paper", on: date | None = None) -> str:
        """Open an account; its id is its name in small letters."""
        at = self.at(on or self.sessions[0], 9)
        with self.desk.store.write() as tx:
            one = replace(ACCOUNT, id=name.lower(), name=name, login_id=login, opened_at=at)
            accounts.put_account(tx, Account(one.id, one.name, one.login_id, one.opened_at))
            mandates.put(tx, default_mandate(one.id, Objective.BALANCED, signed_at=at))
        return one.id

    def money(self, account: str, amount: Money, on: date) -> None:
        """Money paid in, or taken out below zero."""
        at, words = self.at(on), "as the person said"
        made = post.deposit if amount.paise > 0 else post.withdrawal
        entry = made(account_id=account, amount=abs(amount), at=at, reference=str(self.number))
        with self.desk.store.write() as tx:
            ledger.post(tx, entry)
            funding.put_capital(tx, entry.id, account, at, amount, words)

    def transfer(self, source: str, to: str, amount: Money, on: date, *, days: int = 1) -> None:
        """Money from one account to another, on its way for some days."""
        name, arrives = f"tr-{self.number}", on + timedelta(days=days)
        clearing = clearing_ledger(name)
        with self.desk.store.write() as tx:
            for leg, account, begins, ends, day in (
                ("out", source, CASH, clearing, on),
                ("given", source, clearing, FUNDING, arrives),
                ("in", to, FUNDING, CASH, arrives),
            ):
                moved = post.transfer_leg(
                    transfer_id=name, leg=leg, account_id=account, source=begins, to=ends,
                    amount=amount, at=self.at(day), words=leg,
                )  # fmt: skip
                ledger.post(tx, moved)

    def plan(self, account: str, share: Instrument, on: date, *, strategy: str, qty: int) -> str:
        """A card and its plan; an event card has an order win behind it."""
        self.number += 1
        plan_id, at = f"pl{self.number}", self.at(on, 9)
        news = an_event(headline=f"{share.symbol} wins order {self.number}")
        by_event = strategy == "event"
        card = a_card(
            f"cd{self.number}", account_id=account, isin=share.isin, symbol=share.symbol,
            sector=share.sector, trigger=news.id if by_event else "scan", written_at=at,
            expires_at=at + timedelta(hours=1),
            signal=a_signal(share, strategy=strategy, has_vote=qty % 2 == 0),
        )  # fmt: skip
        side = Side.BUY if qty > 0 else Side.SELL
        with self.desk.store.write() as tx:
            if by_event:
                events.put(tx, news)
                events.put_tags(tx, [a_tag(news, isin=share.isin, symbol=share.symbol,
                                           event_type=EventType.ORDER_WIN)])  # fmt: skip
            cards.put(tx, card)
            plans.put(tx, a_plan(plan_id, card_id=card.id, approval_id=f"ap{self.number}",
                                 account_id=account, login_id="paper", isin=share.isin,
                                 symbol=share.symbol, side=side, qty=abs(qty),
                                 status=PlanStatus.HOLDING, opened_at=at))  # fmt: skip
        return plan_id

    def trade(self, account: str, share: Instrument, qty: int, price: Money, on: date, *,
              plan: str = "", parts: int = 1, product: Product = Product.CNC) -> None:  # fmt: skip
        """An order filled in so many parts, with its charges; a delivery sale pays the DP."""
        order_id = f"or{self.number}-{len(plan)}"
        side = Side.BUY if qty > 0 else Side.SELL
        sizes = [qty // parts] * (parts - 1)
        sizes.append(qty - sum(sizes))
        with self.desk.store.write() as tx:
            if plan:
                orders.put(tx, an_order(order_id, plan_id=plan, account_id=account, qty=abs(qty),
                                        isin=share.isin, symbol=share.symbol, side=side,
                                        product=product, limit_price=price,
                                        status=OrderStatus.FILLED,
                                        prepared_at=self.at(on)))  # fmt: skip
            before = Money(0)
            for part, size in enumerate(one for one in sizes if one):
                fill = Fill(order_id, f"t{part}", "NSE", account, share.isin, share.symbol, size,
                            price + Money(5 * part), product, self.at(on))  # fmt: skip
                held = self.held(tx, account, share.isin)
                costs = fill_costs(Broker.PAPER, fill, before=before)
                ledger.post(tx, post.trade(fill, held, costs, may_short=True))
                fills.put(tx, fill)
                before += fill.notional
                fee = depository_fee(Broker.PAPER, fill) if size < 0 else None
                if fee is not None:
                    ledger.post(tx, fee)

    def held(self, tx: object, account: str, isin: str) -> Position | None:
        """An account's position in a share, None where it is flat."""
        return next((one for one in ledger.positions(tx, account) if one.isin == isin), None)

    def dividend(self, account: str, share: Instrument, each: Money, on: date) -> None:
        """So much a share, earned on its ex-date and paid two days later less a tenth as tax."""
        name = f"dv-{share.symbol}-{on}"
        with self.desk.store.write() as tx:
            held = self.held(tx, account, share.isin)
            if held is None or held.qty <= 0:
                return
            actions.put(tx, _action(name, share, ActionKind.DIVIDEND, on, amount=each))
            owed = each * held.qty
            came = owed - Money(owed.paise // 10)
            ledger.post(tx, post.dividend_owed(account_id=account, action_id=name, amount=owed,
                                               at=ex_moment(on), words="dividend"))  # fmt: skip
            ledger.post(tx, post.dividend_paid(account_id=account, action_id=name, owed=owed,
                                               came=came, at=self.at(on + timedelta(days=2)),
                                               words="paid"))  # fmt: skip

    def split(self, share: Instrument, on: date, *, into: int) -> None:
        """One share becomes `into`, in every account that holds it."""
        name = f"sp-{share.symbol}-{on}"
        with self.desk.store.write() as tx:
            action = _action(name, share, ActionKind.SPLIT, on, new=into, old=1)
            actions.put(tx, action)
            factors.put(tx, [Factor(share.isin, on, float(into), ActionKind.SPLIT, "TEST",
                                    action.known_at)])  # fmt: skip
            for one in accounts.accounts(tx):
                held = self.held(tx, one.id, share.isin)
                if held is not None and not ledger.is_posted(tx, action_entry(name, one.id)):
                    change = Recount(share.isin, share.isin, held.qty, held.qty * into, 0,
                                     held.cost, held.cost)  # fmt: skip
                    ledger.post(tx, recount(change, account_id=one.id, at=ex_moment(on),
                                            action_id=name, words="split"))  # fmt: skip

    def prices(self, closes: dict[str, list[str]], now: dict[str, str]) -> None:
        """Closes of each symbol in every session before today, and its price now."""
        earlier = calendar_now().sessions(self.sessions[0] - timedelta(days=9), self.sessions[0])
        days = (*earlier[:-1], *self.sessions[:-1])
        flat = len(earlier) - 1  # sessions before the first at its close, for an index to begin on
        grid = np.array([[float(closes[item.symbol][max(0, at - flat)]) for item in SHARES]
                         for at in range(len(days))])  # fmt: skip
        panel = Panel(days, tuple(item.isin for item in SHARES), grid, grid, grid, grid,
                      np.full_like(grid, 1e6), np.ones_like(grid))  # fmt: skip
        with self.desk.store.write() as tx:
            bars.put_panel(tx, panel, source="TEST")
            quotes.put(tx, [
                _quote(item.isin, rs(now[item.symbol]), rs(closes[item.symbol][-1]))
                for item in SHARES
            ])  # fmt: skip


def _quote(isin: str, ltp: Money, before: Money) -> Quote:
    return Quote(isin, ltp, ltp, ltp + Money(5), 400, 300, ltp, ltp, ltp, before, 1_000_000, NOW,
                 NOW, "TEST")  # fmt: skip


def _action(
    name: str, share: Instrument, kind: ActionKind, on: date, *, new: int = 0, old: int = 0,
    amount: Money | None = None,
) -> CorporateAction:  # fmt: skip
    return CorporateAction(name, share.isin, share.symbol, on, kind, new, old, amount, "made",
                           "TEST", ex_moment(on), ActionStatus.CONFIRMED)  # fmt: skip


def random_books(home: Path, seed: int, *, sessions: int = 25) -> Bookkeeper:
    """Three accounts over some sessions, drawn from a seed; one share splits on the way."""
    draw = random.Random(seed)
    made = Bookkeeper(home, sessions=sessions)
    days = made.sessions
    ids = [made.account("Alpha"), made.account("Beta"), made.account("Gamma", login="second")]
    splits = {draw.choice(SHARES).symbol: days[draw.randrange(8, 18)]}
    closes = {item.symbol: _walk(draw, days, splits.get(item.symbol)) for item in SHARES}
    for name in ids:
        made.money(name, Money(draw.randrange(40_000_000, 90_000_000)), days[0])
    open_plans: dict[tuple[str, str], str] = {}
    for at, day in enumerate(days):
        for item in SHARES:
            if splits.get(item.symbol) == day:
                made.split(item, day, into=2)
        for _ in range(draw.randrange(0, 4)):
            _step(made, draw, draw.choice(ids), day, closes, at, open_plans)
    made.prices(
        {name: prices[:-1] for name, prices in closes.items()},
        {name: prices[-1] for name, prices in closes.items()},
    )
    return made


def _walk(draw: random.Random, days: tuple[date, ...], split: date | None) -> list[str]:
    paise, found = draw.randrange(20_000, 300_000), []
    for day in days:
        paise = max(500, round(paise * draw.uniform(0.96, 1.04)))
        if day == split:
            paise //= 2
        paise -= paise % 5
        found.append(f"{paise // 100}.{paise % 100:02d}")
    return found


def _step(
    made: Bookkeeper, draw: random.Random, account: str, day: date, closes: dict[str, list[str]],
    at: int, open_plans: dict[tuple[str, str], str],
) -> None:  # fmt: skip
    """One thing that happens to an account on a day."""
    share = draw.choice(SHARES)
    price = rs(closes[share.symbol][at])
    with made.desk.store.read() as tx:
        held = made.held(tx, account, share.isin)
    what = draw.random()
    key = (account, share.isin)
    if what < 0.08:
        made.money(account, Money(draw.choice([2_500_000, -1_500_000])), day)
    elif what < 0.16:
        made.dividend(account, share, Money(draw.randrange(50, 900)), day)
    elif what < 0.22 and at + 1 < len(made.sessions):
        other = "alpha" if account != "alpha" else "gamma"
        made.transfer(account, other, Money(draw.randrange(100_000, 900_000)), day)
    elif what < 0.30 and held is None:
        qty = draw.randrange(1, 40)
        plan = made.plan(account, share, day, strategy="scan", qty=-qty)
        made.trade(account, share, -qty, price + Money(500), day, plan=plan, product=Product.MIS)
        made.trade(account, share, qty, price, day, plan=plan, product=Product.MIS, parts=2)
    elif held is not None and what < 0.65:
        qty = draw.randrange(1, held.qty + 1)
        made.trade(account, share, -qty, price, day, plan=open_plans.get(key, ""),
                   parts=draw.randrange(1, 4))  # fmt: skip
    else:
        qty = draw.randrange(3, 60)
        if held is None:
            open_plans[key] = made.plan(account, share, day, strategy=draw.choice(STRATEGIES),
                                        qty=qty)  # fmt: skip
        by = open_plans.get(key, "") if draw.random() < 0.9 else ""
        made.trade(account, share, qty, price, day, plan=by, parts=draw.randrange(1, 4))
