"""One card against the market of this second: price, drift, time left, and what blocks a click."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from core.desk.day_plans import leaves_at
from core.desk.deploy import why_no_cash
from core.desk.desk import SILENT_AFTER, Desk
from core.desk.kill import level_in_file
from core.domain.account import Broker
from core.domain.card import Card, CardStatus
from core.domain.clock import ist_day
from core.domain.money import Money
from core.domain.order import Product, Side
from core.domain.quote import Quote
from core.domain.risk import KillLevel
from core.domain.words import age, age_of, ist_time, pct, price, time_left
from core.errors import NotFound, OutsideCalendar
from core.store import accounts, cards, instruments, kills, quotes
from core.views.ages import real_age
from core.views.card_words import drift_words, price_ladder
from core.views.progress import Progress, progress
from core.views.shown import Figure, Ladder, Tag, Text, entry_tag

STALE_SECONDS = 5.0
HURRY_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class LiveCard:
    """What ticks: title line, drift, time left, price ladder, and what blocks a click."""

    side: Tag
    symbol: str
    tags: tuple[Tag, ...]
    account: str
    product: str
    ltp: Text
    change: Text
    quote_age: str
    stale: bool
    written: str
    time_left: Figure
    drift: Text
    ladder: Ladder
    blocked_by: str
    progress: Progress | None


def live_card(desk: Desk, card_id: str) -> LiveCard:
    """One look at a card against the market of this moment; raises NotFound."""
    now, silent_for = desk.clock.now(), desk.worker_age()
    alive = silent_for is not None and silent_for <= SILENT_AFTER
    with desk.store.read() as tx:
        card = cards.by_id(tx, card_id)
        try:
            quote = quotes.by_isin(tx, card.isin)
        except NotFound:
            quote = None
        through, ends = _through(tx, card), _ends(desk, tx, card, at=now)
        level = max(kills.level(tx, card.account_id), level_in_file(desk.home))
        no_cash = _no_cash(desk, tx, card, at=now)
        steps = None if card.status is CardStatus.OPEN else progress(desk, tx, card, now=now)
    seconds = _quote_age(desk, quote)
    left = (card.expires_at - now).total_seconds()
    leg = card.legs[0]
    return LiveCard(
        side=entry_tag(leg.side),
        symbol=card.symbol,
        tags=_tags(card),
        account=f"{card.account_name}{through}",
        product=f"{leg.product} · Limit · DAY{ends}",
        ltp=Text(price(quote.ltp) if quote else "no price", bold=True),
        change=_change(quote),
        quote_age=age(seconds) if quote else "",
        stale=seconds > STALE_SECONDS,
        written=f"card {card.id[2:6]}·{card.id[6:10]} v{card.version} · written "
        f"{ist_time(card.written_at)}, {age_of(card.written_at, now)} ago",
        time_left=Figure(
            "Time left",
            time_left(left) if card.status is CardStatus.OPEN else card.status.value.lower(),
            tone="warn" if left < HURRY_SECONDS else "",
        ),
        drift=_drift(card, quote),
        ladder=price_ladder(card, quote, quote_age=age(seconds)),
        blocked_by=_blocked(card, quote, level=level, left=left, quote_age=seconds, alive=alive)
        or no_cash,
        progress=steps,
    )


def _no_cash(desk: Desk, tx: Session, card: Card, *, at: datetime) -> str:
    """Why the account's cash would refuse a click now; the click itself asks the same."""
    if card.status is not CardStatus.OPEN:
        return ""
    try:
        why_not = why_no_cash(tx, card, calendar=desk.calendar, today=ist_day(at))
    except OutsideCalendar as end:
        return str(end)
    return f"{why_not}." if why_not else ""


def _through(tx: Session, card: Card) -> str:
    """The login an order of this card would go to, where it is not the desk's own exchange."""
    login = accounts.login(tx, accounts.by_id(tx, card.account_id).login_id)
    return "" if login.broker is Broker.PAPER else f" · {login.label}"


def _ends(desk: Desk, tx: Session, card: Card, *, at: datetime) -> str:
    """When an intraday trade of this card would be over; empty of any other."""
    if card.legs[0].product is not Product.MIS:
        return ""
    broker = accounts.login(tx, accounts.by_id(tx, card.account_id).login_id).broker
    out = leaves_at(desk, broker, instruments.by_isin(tx, card.isin), at=at)
    return "" if out is None else f" · out by {ist_time(out, seconds=False)}"


def _tags(card: Card) -> tuple[Tag, ...]:
    cause = "scan" if card.trigger == "scan" else "event"
    return (Tag("NSE", "line"), Tag(card.playbook), Tag(cause))


def _change(quote: Quote | None) -> Text:
    if quote is None or not quote.prev_close:
        return Text("")
    change = (quote.ltp - quote.prev_close).share_of(quote.prev_close)
    return Text(
        pct(change, signed=True), "gain" if change > 0 else "loss" if change < 0 else "mute"
    )


def _quote_age(desk: Desk, quote: Quote | None) -> float:
    if quote is None:
        return 0.0
    return real_age(desk, quote.received_at)


def _drift(card: Card, quote: Quote | None) -> Text:
    if quote is None:
        return Text("no price yet", "warn")
    words = drift_words(card.bracket, quote.ltp)
    inside = words == "in band"
    room = _room(card, quote.ltp) if inside else "a click would be refused"
    return Text(words, "" if inside else "warn", note=room, bold=True)


def _room(card: Card, ltp: Money) -> str:
    b = card.bracket
    edge = "top" if b.side is Side.BUY else "foot"
    return f"{pct(abs(b.worst_entry - ltp).share_of(ltp))} to the band {edge}"


def _blocked(
    card: Card,
    quote: Quote | None,
    *,
    level: KillLevel,
    left: float,
    quote_age: float,
    alive: bool,
) -> str:
    """The one thing that would refuse a click now; empty when nothing would."""
    if card.status is not CardStatus.OPEN:
        return f"This card is {card.status.lower()}. {card.status_reason}".strip()
    if left <= 0:
        return f"Expired at {ist_time(card.expires_at)}. A newer version comes if it still holds."
    if not alive:
        return "The worker is silent, so nothing can be sent. Start it with make run."
    if not level.allows_entries:
        return f"Kill level {level.name.capitalize()} lets no entry through. Resume it on Risk."
    if quote is None:
        return "There is no price yet."
    if quote_age > STALE_SECONDS:
        return f"The price is {age(quote_age)} old; a click needs one under 5 s."
    if not card.bracket.entry_low <= quote.ltp <= card.bracket.entry_high:
        return (
            f"Price left the band: {drift_words(card.bracket, quote.ltp)}. A new version follows."
        )
    return ""
