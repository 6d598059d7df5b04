"""What the simulated newswire and the exchange tell: items, actions, market news and halts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from core.domain.action import ActionKind, ActionStatus, CorporateAction, action_id
from core.domain.event import Event, EventType, Priority, event_id
from core.domain.instrument import Instrument
from core.domain.money import Money
from core.providers.sim.halting import Stop
from core.providers.sim.hours import midnight
from core.providers.sim.items import Item
from core.providers.sim.payouts import Payout, subject
from core.providers.sim.wording import halt_headline, headline, market_headline, payout_headline
from core.providers.sim.world import World

NEWSWIRE = "SIM newswire"
EXCHANGE = "SIM exchange"
URGENT = {EventType.RESULTS, EventType.ORDER_WIN, EventType.REGULATORY, EventType.RATING}


def action_of(world: World, payout: Payout, one: Instrument) -> CorporateAction:
    """A planned action of a share as the exchange lists it."""
    day = world.sessions[payout.row]
    amount: Money | None = None
    if payout.kind is ActionKind.DIVIDEND:
        price = int(world.daily.close[payout.told_row, payout.column])
        amount = Money(max(1, round(price * payout.part / 5)) * 5)
    text = subject(payout, rupees=amount.paise / 100 if amount else 0.0)
    told = midnight(world.sessions[payout.told_row]) + timedelta(seconds=payout.second)
    return CorporateAction(
        id=action_id(one.isin, day, payout.kind, EXCHANGE, text),
        isin=one.isin,
        symbol=one.symbol,
        ex_date=day,
        kind=payout.kind,
        new=payout.new,
        old=payout.old,
        amount=amount,
        subject=text,
        source=EXCHANGE,
        known_at=told.astimezone(UTC),
        status=ActionStatus.CONFIRMED,
    )


def payout_event(world: World, payout: Payout, one: Instrument, *, place: int) -> Event:
    """A company's word on its own action."""
    action = action_of(world, payout, one)
    words = payout_headline(
        one.name,
        action.kind,
        new=action.new,
        old=action.old,
        paid=str(action.amount or ""),
        ex=action.ex_date,
    )
    on = world.sessions[payout.told_row]
    at = midnight(on) + timedelta(seconds=payout.second)
    return _news(words, f"{on.isoformat()}-a{place:03d}", at, about=one)


def market_move(world: World, row: int) -> float:
    """The market's log move of a session, its news included."""
    told = sum(jump.size for jump in world.weather.jumps if jump.row == row)
    return float(world.weather.market[row]) + told


def market_events(world: World, row: int) -> list[Event]:
    """The news that moved every share of a session."""
    day = world.sessions[row]
    mine = [jump for jump in world.weather.jumps if jump.row == row]
    return [
        _news(
            market_headline(jump.words, rises=jump.size > 0),
            f"{day.isoformat()}-m{place}",
            midnight(day) + timedelta(seconds=jump.second),
        )
        for place, jump in enumerate(mine)
    ]


def halt_event(stop: Stop, day: date, *, opens_at: datetime) -> Event:
    """The exchange's word on a market-wide halt."""
    ends = opens_at + timedelta(seconds=stop.ends)
    words = halt_headline(stop.move_pct, until=f"until {ends:%H:%M}")
    at = opens_at + timedelta(seconds=stop.starts)
    return _news(words, f"{day.isoformat()}-h{stop.starts}", at)


def item_event(item: Item, instrument: Instrument, *, on: date, place: int) -> Event:
    """The item as the desk receives it."""
    words = headline(item, name=instrument.name, on=on)
    source_id = f"{on.isoformat()}-{place:03d}"
    at = midnight(on) + timedelta(seconds=item.second)
    priority = Priority.NORMAL
    if item.kind is EventType.ROUTINE:
        priority = Priority.ROUTINE
    elif item.kind in URGENT:
        priority = Priority.URGENT
    return Event(
        id=event_id(NEWSWIRE, source_id, words),
        source=NEWSWIRE,
        source_id=source_id,
        headline=words,
        event_at=at,
        known_at=at,
        body=f"Company: {instrument.name}; Symbol: {instrument.symbol}; simulated news: {words}.",
        priority=priority,
        simulated=True,
    )


def _news(words: str, source_id: str, at: datetime, *, about: Instrument | None = None) -> Event:
    """News that is no item: an announced action of a company, or what concerns the whole market."""
    whom = f"Company: {about.name}; Symbol: {about.symbol}; " if about else ""
    return Event(
        id=event_id(NEWSWIRE, source_id, words),
        source=NEWSWIRE,
        source_id=source_id,
        headline=words,
        event_at=at,
        known_at=at,
        body=f"{whom}simulated news: {words}.",
        priority=Priority.NORMAL if about else Priority.URGENT,
        simulated=True,
    )
