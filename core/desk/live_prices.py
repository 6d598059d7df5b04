"""Prices of a live day: one login's stream is the feed, requests stand beside it and behind it.

Streams tell from threads of their own; the floor takes what came with each pulse. Beside the
floor `look` asks for second prices of what may be entered or sold, asks for everything while
nothing streams, and keeps what it saw for clicks and sends. A sandbox's prices are the feed only
where no login at a broker's own address exists.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock
from typing import Final

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.doors import Opened
from core.desk.feed import at_stake, wanted_live
from core.desk.log_in import LogIns
from core.desk.price_gate import keep_feed
from core.domain.account import Broker, BrokerLogin
from core.domain.calendar import Phase
from core.domain.clock import ist_day
from core.domain.price_check import BOUNDS, FeedSeen, Pair, Seen, seen_of, why_not_tick
from core.domain.quote import SLOW, Quote
from core.errors import MunimError, NotFound, OutsideCalendar, SessionDead
from core.store import accounts, instruments

QUIET_SECONDS: Final = 5.0  # without a tick of any liquid share; then prices are asked for
# seconds between two requests for second prices; Upstox counts them with every other read
SECOND_EVERY: Final = {Broker.ZERODHA: 2.0, Broker.UPSTOX: 4.0}
OLD_SECONDS: Final = 1.0  # a quiet share's price is then told anew by a request
SLOW_EVERY: Final = 2.0  # the same while nothing streams and the market trades
SHUT_EVERY: Final = 60.0  # the same while it does not
LIST_EVERY: Final = 15.0  # seconds between two looks at what is listed and watched
SUSPECT_SECONDS: Final = 15.0  # a refused tick that no request denies is taken after so long
AT_ONCE: Final = 500  # shares in one request


@dataclass(slots=True)
class Told:
    """What one login's stream told: last prices by ISIN, and its last liquid share's tick."""

    quotes: dict[str, Quote] = field(default_factory=dict)
    tick_at: datetime | None = None


class LivePrices:
    """The box between streams, requests and the floor; safe for several threads."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = Lock()
        self._told: dict[str, Told] = {}
        self._used: dict[str, Quote] = {}
        self._coming: dict[str, Quote] = {}
        self._asked: dict[str, Seen] = {}
        self._suspects: dict[str, float] = {}  # ISIN and the monotonic second it was refused at
        self.refused: dict[str, str] = {}  # ISIN and why its last refused tick was not used
        self._feed: str = ""
        self._since: datetime | None = None
        self._liquid: frozenset[str] = frozenset()
        self._wanted: list[str] = []
        self._unlisted: set[str] = set()
        self._at: dict[str, float] = {}
        self._turn = 0
        self.trouble = ""  # of the last request

    # From the streams

    def hear(self, login: BrokerLogin, quotes: Sequence[Quote]) -> None:
        """Take a stream's prices; only those of the login that is the feed reach the store."""
        with self._lock:
            told = self._told.setdefault(login.id, Told())
            for quote in quotes:
                told.quotes[quote.isin] = quote
                if quote.isin in self._liquid or not self._liquid:
                    told.tick_at = max(told.tick_at or quote.received_at, quote.received_at)
                if login.id == self._feed:
                    self._use(_named(quote, login))

    def _use(self, quote: Quote) -> None:
        """Put a price before the floor, or keep it out with the reason; the lock is held."""
        isin, last = quote.isin, self._used.get(quote.isin)
        if last is not None and quote.at < last.at:
            return  # told late
        why_not = why_not_tick(quote, last=last, request=self._asked.get(isin))
        now = self._desk.clock.monotonic()
        if why_not and now - self._suspects.setdefault(isin, now) < SUSPECT_SECONDS:
            self.refused[isin] = why_not
            return
        if why_not and self._denied(quote):
            self.refused[isin] = why_not
            return
        self._suspects.pop(isin, None)
        self._used[isin] = self._coming[isin] = quote

    def _denied(self, quote: Quote) -> bool:
        """Whether a request after the first doubt says otherwise, so that time proves nothing."""
        asked = self._asked.get(quote.isin)
        if asked is None or ist_day(asked.at) != ist_day(quote.at):
            return False
        return bool(why_not_tick(quote, last=None, request=asked))

    # To the floor

    def take(self) -> list[Quote]:
        """What came since the last call, one price a share."""
        with self._lock:
            found = list(self._coming.values())
            self._coming.clear()
            return found

    # Beside the floor

    def look(self, ins: LogIns) -> str:
        """Choose the feed, ask for what is due and keep what was seen; a sentence when it moved."""
        with self._desk.store.read() as tx:
            self._list(tx)
            stake = at_stake(tx)
            real = any(
                one.broker is not Broker.PAPER and not one.is_sandbox for one in accounts.logins(tx)
            )
        able = [one for _, one in sorted(ins.opened.items()) if not one.session.died]
        opened = [one for one in able if not (real and one.login.is_sandbox)]
        said = self._choose(opened)
        feed = next((one for one in opened if one.login.id == self._feed), None)
        slow = self._why_slow(feed)
        for one in [feed] if feed is not None else []:
            self._ask_what_is_due(one, stake, slow=slow)
        seen = self._seen(feed, stake, slow=slow, sandboxes_out=real and bool(able))
        with self._desk.store.write() as tx:
            keep_feed(tx, seen)
        return said

    def _list(self, tx: Session) -> None:
        """Which shares are liquid, and which the streams watch; read now and then."""
        if not self._due("list", LIST_EVERY):
            return
        listed = instruments.all_instruments(tx)
        self._liquid = frozenset(one.isin for one in listed if one.has_derivatives)
        self._wanted = wanted_live(tx)

    def _choose(self, opened: Sequence[Opened]) -> str:
        """Stay with a feed that ticks; take another that does when it fell silent."""
        before = next((one for one in opened if one.login.id == self._feed), None)
        if before is not None and self._ticks(before):
            return ""
        better = next((one for one in opened if self._ticks(one)), None)
        chosen = better or before or next(iter(opened), None)
        if (chosen.login.id if chosen else "") == self._feed:
            return ""
        with self._lock:
            self._feed = chosen.login.id if chosen else ""
            self._since = self._desk.clock.now()
            if chosen is not None:
                for quote in self._told.setdefault(self._feed, Told()).quotes.values():
                    self._use(_named(quote, chosen.login))
        return f"prices come from {chosen.login.label}" if chosen else "no login brings prices"

    def _ticks(self, opened: Opened) -> bool:
        """Whether a stream is connected and told a liquid share just now."""
        if not opened.stream.state.connected:
            return False
        told = self._told.get(opened.login.id)
        if told is None or told.tick_at is None:
            return False
        quiet = (self._desk.clock.now() - told.tick_at).total_seconds()
        return quiet < QUIET_SECONDS or not self._trades()

    def _why_slow(self, feed: Opened | None) -> str:
        """Why prices come by request alone; empty while they stream, or where there is no feed."""
        if feed is None or self._ticks(feed):
            return ""
        state = feed.stream.state
        if not state.connected:
            return f"the stream of {feed.login.label} is down" + (
                f" ({state.trouble})" if state.trouble else ""
            )
        return f"the stream of {feed.login.label} brings no tick" if self._trades() else ""

    # Requests

    def _ask_what_is_due(self, feed: Opened, stake: Sequence[str], *, slow: str) -> None:
        with self._lock:
            doubted = list(self._suspects)
            empty = not self._used
        if slow or empty:
            if self._due("slow", SLOW_EVERY if self._is_open() else SHUT_EVERY):
                self._ask(feed, self._next_part([*doubted, *stake]), slow=bool(slow))
        elif (
            self._is_open()
            and (doubted or stake)
            and self._due("second", SECOND_EVERY[feed.login.broker])
        ):
            self._ask(feed, [*doubted, *stake][:AT_ONCE], slow=False)

    def _next_part(self, first: Sequence[str]) -> list[str]:
        """What matters first, then the rest in turns, one request at a time."""
        rest = [isin for isin in self._wanted if isin not in set(first)]
        room = max(1, AT_ONCE - len(first))
        start = self._turn % max(1, len(rest))
        self._turn = start + room if start + room < len(rest) else 0
        return [*first, *rest[start : start + room]][:AT_ONCE]

    def _ask(self, feed: Opened, isins: Iterable[str], *, slow: bool) -> None:
        wanted = [one for one in dict.fromkeys(isins) if one not in self._unlisted]
        wanted = [one for one in wanted if feed.lists(one)]
        if not wanted or feed.session.silent:
            return
        try:
            found = self._quoted(feed, wanted)
        except SessionDead as dead:
            feed.session.died = feed.session.died or str(dead)  # the floor lets it go
            return
        except MunimError as trouble:
            self.trouble = str(trouble)
            return
        self.trouble = ""
        with self._lock:
            for quote in found:
                self._asked[quote.isin] = seen_of(quote)
                if slow or self._is_old(quote.isin):
                    named = _named(quote, feed.login)
                    self._use(replace(named, source=named.source + SLOW) if slow else named)

    def _is_old(self, isin: str) -> bool:
        """Whether a quiet share's last price may be told anew by a request; the lock is held."""
        last = self._used.get(isin)
        if last is None:
            return True
        return (self._desk.clock.now() - last.received_at).total_seconds() >= OLD_SECONDS

    def _quoted(self, feed: Opened, isins: list[str]) -> list[Quote]:
        """Quotes in one request; a share that the broker leaves out is found and not asked again.

        Raises what the broker raises for everything else.
        """
        try:
            return list(feed.known.quotes(isins))
        except NotFound:
            if len(isins) == 1:
                self._unlisted.add(isins[0])
                return []
        half = len(isins) // 2
        return [*self._quoted(feed, isins[:half]), *self._quoted(feed, isins[half:])]

    # What is kept

    def _seen(
        self, feed: Opened | None, stake: Sequence[str], *, slow: str, sandboxes_out: bool
    ) -> FeedSeen:
        now = self._desk.clock.now()
        if feed is None:
            why = "log in at the broker itself; a sandbox brings no price beside it"
            return FeedSeen(now, slow=why if sandboxes_out else "")
        with self._lock:
            told = self._told.get(feed.login.id, Told())
            pairs = {
                isin: Pair(
                    stream=seen_of(told.quotes[isin]) if isin in told.quotes else None,
                    request=self._asked.get(isin),
                )
                for isin in stake
            }
            return FeedSeen(
                looked_at=now,
                login=feed.login.id,
                label=feed.login.label,
                is_sandbox=feed.login.is_sandbox,
                tick_at=told.tick_at,
                since=self._since,
                slow=slow,
                pairs=pairs,
            )

    def _trades(self) -> bool:
        """Whether liquid shares are in continuous trading, so that one of them ticks."""
        return self._phase(has_derivatives=True) is Phase.CONTINUOUS

    def _is_open(self) -> bool:
        """Whether some share may be entered or sold: the auctions differ by derivatives."""
        return any(self._phase(has_derivatives=with_) in BOUNDS for with_ in (True, False))

    def _phase(self, *, has_derivatives: bool) -> Phase:
        try:
            now = self._desk.clock.now()
            return self._desk.calendar.phase(now, has_derivatives=has_derivatives)
        except OutsideCalendar:
            return Phase.CLOSED

    def _due(self, what: str, every: float) -> bool:
        """Whether it is time again; asking counts as doing it."""
        now = self._desk.clock.monotonic()
        if now - self._at.get(what, float("-inf")) < every:
            return False
        self._at[what] = now
        return True


def _named(quote: Quote, login: BrokerLogin) -> Quote:
    """A sandbox's price says that it is one."""
    return replace(quote, source=f"{quote.source} sandbox") if login.is_sandbox else quote
