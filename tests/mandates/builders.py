"""A candidate, a book and a mandate that pass every rule; tests change one thing at a time."""

from dataclasses import replace
from datetime import UTC, datetime

from core.domain.candidate import Book, Candidate, Held
from core.domain.event import EventType
from core.domain.instrument import CapClass, Instrument, PriceBand
from core.domain.mandate import Mandate, Objective
from core.domain.money import ZERO, Money
from core.domain.quote import Quote
from core.domain.risk import KillLevel
from core.domain.signal import MetaLabel, Playbook, Probability, Regime, Signal
from core.mandates.defaults import default_mandate

AT = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
ISIN = "INE002A01018"


def rs(amount: str | int) -> Money:
    return Money.rupees(amount)


def free(qty: int, price: Money) -> Money:
    """No charges."""
    return ZERO


def a_probability(p: float, n: int = 100) -> Probability:
    return Probability(p=p, low=max(0.0, p - 0.1), high=min(1.0, p + 0.1), n=n)


def an_instrument(**changes: object) -> Instrument:
    base = Instrument(
        isin=ISIN, symbol="RELIANCE", name="Reliance Industries Limited", sector="Energy",
        cap_class=CapClass.LARGE, band_pct=20,
    )  # fmt: skip
    return replace(base, **changes)


def a_signal(**changes: object) -> Signal:
    base = Signal(
        isin=ISIN, symbol="RELIANCE", as_of=AT, strategy="event drift", direction=1, edge=0.0,
        horizon_sessions=10, target_first=a_probability(0.5), stop_first=a_probability(0.3),
        time_exit=a_probability(0.2), base_rate=0.36, has_vote=False, model_version="m1",
        reasons=(),
    )  # fmt: skip
    return replace(base, **changes)


def a_meta_label(**changes: object) -> MetaLabel:
    base = MetaLabel(
        right=a_probability(0.6), has_vote=False, regime=Regime.BULL, regime_score=0.7,
        liquidity_score=0.9, crowding_score=0.3, timing_score=0.5,
    )  # fmt: skip
    return replace(base, **changes)


def a_playbook(**changes: object) -> Playbook:
    base = Playbook(
        name="Order win", event_types=frozenset({EventType.ORDER_WIN}), regimes=frozenset(),
        stop_atr=2.0, target_atr=3.0, horizon_sessions=10, size_multiple=1.0, fresh_minutes=60,
        card_minutes=30, why="",
    )  # fmt: skip
    return replace(base, **changes)


def a_quote(**changes: object) -> Quote:
    base = Quote(
        isin=ISIN, ltp=rs(1000), bid=rs("999.50"), ask=rs(1000), bid_qty=500, ask_qty=500,
        open=rs(990), high=rs(1005), low=rs(985), prev_close=rs(990), volume=100_000,
        at=AT, received_at=AT, source="test",
    )  # fmt: skip
    return replace(base, **changes)


def a_candidate(**changes: object) -> Candidate:
    """At ₹1,000 with an ATR of ₹20: entry to 1,003, stop 960, target 1,060."""
    base = Candidate(
        instrument=an_instrument(), quote=a_quote(), signal=a_signal(),
        meta_label=a_meta_label(), playbook=a_playbook(), tag=None, event_age_minutes=5.0,
        atr=rs(20), vol=0.30, turnover_median=rs(2_000_000_000), volume_median=2_000_000.0,
        earnings_in_sessions=None, regime=Regime.BULL, rsi=55.0, skew=-0.2,
        correlation_with_book=0.4, tick=Money(10), band=PriceBand(low=rs(792), high=rs(1188)),
        quote_age_seconds=1.0,
    )  # fmt: skip
    return replace(base, **changes)


def a_held(isin: str = "INE009A01021", sector: str = "IT", value: int = 50_000) -> Held:
    return Held(isin=isin, sector=sector, qty=10, mark=rs(value // 10), value=rs(value),
                at_risk=rs(value // 50))  # fmt: skip


def a_book(**changes: object) -> Book:
    """₹10 lakh, all of it cash."""
    base = Book(
        account_id="tactical", equity=rs(1_000_000), cash_free=rs(1_000_000), positions=(),
        day_pnl=ZERO, at_risk_total=ZERO, kill_level=KillLevel.NORMAL, gross=0.0,
    )  # fmt: skip
    return replace(base, **changes)


def a_mandate(**changes: object) -> Mandate:
    """The balanced mandate: 0.75 % a trade, 10 % a position, 25 % a sector, ₹50,000 floor."""
    return replace(default_mandate("tactical", Objective.BALANCED, signed_at=AT), **changes)
