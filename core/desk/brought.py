"""What the desk knows of signals that somebody brings: prices, books and rules of one moment.

Reads bars and books only, no model, so that a terminal answers at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlmodel import Session

from core.desk import recheck, why_not
from core.desk.books_now import books_of
from core.desk.caps import capped
from core.desk.comove import Usual, covariances, usual_of
from core.desk.desk import Desk
from core.desk.ex_dates import coming
from core.desk.facts import ShareFacts, share_facts
from core.desk.left import Left, last_left
from core.desk.quality_now import Standing, standings
from core.desk.signal_file import FileSignal
from core.desk.slates import lay
from core.desk.taken import taken_today
from core.desk.traded import traded_with_bars
from core.domain.account import Account, Broker
from core.domain.calendar import Calendar
from core.domain.candidate import Book
from core.domain.card import CardStatus
from core.domain.clock import ist_day
from core.domain.event import Stance, TaggedEvent
from core.domain.instrument import Instrument
from core.domain.live import Capped
from core.domain.mandate import Mandate
from core.domain.quote import Quote
from core.domain.signal import MetaLabel, Playbook, Probability, Regime, Signal
from core.errors import NoData, NotFound
from core.features.regime import trend_regime
from core.mandates.slate import Covariances, Slate
from core.panel import Panel
from core.signals.playbook import SESSIONS, choose
from core.store import accounts, bars, cards, instruments, mandates, quotes

SESSIONS_READ = 300  # more than the longest window of the regime
NOT_SAID = Probability(0.0, 0.0, 1.0, 0)


@dataclass(frozen=True, slots=True)
class Asked:
    """One signal as sizing takes it."""

    signal: Signal
    label: MetaLabel
    playbook: Playbook
    tag: TaggedEvent | None


@dataclass(slots=True)
class Brought:
    """One moment for the signals of a file; `slates` hold them by strategy and direction.

    `uncovered` says why no playbook covers a signal, by ISIN.
    """

    at: datetime
    calendar: Calendar
    panel: Panel
    regime: Regime
    instruments: Mapping[str, Instrument]
    quotes: Mapping[str, Quote]
    accounts: Mapping[str, Account]
    brokers: Mapping[str, Broker]
    mandates: Mapping[str, Mandate]
    books: Mapping[str, Book]
    capped: Mapping[str, tuple[Capped, ...]]
    open_cards: frozenset[tuple[str, str]]
    left: Left
    taken: Mapping[str, Mapping[str, int]]
    results: Mapping[str, tuple[date, ...]]
    ex_dates: Mapping[str, date]
    standings: Mapping[str, Standing]
    feed_factor: float
    usual: Usual
    together: Covariances
    asked: dict[str, Asked] = field(default_factory=dict)
    uncovered: dict[str, str] = field(default_factory=dict)
    slates: list[Slate] = field(default_factory=list)
    _facts: dict[str, ShareFacts] = field(default_factory=dict)

    def facts(self, isin: str) -> ShareFacts:
        """ATR, volatility, turnover and the like from the last bars; raises NotFound or NoData."""
        if isin not in self._facts:
            self._facts[isin] = share_facts(self.panel, isin)
        return self._facts[isin]

    def mandate(self, account_id: str) -> Mandate:
        """The signed rules of an account."""
        return self.mandates[account_id]

    def book(self, account_id: str) -> Book:
        """The account's positions and cash."""
        return self.books[account_id]


def gather(desk: Desk, signals: Sequence[FileSignal]) -> Brought:
    """Everything the signals are weighed on, as of now."""
    at, today = desk.clock.now(), ist_day(desk.clock.now())
    with desk.store.read() as tx:
        listed = {one.isin: one for one in instruments.all_instruments(tx)}
        wanted = {instruments.by_symbol(tx, one.symbol).isin: one for one in signals}
        running = {one.id: one for one in accounts.accounts(tx) if one.closed_at is None}
        prices = quotes.all_quotes(tx)
        waiting = cards.with_status(tx, CardStatus.OPEN, CardStatus.APPROVED)
        rules = mandates.of_accounts(tx, list(running))
        panel = _panel(tx, wanted, today)
        now = Brought(
            at=at,
            calendar=desk.calendar,
            panel=panel,
            regime=trend_regime(panel)[0],
            instruments=listed,
            quotes=prices,
            accounts=running,
            brokers={n: accounts.login(tx, one.login_id).broker for n, one in running.items()},
            mandates=rules,
            books=books_of(desk, tx, running, prices=prices, listed=listed),
            capped={name: tuple(capped(tx, name, at=at)) for name in running},
            open_cards=frozenset((card.account_id, card.isin) for card in waiting),
            left=last_left(tx, rules, at=at),
            taken=taken_today(tx, waiting, at=at),
            results={isin: recheck.results_dates(tx, isin) for isin in wanted},
            ex_dates=coming(tx, tuple(wanted), today=today),
            standings=standings(tx, desk.calendar, today=today),
            feed_factor=desk.real_seconds(1.0),
            usual=usual_of(panel),
            together=covariances(panel),
        )
    for isin, one in wanted.items():
        match _asked(now, isin, one):
            case str(sentence):
                now.uncovered[isin] = sentence
            case asked:
                now.asked[isin] = asked
    now.slates = _slates(now)
    return now


def _panel(tx: Session, wanted: Mapping[str, FileSignal], today: date) -> Panel:
    """Bars before today of what is traded, held and asked about; raises NoData without any."""
    studied = traded_with_bars(tx, until=today)
    if studied is not None:
        studied = sorted({*studied, *bars.with_bars(tx, sorted(wanted), until=today)})
    done = [session for session in bars.sessions(tx, studied) if session < today]
    if not done:
        raise NoData(f"no bars before {today}; import or fetch prices first")
    return bars.read_panel(tx, studied, start=done[-SESSIONS_READ:][0], end=done[-1], as_of=today)


def _asked(now: Brought, isin: str, said: FileSignal) -> Asked | str:
    """The signal as sizing takes it, or why no playbook covers it."""
    share = now.instruments[isin]
    if isin not in now.quotes:
        raise NotFound(f"{share.symbol} has no quote yet; wait for a price or leave it out")
    if isin not in now.panel.isins:
        raise NotFound(f"{share.symbol} has no bars yet; import or fetch its prices first")
    tag = None
    if said.event is not None:
        stance = Stance.POSITIVE if said.direction > 0 else Stance.NEGATIVE
        tag = TaggedEvent("file", isin, share.symbol, said.event, stance, 1.0, 1.0, (), now.at)
    playbook = choose(tag, now.regime, direction=said.direction)
    if playbook is None:
        return why_not.uncovered(tag, now.regime, direction=said.direction)
    votes = said.is_measured and said.direction > 0
    signal = Signal(
        isin=isin,
        symbol=share.symbol,
        as_of=now.at,
        strategy=said.strategy,
        direction=said.direction,
        edge=said.edge if votes else 0.0,
        horizon_sessions=SESSIONS,
        target_first=_p(said.target_first, said),
        stop_first=_p(said.stop_first, said),
        time_exit=_p(max(0.0, 1.0 - said.target_first - said.stop_first), said),
        base_rate=0.0,
        has_vote=votes,
        model_version="file",
        reasons=(),
    )
    label = MetaLabel(NOT_SAID, False, now.regime, 0.0, 0.0, 0.0, 0.0)
    return Asked(signal, label, playbook, tag)


def _p(p: float, said: FileSignal) -> Probability:
    """A file gives no interval, so the odds stand without one."""
    return Probability(p, p, p, said.cases) if said.cases else NOT_SAID


def _slates(now: Brought) -> list[Slate]:
    """The signals by strategy and direction, in the order of the file."""
    groups: dict[tuple[str, int], list[Signal]] = {}
    for one in now.asked.values():
        key = (one.signal.strategy, one.signal.direction)
        groups.setdefault(key, []).append(one.signal)
    return [
        lay(
            now,
            [one.isin for one in said],
            strategy=strategy,
            edges=[one.edge if one.has_vote else None for one in said],
            stops=[one.stop_first.p if one.has_vote else None for one in said],
            direction=way,
        )
        for (strategy, way), said in groups.items()
    ]
