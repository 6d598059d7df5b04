"""Bad news and weak shares down the pipeline, for mandates that sell short and that do not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from core.desk.can_hold import Holder
from core.desk.decide import decide
from core.desk.desk import calendar_now
from core.desk.stages import Case
from core.domain.account import Broker, LoginMode, Market
from core.domain.calendar import Calendar
from core.domain.candidate import Book, Candidate
from core.domain.decision import Decision
from core.domain.event import Stance
from core.domain.instrument import Instrument, PriceBand, Series, Surveillance
from core.domain.mandate import Holding, Mandate
from core.domain.order import Product, Side
from core.domain.research import Prediction
from core.domain.signal import FeatureRow, Reason, Regime
from core.domain.verdict import Opinion
from tests.desk.morning import ACCOUNT
from tests.made import (
    MIDCO,
    T0,
    a_book,
    a_candidate,
    a_mandate,
    a_prediction,
    a_tag,
    an_event,
    free,
    quote,
    rs,
)
from tests.signals.made import features
from tests.signals.test_meta import model

DAY = a_mandate(holding=Holding.DAY)
SHORTING = replace(DAY, shorts=True)
FALLEN = {"mom_12_1": -0.3, "dist_sma_50": -0.02, "ret_20": -0.05}
BAD = an_event("Midco loses its largest order")
NEGATIVE = a_tag(BAD, stance=Stance.NEGATIVE)


@dataclass
class Known:
    """One share at 500 with an ATR of 10, between 450 and 550 today, and one account."""

    rules: Mandate = SHORTING
    regime: Regime = Regime.SIDEWAYS
    direction: int = 0
    has_vote: bool = True
    share: Instrument = MIDCO
    at: datetime = T0
    market: Market = Market.SIM
    regime_score: float = 0.5
    round_trip_cost: float = 0.0025

    def __post_init__(self) -> None:
        self.calendar: Calendar = calendar_now()
        self.meta_model = model()
        self.quotes = {MIDCO.isin: quote("500", at=self.at)}
        self.holders = {ACCOUNT.id: Holder(Broker.PAPER)}
        self.capped: dict[str, tuple[()]] = {}
        self.waiting: tuple[()] = ()
        self.last_entry_at = self.at + timedelta(hours=5)

    def mandate(self, account_id: str) -> Mandate:
        return replace(self.rules, account_id=account_id)

    def book(self, account_id: str) -> Book:
        return a_book(account_id=account_id)

    def feature_row(self, isin: str) -> FeatureRow:
        return replace(features(volume_ratio=1.0, rsi_14=45.0, **FALLEN), isin=isin)

    def prediction(self, isin: str) -> Prediction:
        return a_prediction(MIDCO, direction=self.direction, has_vote=self.has_vote)

    def reasons(self, isin: str) -> tuple[Reason, ...]:
        return (Reason("ret_20", -0.05, -0.2, "20-session return \u22125.00 %"),)

    def facts(self, isin: str) -> SimpleNamespace:
        return SimpleNamespace(turnover_median=rs(500_000_000))

    def has_open_card(self, account_id: str, isin: str) -> bool:
        return False

    def costs(self, account_id: str, instrument: Instrument, side: Side) -> tuple[object, object]:
        return free, free

    def others(self, tag: object, isin: str) -> tuple[()]:
        return ()

    def candidate(self, instrument: Instrument, **given: object) -> Candidate:
        asked = {name: given[name] for name in ("signal", "playbook", "tag")}
        return a_candidate(
            instrument=self.share, quote=self.quotes[MIDCO.isin], atr=rs(10), tick=rs("0.05"),
            band=PriceBand(rs(450), rs(550)), meta_label=given["label"], regime=self.regime,
            rsi=45.0, volume_median=1_000_000.0, **asked,
        )  # fmt: skip


def decided(known: Known, *, of_news: bool = True) -> Decision:
    event, tag = (BAD, NEGATIVE) if of_news else (None, None)
    case = Case(known.share, ACCOUNT, LoginMode.PAPER, event=event, tag=tag)
    return decide(known, case)  # type: ignore[arg-type]


@pytest.mark.parametrize("of_news", [True, False])
@pytest.mark.parametrize("has_vote", [True, False])
def test_bad_news_and_weakness_become_a_card_to_sell_short_for_the_day(of_news, has_vote):
    made = decided(Known(has_vote=has_vote), of_news=of_news)
    assert made.refused_by == "", made.reason
    card = made.card
    assert card is not None and card.legs[0].product is Product.MIS
    assert (card.side, card.bracket.side) == (Side.SELL, Side.SELL)
    # bid 499.95 - 0.15 x 10 to 500 + 0.25 x 10, stop 2 ATR over, target 3 ATR under 500
    b = card.bracket
    assert (b.entry_low, b.entry_high) == (rs("498.45"), rs("502.50"))
    assert (b.stop, b.target) == (rs(520), rs(470))
    # 10 % x 0.98 of 10 lakh = 98,000 / 502.50 = 195 shares, half of them: 97
    assert card.qty == -97
    assert (card.horizon_sessions, card.signal.has_vote) == (0, False)
    assert card.expires_at <= card.written_at + timedelta(minutes=30)
    assert made.verdict is not None and made.verdict.opinion is Opinion.AGREES


def test_in_a_rising_market_bad_news_is_sold_at_a_quarter_and_weakness_not_at_all():
    card = decided(Known(regime=Regime.BULL)).card
    assert card is not None and card.qty == -48
    made = decided(Known(regime=Regime.BULL), of_news=False)
    assert made.refused_by == "playbook"
    assert made.reason == (
        "MIDCO: a scan, sold short, is traded in a bear or sideways market, and this one is bull"
    )


@pytest.mark.parametrize("rules", [DAY, a_mandate()])
def test_without_the_permission_bad_news_stops_in_the_usual_words(rules: Mandate):
    made = decided(Known(rules=rules))
    assert (made.refused_by, made.reason) == (
        "tag",
        "MIDCO: order win, negative; delivery only buys",
    )


@pytest.mark.parametrize("rules", [DAY, a_mandate()])
def test_without_the_permission_a_weak_share_is_just_not_bought(rules: Mandate):
    made = decided(Known(rules=rules), of_news=False)
    assert made.refused_by == "signal" and made.card is None
    assert "target no likelier than usual" in made.reason


def test_bad_news_about_a_share_the_model_expects_to_rise_is_traded_neither_way():
    made = decided(Known(direction=1))
    assert made.refused_by == "signal" and "neither bought nor sold short" in made.reason


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (replace(MIDCO, series=Series.BE), "trades in series BE"),
        (replace(MIDCO, surveillance=Surveillance.ASM), "ASM list, where brokers take no intraday"),
    ],
)
def test_what_no_broker_takes_within_the_day_is_refused_with_its_sentence(share, words):
    made = decided(Known(share=share))
    assert made.refused_by == "allocation" and words in made.reason


def test_no_short_is_begun_too_late_to_be_bought_back():
    late = Known(at=T0.replace(hour=9, minute=15))  # 14:45 in India; out by 15:10
    made = decided(late)
    assert made.refused_by == "card" and "no intraday position is opened after" in made.reason
