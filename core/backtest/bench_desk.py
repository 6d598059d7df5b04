"""The desk's path measured on a scratch store: a real simulated market, a trained model.

News of the market's coming sessions is put in at one moment, so that one morning has enough of
it. What the worker adds by looking for work every quarter to one second is not in the figures.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, timedelta

from core.backtest.bench_rows import Row, median, row, spread, timed
from core.backtest.bench_wide import watch_wide
from core.brokers.paper import PaperBroker
from core.config import Settings
from core.desk import intake, scan
from core.desk.approve import approve_card
from core.desk.dealer import LEASE, LEASE_SECONDS, Dealer
from core.desk.desk import desk_over
from core.desk.floor import Floor, phase_of, tick
from core.desk.known import Known, know
from core.desk.market_side import MarketClock
from core.desk.open_market import PAPER_LOGIN, open_market, sim_market
from core.desk.research import Research
from core.desk.send import send_prepared
from core.desk.settle import settle
from core.desk.train import train
from core.domain.account import Account, Market
from core.domain.card import Card, CardStatus
from core.domain.event import Event, event_id
from core.domain.mandate import Objective
from core.domain.money import Money
from core.domain.order import OrderStatus
from core.errors import ApprovalRefused
from core.execution.rate import SendCap
from core.features.compute import compute
from core.mandates.defaults import default_mandate
from core.providers.sim.market import SIM_STARTS_ON
from core.store import accounts, cards, lease, ledger, mandates, quotes
from core.store.desk_id import desk_id
from core.store.engine import open_store
from core.tagging.names import NameIndex
from core.tagging.tagger import tag
from core.treasury import post

AFTER_OPEN = timedelta(minutes=45)
NEWS_DAYS = 240  # of the newswire, put in at one moment
CARDS, HEADLINES = 30, 400  # headlines that wrote a card, and the most that are tried
ORDERS, ORDER_HEADLINES = 60, 150
ACCOUNTS = 12  # more, so that limits of three do not end the orders
MONEY = Money.rupees(20_00_000)


@dataclass(slots=True)
class Rig:
    """A floor on a scratch store, what is known, and news that waits."""

    floor: Floor
    names: NameIndex
    news: Iterator[Event]
    training: float  # seconds
    known: Research | None = None

    def know(self) -> Known:
        """As the worker's research child does: research is kept, the moment is not."""
        now = know(self.floor.desk, cached=self.known)
        self.known = now.research
        return now


@contextmanager
def rig(settings: Settings) -> Iterator[Rig]:
    """Open the market at 10:00 on its first session and train."""
    store = open_store(settings.database_url, Market.SIM, seed=settings.seed)
    asleep = desk_over(settings, store)
    starts_at = asleep.calendar.session(SIM_STARTS_ON).opens_at.astimezone(UTC) + AFTER_OPEN
    clock = MarketClock(starts_at, speed=1.0)
    desk = desk_over(settings, store, clock)
    open_market(desk)
    seconds = timed(lambda: train(desk))
    market = sim_market(desk)
    broker = PaperBroker(
        settings.home / "exchange.db",
        login_id=PAPER_LOGIN.id,
        instruments={item.isin: item for item in market.universe},
        clock=clock,
        phase_of=lambda item, at: phase_of(desk, item, at),
    )
    with store.write() as tx:
        fence = lease.acquire(tx, LEASE, "bench", monotonic=time.monotonic(), seconds=LEASE_SECONDS)
    no_cap = SendCap(per_second=10**6, per_minute=10**6, per_day=10**6)
    dealer = Dealer(
        desk, {PAPER_LOGIN.id: broker}, "bench", fence, desk_id(settings.home), cap=no_cap
    )
    names = intake.name_index(desk)
    coming = market.events(starts_at, starts_at + timedelta(days=NEWS_DAYS))
    made = Rig(
        floor=Floor(dealer, market, broker, clock),
        names=names,
        news=iter([one for one in coming if not intake.refusal_of(tag(one, names))]),
        training=seconds,
    )
    tick(made.floor)
    made.know()
    try:
        yield made
    finally:
        store.close()


def training(made: Rig) -> list[Row]:
    """Bars, features, walk-forward fit and calibration of the simulated history."""
    return [row("training", made.training, "s", n=1, note="174 shares x 1,250 sessions, one core")]


def features(made: Rig) -> list[Row]:
    """All features of the whole panel."""
    panel = made.know().research.panel
    note = f"{len(panel.isins)} shares x {len(panel.sessions)} sessions"
    seconds = median(lambda: compute(panel), times=5)
    return [row("features of the panel", seconds * 1e3, "ms", n=5, note=note)]


def scan_time(made: Rig) -> list[Row]:
    """One scan of the universe with its decisions, research warm."""
    desk, taken = made.floor.desk, []
    for _ in range(5):
        tick(made.floor)
        taken.append(timed(lambda: scan.scan(desk, made.know())))
    return spread("scan", taken, parts=(50,), note="174 shares predicted, best few decided")


def quotes_tick(made: Rig) -> list[Row]:
    """One tick of the whole universe into the store, commit included."""
    now = made.floor.market.quotes_at(made.floor.clock.now())

    def write() -> None:
        with made.floor.desk.store.write() as tx:
            quotes.put(tx, now)

    note = f"{len(now)} quotes, one commit"
    return spread("quotes tick", [timed(write) for _ in range(50)], note=note)


def headline_to_card(made: Rig) -> list[Row]:
    """A headline stored and tagged, decided for every account, its cards committed."""
    taken: list[float] = []
    wrote = tried = 0
    for event in _next(made, HEADLINES):
        tried += 1
        begun = time.perf_counter()
        intake.take_in(made.floor.desk, [event], names=made.names)
        decided = intake.decide_waiting(made.floor.desk, made.know)
        seconds = time.perf_counter() - begun
        written = sum(one.card is not None for one in decided)
        if written:
            taken.append(seconds)
            wrote += written
        if len(taken) == CARDS:
            break
    note = f"{len(taken)} of {tried} headlines wrote {wrote} cards; three accounts each"
    return spread("headline to card", taken, note=note)


def approve_to_order(made: Rig) -> list[Row]:
    """The click, every check, both commits and the paper broker's acknowledgement."""
    opened = _open_accounts(made)
    taken: list[float] = []
    tried = 0
    for event in _next(made, ORDER_HEADLINES):
        intake.take_in(made.floor.desk, [event], names=made.names)
        intake.decide_waiting(made.floor.desk, made.know)
        for card in _open_cards(made):
            tick(made.floor)
            tried += 1
            seconds = _approved(made, card)
            if seconds is not None:
                taken.append(seconds)
            settle(made.floor.dealer)
        if len(taken) >= ORDERS:
            break
    _close_accounts(made, opened)
    note = f"{tried} clicks, {len(taken)} acknowledged; in-process, without the worker's wait"
    return spread("approve to order", taken, note=note)


def risk_loop(made: Rig) -> list[Row]:
    """One look of the risk loop at an account of 200 protected positions and at the desk."""
    tick(made.floor)
    taken = watch_wide(made.floor.desk, sim_market(made.floor.desk).universe)
    note = "200 protected positions in one account beside the three of the first start"
    return spread("risk loop", taken, parts=(50, 99), note=note)


def _approved(made: Rig, card: Card) -> float | None:
    """Seconds from the click to the acknowledgement; None when it was refused."""
    begun = time.perf_counter()
    try:
        order = approve_card(
            made.floor.desk, card.id, seen_hash=card.bound_hash, nonce=card.id, approver="bench"
        )
    except ApprovalRefused:
        return None
    sent = [one for one in send_prepared(made.floor.dealer) if one.id == order.id]
    seconds = time.perf_counter() - begun
    acknowledged = (OrderStatus.OPEN, OrderStatus.FILLED)
    return seconds if sent and sent[0].status in acknowledged else None


def _open_cards(made: Rig) -> Sequence[Card]:
    with made.floor.desk.store.read() as tx:
        return cards.with_status(tx, CardStatus.OPEN)


def _next(made: Rig, count: int) -> Iterator[Event]:
    """News that waits, as if it came now, with prices of now beside it."""
    for number, event in enumerate(made.news):
        tick(made.floor)
        now = made.floor.clock.now()
        source_id = f"bench-{event.source_id}"
        yield replace(
            event,
            id=event_id(event.source, source_id, event.headline),
            source_id=source_id,
            event_at=now,
            known_at=now,
        )
        if number + 1 == count:
            return


def _open_accounts(made: Rig) -> list[str]:
    at = made.floor.clock.now()
    names = [f"bench{number}" for number in range(ACCOUNTS)]
    with made.floor.desk.store.write() as tx:
        for name in names:
            accounts.put_account(tx, Account(name, name, PAPER_LOGIN.id, at))
            mandates.put(tx, default_mandate(name, Objective.MAX_PROFIT, signed_at=at))
            ledger.post(
                tx, post.deposit(account_id=name, amount=MONEY, at=at, reference=f"open:{name}")
            )
    return names


def _close_accounts(made: Rig, names: Sequence[str]) -> None:
    with made.floor.desk.store.write() as tx:
        for name in names:
            accounts.close(tx, name, made.floor.clock.now())
