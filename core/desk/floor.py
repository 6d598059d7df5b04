"""The worker's trading floor: the market, its clock, the paper broker, logins and the dealer.

The simulated exchange lives inside the worker, with a journal of its own; while the worker is
down its market sleeps, and wakes at the second it was left.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from core.brokers.paper import PaperBroker
from core.desk.dealer import LEASE, LEASE_SECONDS, Dealer
from core.desk.desk import Desk, desk_over, open_desk
from core.desk.ex_day import go_ex
from core.desk.feed import controlled, tell_clock
from core.desk.halts import note_move
from core.desk.holder import named, take_lease
from core.desk.join import join, keep_days
from core.desk.list_actions import list_actions
from core.desk.log_in import LogIns, log_ins
from core.desk.open_market import PAPER_LOGIN, sim_market
from core.desk.reconcile import reconcile
from core.desk.recover import recover
from core.domain.account import Market
from core.domain.action import CorporateAction
from core.domain.calendar import Phase
from core.domain.clock import ist_day
from core.domain.instrument import Instrument
from core.domain.job import Heartbeat
from core.errors import NotBuilt, OutsideCalendar
from core.providers.sim.market import SIM_STARTS_ON, SimMarket
from core.store import heartbeat, lease, quotes
from core.store.desk_id import desk_id

BEFORE_OPEN = timedelta(seconds=30)
CLOCK_RESTS = 5.0  # seconds until a sandbox that did not take the time is told again
DAY_ENDS_AFTER = timedelta(minutes=50)  # after the close; the end-of-day report is out by then


class MarketClock:
    """The simulated market's clock in the worker; it jumps over nights and holidays."""

    def __init__(self, at: datetime, *, speed: float) -> None:
        self.speed = speed
        self.jump_to(at)

    def jump_to(self, at: datetime) -> None:
        """Set the market's time; the monotonic clock is not touched."""
        self._at, self._anchor = at, time.monotonic()

    def now(self) -> datetime:
        return self._at + timedelta(seconds=(time.monotonic() - self._anchor) * self.speed)

    def monotonic(self) -> float:
        return time.monotonic()


@dataclass(frozen=True, slots=True)
class Floor:
    """What the worker's safe loop works on; `going_ex` remembers today's actions."""

    dealer: Dealer
    market: SimMarket
    broker: PaperBroker
    clock: MarketClock
    going_ex: dict[date, list[CorporateAction]] = field(default_factory=dict)
    ins: LogIns | None = None  # logins at brokers besides the paper one

    @property
    def desk(self) -> Desk:
        return self.dealer.desk


def open_floor(*, wait_seconds: float = 2 * LEASE_SECONDS) -> tuple[Floor, list[str]]:
    """Take the lease, wake the market and recover; returns the floor and recovery's sentences.

    Raises:
        LeaseLost: another worker holds the lease and keeps renewing it.
        NotBuilt: the store is stamped live, and no live broker is built yet.
    """
    desk = open_desk()
    if desk.market is not Market.SIM:
        raise NotBuilt(f"a {desk.market} worker is not built yet; set MUNIM_MARKET=sim")
    holder = named("worker")
    fence = take_lease(desk, holder, wait_seconds=wait_seconds)
    market = sim_market(desk)
    journal = desk.home / "exchange.db"
    clock = MarketClock(_first_moment(desk), speed=desk.settings.speed)
    broker = PaperBroker(
        journal,
        login_id=PAPER_LOGIN.id,
        instruments={item.isin: item for item in market.universe},
        clock=clock,
        phase_of=lambda item, at: phase_of(desk, item, at),
    )
    saved = broker.saved_clock()
    if saved is not None:
        clock.jump_to(saved)
    desk = desk_over(desk.settings, desk.store, clock)
    dealer = Dealer(
        desk=desk,
        sessions={PAPER_LOGIN.id: broker},
        holder=holder,
        fence=fence,
        desk_tag=desk_id(desk.home),
    )
    sentences = recover(dealer)
    ins = log_ins(desk)
    ins.jump_to = clock.jump_to
    return Floor(dealer, market, broker, clock, ins=ins), [*sentences, *reconcile(dealer)]


def phase_of(desk: Desk, instrument: Instrument, at: datetime) -> Phase:
    """The phase a share is in; a day outside the calendar is closed."""
    try:
        return desk.calendar.phase(at, has_derivatives=instrument.has_derivatives)
    except OutsideCalendar:
        return Phase.CLOSED


def _first_moment(desk: Desk) -> datetime:
    return desk.calendar.session(SIM_STARTS_ON).opens_at.astimezone(UTC)


def tick(floor: Floor, *, sentence: str = "") -> None:
    """One pulse: lease, heartbeat, prices into the store, prices into the exchange."""
    now = floor.clock.now()
    prices = floor.market.quotes_at(now)
    with floor.desk.store.write() as tx:
        lease.renew(
            tx,
            LEASE,
            floor.dealer.holder,
            floor.dealer.fence,
            floor.clock.monotonic(),
        )
        quotes.put(tx, prices)
        heartbeat.beat(
            tx,
            Heartbeat(
                worker=lease.short(floor.dealer.holder),
                fence=floor.dealer.fence,
                market_at=now,
                monotonic=floor.clock.monotonic(),
                speed=floor.clock.speed,
                feed_at=max(quote.received_at for quote in prices),
                sentence=sentence,
            ),
        )
    day = ist_day(now)
    if floor.going_ex.get(day) is None:
        floor.going_ex.clear()
        floor.going_ex[day] = floor.market.actions_on(day)
        with floor.desk.store.write() as tx:  # known before the shares are counted anew
            list_actions(tx, floor.going_ex[day])
    go_ex(floor.desk, floor.broker, floor.going_ex[day], prices)
    floor.broker.on_quotes(prices)
    _note_halts(floor, day, now=now)
    floor.broker.save_clock(now)


def _note_halts(floor: Floor, day: date, *, now: datetime) -> None:
    """Tell the desk of a market-wide halt once it began."""
    if not floor.desk.calendar.is_session(day) or now < floor.market.opens(day):
        return
    for one in floor.market.halts_of(day):
        began = floor.market.opens(day) + timedelta(seconds=one.starts)
        if began <= now:
            note_move(floor.desk, one.move_pct / 100, at=began)


def join_logins(floor: Floor) -> list[str]:
    """Tell sandboxes the time, let ended sessions go and take new ones over."""
    if floor.ins is None:
        return []
    tell_sandboxes(floor)
    return join(floor.dealer, floor.ins)


def tell_sandboxes(floor: Floor) -> None:
    """Set every sandbox's clock to this market's, so that both play the same second."""
    if floor.ins is None:
        return
    for opened in controlled(list(floor.ins.opened.values())):
        now, seconds = floor.clock.now(), floor.clock.monotonic()
        if seconds >= opened.looks.get("clock", seconds):
            trouble = tell_clock(opened.login, at=now, speed=floor.clock.speed)
            opened.notes["clock"] = trouble
            opened.looks["clock"] = seconds + (CLOCK_RESTS if trouble else 0.0)


def keep_broker_days(floor: Floor) -> list[str]:
    """Keep each broker's lists of the day before the night; returns what could not be kept."""
    return [] if floor.ins is None else keep_days(floor.dealer, floor.ins)


def day_is_over(floor: Floor) -> bool:
    """Whether the session's report is out and nothing more happens before the next one."""
    now = floor.clock.now()
    day = ist_day(now)
    if not floor.desk.calendar.is_session(day):
        return True
    return now >= floor.desk.calendar.session(day).closes_at + DAY_ENDS_AFTER


def skip_night(floor: Floor) -> datetime:
    """Jump to half a minute before the next session; OutsideCalendar after the last one."""
    day = floor.desk.calendar.next_session(ist_day(floor.clock.now()))
    opens_at = floor.desk.calendar.session(day).opens_at.astimezone(UTC) - BEFORE_OPEN
    floor.clock.jump_to(opens_at)
    tell_sandboxes(floor)
    return opens_at
