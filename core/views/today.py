"""Today: what needs a decision, what is at risk, what changed since the close."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.desk.desk import Desk
from core.desk.pnl import Summed, account_pnls, summed
from core.desk.short_cash import blocked
from core.domain.card import Card, CardStatus
from core.domain.clock import ist_day
from core.domain.event import Event, Stance, TaggedEvent
from core.domain.money import ZERO, Money, total
from core.domain.risk import DESK, RiskSnapshot
from core.domain.words import day, decimal, ist_time, pct, price, qty, rupees, short, time_left
from core.errors import OutsideCalendar
from core.store import accounts, cards, events, jobs, quotes, risk, watchlists
from core.views.market_now import MarketView, market_view
from core.views.position_rows import Open
from core.views.positions import open_positions
from core.views.readiness import ReadyRow, readiness
from core.views.scans import no_cards, undecided
from core.views.shown import Cells, Figure, Tag, Text, count, entry_tag, sign_tone, when

CHANGES_MAX = 8
NEAREST_MAX = 5
EVENTS_READ = 60
ARROWS = {Stance.POSITIVE: "▲", Stance.NEUTRAL: "·", Stance.NEGATIVE: "▼"}


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One card that waits."""

    side: Cells
    instrument: Cells
    account: str
    qty: str
    band: str
    value: str
    at_risk: str
    odds: Cells
    n: str
    left: Text


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One event since the last close and what it led to."""

    known: str
    source: str
    instrument: Cells
    what: str
    kind: Cells
    tilt: str
    yours: str
    led_to: Cells


@dataclass(frozen=True, slots=True)
class NearRow:
    """One position near its stop or target."""

    instrument: Cells
    account: str
    ltp: str
    line: str
    away: str
    r: str
    protected: Cells


@dataclass(frozen=True, slots=True)
class TodayView:
    """The page after the first card."""

    figures: tuple[Figure, ...]
    waiting: tuple[WaitingRow, ...]
    waiting_note: str
    first_card: str
    empty: str
    changes: tuple[ChangeRow, ...]
    changes_note: str
    nearest: tuple[NearRow, ...]
    nearest_note: str
    ready: tuple[ReadyRow, ...]
    ready_note: str
    to_fix: tuple[str, ...]
    market: MarketView


def today_view(desk: Desk) -> TodayView:
    """One look at everything that may need a person."""
    now = desk.clock.now()
    with desk.store.read() as tx:
        looks = {look.scope: look for look in risk.all_latest(tx)}
        running = [one for one in accounts.accounts(tx) if one.closed_at is None]
        waiting = sorted(cards.with_status(tx, CardStatus.OPEN), key=lambda c: c.expires_at)
        prices = quotes.all_quotes(tx)
        held = open_positions(desk, tx, now=now, prices=prices)
        recent = events.recent(tx, EVENTS_READ)
        followed = {isin for listed in watchlists.all_watchlists(tx) for isin in listed.isins}
        empty, broken = no_cards(tx), undecided(tx)
        ready = readiness(desk, tx, running, looks, held)
        market = market_view(desk, tx, prices)
        mine = summed(account_pnls(desk, tx, prices))
        kept = total(blocked(tx, one.id) for one in running)
    since = last_close(desk, now)
    changed = [one for one in recent if one[0].known_at > since]
    return TodayView(
        figures=_figures(looks.get(DESK), mine, waiting, len(running), kept, now),
        waiting=tuple(_waiting(card, now) for card in waiting),
        waiting_note=_waiting_note(waiting),
        first_card=waiting[0].id if waiting else "",
        empty=empty,
        changes=_changes(changed, {one.position.isin for one in held}, followed, now),
        changes_note=f"{day(since)} {ist_time(since, seconds=False)} → now · "
        f"{count(len(changed), 'event')}",
        nearest=_nearest(held),
        nearest_note=count(len(held), "position"),
        ready=ready.rows,
        ready_note=ready.note,
        to_fix=(*broken, *ready.to_fix),
        market=market,
    )


def last_close(desk: Desk, now: datetime) -> datetime:
    """When the session before today's ended; the start of today outside the calendar."""
    try:
        return desk.calendar.session(desk.calendar.previous_session(ist_day(now))).closes_at
    except OutsideCalendar:
        return now.replace(hour=0, minute=0, second=0)


def today_signature(desk: Desk) -> Hashable:
    """Changes when a card, an event or a job does, or a minute has passed."""
    now = desk.clock.now()
    with desk.store.read() as tx:
        shown = tuple((card.id, card.version, card.status) for card in cards.recent(tx, 20))
        asked = tuple((one.id, one.status) for one in jobs.recent(tx, 10))
    return (shown, asked, now.replace(second=0, microsecond=0))


def _figures(
    look: RiskSnapshot | None,
    mine: Summed,
    waiting: Sequence[Card],
    accounts_open: int,
    kept: Money,
    now: datetime,
) -> tuple[Figure, ...]:
    """The row on top; `kept` is the cash that open short sales hold back."""
    next_out = min((card.expires_at for card in waiting), default=None)
    left = time_left((next_out - now).total_seconds()) if next_out else ""
    cards_figure = Figure(
        "Waiting for you",
        count(len(waiting), "card"),
        f"next expires in {left}" if left else "nothing to decide",
        detail_tone="warn" if left else "mute",
    )
    earned = _earned(mine, look, accounts_open)
    if look is None:
        return (*earned, cards_figure)
    return (
        *earned,
        Figure(
            "At risk to stops",
            rupees(look.at_risk, digits=0),
            f"{pct(look.at_risk.share_of(look.equity))} of value",
        ),
        Figure(
            "Cash free", short(look.cash - kept), f"{pct(look.gross_exposure, digits=1)} invested"
        ),
        cards_figure,
    )


def _earned(mine: Summed, look: RiskSnapshot | None, accounts_open: int) -> tuple[Figure, ...]:
    """What the books say; only the way down from the peak waits for the risk loop."""
    day = mine.day.net
    below = f"{pct(look.drawdown)} from the peak" if look else "the risk loop has not looked yet"
    return (
        Figure(
            f"Current value, {count(accounts_open, 'account')}",
            short(mine.equity),
            f"{rupees(day, signed=True)} · {pct(mine.day_return, signed=True)} today",
            detail_tone=sign_tone(day),
        ),
        Figure(
            "Total P&L, after charges",
            short(mine.earned.net, signed=True),
            below,
            sign_tone(mine.earned.net),
        ),
    )


def _waiting(card: Card, now: datetime) -> WaitingRow:
    left = (card.expires_at - now).total_seconds()
    odds, b = card.signal.target_first, card.bracket
    said: Cells = Text("not measured", "mute")
    if card.signal.has_vote:
        said = pct(odds.p, digits=0) if odds.shown else Text("too few", "mute")
    rail = next((r for r in card.allocation.guardrails if r.name == "Risk per trade"), None)
    return WaitingRow(
        side=entry_tag(card.side),
        instrument=(Text(card.symbol, bold=True), Tag("NSE", "line")),
        account=card.account_name,
        qty=qty(abs(card.qty)),
        band=f"{price(b.entry_low)} – {price(b.entry_high)}",
        value=short(card.allocation.notional),
        at_risk=pct(rail.value) if rail else "–",
        odds=said,
        n=qty(odds.n),
        left=Text(time_left(left), "warn" if left < 600 else "", bold=left < 600),
    )


def _waiting_note(waiting: Sequence[Card]) -> str:
    if not waiting:
        return "none"
    value = short(total(card.allocation.notional for card in waiting))
    return f"{count(len(waiting), 'card')} · {value} if all approved"


def _changes(
    changed: Sequence[tuple[Event, list[TaggedEvent], str]],
    held: set[str],
    followed: set[str],
    now: datetime,
) -> tuple[ChangeRow, ...]:
    """Events about shares one holds or follows first, the rest after; newest first in each."""
    mine = [one for one in changed if any(tag.isin in held | followed for tag in one[1])]
    rest = [one for one in changed if one not in mine]
    return tuple(_change(*one, held, followed, now) for one in [*mine, *rest][:CHANGES_MAX])


def _change(
    event: Event,
    tags: list[TaggedEvent],
    outcome: str,
    held: set[str],
    followed: set[str],
    now: datetime,
) -> ChangeRow:
    tag = tags[0] if tags else None
    yours = "held" if tag and tag.isin in held else "watch" if tag and tag.isin in followed else ""
    led = outcome.lower()
    return ChangeRow(
        known=when(event.known_at, now),
        source=event.source,
        instrument=Text(", ".join(one.symbol for one in tags[:2]) or "—", bold=True),
        what=event.headline,
        kind=Tag(tag.event_type.value) if tag else "",
        tilt=ARROWS[tag.stance] if tag else "",
        yours=yours,
        led_to=Tag("card", "buy") if "card" in led and "no card" not in led else
        Text(outcome.replace("_", "-") or "being read", "mute"),
    )  # fmt: skip


def _nearest(held: Sequence[Open]) -> tuple[NearRow, ...]:
    lines = [one for one in held if one.away == one.away]
    return tuple(
        NearRow(
            instrument=Text(one.symbol, bold=True),
            account=one.account,
            ltp=price(one.quote.ltp) if one.quote else "–",
            line=f"stop {price(one.stop or ZERO)}",
            away=one.to_stop,
            r=decimal(one.in_r, signed=True),
            protected=one.cover.tag,
        )
        for one in sorted(lines, key=lambda one: one.away)[:NEAREST_MAX]
    )
