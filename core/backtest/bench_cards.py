"""A small desk with cards ready to be clicked: made shares, made bars and a clock that runs.

Every guardrail, signature and commit is the desk's own on a durable store; only the research
behind a card is invented.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from core.config import Settings
from core.desk.approve import approve_card
from core.desk.dealer import LEASE, Dealer
from core.desk.desk import Desk, calendar_now, desk_over
from core.desk.open_market import PAPER_LOGIN
from core.domain.account import Account, LoginMode, Market
from core.domain.allocation import Allocation, Bracket
from core.domain.card import Card, CardStatus, Leg
from core.domain.instrument import CapClass, Instrument
from core.domain.mandate import Objective
from core.domain.money import Money
from core.domain.order import Order, Product, Side
from core.domain.ports import BrokerSession
from core.domain.quote import Quote
from core.domain.signal import MetaLabel, Probability, Regime, Signal
from core.domain.verdict import Opinion, Verdict
from core.execution.rate import SendCap
from core.mandates.defaults import default_mandate
from core.panel import Panel
from core.providers.sim.market import SIM_STARTS_ON
from core.store import accounts, bars, cards, instruments, lease, ledger, mandates, quality, quotes
from core.store.desk_id import desk_id
from core.store.engine import open_store
from core.treasury import post

AFTER_OPEN = timedelta(minutes=45)
SESSIONS = 80
CARDS_AN_ACCOUNT = 8  # under the positions that a mandate allows
QTY = 20
PRICE, ASK_OVER, TICK = Money.rupees(500), Money(5), Money(5)
MONEY = Money.rupees(20_00_000)
NO_CAP = SendCap(per_second=10**6, per_minute=10**6, per_day=10**6)
LEASE_FOR = 3_600.0  # seconds; nobody else wants a scratch desk
BRACKET = Bracket(
    entry_low=Money.rupees(495),
    entry_high=Money.rupees(505),
    stop=Money.rupees(480),
    target=Money.rupees(540),
    trail=Money.rupees(15),
    trail_from=Money.rupees(520),
)
EVEN = Probability(p=0.5, low=0.4, high=0.6, n=100)


class RunningClock:
    """A market's clock that runs with the wall's, and can be put forward."""

    def __init__(self, at: datetime) -> None:
        self._at, self._anchor, self._leapt = at, time.monotonic(), 0.0

    def now(self) -> datetime:
        return self._at + timedelta(seconds=self.monotonic() - self._anchor)

    def monotonic(self) -> float:
        return time.monotonic() + self._leapt

    def at(self, monotonic: float) -> datetime:
        """The market's time at a moment of the monotonic clock."""
        return self._at + timedelta(seconds=monotonic - self._anchor)

    def leap(self, seconds: float) -> None:
        """Let so many seconds pass at once."""
        self._leapt += seconds


@dataclass(slots=True)
class Stand:
    """The desk, its clock, shares and prices; `written` counts cards."""

    desk: Desk
    clock: RunningClock
    shares: Sequence[Instrument]
    written: int = 0

    def prices(self, *, ask_over: Money = ASK_OVER) -> list[Quote]:
        """A quote of this moment for every share; the ask stands `ask_over` above the trade."""
        return [a_quote(share, at=self.clock.now(), ask_over=ask_over) for share in self.shares]

    def tick(self) -> None:
        """Bring fresh quotes into the store."""
        now = self.prices()
        with self.desk.store.write() as tx:
            quotes.put(tx, now)

    def card(self) -> Card:
        """Put the next card before the person; accounts are opened as they are needed."""
        place = self.written % CARDS_AN_ACCOUNT
        account_id = f"bench{self.written // CARDS_AN_ACCOUNT}"
        if place == 0:
            open_account(self.desk, account_id, at=self.clock.now())
        # shares go round, so that one account never holds the same twice
        share = self.shares[self.written % len(self.shares)]
        made = a_card(
            f"cd{self.written}", account_id, share, market=self.desk.market, at=self.clock.now()
        )
        self.written += 1
        with self.desk.store.write() as tx:
            cards.put(tx, made)
        return made

    def click(self, card: Card) -> Order:
        """Approve a card as a person does."""
        return approve_card(
            self.desk, card.id, seen_hash=card.bound_hash, nonce=card.id, approver="bench"
        )

    def order(self) -> Order:
        """An approved entry for a fresh card, at a fresh price."""
        self.tick()
        return self.click(self.card())

    def dealer(self, session: BrokerSession, *, cap: SendCap = NO_CAP) -> Dealer:
        """An executor that holds the lease."""
        with self.desk.store.write() as tx:
            fence = lease.acquire(
                tx, LEASE, "bench", monotonic=self.clock.monotonic(), seconds=LEASE_FOR
            )
        sessions: dict[str, BrokerSession] = {PAPER_LOGIN.id: session}
        return Dealer(self.desk, sessions, "bench", fence, desk_id(self.desk.home), cap=cap)


@contextmanager
def stand(settings: Settings, *, shares: int = CARDS_AN_ACCOUNT) -> Iterator[Stand]:
    """A desk on an empty store, at 10:00 of the simulated market's first session."""
    settings.home.mkdir(parents=True, exist_ok=True)
    store = open_store(settings.database_url, Market.SIM, seed=settings.seed)
    clock = RunningClock(first_moment())
    made = Stand(desk_over(settings, store, clock), clock, [a_share(one) for one in range(shares)])
    fill(made.desk, made.shares)
    try:
        yield made
    finally:
        store.close()


def first_moment() -> datetime:
    """10:00 in India on the first session."""
    return calendar_now().session(SIM_STARTS_ON).opens_at.astimezone(UTC) + AFTER_OPEN


def fill(desk: Desk, shares: Sequence[Instrument]) -> None:
    """List shares, give them bars that were checked, and open the paper login."""
    panel = a_history(shares, before=desk)
    with desk.store.write() as tx:
        instruments.put(tx, shares)
        bars.put_panel(tx, panel, source="bench")
        quality.put(tx, (), first=None, until=panel.sessions[-1])
        accounts.put_login(tx, PAPER_LOGIN)


def open_account(desk: Desk, name: str, *, at: datetime) -> None:
    """A funded account on the paper login, run by the mandate that allows most."""
    with desk.store.write() as tx:
        accounts.put_account(tx, Account(name, name, PAPER_LOGIN.id, at))
        mandates.put(tx, default_mandate(name, Objective.MAX_PROFIT, signed_at=at))
        ledger.post(
            tx, post.deposit(account_id=name, amount=MONEY, at=at, reference=f"open:{name}")
        )


def a_share(place: int) -> Instrument:
    """A made share in a sector of its own."""
    return Instrument(
        isin=f"INE{place:09d}",
        symbol=f"BENCH{place}",
        name=f"Bench {place}",
        sector=f"Sector {place}",
        cap_class=CapClass.MID,
        band_pct=20,
    )


def a_quote(share: Instrument, *, at: datetime, ask_over: Money = ASK_OVER) -> Quote:
    """₹500 with a thin spread and a thousand shares on either side."""
    return Quote(
        isin=share.isin,
        ltp=PRICE,
        bid=PRICE - TICK,
        ask=PRICE + ask_over,
        bid_qty=1_000,
        ask_qty=1_000,
        open=PRICE,
        high=PRICE,
        low=PRICE,
        prev_close=PRICE,
        volume=100_000,
        at=at,
        received_at=at,
        source="bench",
    )


def a_history(shares: Sequence[Instrument], *, before: Desk) -> Panel:
    """Eighty sessions around ₹500, each share by draws of its own."""
    today = calendar_now().session(SIM_STARTS_ON).opens_at.date()
    last = before.calendar.previous_session(today)
    days = before.calendar.sessions(last - timedelta(days=150), last)[-SESSIONS:]
    draws = np.random.default_rng(42)
    close = np.round(500.0 * (1 + draws.normal(0, 0.004, (len(days), len(shares)))), 2)
    return Panel(
        sessions=tuple(days),
        isins=tuple(share.isin for share in shares),
        open=close,
        high=close * 1.01,
        low=close * 0.99,
        close=close,
        volume=np.full_like(close, 1_000_000.0),
        factor=np.ones_like(close),
    )


def a_card(
    id: str, account_id: str, share: Instrument, *, market: Market, at: datetime, qty: int = QTY
) -> Card:
    """An open card of the scan to buy around ₹500, an hour from its end."""
    return Card(
        id=id,
        version=1,
        market=market,
        mode=LoginMode.PAPER,
        account_id=account_id,
        account_name=account_id,
        isin=share.isin,
        symbol=share.symbol,
        sector=share.sector,
        legs=(Leg(Side.BUY, qty, Product.CNC),),
        bracket=BRACKET,
        mandate_version=1,
        horizon_sessions=10,
        written_at=at,
        expires_at=at + timedelta(hours=1),
        status=CardStatus.OPEN,
        trigger="scan",
        playbook="momentum",
        signal=_signal(share, at=at),
        meta_label=MetaLabel(EVEN, True, Regime.BULL, 0.7, 0.9, 0.3, 0.5),
        allocation=_allocation(account_id, share, qty),
        verdict=Verdict(Opinion.AGREES, "A made card.", (), ()),
    )


def _signal(share: Instrument, *, at: datetime) -> Signal:
    return Signal(
        isin=share.isin,
        symbol=share.symbol,
        as_of=at,
        strategy="momentum",
        direction=1,
        edge=0.01,
        horizon_sessions=10,
        target_first=EVEN,
        stop_first=EVEN,
        time_exit=EVEN,
        base_rate=0.4,
        has_vote=True,
        model_version="bench",
        reasons=(),
    )


def _allocation(account_id: str, share: Instrument, qty: int) -> Allocation:
    return Allocation(
        account_id=account_id,
        isin=share.isin,
        qty=qty,
        bracket=BRACKET,
        at_risk=BRACKET.risk_per_share * qty,
        notional=BRACKET.entry_high * qty,
        charges=Money.rupees(20),
        weight_before=0.0,
        weight_after=0.01,
        sector_before=0.0,
        sector_after=0.01,
        gross_before=0.0,
        gross_after=0.01,
        clamps=(),
        guardrails=(),
    )
