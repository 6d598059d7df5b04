"""A desk on a Monday morning: two shares, ₹20 lakh, a scripted broker and a clock that is told.

Prices stand at ₹500. The card buys 100 MIDCO between 495 and 505 with a stop at 480 and a
target at 540, which every rule of the balanced mandate lets through.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import numpy as np

from core.brokers.fake import FakeBroker, fake_broker
from core.config import Settings
from core.desk.approve import approve_card
from core.desk.dealer import LEASE, Dealer
from core.desk.desk import Desk, calendar_now, desk_over
from core.desk.exit import find_exits, sell_leaving
from core.desk.open_market import PAPER_LOGIN
from core.domain.account import Account
from core.domain.card import Card
from core.domain.clock import SteppedClock
from core.domain.instrument import Instrument
from core.domain.ledger import CASH, RESERVED
from core.domain.mandate import Holding, Objective
from core.domain.money import Money
from core.domain.order import Order
from core.domain.plan import Plan
from core.domain.protection import Protection
from core.domain.quote import Quote
from core.domain.research import Hypothesis
from core.exchange.rules import Rules
from core.execution.rate import SendCap
from core.mandates.defaults import default_mandate
from core.panel import Panel
from core.store import (
    accounts,
    alerts,
    approvals,
    audit,
    bars,
    cards,
    hypotheses,
    instruments,
    lease,
    ledger,
    mandates,
    orders,
    plans,
    protections,
    quality,
    quotes,
)
from core.store.engine import Store
from core.treasury import post
from tests import made
from tests.made import MIDCO, RELIANCE, T0, quote, rs

ACCOUNT = Account(id="event", name="Event tactical", login_id="paper", opened_at=T0)
OPENING = rs("2000000")
SESSIONS = 80


@dataclass(slots=True)
class Morning:
    """The desk with what a test turns: the clock, the broker and the prices."""

    desk: Desk
    clock: SteppedClock
    broker: FakeBroker
    dealer: Dealer

    def tick(
        self,
        ltp: str,
        *,
        of: Instrument = MIDCO,
        size: int = 4_000,
        prev_close: str = "500",
        bid_qty: int | None = None,
        ask_qty: int | None = None,
    ) -> Quote:
        """A price a second later, in the store and at the exchange."""
        self.clock.pass_seconds(1)
        bids = size if bid_qty is None else bid_qty
        asks = size if ask_qty is None else ask_qty
        made = quote(
            ltp, of=of, bid_qty=bids, ask_qty=asks, prev_close=prev_close, at=self.clock.now()
        )
        with self.desk.store.write() as tx:
            quotes.put(tx, [made])
        self.broker.on_quotes([made])
        return made

    def put(self, written: Card | None = None, *, with_belief: bool = False) -> Card:
        """Put an open card before the person."""
        made = written or a_card(self.clock)
        with self.desk.store.write() as tx:
            cards.put(tx, made)
            if with_belief:
                hypotheses.put(tx, a_belief(made))
        return made

    def approve(self, made: Card | None = None, *, nonce: str = "") -> Order:
        """Click yes on a card, a fresh one unless given."""
        card = made or self.put()
        return approve_card(
            self.desk,
            card.id,
            seen_hash=card.bound_hash,
            nonce=nonce or f"nonce-{card.id}-{card.version}",
            approver="me",
        )

    def card(self, name: str = "cd1") -> Card:
        """A card as stored."""
        with self.desk.store.read() as tx:
            return cards.by_id(tx, name)

    def order(self, name: str) -> Order:
        """An order as stored."""
        with self.desk.store.read() as tx:
            return orders.by_id(tx, name)

    def orders(self) -> list[Order]:
        """Every order, newest first."""
        with self.desk.store.read() as tx:
            return orders.recent(tx, 1000)

    def plan(self, card_id: str = "cd1") -> Plan:
        """The plan of a card."""
        with self.desk.store.read() as tx:
            return plans.by_card(tx, card_id)

    def cover(self, card_id: str = "cd1") -> Protection:
        """The protection of a card's plan; it must be there."""
        with self.desk.store.read() as tx:
            found = protections.by_plan(tx, plans.by_card(tx, card_id).id)
        assert found is not None
        return found

    def cash(self, name: str = CASH) -> Money:
        """What stands on a ledger of the account."""
        with self.desk.store.read() as tx:
            return ledger.balance(tx, ACCOUNT.id, name)

    def reserved(self) -> Money:
        """Cash set aside for working entries."""
        return self.cash(RESERVED)

    def shares(self) -> dict[str, int]:
        """Open positions by symbolless ISIN."""
        with self.desk.store.read() as tx:
            return {held.isin: held.qty for held in ledger.positions(tx, ACCOUNT.id)}

    def alarms(self) -> list[str]:
        """Sentences of every alarm raised."""
        with self.desk.store.read() as tx:
            return [alert.sentence for alert in alerts.recent(tx)]

    def books_are_clean(self) -> None:
        """The ledger sums to zero and the audit chain verifies."""
        with self.desk.store.read() as tx:
            assert ledger.trial_balance(tx) == Money(0)
            audit.verify(tx)

    def another_dealer(self, holder: str = "worker-2") -> Dealer:
        """A second worker that took the lease after it ran out."""
        self.clock.pass_seconds(60)
        with self.desk.store.write() as tx:
            fence = lease.acquire(tx, LEASE, holder, monotonic=self.clock.monotonic(), seconds=10.0)
        return replace(self.dealer, holder=holder, fence=fence)


def morning_on(store: Store, home: Path, *, rules: Rules | None = None) -> Morning:
    """Fill an empty store and take the lease."""
    clock = SteppedClock(at=T0, seconds=1_000.0)
    settings = Settings(home=home, database_url=store.url, market=store.market)
    home.mkdir(parents=True, exist_ok=True)
    desk = desk_over(settings, store, clock)
    broker = fake_broker(
        {share.isin: share for share in (MIDCO, RELIANCE)}, clock, login_id="paper", rules=rules
    )
    with store.write() as tx:
        instruments.put(tx, [MIDCO, RELIANCE])
        bars.put_panel(tx, a_history(), source="TEST")
        quality.put(tx, (), first=None, until=a_history().sessions[-1])
        accounts.put_login(tx, PAPER_LOGIN)
        accounts.put_account(tx, ACCOUNT)
        mandates.put(tx, default_mandate(ACCOUNT.id, Objective.BALANCED, signed_at=T0))
        ledger.post(
            tx,
            post.deposit(account_id=ACCOUNT.id, amount=OPENING, at=T0, reference="opening"),
        )
        fence = lease.acquire(tx, LEASE, "worker-1", monotonic=clock.monotonic(), seconds=10.0)
    dealer = Dealer(
        desk=desk,
        sessions={"paper": broker},
        holder="worker-1",
        fence=fence,
        desk_tag="AA",
        cap=SendCap(per_second=100, per_minute=1_000),
    )
    made = Morning(desk=desk, clock=clock, broker=broker, dealer=dealer)
    made.tick("500")
    made.tick("500", of=RELIANCE)
    return made


def a_history() -> Panel:
    """Eighty sessions around ₹500 that go up and down by turns, a million shares a day.

    MIDCO swings by 1 % and RELIANCE by 0.5 %, out of step.
    """
    before = calendar_now().previous_session(T0.date())
    days = calendar_now().sessions(before - timedelta(days=150), before)[-SESSIONS:]
    steps = np.arange(len(days))
    one = 500.0 * (1 + 0.01 * np.sin(steps * 1.3))
    other = 500.0 * (1 + 0.005 * np.sin(steps * 2.9 + 1.0))
    close = np.column_stack([one, other])
    return Panel(
        sessions=tuple(days),
        isins=(MIDCO.isin, RELIANCE.isin),
        open=close,
        high=close * 1.01,
        low=close * 0.99,
        close=close,
        volume=np.full_like(close, 1_000_000.0),
        factor=np.ones_like(close),
    )


def a_card(clock: SteppedClock, **changes: object) -> Card:
    """An open card of the scan, an hour from its end."""
    fields = {
        "account_id": ACCOUNT.id,
        "account_name": ACCOUNT.name,
        "playbook": "momentum",
        "written_at": clock.now(),
        "expires_at": clock.now() + timedelta(hours=1),
    }
    return made.a_card(**(fields | changes))


def a_belief(card: Card) -> Hypothesis:
    """What was believed when the card was written."""
    return Hypothesis(
        card_id=card.id,
        account_id=card.account_id,
        isin=card.isin,
        strategy=card.signal.strategy,
        as_of=card.written_at,
        p_target=0.5,
        n=100,
        has_vote=True,
        entry=card.bracket.entry_high,
        stop=card.bracket.stop,
        target=card.bracket.target,
        horizon_sessions=card.horizon_sessions,
    )


def lets_short(desk: Desk, account_id: str = ACCOUNT.id) -> int:
    """Let an account sell short within the day; the version of the mandate that says so."""
    with desk.store.write() as tx:
        rules = mandates.current(tx, account_id)
        if not rules.shorts:
            version = rules.version + 1
            rules = replace(rules, holding=Holding.DAY, shorts=True, version=version)
            mandates.put(tx, rules)
        return rules.version


def work_exits(dealer: Dealer) -> int:
    """The two steps of an exit by themselves; `core.desk.safe` has them in its pass."""
    find_exits(dealer)
    return sum(sell_leaving(dealer, login_id) for login_id in sorted(dealer.sessions))


def approval_count(desk: Desk, card_id: str) -> int:
    """How many approvals a card has: 0 or 1."""
    with desk.store.read() as tx:
        return int(approvals.by_card(tx, card_id) is not None)
