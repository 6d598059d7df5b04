"""What sizing looks at: a candidate that passes every rule."""

from __future__ import annotations

from dataclasses import replace

from core.domain.candidate import Candidate
from core.domain.event import EventType
from core.domain.instrument import PriceBand
from core.domain.money import Money
from core.domain.quote import Quote
from core.domain.signal import Playbook, Regime
from tests.made.card import a_meta_label, a_signal
from tests.made.market import RELIANCE, an_instrument, quote, rs


def a_playbook(**changes: object) -> Playbook:
    """Two ATR of risk for three of reward over ten sessions."""
    fields = {
        "name": "Order win",
        "event_types": frozenset({EventType.ORDER_WIN}),
        "regimes": frozenset(),
        "stop_atr": 2.0,
        "target_atr": 3.0,
        "horizon_sessions": 10,
        "size_multiple": 1.0,
        "fresh_minutes": 60,
        "card_minutes": 30,
        "why": "",
    }
    return Playbook(**(fields | changes))


def a_quote(**changes: object) -> Quote:
    """RELIANCE at ₹1,000 with a busy book, up from ₹990."""
    busy = quote(
        "1000", of=RELIANCE, bid="999.50", ask="1000", bid_qty=500, ask_qty=500, prev_close="990"
    )
    day = {"open": rs(990), "high": rs(1005), "low": rs(985), "volume": 100_000}
    return replace(busy, **(day | changes))


def a_candidate(**changes: object) -> Candidate:
    """At ₹1,000 with an ATR of ₹20: entry to 1,003, stop 960, target 1,060."""
    fields = {
        "instrument": an_instrument(),
        "quote": a_quote(),
        "signal": a_signal(),
        "meta_label": a_meta_label(),
        "playbook": a_playbook(),
        "tag": None,
        "event_age_minutes": 5.0,
        "atr": rs(20),
        "vol": 0.30,
        "turnover_median": rs(2_000_000_000),
        "volume_median": 2_000_000.0,
        "earnings_in_sessions": None,
        "regime": Regime.BULL,
        "rsi": 55.0,
        "skew": -0.2,
        "correlation_with_book": 0.4,
        "tick": Money(10),
        "band": PriceBand(low=rs(792), high=rs(1188)),
        "quote_age_seconds": 1.0,
    }
    return Candidate(**(fields | changes))
