"""The worker's trading floor: the market, its clock, the paper broker, logins and the dealer.

The simulated exchange lives inside the worker, with a journal of its own; while the worker is
down its market sleeps, and wakes at the second it was left. A live floor has the wall's clock,
which nobody sets, and prices of a login's stream; its paper broker trades on those.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial

from core.brokers.paper import PaperBroker
from core.desk.dealer import LEASE, LEASE_SECONDS, Dealer
from core.desk.desk import Desk, desk_over, open_desk
from core.desk.ex_day import go_ex
from core.desk.feed import controlled, tell_clock
from core.desk.halts import note_move
from core.desk.holder import named, take_lease
from core.desk.join import join, keep_days
from core.desk.list_actions import list_actions
from core.desk.live_market import LiveMarket
from core.desk.log_in import LogIns, log_ins
from core.desk.market_side import FloorClock, JumpingClock, LiveClock, MarketClock, MarketSide
from core.desk.open_market import PAPER_LOGIN, sim_market
from core.desk.reconcile import reconcile
from core.desk.recover import recover
from core.desk.square_off import squares_off
from core.domain.account import Broker, Market
from core.domain.action import CorporateAction
from core.domain.calendar import Phase
from core.domain.clock import ist_day
from core.domain.instrument import Instrument
from core.domain.job import Heartbeat
from core.errors import NotBuilt, OutsideCalendar
from core.providers.sim.market import SIM_STARTS_ON
from core.store import heartbeat, lease, logins, quotes
from core.store.desk_id import desk_id

BEFORE_OPEN = timedelta(seconds=30)
NIGHT_EVERY = 60.0  # real seconds between two looks at a live day that is over
CLOCK_RESTS = 5.0  # seconds until a sandbox that did not take the time is told again
DAY_ENDS_AFTER = timedelta(minutes=50)  # after the close; the end-of-day report is out by then


@dataclass(frozen=True, slots=True)
class Floor:
    """What the worker's safe loop works on, under a simulated market and a live one alike.

    `going_ex` remembers today's actions, `looks` when something is looked at next, and `beside`
    is what the market needs each second away from the floor's thread.
    """

    dealer: Dealer
    market: MarketSide
    broker: PaperBroker
    clock: FloorClock
    going_ex: dict[date, list[CorporateAction]] = field(default_factory=dict)
    ins: LogIns | None = None  # logins at brokers besides the paper one
    beside: Callable[[], str] = lambda: ""
    looks: dict[str, float] = field(default_factory=dict)

    @property
    def desk(self) -> Desk:
        return self.dealer.desk

    @property
    def sleeps(self) -> bool:
        """Whether this market stands still while nobody works it, so that nights are jumped."""
        return isinstance(self.clock, JumpingClock)


def open_floor(*, wait_seconds: float = 2 * LEASE_SECONDS) -> tuple[Floor, list[str]]:
    """Take the lease, wake the market and recover; returns the floor and recovery's sentences.

    Raises:
        LeaseLost: another worker holds the lease and keeps renewing it.
        NotBuilt: the store is stamped replay, whose worker studies and trades nothing.
    """
    desk = open_desk()
    if desk.market is Market.REPLAY:
        raise NotBuilt("a replay worker has no floor; set MUNIM_MARKET=sim or live to trade")
    holder = named("worker")
    fence = take_lease(desk, holder, wait_seconds=wait_seconds)
    if desk.market is Market.LIVE:
        return live_floor(desk, LiveClock(), holder=holder, fence=fence)
    return _sim_floor(desk, holder=holder, fence=fence)


def live_floor(
    desk: Desk, clock: FloorClock, *, holder: str, fence: int, ins: LogIns | None = None
) -> tuple[Floor, list[str]]:
    """The floor of a live store: prices of a login's stream, and paper accounts on those prices.

    Logins at brokers join once somebody logs in or a kept session opens; each is recovered and
    compared then, before an entry goes through it.
    """
    desk = desk_over(desk.settings, desk.store, clock)
    market = LiveMarket(desk)
    broker = _paper(desk, market.shares, clock)
    dealer = _dealer(desk, broker, holder=holder, fence=fence)
    ins = ins or log_ins(desk)
    ins.priced = market.prices.hear
    beside = partial(market.look, ins)
    sentences = [*recover(dealer), *reconcile(dealer)]
    return Floor(dealer, market, broker, clock, ins=ins, beside=beside), sentences


def _sim_floor(desk: Desk, *, holder: str, fence: int) -> tuple[Floor, list[str]]:
    market = sim_market(desk)
    clock = MarketClock(_first_moment(desk), speed=desk.settings.speed)
    broker = _paper(desk, {item.isin: item for item in market.universe}, clock)
    saved = broker.saved_clock()
    if saved is not None:
        clock.jump_to(saved)
    desk = desk_over(desk.settings, desk.store, clock)
    dealer = _dealer(desk, broker, holder=holder, fence=fence)
    sentences = recover(dealer)
    ins = log_ins(desk)
    ins.jump_to = clock.jump_to
    return Floor(dealer, market, broker, clock, ins=ins), [*sentences, *reconcile(dealer)]


def _paper(desk: Desk, shares: Mapping[str, Instrument], clock: FloorClock) -> PaperBroker:
    return PaperBroker(
        desk.home / "exchange.db",
        login_id=PAPER_LOGIN.id,
        instruments=shares,
        clock=clock,
        phase_of=lambda item, at: phase_of(desk, item, at),
        squares_off=squares_off(desk, Broker.PAPER),
    )


def _dealer(desk: Desk, broker: PaperBroker, *, holder: str, fence: int) -> Dealer:
    return Dealer(
        desk=desk,
        sessions={PAPER_LOGIN.id: broker},
        holder=holder,
        fence=fence,
        desk_tag=desk_id(desk.home),
    )


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
        before = heartbeat.last(tx) if not prices else None
        quotes.put(tx, prices)
        heartbeat.beat(
            tx,
            Heartbeat(
                worker=lease.short(floor.dealer.holder),
                fence=floor.dealer.fence,
                market_at=now,
                monotonic=floor.clock.monotonic(),
                speed=floor.clock.speed,
                feed_at=max(
                    (quote.received_at for quote in prices),
                    default=before.feed_at if before else None,
                ),
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
    if floor.sleeps:
        floor.broker.save_clock(now)


def _note_halts(floor: Floor, day: date, *, now: datetime) -> None:
    """Tell the desk of a market-wide halt once it began."""
    if not _is_session(floor, day) or now < floor.market.opens(day):
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
    """Keep each broker's lists of the day before the night; returns what could not be kept.

    A live evening is long: what is kept of the day is not read again.
    """
    if floor.ins is None:
        return []
    day = ist_day(floor.clock.now())
    if not floor.sleeps:
        with floor.desk.store.read() as tx:
            lacks = [
                name
                for name in sorted(floor.ins.opened)
                if day not in {one.session for one in logins.days(tx, name)}
            ]
        if not lacks or not _is_session(floor, day):
            return []
    return keep_days(floor.dealer, floor.ins)


def day_is_over(floor: Floor) -> bool:
    """Whether the session's report is out and nothing more happens before the next one."""
    now = floor.clock.now()
    day = ist_day(now)
    if not floor.desk.calendar.is_session(day):
        return True
    return now >= floor.desk.calendar.session(day).closes_at + DAY_ENDS_AFTER


def night_is_due(floor: Floor) -> bool:
    """Whether the end of the day is worked on in this pulse; a live one now and then."""
    if not day_is_over(floor):
        return False
    if floor.sleeps:
        return True
    now = floor.clock.monotonic()
    if now < floor.looks.get("night", now):
        return False
    floor.looks["night"] = now + NIGHT_EVERY
    return True


def skip_night(floor: Floor) -> None:
    """Jump to half a minute before the next session; OutsideCalendar after the last one.

    Nobody jumps over a live night.
    """
    day = floor.desk.calendar.next_session(ist_day(floor.clock.now()))
    if isinstance(floor.clock, JumpingClock):
        opens_at = floor.desk.calendar.session(day).opens_at.astimezone(UTC) - BEFORE_OPEN
        floor.clock.jump_to(opens_at)
        tell_sandboxes(floor)


def _is_session(floor: Floor, day: date) -> bool:
    """Whether a day trades; a day that is not loaded does not."""
    try:
        return floor.desk.calendar.is_session(day)
    except OutsideCalendar:
        return False
