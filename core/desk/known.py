"""Everything a decision may look at, gathered once for one moment.

Built in a child process of the worker, since features and models are heavy. Nothing in here
was known after `at`: bars end at the last closed session and tags at `at`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import numpy as np

from core.desk import recheck
from core.desk.books import kind_of
from core.desk.books_now import books_of
from core.desk.can_hold import Holder, holder_of
from core.desk.caps import capped
from core.desk.comove import comovement, correlation
from core.desk.desk import Desk
from core.desk.ex_dates import coming, sessions_to_ex
from core.desk.facts import ShareFacts, share_facts
from core.desk.left import Left, last_left, sessions_since
from core.desk.promised import SCAN
from core.desk.quality import check_bars
from core.desk.quality_now import WHOLE_STANDING, Standing, standings
from core.desk.research import Research, around, read_research, tilted
from core.desk.taken import taken_today
from core.desk.ticket_costs import ticket_costs
from core.domain.account import Account, Broker, LoginMode, Market
from core.domain.calendar import Calendar
from core.domain.candidate import Book, Candidate
from core.domain.card import Card, CardStatus
from core.domain.clock import ist_day
from core.domain.event import TaggedEvent
from core.domain.instrument import Instrument
from core.domain.live import Capped
from core.domain.mandate import Mandate
from core.domain.order import Side
from core.domain.quote import Quote
from core.domain.research import Prediction
from core.domain.signal import FeatureRow, MetaLabel, Playbook, Reason, Regime, Signal
from core.errors import NotFound
from core.features.compute import FeaturePanel, row
from core.mandates.slate import Covariances
from core.mandates.worth import ChargesFor
from core.models.cases import cases_of
from core.models.files import Model
from core.models.predict import explain, predict
from core.store import (
    accounts,
    cards,
    instruments,
    mandates,
    quotes,
)

FRESH_DAYS = 7  # other news of a share that the judge still hears


@dataclass(slots=True)
class Known:
    """One moment: research, quotes, books, mandates and open cards.

    `instruments` are those that are traded; bars are those of them and of what is held. `waiting`
    are cards that wait for an answer and `taken` shares that entries of the day stand for, by ISIN
    and account; `offered` says how many cards of scans an account has to answer or to see sent.
    """

    at: datetime
    market: Market
    calendar: Calendar
    research: Research
    features: FeaturePanel
    predictions: Mapping[str, Prediction]
    quotes: Mapping[str, Quote]
    instruments: Mapping[str, Instrument]
    accounts: Mapping[str, Account]
    modes: Mapping[str, LoginMode]
    mandates: Mapping[str, Mandate]
    books: Mapping[str, Book]
    open_cards: frozenset[tuple[str, str]]
    results: Mapping[str, tuple[date, ...]]
    tags: tuple[TaggedEvent, ...]
    last_entry_at: datetime
    feed_factor: float
    standings: Mapping[str, Standing]
    ex_dates: Mapping[str, date]
    capped: Mapping[str, tuple[Capped, ...]] = field(default_factory=dict)
    holders: Mapping[str, Holder] = field(default_factory=dict)
    left: Left = field(default_factory=dict)
    taken: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    waiting: tuple[Card, ...] = ()
    offered: Mapping[str, int] = field(default_factory=dict)
    _facts: dict[str, ShareFacts] = field(default_factory=dict)

    @property
    def regime(self) -> Regime:
        """The market's trend by the plain rule, which playbooks ask."""
        return self.research.trend[0]

    @property
    def regime_score(self) -> float:
        return self.research.trend[1]

    @property
    def together(self) -> Covariances:
        """How all shares with enough sessions move together."""
        return self.research.together

    @property
    def meta_model(self) -> Model:
        return self.research.meta_model

    @property
    def round_trip_cost(self) -> float:
        """What the model takes a round trip to cost, a fraction of price."""
        return float(self.research.model.manifest["cost"])

    def feature_row(self, isin: str) -> FeatureRow:
        """Features as of the last closed session; raises NotFound or NoData."""
        return row(self.features, isin=isin, session=self.research.session, as_of=self.at)

    def prediction(self, isin: str) -> Prediction:
        """The model's word on one share; raises NotFound."""
        try:
            return self.predictions[isin]
        except KeyError:
            symbol = self.instruments[isin].symbol if isin in self.instruments else isin
            raise NotFound(
                f"{symbol}: no prediction as of {self.research.session}; {len(self.predictions)} "
                "shares have the sessions of prices it takes"
            ) from None

    def reasons(self, isin: str) -> tuple[Reason, ...]:
        """The features the model leaned on most for one share."""
        place = self.features.sessions.index(self.research.session)
        column = np.array([self.features.isins.index(isin)])
        case = cases_of(self.features, session=place, shares=column)
        return explain(self.research.model, case, regime=self.research.regime)[0]

    def others(self, tag: TaggedEvent | None, isin: str) -> tuple[TaggedEvent, ...]:
        """What else was said of a share lately, newest last."""
        since = self.at - timedelta(days=FRESH_DAYS)
        return tuple(
            one
            for one in self.tags
            if one.isin == isin
            and one.known_at >= since
            and (tag is None or one.event_id != tag.event_id)
        )

    def mandate(self, account_id: str) -> Mandate:
        """The signed rules of an account."""
        return self.mandates[account_id]

    def book(self, account_id: str) -> Book:
        """The account's positions and cash."""
        return self.books[account_id]

    def has_open_card(self, account_id: str, isin: str) -> bool:
        """Whether a card for this share already waits in this account."""
        return (account_id, isin) in self.open_cards

    def facts(self, isin: str) -> ShareFacts:
        """ATR, volatility, turnover and the like from the last bars."""
        if isin not in self._facts:
            self._facts[isin] = share_facts(self.research.panel, isin)
        return self._facts[isin]

    def costs(
        self, account_id: str, instrument: Instrument, side: Side
    ) -> tuple[ChargesFor, ChargesFor]:
        """What an entry in a share and its way out cost this account today."""
        holder = self.holders.get(account_id)
        broker = holder.broker if holder else Broker.PAPER
        return ticket_costs(
            broker,
            self.mandate(account_id),
            side=side,
            on=ist_day(self.at),
            security=kind_of(instrument.isin, instrument.symbol),
        )

    def candidate(
        self,
        instrument: Instrument,
        *,
        signal: Signal,
        label: MetaLabel,
        playbook: Playbook,
        tag: TaggedEvent | None,
        account_id: str,
        book: Book | None = None,
    ) -> Candidate:
        """One instrument somebody could buy now, measured; `book` replaces the account's own."""
        isin = instrument.isin
        if isin not in self.quotes:
            raise NotFound(f"{instrument.symbol} has no quote yet")
        quote = self.quotes[isin]
        now = self.book(account_id) if book is None else book
        held = {item.isin: self.facts(item.isin) for item in now.positions}
        age = (self.at - quote.received_at).total_seconds() * self.feed_factor
        return recheck.candidate_from(
            instrument,
            quote=quote,
            facts=self.facts(isin),
            signal=signal,
            label=label,
            playbook=playbook,
            tag=tag,
            event_age_minutes=(self.at - tag.known_at).total_seconds() / 60 if tag else None,
            earnings_in_sessions=recheck.sessions_to_results(
                self.calendar, ist_day(self.at), self.results.get(isin, ())
            ),
            correlation=correlation(self.facts(isin), held, now, direction=signal.direction),
            moves=comovement(self.facts(isin), held, now, usual=self.research.usual),
            left_sessions_ago=sessions_since(
                self.calendar, ist_day(self.at), self.left.get((account_id, isin))
            ),
            quote_age_seconds=max(0.0, age),
            quality=self.standings.get(isin, WHOLE_STANDING),
            goes_ex_in_sessions=sessions_to_ex(
                self.calendar, ist_day(self.at), self.ex_dates.get(isin)
            ),
        )


def know(desk: Desk, *, cached: Research | None = None) -> Known:
    """Gather everything as of now; raises NoData while there is no model or no bar."""
    at = desk.clock.now()
    research = read_research(desk, before=ist_day(at), cached=cached)
    check_bars(desk)
    with desk.store.read() as tx:
        features, tags = tilted(tx, research, desk.calendar, at=at)
        listed = {item.isin: item for item in instruments.all_instruments(tx)}
        prices = quotes.all_quotes(tx)
        running = {a.id: a for a in accounts.accounts(tx) if a.closed_at is None}
        logins = {login.id: login for login in accounts.logins(tx)}
        cards_now = cards.with_status(tx, CardStatus.OPEN, CardStatus.APPROVED)
        approved = [card for card in cards_now if card.status is CardStatus.APPROVED]
        rules = {name: mandates.current(tx, name) for name in running}
        kept = standings(tx, desk.calendar, today=ist_day(at))
        found = predict(
            research.model,
            features,
            session=research.session,
            as_of=at,
            symbols={isin: item.symbol for isin, item in listed.items()},
            around=around(research, kept, desk.calendar, today=ist_day(at)),
        )
        return Known(
            at=at,
            market=desk.market,
            calendar=desk.calendar,
            research=research,
            features=features,
            predictions={prediction.isin: prediction for prediction in found},
            quotes=prices,
            instruments={isin: one for isin, one in listed.items() if one.is_traded},
            accounts=running,
            capped={one.id: tuple(capped(tx, one.id, at=at)) for one in running.values()},
            modes={account.id: logins[account.login_id].mode for account in running.values()},
            holders={name: holder_of(tx, name) for name in running},
            mandates=rules,
            left=last_left(tx, rules, at=at),
            taken=taken_today(tx, approved, at=at),
            waiting=tuple(
                one for one in cards_now if one.status is CardStatus.OPEN and one.expires_at > at
            ),
            offered=Counter(card.account_id for card in cards_now if card.trigger == SCAN),
            books=books_of(desk, tx, running, prices=prices, listed=listed),
            open_cards=frozenset((card.account_id, card.isin) for card in cards_now),
            results={isin: recheck.results_dates(tx, isin) for isin in listed},
            tags=tuple(tags),
            last_entry_at=_last_entry(desk, at),
            feed_factor=desk.real_seconds(1.0),
            standings=kept,
            ex_dates=coming(tx, tuple(listed), today=ist_day(at)),
        )


def _last_entry(desk: Desk, at: datetime) -> datetime:
    """No card outlives the session it may still be sent in."""
    return desk.calendar.session(desk.calendar.first_session_from(at)).closes_at
