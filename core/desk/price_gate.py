"""The live feed as clicks, sends and screens see it: what the worker kept at its last look.

Only entries ask here. An exit goes out on whatever price there is.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final

from sqlmodel import Session

from core.desk.desk import Desk
from core.domain.account import BrokerLogin, Market
from core.domain.calendar import Phase
from core.domain.clock import ist_day
from core.domain.instrument import Instrument
from core.domain.price_check import BOUNDS, FeedSeen, Pair, stalled_for, why_no_feed, why_unsure
from core.errors import OutsideCalendar
from core.store import settings
from core.store.codec import from_json, to_json

KEY: Final = "live:feed"
NEVER: Final = "the worker brought no live price yet; start it with make run and log in"


def feed_seen(tx: Session) -> FeedSeen | None:
    """What the worker kept of the feed; None before its first look."""
    kept = settings.get(tx, KEY)
    return None if kept is None else from_json(FeedSeen, json.dumps(kept))


def keep_feed(tx: Session, feed: FeedSeen) -> None:
    """Keep one look at the feed in place of the last."""
    settings.put(tx, KEY, json.loads(to_json(feed)))


def why_no_price(desk: Desk, tx: Session, share: Instrument, login: BrokerLogin) -> str:
    """Why a share may not be entered on its live price; empty when it may, or is not live.

    While its market is shut the phase itself refuses, in other words.
    """
    if desk.market is not Market.LIVE:
        return ""
    now = desk.clock.now()
    phase, liquid = (_phase(desk, with_, now) for with_ in (share.has_derivatives, True))
    if phase not in BOUNDS:
        return ""
    feed = feed_seen(tx)
    if feed is None:
        return NEVER
    opened_at = desk.calendar.session(ist_day(now)).opens_at
    if why_not := why_no_feed(feed, liquid=liquid, now=now, opened_at=opened_at):
        return why_not
    if feed.is_sandbox and not login.is_sandbox and login.user_id:
        return f"{share.symbol}: prices come from the sandbox {feed.label}; log in at {login.label}"
    return why_unsure(feed.pairs.get(share.isin, Pair()), share.symbol, phase=phase, now=now)


def stall(desk: Desk, tx: Session) -> tuple[float, datetime] | None:
    """Seconds since the feed told a liquid share, and since when; None while nobody trades."""
    now, feed = desk.clock.now(), feed_seen(tx)
    if feed is None or not feed.login:
        return None
    if _phase(desk, True, now) is not Phase.CONTINUOUS:
        return None
    opened_at = desk.calendar.session(ist_day(now)).opens_at
    since = max(at for at in (feed.tick_at, feed.since, opened_at) if at is not None)
    return stalled_for(feed, now=now, opened_at=opened_at), since


def _phase(desk: Desk, has_derivatives: bool, now: datetime) -> Phase:
    try:
        return desk.calendar.phase(now, has_derivatives=has_derivatives)
    except OutsideCalendar:
        return Phase.CLOSED
