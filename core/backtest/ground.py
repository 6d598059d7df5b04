"""A market's last close as ground to allocate on: every share a candidate, no store and no model.

Each share is a candidate of the momentum rule at its close with an ordinary spread, so that what
is measured is filters, order, sizes and guardrails and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time

import numpy as np

from core.desk import recheck
from core.desk.comove import Usual, comovement, correlation, covariances, usual_of
from core.desk.facts import ShareFacts, share_facts
from core.desk.quality_now import WHOLE_STANDING
from core.domain.candidate import Book, Candidate
from core.domain.clock import IST
from core.domain.instrument import Instrument, tick_for
from core.domain.mandate import Mandate
from core.domain.money import ZERO, Money
from core.domain.quote import Quote
from core.domain.risk import KillLevel
from core.domain.signal import MetaLabel, Probability, Regime, Signal
from core.errors import NoData
from core.mandates.after import book_after
from core.mandates.reach import Reach, reach
from core.mandates.size import allocate
from core.mandates.slate import Covariances, Slate
from core.mandates.worth import ChargesFor
from core.panel import Panel
from core.signals.playbook import PLAYBOOKS, SESSIONS, STOP_ATR

MOMENTUM = next(one for one in PLAYBOOKS if one.name == "momentum")
COSTS = 0.003  # a round trip, of price
NOT_SAID = Probability(0.0, 0.0, 1.0, 0)


@dataclass(slots=True)
class Ground:
    """Shares with the facts of their last 60 sessions."""

    at: datetime
    shares: dict[str, Instrument]
    facts: dict[str, ShareFacts]
    together: Covariances
    usual: Usual
    votes: bool = False
    _quotes: dict[str, Quote] = field(default_factory=dict)

    def quote(self, isin: str) -> Quote:
        """The last close, bid and asked a tick apart."""
        if isin not in self._quotes:
            close = self.facts[isin].close
            tick = tick_for(close)
            at = Money(close.paise // tick.paise * tick.paise)
            self._quotes[isin] = Quote(
                isin=isin, ltp=at, bid=at, ask=at, bid_qty=1000, ask_qty=1000, open=at, high=at,
                low=at, prev_close=at, volume=0, at=self.at, received_at=self.at, source="ground",
            )  # fmt: skip
        return self._quotes[isin]

    def signal(self, isin: str) -> Signal:
        """Up; with odds that pay where the ground votes, else by the rule alone."""
        odds = [Probability(p, p - 0.02, p + 0.02, 400) for p in (0.45, 0.30, 0.25)]
        target, stop, rest = odds if self.votes else [NOT_SAID] * 3
        return Signal(
            isin=isin,
            symbol=self.shares[isin].symbol,
            as_of=self.at,
            strategy="momentum",
            direction=1,
            edge=0.02 if self.votes else 0.0,
            horizon_sessions=SESSIONS,
            target_first=target,
            stop_first=stop,
            time_exit=rest,
            base_rate=0.3,
            has_vote=self.votes,
            model_version="ground",
            reasons=(),
        )

    def candidate(self, isin: str, book: Book) -> Candidate:
        """One share for one account's book."""
        held = {one.isin: self.facts[one.isin] for one in book.positions}
        return recheck.candidate_from(
            self.shares[isin],
            quote=self.quote(isin),
            facts=self.facts[isin],
            signal=self.signal(isin),
            label=MetaLabel(NOT_SAID, False, Regime.BULL, 0.0, 0.0, 0.0, 0.0),
            playbook=MOMENTUM,
            tag=None,
            event_age_minutes=None,
            earnings_in_sessions=None,
            correlation=correlation(self.facts[isin], held, book),
            quote_age_seconds=0.0,
            quality=WHOLE_STANDING,
            goes_ex_in_sessions=None,
            moves=comovement(self.facts[isin], held, book, usual=self.usual),
        )

    def slate(self) -> Slate:
        """Every share side by side, in the order of the rule."""
        isins = tuple(self.shares)
        facts = [self.facts[isin] for isin in isins]
        count, none = len(isins), np.full(len(isins), np.nan)
        edge = np.linspace(0.03, 0.001, count) if self.votes else none
        return Slate(
            shares=tuple(self.shares[isin] for isin in isins),
            strategy="momentum",
            horizon_sessions=SESSIONS,
            edge=edge,
            p_stop=np.linspace(0.25, 0.45, count) if self.votes else none,
            score=np.arange(count, 0, -1, dtype=np.float64),
            risk=np.array([STOP_ATR * one.atr.share_of(one.close) for one in facts]),
            vol=np.array([one.vol for one in facts]),
            turnover=np.array([float(one.turnover_median.in_rupees) for one in facts]),
            quality=np.full(count, 100.0),
            to_results=np.full(count, np.inf),
            to_ex_date=np.full(count, np.inf),
            together=self.together,
        )


def ground_of(panel: Panel, listed: Iterable[Instrument], *, votes: bool = False) -> Ground:
    """The last sessions of a panel; a share without enough of them is left out."""
    facts: dict[str, ShareFacts] = {}
    known = {one.isin: one for one in listed}
    for isin in panel.isins:
        try:
            found = share_facts(panel, isin)
        except NoData:
            continue
        if isin in known and found.atr.paise > 0 and np.isfinite(found.by_session).all():
            facts[isin] = found
    at = datetime.combine(panel.sessions[-1], time(11), IST).astimezone(UTC)
    shares = {isin: known[isin] for isin in facts}
    return Ground(at, shares, facts, covariances(panel), usual_of(panel), votes)


def empty_book(name: str, money: Money) -> Book:
    """An account with money and nothing else."""
    return Book(name, money, money, (), ZERO, ZERO, KillLevel.NORMAL, 0.0)


@dataclass(frozen=True, slots=True)
class Filled:
    """An account after every share was offered to it, and the clamps that cut its positions."""

    book: Book
    reach: Reach
    cut_by: tuple[str, ...]


def fill(
    ground: Ground,
    mandate: Mandate,
    isins: Sequence[str],
    *,
    money: Money,
    costs: tuple[ChargesFor, ChargesFor],
) -> Filled:
    """Offer shares one after another until nothing more fits."""
    book, cuts = empty_book(mandate.account_id, money), []
    charges, closing = costs
    for isin in isins:
        candidate = ground.candidate(isin, book)
        made = allocate(candidate, mandate, book, charges=charges, closing=closing)
        if made.qty:
            cuts.append(made.clamps[-1].name if made.clamps else "Position weight")
            book = book_after(book, made, sector=ground.shares[isin].sector)
    return Filled(book, reach(mandate, book, volatility(ground, book)), tuple(cuts))


def volatility(ground: Ground, book: Book) -> float:
    """Volatility of a book per year from the covariance of all shares together, as of the close.

    Not the covariance that sized it, which is of the book and one candidate at a time.
    """
    weights = np.array([one.value.share_of(book.equity) for one in book.positions])
    at = ground.together.columns([one.isin for one in book.positions])
    if not len(at):
        return 0.0
    return float(np.sqrt(weights @ ground.together.matrix[np.ix_(at, at)] @ weights))
