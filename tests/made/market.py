"""Shares, quotes, news and predictions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from core.domain.event import Event, EventType, Stance, TaggedEvent, event_id
from core.domain.instrument import CapClass, Instrument, Series
from core.domain.money import Money
from core.domain.quote import Quote
from core.domain.research import Prediction
from core.domain.signal import Probability

# 10:30 IST on a Monday
T0 = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
RELIANCE = Instrument(
    isin="INE002A01018",
    symbol="RELIANCE",
    name="Reliance Industries",
    sector="Energy",
    cap_class=CapClass.LARGE,
    band_pct=None,
    has_derivatives=True,
)
MIDCO = Instrument(
    isin="INE111A01011",
    symbol="MIDCO",
    name="Midco",
    sector="Chemicals",
    cap_class=CapClass.MID,
    band_pct=10,
)
SLOWCO = Instrument(
    isin="INE222A01022",
    symbol="SLOWCO",
    name="Slowco",
    sector="Chemicals",
    cap_class=CapClass.SMALL,
    series=Series.BE,
    band_pct=5,
)
TCS = Instrument(
    isin="INE467B01029",
    symbol="TCS",
    name="Tata Consultancy",
    sector="IT",
    cap_class=CapClass.LARGE,
)
LISTED = {share.isin: share for share in (RELIANCE, MIDCO, SLOWCO)}


def rs(amount: str | int | Decimal) -> Money:
    """Rupees."""
    return Money.rupees(str(amount))


def later(seconds: float) -> datetime:
    """So many seconds after 10:30."""
    return T0 + timedelta(seconds=seconds)


def an_instrument(**changes: object) -> Instrument:
    """RELIANCE as a share without derivatives, with a band of 20 %."""
    return replace(RELIANCE, **{"band_pct": 20, "has_derivatives": False, **changes})


def quote(
    ltp: str,
    *,
    of: Instrument = MIDCO,
    bid: str | None = None,
    ask: str | None = None,
    bid_qty: int = 400,
    ask_qty: int = 400,
    prev_close: str = "500",
    seconds: float = 0,
    at: datetime = T0,
) -> Quote:
    """A quote `seconds` after `at`; bid and ask stand five paise from the last trade."""
    price = rs(ltp)
    when = at + timedelta(seconds=seconds)
    return Quote(
        isin=of.isin,
        ltp=price,
        bid=rs(bid) if bid else price - Money(5),
        ask=rs(ask) if ask else price + Money(5),
        bid_qty=bid_qty,
        ask_qty=ask_qty,
        open=price,
        high=price,
        low=price,
        prev_close=rs(prev_close),
        volume=1_000,
        at=when,
        received_at=when,
        source="test",
    )


def an_event(
    headline: str = "Midco wins an order",
    *,
    source: str = "NSE",
    source_id: str = "1",
    known_at: datetime = T0,
    **changes: object,
) -> Event:
    """News known at once; its id follows from source, number and words."""
    fields = {
        "id": event_id(source, source_id, headline),
        "source": source,
        "source_id": source_id,
        "headline": headline,
        "event_at": known_at,
        "known_at": known_at,
    }
    return Event(**(fields | changes))


def a_tag(of: Event | None = None, *, on: Instrument = MIDCO, **changes: object) -> TaggedEvent:
    """An order win read as positive: impact 0.5, confidence 0.9."""
    event = of or an_event()
    fields = {
        "event_id": event.id,
        "isin": on.isin,
        "symbol": on.symbol,
        "event_type": EventType.ORDER_WIN,
        "stance": Stance.POSITIVE,
        "impact": 0.5,
        "confidence": 0.9,
        "matched": ("wins an order",),
        "known_at": event.known_at,
    }
    return TaggedEvent(**(fields | changes))


def a_prediction(of: Instrument = TCS, **changes: object) -> Prediction:
    """Target first 30 %, stop first 25 %, neither 45 %, each give or take 5 % of 400 cases."""
    target, stop, rest = (Probability(p, p - 0.05, p + 0.05, 400) for p in (0.30, 0.25, 0.45))
    fields = {
        "isin": of.isin,
        "symbol": of.symbol,
        "as_of": T0,
        "model_version": "m1",
        "direction": 1,
        "edge": 0.01,
        "horizon_sessions": 10,
        "target_first": target,
        "stop_first": stop,
        "time_exit": rest,
        "base_rate": 0.22,
        "has_vote": True,
        "words": ("momentum",),
    }
    return Prediction(**(fields | changes))
