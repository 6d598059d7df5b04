"""One share: its price, chart, what the desk has in it, and what was said about it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from core.desk.desk import Desk
from core.domain.card import CardStatus
from core.domain.clock import ist_day
from core.domain.event import Stance
from core.domain.instrument import Instrument, Surveillance, tick_for, trading_range
from core.domain.ledger import Position
from core.domain.quote import Quote
from core.domain.words import age, day, ist_stamp, ist_time, pct, price, qty, rupees
from core.errors import NotFound
from core.store import (
    accounts,
    alerts,
    bars,
    cards,
    events,
    instruments,
    ledger,
    predictions,
    quotes,
    settings,
)
from core.views.ages import real_age
from core.views.shown import Cells, Tag, TagTone, Text, pnl, sign_tone

STALE_SECONDS = 5.0
EVENTS_SHOWN = 6
TILTS: dict[Stance, TagTone] = {Stance.POSITIVE: "ok", Stance.NEUTRAL: "", Stance.NEGATIVE: "bad"}
MARKS = {Stance.POSITIVE: "▲", Stance.NEUTRAL: "○", Stance.NEGATIVE: "▼"}


@dataclass(frozen=True, slots=True)
class PriceLine:
    """What ticks in the head: last price, change, age."""

    ltp: str
    change: Text
    age: str
    stale: bool


@dataclass(frozen=True, slots=True)
class SaidRow:
    """One event about the share."""

    id: str
    when: str
    kind: Tag
    headline: str


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One account's shares."""

    account: str
    qty: str
    avg: str
    pnl: Text


@dataclass(frozen=True, slots=True)
class CardRow:
    """One waiting card."""

    id: str
    account: str
    words: str


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One price line that waits."""

    id: str
    words: str


@dataclass(frozen=True, slots=True)
class SymbolView:
    """Everything beside the chart."""

    isin: str
    symbol: str
    name: str
    tags: tuple[Tag, ...]
    day_note: str
    day: tuple[tuple[str, Cells], ...]
    quality: tuple[tuple[str, str], ...]
    held: tuple[HeldRow, ...]
    cards: tuple[CardRow, ...]
    alerts: tuple[AlertRow, ...]
    said: tuple[SaidRow, ...]
    odds: str


def price_line(desk: Desk, isin: str) -> PriceLine:
    """The last price of a share; `–` while it never had one."""
    with desk.store.read() as tx:
        try:
            quote = quotes.by_isin(tx, isin)
        except NotFound:
            return PriceLine("–", Text("no price yet", "mute"), "", stale=True)
    move = quote.ltp - quote.prev_close
    seconds = real_age(desk, quote.received_at)
    change = pct(move.share_of(quote.prev_close), signed=True)
    return PriceLine(
        ltp=price(quote.ltp),
        change=Text(f"{rupees(move, signed=True)} · {change}", sign_tone(move)),
        age=age(seconds),
        stale=seconds > STALE_SECONDS,
    )


def symbol_view(desk: Desk, isin: str) -> SymbolView:
    """One share by ISIN; raises NotFound."""
    with desk.store.read() as tx:
        share = instruments.by_isin(tx, isin)
        quote = quotes.all_quotes(tx).get(isin)
        waiting = [card for card in cards.with_status(tx, CardStatus.OPEN) if card.isin == isin]
        held = [one for one in ledger.positions(tx) if one.isin == isin]
        lines = [one for one in alerts.waiting(tx) if one.isin == isin and one.level is not None]
        names = {account.id: account.name for account in accounts.accounts(tx)}
        said = _said(tx, isin)
        odds = _odds(tx, isin)
        quality = _quality(tx, isin)
        results = settings.get(tx, f"results:{isin}", [])
    today = ist_day(desk.clock.now())
    return SymbolView(
        isin=isin,
        symbol=share.symbol,
        name=share.name,
        tags=_tags(share, held, waiting=bool(waiting)),
        day_note=ist_time(quote.received_at) if quote else "",
        day=_day(share, quote),
        quality=(*quality, ("Next results", _next(results, str(today)))),
        held=tuple(_held(one, quote, names) for one in held),
        cards=tuple(
            CardRow(
                card.id,
                card.account_name,
                f"{card.legs[0].side} {qty(card.legs[0].qty)} at {price(card.bracket.entry_low)} "
                f"– {price(card.bracket.entry_high)}",
            )
            for card in waiting
        ),
        alerts=tuple(AlertRow(one.id, f"{one.kind} {price(one.level)}") for one in lines
                     if one.level is not None),
        said=said,
        odds=odds,
    )  # fmt: skip


def symbol_signature(desk: Desk, isin: str) -> Hashable:
    """Changes once a real minute, and when a card, an alert or an event of the share does."""
    with desk.store.read() as tx:
        waiting = tuple(c.id for c in cards.with_status(tx, CardStatus.OPEN) if c.isin == isin)
        lines = tuple(one.id for one in alerts.waiting(tx) if one.isin == isin)
        said = tuple(tag.event_id for tag in events.tags_of_isin(tx, isin, 3)) if isin else ()
    return (waiting, lines, said, int(desk.clock.monotonic() // 60))


def _tags(share: Instrument, held: Sequence[Position], *, waiting: bool) -> tuple[Tag, ...]:
    shares = sum(one.qty for one in held)
    return (
        Tag(share.exchange, "line"),
        Tag(share.sector),
        Tag(f"{share.cap_class} cap"),
        *((Tag(share.surveillance.value, "warn"),) if share.surveillance != Surveillance.NONE
          else ()),
        *((Tag(f"held {qty(shares)}"),) if shares else ()),
        *((Tag("card open", "buy"),) if waiting else ()),
    )  # fmt: skip


def _day(share: Instrument, quote: Quote | None) -> tuple[tuple[str, Cells], ...]:
    if quote is None:
        return (("Price", Text("none yet; the feed brings one", "mute")),)
    tick = tick_for(quote.prev_close)
    band = trading_range(share, prev_close=quote.prev_close, ltp=quote.ltp, tick=tick)
    return (
        ("Open", price(quote.open)),
        ("High · Low", f"{price(quote.high)} · {price(quote.low)}"),
        ("Prev close", price(quote.prev_close)),
        ("Volume, shares", qty(quote.volume)),
        ("Best bid", (Text(price(quote.bid), "buy"), f"× {qty(quote.bid_qty)}")),
        ("Best offer", (Text(price(quote.ask), "sell"), f"× {qty(quote.ask_qty)}")),
        ("Spread", pct(quote.spread)),
        ("Circuits", f"{price(band.low)} – {price(band.high)}"),
        ("Tick", rupees(tick)),
    )


def _quality(tx: Session, isin: str) -> tuple[tuple[str, str], ...]:
    try:
        found = bars.provenance(tx, isin)
    except NotFound:
        return (("Bars", "none stored"),)
    within = sum(found.first <= session <= found.last for session in bars.sessions(tx))
    return (
        ("Source", ", ".join(found.sources)),
        ("Bars", f"{qty(found.rows)} · {within - found.rows} gaps"),
        ("From – to", f"{day(found.first)} – {day(found.last)}"),
        ("ISIN", isin),
    )


def _said(tx: Session, isin: str) -> tuple[SaidRow, ...]:
    rows = []
    for tag in events.tags_of_isin(tx, isin, EVENTS_SHOWN):
        event = events.by_id(tx, tag.event_id)
        rows.append(
            SaidRow(
                event.id,
                ist_stamp(event.known_at),
                Tag(f"{MARKS[tag.stance]} {tag.event_type}", TILTS[tag.stance]),
                event.headline,
            )
        )
    return tuple(rows)


def _odds(tx: Session, isin: str) -> str:
    found = predictions.of_isin(tx, isin, 1)
    if not found:
        return "No prediction yet; the next scan makes one."
    last = found[0]
    if not last.has_vote:
        return "Edge not measured: the model has no vote."
    if not last.target_first.shown:
        return f"Too few like cases, n {last.target_first.n} of 30."
    odds = last.target_first
    return (
        f"Target first {pct(odds.p, digits=0)} ({odds.low * 100:.0f} – {pct(odds.high, digits=0)})"
        f" in {qty(odds.n)} cases, base rate {pct(last.base_rate, digits=0)}."
    )


def _held(one: Position, quote: Quote | None, names: dict[str, str]) -> HeldRow:
    gain = Text("no price", "mute") if quote is None else pnl(quote.ltp * one.qty - one.cost)
    account = names.get(one.account_id, one.account_id)
    return HeldRow(account, qty(one.qty), price(one.avg_price), gain)


def _next(days: Sequence[str], today: str) -> str:
    coming = sorted(one for one in days if one >= today)
    return day(date.fromisoformat(coming[0])) if coming else "not known"
