"""What became of cards that nobody traded: each is walked over the bars after it was written.

The rules are the labels' (`core.models.barriers`) on the card's own prices, and they count
against the trade where a bar cannot tell:

- A card written while its session trades counts as entered then, at the worst price a click
  would have signed: the price stood in its band, so a yes would have filled, and waiting for the
  price to come back would leave out the cards that ran away. Of that session's bar only the
  close surely came later, so only the close is held against stop and target.
- A card written outside trading is entered in the next session, at the first price that lies in
  its band: the open, or the edge that the price came to. A session that never meets the band
  enters nothing, since an order lives for one day; that is an outcome of its own.
- Of later bars the one that reaches both barriers is a stop, a gap through a barrier is taken at
  the open, and on the plan's last day the shares are sold at the open. The trail is left out.
- A card for the day ends at that session's close, unless a barrier came first.

A short sale is walked turned round, so that its stop lies below like that of a purchase.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
from sqlmodel import Session

from core.desk.books import broker_of, kind_of, order_charges, schedule
from core.desk.desk import Desk
from core.domain.account import Broker
from core.domain.allocation import Bracket
from core.domain.calendar import Calendar
from core.domain.card import Card, CardStatus
from core.domain.charges import Security
from core.domain.clock import ist_day
from core.domain.money import ZERO, Money
from core.domain.order import Product, Side
from core.domain.plan import PlanStatus
from core.domain.research import NOT_ENTERED, Hypothesis
from core.domain.succession import newest
from core.errors import OutsideCalendar
from core.panel import Panel
from core.store import audit, bars, cards, fills, hypotheses, plans, successions
from core.treasury.charges import dp_charge

BEFORE = timedelta(days=15)  # read before the first card, for the share terms it was written in
WAITING = (CardStatus.OPEN, CardStatus.APPROVED)


@dataclass(frozen=True, slots=True)
class Bar:
    """One session of one share, in the share terms of the day its card was written."""

    session: date
    open: Money
    high: Money
    low: Money
    close: Money


@dataclass(frozen=True, slots=True)
class WouldBe:
    """How a trade would have gone; without an entry there is no price."""

    outcome: str
    left_on: date
    entered_on: date | None = None
    entry: Money = ZERO
    exit: Money = ZERO


@dataclass(frozen=True, slots=True)
class Life:
    """The sessions a card's trade would have lived through.

    `in_session` says that the first one traded already when the card was written; on `ends_on`
    what is left is sold at the open, or with `for_the_day` at the close of the first.
    """

    first: date
    in_session: bool
    ends_on: date
    for_the_day: bool = False


def score_cards(desk: Desk, *, through: date) -> int:
    """Resolve every belief that was not traded and is over by the close of `through`.

    Books nothing. A second call changes nothing, and a belief whose end is not reached yet
    stays open. Returns how many were resolved.
    """
    with desk.store.read() as tx:
        waiting = _waiting(tx)
        if not waiting:
            return 0
        first = min(ist_day(card.written_at) for _, card in waiting)
        panel = bars.read_panel(tx, start=first - BEFORE, end=through)
        brokers = {card.account_id: broker_of(tx, card.account_id) for _, card in waiting}
        links = successions.links(tx)
    found = [
        (belief, card, end)
        for belief, card in waiting
        if (end := _end_of(desk.calendar, card, panel, isin=newest(card.isin, links))) is not None
    ]
    with desk.store.write() as tx:
        return sum(
            _resolve(desk, tx, belief, card, end, broker=brokers[card.account_id])
            for belief, card, end in found
        )


def would_be(
    bracket: Bracket, days: Sequence[Bar], *, sessions: Sequence[date], life: Life
) -> WouldBe | None:
    """How an entry inside `bracket` would have ended; None while it is not over.

    Args:
        days: the share's bars from the life's first session on, oldest first.
        sessions: the sessions that have bars of any share; none of the life's first one
            leaves open whether a card written before it would have been bought.
    """
    if bracket.side is Side.SELL:
        turned = [_turned_bar(bar) for bar in days]
        end = would_be(_turned(bracket), turned, sessions=sessions, life=life)
        return end and replace(end, entry=-end.entry, exit=-end.exit)
    first = next((bar for bar in days if bar.session == life.first), None)
    if life.in_session:
        entry: Money | None = bracket.worst_entry
    elif life.first not in sessions:
        return None
    else:
        entry = _met(bracket, first) if first is not None else None
    if entry is None:
        return WouldBe(NOT_ENTERED, left_on=life.first)
    bought = WouldBe("", left_on=life.first, entered_on=life.first, entry=entry)
    way = _same_day(bracket, first, in_session=life.in_session) if first is not None else ""
    if way:
        price = bracket.stop if way == "stop" else bracket.target
        return replace(bought, outcome=way, exit=price)
    if life.for_the_day:
        return _by_the_close(first, bought, sessions=sessions)
    return _later(bracket, [bar for bar in days if bar.session > life.first], life, bought)


def _by_the_close(
    first: Bar | None, bought: WouldBe, *, sessions: Sequence[date]
) -> WouldBe | None:
    """A trade for the day that met no barrier; None while its session has no bars."""
    if first is not None:
        return replace(bought, outcome="time", exit=first.close)
    return WouldBe(NOT_ENTERED, left_on=bought.left_on) if bought.left_on in sessions else None


def _later(bracket: Bracket, days: Sequence[Bar], life: Life, bought: WouldBe) -> WouldBe | None:
    """How shares held over their first session end, None while they are held."""
    for bar in days:
        if bar.session >= life.ends_on:
            return replace(bought, outcome="time", left_on=bar.session, exit=bar.open)
        if bar.low <= bracket.stop:
            price = min(bracket.stop, bar.open)
            return replace(bought, outcome="stop", left_on=bar.session, exit=price)
        if bar.high >= bracket.target:
            price = max(bracket.target, bar.open)
            return replace(bought, outcome="target", left_on=bar.session, exit=price)
    return None


def _turned(bracket: Bracket) -> Bracket:
    """A short's levels below zero, where its stop is under its entry and its target above."""
    return replace(
        bracket,
        entry_low=-bracket.entry_high,
        entry_high=-bracket.entry_low,
        stop=-bracket.stop,
        target=-bracket.target,
        trail_from=-bracket.trail_from,
    )


def _turned_bar(bar: Bar) -> Bar:
    return Bar(bar.session, -bar.open, -bar.low, -bar.high, -bar.close)


def pnl_of(
    end: WouldBe, *, qty: int, product: Product, broker: Broker, security: Security
) -> Money:
    """What the trade would have left after the charges of both orders and its own DP charge.

    `qty` is below zero for a short sale.
    """
    if end.entered_on is None:
        return ZERO
    costs = ZERO
    into, out = (Side.BUY, Side.SELL) if qty > 0 else (Side.SELL, Side.BUY)
    for side, price, on in (
        (into, end.entry, end.entered_on),
        (out, end.exit, end.left_on),
    ):
        made = order_charges(
            broker,
            product=product,
            side=side,
            qty=abs(qty),
            price=price,
            on=on,
            security=security,
        )
        costs += made.total
    if product is Product.CNC:
        costs += dp_charge(schedule(), broker=broker, on=end.left_on)
    return (end.exit - end.entry) * qty - costs


def _waiting(tx: Session) -> list[tuple[Hypothesis, Card]]:
    """Open beliefs of cards that are done with and were never filled."""
    found = []
    for belief in hypotheses.unresolved(tx):
        card = cards.by_id(tx, belief.card_id)
        plan = plans.by_card(tx, card.id)
        traded = plan is not None and (
            plan.status is not PlanStatus.ABANDONED or bool(fills.of_plan(tx, plan.id))
        )
        if card.status not in WAITING and not traded:
            found.append((belief, card))
    return found


def _end_of(calendar: Calendar, card: Card, panel: Panel, *, isin: str) -> WouldBe | None:
    """How a card's trade ended; `isin` is the share's newest one, which the bars stand under."""
    life = _life(calendar, card)
    sessions = [session for session in panel.sessions if session >= life.first]
    days = _bars(panel, isin, first=life.first, written=ist_day(card.written_at))
    return would_be(card.bracket, days, sessions=sessions, life=life)


def _life(calendar: Calendar, card: Card) -> Life:
    first = calendar.first_session_from(card.written_at)
    try:
        ends_on = calendar.add_sessions(first, card.horizon_sessions)
    except OutsideCalendar:
        ends_on = date.max  # its last day is not known yet; a barrier may still come first
    for_the_day = card.legs[0].product is Product.MIS
    return Life(first, calendar.session(first).opens_at < card.written_at, ends_on, for_the_day)


def _bars(panel: Panel, isin: str, *, first: date, written: date) -> list[Bar]:
    """A share's bars from `first` on, where all four prices are known."""
    if isin not in panel.isins:
        return []
    column = panel.column(isin)
    before = [row for row, session in enumerate(panel.sessions) if session <= written]
    terms = float(panel.factor[before[-1] if before else 0, column])
    prices = np.stack(
        [part[:, column] for part in (panel.open, panel.high, panel.low, panel.close)]
    )
    prices = prices * terms / panel.factor[:, column]
    return [
        Bar(session, *(Money(round(float(price) * 100)) for price in prices[:, row]))
        for row, session in enumerate(panel.sessions)
        if session >= first and bool(np.isfinite(prices[:, row]).all())
    ]


def _met(bracket: Bracket, bar: Bar) -> Money | None:
    """The first price of a bar inside the band, None where the bar never meets it."""
    if bar.low > bracket.entry_high or bar.high < bracket.entry_low:
        return None
    return min(max(bar.open, bracket.entry_low), bracket.entry_high)


def _same_day(bracket: Bracket, bar: Bar, *, in_session: bool) -> str:
    """`stop` or `target` when the bar of the entry surely reached it after the entry.

    A price that fell into the band had its high before, perhaps; one that rose into it may have
    had its low after, and then it counts.
    """
    from_above = bar.open > bracket.entry_high
    low = bar.close if in_session else bar.low
    high = bar.close if in_session or from_above else bar.high
    if low <= bracket.stop:
        return "stop"
    return "target" if high >= bracket.target else ""


def _resolve(
    desk: Desk, tx: Session, belief: Hypothesis, card: Card, end: WouldBe, *, broker: Broker
) -> int:
    now = hypotheses.by_card(tx, belief.card_id)
    if now is None or now.outcome:
        return 0  # another call was faster
    pnl = pnl_of(
        end,
        qty=card.qty,
        product=card.legs[0].product,
        broker=broker,
        security=kind_of(card.isin, card.symbol),
    )
    closed_at = _moment(desk.calendar, end)
    done = replace(now, taken=False, outcome=end.outcome, closed_at=closed_at, pnl=pnl)
    hypotheses.save(tx, done)
    body = {
        "outcome": end.outcome,
        "card": card.status,
        "entry_paise": end.entry.paise,
        "exit_paise": end.exit.paise,
        "pnl_paise": pnl.paise,
        "left_on": end.left_on.isoformat(),
    }
    audit.append(tx, at=desk.clock.now(), actor="worker", verb="score", subject=card.id, body=body)
    return 1


def _moment(calendar: Calendar, end: WouldBe) -> datetime:
    """A bar tells the day of a barrier, not its minute: the close stands for it."""
    session = calendar.session(end.left_on)
    later = end.entered_on is not None and end.left_on > end.entered_on
    at = session.opens_at if end.outcome == "time" and later else session.closes_at
    return at.astimezone(UTC)
