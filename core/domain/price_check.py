"""Whether a live price may be entered on: how old it may be in each phase, and a second source.

A stream may be alive and wrong, or right and silent. An entry needs the stream's price and one
that was asked for, both fresh, of one share and near each other. Exits never ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from core.domain.calendar import Phase
from core.domain.clock import ist_day
from core.domain.money import Money
from core.domain.quote import Quote
from core.domain.words import pct

STALL_SECONDS: Final = 15.0  # without a tick of any liquid share in continuous trading
LOOKED_SECONDS: Final = 15.0  # how old the worker's last look at prices may be
APART_MAX: Final = 0.01  # between stream and request, as a fraction of the second
AHEAD_MAX: Final = 10.0  # seconds that the exchange's time may be ahead of ours
JUMP_MAX: Final = 0.10  # from the last used price; beyond it a request must agree


@dataclass(frozen=True, slots=True)
class AgeBounds:
    """Seconds: how long ago the stream told a price, a request did, and the exchange made it."""

    stream: float
    request: float
    exchange: float


TRADING: Final = AgeBounds(stream=60.0, request=15.0, exchange=60.0)
AUCTION: Final = AgeBounds(stream=120.0, request=30.0, exchange=120.0)
BOUNDS: Final[Mapping[Phase, AgeBounds]] = {
    Phase.CONTINUOUS: TRADING,
    Phase.PRE_OPEN: AUCTION,
    Phase.CLOSING_AUCTION: AUCTION,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """One source's price of a share, with the exchange's time and when it came."""

    ltp: Money
    prev_close: Money
    at: datetime
    received_at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class Pair:
    """What the stream and a request said of one share; None where one said nothing yet."""

    stream: Seen | None = None
    request: Seen | None = None


@dataclass(frozen=True, slots=True)
class FeedSeen:
    """What the worker saw of the live feed when it last looked.

    `login` is empty where nobody's stream brings prices; `tick_at` is when the stream last told
    a liquid share; `slow` says why prices come by request alone, and is empty while they stream.
    """

    looked_at: datetime
    login: str = ""
    label: str = ""
    is_sandbox: bool = False
    tick_at: datetime | None = None
    since: datetime | None = None  # when this login's stream began to be the feed
    slow: str = ""
    pairs: Mapping[str, Pair] = field(default_factory=dict)


def seen_of(quote: Quote) -> Seen:
    """What is kept of a quote to compare it."""
    return Seen(quote.ltp, quote.prev_close, quote.at, quote.received_at, quote.source)


def stalled_for(feed: FeedSeen, *, now: datetime, opened_at: datetime) -> float:
    """Seconds since a liquid share ticked, counted from the open at the earliest."""
    moments = [at for at in (feed.tick_at, feed.since) if at is not None]
    return (now - max([*moments, opened_at])).total_seconds()


def why_no_feed(feed: FeedSeen, *, liquid: Phase, now: datetime, opened_at: datetime) -> str:
    """Why no share at all may be entered on this feed's prices; empty when they stream.

    Args:
        liquid: the phase that shares with derivatives are in, whose ticks are the sentinel.
    """
    old = (now - feed.looked_at).total_seconds()
    if old > LOOKED_SECONDS:
        return (
            f"the worker looked at live prices {old:.0f} s ago, at most {LOOKED_SECONDS:.0f} s is "
            "allowed; see whether it runs"
        )
    if not feed.login:
        return feed.slow or "no login brings live prices; log in on the Broker page"
    stalled = stalled_for(feed, now=now, opened_at=opened_at)
    if liquid is Phase.CONTINUOUS and stalled >= STALL_SECONDS:
        return (
            f"{feed.label}'s stream told no liquid share for {stalled:.0f} s, at most "
            f"{STALL_SECONDS:.0f} s is allowed; entries wait for ticks, exits go on"
        )
    if feed.slow:
        return f"prices come by request only, for {feed.slow}; entries wait for the stream"
    return ""


def why_unsure(pair: Pair, symbol: str, *, phase: Phase, now: datetime) -> str:
    """Why one share's price may not be entered on, with the two numbers; empty when it may."""
    bounds = BOUNDS.get(phase, TRADING)
    stream, request = pair.stream, pair.request
    if stream is None:
        return f"{symbol}: the stream told no price of it yet; wait for its first tick"
    if request is None:
        return f"{symbol}: its price was not asked for yet, so the stream stands alone; wait 5 s"
    for seen, most, how in (
        (stream, bounds.stream, "the stream told it"),
        (request, bounds.request, "it was asked for"),
    ):
        old = (now - seen.received_at).total_seconds()
        if old > most:
            return f"{symbol}: {how} {old:.0f} s ago, at most {most:.0f} s is allowed ({phase})"
    made = (now - max(stream.at, request.at)).total_seconds()
    if made > bounds.exchange:
        return (
            f"{symbol}: the exchange made its last price {made:.0f} s ago, at most "
            f"{bounds.exchange:.0f} s is allowed ({phase})"
        )
    return _disagree(stream, request, symbol)


def _disagree(stream: Seen, request: Seen, symbol: str) -> str:
    apart = abs((stream.ltp - request.ltp).share_of(request.ltp))
    if apart > APART_MAX:
        return (
            f"{symbol}: the stream says {stream.ltp} and the request {request.ltp}, "
            f"{pct(apart)} apart and at most {pct(APART_MAX)} is allowed; wait until they agree"
        )
    same_day = ist_day(stream.at) == ist_day(request.at)
    if same_day and stream.prev_close != request.prev_close:
        return (
            f"{symbol}: the stream says it closed at {stream.prev_close} and the request at "
            f"{request.prev_close}, so one is another share's"
        )
    return ""


def why_not_tick(quote: Quote, *, last: Quote | None, request: Seen | None) -> str:
    """Why a tick is not used: out of time, alone, another share's, or a jump; empty when it is.

    Args:
        last: the last price used of this share.
        request: what a request said of it, None where it was not asked for.
    """
    ahead = (quote.at - quote.received_at).total_seconds()
    if ahead > AHEAD_MAX:
        return f"its time is {ahead:.0f} s ahead of this machine's, at most {AHEAD_MAX:.0f} s"
    if quote.ltp.paise <= 0 or quote.prev_close.paise <= 0:
        return f"a price of {quote.ltp} after a close of {quote.prev_close}"
    day = ist_day(quote.at)
    known = [one for one in (request, last) if one is not None and ist_day(one.at) == day]
    if request in known and request is not None and request.prev_close != quote.prev_close:
        return (
            f"it says it closed at {quote.prev_close} and the request {request.prev_close}: "
            "it is another share's"
        )
    jumps = [abs((quote.ltp - one.ltp).share_of(one.ltp)) for one in known]
    if not jumps:
        return "it is the first price of the day and nothing stands beside it yet"
    if min(jumps) <= JUMP_MAX:
        return ""
    return (
        f"{quote.ltp} is {pct(min(jumps))} from the last price {known[0].ltp}, at most "
        f"{pct(JUMP_MAX)} is taken unasked"
    )
