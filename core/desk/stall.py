"""Say that prices stand still while the market trades: a socket may answer and bring nothing.

The freshest price among shares with derivatives is the sentinel, for one of those trades every
second. Entries stop by the age of their own quote, and in the live market by the stall itself;
this tells the person why. There only what a stream told counts, for requests go on.
"""

from __future__ import annotations

from datetime import datetime

from core.desk.alarm import raise_alarm
from core.desk.desk import Desk
from core.desk.exit import trades_now
from core.desk.price_gate import feed_seen, stall
from core.domain.account import Market
from core.domain.clock import ist_day
from core.domain.words import ist_time
from core.store import alerts, instruments, quotes

STALLED_AFTER = 11.0  # real seconds without a price; looked at every 4 s, told within 15


def warn_stalled(desk: Desk) -> str:
    """Alarm a feed that stands still, once for each time it does; empty while it moves."""
    if desk.market is Market.LIVE:
        return _warn_live(desk)
    now = desk.clock.now()
    with desk.store.read() as tx:
        newest = quotes.freshest_liquid(tx)
        share = None if newest is None else instruments.by_isin(tx, newest.isin)
        if newest is None or share is None or not trades_now(desk, share):
            return ""
        age = desk.real_seconds((now - newest.received_at).total_seconds())
        name = f"stall:{newest.received_at.isoformat()}"
        if age < STALLED_AFTER or alerts.is_known(tx, name):
            return ""
    if desk.real_seconds((now - _opened(desk)).total_seconds()) < STALLED_AFTER:
        return ""  # the first price of the morning may still come
    sentence = (
        f"no price of any liquid share for {age:.0f} s, the last one {share.symbol} at "
        f"{ist_time(newest.received_at)}; entries wait for fresh prices, stops at the broker stand"
    )
    with desk.store.write() as tx:
        raise_alarm(tx, id=name, isin="", symbol="", at=now, sentence=sentence)
    return sentence


def _warn_live(desk: Desk) -> str:
    """The same for the live feed's stream."""
    now = desk.clock.now()
    with desk.store.read() as tx:
        found, feed = stall(desk, tx), feed_seen(tx)
        if found is None or feed is None or found[0] < STALLED_AFTER:
            return ""
        seconds, since = found
        name = f"stall:{feed.login}:{since.isoformat()}"
        if alerts.is_known(tx, name):
            return ""
    why = f" ({feed.slow})" if feed.slow else ""
    sentence = (
        f"no tick of any liquid share for {seconds:.0f} s from {feed.label}{why}; entries wait, "
        "exits go on, prices are asked for and marked slow, stops at the broker stand"
    )
    with desk.store.write() as tx:
        raise_alarm(tx, id=name, isin="", symbol=feed.label, at=now, sentence=sentence)
    return sentence


def _opened(desk: Desk) -> datetime:
    return desk.calendar.session(ist_day(desk.clock.now())).opens_at
