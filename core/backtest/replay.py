"""Real history played as a market through the whole desk, with a scripted approver.

Nothing here decides: every card comes from `desk.decide`, every order from `desk.approve` and
`desk.send`. An event is put before the pipeline at the first tick after it was known, so an
order never meets a price older than its cause. The same input gives the same cards.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from core.brokers.paper import PaperBroker
from core.config import Settings
from core.desk import intake, scan
from core.desk.approve import approve_card
from core.desk.day_costs import settle_days
from core.desk.dealer import LEASE, Dealer
from core.desk.desk import Desk, desk_over
from core.desk.floor import phase_of
from core.desk.history import HISTORY_MIN
from core.desk.imports import universe_names
from core.desk.known import Known, know
from core.desk.open_market import PAPER_LOGIN, open_accounts
from core.desk.research import Research
from core.desk.safe import keep_safe
from core.desk.score import score_cards
from core.desk.send import send_prepared
from core.desk.train import train
from core.desk.upkeep import expire_cards
from core.desk.watch import watch
from core.domain.account import Market
from core.domain.action import Factor
from core.domain.card import Card, CardStatus
from core.domain.clock import SteppedClock
from core.domain.event import Event
from core.domain.instrument import Instrument
from core.domain.order import Order
from core.domain.quote import Quote
from core.errors import ApprovalRefused, BadInput, NoData
from core.panel import Panel
from core.providers.replay import ReplayMarket
from core.signals.playbook import PLAYBOOKS
from core.store import bars, cards, events, factors, instruments, lease, playbooks, quotes
from core.store.desk_id import desk_id
from core.store.engine import open_store
from core.tagging.names import NameIndex
from core.tagging.tagger import tag

Approver = Callable[[Card, Desk], bool]
Progress = Callable[[float, str], None]
TICK_MINUTES = 75  # between ticks; open, low, high and close have one of their own


@dataclass(frozen=True, slots=True)
class History:
    """What is replayed: shares, their bars over all known sessions, events and price factors."""

    instruments: tuple[Instrument, ...]
    panel: Panel
    events: tuple[Event, ...]
    factors: tuple[Factor, ...] = ()


@dataclass(slots=True)
class Run:
    """One replay under way: the desk on its scratch store, and counts."""

    desk: Desk
    clock: SteppedClock
    dealer: Dealer
    broker: PaperBroker
    market: ReplayMarket
    names: NameIndex
    instruments: tuple[Instrument, ...]
    research: Research | None = None
    read_until: datetime | None = None
    events_read: int = 0
    events_named: int = 0  # name a share of the universe
    events_mapped: int = 0  # name a share of this replay, which is one with bars
    decided: int = 0
    scanned: int = 0
    approved: int = 0
    refused_clicks: int = 0


def every_card(card: Card, desk: Desk) -> bool:
    """The simplest scripted approver: yes to every card."""
    return True


@contextmanager
def opened(
    history: History, *, settings: Settings, calendar_start: date, folder: Path
) -> Iterator[Run]:
    """A fresh scratch store with accounts, bars before the start and tagged earlier events."""
    folder.mkdir(parents=True, exist_ok=True)
    url = f"sqlite:///{folder / 'replay.db'}"
    if (folder / "replay.db").exists():
        raise BadInput(f"{folder} holds an earlier replay; name another folder or remove it")
    store = open_store(url, Market.REPLAY, seed=settings.seed, scratch=True)
    clock = SteppedClock(datetime.min.replace(tzinfo=UTC))
    desk = desk_over(
        settings.model_copy(update={"home": folder, "market": Market.REPLAY}), store, clock
    )
    opens_at = desk.calendar.session(calendar_start).opens_at.astimezone(UTC)
    clock.at = opens_at - timedelta(minutes=1)
    try:
        yield _prepare(history, desk, clock, before=calendar_start)
    finally:
        store.close()


def _prepare(history: History, desk: Desk, clock: SteppedClock, *, before: date) -> Run:
    past = history.panel.until(before - timedelta(days=1))
    if len(past.sessions) < HISTORY_MIN:
        raise NoData(
            f"{len(past.sessions)} sessions lie before {before} and {HISTORY_MIN} are needed; "
            f"start {HISTORY_MIN - len(past.sessions)} sessions later or import as many more"
        )
    names = universe_names()
    earlier = [event for event in history.events if event.known_at < clock.at]
    with desk.store.write() as tx:
        instruments.put(tx, history.instruments)
        for playbook in PLAYBOOKS:
            playbooks.put(tx, playbook)
        bars.put_panel(tx, past, source="replay")
        factors.put(tx, history.factors)
        events.put_archive(tx, earlier)
        events.put_tags(tx, [item for event in earlier for item in tag(event, names)])
        fence = lease.acquire(tx, LEASE, "replay", monotonic=0.0, seconds=1e12)
    open_accounts(desk, at=clock.at)
    broker = PaperBroker(
        ":memory:",
        login_id=PAPER_LOGIN.id,
        instruments={item.isin: item for item in history.instruments},
        clock=clock,
        phase_of=lambda item, at: phase_of(desk, item, at),
    )
    dealer = Dealer(
        desk=desk,
        sessions={PAPER_LOGIN.id: broker},
        holder="replay",
        fence=fence,
        desk_tag=desk_id(desk.home),
    )
    market = ReplayMarket(history.panel, desk.calendar, history.events, step_minutes=TICK_MINUTES)
    return Run(desk, clock, dealer, broker, market, names, history.instruments, read_until=clock.at)


def play(
    run: Run,
    sessions: Sequence[date],
    *,
    approver: Approver = every_card,
    progress: Progress = lambda _share, _sentence: None,
) -> None:
    """Train on what lies before, then play each session tick by tick."""
    train(run.desk, lambda share, sentence: progress(0.1 * share, sentence))
    for number, session in enumerate(sessions):
        progress(0.1 + 0.9 * number / len(sessions), f"playing {session}")
        play_session(run, session, approver=approver)


def play_session(run: Run, session: date, *, approver: Approver) -> None:
    """One session: every tick prices, fills, stops, risk, news, cards and approvals."""
    for place, at in enumerate(run.market.tick_times(session)):
        run.clock.move_to(at)
        _prices(run, at)
        keep_safe(run.dealer)
        _decide(run, scan_too=place == 0)
        _approve(run, approver)
        if send_prepared(run.dealer):
            keep_safe(run.dealer)
        watch(run.desk)
    expire_cards(run.desk)
    with run.desk.store.write() as tx:
        bars.put_panel(tx, run.market.bars_of(session), source="replay")
    score_cards(run.desk, through=session)
    settle_days(run.desk, by="replay", back=timedelta(0))


def _prices(run: Run, at: datetime) -> list[Quote]:
    now = run.market.quotes_at(at)
    with run.desk.store.write() as tx:
        quotes.put(tx, now)
    run.broker.on_quotes(now)
    return now


def _known(run: Run) -> Known:
    now = know(run.desk, cached=run.research)
    run.research = now.research
    return now


def _decide(run: Run, *, scan_too: bool) -> None:
    at = run.clock.now()
    found = run.market.events(run.read_until or at, at)
    run.read_until = at
    if found:
        run.events_read += len(found)
        _count_named(run, found)
        intake.take_in(run.desk, found, names=run.names)
    run.decided += len(intake.decide_waiting(run.desk, lambda: _known(run), limit=10**6))
    if scan_too:
        done = scan.scan(run.desk, _known(run))
        run.scanned += done.symbols
        run.decided += len(done.decisions)


def _count_named(run: Run, found: Sequence[Event]) -> None:
    """Count which news names a share at all, and which names one that is played."""
    played = {item.isin for item in run.instruments}
    named = [{item.isin for item in tag(event, run.names)} for event in found]
    run.events_named += sum(bool(isins) for isins in named)
    run.events_mapped += sum(bool(isins & played) for isins in named)


def _approve(run: Run, approver: Approver) -> None:
    with run.desk.store.read() as tx:
        waiting = cards.with_status(tx, CardStatus.OPEN)
    for card in sorted(waiting, key=lambda one: one.id):
        if approver(card, run.desk):
            run.approved += int(_click(run, card) is not None)


def _click(run: Run, card: Card) -> Order | None:
    nonce = hashlib.sha256(f"{card.id}:{card.version}".encode()).hexdigest()[:16]
    try:
        return approve_card(
            run.desk,
            card.id,
            seen_hash=card.bound_hash,
            nonce=nonce,
            approver="script:replay",
        )
    except ApprovalRefused:
        run.refused_clicks += 1
        return None
