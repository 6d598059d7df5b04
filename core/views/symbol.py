"""One share: its price, chart, what the desk has in it, and what was said about it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.forecast import why_absent
from core.desk.share_terms import marks, prices_of
from core.domain.clock import ist_day
from core.domain.event import Stance
from core.domain.instrument import Instrument
from core.domain.ledger import Position
from core.domain.money import Money
from core.domain.watch import Alert, AlertKind
from core.domain.words import day, interval, ist_stamp, ist_time, pct, price, qty
from core.errors import NotFound
from core.store import (
    accounts,
    alerts,
    array_versions,
    bars,
    cards,
    events,
    instruments,
    ledger,
    predictions,
    quotes,
    settings,
)
from core.treasury.pnl import unrealised_of
from core.views.day_price import CLOSES
from core.views.markets import coming, tags_of
from core.views.shown import Cells, Tag, TagTone, Text, entry_words, pnl
from core.views.symbol_price import day_rows

EVENTS_SHOWN = 6
TOLD_SHOWN = 10
TILTS: dict[Stance, TagTone] = {Stance.POSITIVE: "ok", Stance.NEUTRAL: "", Stance.NEGATIVE: "bad"}
MARKS = {Stance.POSITIVE: "▲", Stance.NEUTRAL: "○", Stance.NEGATIVE: "▼"}


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
    """One alert that waits, or what became of one."""

    id: str
    words: str
    when: str = ""
    state: Text | None = None
    was_dropped: bool = False


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
    told: tuple[AlertRow, ...]
    said: tuple[SaidRow, ...]
    odds: str
    company: tuple[tuple[str, Cells], ...]


def symbol_view(desk: Desk, isin: str) -> SymbolView:
    """One share by ISIN; raises NotFound."""
    with desk.store.read() as tx:
        share = instruments.by_isin(tx, isin)
        quote = quotes.last(tx, isin)
        stored = CLOSES.of(tx).get(isin) if quote is None else None
        waiting = [cards.by_id(tx, id) for id, of in cards.open_ids(tx) if of == isin]
        held = [one for one in ledger.positions(tx) if one.isin == isin]
        last = prices_of(tx, [isin])
        at = {one.account_id: marks(tx, one.account_id, [isin], last) for one in held}
        asked = [one for one in alerts.of_isin(tx, isin) if one.kind is not AlertKind.ALARM]
        names = {account.id: account.name for account in accounts.accounts(tx)}
        said = _said(tx, isin)
        odds = _odds(tx, isin, share.symbol, at=desk.clock.now())
        quality = _quality(tx, desk, isin)
        results = settings.get(tx, f"results:{isin}", [])
        today = ist_day(desk.clock.now())
        soon = coming(tx, today).get(isin, ())
    return SymbolView(
        isin=isin,
        symbol=share.symbol,
        name=share.name,
        tags=_tags(share, held, soon, waiting=bool(waiting)),
        day_note=ist_time(quote.received_at) if quote else stored.at if stored else "",
        day=day_rows(share, quote, stored),
        quality=(*quality, ("Next results", _next(results, str(today)))),
        held=tuple(_held(one, at[one.account_id], names) for one in held),
        cards=tuple(
            CardRow(
                card.id,
                card.account_name,
                f"{entry_words(card.side)} {qty(card.legs[0].qty)} at "
                f"{price(card.bracket.entry_low)} "
                f"– {price(card.bracket.entry_high)}",
            )
            for card in waiting
        ),
        alerts=tuple(AlertRow(one.id, _words(one)) for one in asked if one.fired_at is None),
        told=tuple(_told(one) for one in asked if one.fired_at is not None)[:TOLD_SHOWN],
        said=said,
        odds=odds,
        company=_company(share),
    )  # fmt: skip


def symbol_signature(desk: Desk, isin: str) -> Hashable:
    """Changes once a real minute, and when a card, an alert or an event of the share does."""
    with desk.store.read() as tx:
        waiting = tuple(id for id, of in cards.open_ids(tx) if of == isin)
        lines = tuple((one.id, one.fired_at) for one in alerts.of_isin(tx, isin)) if isin else ()
        said = tuple(tag.event_id for tag in events.tags_of_isin(tx, isin, 3)) if isin else ()
        version = array_versions.version(tx)
    return (waiting, lines, said, version, int(desk.clock.monotonic() // 60))


def _words(one: Alert) -> str:
    return one.sentence.removeprefix(f"{one.symbol} ")


def _told(one: Alert) -> AlertRow:
    """What became of an alert: gone off with what was seen, or dropped."""
    state = Text("dropped", "mute") if one.dropped else Text(one.told or "went off", "")
    when = ist_stamp(one.fired_at) if one.fired_at else ""
    return AlertRow(one.id, _words(one), when, state, was_dropped=one.dropped)


def _tags(
    share: Instrument, held: Sequence[Position], soon: Sequence[Tag], *, waiting: bool
) -> tuple[Tag, ...]:
    shares = sum(one.qty for one in held)
    return (
        Tag(share.exchange, "line"),
        Tag(share.sector if share.is_sized else "sector and size not known"),
        *((Tag(share.size_words),) if share.is_sized else ()),
        *tags_of(share, soon),
        *((Tag(f"held {qty(shares)}"),) if shares else ()),
        *((Tag("card open", "buy"),) if waiting else ()),
    )  # fmt: skip


def _company(share: Instrument) -> tuple[tuple[str, Cells], ...]:
    band = f"{share.band_pct} %" if share.band_pct else "operating range, flexed"
    return (
        ("Name", share.name),
        ("ISIN", share.isin),
        ("Exchange · series", f"{share.exchange} · {share.series}"),
        ("Sector", share.sector),
        ("Size", share.size_words),
        ("Derivatives", "yes" if share.has_derivatives else "no"),
        ("Price band", band),
        ("Surveillance", share.surveillance.value or "none"),
    )


def _quality(tx: Session, desk: Desk, isin: str) -> tuple[tuple[str, str], ...]:
    try:
        found = bars.provenance(tx, isin)
    except NotFound:
        return (("Bars", "none stored"),)
    return (
        ("Source", ", ".join(one.replace("_", "_\u200b") for one in found.sources)),
        ("Bars", f"{qty(found.rows)} · {_gaps(desk, found)}"),
        ("From – to", f"{day(found.first)} – {day(found.last)}"),
        ("ISIN", isin),
    )


def _gaps(desk: Desk, found: bars.Provenance) -> str:
    """Sessions of the exchange without a bar, between the first bar and the last."""
    calendar = desk.calendar
    if found.first < calendar.first or found.last > calendar.last:
        return f"gaps not counted outside {day(calendar.first)} – {day(calendar.last)}"
    return f"{max(0, calendar.count(found.first, found.last) - found.rows)} gaps"


def _said(tx: Session, isin: str) -> tuple[SaidRow, ...]:
    return tuple(
        SaidRow(
            tag.event_id,
            ist_stamp(tag.known_at),
            Tag(f"{MARKS[tag.stance]} {tag.event_type}", TILTS[tag.stance]),
            headline,
        )
        for tag, headline in events.heard_of(tx, isin, EVENTS_SHOWN)
    )


def _odds(tx: Session, isin: str, symbol: str, *, at: datetime) -> str:
    """What the newest scan says of the share, or why it says nothing."""
    found = predictions.of_isin(tx, isin, 1)
    if not found or found[0].as_of != predictions.newest_at(tx):
        return f"No prediction: {why_absent(tx, symbol, at=at)}."
    last = found[0]
    if last.novelty:
        return f"No vote: {last.novelty}."
    if not last.has_vote:
        return "Edge not measured: the model has no vote."
    if not last.target_first.shown:
        return f"Too few like cases, n {last.target_first.n} of 30."
    odds = last.target_first
    return (
        f"Target first {pct(odds.p, digits=1)} (90 % {interval(odds.low, odds.p, odds.high)}) by "
        f"{qty(odds.n)} cases, base rate {pct(last.base_rate, digits=1)}, {ist_stamp(last.as_of)}."
    )


def _held(one: Position, at: Mapping[str, Money], names: dict[str, str]) -> HeldRow:
    gain = pnl(unrealised_of(one, at)) if one.isin in at else Text("no price", "mute")
    account = names.get(one.account_id, one.account_id)
    return HeldRow(account, qty(one.qty), price(one.avg_price), gain)


def _next(days: Sequence[str], today: str) -> str:
    coming = sorted(one for one in days if one >= today)
    return day(date.fromisoformat(coming[0])) if coming else "not known"
