"""Everything a decision may look at, gathered once for one moment.

Built in a child process of the worker, since features and models are heavy. Nothing in here
was known after `at`: bars end at the last closed session and tags at `at`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import numpy as np

from core.desk import recheck
from core.desk.beside import beside
from core.desk.books import kind_of
from core.desk.books_now import books_of
from core.desk.can_hold import Holder, holder_of
from core.desk.caps import capped
from core.desk.comove import NOT_ASKED, Usual, comovement, correlation, covariances, usual_of
from core.desk.desk import Desk
from core.desk.ex_dates import coming, sessions_to_ex
from core.desk.facts import ShareFacts, share_facts
from core.desk.left import Left, last_left, sessions_since
from core.desk.models import open_model
from core.desk.promised import SCAN
from core.desk.quality import check_bars
from core.desk.quality_now import WHOLE_STANDING, Standing, standings
from core.desk.taken import taken_today
from core.desk.ticket_costs import ticket_costs
from core.desk.traded import traded_with_bars
from core.domain.account import Account, Broker, LoginMode, Market
from core.domain.action import Factor
from core.domain.calendar import Calendar
from core.domain.candidate import Book, Candidate
from core.domain.card import Card, CardStatus
from core.domain.clock import ist_day
from core.domain.event import TaggedEvent
from core.domain.instrument import Instrument
from core.domain.live import Capped
from core.domain.mandate import Mandate
from core.domain.order import Side
from core.domain.quality import WHOLE
from core.domain.quote import Quote
from core.domain.research import ModelVersion, Prediction
from core.domain.signal import FeatureRow, MetaLabel, Playbook, Reason, Regime, Signal
from core.errors import NoData, NotFound
from core.features.compute import FeaturePanel, compute, row
from core.features.hmm import states_from
from core.features.regime import market_regime, trend_regime
from core.features.table import MODEL_NAMES
from core.features.tilt import tilt
from core.mandates.slate import Covariances
from core.mandates.worth import ChargesFor
from core.models.cases import cases_of
from core.models.files import Model
from core.models.predict import explain, predict
from core.models.trust import Around
from core.panel import Floats, Panel
from core.store import (
    accounts,
    bars,
    cards,
    events,
    factors,
    instruments,
    mandates,
    models,
    quotes,
)

NOT_MEASURED = Covariances((), np.zeros((0, 0)))
FRESH_DAYS = 7  # other news of a share that the judge still hears
TILT_DAYS = 45  # calendar days of tags that still tilt a feature row


@dataclass(slots=True)
class Research:
    """What stays the same all session: bars, model and the last features, without tilt.

    There are features of as many sessions as the model looks back on.

    The bars are in the share terms of `as_of`, through the factors that were `stored`; `studied`
    are the shares asked for, None for all.
    """

    session: date
    as_of: date
    stored: tuple[Factor, ...]
    panel: Panel
    features: FeaturePanel
    model: Model
    meta_model: Model
    version: ModelVersion
    regime: Regime
    regime_score: float
    trend: tuple[Regime, float]
    studied: list[str] | None = None
    usual: Usual = NOT_ASKED
    together: Covariances = NOT_MEASURED


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


def read_research(desk: Desk, *, before: date, cached: Research | None) -> Research:
    """Bars up to the last session before `before` and the current model, reread when new."""
    with desk.store.read() as tx:
        version = models.current(tx, "primary")
        meta_version = models.current(tx, "meta")
        if version is None or meta_version is None:
            lacks = "no model" if version is None else "no meta-label model"
            raise NoData(f"{lacks} is trained yet; train one on Predictions or with munim train")
        studied = traded_with_bars(tx, until=before - timedelta(days=1))
        done = [session for session in bars.sessions(tx, studied) if session < before]
        if not done:
            way = "open the simulated market" if desk.market is Market.SIM else "import prices"
            raise NoData(f"no bars before {before}; {way} first")
        stored = tuple(factors.all_factors(tx))
        seen = (done[-1], before, stored, version, studied)
        if cached and seen == (
            cached.session, cached.as_of, cached.stored, cached.version, cached.studied
        ):  # fmt: skip
            return cached
        panel = bars.read_panel(tx, studied, end=done[-1], as_of=before)
        around = beside(desk, tx, panel, MODEL_NAMES)
    model = open_model(desk, version)
    states = model.manifest.get("states")
    regime, score = market_regime(panel, states and states_from(states))
    return Research(
        session=done[-1],
        as_of=before,
        stored=stored,
        panel=panel,
        features=compute(panel, beside=around).last(model.window),
        model=model,
        meta_model=open_model(desk, meta_version),
        version=version,
        regime=regime,
        regime_score=score,
        trend=trend_regime(panel),
        studied=studied,
        usual=usual_of(panel),
        together=covariances(panel),
    )


def know(desk: Desk, *, cached: Research | None = None) -> Known:
    """Gather everything as of now; raises NoData while there is no model or no bar."""
    at = desk.clock.now()
    research = read_research(desk, before=ist_day(at), cached=cached)
    check_bars(desk)
    with desk.store.read() as tx:
        window = len(research.features.sessions)
        said = events.tags_between(tx, at - timedelta(days=TILT_DAYS + 2 * (window - 1)), at)
        tags = [tag for tag in said if tag.known_at >= at - timedelta(days=TILT_DAYS)]
        listed = {item.isin: item for item in instruments.all_instruments(tx)}
        lean = _tilt_now(research.panel, said, desk.calendar)[-window:]
        features = research.features.with_tilt(lean)
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
            around=_around(research, kept, desk.calendar, today=ist_day(at)),
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


def _around(
    research: Research, kept: Mapping[str, Standing], calendar: Calendar, *, today: date
) -> Around:
    """The regime, how many sessions the bars lag, and the standings of prices not whole."""
    return Around(
        regime=research.regime,
        regime_p=research.regime_score,
        stale=max(0, calendar.count(research.session, today - timedelta(days=1)) - 1),
        standings={isin: one.score / WHOLE for isin, one in kept.items()},
    )


def _tilt_now(panel: Panel, tags: Sequence[TaggedEvent], calendar: Calendar) -> Floats:
    """The tilt as training saw it, with what came since the close put on the last session."""
    last = calendar.session(panel.sessions[-1]).closes_at
    seen = [replace(tag, known_at=min(tag.known_at, last)) for tag in tags]
    return tilt(panel.sessions, panel.isins, seen, calendar)


def _last_entry(desk: Desk, at: datetime) -> datetime:
    """No card outlives the session it may still be sent in."""
    return desk.calendar.session(desk.calendar.first_session_from(at)).closes_at
